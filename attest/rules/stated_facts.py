"""The fact that a rule asks for: the latest of its key, and whether it is late enough.

A fact of a moment is about that moment, a fact of a period about its last day, and an event about
its own. What is about a time after the statement's is not taken, but for a period that still runs
and a moment of the same day. Of several the latest is; two of one day that differ are none, and one
that is too old is as good as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from attest.books import UNSHOWN, grade_for
from attest.rules.figures import Figure
from attest.third_party import value_of
from config.amount import format_decimal
from config.books.fact_keys import FACT_KEYS
from config.books.facts import Span
from config.calendar import PLAIN, fiscal_year_named, local_date
from config.errors import InputError

if TYPE_CHECKING:
    from attest.rules.case import Case
    from config.books.fact_keys import FactName
    from config.books.facts import Fact
    from config.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Asked:
    """Which fact is asked for."""

    key: FactName
    kind: str = ""
    party: str = ""
    maximum_days: int | None = None
    """How old it may be, in days; None: of any age."""

    @property
    def name(self) -> str:
        """Name it in words."""
        return " ".join(part for part in (self.key, self.kind, self.party) if part)


@dataclass(frozen=True, slots=True)
class Found:
    """What facts.toml says of what is asked for."""

    fact: Fact | None
    grade: str
    why: str
    """Why there is none; empty if there is."""
    figure: Figure


def all_of(case: Case, asked: Asked) -> tuple[Fact, ...]:
    """Give every fact of a key, kind and party, in file order."""
    facts = case.inputs.books.facts
    return () if facts is None else facts.of(asked.key, asked.kind, asked.party)


def latest(case: Case, asked: Asked, calendar: Calendar | None) -> Found:
    """Give the latest fact that can be taken, or why there is none."""
    places = calendar or PLAIN
    try:
        today = local_date(places, case.as_of)
        days = [(span_of(one, places), one) for one in all_of(case, asked)]
    except InputError as error:
        return _none(asked, error.what)
    known = [(last, index) for index, ((first, last), _) in enumerate(days) if first <= today]
    if not known:
        return _none(asked, "later than the statement" if days else "not stated in facts.toml")
    last = max(day for day, _ in known)
    chosen = [days[index][1] for day, index in known if day == last]
    if len({(one.value, one.unit) for one in chosen}) > 1:
        return _none(asked, f"stated {len(chosen)} times until {last}, with other values")
    age = (today - last).days
    if asked.maximum_days is not None and age > asked.maximum_days:
        what = f"the last is of {last}, {age} days before {today}"
        return _none(asked, f"{what}, {asked.maximum_days} are allowed")
    grade = grade_in(case, chosen[0])
    return Found(chosen[0], grade, "", _figure(asked, chosen[0], grade))


def span_of(fact: Fact, calendar: Calendar) -> tuple[date, date]:
    """Give the first and last day that a fact is about; raise InputError if nobody can say."""
    match fact.period:
        case Span(first, last):
            return first, last
        case str() as label:
            year = fiscal_year_named(calendar, label)
            return year.first, year.last
        case None:
            day = fact.value if isinstance(fact.value, date) else None
            if day is None:
                moment = fact.as_of if fact.as_of is not None else fact.value
                day = local_date(calendar, int(str(moment)))
            return day, day


def grade_in(case: Case, fact: Fact) -> str:
    """Give how a fact is shown: `declared`, `document` or `signed`."""
    shown = case.inputs.shown.get(("facts", fact.where), UNSHOWN)
    return grade_for(shown, fact.document, case.vouched)


def written(fact: Fact) -> str:
    """Write a fact's value for people."""
    if FACT_KEYS[fact.key].form in {"money", "share"}:
        return f"{format_decimal(int(str(fact.value)), fact.decimals)} {fact.unit or ''}".strip()
    return value_of(fact)


def _figure(asked: Asked, fact: Fact, grade: str) -> Figure:
    return Figure(asked.name, written(fact), grade, f"facts.toml, {fact.where}")


def _none(asked: Asked, why: str) -> Found:
    return Found(None, "none", why, Figure(asked.name, "not known", "none", why))
