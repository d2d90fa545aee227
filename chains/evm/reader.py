"""Reading an EVM chain: asks every source what a plan needs, at one block, and gives the evidence.

It decodes nothing on its own: what the sources said is judged by the functions `recheck` uses. Each
reading opens with chain id and tips, finds the pin, asks the whole state at it by hash, and ends
with the pin's block once more. A block that changed, or sources that differ, start the reading
over, a bounded number of times. The evidence returned is of the final reading alone.

Nodes that do not know EIP-1898 refuse a block named by hash; they are asked by number, and rely on
the closing look at the pin. A node that ignores the block it was given and answers with its latest
state is seen only through another source that does not.

Sources are asked in turn, in chunks. One that gave nothing for a whole chunk is not asked further:
waiting for it again and again would lose the pin for the others, since nodes keep old state for
minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import ChainEvidence
from chains.evm.calls import (
    MalformedAnswer,
    block_by_hash_call,
    block_hash_call,
    by_hash,
    by_number,
    decode_header,
)
from chains.evm.pin import UnsettledPin, block_at, settle_pin
from chains.evm.search import last_at_or_before
from chains.evm.state import state_calls
from chains.evm.tip import final_height, tip_calls, tip_of
from chains.index import index_log
from chains.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, ChainPlan, Source, Surroundings
    from chains.evm.pin import Settled

READINGS = 4
"""How often a reading is started before sources that differ are an error."""

READING_PAUSE = 3.0
"""Seconds before the second reading, doubled for each later one: two slots of a fast chain."""

CHUNK = 500
"""State calls asked of one source before the next source has its turn."""

SILENCE = frozenset({"unreachable", "throttled", "bad_reply", "no_reply"})
"""Errors of a source that does not serve us now, whatever it is asked."""

UNKNOWN_FORM = frozenset({"rpc_error", "not_recorded"})
"""Errors to a state call by hash that may mean that this source must be asked by number."""


def read(plan: ChainPlan, sources: Sequence[Source], around: Surroundings) -> ChainEvidence:
    """Read everything a plan asks for.

    Args:
        plan: what to read.
        sources: whom to ask, in declaration order.
        around: pauses and progress.

    Returns:
        The evidence of the final reading, from which `recheck` makes the snapshot.

    Raises:
        ChainError: a source is on another chain, or no pin could be made.
    """
    for number in range(READINGS - 1):
        try:
            return _read_once(plan, sources, around)
        except UnsettledPin:
            around.pause(READING_PAUSE * 2**number)
    return _read_once(plan, sources, around)


def _read_once(plan: ChainPlan, sources: Sequence[Source], around: Surroundings) -> ChainEvidence:
    recorders = tuple(Recorder(source) for source in sources)
    around.progress(f"{plan.chain.name}: finding the pin", 0, 0)
    opening = _open(plan, recorders)
    height = opening.header.height
    standing = tuple(recorder for recorder in recorders if recorder.name in opening.voices)
    live = _read_state(plan, opening, standing, around)
    for recorder in standing:
        recorder.ask([block_hash_call(height)])
    evidence = _evidence(plan, recorders)
    closing = settle_pin(plan, evidence)
    lost = [name for name in live if name not in closing.voices]
    if lost:
        raise UnsettledPin(f"source {lost[0]} no longer gives block {height} of {plan.chain.id}")
    return evidence


def _open(plan: ChainPlan, recorders: tuple[Recorder, ...]) -> Settled:
    """Ask for tips and find the pin; all of it is recorded, so that it can be asked again."""
    for recorder in recorders:
        recorder.ask(tip_calls())
    tips = {recorder: tip_of(plan, index_log(recorder.log())) for recorder in recorders}
    speaking = [recorder for recorder, tip in tips.items() if tip is not None]
    final = final_height(plan, tuple(tip for tip in tips.values() if tip is not None))
    height = final if plan.as_of is None else _search(plan, plan.as_of, final, speaking)
    calls = [block_hash_call(height)]
    if height < final:
        calls.append(block_hash_call(height + 1))
    for recorder in speaking:
        recorder.ask(calls)
        block = block_at(index_log(recorder.log()), height)
        if block is not None:
            recorder.ask([block_by_hash_call(block.block_hash)])
    return settle_pin(plan, _evidence(plan, recorders))


def _search(plan: ChainPlan, as_of: int, final: int, recorders: list[Recorder]) -> int:
    """Find the last final block at or before `as_of` on the first source that shows its blocks."""
    for recorder in recorders:
        try:
            height = _search_on(recorder, as_of, final)
        except MalformedAnswer:
            continue
        if height is None:
            raise ChainError(f"{plan.chain.id} begins after {as_of} (unix seconds)")
        return height
    raise ChainError(f"no source of {plan.chain.id} shows the times of its blocks")


def _search_on(recorder: Recorder, as_of: int, final: int) -> int | None:
    def time_of(height: int) -> int:
        return decode_header(recorder.ask([block_hash_call(height)])[0].result).time

    return last_at_or_before(as_of, final, time_of)


def _read_state(
    plan: ChainPlan, pin: Settled, recorders: tuple[Recorder, ...], around: Surroundings
) -> tuple[str, ...]:
    """Ask every state call of every source; give the names of those that answered to the end."""
    queues = {recorder: _queue(plan, pin, recorder.source) for recorder in recorders}
    total = max(len(queue) for queue in queues.values())
    for start in range(0, total, CHUNK):
        for recorder, queue in tuple(queues.items()):
            exchanges = recorder.ask(queue[start : start + CHUNK])
            if all(exchange.error in SILENCE for exchange in exchanges):
                del queues[recorder]
        around.progress(f"{plan.chain.name}: reading state", min(start + CHUNK, total), total)
    return tuple(recorder.name for recorder in queues)


def _queue(plan: ChainPlan, pin: Settled, source: Source) -> tuple[Call, ...]:
    """List the state calls in the form a source knows, found out with the first of them."""
    hashed = state_calls(plan, by_hash(pin.header.block_hash))
    numbered = state_calls(plan, by_number(pin.header.height))
    if hashed and source.ask(hashed[:1])[0].error in UNKNOWN_FORM:
        return hashed if source.ask(numbered[:1])[0].error else numbered
    return hashed


def _evidence(plan: ChainPlan, recorders: tuple[Recorder, ...]) -> ChainEvidence:
    return ChainEvidence(plan.chain.id, tuple(recorder.log() for recorder in recorders))
