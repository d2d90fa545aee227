"""What a verifier knows of pinned blocks: by his list, his nodes and parties he trusts. Pure.

A block is confirmed if one of them has it, and none has another. The balances are read again if one
of them read them and found them the same, and none found another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.verdict import Note
from chains.snapshot import Pin
from config.caip import ChainId
from config.errors import InputError
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.authenticity import Counted
    from attest.predicate import Predicate
    from attest.trust import Trust

CONTRADICTIONS = ("anchor_mismatch", "balance_mismatch", "answer_mismatch")
"""What the verifier knows speaks against the statement: it is never a pass."""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What one of them says of a chain."""

    chain: str
    confirmed: bool
    """The pinned hash is at the pinned height."""
    read_again: bool
    """Every balance was read again and is the same."""
    notes: tuple[Note, ...]


MAX_DIGITS = 18
"""Of a height: more than any chain will have."""


def pins_of(predicate: Predicate) -> tuple[Pin, ...]:
    """Give the blocks that a statement names, where no evidence of them is there.

    Raises:
        InputError: a height that is none.
    """
    found = []
    for one in predicate.as_of.anchors:
        if len(one.height) > MAX_DIGITS:
            raise InputError(f"{one.chain}: height of {len(one.height)} digits")
        chain, time = ChainId(one.chain), parse_time(one.block_time)
        found.append(Pin(chain, int(one.height), one.block_hash, time, depth=0))
    return tuple(found)


def weigh(pin: Pin, trust: Trust | None, checks: Iterable[ChainCheck]) -> ChainCheck:
    """Put together everything that is known of a pin.

    Args:
        pin: the statement's.
        trust: the verifier's list of blocks, if he has one.
        checks: what his nodes and the parties he trusts say, of any chain.
    """
    own = [check for check in checks if check.chain == pin.chain]
    notes = (*_listed(pin, trust), *(note for check in own for note in check.notes))
    contradicted = any(note.code == "anchor_mismatch" for note in notes)
    differs = any(note.code in CONTRADICTIONS for note in notes)
    confirmed = _is_listed(pin, trust) or any(check.confirmed for check in own)
    return ChainCheck(
        pin.chain,
        confirmed and not contradicted,
        any(check.read_again for check in own) and not differs,
        notes,
    )


def blocks_of(pins: Iterable[Pin], counted: Iterable[Counted]) -> tuple[ChainCheck, ...]:
    """Give what parties that the verifier trusts say of the pinned blocks in countersignatures."""
    found = []
    known = {pin.chain: pin for pin in pins}
    for one in counted:
        stated = one.signed.countersignature
        for block in stated.blocks if stated is not None else ():
            pin = known.get(ChainId(block.chain))
            if pin is None or str(pin.height) != block.height:
                continue
            same = (block.block_hash, parse_time(block.block_time)) == (
                pin.block_hash,
                pin.block_time,
            )
            said = f"{pin.chain} {pin.height}: {one.party} has {block.block_hash}"
            notes = () if same else (Note("anchor_mismatch", said),)
            found.append(ChainCheck(pin.chain, same, read_again=False, notes=notes))
    return tuple(found)


def _is_listed(pin: Pin, trust: Trust | None) -> bool:
    known = trust.anchors if trust is not None else ()
    return any((chain, height) == (pin.chain, pin.height) for chain, height, _, _ in known)


def _listed(pin: Pin, trust: Trust | None) -> tuple[Note, ...]:
    """Compare a pin with the blocks the verifier lists at its height."""
    notes = []
    for chain, height, digest, time in trust.anchors if trust is not None else ():
        if (chain, height) != (pin.chain, pin.height):
            continue
        where = f"{pin.chain} {pin.height}"
        if digest != pin.block_hash or time not in (None, pin.block_time):
            notes.append(Note("anchor_mismatch", f"{where}: statement {pin.block_hash}"))
        elif time is None:
            stated = format_time(pin.block_time)
            notes.append(Note("anchor_time_unchecked", f"{where}: statement {stated}"))
    return tuple(notes)
