"""The hot loops of a tree: the level above some records, and what stands over a block of leaves.

Records stand side by side in bytes, 48 each (`encoding`). Everything here is a pure function of
bytes, so that a native kernel can take its place: `lift` is the one that is called for every node,
`proofs.liabilities.leaves.shares_of` the one that is called for every customer.
"""

from __future__ import annotations

from hashlib import sha256

from proofs.liabilities.encoding import RECORD, SIZE, node_head

PAIR = 2 * RECORD


def lift(records: bytes, level: int, first: int) -> bytes:
    """Give the nodes over some records.

    Args:
        records: an even number of records of the level below, side by side.
        level: of the nodes.
        first: index of the first node on its level.

    Raises:
        OverflowError: a sum is 2^128 or more.
    """
    head, number = node_head(level), int.from_bytes
    nodes = []
    for index, place in enumerate(range(0, len(records), PAIR), first):
        pair = records[place : place + PAIR]
        total = number(pair[SIZE:RECORD], "big") + number(pair[RECORD + SIZE :], "big")
        nodes.append(sha256(head + index.to_bytes(8, "big") + pair).digest())
        nodes.append(total.to_bytes(16, "big"))
    return b"".join(nodes)


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
