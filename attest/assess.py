"""assess: from declarations, balances and controls to the predicate. Pure; no clock is read.

The same inputs give the same predicate, byte for byte: `verify` calls this function again on what a
bundle holds and compares. The tool's own name and version are an argument for the same reason, and
the evidence is one besides the case for the names of its sources.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from typing import TYPE_CHECKING, get_args

from attest import framing, standing
from attest.findings import outcome_of
from attest.lines import BANDS
from attest.pins import is_bound
from attest.plan import declared_assets, rated_assets
from attest.predicate import (
    AsOf,
    CarriedRecord,
    ChallengeRecord,
    ControlSummary,
    Criterion,
    DataSource,
    EvidenceTotal,
    Findings,
    Holding,
    InputDigest,
    PinRecord,
    Predicate,
    ProvingRecord,
    RateRecord,
    WindowRecord,
)
from attest.rates import token_rates
from attest.reckoned import commitment_record, comparison, obligations
from attest.reckoning import TABLE, reckon
from attest.rules.kinds import judge
from attest.wording import ASSERTION, LIMITATIONS
from chains.snapshot import EvidenceClass
from config.times import format_time

if TYPE_CHECKING:
    from attest.findings import Finding
    from attest.frame_records import Tool
    from attest.inputs import Inputs
    from attest.rules.case import Case
    from chains.evidence import ChainEvidence
    from config.caip import AssetId

EVIDENCE: tuple[EvidenceClass, ...] = get_args(EvidenceClass)


def assess(case: Case, evidence: tuple[ChainEvidence, ...], tool: Tool) -> Predicate:
    """Judge a case and say it; raise InputError if a rule's kind or parameter is unknown."""
    inputs, stated = case.inputs, case.inputs.declaration.attestation
    judged, digests = judge(case, inputs.policy.packs), _input_digests(inputs)
    reckoned, in_force = reckon(case.material, TABLE), _block(judged, "in_force")
    return Predicate(
        attestation_id=_attestation_id(case, digests),
        outcome=outcome_of(in_force),
        network=stated.network,
        series=framing.series(inputs, reckoned),
        as_of=AsOf(format_time(case.as_of), _pins(case)),
        responsible_party=framing.party(inputs),
        engagement=framing.engagement(inputs),
        assertion=ASSERTION,
        scope=standing.scope(case, reckoned),
        criteria=_criteria(inputs),
        holdings=_holdings(case),
        evidence=_evidence(case),
        proving=_proving(case),
        rates=_rates(case),
        window=_window(case),
        obligations=obligations(inputs, bound=is_bound(inputs, case.as_of, case.snapshot)),
        commitment=commitment_record(inputs),
        comparison=tuple(comparison(inputs, one) for one in reckoned),
        books=standing.books(inputs),
        control=_control_summary(case),
        challenge=_challenge(inputs),
        carried=_carried(case),
        findings=_findings(judged),
        procedures=framing.procedures(case, in_force),
        exceptions=framing.exceptions(in_force),
        limitations=LIMITATIONS,
        subsequent_events=framing.subsequent(case),
        disclosure=None,
        inputs=digests,
        data_sources=_data_sources(evidence),
        tool=tool,
    )


def _data_sources(evidence: tuple[ChainEvidence, ...]) -> tuple[DataSource, ...]:
    return tuple(
        DataSource(chain.chain, log.name, log.operator) for chain in evidence for log in chain.logs
    )


def _findings(judged: tuple[tuple[str, Finding], ...]) -> Findings:
    return Findings(
        in_force=_block(judged, "in_force"),
        proposals=_block(judged, "proposals"),
        stress=_block(judged, "stress"),
    )


def _block(judged: tuple[tuple[str, Finding], ...], name: str) -> tuple[Finding, ...]:
    return tuple(finding for block, finding in judged if block == name)


def _attestation_id(case: Case, digests: tuple[InputDigest, ...]) -> str:
    """Name the statement by its inputs, time and blocks: made again it has the same name."""
    parts = [format_time(case.as_of), *(f"{one.name} {one.sha256}" for one in digests)]
    parts += [f"{chain.pin.chain} {chain.pin.block_hash}" for chain in case.snapshot.chains]
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)).urn


def _pins(case: Case) -> tuple[PinRecord, ...]:
    return tuple(
        PinRecord(
            chain=chain.pin.chain,
            height=str(chain.pin.height),
            block_hash=chain.pin.block_hash,
            block_time=format_time(chain.pin.block_time),
            depth=str(chain.pin.depth),
            skew_seconds=str(chain.pin.block_time - case.as_of),
            state_root=chain.pin.state_root,
        )
        for chain in case.snapshot.chains
    )


