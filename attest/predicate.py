"""The predicate: everything the attestation says, as frozen values with one JSON form.

Type `urn:custody-attest:attestation:v1`, published as a closed JSON Schema in
`config/schema/attestation.v1.json`. Its form does not change any more: another form is another
type, and a verifier that does not know a type refuses it.

- Keys are camelCase, amounts and heights are decimal strings, times are RFC 3339 with `Z`.
- Every list has one order that follows from the inputs, so the same inputs give the same bytes. No
  clock is read: the signer's own time proves nothing, and a timestamp authority's lies beside it.
- Account rows are not in it: they are in `report/accounts.csv`, whose digest is a subject, and
  whose salted Merkle root is here where a statement is to be shown without them.

The words audit, solvent and opinion never appear: the tool reports what it found, a practitioner
concludes.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from attest.allocating import Belonging, Tie  # noqa: TC001 - pydantic reads annotations at run time
from attest.book_records import (  # noqa: TC001 - the same
    BooksRecord,
    CommitmentRecord,
    ComparisonRecord,
    Obligation,
    Scope,
)
from attest.findings import Finding, Outcome  # noqa: TC001 - the same
from attest.frame_records import (  # noqa: TC001 - the same
    Disclosure,
    Engagement,
    ExceptionRecord,
    Procedure,
    ResponsibleParty,
    Series,
    SubsequentEvents,
    Tool,
)
from attest.positions import Band, Basis  # noqa: TC001 - the same
from attest.wire import WIRE, Sha256, Time, Units, Whole
from chains.snapshot import EvidenceClass  # noqa: TC001 - the same
from config.accounts import Method  # noqa: TC001 - the same
from config.errors import InputError
from config.registry import Network  # noqa: TC001 - the same

ATTESTATION_TYPE = "urn:custody-attest:attestation:v1"


@dataclass(frozen=True, slots=True, config=WIRE)
class PinRecord:
    """A block at which a chain was read."""

    chain: str
    height: Whole
    block_hash: str
    block_time: Time
    depth: Whole
    skew_seconds: Units
    """Block time less the statement's time."""
    state_root: str | None
    """Root of the accounts' trie, where the block's fields were seen to hash to its name."""


@dataclass(frozen=True, slots=True, config=WIRE)
class AsOf:
    """The time the statement is about, and the blocks that stand for it."""

    time: Time
    anchors: tuple[PinRecord, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class Criterion:
    """A rule pack or registry file that judged."""

    id: str
    version: str
    sha256: Sha256


@dataclass(frozen=True, slots=True, config=WIRE)
class Holding:
    """A line: the sum over accounts that are alike in all of this."""

    instrument: str | None
    asset: str
    decimals: Whole
    amount: Units
    immature: Units
    accounts: Whole
    method: Method
    holder: str
    owner: Belonging
    encumbrance: Tie
    band: Band
    evidence_class: EvidenceClass
    basis: Basis
    """By what the band was reached: signature, transfer, witness, a custodian's word; or empty."""
    wrapped: bool
    declared: bool
    """Whether the asset is of the entity's own file and not of the registry."""


@dataclass(frozen=True, slots=True, config=WIRE)
class EvidenceTotal:
    """How much of an asset is known how: the subtotal of an evidence class."""

    asset: str
    decimals: Whole
    evidence_class: EvidenceClass
    amount: Units
    accounts: Whole


@dataclass(frozen=True, slots=True, config=WIRE)
class ProvingRecord:
    """Which balances of a chain were to be proved against the block's state root, and are."""

    chain: str
    planned: Whole
    """All balances of the chain."""
    wanted: Whole
    proved: Whole
    seed: str
    """What the sample follows from, where not all were wanted."""
    seed_from: Literal["challenge", "pin"]


@dataclass(frozen=True, slots=True, config=WIRE)
class WindowRecord:
    """A block at which a window of movements begins or ends; the movements are a file."""

    chain: str
    moment: Time
    """The time asked for; the block is the last one at or before it."""
    height: Whole
    block_hash: str
    block_time: Time


@dataclass(frozen=True, slots=True, config=WIRE)
class RateRecord:
    """What a token's own contract said at the block that it stands for."""

    asset: str
    function: str
    unit: Literal["token", "share"]
    of: str
    """The asset the rate is counted in."""
    decimals: Whole
    value: Units | None
    """In base units of `decimals`; null if it was not read."""


@dataclass(frozen=True, slots=True, config=WIRE)
class ControlSummary:
    """How many claims came out how, and how many accounts stand in which band."""

    claims: Whole
    outcomes: dict[str, Whole]
    grades: dict[str, Whole]
    accounts: Whole
    bands: dict[Band, Whole]


@dataclass(frozen=True, slots=True, config=WIRE)
class ChallengeRecord:
    """The challenge that was issued, if one was."""

    issuer: str
    keyid: Sha256 | None
    nonce: str
    issued_at: str
    expires_at: str


@dataclass(frozen=True, slots=True, config=WIRE)
class CarriedRecord:
    """An earlier statement whose controls are carried forward."""

    sha256: Sha256
    """Of its payload."""
    keyid: Sha256
    """The key that signed it; whether it is trusted is for the reader to say."""
    as_of: Time
    claims: Whole
    proved: Whole
    """How many of the claims still prove, by the texts of then and the chains of today."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Findings:
    """Findings in three blocks that are never added up."""

    in_force: tuple[Finding, ...]
    proposals: tuple[Finding, ...]
    stress: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class DataSource:
    """A node that was asked, by the name it has in the declaration; never its address."""

    chain: str
    name: str
    operator: str


@dataclass(frozen=True, slots=True, config=WIRE)
class InputDigest:
    """A file the entity gave."""

    name: str
    sha256: Sha256 | None
    """Null where it stands in `evidence/sealed.json`."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Predicate:
    """The whole statement."""

    attestation_id: str
    outcome: Outcome
    network: Network
    series: Series
    as_of: AsOf
    responsible_party: ResponsibleParty
    engagement: Engagement
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
    exceptions: tuple[ExceptionRecord, ...]
    limitations: tuple[str, ...]
    subsequent_events: SubsequentEvents
    disclosure: Disclosure | None
    """Null: the statement shows the digest of every file, and cannot be shown without them."""
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
