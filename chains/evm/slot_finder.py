"""Finding where a token keeps its balances, for a new row of `slots.toml`. A maintainer's tool.

    list the words that balanceOf(holder) reads     eth_createAccessList
    know one of them as the holder's                by the keccak256 of every layout
    replace it: 0, 999, a pattern, all ones         eth_call with a state override
    know the implementation among the others        a word that names a contract that was called
    turn each bit of every other word               which of them decide, and must be guarded

All of it is done for two holders, of whom none needs to own anything.

What comes out is a proposal, by one node about one block. Not seen are: a switch of two words
together, code that asks for the time or the caller, words read for some holders only. So a row is
added after somebody read the source too. Refused, with the reason, is whatever is not a plain
mapping: a balance that is a product, a sum or another contract's has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from eth_hash.backends.pysha3 import keccak256

from chains.evm.address import checksummed
from chains.evm.slot_probe import ASK_ANOTHER, Probe
from chains.evm.slot_trials import (
    ADDRESS,
    ALL,
    OPENZEPPELIN,
    SOME,
    WORDS_TRIED,
    bits_of,
    deciding_bits,
    effect_of,
    layouts_among,
    variants,
    word_of,
)
from config.caip import AssetId
from config.errors import AttestError
from config.slots import WORD_BITS, Guard, Slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chains.evidence import Source
    from chains.evm.calls import Header
    from chains.evm.slot_trials import Listing
    from config.caip import ChainId
    from config.slots import Layout

Reason = Literal[
    "no_code",  # nothing lies at the address, or at the implementation's
    "no_words",  # the node lists no storage that balanceOf reads
    "no_layout",  # no word that is read is a holder's by a layout that is known
    "elsewhere",  # storage of another contract is read: a ledger, a beacon, an index
    "not_plain",  # the word is not given back: shares, or bits that are not the low ones
    "holder_words",  # more than one word of a holder decides
    "factor",  # a word that is not the holder's turns the balance into another number
    "implementations",  # several words name contracts that are called
    "shared_word",  # the word that names the implementation holds a switch too
]

IMPLEMENTATION_PLACES = {
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc": "EIP-1967",
    "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3": "zeppelinos",
}
"""Where proxies keep their implementation; others are known by what a word holds.

keccak256("eip1967.proxy.implementation") - 1, and keccak256("org.zeppelinos.proxy.implementation").
"""

_Key: TypeAlias = "tuple[Layout, int]"

GUARD_MEANING = "balanceOf fails, or gives zero, where this differs"


class NoSlotError(AttestError):
    """The token has no place of balances that a row could state.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: Reason, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and what was seen of it."""

    slot: Slot
    """`checked` is empty: the registry wants a second place, which a person looks up."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Balances:
    """The mapping, as two holders show it."""

    layout: Layout
    number: int
    bits: int
    holders: tuple[str, ...]
    places: tuple[bytes, ...]
    """Of each holder's word."""

    @property
    def slot(self) -> int | str:
        """The mapping's place as a row states it."""
        return word_of(self.number) if self.number == OPENZEPPELIN else self.number


@dataclass(frozen=True, slots=True)
class _Others:
    """Every other word that is read."""

    words: Mapping[bytes, int]
    readers: Mapping[bytes, frozenset[int]]
    """For which of the holders a word is read."""
    touched: frozenset[str]
    """Other contracts that are run, in lower case."""
    implementation: bytes | None
    """The word that names one of them."""


@dataclass(frozen=True, slots=True)
class _Proxy:
    place: str | None = None
    address: str | None = None
    code_hash: str | None = None


