"""fact_age/1: what must recur has happened within so many days, as its place counts them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, get_args

from attest.rules.case import Result
from config.books.fact_keys import FactName
from config.calendar import PLAIN, business_days_between, local_date
from config.errors import InputError

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.books.facts import Fact
    from config.calendar import Calendar

DAYS = ("calendar", "business")


def fact_age(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the age of the latest event of a key of facts.toml, in days of the pack's place.

    Parameters: `key` and `kind` (empty where the key has none) of the fact, `days` (`calendar` or
    `business`), `maximum`. A day whose holidays the pack does not list is not counted: unknown.
    """
    key = parameters.word("key", get_args(FactName))
    kind, days = parameters.text("kind"), parameters.word("days", DAYS)
    maximum = parameters.whole("maximum")
    subject = f"{key} {kind}".strip()
    facts = case.inputs.books.facts
    stated = (
        ()
        if facts is None
        else tuple(one for one in facts.facts if (one.key, one.kind) == (key, kind))
    )
    if not stated:
        return (Result("unknown", subject, "facts.toml does not state it"),)
    calendar = parameters.calendar or PLAIN
    try:
        today = local_date(calendar, case.as_of)
        latest = max(_day(one, calendar) for one in stated)
        age = _age(calendar, latest, today, days)
    except InputError as error:
        return (Result("unknown", subject, error.what),)
    text = f"the last is of {latest}, {age} {days} days before {today} in {calendar.time_zone}"
    facts_of = {"age_days": str(age), "maximum_days": str(maximum), "day": str(latest)}
    return (Result("pass" if 0 <= age <= maximum else "breach", subject, text, facts_of),)


def _day(fact: Fact, calendar: Calendar) -> date:
    value = fact.value
    return value if isinstance(value, date) else local_date(calendar, value)


def _age(calendar: Calendar, latest: date, today: date, days: str) -> int:
    if days == "calendar" or latest > today:
        return (today - latest).days
    return business_days_between(calendar, latest, today)
