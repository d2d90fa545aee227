"""How a reading begins: sources are asked where their chain ends, and for the block to pin.

With a moment the pin is searched on one source, since block times are its own blocks' affair; every
source is then asked for the block that was found, and for the one after it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import ChainEvidence
from chains.evm.calls import MalformedAnswer, block_by_hash_call, block_hash_call, decode_header
from chains.evm.pin import settle_pin
from chains.evm.search import last_at_or_before
from chains.evm.tip import final_height, tip_calls, tip_of
from chains.evm.witness import block_at
from chains.index import index_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ChainPlan
    from chains.evm.pin import Settled
    from chains.recording import Recorder


def open_pin(plan: ChainPlan, recorders: Sequence[Recorder]) -> Settled:
    """Ask for tips and find the pin; all of it is recorded, so that it can be asked again.

    Raises:
        UnsettledPin: the sources differ for now.
        ChainError: a source is on another chain, or no pin can be made.
    """
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
    logs = tuple(recorder.log() for recorder in recorders)
    return settle_pin(plan, ChainEvidence(plan.chain.id, logs))


def block_time(recorder: Recorder, height: int) -> int:
    """Ask a source for a block's time, in Unix seconds; raise MalformedAnswer if it tells none."""
    return decode_header(recorder.ask([block_hash_call(height)])[0].result).time


def _search(plan: ChainPlan, as_of: int, final: int, recorders: list[Recorder]) -> int:
    """Find the last final block at or before `as_of` on the first source that shows its blocks."""
    for recorder in recorders:
        try:
            height = last_at_or_before(as_of, final, partial(block_time, recorder))
        except MalformedAnswer:
            continue
        if height is None:
            raise ChainError(f"{plan.chain.id} begins after {as_of} (unix seconds)")
        return height
    raise ChainError(f"no source of {plan.chain.id} shows the times of its blocks")
