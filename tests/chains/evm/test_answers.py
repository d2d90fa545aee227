"""Rounds of questions: what is asked when, by reader and recheck alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Exchange
from chains.evm.answers import ROUNDS, in_rounds
from chains.evm.attempt import attempt_call
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.recorded import recorded_sources
from chains.evm.rereading import compare_balances
from chains.snapshot import Answer, Question
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, CHAIN, COIN, FakeChain, World, plan_of
from tests.chains.evm.fakenodes import nodes, reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import ChainPlan

FIRST = Question(CHAIN.id, "attempt", f"{COIN} 0x01")
NEXT = Question(CHAIN.id, "code", BOB)
LAST = Question(CHAIN.id, "attempt", f"{BOB} 0x02")
OTHER = Question(CHAIN.id, "attempt", f"{CAROL} 0x03")
GIVEN = {FIRST.subject: "01ff", LAST.subject: "00", OTHER.subject: "01"}


def follow(answers: Mapping[Question, str]) -> tuple[Question, ...]:
    """Ask NEXT once FIRST succeeded, and LAST once NEXT is known."""
    asked: tuple[Question, ...] = (FIRST,)
    if answers.get(FIRST, "").startswith("0x01"):
        asked += (NEXT,)
    if NEXT in answers:
        asked += (LAST,)
    return asked


PLAN = replace(plan_of(quorum=2, questions=(FIRST,)), further=follow)


def chain(**given: str) -> FakeChain:
    return FakeChain(attempts=GIVEN | {FIRST.subject: given.get("first", "01ff")})


def evidence_of(plan: ChainPlan, *chains: FakeChain) -> ChainEvidence:
    with nodes(*chains) as sources:
        return read(plan, sources, World().around)


def values(*answers: Answer) -> dict[Question, str]:
    return {answer.question: answer.value for answer in answers}


def test_each_round_follows_from_the_answers_before_it() -> None:
    met = reading(PLAN, chain(), chain())

    assert values(*met.answers) == {FIRST: "0x01ff", NEXT: "0x", LAST: "0x00"}
    assert {answer.sources for answer in met.answers} == {("node-1", "node-2")}


def test_a_refusal_leads_elsewhere() -> None:
    met = reading(PLAN, chain(first="00"), chain(first="00"))

    assert values(*met.answers) == {FIRST: "0x00"}


def test_what_the_sources_do_not_agree_on_leads_nowhere() -> None:
    assert reading(PLAN, chain(), chain(first="01fe")).answers == ()


def test_a_source_that_answers_from_another_block_is_not_heard() -> None:
    late = chain()
    late.state_height = 19

    assert reading(PLAN, late, late).answers == ()
    alone = reading(replace(PLAN, quorum=1), chain(), late)
    assert {answer.sources for answer in alone.answers if answer.question != NEXT} == {("node-1",)}


def test_rounds_are_bounded_and_ask_nothing_twice() -> None:
    asked: list[tuple[Question, ...]] = []

    def endless(answers: Mapping[Question, str]) -> tuple[Question, ...]:
        return (FIRST, Question(CHAIN.id, "code", f"{len(answers)}"))

    def hear(questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        asked.append(questions)
        return tuple(Answer(question, "0x", ()) for question in questions)

    met = in_rounds(replace(PLAN, questions=(FIRST, FIRST), further=endless), hear)

    assert len(asked) == ROUNDS
    every = [question for questions in asked for question in questions]
    assert len(set(every)) == len(every) == len(met) == ROUNDS


def test_no_question_is_no_round() -> None:
    assert in_rounds(plan_of(), lambda _questions: pytest.fail("asked")) == ()


def test_an_answer_nobody_asked_for_is_not_heard() -> None:
    evidence = evidence_of(PLAN, chain(), chain())
    call = attempt_call(OTHER.subject, {"blockHash": "0x"}, telling=True)
    assert call is not None
    logs = tuple(
        replace(log, entries=(*log.entries[:-1], Exchange(call, "0x01"), *log.entries[-1:]))
        for log in evidence.logs
    )

    assert recheck(PLAN, replace(evidence, logs=logs)) == recheck(PLAN, evidence)


def test_an_answer_that_was_left_out_takes_those_after_it_away() -> None:
    evidence = evidence_of(PLAN, chain(), chain())
    whole = values(*recheck(PLAN, evidence).answers)
    seen = set()
    for at in range(len(evidence.logs[0].entries)):
        logs = tuple(
            replace(log, entries=log.entries[:at] + log.entries[at + 1 :]) for log in evidence.logs
        )
        try:
            met = values(*recheck(PLAN, replace(evidence, logs=logs)).answers)
        except ChainError:
            continue
        assert met.items() <= whole.items()
        seen.add(len(met))

    assert seen == {0, 1, 2, 3}


def test_a_recording_gives_the_same_answers() -> None:
    evidence = evidence_of(PLAN, chain(), chain())
    again = read(PLAN, recorded_sources(evidence), World().around)

    assert again == evidence


def test_a_verifiers_node_is_asked_all_of_them_again() -> None:
    stated = reading(PLAN, chain(), chain())
    with nodes(chain()) as sources:
        assert compare_balances(PLAN, stated, sources, World().around) == ()
    with nodes(chain(first="00")) as sources:
        met = compare_balances(PLAN, stated, sources, World().around)

    said = f"attempt of {FIRST.subject}: statement 0x01ff, node 0x00"
    assert met == (("answer_mismatch", said),)


def test_accounts_of_a_plan_are_read_beside_its_questions() -> None:
    met = reading(replace(PLAN, accounts=plan_of(ALICE).accounts), chain(), chain())

    assert len(met.answers) == 3
    assert [balance.units for balance in met.balances] == [7, 500]
