"""procedures.toml: what a second party did with a statement, in its own words.

    [practitioner]
    name = "Example Reviewer"
    role = "auditor"                     # auditor, regulator or observer
    licence = "12345"                    # may be left out, as jurisdiction may
    jurisdiction = "JP"

    [report]
    standard = "none"                    # none, AT-C 205, AT-C 215, ISAE 3000 or ISRS 4400
    level = "none"                       # examination, review, agreed-upon-procedures or none
    title = "Report on agreed procedures"
    intended_users = ["the supervisor"]
    restricted_use = true

    [[procedure]]
    id = "A1"
    text = "Compared the list of accounts with the general ledger."
    result = "no-exception"              # no-exception, exception or not-performed
    detail = "412 of 412 agree"

    [[finding]]
    text = "Two accounts were opened after the time of the statement."

The table [report] may also have responsibility, independence, quality_management,
procedures_agreed, conclusion, place, date and document_sha256: what a standard wants of them is in
`attest.elements`. A procedure without a result was not performed.

`attest countersign --template FILE` writes it for a bundle, with every procedure not performed.
What the program did again itself is not written here: it fills that in, and nobody can overwrite
it. Ids that begin with T are the program's own.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.declaration import Country, Name  # noqa: TC001 - pydantic reads annotations at run time
from config.engagement import Standard, Words  # noqa: TC001 - the same
from config.errors import InputError, shown
from config.strict import STRICT, parse
from config.text import UNSEEN, decode
from config.toml import parse_toml

MAX_BYTES = 1024 * 1024
MAX_PROCEDURES = 200
MAX_TEXT = 4000
TOOL_PREFIX = "T"

Text: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEXT, pattern=rf"^[^{UNSEEN}]+$")
]
"""A paragraph for people."""
ProcedureId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9.-]{0,19}$")]
Result: TypeAlias = Literal["no-exception", "exception", "not-performed"]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class PractitionerTable:
    """Who countersigns."""

    name: Name
    role: Literal["auditor", "regulator", "observer"]
    licence: Words | None = None
    jurisdiction: Country | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class ReportTable:
    """What his report says besides procedures and findings."""

    standard: Standard = "none"
    level: Literal["examination", "review", "agreed-upon-procedures", "none"] = "none"
    title: Words | None = None
    responsibility: Text | None = None
    independence: Text | None = None
    quality_management: Text | None = None
    procedures_agreed: Text | None = None
    conclusion: Text | None = None
    intended_users: Annotated[tuple[Words, ...], Field(max_length=20)] = ()
    restricted_use: bool = False
    place: Words | None = None
    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    document_sha256: Digest | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class ProcedureRow:
    """A procedure of his own."""

    id: ProcedureId
    text: Text
    result: Result = "not-performed"
    detail: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = ""


@dataclass(frozen=True, slots=True, config=STRICT)
class FindingRow:
    """Something that he found besides."""

    text: Text


@dataclass(frozen=True, slots=True, config=STRICT)
class Procedures:
    """The whole file."""

    practitioner: PractitionerTable
    report: ReportTable = Field(default_factory=ReportTable)
    procedure: Annotated[tuple[ProcedureRow, ...], Field(max_length=MAX_PROCEDURES)] = ()
    finding: Annotated[tuple[FindingRow, ...], Field(max_length=MAX_PROCEDURES)] = ()


def parse_procedures(data: bytes, name: str) -> Procedures:
    """Read procedures.toml.

    Raises:
        InputError: with the key path of the first fault; also if two procedures have one id, one
            has an id of the program's own, or a level does not go with a standard.
    """
    document = parse(Procedures, parse_toml(decode(data, name, MAX_BYTES), name), name)
    ids = Counter(one.id for one in document.procedure)
    twice = [key for key, count in ids.items() if count > 1]
    if twice:
        raise InputError.at(name, "procedure", f"two procedures with one id: {shown(twice[0])}")
    own = [key for key in ids if key.startswith(TOOL_PREFIX)]
    if own:
        hint = "what the program did again, it fills in itself"
        raise InputError.at(name, "procedure", f"id of the program's own: {shown(own[0])}", hint)
    report = document.report
    wanted = LEVELS[report.standard]
    if report.level not in wanted:
        what = f"level {report.level} with standard {report.standard}"
        raise InputError.at(name, "report", what, f"one of: {', '.join(wanted)}")
    return document


LEVELS: dict[Standard, tuple[str, ...]] = {
    "none": ("none",),
    "AT-C 205": ("examination",),
    "AT-C 215": ("agreed-upon-procedures",),
    "ISAE 3000": ("examination", "review"),
    "ISRS 4400": ("agreed-upon-procedures",),
}
"""Which level of assurance each standard is about."""
