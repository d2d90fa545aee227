"""Reading a statement's coins again from a verifier's own sources: every one of them is asked.

A node of the Bitcoin Core family scans today's tip, and the blocks since the pin are undone
(`chains.utxo.undoing`). An index server replays histories at the recorded pin, however old that is:
of each address it must give exactly the stated coins. Answers about transactions are asked again.

What the statement calls unread is compared with nothing, and flows around the pin are not read
again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import SourceLog
from chains.index import index_log
from chains.utxo.calls import scripts_of
from chains.utxo.coins import coin_vote, list_coins
from chains.utxo.desk import Desk
from chains.utxo.differences import NAMED, name_of, outpoint_of, unlike_answers, unread_scripts
from chains.utxo.history.reach import Span
from chains.utxo.indexers import INDEXERS
from chains.utxo.past import tip_vote
from chains.utxo.pin import form_of
from chains.utxo.questions import VOTES, answer_vote
from chains.utxo.replaying import ask_histories, ask_traces, greet
from chains.utxo.task import Task
from chains.utxo.tracing import heights_of, traced_txids
from chains.utxo.transactions import ask_transactions, told_by_node
from chains.utxo.undoing import compare_with_tip
from chains.utxo.voices import history_vote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.quorum import Vote
    from chains.snapshot import ChainSnapshot, Coin, Question
    from chains.utxo.differences import Difference
    from chains.utxo.history.voice import HistoryVoice


def compare_coins(
    plan: ChainPlan, stated: ChainSnapshot, sources: Sequence[Source], around: Surroundings
) -> tuple[Difference, ...]:
    """Compare the stated coins with the word of each of the verifier's sources.

    Returns:
        What differs, or was not read again, up to a limit; with the source's name if there are
        several.
    """
    found: list[Difference] = []
    for source in sources:
        name = f"{source.name}: " if len(sources) > 1 else ""
        try:
            met = _compare(plan, stated, source, around)
        except ChainError as fault:
            met = (("not_read_again", fault.what),)
        found += [(code, f"{name}{detail}") for code, detail in met[:NAMED]]
    return tuple(found[:NAMED])


def _compare(
    plan: ChainPlan, stated: ChainSnapshot, source: Source, around: Surroundings
) -> tuple[Difference, ...]:
    if source.protocol not in INDEXERS:
        return (
            *(compare_with_tip(plan, stated, source, around) if plan.accounts else ()),
            *_compare_answers(plan, stated, source),
        )
    return _compare_with_history(plan, stated, source, around)


def _compare_answers(plan: ChainPlan, stated: ChainSnapshot, node: Source) -> Iterator[Difference]:
    """Ask a node again for the transactions that the statement has answers about."""
    questions = tuple(answer.question for answer in stated.answers)
    asked = ask_transactions(replace(plan, questions=questions), node)
    log = index_log(SourceLog(node.name, node.operator, asked, node.protocol))

    def vote_on(question: Question) -> Vote[str]:
        told = told_by_node(log, question.subject)
        return VOTES[question.kind](plan.chain, told, stated.pin.height)

    return unlike_answers(stated, vote_on)


def _compare_with_history(
    plan: ChainPlan, stated: ChainSnapshot, source: Source, around: Surroundings
) -> tuple[Difference, ...]:
    """Compare with what a server's histories come to at the recorded pin; raise ChainError."""
    questions = tuple(answer.question for answer in stated.answers)
    form, scripts = form_of(plan), tuple(scripts_of(replace(plan, margin=())).values())
    vote = _replayed(replace(plan, questions=questions), stated.pin.height, source, around)
    voice = vote.value
    if voice is None:
        return (("not_read_again", f"block {stated.pin.height}: {vote.said}"),)
    if voice.scan.block_hash != stated.pin.block_hash:
        met = f"block {stated.pin.height} is {voice.scan.block_hash}"
        return (("not_read_again", f"{met}, statement {stated.pin.block_hash}"),)
    heights = heights_of(form, scripts, voice, traced_txids(questions))

    def vote_on(question: Question) -> Vote[str]:
        return answer_vote(plan.chain, voice, heights, stated.pin.height, question)

    return (*_compared(plan, stated, voice), *unlike_answers(stated, vote_on))


def _compared(plan: ChainPlan, stated: ChainSnapshot, voice: HistoryVoice) -> Iterator[Difference]:
    """Compare address by address."""
    form, unread, listing = form_of(plan), unread_scripts(plan, stated), list_coins(voice)
    at_pin: dict[str, list[Coin]] = {}
    for coin in stated.coins:
        at_pin.setdefault(coin.script, []).append(coin)
    for address, script in scripts_of(replace(plan, margin=())).items():
        own = at_pin.pop(script, [])
        told = coin_vote(plan.chain.id, form, listing, script)
        if script in unread:
            continue
        if told.value is None:
            yield "not_read_again", f"{address}: {told.said}"
        else:
            yield from _unlike(own, told.value)
    # A coin of any other script is nobody's here.
    for coins in at_pin.values():
        yield from _unlike(coins, ())


def _replayed(
    plan: ChainPlan, height: int, source: Source, around: Surroundings
) -> Vote[HistoryVoice]:
    """Ask a server for histories and answers, and replay at a height; raise ChainError."""
    alone = replace(plan, quorum=1, confirmations=1, window=None, margin=())
    task = Task(alone, form_of(alone), tuple(scripts_of(alone).values()), around)
    desk = Desk(source)
    greet(task, desk)
    tip = tip_vote(desk.log())
    if tip.value is None or tip.value < height:
        raise ChainError(f"block {height} is not known, the chain's end is {tip.said}")
    span = Span(height, min(tip.value, height + plan.confirmations))
    if ask_histories(task, desk, (span,)):
        ask_traces(task, desk, span)
    return history_vote(task.form, task.scripts, span, desk.log())


def _unlike(stated: Sequence[Coin], told: Sequence[Coin]) -> Iterator[Difference]:
    """Name every coin of an address that only one side has, or that both have otherwise."""
    own = {outpoint_of(coin): coin for coin in stated}
    met = {outpoint_of(coin): coin for coin in told}
    for outpoint in sorted(own.keys() | met.keys()):
        name = name_of(outpoint)
        if outpoint not in own:
            yield "balance_mismatch", f"coin {name} is not in the statement"
        elif outpoint not in met:
            yield "balance_mismatch", f"coin {name} was not unspent at the pin"
        elif own[outpoint] != met[outpoint]:
            yield "balance_mismatch", f"coin {name} differs from the server's"
