"""The predicate: everything the attestation says, as frozen values with one JSON form.

Type `urn:custody-attest:attestation:v0`. It carries no promise of stability yet. Rules of the form:

- keys are camelCase, amounts and heights are decimal strings, times are RFC 3339 with `Z`;
- every list has one order that follows from the inputs, so the same inputs give the same bytes;
- account rows are not in it: they are in `report/accounts.csv`, whose digest is a subject.

The words audit, solvent and opinion never appear: the tool reports what it found, a practitioner
concludes.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from attest.book_records import (  # noqa: TC001 - pydantic reads the annotations at run time
    BooksRecord,
    CommitmentRecord,
    ComparisonRecord,
    Obligation,
    Scope,
    SupersededRecord,
)
from attest.findings import Finding, Outcome  # noqa: TC001 - pydantic reads the annotations at run time
from attest.wire import WIRE
from config.errors import InputError
from config.registry import Network  # noqa: TC001 - the same

ATTESTATION_TYPE = "urn:custody-attest:attestation:v0"


@dataclass(frozen=True, slots=True, config=WIRE)
class Series:
    """Place in the history of one entity's attestations."""

    id: str
    sequence: str
    supersedes: SupersededRecord | None
    """The statement for the same time that this one corrects."""


@dataclass(frozen=True, slots=True, config=WIRE)
class PinRecord:
    """A block at which a chain was read."""

    chain: str
    height: str
    block_hash: str
    block_time: str
    depth: str
    skew_seconds: str
    """Block time less the statement's time."""
    state_root: str | None
    """Root of the accounts' trie, where the block's fields were seen to hash to its name."""


@dataclass(frozen=True, slots=True, config=WIRE)
class AsOf:
    """The time the statement is about, and the blocks that stand for it."""

    time: str
    anchors: tuple[PinRecord, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class ResponsibleParty:
    """Who makes the statement."""

    name: str
    lei: str | None
    jurisdiction: str | None


@dataclass(frozen=True, slots=True, config=WIRE)
class Criterion:
    """A rule pack or registry file that judged."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, config=WIRE)
class Holding:
    """A line: the sum over accounts that are alike in all of this."""

    instrument: str | None
    asset: str
    decimals: str
    amount: str
    immature: str
    accounts: str
    method: str
    holder: str
    owner: str
    encumbrance: str
    band: str
    evidence_class: str
    basis: str
    """By what the band was reached: signature, transfer, witness, a custodian's word; or empty."""
    wrapped: bool
    declared: bool
    """Whether the asset is of the entity's own file and not of the registry."""


@dataclass(frozen=True, slots=True, config=WIRE)
class EvidenceTotal:
    """How much of an asset is known how: the subtotal of an evidence class."""

    asset: str
    decimals: str
    evidence_class: str
    amount: str
    accounts: str


@dataclass(frozen=True, slots=True, config=WIRE)
class ProvingRecord:
    """Which balances of a chain were to be proved against the block's state root, and are."""

    chain: str
    planned: str
    """All balances of the chain."""
    wanted: str
    proved: str
    seed: str
    """What the sample follows from, where not all were wanted."""
    seed_from: Literal["challenge", "pin"]


@dataclass(frozen=True, slots=True, config=WIRE)
class WindowRecord:
    """A block at which a window of movements begins or ends; the movements are a file."""

    chain: str
    moment: str
    """The time asked for; the block is the last one at or before it."""
    height: str
    block_hash: str
    block_time: str


@dataclass(frozen=True, slots=True, config=WIRE)
class RateRecord:
    """What a token's own contract said at the block that it stands for."""

    asset: str
    function: str
    unit: Literal["token", "share"]
    of: str
    """The asset the rate is counted in."""
    decimals: str
    value: str | None
    """In base units of `decimals`; null if it was not read."""


@dataclass(frozen=True, slots=True, config=WIRE)
class ControlSummary:
    """How many claims came out how, and how many accounts stand in which band."""

    claims: str
    outcomes: dict[str, str]
    grades: dict[str, str]
    accounts: str
    bands: dict[str, str]


@dataclass(frozen=True, slots=True, config=WIRE)
class ChallengeRecord:
    """The challenge that was issued, if one was."""

    issuer: str
    keyid: str | None
    nonce: str
    issued_at: str
    expires_at: str


@dataclass(frozen=True, slots=True, config=WIRE)
class CarriedRecord:
    """An earlier statement whose controls are carried forward."""

    sha256: str
    """Of its payload."""
    keyid: str
    """The key that signed it; whether it is trusted is for the reader to say."""
    as_of: str
    claims: str
    proved: str
    """How many of the claims still prove, by the texts of then and the chains of today."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Findings:
    """Findings in three blocks that are never added up."""

    in_force: tuple[Finding, ...]
    proposals: tuple[Finding, ...]
    stress: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class Procedure:
    """What the tool did, and where its evidence lies."""

    id: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class DataSource:
    """A node that was asked, by the name it has in the declaration; never its address."""

    chain: str
    name: str
    operator: str


@dataclass(frozen=True, slots=True, config=WIRE)
class Tool:
    """The program that made the statement."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, config=WIRE)
class InputDigest:
    """A file the entity gave."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, config=WIRE)
class Predicate:
    """The whole statement."""

    attestation_id: str
    outcome: Outcome
    network: Network
    series: Series
    as_of: AsOf
    responsible_party: ResponsibleParty
    assertion: str
    scope: Scope
    criteria: tuple[Criterion, ...]
    holdings: tuple[Holding, ...]
    evidence: tuple[EvidenceTotal, ...]
    proving: tuple[ProvingRecord, ...]
    rates: tuple[RateRecord, ...]
    window: tuple[WindowRecord, ...]
    obligations: tuple[Obligation, ...]
    commitment: CommitmentRecord | None
    comparison: tuple[ComparisonRecord, ...]
    books: BooksRecord
    control: ControlSummary
    challenge: ChallengeRecord | None
    carried: tuple[CarriedRecord, ...]
    findings: Findings
    procedures: tuple[Procedure, ...]
    limitations: tuple[str, ...]
    inputs: tuple[InputDigest, ...]
    data_sources: tuple[DataSource, ...]
    tool: Tool


_ADAPTER: TypeAdapter[Predicate] = TypeAdapter(Predicate)


def to_document(predicate: Predicate) -> dict[str, object]:
    """Give the predicate's JSON form, ready for RFC 8785."""
    document: dict[str, object] = _ADAPTER.dump_python(predicate, mode="json", by_alias=True)
    return document


def from_document(document: object) -> Predicate:
    """Read a predicate's JSON form; raise InputError with the key path of the first fault."""
    try:
        return _ADAPTER.validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InputError.at("predicate", path, first["msg"].lower()) from error
