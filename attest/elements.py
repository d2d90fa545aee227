"""What a report by a practitioner must contain, by standard, and who says it.

AICPA: AT-C 205 (examinations), AT-C 215 (agreed-upon procedures). IAASB: ISAE 3000 (Revised),
ISRS 4400 (Revised). A statement is no such report: it carries the elements that the responsible
party states, and a countersignature carries those of the practitioner. Both are held against this
table, and what is missing is named.

The paragraphs are those of AT-C 205.63 to .66, AT-C 215.34, ISAE 3000.69 and ISRS 4400.30; the
elements are in words of ours. Whether a report meets its standard is for the practitioner to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.frame_records import Engagement
    from config.engagement import EngagementTable, Standard

Source: TypeAlias = Literal["statement", "engagement", "practitioner"]
"""Who says it: the statement always does; the declaration's [engagement]; a countersignature."""

EXAMINATION: frozenset[Standard] = frozenset({"AT-C 205", "ISAE 3000"})
PROCEDURES: frozenset[Standard] = frozenset({"AT-C 215", "ISRS 4400"})
ALL: frozenset[Standard] = EXAMINATION | PROCEDURES


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that a report must say."""

    id: str
    words: str
    standards: frozenset[Standard]
    source: Source


ELEMENTS: tuple[Element, ...] = (
    Element("addressee", "to whom the report is addressed", ALL, "engagement"),
    Element("subject_matter", "the subject matter and its time", ALL, "statement"),
    Element("assertion", "the assertion of the responsible party", ALL, "statement"),
    Element("criteria", "the criteria", EXAMINATION, "statement"),
    Element("responsible_party", "the responsible party", ALL, "statement"),
    Element("engaging_party", "the engaging party", ALL, "engagement"),
    Element("purpose", "the purpose of the engagement", PROCEDURES, "engagement"),
    Element("intended_users", "for whose use the report is", ALL, "engagement"),
    Element("procedures", "the procedures, each with its findings", ALL, "statement"),
    Element("exceptions", "the exceptions", ALL, "statement"),
    Element("limitations", "significant inherent limitations", ALL, "statement"),
    Element("no_assurance", "that no assurance is given", PROCEDURES, "statement"),
    Element("title", "a title", ALL, "practitioner"),
    Element("standard", "the standard of the engagement", ALL, "practitioner"),
    Element("responsibility", "the practitioner's responsibility", ALL, "practitioner"),
    Element("independence", "independence and ethical requirements", ALL, "practitioner"),
    Element("quality_management", "the quality management applied", ALL, "practitioner"),
    Element(
        "procedures_agreed",
        "that the engaging party agreed to the procedures",
        PROCEDURES,
        "practitioner",
    ),
    Element("conclusion", "the conclusion, with what modifies it", EXAMINATION, "practitioner"),
    Element("practitioner", "the practitioner's name", ALL, "practitioner"),
    Element("licence", "the practitioner's licence", ALL, "practitioner"),
    Element("place", "the place", ALL, "practitioner"),
    Element("date", "the date", ALL, "practitioner"),
)

_STATED: Mapping[str, Callable[[Engagement | EngagementTable], bool]] = {
    "addressee": lambda one: one.addressee is not None,
    "engaging_party": lambda one: one.engaging_party is not None,
    "purpose": lambda one: one.purpose is not None,
    "intended_users": lambda one: bool(one.intended_users),
}


def required(standard: Standard, source: Source) -> tuple[Element, ...]:
    """Give what a standard wants of one who speaks, in the order of a report."""
    return tuple(one for one in ELEMENTS if one.source == source and standard in one.standards)


def unstated(engagement: Engagement | EngagementTable) -> tuple[Element, ...]:
    """List what the declared standard wants of the declaration, and is not there."""
    wanted = required(engagement.standard, "engagement")
    return tuple(one for one in wanted if not _STATED[one.id](engagement))
