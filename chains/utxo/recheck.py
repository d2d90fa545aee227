"""From recorded evidence to a chain's snapshot: the pin, the balances, the coins. Pure.

The pin and the sources that speak for it are found in `pin`. For each address they must then list
the same coins, to the outpoint: the balance. Else it is a failed read.

An address that no coin pays is a real zero, because the scan was asked for its script. Coins are
mapped by output script alone. The mempool is never included. Immature coinbase stands apart.

Nothing in evidence is trusted: a question that is missing silences its source, and one that is
recorded twice counts as a malformed answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.index import index_log
from chains.quorum import NOT_READ, Agreement, Vote, agree
from chains.snapshot import Balance, ChainSnapshot, Coin, FailedRead
from chains.utxo.calls import scripts_of
from chains.utxo.coinbase import immature
from chains.utxo.pin import agreed_pin, form_of, scan_vote
from config.caip import account_id

if TYPE_CHECKING:
    from chains.evidence import ChainEvidence, ChainPlan, PlannedAccount
    from chains.index import IndexedLog
    from chains.snapshot import FailureReason
    from chains.utxo.answers import Unspent
    from chains.utxo.pin import Voice
    from config.caip import AssetId, ChainId
    from config.registry import UtxoFormat


@dataclass(frozen=True, slots=True)
class _Listing:
    """A voice with the outputs of its scan by script, in the order of their blocks."""

    voice: Voice
    by_script: dict[str, tuple[Unspent, ...]]


def recheck(plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
    """Decode evidence into a snapshot.

    Args:
        plan: what was to be read; its questions have no meaning on this family and get no answers.
        evidence: what each source answered.

    Raises:
        ChainError: evidence of another chain, a source of another chain, or no pin on which enough
            operators agree.
        InputError: the plan names an address that is not one.
    """
    form = form_of(plan)
    logs = _logs(plan, evidence)
    scripts = scripts_of(plan)
    scans = tuple(scan_vote(form, log, tuple(scripts.values())) for log in logs)
    pin, voices = agreed_pin(plan, logs, scans)
    listings = tuple(_list(voice) for voice in voices)
    balances: list[Balance] = []
    failures: list[FailedRead] = []
    coins: list[Coin] = []
    for account in plan.accounts:
        script = scripts[account.address]
        votes = tuple(_vote(plan.chain.id, form, item, script) for item in listings)
        agreement = agree(votes, plan.quorum)
        if isinstance(agreement, Agreement):
            coins.extend(agreement.value)
        for asset in account.assets:
            if asset != plan.chain.native:
                failures.append(_failed(plan, account, asset, "not_read", ()))
            elif isinstance(agreement, Agreement):
                balances.append(_balance(plan, account, agreement))
            else:
                failures.append(_failed(plan, account, asset, agreement, votes))
    return ChainSnapshot(pin, tuple(balances), tuple(failures), tuple(coins))


def _logs(plan: ChainPlan, evidence: ChainEvidence) -> tuple[IndexedLog, ...]:
    """Index the logs of evidence that belongs to the plan."""
    if evidence.chain != plan.chain.id:
        raise ChainError(f"evidence is of {evidence.chain}, the plan is of {plan.chain.id}")
    names = [log.name for log in evidence.logs]
    if len(set(names)) != len(names):
        raise ChainError(f"evidence of {plan.chain.name} has two logs of one source: {names}")
    return tuple(index_log(log) for log in evidence.logs)


def _list(voice: Voice) -> _Listing:
    """Sort a scan's outputs by script."""
    found: dict[str, list[Unspent]] = {}
    for unspent in sorted(
        voice.scan.unspents, key=lambda item: (item.height, item.txid, item.vout)
    ):
        found.setdefault(unspent.script, []).append(unspent)
    return _Listing(voice, {script: tuple(items) for script, items in found.items()})


def _vote(
    chain: ChainId, form: UtxoFormat, listing: _Listing, script: str
) -> Vote[tuple[Coin, ...]]:
    """Give the coins of a script as one voice lists them."""
    voice = listing.voice
    name, operator = voice.log.name, voice.log.log.operator
    coins = []
    for unspent in listing.by_script.get(script, ()):
        told = immature(form, voice.scan, unspent, voice.log)
        if not isinstance(told, bool):
            return Vote(name, operator, None, told if isinstance(told, str) else NOT_READ)
        place = (unspent.txid, unspent.vout, script, unspent.units, unspent.height)
        coins.append(Coin(chain, *place, coinbase=told))
    return Vote(name, operator, tuple(coins), str(sum(coin.units for coin in coins)))


def _balance(
    plan: ChainPlan, account: PlannedAccount, agreement: Agreement[tuple[Coin, ...]]
) -> Balance:
    """Add up agreed coins, immature ones apart."""
    return Balance(
        account=account_id(plan.chain.id, account.address),
        asset=plan.chain.native,
        units=sum(coin.units for coin in agreement.value if not coin.coinbase),
        immature=sum(coin.units for coin in agreement.value if coin.coinbase),
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
