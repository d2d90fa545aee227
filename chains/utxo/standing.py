"""Where a node of the Bitcoin Core family stands if nothing is scanned: a block that is deep now.

A plan without accounts asks about transactions alone. A scan of no script would still read every
coin of the chain, and its block, the tip, would have to be waited for. A past block can be had
instead, since nothing but its name is wanted:

    getblockcount                   where the node's chain ends
    getblockhash height             by bisection, the last block at or before `as_of` by its median
    getblockheader hash true        time past, or the last deep one if that is lower

The reader asks while it searches, and recheck searches in what was recorded, both by `_height`.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.evm.search import last_at_or_before
from chains.index import index_log
from chains.quorum import NOT_READ, Vote
from chains.recording import Recorder
from chains.utxo.answers import Scan, read_count, read_hash, read_header
from chains.utxo.calls import hash_call
from chains.utxo.past import Untold
from chains.utxo.transactions import block_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Exchange, Source
    from chains.index import IndexedLog

COUNT = Call("getblockcount", ())
"""Answers the height of the node's best block."""


def ask_standing(plan: ChainPlan, node: Source) -> tuple[Exchange, ...]:
    """Ask a node for what `standing_vote` looks up."""
    recorder = Recorder(node)
    recorder.ask((COUNT,))

    def time_of(height: int) -> int:
        recorder.ask((hash_call(height),))
        recorder.ask((block_call(_hash(index_log(recorder.log()), height)),))
        return _time(index_log(recorder.log()), height)

    # What a node does not tell is missed again by recheck, which says what it was.
    with suppress(Untold):
        recorder.ask((hash_call(_height(plan, index_log(recorder.log()), time_of)),))
    return recorder.log().exchanges


def standing_vote(plan: ChainPlan, log: IndexedLog) -> Vote[Scan]:
    """Give the block at which a node stands, as a scan that was asked for nothing and found it."""
    operator = log.log.operator
    try:
        height = _height(plan, log, partial(_time, log))
        block_hash = _hash(log, height)
    except Untold as fault:
        return Vote(log.name, operator, None, str(fault))
    return Vote(log.name, operator, Scan(height, block_hash, ()), block_hash)


def _height(plan: ChainPlan, log: IndexedLog, time_of: Callable[[int], int]) -> int:
    """Find the height; raise Untold with what the node said."""
    tip = log.vote(COUNT, read_count, str)
    if tip.value is None:
        raise Untold(tip.said)
    # A co-observation is replayed with less depth than it was made with: the chain's own holds.
    depth = max(plan.confirmations, plan.chain.confirmations)
    final = tip.value - depth + 1
    if final < 0:
        raise Untold(f"{tip.value + 1} blocks, a depth of {depth} is needed")
    if plan.as_of is None:
        return final
    found = last_at_or_before(plan.as_of, tip.value, time_of)
    if found is None:
        raise Untold(f"the chain begins after {plan.as_of} (unix seconds)")
    return min(found, final)


def _hash(log: IndexedLog, height: int) -> str:
    vote = log.vote(hash_call(height), read_hash, str)
    if vote.value is None:
        raise Untold(vote.said)
    return vote.value


def _time(log: IndexedLog, height: int) -> int:
    """Give the median time past of the block at a height of the node's best chain."""
    block_hash = _hash(log, height)
    vote = log.vote(block_call(block_hash), partial(read_header, block_hash=block_hash), str)
    if vote.value is None or vote.value.height != height or vote.value.confirmations < 1:
        raise Untold(vote.said if vote.value is None else NOT_READ)
    return vote.value.median_time
