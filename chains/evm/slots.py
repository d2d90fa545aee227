"""A token's balance in storage: at which place it lies, and what of the word there it is. Pure.

    position = storage_key(slot, holder)     the place, 32 bytes; keccak256 of it is the trie's key
    units = balance_of_word(slot, word)

    USDC and 0x37305B1cD40574E4C5Ce33f8e8306Be057fD7341, slot 9:
    keccak256(pad32(holder) ++ pad32(9)) = 0x9254cb65314db3d2…1b247c

A proof of the word is a proof of the balance only for the code that the row names, and only while
its guards hold: `conditions` lists every other word that must be proved in the same state.

Refused: following code that is not the row's. A token that was upgraded is read from `balanceOf`
until somebody has looked at it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

if TYPE_CHECKING:
    from config.slots import Layout, Slot

WORD = 32
_SOLADY_PLACE = 12
_ADDRESS_MASK = (1 << 160) - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A word of the token's storage that must hold something, or the row says nothing."""

    position: bytes
    """Place in storage, 32 bytes."""
    mask: int
    """The bits that matter."""
    value: int
    """What they must be."""

    def holds(self, word: int) -> bool:
        """Tell whether a word fulfils it."""
        return word & self.mask == self.value


def storage_key(slot: Slot, holder: str) -> bytes:
    """Give the place of a holder's balance in the token's storage.

    Args:
        slot: where the token keeps balances.
        holder: an address, 0x and 40 hex digits.

    Returns:
        The 32 bytes that `eth_getProof` is asked for; their keccak256 is the key in the trie.
    """
    return place_of(slot.layout, number_of(slot.slot), holder)


def place_of(layout: Layout, place: int, holder: str) -> bytes:
    """Give the place of a holder's balance, the mapping being at `place` in a layout."""
    address = bytes.fromhex(holder[2:])
    if layout == "solady":
        return keccak256(address + place.to_bytes(_SOLADY_PLACE, "big"))
    key, mapping = address.rjust(WORD, b"\0"), place.to_bytes(WORD, "big")
    return keccak256(key + mapping if layout == "solidity" else mapping + key)


def balance_of_word(slot: Slot, word: int) -> int:
    """Read the balance out of the word at a holder's place: its low `bits`.

    Args:
        slot: where the token keeps balances.
        word: what is there, 0 if nothing is; below 2**256.

    Returns:
        Base units of the token.
    """
    return word & ((1 << slot.bits) - 1)


def conditions(slot: Slot) -> tuple[Condition, ...]:
    """List what else must be proved of the token's storage: the implementation, then the guards."""
    found = []
    if slot.implementation_slot is not None and slot.implementation is not None:
        where, who = number_of(slot.implementation_slot), number_of(slot.implementation)
        found.append(Condition(where.to_bytes(WORD, "big"), _ADDRESS_MASK, who))
    for guard in slot.guards:
        place = number_of(guard.position).to_bytes(WORD, "big")
        found.append(Condition(place, number_of(guard.mask), number_of(guard.value)))
    return tuple(found)


def number_of(place: int | str) -> int:
    """Read a number, or 0x and hex digits of any case."""
    return place if isinstance(place, int) else int(place, 16)
