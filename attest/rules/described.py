"""A rule in words: what it tests, whether it is law, how well that is known, what a breach does.

Everything is taken from the pack and from the figures by which it judges, so that what is read
before a run is what judges in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.rules.formula import explained
from attest.rules.kinds import kind_of
from attest.rules.parameters import Parameters
from attest.wording import GRADES, STATUSES
from config.policy import is_replaceable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.policy import Pack, Rule
    from config.standing import Block, Period, Standing

PERIODS: Mapping[Period, str] = {
    "always": "at all times",
    "each_day": "each day",
    "each_business_day": "each business day",
    "month_end": "at each month's end",
    "quarter": "each quarter",
    "half_year": "each half year",
    "year": "each year",
    "fiscal_year": "each fiscal year",
    "event": "at an event",
    "statement": "whenever a statement is made",
}
BLOCKS: Mapping[Block, str] = {
    "in_force": "law and rules in force",
    "proposals": "proposals",
    "stress": "stress",
}
UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class Described:
    """A rule with its pack, and what follows from both."""

    pack: Pack
    rule: Rule
    test: str
    inputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that is one rule's alone."""
        return f"{self.pack.id}/{self.rule.id}"

    @property
    def standing(self) -> Standing | None:
        """Its standing, by itself or as its pack's; None: neither says."""
        return self.pack.standing_of(self.rule)

    @property
    def replaceable(self) -> dict[str, int | str]:
        """The parameters that a declaration can replace, by the key that it writes."""
        return {
            f"{self.rule.id}.{key}": value
            for key, value in self.rule.parameters.items()
            if not isinstance(value, tuple) and is_replaceable(self.pack, self.rule, key)
        }

    @property
    def fixed(self) -> dict[str, int | str | tuple[str, ...]]:
        """The parameters that a declaration cannot replace."""
        return {
            key: value
            for key, value in self.rule.parameters.items()
            if not is_replaceable(self.pack, self.rule, key)
        }


def describe(pack: Pack, rule: Rule) -> Described:
    """Describe a rule.

    Raises:
        InputError: its kind is not known, or a parameter is missing or of the wrong form.
    """
    kind_of(rule)
    said = explained(rule.kind, Parameters(rule.id, rule.parameters, pack.calendar))
    return Described(pack, rule, said.test, said.inputs)


def applies(standing: Standing | None) -> str:
    """Say on which days a rule applies."""
    if standing is None or (standing.since is None and standing.until is None):
        return "any day"
    first = "" if standing.since is None else f"from {standing.since}"
    last = "" if standing.until is None else f"until {standing.until}"
    return f"{first} {last}".strip()


def lines_of(one: Described) -> tuple[tuple[str, str], ...]:
    """Give a rule's words, each line with its heading; a heading may stand several times."""
    pack, rule = one.pack, one.rule
    place = () if pack.jurisdiction is None else (("place", pack.jurisdiction),)
    return (
        ("rule", one.name),
        ("title", rule.title),
        ("pack", f"{pack.id} version {pack.version}: {pack.title}"),
        *place,
        *_standing(one),
        ("a breach", _breach(one)),
        ("no answer", _unknown(one)),
        ("test", one.test),
        ("inputs", "; ".join(one.inputs) or "the statement itself"),
        ("kind", rule.kind),
        *(
            ("parameter", f"{_quoted(key)} = {_quoted(one.replaceable[key])}")
            for key in one.replaceable
        ),
        *(("fixed", f"{key} = {_listed(value)}") for key, value in one.fixed.items()),
    )


def _standing(one: Described) -> Iterable[tuple[str, str]]:
    standing, reference = one.standing, one.rule.reference or "none"
    yield ("stands among", BLOCKS[one.pack.block_of(one.rule)])
    if standing is None:
        yield from (("status", UNSTATED), ("reference", reference))
        return
    zone = "UTC" if one.pack.calendar is None else one.pack.calendar.time_zone
    yield ("status", f"{standing.status}: {STATUSES[standing.status]}")
    yield ("applies", f"{applies(standing)}, days of {zone}")
    yield ("reference", reference)
    yield ("grade", f"{standing.grade}: {GRADES[standing.grade]}")
    yield ("source", f"{standing.source}; seen {standing.seen}")
    yield from (("unverified", text) for text in standing.unverified)
    yield ("applies to", standing.scope or "whoever chooses the pack")
    yield ("cure", standing.cure or "not known")
    yield ("period", PERIODS[standing.period])


def _breach(one: Described) -> str:
    block = one.pack.block_of(one.rule)
    if block != "in_force":
        return f"would_fail: shown among {BLOCKS[block]}, and decides nothing"
    if one.rule.severity == "warn":
        return "warns: shown, and decides nothing"
    return "fails the statement"


def _unknown(one: Described) -> str:
    if one.pack.block_of(one.rule) != "in_force":
        return "would_unknown: shown, and decides nothing"
    if one.rule.required:
        return "leaves the outcome unknown, which waits for it"
    return "is shown, and decides nothing: the outcome does not wait for it"


def _quoted(value: int | str) -> str:
    """Write a value as a declaration does."""
    return json.dumps(value, ensure_ascii=False)


def row_of(one: Described) -> dict[str, str | None]:
    """Give what a list of rules says of one; None: nothing is stated."""
    standing = one.standing
    return {
        "pack": one.pack.id,
        "id": one.rule.id,
        "status": None if standing is None else standing.status,
        "since": None if standing is None else standing.since,
        "until": None if standing is None else standing.until,
        "grade": None if standing is None else standing.grade,
        "severity": one.rule.severity,
        "period": None if standing is None else standing.period,
        "title": one.rule.title,
    }


def document_of(one: Described) -> dict[str, object]:
    """Give everything that is said of a rule, for programs."""
    pack, rule, standing = one.pack, one.rule, one.standing
    known = None
    if standing is not None:
        known = {
            "source": standing.source,
            "seen": standing.seen,
            "unverified": list(standing.unverified),
            "scope": standing.scope,
            "cure": standing.cure,
        }
    return {
        **row_of(one),
        "packVersion": pack.version,
        "packTitle": pack.title,
        "jurisdiction": pack.jurisdiction,
        "block": pack.block_of(rule),
        "reference": rule.reference,
        "standing": known,
        "required": rule.required,
        "kind": rule.kind,
        "test": one.test,
        "inputs": list(one.inputs),
        "parameters": one.replaceable,
        "fixed": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in one.fixed.items()
        },
    }


def _listed(value: int | str | tuple[str, ...]) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
