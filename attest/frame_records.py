"""What frames the figures of a statement.

Who makes it and for whom, its place in a series, the steps that were taken, what can be withheld.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic.dataclasses import dataclass

from attest.book_records import SupersededRecord  # noqa: TC001 - pydantic reads the annotations at run time
from attest.findings import Status  # noqa: TC001 - the same
from attest.wire import WIRE, Sha256, Time, Whole
from config.declaration import Period  # noqa: TC001 - the same
from config.engagement import Standard  # noqa: TC001 - the same

StepResult: TypeAlias = Literal["no-exception", "exception", "not-performed"]
"""What came of a procedure, in the words of agreed-upon procedures."""


@dataclass(frozen=True, slots=True, config=WIRE)
class PreviousRecord:
    """The statement of the series that was made before this one."""

    sequence: Whole
    payload_sha256: Sha256
    keyid: Sha256
    as_of: Time


@dataclass(frozen=True, slots=True, config=WIRE)
class Series:
    """Place in the history of one entity's attestations."""

    id: str
    sequence: Whole
    period: Period | None
    """How often the entity says that it attests."""
    previous: PreviousRecord | None
    supersedes: SupersededRecord | None
    """The statement for the same time that this one corrects."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Signatory:
    """A person's office in whose name the responsible party signs."""

    role: str
    name: str | None
    keyid: Sha256 | None


@dataclass(frozen=True, slots=True, config=WIRE)
class ResponsibleParty:
    """Who makes the statement."""

    name: str
    lei: str | None
    jurisdiction: str | None
    signatories: tuple[Signatory, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class Engagement:
    """For whom the statement is made, and by which standard a practitioner is to report on it."""

    standard: Standard
    """That of the engagement the statement is prepared for. It says nothing of whether one takes
    place: that is for a practitioner to say, over a key of his own."""
    engaging_party: str | None
    addressee: str | None
    purpose: str | None
    intended_users: tuple[str, ...]
    restricted_use: bool


@dataclass(frozen=True, slots=True, config=WIRE)
class Procedure:
    """What the tool did, what came of it, and where its evidence lies."""

    id: str
    text: str
    result: StepResult
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, config=WIRE)
class ExceptionRecord:
    """A finding that a procedure ended in, other than that all is well."""

    id: str
    procedure: str
    code: str
    """The finding's rule."""
    status: Status
    subject: str


@dataclass(frozen=True, slots=True, config=WIRE)
class SubsequentEvents:
    """How far after the time of the statement the chains were looked at."""

    checked_until: Time | None
    """Null: they were not."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Disclosure:
    """What stands for the rows that the statement does not show."""

    rows: Whole
    """Of `report/accounts.csv`."""
    root: Sha256
    """Of the salted Merkle tree over them."""
    sealed: tuple[str, ...]
    """Files whose digests stand in `evidence/sealed.json` and not in the statement."""


@dataclass(frozen=True, slots=True, config=WIRE)
class Tool:
    """The program that made the statement."""

    name: str
    version: str
    source_sha256: Sha256
    """Over the program's own files (`attest.version`)."""
    form: str
    """In which the statement's files are rendered (`attest.report.forms`)."""
