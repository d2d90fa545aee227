"""Reading an EVM chain: asks every source what a plan needs, at one block, and gives the evidence.

It decodes nothing on its own: what the sources said is judged by the functions `recheck` uses. Each
reading opens with chain id and tips, finds the pin, asks the whole state at it by hash, then for
state proofs, and ends with the pin's block once more. A block that changed, or sources that differ,
start the reading over, a bounded number of times. The evidence returned is of the final reading
alone. What lies around the pin is asked last of all, and starts nothing over.

Which balances are to be proved follows from what the sources said of them, as `recheck` will hear
it: neither the proofs nor the last look at the pin change a vote of a source that is still there.

Nodes that do not know EIP-1898 refuse a block named by hash; they are asked by number, and rely on
the last look at the pin. A node that ignores the block it was given and answers with its latest
state is caught by the control call ahead of each sweep (`chains.evm.state`) or by a proof.

Sources are asked in turn, in chunks. One that gave nothing for a whole chunk is not asked further:
waiting for it again and again would lose the pin for the others, since nodes keep old state for
minutes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.evidence import ChainEvidence
from chains.evm.answers import agreed_answers, in_rounds
from chains.evm.bounds import Bounded
from chains.evm.calls import block_hash_call, by_hash, by_number
from chains.evm.hearing import hear
from chains.evm.nodes import NodeSpool
from chains.evm.opening import open_pin
from chains.evm.outlook import Outlook, ask_window
from chains.evm.pin import settle_pin
from chains.evm.prover import Task, prove
from chains.evm.recheck import seed_of
from chains.evm.selection import balances_to_prove
from chains.evm.state import (
    holding_sweeps,
    probe_sweeps,
    question_calls,
    readable_assets,
    token_calls,
)
from chains.evm.transactions import ask_transactions
from chains.evm.voices import voice_of
from chains.evm.witness import UnsettledPin
from chains.index import index_log
from chains.recording import Recorder
from chains.sweep import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, ChainPlan, Source, Surroundings
    from chains.evm.calls import Block
    from chains.evm.hearing import Hearing
    from chains.evm.pin import Settled
    from chains.snapshot import Answer, Pin, Question

READINGS = 4
"""How often a reading is started before sources that differ are an error."""

READING_PAUSE = 3.0
"""Seconds before the second reading, doubled for each later one: two slots of a fast chain."""

CHUNK = 1000
"""State calls asked of one source before the next source has its turn, and in one request if the
source takes as many."""

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
    recorders = tuple(Recorder(Bounded(source)) for source in sources)
    around.progress(f"{plan.chain.name}: finding the pin", 0, 0)
    opening = open_pin(plan, recorders)
    standing = tuple(recorder for recorder in recorders if recorder.name in opening.voices)
    live = _read_state(plan, opening, standing, around)
    nodes = _prove(plan, opening, recorders, live, around)
    for recorder in standing:
        recorder.ask([block_hash_call(opening.header.height)])
    logs = tuple(recorder.log() for recorder in recorders)
    evidence = ChainEvidence(plan.chain.id, logs, nodes)
    closing = settle_pin(plan, evidence)
    lost = [recorder.name for recorder, _ in live if recorder.name not in closing.voices]
    if lost:
        height = opening.header.height
        raise UnsettledPin(f"source {lost[0]} no longer gives block {height} of {plan.chain.id}")
    ask_window(Outlook(plan, closing, CHUNK, around), recorders, live)
    return replace(evidence, logs=tuple(recorder.log() for recorder in recorders))


def _read_state(
    plan: ChainPlan, pin: Settled, recorders: tuple[Recorder, ...], around: Surroundings
) -> tuple[tuple[Recorder, Block], ...]:
    """Ask every state call of every source.

    Returns:
        The sources that answered to the end, and how each wants the pin named.
    """
    blocks = {recorder: naming_of(plan, pin.pin, recorder.source) for recorder in recorders}
    sweeps = {recorder: holding_sweeps(plan, block, CHUNK) for recorder, block in blocks.items()}
    total = sum(len(sweep.subjects) for sweep in next(iter(sweeps.values()), ()))
    for recorder, block in blocks.items():
        ask_singles(token_calls(plan, block), recorder)
    _ask_questions(plan, pin, blocks)
    live, done = list(recorders), 0
    for number, first in enumerate(next(iter(sweeps.values()), ())):
        for recorder in tuple(live):
            column = recorder.sweep(sweeps[recorder][number])
            if silent(column):
                live.remove(recorder)
        done += len(first.subjects)
        around.progress(f"{plan.chain.name}: reading balances", done, total)
    return tuple((recorder, blocks[recorder]) for recorder in live)


def _prove(
    plan: ChainPlan,
    opening: Settled,
    recorders: tuple[Recorder, ...],
    live: tuple[tuple[Recorder, Block], ...],
    around: Surroundings,
) -> bytes | memoryview:
    """Ask for the proofs of the chosen balances; give their nodes as the file of a store."""
    root = opening.header.state_root
    if root is None or not live:
        return b""

    @cache
    def heard() -> Hearing:
        logs = tuple(index_log(recorder.log()) for recorder in recorders)
        voices = tuple(recorder.name for recorder, _ in live)
        return hear(plan, replace(opening, logs=logs, voices=voices))

    wanted = balances_to_prove(plan, lambda *pair: heard().units(*pair), seed_of(plan, opening))
    contracts = {
        asset: contract
        for asset, contract in readable_assets(plan).items()
        if contract is not None and plan.slot(asset) is not None
    }
    with around.scratch() as file, around.scratch() as store:
        spool = NodeSpool(file)
        prove(Task(plan, root, contracts, spool, around), wanted, live)
        if not len(spool):
            return b""
        spool.write(store)
        return around.view(store)


def _ask_questions(plan: ChainPlan, pin: Settled, blocks: dict[Recorder, Block]) -> None:
    """Ask every source what proofs need to hear, round by round."""

    def hear(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        for recorder, block in blocks.items():
            ask_singles(question_calls(plan, questions, block), recorder)
            ask_transactions(questions, plan.chain.id, pin.final, recorder)
        logs = tuple(index_log(recorder.log()) for recorder in blocks)
        voices = tuple(voice_of(plan, log, pin, {}) for log in logs)
        return agreed_answers(plan, pin, voices, questions)

    in_rounds(plan, hear)


def ask_singles(calls: Sequence[Call], recorder: Recorder) -> None:
    """Ask what is not a balance, up to a chunk to which there is no answer at all."""
    for at in range(0, len(calls), CHUNK):
        exchanges = recorder.ask(calls[at : at + CHUNK])
        if all(exchange.error in AGAIN for exchange in exchanges):
            return


def naming_of(plan: ChainPlan, pin: Pin, source: Source) -> Block:
    """Give the way of naming the pin that a source knows, found out with one balance."""
    hashed, numbered = by_hash(pin.block_hash), by_number(pin.height)
    refused = _errors(plan, hashed, source)
    if refused and refused <= UNKNOWN_FORM and not _errors(plan, numbered, source):
        return numbered
    return hashed


def _errors(plan: ChainPlan, block: Block, source: Source) -> set[str]:
    """Give the errors to one balance of a plan."""
    return {code for sweep in probe_sweeps(plan, block) for _, code in source.sweep(sweep).errors}
