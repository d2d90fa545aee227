"""Questions about transactions of the Bitcoin family: what each source answers, and what all do.

Pure. A node is heard by what it was asked (`chains.utxo.transactions`), an index server by the
histories that it proved at the pin; of movements by what it was asked besides, too
(`chains.utxo.tracing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.quorum import agreed_answers
from chains.utxo.history.voice import HistoryVoice
from chains.utxo.inclusion import inclusion_vote
from chains.utxo.movement import movement_vote
from chains.utxo.tracing import heights_of, told_by_history, told_by_server, traced_txids
from chains.utxo.transactions import questions_of, told_by_node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import ChainPlan
    from chains.quorum import Vote
    from chains.snapshot import Answer, Question
    from chains.utxo.transactions import Told
    from chains.utxo.voices import AnyVoice, Hearing
    from config.registry import Chain, UtxoFormat

VOTES: Mapping[str, Callable[[Chain, Vote[Told], int], Vote[str]]] = {
    "inclusion": inclusion_vote,
    "movement": movement_vote,
}
"""By the kind of question: a source's answer, given what it tells of the transaction."""


def answers_of(
    plan: ChainPlan, form: UtxoFormat, scripts: tuple[str, ...], hearing: Hearing
) -> tuple[Answer, ...]:
    """Give the answers on which enough sources agree.

    Args:
        plan: the questions, and how many operators are asked for.
        form: the chain's rules.
        scripts: all output scripts of the plan in hex, in its order.
        hearing: the pin, and the sources that speak for it.
    """
    questions, height = questions_of(plan), hearing.pin.height
    txids = traced_txids(questions)
    heights = {
        voice.log.name: heights_of(form, scripts, voice, txids)
        for voice in hearing.voices
        if txids and isinstance(voice, HistoryVoice)
    }

    def votes_on(question: Question) -> list[Vote[str]]:
        return [
            answer_vote(plan.chain, voice, heights.get(voice.log.name, {}), height, question)
            for voice in hearing.voices
        ]

    return agreed_answers(questions, votes_on, plan.quorum)


def answer_vote(
    chain: Chain,
    voice: AnyVoice,
    heights: Mapping[str, Vote[int]],
    pinned: int,
    question: Question,
) -> Vote[str]:
    """Give a source's answer to a question about a transaction.

    Args:
        chain: the chain.
        voice: the source at the pin.
        heights: of an index server, from `chains.utxo.tracing.heights_of`.
        pinned: the pin's height.
        question: of a kind in VOTES.
    """
    txid = question.subject
    if not isinstance(voice, HistoryVoice):
        told = told_by_node(voice.log, txid)
    elif question.kind == "movement":
        told = told_by_server(voice, heights, txid)
    else:
        told = told_by_history(voice, txid)
    return VOTES[question.kind](chain, told, pinned)
