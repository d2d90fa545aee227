"""From recorded evidence to a chain's snapshot: the pin, the balances, the coins. Pure.

The pin and the sources that speak for it are found in `voices`. For each address they must then
list the same coins, to the outpoint: the balance. Else it is a failed read.

An address that no coin pays is a real zero, because its script was asked for: in a scan, or by its
history. Coins are mapped by output script alone. The mempool is never included. Immature coinbase
stands apart. What lies after a stated last index is remarked on, and counted nowhere.

Nothing in evidence is trusted: a question that is missing silences its source, and one that is
recorded twice counts as a malformed answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.snapshot import Balance, ChainSnapshot, FailedRead
from chains.utxo.calls import scripts_of
from chains.utxo.coins import Listings
from chains.utxo.indexers import index_answers
from chains.utxo.pin import form_of
from chains.utxo.questions import answers_of
from chains.utxo.remarks import held_beyond, remarks_of
from chains.utxo.voices import hear
from chains.utxo.window import read_window
from config.caip import account_id

if TYPE_CHECKING:
    from chains.evidence import ChainEvidence, ChainPlan
    from chains.index import IndexedLog
    from chains.snapshot import Coin
    from chains.utxo.coins import Decided


def recheck(plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
    """Decode evidence into a snapshot.

    Args:
        plan: what was to be read; of its questions, those about transactions get answers here.
        evidence: what each source answered.

    Raises:
        ChainError: evidence or a source of another chain, or no pin on which enough agree.
        InputError: the plan names an address that is not one.
    """
    form, scripts = form_of(plan), scripts_of(plan)
    hearing = hear(plan, form, tuple(scripts.values()), _logs(plan, evidence))
    listings = Listings(plan, form, hearing.voices)
    balances: list[Balance] = []
    failures: list[FailedRead] = []
    coins: list[Coin] = []
    native = plan.chain.native
    # What lies after a stated last index comes behind the accounts.
    for account, script in zip(plan.accounts, scripts.values(), strict=False):
        decided = listings.decide(script)
        coins.extend(decided.coins)
        for asset in account.assets:
            holder, known = account_id(plan.chain.id, account.address), decided.known
            if asset != native:
                failures.append(FailedRead(holder, asset, "not_read", ()))
            elif isinstance(known, tuple):
                balances.append(Balance(holder, native, *known))
            else:
                failures.append(FailedRead(holder, native, known, _said(decided)))
    window = read_window(plan, form, scripts, hearing)
    return ChainSnapshot(
        hearing.pin,
        *(tuple(balances), tuple(failures), tuple(coins)),
        answers=answers_of(plan, form, tuple(scripts.values()), hearing),
        remarks=remarks_of(hearing, balances, window) + held_beyond(plan, scripts, listings),
        window_blocks=window.blocks,
        window=window.readings,
        flows=window.flows,
    )


def _logs(plan: ChainPlan, evidence: ChainEvidence) -> tuple[IndexedLog, ...]:
    """Index the logs of evidence that belongs to the plan."""
    if evidence.chain != plan.chain.id:
        raise ChainError(f"evidence is of {evidence.chain}, the plan is of {plan.chain.id}")
    names = [log.name for log in evidence.logs]
    if len(set(names)) != len(names):
        raise ChainError(f"evidence of {plan.chain.name} has two logs of one source: {names}")
    return tuple(index_answers(log) for log in evidence.logs)


def _said(decided: Decided) -> tuple[tuple[str, str], ...]:
    """Name each source and what it said."""
    return tuple((vote.source, vote.said) for vote in decided.votes)
