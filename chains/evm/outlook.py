"""Asking around the pin: nonces there, then balances and nonces at the window's two blocks.

Last of all comes what moved between the two, if addresses of others are planned.

It begins when the pin has been looked at for the last time, so that whatever a source does here
takes nothing from the pin; how a log is parted is said in `chains.evm.edges`. Blocks are asked for
as for the pin; state is asked only at a block that is known, in the form, by hash or by number, in
which a source was asked at the pin, and only of the sources that answered there to the end.

A source that gives nothing for a whole sweep, and might another time, is not asked further. One
that refuses all of the first sweep at a block has not that block's state, as nodes that keep no
old states, and is not asked for the rest of it. Nonces are that first sweep: unlike a token's
balance there is no account without one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.evm.calls import (
    MalformedAnswer,
    block_by_hash_call,
    block_hash_call,
    by_hash,
    by_number,
    decode_header,
)
from chains.evm.edges import edge_at, edges_of_flows, window_logs
from chains.evm.opening import block_time
from chains.evm.search import last_at_or_before
from chains.evm.state import holding_sweeps, nonce_sweeps
from chains.evm.transfer_search import ask_flows, search_of
from chains.sweep import silent, unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import ChainPlan, Surroundings, Sweep
    from chains.evm.calls import Block, Header
    from chains.evm.pin import Settled
    from chains.recording import Recorder


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be read around which pin."""

    plan: ChainPlan
    settled: Settled
    size: int
    """Calls in one sweep, the control call among them."""
    around: Surroundings


def ask_window(
    outlook: Outlook, recorders: Sequence[Recorder], live: Sequence[tuple[Recorder, Block]]
) -> None:
    """Ask for all of a window; nothing a source does makes it raise.

    Args:
        outlook: what goes for all of it.
        recorders: all sources of the chain, in declaration order.
        live: those that answered to the end at the pin, and how each wants the pin named.
    """
    plan, pin = outlook.plan, outlook.settled.header
    if plan.window is None or not plan.accounts:
        return
    asker = _Asker(outlook, recorders, {recorder: _naming(block) for recorder, block in live})
    asker.state(pin, tuple(asker.naming), asker.nonces)
    seen = {pin.height}
    times = {recorder: cache(partial(block_time, recorder)) for recorder in asker.naming}
    for moment in plan.window:
        height = asker.search(moment, times)
        if height is None or height in seen:
            continue
        seen.add(height)
        asker.block(height)
        logs = window_logs(outlook.settled, (recorder.log() for recorder in recorders))
        edge = edge_at(plan, outlook.settled, logs, moment)
        if edge is not None:
            voices = tuple(one for one in asker.naming if one.name in edge.voices)
            asker.state(edge.header, voices, asker.everything)
    if plan.others:
        asker.flows()


def _naming(block: Block) -> Callable[[Header], Block]:
    """Give how a source wants blocks named, by how it wants the pin named."""
    if isinstance(block, str):
        return lambda header: by_number(header.height)
    return lambda header: by_hash(header.block_hash)


@dataclass(slots=True)
class _Asker:
    """The sources that are still asked, and how each wants a block named."""

    outlook: Outlook
    recorders: Sequence[Recorder]
    naming: dict[Recorder, Callable[[Header], Block]]

    def nonces(self, block: Block) -> tuple[Sweep, ...]:
        """List the sweeps of all nonces at a block."""
        return nonce_sweeps(self.outlook.plan, block, self.outlook.size)

    def everything(self, block: Block) -> tuple[Sweep, ...]:
        """List the sweeps of all nonces, then of all balances at a block."""
        return (
            *self.nonces(block),
            *holding_sweeps(replace(self.outlook.plan, margin=()), block, self.outlook.size),
        )

    def search(self, moment: int, times: Mapping[Recorder, Callable[[int], int]]) -> int | None:
        """Find the block of a moment on the first source that shows its blocks.

        None if the chain begins later, if no block after it is final, or if no source shows it.
        """
        final = self.outlook.settled.final
        for recorder in self.naming:
            try:
                height = last_at_or_before(moment, final, times[recorder])
            except MalformedAnswer:
                continue
            return height if height is not None and height < final else None
        return None

    def block(self, height: int) -> None:
        """Ask every source for a block and the one after it, and for the block by its hash."""
        for recorder in tuple(self.naming):
            found, _ = recorder.ask([block_hash_call(height), block_hash_call(height + 1)])
            if found.error in AGAIN:
                del self.naming[recorder]
                continue
            try:
                header = decode_header(found.result)
            except MalformedAnswer:
                continue
            recorder.ask([block_by_hash_call(header.block_hash)])

    def state(
        self,
        header: Header,
        voices: tuple[Recorder, ...],
        sweeps_at: Callable[[Block], tuple[Sweep, ...]],
    ) -> None:
        """Ask sources for a block's state, then for the block once more."""
        stage = f"{self.outlook.plan.chain.name}: reading block {header.height} around the pin"
        for recorder in voices:
            sweeps = sweeps_at(self.naming[recorder](header))
            if self._swept(recorder, sweeps, stage):
                recorder.ask([block_hash_call(header.height)])
            else:
                del self.naming[recorder]

    def flows(self) -> None:
        """Ask every source that still answers what moved between accounts and others."""
        outlook, stage = self.outlook, f"{self.outlook.plan.chain.name}: reading transfers"
        logs = window_logs(outlook.settled, (recorder.log() for recorder in self.recorders))
        search = search_of(outlook.plan, *edges_of_flows(outlook.plan, outlook.settled, logs))
        if search is None:
            return
        for done, recorder in enumerate(self.naming):
            outlook.around.progress(stage, done, len(self.naming))
            if recorder.name in search.voices:
                ask_flows(search, recorder)

    def _swept(self, recorder: Recorder, sweeps: Sequence[Sweep], stage: str) -> bool:
        """Ask a source as much of a block's state as it has; tell whether it still answers."""
        done, total = 0, sum(len(sweep.subjects) for sweep in sweeps)
        for sweep in sweeps:
            column = recorder.sweep(sweep)
            if silent(column):
                return False
            if not done and unanswered(column) and all(one.error for one in column.lead):
                break
            done += len(sweep.subjects)
            self.outlook.around.progress(f"{stage}, {recorder.name}", done, total)
        return True
