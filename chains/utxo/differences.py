"""How a verifier's own reading differs from a statement, and what both name coins by. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.movement import confirms
from chains.utxo.calls import scripts_of
from config.caip import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chains.evidence import ChainPlan
    from chains.quorum import Vote
    from chains.snapshot import ChainSnapshot, Coin, Question

Difference: TypeAlias = tuple[Literal["balance_mismatch", "answer_mismatch", "not_read_again"], str]

NAMED = 20
"""Differences that are named; a statement with more of them is not worth a longer list."""

SHOWN = 60
"""How much of a value is shown: an answer may list thousands of outputs."""


def outpoint_of(coin: Coin) -> tuple[str, int]:
    """Give what names a coin."""
    return coin.txid, coin.vout


def name_of(outpoint: tuple[str, int]) -> str:
    """Write it for people."""
    return f"{outpoint[0]}:{outpoint[1]}"


def unlike_answers(
    stated: ChainSnapshot, vote_on: Callable[[Question], Vote[str]]
) -> Iterator[Difference]:
    """Compare the stated answers about transactions with a source's word on each.

    Args:
        stated: the statement's answers.
        vote_on: gives the word on a question.
    """
    for answer in stated.answers:
        txid = answer.question.subject
        vote = vote_on(answer.question)
        if vote.value is None:
            yield "not_read_again", f"transaction {txid}: {vote.said}"
        elif not confirms(answer.value, vote.value):
            said = f"statement {answer.value[:SHOWN]}, source {vote.value[:SHOWN]}"
            yield "answer_mismatch", f"transaction {txid}: {said}"


def unread_scripts(plan: ChainPlan, stated: ChainSnapshot) -> frozenset[str]:
    """Give the scripts of the addresses whose coins the statement does not know."""
    native = plan.chain.native
    unread = {address_of(one.account) for one in stated.failures if one.asset == native}
    return frozenset(script for address, script in scripts_of(plan).items() if address in unread)
