"""Questions of proofs, in rounds: what one round answered decides what the next one asks. Pure.

A reader and a recheck both go through `in_rounds`, the one by asking the nodes first, the other by
looking into what was recorded. So an answer is heard only if the plan, given the answers before it,
asks the question: what else a recording holds is not looked at, and a question whose answer was
left out has none.

Rounds are few, because every one of them is a way to the node and back, and because nothing a proof
needs lies deeper: a contract, what it delegates to, and the accounts it names.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains import quorum
from chains.evm.attempt import decode_attempt
from chains.evm.calls import State, decode_code
from chains.evm.inclusion import inclusion_vote
from chains.evm.movement import Reach, movement_vote
from chains.evm.state import question_call, tells_state
from chains.evm.voices import WRONG_STATE, say_code
from chains.quorum import Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import ChainPlan, Json
    from chains.evm.calls import Header
    from chains.evm.pin import Settled
    from chains.evm.voices import Voice
    from chains.snapshot import Answer, Question

ROUNDS = 3
"""Which contract it is; what it says of itself; what lies at the addresses that it names."""


def in_rounds(
    plan: ChainPlan, hear: Callable[[tuple[Question, ...]], Sequence[Answer]]
) -> tuple[Answer, ...]:
    """Give the answers to a plan's questions, round by round.

    Args:
        plan: what to ask first, and what to ask next.
        hear: gives the answers to a round's questions, as many as there are; called at most
            `ROUNDS` times, each time with questions that were not asked before.
    """
    answers: dict[Question, Answer] = {}
    asked: dict[Question, None] = {}
    wanted = plan.questions
    for _ in range(ROUNDS):
        fresh = tuple(dict.fromkeys(question for question in wanted if question not in asked))
        if not fresh:
            break
        asked.update(dict.fromkeys(fresh))
        answers.update((answer.question, answer) for answer in hear(fresh))
        wanted = plan.further({question: answer.value for question, answer in answers.items()})
    return tuple(answers.values())


def agreed_answers(
    plan: ChainPlan, settled: Settled, voices: tuple[Voice, ...], questions: tuple[Question, ...]
) -> tuple[Answer, ...]:
    """Give the answers on which the sources agree; a question without one is left out."""
    header, final = settled.header, settled.final

    def votes_on(question: Question) -> list[Vote[str]]:
        return [question_vote(plan, header, final, voice, question) for voice in voices]

    return quorum.agreed_answers(questions, votes_on, plan.quorum)


def question_vote(
    plan: ChainPlan, header: Header, final: int, voice: Voice, question: Question
) -> Vote[str]:
    """Give a source's vote on a question at a block.

    What an attempt says of its state must be the block's; from another state it counts for nothing.

    Args:
        plan: gives the chain and its tokens.
        header: the block.
        final: height up to which transactions after the block can be told.
        voice: the source.
        question: what is asked.
    """
    if question.chain == plan.chain.id and question.kind == "inclusion":
        return inclusion_vote(voice, header.height, question.subject)
    if question.chain == plan.chain.id and question.kind == "movement":
        return movement_vote(plan, voice, Reach(header.height, final), question.subject)
    call_at = partial(question_call, plan, question)
    if question.kind != "attempt":
        return voice.vote(call_at, decode_code, say_code)
    vote = voice.vote(call_at, partial(_attempt, tells_state(plan)), lambda found: found[1])
    if vote.value is None:
        return Vote(vote.source, vote.operator, None, vote.said)
    state, value = vote.value
    number = int(plan.chain.id.removeprefix("eip155:"))
    expected = State(header.height, header.parent_hash, number, header.time)
    if state not in (None, expected):
        return Vote(vote.source, vote.operator, None, WRONG_STATE)
    return Vote(vote.source, vote.operator, value, vote.said)


def _attempt(telling: bool, result: Json) -> tuple[State | None, str]:  # noqa: FBT001 - bound by partial
    return decode_attempt(result, telling=telling)
