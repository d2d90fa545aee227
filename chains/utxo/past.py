"""Which past blocks index servers are read at: the pin, and the window's first and last. Pure.

A server replays histories at any height, so the pin need not be waited for:

1. The servers' chain ends at the lowest of their tips; a block is final if that gives it the depth
   that the plan asks for.
2. The pin is the last block at or before `as_of` by its median time past (BIP-113), which never
   falls from block to block, or the last final one if that is lower, or if there is no `as_of`.
   With a node among the sources, its scan has made the pin already.
3. The window's blocks are the last ones at or before its moments. One that is not final, or has no
   block after it, is not known.

The heights are found by bisection on the first server that answers every question. Nothing rests on
it: that the pin and the window's blocks are what they should be is checked against the headers that
every server shows (`chains.utxo.voices`). The reader asks while it searches, and recheck searches
in what was recorded, both by these functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.search import last_at_or_before
from chains.quorum import MALFORMED, NOT_READ, Vote
from chains.utxo.history.reach import Span
from chains.utxo.indexers import INDEXERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import ChainPlan
    from chains.index import IndexedLog


class Untold(Exception):  # noqa: N818 - a state of one source, and it never leaves the package
    """A source does not tell a block's time."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The blocks a reading is about."""

    pin: Span
    before: Span | None = None
    """At the window's first block; None if there is no window, or the block is not known."""
    after: Span | None = None

    @property
    def all(self) -> tuple[Span, ...]:
        """Those that are known, the pin's first."""
        return tuple(span for span in (self.pin, self.before, self.after) if span is not None)


def tip_vote(log: IndexedLog) -> Vote[int]:
    """Give where an index server's chain ended when it was last asked; earlier answers are past."""
    indexer = INDEXERS[log.log.protocol]
    exchanges = log.exchanges(indexer.tip_call)
    if not exchanges:
        return Vote(log.name, log.log.operator, None, NOT_READ)
    last = exchanges[-1]
    if last.error is not None:
        return Vote(log.name, log.log.operator, None, last.error)
    try:
        height = indexer.read_tip(last.result)
    except ValueError:
        return Vote(log.name, log.log.operator, None, MALFORMED)
    return Vote(log.name, log.log.operator, height, str(height))


def lowest_tip(logs: Sequence[IndexedLog]) -> int | None:
    """Give the height up to which all servers that tell have the chain; None if none tells."""
    tips = [vote.value for vote in map(tip_vote, logs) if vote.value is not None]
    return min(tips, default=None)


def require_tip(plan: ChainPlan, logs: Sequence[IndexedLog]) -> int:
    """Give the same height; raise ChainError with what each server said if none tells it."""
    tip = lowest_tip(logs)
    if tip is None:
        said = ", ".join(f"{vote.source} says {vote.said}" for vote in map(tip_vote, logs))
        raise ChainError(f"{plan.chain.name} has no pin, no source tells where it ends: {said}")
    return tip


def told_time(log: IndexedLog) -> Callable[[int], int]:
    """Give the function that finds a block's median time past in a log; it raises Untold."""
    histories = INDEXERS[log.log.protocol].histories

    def time_of(height: int) -> int:
        told = histories.median_time(height, log).value
        if told is None:
            raise Untold(f"{log.name} does not tell the time of block {height}")
        return told

    return time_of


def final_height(plan: ChainPlan, tip: int) -> int:
    """Give the highest block that a tip makes deep enough; negative if none is."""
    return tip - plan.confirmations + 1


def find_spans(
    plan: ChainPlan, tip: int | None, pinned: int | None, tellers: Sequence[Callable[[int], int]]
) -> Spans:
    """Find the blocks to read at.

    Args:
        plan: gives depth, `as_of` and window.
        tip: the highest block that all index servers have; None if none tells, which needs a pin.
        pinned: the pin's height, if nodes have made it.
        tellers: for each index server the function that gives a block's median time past in Unix
            seconds; it raises Untold.

    Raises:
        ChainError: there is no such pin.
    """
    if pinned is not None:
        # The scan's block may be the best one; whether the servers have it too is seen when asked.
        pin = Span(pinned, pinned + plan.confirmations - 1)
    elif tip is not None:
        height = _pin_height(plan, tip, tellers)
        # The block after the pin shows that the pin is the last one, if the depth does not.
        pin = Span(height, min(tip, height + max(plan.confirmations - 1, 1)))
    else:
        raise ValueError("neither a tip nor a pin is given")
    if plan.window is None or tip is None:
        return Spans(pin)
    before, after = (_edge(plan, moment, tip, tellers) for moment in plan.window)
    return Spans(pin, before, after)


def find_height(
    moment: int, tip: int, tellers: Sequence[Callable[[int], int]]
) -> tuple[bool, int | None]:
    """Find the last block at or before a moment on the first source that tells every time.

    Returns:
        Whether any source told, and the height; None if the chain begins later.
    """
    for time_of in tellers:
        try:
            return True, last_at_or_before(moment, tip, time_of)
        except Untold:
            continue
    return False, None


def _pin_height(plan: ChainPlan, tip: int, tellers: Sequence[Callable[[int], int]]) -> int:
    name, final = plan.chain.name, final_height(plan, tip)
    if final < 0:
        raise ChainError(f"{name} has {tip + 1} blocks, a depth of {plan.confirmations} is needed")
    if plan.as_of is None:
        return final
    told, height = find_height(plan.as_of, tip, tellers)
    if not told:
        raise ChainError(f"no source of {name} shows the times of its blocks")
    if height is None:
        raise ChainError(f"{name} begins after {plan.as_of} (unix seconds)")
    return min(height, final)


def _edge(
    plan: ChainPlan, moment: int, tip: int, tellers: Sequence[Callable[[int], int]]
) -> Span | None:
    """Find one of the window's blocks."""
    _, height = find_height(moment, tip, tellers)
    if height is None or height > final_height(plan, tip) or height >= tip:
        return None
    return Span(height, height + 1)
