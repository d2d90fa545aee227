"""What chains said, as far as proofs ask for it, indexed once for all claims."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config.caip import account_id, address_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.snapshot import ChainSnapshot, Coin, Question, Snapshot
    from config.caip import AccountId, ChainId


@dataclass(frozen=True, slots=True)
class Facts:
    """What was declared and what the chains said of it."""

    same_key: Mapping[str, tuple[AccountId, ...]]
    """The declared accounts of an address on every EVM chain, by the address."""
    codes: Mapping[AccountId, str]
    """An account's code at the pin, 0x hex; an account that is not here was not heard of."""
    answers: Mapping[Question, str]
    """What the chains answered to all questions, codes too."""
    reads: Mapping[ChainId, ChainSnapshot]
    """Each chain at its pin, with its coins and without what no proof asks for."""
    coins: Mapping[tuple[ChainId, str, int], Coin]
    """Coins unspent at the pin, by chain, transaction and output."""


def gather(accounts: Iterable[AccountId], snapshot: Snapshot) -> Facts:
    """Index what was declared and read."""
    same_key: dict[str, list[AccountId]] = {}
    for account in accounts:
        if account.startswith("eip155:"):
            same_key.setdefault(address_of(account), []).append(account)
    answers = {
        answer.question: answer.value for chain in snapshot.chains for answer in chain.answers
    }
    return Facts(
        same_key={address: tuple(known) for address, known in same_key.items()},
        codes={
            account_id(question.chain, question.subject): value
            for question, value in answers.items()
            if question.kind == "code"
        },
        answers=answers,
        reads={
            # Facts travel to every process that checks claims, and balances are many.
            chain.pin.chain: replace(chain, balances=(), failures=(), window=())
            for chain in snapshot.chains
        },
        coins={
            (coin.chain, coin.txid, coin.vout): coin
            for chain in snapshot.chains
            for coin in chain.coins
        },
    )
