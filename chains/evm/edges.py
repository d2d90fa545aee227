"""Blocks around the pin: those with which a window begins and ends, in what sources said. Pure.

A log of a reading with a window, in the order of asking:

    the pin, its state, proofs, the pin once more | nonces at the pin, the pin once more
                                                  | search, window's first block, then its last
                                                  | logs between them, the last block once more

1. The window begins with the log's first question for a nonce. The pin is made of what stands
   before it alone (`chains.evm.pin.before_window`), so that nothing a source says, or fails to say,
   in the window takes anything from the pin.
2. A window's block is the highest recorded one that is not later than a moment. It is the last one
   if the block after it, recorded and final too, is its child and is later.
3. It is known if the sources that stand for the pin agree on it by the rule of the pin: by number,
   by hash, and by number once more after its state; fields that hash to its name, where they must.
   One that gives two blocks at the height, one after the other, has contradicted itself.

4. Logs begin with the first question for them. The window's blocks are made of what stands before
   it alone, so that nothing said of logs takes anything from balances and nonces.

A block that is not known is left out. Starting a reading over for its sake was refused: all sources
hold a final block for good, so a block that changed would cost the pin and mend nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.evm.transfers import LOGS_METHOD
from chains.evm.witness import NO_BLOCK, UnsettledPin, asked_heights, block_at, block_vote
from chains.index import extend_index
from chains.quorum import MALFORMED, Agreement, Vote, agree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chains.evidence import ChainPlan, SourceLog
    from chains.evm.calls import Header
    from chains.evm.pin import Settled
    from chains.index import IndexedLog


@dataclass(frozen=True, slots=True)
class Edge:
    """A block of the window, or the pin as the window's sources gave it."""

    header: Header
    voices: tuple[str, ...]
    """Names of the sources that gave this block before and after their state."""
    logs: tuple[IndexedLog, ...]
    """The sources that stand for the pin, in declaration order, and what they said."""


def window_logs(settled: Settled, logs: Iterable[SourceLog]) -> tuple[IndexedLog, ...]:
    """Index what the sources that stand for the pin said before logs; no others are heard.

    Args:
        settled: the pin, made of what stands before the window in the same logs.
        logs: the whole logs.
    """
    begun = {index.name: index for index in settled.logs}
    return tuple(_before(begun[log.name], log) for log in logs if log.name in settled.voices)


def _before(begun: IndexedLog, log: SourceLog) -> IndexedLog:
    """Index a log up to its questions for logs; a hostile one may have put them before the pin."""
    first, _ = parted(log)
    return begun if len(first.entries) < len(begun.log.entries) else extend_index(begun, first)


def parted(log: SourceLog) -> tuple[SourceLog, SourceLog]:
    """Part a log before its first question for logs; the second part is empty if it has none."""
    asked = (at for at, one in enumerate(log.entries) if one.call.method == LOGS_METHOD)
    end = next(asked, len(log.entries))
    return replace(log, entries=log.entries[:end]), replace(log, entries=log.entries[end:])


def edge_at_pin(plan: ChainPlan, settled: Settled, logs: tuple[IndexedLog, ...]) -> Edge | None:
    """Give the pin with those who stand for it after their nonces; None if they do not agree.

    It is the pin's own block: a source that shows another one there has shown two.
    """
    return _edge(plan, logs, [_vote(plan, log, settled.header.height) for log in logs])


def edge_at(
    plan: ChainPlan, settled: Settled, logs: tuple[IndexedLog, ...], moment: int
) -> Edge | None:
    """Find the last final block at or before a moment, None if it is not known.

    Args:
        plan: gives the quorum.
        settled: the pin; gives the last final height.
        logs: as `window_logs` gives them.
        moment: Unix seconds.
    """
    heights = {height for log in logs for height in asked_heights(log) if height < settled.final}
    for height in sorted(heights, reverse=True):
        if any(_is_due(log, height, moment) for log in logs):
            return _edge(plan, logs, [_vote(plan, log, height, moment) for log in logs])
    return None


def edges_of_flows(
    plan: ChainPlan, settled: Settled, logs: tuple[IndexedLog, ...]
) -> tuple[Edge | None, Edge | None]:
    """Give the block after which flows are read, and the one up to which they are.

    That is the window's last block, or the pin if that one is not known.
    """
    if plan.window is None:
        return None, None
    before, after = (edge_at(plan, settled, logs, moment) for moment in plan.window)
    return before, after or edge_at_pin(plan, settled, logs)


def _is_due(log: IndexedLog, height: int, moment: int) -> bool:
    """Tell whether a source shows a block that is not later than a moment."""
    try:
        block = block_at(log, height)
    except UnsettledPin:
        return False
    return block is not None and block.time <= moment


def _edge(
    plan: ChainPlan, logs: tuple[IndexedLog, ...], votes: Sequence[Vote[Header]]
) -> Edge | None:
    result = agree(votes, plan.quorum)
    return Edge(result.value, result.sources, logs) if isinstance(result, Agreement) else None


def _vote(plan: ChainPlan, log: IndexedLog, height: int, moment: int | None = None) -> Vote[Header]:
    """Give a source's vote on the block at a height, as the last one at or before a moment.

    A source that shows two blocks at the height, or after it, or one after it that does not fit,
    has contradicted itself.
    """
    try:
        vote, after = block_vote(plan, log, height), block_at(log, height + 1)
    except UnsettledPin:
        return Vote(log.name, log.log.operator, None, MALFORMED)
    header = vote.value
    if header is None or moment is None:
        return vote
    if after is None:
        return replace(vote, value=None, said=NO_BLOCK)
    if after.parent_hash == header.block_hash and header.time <= moment < after.time:
        return vote
    return replace(vote, value=None, said=MALFORMED)
