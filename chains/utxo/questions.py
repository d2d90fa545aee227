"""Questions about transactions of the Bitcoin family: what each source answers, and what all do.

Pure. A node is heard by what it was asked (`chains.utxo.transactions`), an index server by the
histories that it proved at the pin. What moved after the pin stands in the histories that it proved
at the last block of the plan's window; without a window a server says nothing of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.quorum import Vote, agreed_answers
from chains.utxo.history.voice import HistoryVoice
from chains.utxo.inclusion import inclusion_vote
from chains.utxo.movement import movement_vote
from chains.utxo.transactions import questions_of, told_by_history, told_by_node
from chains.utxo.voices import history_vote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import ChainPlan
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
    later: dict[str, HistoryVoice] = {}
    if any(question.kind == "movement" for question in questions):
        later = _heard_later(form, scripts, hearing)

    def votes_on(question: Question) -> list[Vote[str]]:
        return [
            answer_vote(plan.chain, voice, later.get(voice.log.name), height, question)
            for voice in hearing.voices
        ]

    return agreed_answers(questions, votes_on, plan.quorum)


def answer_vote(
    chain: Chain, voice: AnyVoice, later: HistoryVoice | None, pinned: int, question: Question
) -> Vote[str]:
    """Give a source's answer to a question about a transaction.

    Args:
        chain: the chain.
        voice: the source at the pin.
        later: the same source at a block above the pin, if it was heard there.
        pinned: the pin's height.
        question: of a kind in VOTES.
    """
    txid = question.subject
    if not isinstance(voice, HistoryVoice):
        return VOTES[question.kind](chain, told_by_node(voice.log, txid), pinned)
    told = told_by_history(voice, txid)
    if told.value is None and later is not None and question.kind == "movement":
        told = told_by_history(later, txid)
    return VOTES[question.kind](chain, told, pinned)


def _heard_later(
    form: UtxoFormat, scripts: tuple[str, ...], hearing: Hearing
) -> dict[str, HistoryVoice]:
    """Hear the index servers at the window's last block; those that say nothing are left out."""
    last = None if hearing.spans is None else hearing.spans.after
    if last is None:
        return {}
    servers = (voice.log for voice in hearing.voices if isinstance(voice, HistoryVoice))
    votes = (history_vote(form, scripts, last, log) for log in servers)
    return {vote.source: vote.value for vote in votes if vote.value is not None}