def _criteria(inputs: Inputs) -> tuple[Criterion, ...]:
    versions = {pack.id: pack.version for pack in inputs.policy.packs}
    return tuple(
        Criterion(
            id=name.removeprefix("criteria/"),
            version=versions.get(name.rpartition("/")[2].removesuffix(".toml"), ""),
            sha256=hashlib.sha256(data).hexdigest(),
        )
        for name, data in inputs.files
        if name.startswith("criteria/")
    )


def _input_digests(inputs: Inputs) -> tuple[InputDigest, ...]:
    return tuple(InputDigest(name, digest) for name, digest in inputs.digests.items())


def _holdings(case: Case) -> tuple[Holding, ...]:
    return tuple(
        Holding(
            instrument=line.key.instrument or None,
            asset=line.key.asset,
            decimals=str(case.inputs.registry.asset(line.key.asset).decimals),
            amount=str(line.units),
            immature=str(line.immature),
            accounts=str(line.accounts),
            method=line.key.method,
            holder=line.key.holder,
            owner=line.key.owner,
            encumbrance=line.key.tie,
            band=line.key.band,
            evidence_class=line.key.evidence,
            basis=line.key.basis,
            wrapped=line.key.wrapped,
            declared=case.inputs.registry.asset(line.key.asset).declared,
        )
        for line in case.lines
    )


def _evidence(case: Case) -> tuple[EvidenceTotal, ...]:
    """Sum each asset by how its balances are known, best evidence first."""
    units: Counter[tuple[AssetId, EvidenceClass]] = Counter()
    accounts: Counter[tuple[AssetId, EvidenceClass]] = Counter()
    for line in case.lines:
        units[line.key.asset, line.key.evidence] += line.units
        accounts[line.key.asset, line.key.evidence] += line.accounts
    ordered = sorted(accounts, key=lambda key: (key[0], EVIDENCE.index(key[1])))
    return tuple(
        EvidenceTotal(
            asset=key[0],
            decimals=str(case.inputs.registry.asset(key[0]).decimals),
            evidence_class=key[1],
            amount=str(units[key]),
            accounts=str(accounts[key]),
        )
        for key in ordered
    )


def _proving(case: Case) -> tuple[ProvingRecord, ...]:
    return tuple(
        ProvingRecord(
            chain=chain.pin.chain,
            planned=str(chain.proving.planned),
            wanted=str(chain.proving.wanted),
            proved=str(chain.proving.proved),
            seed=chain.proving.seed,
            seed_from=chain.proving.seed_from,
        )
        for chain in case.snapshot.chains
        if chain.proving is not None
    )


def _window(case: Case) -> tuple[WindowRecord, ...]:
    return tuple(
        WindowRecord(
            chain=chain.pin.chain,
            moment=format_time(block.moment),
            height=str(block.height),
            block_hash=block.block_hash,
            block_time=format_time(block.block_time),
        )
        for chain in case.snapshot.chains
        for block in chain.window_blocks
    )


def _rates(case: Case) -> tuple[RateRecord, ...]:
    rated = rated_assets(case.inputs, declared_assets(case.inputs))
    return tuple(
        RateRecord(
            asset=one.asset.id,
            function=one.asset.rate.function,
            unit=one.asset.rate.unit,
            of=one.asset.rate.of,
            decimals=str(one.asset.rate.decimals),
            value=None if one.value is None else str(one.value),
        )
        for one in token_rates(rated, case.snapshot)
        if one.asset.rate is not None
    )


def _control_summary(case: Case) -> ControlSummary:
    outcomes = Counter(control.outcome for control in case.controls)
    grades = Counter(control.grade for control in case.controls if control.grade)
    read = {position.account for position in case.positions}
    bands = {account: band for account, band in case.bands.items() if account in read}
    counted = Counter(bands.values())
    return ControlSummary(
        claims=str(len(case.controls)),
        outcomes={
            word: str(outcomes[word]) for word in ("proved", "refuted", "inconclusive", "unproved")
        },
        grades={word: str(grades[word]) for word in ("A", "B", "C", "D")},
        accounts=str(len(bands)),
        bands={band: str(counted[band]) for band in BANDS},
    )


def _challenge(inputs: Inputs) -> ChallengeRecord | None:
    issued = inputs.challenges
    if issued is None:
        return None
    keyid = issued.signatures[0].keyid if issued.signatures else None
    return ChallengeRecord(issued.issuer, keyid, issued.nonce, issued.issuedAt, issued.expiresAt)


def _carried(case: Case) -> tuple[CarriedRecord, ...]:
    proved = Counter(one.carried for one in case.controls if one.outcome == "proved")
    return tuple(
        CarriedRecord(
            sha256=one.digest,
            keyid=one.keyid,
            as_of=format_time(one.as_of),
            claims=str(len(one.claims)),
            proved=str(proved[one.digest]),
        )
        for one in case.inputs.carried
    )
