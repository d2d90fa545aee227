"""Waiting until a pin is deep enough on every source that speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.quorum import Vote
from chains.utxo.answers import read_header
from chains.utxo.calls import header_call
from chains.utxo.pin import require_agreement

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Exchange, Source, Surroundings

WAIT_PER_BLOCK_SECONDS = 3600.0
"""Longest wait for each block of depth: six times the slowest chain's ten minutes."""

POLL_SECONDS = 15.0
"""Pause between two questions for the depth."""

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
