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
from chains.quorum import Agreement
from chains.snapshot import Balance, ChainSnapshot, Coin, FailedRead
from chains.utxo.calls import scripts_of
from chains.utxo.coins import Listings
from chains.utxo.indexers import index_answers
from chains.utxo.pin import form_of
from chains.utxo.remarks import held_beyond, remarks_of
from chains.utxo.voices import hear
from chains.utxo.window import read_window
from config.caip import account_id

if TYPE_CHECKING:
    from chains.evidence import ChainEvidence, ChainPlan, PlannedAccount
    from chains.index import IndexedLog
    from chains.quorum import Vote
    from chains.snapshot import FailureReason
    from config.caip import AssetId


def recheck(plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
    """Decode evidence into a snapshot.

    Args:
        plan: what was to be read; its questions have no meaning on this family and get no answers.
        evidence: what each source answered.

    Raises:
        ChainError: evidence or a source of another chain, or no pin on which enough agree.
        InputError: the plan names an address that is not one.
    """
    form = form_of(plan)
    logs = _logs(plan, evidence)
    scripts = scripts_of(plan)
    hearing = hear(plan, form, tuple(scripts.values()), logs)
    listings = Listings(plan, form, hearing.voices)
    balances: list[Balance] = []
    failures: list[FailedRead] = []
    coins: list[Coin] = []
    native = plan.chain.native
    for account in plan.accounts:
        decided = listings.decide(scripts[account.address])
        agreement = decided.agreement
        if isinstance(agreement, Agreement):
            coins.extend(agreement.value)
        for asset in account.assets:
            if asset != native:
                failures.append(_failed(plan, account, asset, "not_read", ()))
            elif isinstance(agreement, Agreement):
                balances.append(_balance(plan, account, agreement))
            else:
                failures.append(_failed(plan, account, asset, agreement, decided.votes))
    window = read_window(plan, form, scripts, hearing)
    return ChainSnapshot(
        hearing.pin,
        *(tuple(balances), tuple(failures), tuple(coins)),
        remarks=remarks_of(hearing, balances, window) + held_beyond(plan, scripts, listings),
        window_blocks=window.blocks,
        window=window.readings,
    )


def _logs(plan: ChainPlan, evidence: ChainEvidence) -> tuple[IndexedLog, ...]:
    """Index the logs of evidence that belongs to the plan."""
    if evidence.chain != plan.chain.id:
        raise ChainError(f"evidence is of {evidence.chain}, the plan is of {plan.chain.id}")
    names = [log.name for log in evidence.logs]
    if len(set(names)) != len(names):
        raise ChainError(f"evidence of {plan.chain.name} has two logs of one source: {names}")
    return tuple(index_answers(log) for log in evidence.logs)


def _balance(
    plan: ChainPlan, account: PlannedAccount, agreement: Agreement[tuple[Coin, ...]]
) -> Balance:
    """Add up agreed coins, immature ones apart."""
    total = immature = 0
    for coin in agreement.value:
        total += coin.units
        immature += coin.units if coin.coinbase else 0
    return Balance(
        account=account_id(plan.chain.id, account.address),
        asset=plan.chain.native,
        units=total - immature,
        immature=immature,
        evidence=agreement.evidence,
        sources=agreement.sources,
    )


def _failed(
    plan: ChainPlan,
    account: PlannedAccount,
    asset: AssetId,
    reason: FailureReason,
    votes: tuple[Vote[tuple[Coin, ...]], ...],
) -> FailedRead:
    """Record that a balance is not known."""
    answers = tuple((vote.source, vote.said) for vote in votes)
    return FailedRead(account_id(plan.chain.id, account.address), asset, reason, answers)
