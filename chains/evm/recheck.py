"""From recorded answers to balances: pure, the same for a run and for its later verification.

Nothing in evidence is believed to be what it seems: the chain, the pin, the block in each state
call, the form of each result and every node of a state proof are checked again here. The reader's
word counts for nothing, but where it makes a result weaker.

A balance is decided so:

1. The sources' votes are heard (`chains.evm.hearing`).
2. If the pin's state root proves the balance, that is the balance; a source that says another value
   makes it a failed read, because a node that lies once is not a node to attest with.
3. Otherwise the votes must agree, and be of enough operators. On chains whose trie is known to be
   Ethereum's, a balance that was to be proved is a failed read as soon as any source gave a proof,
   be it of another balance, that does not fit the pin: that source's state is another one. A token
   whose row is proved not to hold was not to be proved.

What the plan asks and no source recorded is `not_read`, and never zero; so is an asset this module
does not know. A token without code at the pin has no balances either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evm.answers import agreed_answers, in_rounds
from chains.evm.hearing import Unknown, hear, said
from chains.evm.margin import held_beyond
from chains.evm.pin import settle_pin
from chains.evm.proven import ProvenState
from chains.evm.remarks import BAD_PROOF, refused_proofs, remarks_on
from chains.evm.selection import balances_to_prove
from chains.evm.window import read_window
from chains.quorum import MALFORMED
from chains.snapshot import Balance, ChainSnapshot, FailedRead, Proving
from config.caip import account_id, address_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from chains.evidence import ChainEvidence, ChainPlan
    from chains.evm.hearing import Hearing
    from chains.evm.pin import Settled
    from chains.evm.selection import Pair
    from config.caip import AssetId

PROVED = "state proof"
"""Stands beside the sources' names where a proof shows another value than they say."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything a balance is decided from."""

    hearing: Hearing
    wanted: Collection[Pair]
    """Balances that were to be proved; none where the pin has no state root."""
    proven: ProvenState | None
    spoiled: bool
    """Whether a proof that does not fit the pin is a fault, and there is one."""


def recheck(plan: ChainPlan, evidence: ChainEvidence) -> ChainSnapshot:
    """Decode what was recorded into what it shows.

    Args:
        plan: what was to be read; balances and failures come in its order.
        evidence: the recorded answers.

    Raises:
        ChainError: the evidence holds no pin for this plan, or nodes that are not part of a proof.
    """
    settled = settle_pin(plan, evidence)
    case = _case(plan, settled, evidence)
    outcomes = [
        _holding(case, asset, account.address)
        for account in plan.accounts
        for asset in account.assets
    ]
    _require_all_used(plan, case.proven)
    balances = tuple([item for item in outcomes if isinstance(item, Balance)])
    voices = case.hearing.voices
    hear = partial(agreed_answers, plan, settled, voices)
    proving = _proving(case, settled, balances)
    window = read_window(plan, settled, evidence, balances)
    return ChainSnapshot(
        pin=settled.pin,
        balances=balances,
        failures=tuple([item for item in outcomes if isinstance(item, FailedRead)]),
        answers=in_rounds(plan, hear),
        remarks=remarks_on(voices, proving) + held_beyond(case.hearing) + window.remarks,
        proving=proving,
        window_blocks=window.blocks,
        window=window.readings,
        flows=window.flows,
    )


def seed_of(plan: ChainPlan, settled: Settled) -> str:
    """Give what the sample of proved balances follows from."""
    return settled.header.block_hash if plan.seed is None else plan.seed


def _case(plan: ChainPlan, settled: Settled, evidence: ChainEvidence) -> _Case:
    hearing = hear(plan, settled)
    proven = _proven(plan, settled, evidence)
    wanted: Collection[Pair] = ()
    if settled.header.state_root is not None:
        wanted = balances_to_prove(plan, hearing.units, seed_of(plan, settled))
    ethereum = plan.chain.state_trie == "ethereum"
    spoiled = ethereum and any(BAD_PROOF in refused_proofs(log) for log in settled.logs)
    return _Case(hearing, wanted, proven, spoiled)


def _proven(plan: ChainPlan, settled: Settled, evidence: ChainEvidence) -> ProvenState | None:
    if not evidence.nodes:
        return None
    root = settled.header.state_root
    if root is None:
        raise ChainError(f"evidence of {plan.chain.id} has proofs, and its pin no state root")
    return ProvenState(root, evidence.nodes, {slot.asset: slot for slot in plan.slots})


def _require_all_used(plan: ChainPlan, proven: ProvenState | None) -> None:
    unused = 0 if proven is None else proven.unused()
    if unused:
        raise ChainError(f"evidence of {plan.chain.id} has {unused} nodes of no proof")


def _holding(case: _Case, asset: AssetId, address: str) -> Balance | FailedRead:
    hearing = case.hearing
    account = account_id(hearing.plan.chain.id, address)
    if asset not in hearing.readable:
        return FailedRead(account, asset, "not_read", ())
    contract = hearing.readable[asset]
    units = None if case.proven is None else case.proven.units(asset, contract, address)
    if units is None and not (case.spoiled and _is_refused(case, asset, address)):
        found = hearing.agreed(asset, address)
        if isinstance(found, Unknown):
            return FailedRead(account, asset, found.reason, found.answers)
        told, evidence, sources = found
        return Balance(account, asset, told, 0, evidence, sources)
    votes = hearing.votes(asset, address)
    if units is None:
        return FailedRead(account, asset, "proof_refused", said(votes))
    if any(vote.value not in (None, units) or vote.said == MALFORMED for vote in votes):
        told_too = (*said(votes), (PROVED, str(units)))
        return FailedRead(account, asset, "proof_contradicts", told_too)
    agreeing = tuple(vote.source for vote in votes if vote.value == units)
    return Balance(account, asset, units, 0, "state_proof", agreeing)


def _is_refused(case: _Case, asset: AssetId, address: str) -> bool:
    """Tell whether a balance that is not proved had to be."""
    contract, proven = case.hearing.readable[asset], case.proven
    if (asset, address) not in case.wanted:
        return False
    return contract is None or proven is None or proven.holds(asset, contract) is not False


def _proving(case: _Case, settled: Settled, balances: tuple[Balance, ...]) -> Proving | None:
    """Say what was to be proved and what is; None where nothing can be."""
    plan = case.hearing.plan
    if settled.header.state_root is None:
        return None
    shown = {
        (one.asset, address_of(one.account)) for one in balances if one.evidence == "state_proof"
    }
    return Proving(
        wanted=len(case.wanted),
        proved=sum(pair in case.wanted for pair in shown),
        planned=sum(len(account.assets) for account in plan.accounts),
        seed=seed_of(plan, settled),
        seed_from="pin" if plan.seed is None else "challenge",
    )