def find_slot(
    source: Source, chain: ChainId, token: str, holders: tuple[str, str], header: Header
) -> Found:
    """Find where a token keeps its balances.

    Args:
        source: a node of the chain.
        chain: the chain's id.
        token: the contract, EIP-55.
        holders: two different addresses; every node shows the words read for a balance that is
            not zero if one of them has such.
        header: the block to look at.

    Raises:
        NoSlotError: there is no such place, or none that a row could state.
        ChainError: the node did not answer.
    """
    probe = Probe(source, token, hex(header.height))
    code_hash = _code_hash(probe, token)
    plain = tuple(probe.listing(holder) for holder in holders)
    _refuse_elsewhere(plain)
    balances = _balances(probe, holders, plain)
    listings, cautions = _fuller(probe, balances, plain)
    _refuse_elsewhere(listings)
    others = _others(probe, balances, listings)
    guards, proxy = _guards(probe, balances, others), _proxy(probe, others)
    slot = Slot(
        asset=AssetId(f"{chain}/erc20:{token}"),
        layout=balances.layout,
        slot=balances.slot,
        bits=balances.bits,
        code_hash=code_hash,
        source=f"attest find-slot at block {header.height} {header.block_hash}",
        checked="",
        implementation_slot=proxy.place,
        implementation=proxy.address,
        implementation_code_hash=proxy.code_hash,
        guards=guards,
    )
    return Found(slot, (*_notes(slot, len(others.words)), *_loose(others, proxy), *cautions))


def holders_for(holder: str | None) -> tuple[str, str]:
    """Give two addresses to look at: those of two words that nobody holds keys to, or one given."""
    made = [checksummed(keccak256(f"holder {number}".encode())[-20:]) for number in (1, 2)]
    return (holder or made[0], made[1])


def _code_hash(probe: Probe, address: str) -> str:
    code = probe.code(address)
    if code == "0x":
        raise NoSlotError("no_code", f"no code at {address}", "look the token's address up again")
    return f"0x{keccak256(bytes.fromhex(code[2:])).hex()}"


def _refuse_elsewhere(listings: Sequence[Listing]) -> None:
    met = {name for one in listings for name, places in one.others.items() if places}
    if met:
        what = f"balanceOf reads storage of {', '.join(sorted(met))}"
        raise NoSlotError("elsewhere", what, "such a token is read by balanceOf alone")


def _balances(probe: Probe, holders: tuple[str, str], listings: Sequence[Listing]) -> _Balances:
    """Know the holders' word, and that balanceOf gives it back."""
    if not all(one.own for one in listings):
        what = "the node lists no storage of the token that balanceOf reads"
        raise NoSlotError("no_words", what, "ask another node: some leave the called contract out")
    known = [layouts_among(one.own, who) for one, who in zip(listings, holders, strict=True)]
    both = sorted(known[0].keys() & known[1].keys())
    if not both:
        places = ", ".join(word_of(place) for place in sorted(listings[0].own))
        raise NoSlotError("no_layout", f"no layout that is known leads to any of {places}")
    tried = {
        key: tuple(
            probe.trials(holder, [{one[key]: word} for word in WORDS_TRIED])
            for holder, one in zip(holders, known, strict=True)
        )
        for key in both
    }
    moving = [key for key in both if any(len({*answers}) > 1 for answers in tried[key])]
    layout, number = _only(moving, both)
    bits = _bits(f"{layout} {number}", tried[layout, number])
    return _Balances(layout, number, bits, holders, tuple(one[layout, number] for one in known))


def _bits(name: str, tried: Sequence[Sequence[int | None]]) -> int:
    measured = {bits_of(answers) for answers in tried}
    bits = measured.pop()
    if bits is None or measured:
        values = zip(WORDS_TRIED, tried[0], strict=True)
        told = ", ".join(f"{word:#x} gives {_shown(answer)}" for word, answer in values)
        what = f"balanceOf does not give back the word of {name}: {told}"
        raise NoSlotError("not_plain", what, "shares of something, or not the low bits of the word")
    return bits


def _shown(answer: int | None) -> str:
    return "no answer" if answer is None else f"{answer:#x}"


def _only(moving: Sequence[tuple[Layout, int]], known: Sequence[tuple[Layout, int]]) -> _Key:
    if len(moving) == 1:
        return moving[0]
    met = " and ".join(f"{layout} {number}" for layout, number in moving or known)
    if moving:
        raise NoSlotError("holder_words", f"balanceOf is made of several words: {met}")
    raise NoSlotError("not_plain", f"the word of {met} does not change balanceOf", ASK_ANOTHER)


