"""What is asked to find where a token keeps its balances, and what the answers mean. Pure.

    listing    `eth_createAccessList` of a `balanceOf`: the storage that is read on the way
    trial      `eth_call` of it with some words of the token replaced (a state override)

A place is known as a layout's by computing every candidate's keccak256 and comparing: the hash
cannot be turned round. What a word does is known by replacing it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chains.evidence import Call
from chains.evm.calls import MalformedAnswer, token_balance_call
from chains.evm.slots import place_of
from config.slots import WORD_BITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from chains.evidence import Json
    from chains.evm.calls import Block
    from config.slots import Layout

LISTING = "eth_createAccessList"

PLACES = 256
"""Numbers tried as the place of a mapping: upgradeable tokens leave gaps of 50 words."""

OPENZEPPELIN = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
"""ERC-7201 place of the namespace `openzeppelin.storage.ERC20`, whose first member is the mapping.

keccak256(keccak256(name) - 1), the last byte zero.
"""

SOLADY = 0x87A211A2
"""Seed of Solady's ERC20 balances."""

ADDRESS_BITS = 160
ALL = (1 << WORD_BITS) - 1
ADDRESS = (1 << ADDRESS_BITS) - 1

SOME = 999
"""A balance like another, written in ten bits."""
WORDS_TRIED = (0, SOME, int("0123456789abcdef" * 4, 16), ALL)
"""All ones show which bits are the balance, the pattern that they stand in order."""

MAX_LISTED = 64
"""Places, and contracts, in a listing; a plain `balanceOf` reads one to five."""

Effect = Literal["none", "switch", "factor"]
"""Of a word on the answer: none; it fails or is zero under some values; it becomes another one."""

_ADDRESS_TEXT = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_PLACE_TEXT = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a `balanceOf` read."""

    own: frozenset[bytes]
    """Places in the token's own storage, 32 bytes each."""
    others: Mapping[str, frozenset[bytes]]
    """Of every other contract it touched: the places. Addresses in lower case."""

    def joined(self, more: Listing) -> Listing:
        """Give what either lists."""
        names = self.others.keys() | more.others.keys()
        nothing: frozenset[bytes] = frozenset()
        return Listing(
            self.own | more.own,
            {
                name: self.others.get(name, nothing) | more.others.get(name, nothing)
                for name in sorted(names)
            },
        )


def listing_call(token: str, holder: str, block: Block, words: Mapping[bytes, int]) -> Call:
    """Ask which storage `balanceOf` reads, some words of the token being replaced.

    Without `words` the call has the two parameters that every node knows. The sender is left out,
    so that nodes take the zero address: some want their sender to own ether.
    """
    asked = token_balance_call(token, holder, block).params
    return Call(LISTING, (*asked, _override(token, words)) if words else asked)


def trial_call(token: str, holder: str, block: Block, words: Mapping[bytes, int]) -> Call:
    """Ask for `balanceOf` with some words of the token replaced."""
    asked = token_balance_call(token, holder, block)
    return Call(asked.method, (*asked.params, _override(token, words)))


def _override(token: str, words: Mapping[bytes, int]) -> dict[str, Json]:
    changed: dict[str, Json] = {word_of(place): word_of(word) for place, word in words.items()}
    return {token: {"stateDiff": changed}}


def decode_listing(result: Json, token: str) -> Listing:
    """Read a listing.

    Raises:
        MalformedAnswer: it has another form, more than MAX_LISTED entries, or tells of a failure.
    """
    listed = result.get("accessList") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(listed, tuple) or "error" in result:
        raise MalformedAnswer("not an access list")
    found: dict[str, frozenset[bytes]] = {}
    for entry in listed:
        address, places = _entry(entry)
        found[address] = found.get(address, frozenset()) | places
    if len(found) > MAX_LISTED or sum(map(len, found.values())) > MAX_LISTED:
        raise MalformedAnswer("an access list beyond the limit")
    own = found.pop(token.lower(), frozenset())
    return Listing(own, found)


def _entry(entry: Json) -> tuple[str, frozenset[bytes]]:
    match entry:
        case {"address": str(address), "storageKeys": tuple(keys)} if _ADDRESS_TEXT.fullmatch(
            address
        ):
            return address.lower(), frozenset(_place(key) for key in keys)
    raise MalformedAnswer("not an entry of an access list")


def _place(key: Json) -> bytes:
    if not isinstance(key, str) or _PLACE_TEXT.fullmatch(key) is None:
        raise MalformedAnswer("not a place in storage")
    return bytes.fromhex(key[2:])


def layouts_among(places: Collection[bytes], holder: str) -> dict[tuple[Layout, int], bytes]:
    """Give each layout and place of a mapping by which some of the places are the holder's."""
    wanted: list[tuple[Layout, int]] = [("solady", SOLADY), ("solidity", OPENZEPPELIN)]
    wanted += [("solidity", number) for number in range(PLACES)]
    wanted += [("vyper", number) for number in range(PLACES)]
    found = {(layout, number): place_of(layout, number, holder) for layout, number in wanted}
    return {key: place for key, place in found.items() if place in places}


def bits_of(answers: Sequence[int | None]) -> int | None:
    """Tell how many low bits of a word `balanceOf` gives back.

    Args:
        answers: one for each of WORDS_TRIED; None where the call failed.

    Returns:
        The number of bits; None if the word is not given back as it is.
    """
    full = answers[-1]
    if full is None or full & (full + 1) or full < SOME:
        return None
    expected = [word & full for word in WORDS_TRIED]
    return full.bit_length() if list(answers) == expected else None


def variants(word: int, mask: int) -> tuple[int, ...]:
    """Give what a word is replaced by: each bit of the mask turned alone, none, and all of them."""
    bits = [1 << bit for bit in range(WORD_BITS) if mask >> bit & 1]
    return (*(word ^ bit for bit in bits), word & ~mask, word | mask, word ^ mask)


def effect_of(answer: int | None) -> Effect:
    """Tell what a replaced word did to an answer that was SOME before."""
    if answer == SOME:
        return "none"
    return "factor" if answer else "switch"


def deciding_bits(word: int, mask: int, effects: Sequence[Effect]) -> int:
    """Give the bits of a word that switch the answer.

    Args:
        word: what it holds.
        mask: the bits that were tried.
        effects: of each of `variants`, in order.
    """
    tried = variants(word, mask)
    alone = len(tried) - 3
    found = sum(
        word ^ one
        for one, effect in zip(tried[:alone], effects[:alone], strict=True)
        if effect != "none"
    )
    # A switch of several bits together shows in the last three alone: then all bits are the switch.
    together = any(effect != "none" for effect in effects[alone:])
    return mask if together and not found else found


def word_of(place: bytes | int) -> str:
    """Write 32 bytes, or a number in as many, as the registry does."""
    number = place if isinstance(place, int) else int.from_bytes(place, "big")
    return f"0x{number:064x}"
