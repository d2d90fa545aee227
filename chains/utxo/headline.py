"""Which blocks an index server has: hash and time at a height, and the newest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.utxo.desk import Desk
from chains.utxo.past import Untold, tip_vote

if TYPE_CHECKING:
    from chains.evidence import Source


def block_at(source: Source, height: int) -> tuple[str, int | None] | None:
    """Give hash and median time past at a height; None for what the server did not say."""
    desk = Desk(source)
    block = _hash_at(desk, height)
    if block is None:
        return None
    try:
        return block, desk.time_of(height)
    except Untold:
        return block, None


def head(source: Source) -> tuple[int, str] | None:
    """Give height and hash of the newest block; None if the server did not say."""
    desk = Desk(source)
    desk.recorder.ask((desk.indexer.tip_call,))
    height = tip_vote(desk.log()).value
    block = None if height is None else _hash_at(desk, height)
    return None if height is None or block is None else (height, block)


def _hash_at(desk: Desk, height: int) -> str | None:
    desk.recorder.ask((desk.indexer.hash_call(height),))
    named = desk.blocks_at(height)
    return next(iter(named)) if named else None
