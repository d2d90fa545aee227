"""The hot loops of a tree: the level above some records, and what stands over a block of leaves.

Records stand side by side in bytes, 48 each (`encoding`). Everything here is a pure function of
bytes, so that a native kernel can take its place: `lift` is the one that is called for every node,
`proofs.liabilities.leaves.leaves_of` the one that is called for every part.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING

from proofs.liabilities.encoding import RECORD, SIZE, node_head

if TYPE_CHECKING:
    from collections.abc import Iterable

LANE = 16
"""Bytes of an amount."""
TOP = 0x80
"""The first byte of an amount that has its top bit set."""

SPAN = 1 << 16
"""Nodes that share all but the last two bytes of their indices."""

_PAIR = Struct("96s")
_AMOUNTS = Struct("16s16s")
_SECOND = Struct("16x16s")


def lift(records: bytes, level: int, first: int) -> bytes:
    """Give the nodes over some records.

    Args:
        records: an even number of records of the level below, side by side.
        level: of the nodes.
        first: index of the first node on its level.

    Raises:
        OverflowError: a sum is 2^128 or more.
    """
    low, count = first % SPAN, len(records) // (2 * RECORD)
    if low + count > SPAN:
        size = 2 * RECORD * (SPAN - low)
        return lift(records[:size], level, first) + lift(records[size:], level, first + SPAN - low)
    head = node_head(level) + (first // SPAN).to_bytes(6, "big")
    ends = _ends()[low : low + count]
    rows = zip(ends, _PAIR.iter_unpack(records), _sums(_amounts(records)), strict=True)
    return b"".join([sha256(head + end + pair).digest() + total for end, (pair,), (total,) in rows])


@cache
def _ends() -> tuple[bytes, ...]:
    """Give the last two bytes of the indices of a span, which are written once for all spans."""
    return tuple(one.to_bytes(2, "big") for one in range(SPAN))


def _amounts(records: bytes) -> bytearray:
    """Give the amounts of records, a byte of all of them at a time."""
    amounts = bytearray(len(records) // RECORD * LANE)
    for place in range(LANE):
        amounts[place::LANE] = records[SIZE + place :: RECORD]
    return amounts


def _sums(amounts: bytearray) -> Iterable[tuple[bytes]]:
    """Add neighbours, of 16 bytes each; raise OverflowError if a sum needs more."""
    if max(amounts[::LANE]) >= TOP:
        pairs = _AMOUNTS.iter_unpack(amounts)
        return [
            (sum(int.from_bytes(one, "big") for one in pair).to_bytes(LANE, "big"),)
            for pair in pairs
        ]
    # All at once: the amounts are lanes of one number, which is added to itself, moved by a lane.
    # Every second lane is then a pair's sum, and none carries, since no amount has its top bit set.
    packed = int.from_bytes(amounts, "big")
    added = packed + (packed >> 8 * LANE)
    return _SECOND.iter_unpack(added.to_bytes(len(amounts), "big"))


def levels_over(records: bytes, level: int, first: int, height: int) -> tuple[bytes, ...]:
    """Give a block of records and every level above it, up to its one node.

    Args:
        records: 2^height records.
        level: of the records.
        first: index of the first of them on its level, a multiple of 2^height.
        height: how many levels to add.
    """
    found = [records]
    for step in range(1, height + 1):
        found.append(lift(found[-1], level + step, first >> step))
    return tuple(found)


def path_in(levels: tuple[bytes, ...], position: int) -> tuple[bytes, ...]:
    """Give the records beside the path from a place in a block to its top, lowest first.

    Args:
        levels: what `levels_over` gave.
        position: of the record within the block.
    """
    places = ((position >> step) ^ 1 for step in range(len(levels) - 1))
    pairs = zip(levels, places, strict=False)
    return tuple(level[place * RECORD : (place + 1) * RECORD] for level, place in pairs)