def _fuller(
    probe: Probe, balances: _Balances, plain: Sequence[Listing]
) -> tuple[tuple[Listing, ...], tuple[str, ...]]:
    """List again with a balance in place, and say so if the node cannot."""
    pairs = zip(balances.holders, balances.places, strict=True)
    again = [probe.listing_with(holder, {place: SOME}) for holder, place in pairs]
    listings = tuple(
        first if more is None else first.joined(more)
        for first, more in zip(plain, again, strict=True)
    )
    if None not in again or any(probe.balance(holder) for holder in balances.holders):
        return listings, ()
    return listings, (
        "not seen: words that are read only for a holder with a balance; give --holder one",
    )


def _others(probe: Probe, balances: _Balances, listings: Sequence[Listing]) -> _Others:
    """Read every other word, and know the one that names the implementation."""
    readers = {
        place: frozenset(at for at, one in enumerate(listings) if place in one.own)
        for place in sorted(frozenset[bytes]().union(*(one.own for one in listings)))
        if place not in balances.places
    }
    words = {place: probe.word(place) for place in readers}
    touched = frozenset(name for one in listings for name in one.others)
    naming = [
        place
        for place, word in words.items()
        if f"0x{word & ADDRESS:040x}" in touched or word_of(place) in IMPLEMENTATION_PLACES
    ]
    if len(naming) > 1:
        what = ", ".join(word_of(place) for place in naming)
        raise NoSlotError("implementations", f"several words name contracts that are run: {what}")
    return _Others(words, readers, touched, naming[0] if naming else None)


def _guards(probe: Probe, balances: _Balances, others: _Others) -> tuple[Guard, ...]:
    """Turn each bit of every other word, and list the bits that decide."""
    guards = []
    for place, word in others.words.items():
        mask = ALL ^ ADDRESS if place == others.implementation else ALL
        bits = _deciding(probe, balances, others, place, mask)
        if not bits:
            continue
        where = word_of(place)
        if len(others.readers[place]) < len(balances.holders):
            raise NoSlotError("holder_words", f"a second word of one holder decides: {where}")
        if place == others.implementation:
            raise NoSlotError("shared_word", f"the implementation's word holds a switch: {where}")
        guards.append(Guard(where, word_of(bits), word_of(word & bits), GUARD_MEANING))
    return tuple(guards)


def _deciding(probe: Probe, balances: _Balances, others: _Others, place: bytes, mask: int) -> int:
    word, found = others.words[place], 0
    for at in others.readers[place]:
        own = balances.places[at]
        cases = [{own: SOME, place: one} for one in variants(word, mask)]
        answers = probe.trials(balances.holders[at], cases)
        effects = [effect_of(answer) for answer in answers]
        if "factor" in effects:
            given = answers[effects.index("factor")]
            what = f"a balance of {SOME} becomes {given} with the word at {word_of(place)}"
            raise NoSlotError("factor", what, "a token that rebases has no row: its index moves")
        found |= deciding_bits(word, mask, effects)
    return found


def _proxy(probe: Probe, others: _Others) -> _Proxy:
    if others.implementation is None:
        return _Proxy()
    named = (others.words[others.implementation] & ADDRESS).to_bytes(20, "big")
    address = checksummed(named)
    return _Proxy(word_of(others.implementation), address, _code_hash(probe, address))


def _notes(slot: Slot, words: int) -> tuple[str, ...]:
    low = "the word" if slot.bits == WORD_BITS else f"the low {slot.bits} bits of the word"
    notes = [f"balanceOf gives {low} back, for two holders and {len(WORDS_TRIED)} values"]
    if slot.implementation_slot is not None:
        kind = IMPLEMENTATION_PLACES.get(slot.implementation_slot, "of no standard that is known")
        notes.append(f"a proxy; where it names its implementation: {kind}")
    notes.append(f"other words read: {words}; guarded: {len(slot.guards)}")
    return tuple(notes)


def _loose(others: _Others, proxy: _Proxy) -> tuple[str, ...]:
    named = (proxy.address or "").lower()
    loose = sorted(others.touched - {named})
    return (f"look: it runs code that no word names, at {', '.join(loose)}",) if loose else ()
