"""Asking servers that index by script: their histories, and all that is needed to replay them.

1. Each server is asked which chain it follows and where that ends.
2. The blocks to read at are found by their times (`chains.utxo.past`). A block that is not deep
   enough yet is waited for.
3. All must name one block at the pin's height. If they differ, everything starts over.
4. Histories are asked in sweeps, and what follows from them at once, as much as a server takes on
   its way; nothing is asked one by one.
5. If addresses of others are planned: the transactions that the window's spend, which show whose
   coins came.
6. What histories do not show of the transactions of a plan's questions is asked for
   (`chains.utxo.tracing`).
6. The block at the pin's height is asked for again, as the last question. If it changed, everything
   starts over.

What a server does not answer is a failed read of the scripts that it is about, and never a zero.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.utxo.calls import scripts_of
from chains.utxo.counterparties import passage_of, previous_txids
from chains.utxo.depth import wait_for_tips
from chains.utxo.desk import MAX_ROUNDS, Desk, portions
from chains.utxo.history.reach import Span
from chains.utxo.past import find_height, find_spans, lowest_tip, require_tip, tip_vote
from chains.utxo.tracing import missing_traces, traced_txids
from chains.utxo.transactions import questions_of
from chains.utxo.voices import history_vote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Source, SourceLog
    from chains.index import IndexedLog
    from chains.utxo.answers import Scan
    from chains.utxo.past import Spans
    from chains.utxo.task import Task

MAX_STARTS = 5
"""Readings begun before giving up because the servers named different blocks each time."""

START_SECONDS = 15.0
"""Pause between them: blocks travel between servers in seconds."""


def replay_all(task: Task, servers: Sequence[Source], scan: Scan | None) -> tuple[SourceLog, ...]:
    """Ask every server for what a replay at the pin needs.

    Args:
        task: what to read.
        servers: whom to ask.
        scan: what nodes found, whose block is the pin; None without nodes.

    Raises:
        ChainError: a server follows another chain, the servers do not agree on a block, or none is
            deep enough within the limits.
    """
    for _ in range(MAX_STARTS):
        desks = tuple(Desk(source) for source in servers)
        if _replayed(task, desks, scan):
            return tuple(desk.recorder.log() for desk in desks)
        task.around.pause(START_SECONDS)
    said = ", ".join(f"{desk.name} is at {tip_vote(desk.log()).said}" for desk in desks)
    raise ChainError(
        f"{task.name}: sources name different blocks in each of {MAX_STARTS} readings: {said}",
        "compare the sources: one of them may be on a branch of its own",
    )


def _replayed(task: Task, desks: tuple[Desk, ...], scan: Scan | None) -> bool:
    """Read once; give whether the block at the pin's height was one and the same throughout."""
    for desk in desks:
        greet(task, desk)
    spans = _spans(task, desks, scan)
    height, pinned = spans.pin.pin, set() if scan is None else {scan.block_hash}
    if not _is_one_block(desks, height, pinned):
        return False
    speaking = tuple(desk for desk in desks if desk.blocks_at(height))
    for desk in speaking:
        if ask_histories(task, desk, spans.all):
            ask_previous(task, desk, spans)
            ask_traces(task, desk, spans.pin)
    return _is_one_block(speaking, height, pinned)


def greet(task: Task, desk: Desk) -> None:
    """Ask which chain a server follows, and where that ends; raise ChainError if it is another."""
    anything, histories = Span(0, 0), desk.indexer.histories
    calls = histories.missing(task.form, (), anything, desk.log())
    desk.recorder.ask((*calls, desk.indexer.tip_call))
    histories.missing(task.form, (), anything, desk.log())


def _spans(task: Task, desks: tuple[Desk, ...], scan: Scan | None) -> Spans:
    """Find the blocks to read at, waiting for depth if need be."""
    plan, tellers = task.plan, tuple(desk.time_of for desk in desks)
    wanted = None if scan is None else scan.height
    if scan is None and plan.as_of is not None:
        tip = require_tip(plan, tuple(desk.log() for desk in desks))
        _, wanted = find_height(plan.as_of, tip, tellers)
    if wanted is not None:
        recorders = tuple(desk.recorder for desk in desks)
        wait_for_tips(task, recorders, wanted, required=scan is None)
    logs = tuple(desk.log() for desk in desks)
    if scan is not None:
        return find_spans(plan, lowest_tip(logs), scan.height, tellers)
    return find_spans(plan, require_tip(plan, logs), None, tellers)


def _is_one_block(desks: tuple[Desk, ...], height: int, pinned: set[str]) -> bool:
    """Ask for the block at a height; give whether all that told it, told one and the same."""
    for desk in desks:
        desk.recorder.ask((desk.indexer.hash_call(height),))
    return len(pinned.union(*(desk.blocks_at(height) for desk in desks))) <= 1


def ask_histories(task: Task, desk: Desk, spans: Sequence[Span]) -> bool:
    """Ask until nothing is missing of some blocks, or the server is not worth asking further.

    Returns:
        Whether it still is.

    Raises:
        ChainError: the server follows another chain.
    """
    what = f"{task.name}: reading histories from {desk.name}"
    missing = desk.indexer.histories.missing
    return all(
        _ask_all(task, desk, what, partial(missing, task.form, task.scripts, span))
        for span in spans
    )


def ask_previous(task: Task, desk: Desk, spans: Spans) -> None:
    """Ask for what the window's transactions spend, if it is looked for whose coins came."""
    if spans.before is None or not task.plan.others:
        return
    end = spans.after or spans.pin
    voice = history_vote(task.form, task.scripts, end, desk.log()).value
    if voice is None:
        return
    passage = passage_of(task.plan, scripts_of(task.plan), voice, spans.before.pin)
    txids = previous_txids(passage)
    calls = desk.indexer.histories.missing_transactions(txids, desk.log())
    if calls:
        _ask_round(task, desk, f"{task.name}: reading what was spent from {desk.name}", calls)


def ask_traces(task: Task, desk: Desk, span: Span) -> None:
    """Ask for what histories do not show of the transactions of a plan's questions."""
    txids = traced_txids(questions_of(task.plan))
    what = f"{task.name}: tracing transactions on {desk.name}"
    _ask_all(task, desk, what, partial(missing_traces, task.form, task.scripts, span, txids))


def _ask_all(
    task: Task, desk: Desk, what: str, missing: Callable[[IndexedLog], Sequence[Call]]
) -> bool:
    """Ask until nothing is missing; give whether the server is worth asking further."""
    for _ in range(MAX_ROUNDS):
        calls = missing(desk.log())
        if not calls:
            break
        if not _ask_round(task, desk, what, calls):
            return False
    return True


def _ask_round(task: Task, desk: Desk, what: str, calls: Sequence[Call]) -> bool:
    """Ask one round of questions; give whether the server is worth asking further."""
    cut = tuple(portions(desk.indexer, calls))
    done, total = 0, sum(size for _, size in cut)
    for portion, size in cut:
        if not desk.ask(portion):
            return False
        done += size
        task.around.progress(what, done, total)
    return True
