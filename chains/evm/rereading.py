"""Reading a statement's balances again at its pin, from a verifier's own nodes.

The pin is known, so nothing is searched. A node must have the pinned block, with fields that hash
to its name where that is due, and is then asked what a reading asks: stated balances in sweeps
behind control calls, and the questions that were answered. What it says is judged as in a reading
(`chains.evm.voices`); each node must say what the statement says.

State proofs are not asked for again: those of the statement were checked without any node, and the
root they lead from is now the node's own word too. A proved balance that the node cannot give is
not read again all the same, and its detail says that the node has the block that proves it: the
level tells what a verifier's nodes have seen, and not what can be concluded.

Reading at the pin's own time instead, as a run does, was refused: on a chain of several blocks a
second a later block may have the same time, and another state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.errors import ChainError
from chains.evidence import PlannedAccount
from chains.evm.answers import question_vote
from chains.evm.bounds import Bounded
from chains.evm.calls import block_hash_call
from chains.evm.edges import Edge
from chains.evm.reader import CHUNK, ask_singles, naming_of
from chains.evm.state import (
    holding_sweeps,
    question_calls,
    readable_assets,
    subject_of,
    token_calls,
)
from chains.evm.tip import tip_calls, tip_of
from chains.evm.transactions import ask_transactions
from chains.evm.voices import voice_of
from chains.evm.witness import block_at
from chains.index import index_log
from chains.movement import confirms
from chains.recording import Recorder
from chains.sweep import silent
from config.caip import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.evm.calls import Header
    from chains.evm.voices import Voice
    from chains.index import IndexedLog, T
    from chains.quorum import Vote
    from chains.snapshot import ChainSnapshot, Pin
    from config.caip import AssetId

Code: TypeAlias = Literal["balance_mismatch", "answer_mismatch", "not_read_again"]

Difference: TypeAlias = tuple[Code, str]

NAMED = 20
"""Differences that are named; a statement with more of them is not worth a longer list."""

NAME = 100
"""How much of a question is shown: what a contract is asked may be many kilobytes too."""

SHOWN = 40
"""How much of a value is shown: code may be many kilobytes."""


def compare_balances(
    plan: ChainPlan, stated: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> tuple[Difference, ...]:
    """Compare every stated balance and answer with the word of each node at the pin.

    Args:
        plan: what was to be read; its slots are those of which the verifier knows that a proof of
            the word is a proof of the balance.
        stated: what the statement says was read.
        sources: the verifier's nodes, which were seen to have the pinned block.
        around: progress.

    Raises:
        ChainError: a stated value is of a kind that this version cannot ask for, or a node's block
            at the pin changed while it was asked.
    """
    again = _stated_plan(plan, stated)
    found = [item for source in sources for item in _compare(again, stated, source, around)]
    return tuple(found[:NAMED])


def _stated_plan(plan: ChainPlan, stated: ChainSnapshot) -> ChainPlan:
    """Give the plan of what a statement has a value for."""
    holders: dict[str, list[AssetId]] = {}
    for balance in stated.balances:
        holders.setdefault(address_of(balance.account), []).append(balance.asset)
    accounts = tuple(PlannedAccount(address, tuple(assets)) for address, assets in holders.items())
    questions = tuple(answer.question for answer in stated.answers)
    again = replace(plan, accounts=accounts, questions=questions, quorum=1, margin=())
    readable = readable_assets(again)
    for balance in stated.balances:
        if balance.asset not in readable:
            raise ChainError(f"{balance.account} {balance.asset}: this version cannot ask for it")
    return again


def _compare(
    plan: ChainPlan, stated: ChainSnapshot, source: Source, around: Surroundings
) -> list[Difference]:
    pin, recorder = stated.pin, Recorder(Bounded(source))
    if not stated.balances and not stated.answers:
        return []
    _ask(plan, pin, recorder, around)
    log = index_log(recorder.log())
    header = block_at(log, pin.height)
    if header is None or header.block_hash != pin.block_hash:
        return [("not_read_again", f"{source.name} no longer has block {pin.height}")]
    readable = readable_assets(plan)
    voice = voice_of(plan, log, Edge(header, (source.name,), (log,)), readable)
    return [*_answers(plan, stated, voice, header), *_balances(plan, stated, voice, header)]


def _ask(plan: ChainPlan, pin: Pin, recorder: Recorder, around: Surroundings) -> None:
    """Ask a node for the block, for everything in it, and for the block again."""
    recorder.ask([block_hash_call(pin.height)])
    block = naming_of(plan, pin, recorder.source)
    calls = (*token_calls(plan, block), *question_calls(plan, plan.questions, block))
    ask_singles(calls, recorder)
    if any(question.kind == "movement" for question in plan.questions):
        recorder.ask(tip_calls())
    top = _final(plan, index_log(recorder.log()), pin.height)
    ask_transactions(plan.questions, plan.chain.id, top, recorder)
    done, total = 0, sum(len(account.assets) for account in plan.accounts)
    for sweep in holding_sweeps(plan, block, CHUNK):
        if silent(recorder.sweep(sweep)):
            break
        done += len(sweep.subjects)
        around.progress(f"{plan.chain.name}: reading again", done, total)
    recorder.ask([block_hash_call(pin.height)])


def _answers(
    plan: ChainPlan, stated: ChainSnapshot, voice: Voice, header: Header
) -> Iterator[Difference]:
    final = _final(plan, voice.log, header.height)
    for answer in stated.answers:
        question = answer.question
        vote = question_vote(plan, header, final, voice, question)
        name = f"{question.kind} of {question.subject[:NAME]}"
        if vote.value is None or not confirms(answer.value, vote.value):
            yield from _difference("answer_mismatch", name, answer.value, vote)


def _final(plan: ChainPlan, log: IndexedLog, pinned: int) -> int:
    """Give the height up to which a node that has the pin is final."""
    tip = tip_of(plan, log)
    return pinned if tip is None else max(pinned, tip.final)


def _balances(
    plan: ChainPlan, stated: ChainSnapshot, voice: Voice, header: Header
) -> Iterator[Difference]:
    readable = readable_assets(plan)
    rooted = header.state_root is not None and header.state_root == stated.pin.state_root
    # A word is a token's balance only by a row, and a row that the plan has not is nobody's word.
    provable = {plan.chain.native, *(slot.asset for slot in plan.slots)} if rooted else set()
    for balance in stated.balances:
        subject = subject_of(readable[balance.asset], address_of(balance.account))
        vote = voice.balance(balance.asset, subject)
        name = f"{balance.account} {balance.asset}"
        proved = balance.evidence == "state_proof" and balance.asset in provable
        if vote.value is None and proved:
            yield "not_read_again", f"{name}: {vote.said}; proved by the node's own block"
        else:
            yield from _difference("balance_mismatch", name, balance.units, vote)


def _difference(code: Code, name: str, stated: T, vote: Vote[T]) -> Iterator[Difference]:
    if vote.value is None:
        yield "not_read_again", f"{name}: {vote.said}"
    elif vote.value != stated:
        said = f"statement {str(stated)[:SHOWN]}, node {str(vote.value)[:SHOWN]}"
        yield code, f"{name}: {said}"
