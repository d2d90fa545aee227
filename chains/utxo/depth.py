"""Waiting until a block is deep enough on every source that speaks for it.

Nodes are asked for the depth of the block itself, index servers for the end of their chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import SourceLog
from chains.quorum import Vote
from chains.utxo.answers import read_header
from chains.utxo.calls import header_call
from chains.utxo.indexers import INDEXERS, index_answers
from chains.utxo.past import tip_vote
from chains.utxo.pin import require_agreement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chains.evidence import ChainPlan, Exchange, Source, Surroundings
    from chains.recording import Recorder
    from chains.utxo.task import Task

WAIT_PER_BLOCK_SECONDS = 3600.0
"""Longest wait for each block of depth: six times the slowest chain's ten minutes."""

POLL_SECONDS = 15.0
"""Pause between two questions for the depth."""

LAG_SECONDS = 300.0
"""How long a server may be behind others: blocks travel in seconds, and are indexed in a minute."""

MAX_FAILED_POLLS = 40
"""Rounds of questions in a row that may fail before the silent sources are left behind."""

_PASSING = frozenset({"unreachable", "throttled", "bad_reply", "no_reply", "rpc_error"})


def wait_for_depth(
    plan: ChainPlan, sources: tuple[Source, ...], pin: str, around: Surroundings
) -> tuple[Exchange, ...] | None:
    """Ask for the pin's header until all sources that answer give it the plan's depth.

    Args:
        plan: gives depth and quorum.
        sources: those that scanned at the pin.
        pin: its block hash.
        around: pauses and progress.

    Returns:
        The last exchange of each source, or None if the block left the best chain of one of them.

    Raises:
        ChainError: too few operators still answer, or the block did not get deep in time.
    """
    call = header_call(pin)
    limit = plan.confirmations * WAIT_PER_BLOCK_SECONDS
    waited, failures = 0.0, 0
    while True:
        exchanges = tuple(source.ask((call,))[0] for source in sources)
        depths = tuple(_depth(exchange, pin) for exchange in exchanges)
        known = [depth for depth in depths if depth is not None]
        if -1 in known:
            return None
        failures = failures + 1 if any(item.error in _PASSING for item in exchanges) else 0
        if failures == 0 or failures > MAX_FAILED_POLLS:
            require_agreement(plan, _votes(sources, exchanges, depths, pin))
            if min(known) >= plan.confirmations:
                return exchanges
        depth = min(known, default=0)
        around.progress(f"{plan.chain.name}: waiting for depth", depth, plan.confirmations)
        if waited >= limit:
            reached = f"depth {depth}, {plan.confirmations} are needed"
            raise ChainError(
                f"{plan.chain.name}: after {waited:.0f} s of waiting, {pin} has {reached}"
            )
        around.pause(POLL_SECONDS)
        waited += POLL_SECONDS


def wait_for_tips(
    task: Task, recorders: Sequence[Recorder], height: int, *, required: bool
) -> None:
    """Ask index servers for the end of their chain until it makes a block deep enough.

    The last answer of each is kept. A server that gives none for too long is left behind.

    Args:
        task: gives the depth, pauses and progress.
        recorders: the servers, each asked once before.
        height: the block's.
        required: whether staying behind is a ChainError, or is left to the server.
    """
    depth = task.plan.confirmations
    wanted = height + depth - 1
    asked = [one for one in recorders if _tip(one.log()) is not None]
    tips = _told(one.log() for one in asked)
    if not tips or min(tips) >= wanted:
        return
    # What nodes have deep enough already, servers only have to index.
    blocks = max(0, wanted - max(tips)) if required else 0
    limit = blocks * WAIT_PER_BLOCK_SECONDS + LAG_SECONDS
    waited, failures = 0.0, 0
    while True:
        logs = [_polled(one) for one in asked]
        tips = _told(logs)
        failures = failures + 1 if len(tips) < len(asked) else 0
        heard = failures == 0 or failures > MAX_FAILED_POLLS
        if (heard and min(tips, default=wanted) >= wanted) or waited >= limit:
            break
        reached = max(0, min(tips, default=height) - height + 1)
        task.around.progress(f"{task.name}: waiting for depth", reached, depth)
        task.around.pause(POLL_SECONDS)
        waited += POLL_SECONDS
    for one, log in zip(asked, logs, strict=True):
        one.keep(log.entries)
    if required and min(tips, default=-1) < wanted:
        said = ", ".join(f"{log.name} is at {tip_vote(index_answers(log)).said}" for log in logs)
        late = f"after {waited:.0f} s of waiting, block {wanted} is needed: {said}"
        raise ChainError(f"{task.name}: {late}")


def _polled(recorder: Recorder) -> SourceLog:
    """Ask a server for the end of its chain, without recording it yet."""
    source = recorder.source
    exchanges = source.ask((INDEXERS[source.protocol].tip_call,))
    return SourceLog(source.name, source.operator, exchanges, source.protocol)


def _tip(log: SourceLog) -> int | None:
    return tip_vote(index_answers(log)).value


def _told(logs: Iterable[SourceLog]) -> list[int]:
    return [tip for tip in map(_tip, logs) if tip is not None]


def _depth(exchange: Exchange, pin: str) -> int | None:
    """Read the depth; None if the source did not say it."""
    if exchange.error is not None:
        return None
    try:
        return read_header(exchange.result, pin).confirmations
    except ValueError:
        return None


def _votes(
    sources: tuple[Source, ...],
    exchanges: tuple[Exchange, ...],
    depths: tuple[int | None, ...],
    pin: str,
) -> tuple[Vote[str], ...]:
    """Give one vote for the pin a source that told its depth."""
    return tuple(
        Vote(
            source.name,
            source.operator,
            None if depth is None else pin,
            pin if depth is not None else exchange.error or "malformed_answer",
        )
        for source, exchange, depth in zip(sources, exchanges, depths, strict=True)
    )
