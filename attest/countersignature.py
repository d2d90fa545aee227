"""The countersignature: what a second party says of a statement, signed with a key of its own.

Type `urn:custody-attest:countersignature:v0`, in a DSSE envelope of one signature. Its one subject
is `payload.json` with the SHA-256 of the statement's payload: never of an envelope, which can be
spelled in more than one way. It does not repeat the entity's assertion and does not adopt it; it
says which procedures its signer performed, with which result, and what he found.

Each procedure says who performed it: `tool`, where this program did it again at his side, or
`practitioner`, where he says so himself. What nobody performed stands there as `not-performed`.

Refused: a second signature over the entity's own payload as a countersignature. Whoever signs that
makes the assertion his own, which is what a practitioner must not do.
"""

from __future__ import annotations

import json
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from attest.errors import InvalidEnvelope
from attest.frame_records import StepResult, Tool  # noqa: TC001 - pydantic reads the annotations
from attest.statement import read_statement
from attest.wire import WIRE, Sha256, Time, Whole
from config.engagement import Standard  # noqa: TC001 - the same
from config.errors import InputError

COUNTERSIGNATURE_TYPE = "urn:custody-attest:countersignature:v0"
SUBJECT = "payload.json"

Performer: TypeAlias = Literal["tool", "practitioner"] | None
Level: TypeAlias = Literal["examination", "review", "agreed-upon-procedures", "none"]
"""Of assurance, in the words of the standards."""


@dataclass(frozen=True, slots=True, config=WIRE)
class About:
    """The statement that it is about, for a reader; the subject binds it."""

    entity: str
    series: str
    sequence: Whole
    as_of: Time
    network: Literal["main", "test"]
    outcome: Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True, config=WIRE)
class Practitioner:
    """Who countersigns, in his own words."""

    name: str
    role: Literal["auditor", "regulator", "observer"]
    """What he signs as. Whether he is one is for the reader's trust file to say."""
    licence: str | None
    jurisdiction: str | None


@dataclass(frozen=True, slots=True, config=WIRE)
class Report:
    """What a report under a standard says besides procedures and findings."""

    title: str | None
    standard: Standard
    level: Level
    responsibility: str | None
    independence: str | None
    quality_management: str | None
    procedures_agreed: str | None
    conclusion: str | None
    intended_users: tuple[str, ...]
    restricted_use: bool
    place: str | None
    date: str | None
    document_sha256: Sha256 | None
    """Of the report itself, where there is one outside of this bundle."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Performed:
    """A procedure, and what came of it."""

    id: str
    text: str
    result: StepResult
    by: Performer
    """Null: nobody performed it."""
    detail: str


@dataclass(frozen=True, slots=True, config=WIRE)
class ConfirmedBlock:
    """A block that the signer knows from a node or record of his own."""

    chain: str
    height: Whole
    block_hash: str
    block_time: Time


@dataclass(frozen=True, slots=True, config=WIRE)
class Countersignature:
    """The whole predicate."""

    about: About
    practitioner: Practitioner
    report: Report
    procedures: tuple[Performed, ...]
    findings: tuple[str, ...]
    """What he found besides, in his own words."""
    blocks: tuple[ConfirmedBlock, ...]
    limitations: tuple[str, ...]
    tool: Tool


_ADAPTER: TypeAdapter[Countersignature] = TypeAdapter(Countersignature)


def to_document(countersignature: Countersignature) -> dict[str, object]:
    """Give its JSON form, ready for RFC 8785."""
    document: dict[str, object] = _ADAPTER.dump_python(countersignature, mode="json", by_alias=True)
    return document


def read_countersignature(payload: bytes, about: str) -> Countersignature:
    """Read a countersignature whose signature was checked.

    Args:
        payload: of its envelope.
        about: SHA-256 of the statement's payload, hex.

    Raises:
        InvalidEnvelope: another kind of statement, about another payload, or of another form.
    """
    try:
        statement = read_statement(payload)
        if statement.predicate_type != COUNTERSIGNATURE_TYPE:
            met = f"predicate type is {statement.predicate_type!r}"
            raise InvalidEnvelope("unknown_statement", f"{met}, expected {COUNTERSIGNATURE_TYPE!r}")
        if statement.subjects != {SUBJECT: about}:
            what = f"it is about {statement.subjects}, the payload is {about}"
            raise InvalidEnvelope("countersigns_another", what[:400])
        return _ADAPTER.validate_json(json.dumps(statement.predicate))
    except (InputError, ValidationError) as error:
        what = error.what if isinstance(error, InputError) else "predicate has another form"
        raise InvalidEnvelope("malformed_countersignature", what) from error
