"""Rules about what must have happened, and what must be so, by facts of the books.

fact_age/2: what must recur has happened within so many days, months or quarters.
fact_limit/1: a count or share is at most, or at least, so much.
filed/1: a yearly report was filed within so many days of the fiscal year's end.
notified/1: where what is held does not cover what is owed, it was reported.
judgement/1: what a person must judge is named, and never scored.

Each asks for a fact by its key. What is not stated is not known.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, cast, get_args

from attest.reckoning import TABLE, reckon
from attest.rules.accrual import ended_years
from attest.rules.case import NAMED, Result
from attest.rules.figures import Figure, figures_as_facts
from attest.rules.prices import prices_in
from attest.rules.stated_facts import Asked, all_of, grade_in, latest, span_of, written
from config.books.fact_keys import FACT_KEYS, FactName
from config.books.facts import SHARE_DECIMALS
from config.calendar import PLAIN, business_days_between, local_date
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from datetime import date

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.books.facts import Fact
    from config.calendar import Calendar, FiscalYear

UNITS = ("days", "business_days", "months", "quarters")
BOUNDS = ("at_most", "at_least")
MONTHS, QUARTER = 12, 3


def fact_age(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the age of the latest event of a key, in units of the pack's place.

    Parameters: `key` and `kind` (empty where the key has none), `unit`, `maximum`. A month is the
    same day of the next one, or its last day; quarters are counted by name, so that what happened
    in the quarter before is of age one on every day of this.
    """
    asked, unit = _asked(parameters), parameters.word("unit", UNITS)
    maximum, calendar = parameters.whole("maximum"), parameters.calendar or PLAIN
    found = latest(case, asked, calendar)
    if found.fact is None:
        return (_not_known(asked, found.why, found.figure),)
    try:
        today = local_date(calendar, case.as_of)
        _, day = span_of(found.fact, calendar)
        age = _age(calendar, day, today, unit)
    except InputError as error:
        return (_not_known(asked, error.what, found.figure),)
    text = f"the last is of {day}, {age} {unit} before {today} in {calendar.time_zone}"
    facts = {
        "day": str(day),
        "age": str(age),
        "unit": unit,
        "limit": str(maximum),
        "distance": str(maximum - age),
        **figures_as_facts([found.figure]),
    }
    return (Result("pass" if age <= maximum else "breach", asked.name, text, facts),)


def explain_age(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    asked, unit = _asked(parameters), parameters.word("unit", UNITS).replace("_", " ")
    test = f"age of {asked.name} <= {parameters.whole('maximum')} {unit}"
    return test, (f"fact {asked.name}",)


def fact_limit(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge a count or a share.

    Parameters: `key`, `kind`, `bound` (`at_most` or `at_least`), `limit` as decimal text or empty
    if it is not set, `maximum_days` since the last day that the fact is about.
    """
    asked = Asked(*_named(parameters), "", parameters.whole("maximum_days"))
    bound = parameters.word("bound", BOUNDS)
    limit = parameters.ratio("limit") if parameters.text("limit") else None
    found = latest(case, asked, parameters.calendar)
    if found.fact is None or limit is None:
        why = found.why or "its limit is not set"
        return (_not_known(asked, why, found.figure),)
    value = _ratio(found.fact)
    distance = limit - value if bound == "at_most" else value - limit
    facts = {
        "value": written(found.fact),
        "limit": parameters.text("limit"),
        "distance": str(distance),
        **figures_as_facts([found.figure]),
    }
    asks = "at most {} is allowed" if bound == "at_most" else "at least {} is asked"
    text = f"it is {written(found.fact)}, {asks.format(parameters.text('limit'))}"
    return (Result("pass" if distance >= 0 else "breach", asked.name, text, facts),)


def explain_limit(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    name = " ".join(part for part in _named(parameters) if part)
    sign = "<=" if parameters.word("bound", BOUNDS) == "at_most" else ">="
    return f"{name} {sign} {parameters.text('limit') or 'a limit that is not set'}", (
        f"fact {name}",
    )


def filed(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the report on the last fiscal year that has ended.

    Parameters: `days` after its end; `unless_accounts` and `unless_value` in `currency`, at or
    below which both a firm owes no report. What is not stated excuses nobody.
    """
    days, calendar = parameters.whole("days"), parameters.calendar or PLAIN
    asked = Asked("report_filed")
    excuse = _excused(case, parameters)
    if excuse:
        return (Result("not_applicable", asked.name, excuse),)
    try:
        today = local_date(calendar, case.as_of)
        (year,) = ended_years(calendar, case.as_of, 1)
        done, due = _filed_on(case, asked, year, calendar), _day_after(year.last, days)
    except InputError as error:
        return (Result("unknown", asked.name, error.what),)
    facts = {"fiscal_year": year.label, "due": str(due), "days": str(days)}
    if done is None:
        word = "not due yet" if today <= due else "not known whether it was filed"
        status = "not_applicable" if today <= due else "unknown"
        text = f"the report on {year.label} is due on {due}: {word}"
        return (
            Result("unknown" if status == "unknown" else "not_applicable", asked.name, text, facts),
        )
    day, figure = done
    facts |= {"day": str(day), "distance": str((due - day).days), **figures_as_facts([figure])}
    text = f"the report on {year.label} was filed on {day}, due on {due}"
    return (Result("pass" if day <= due else "breach", asked.name, text, facts),)


def explain_filed(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    days = parameters.whole("days")
    test = f"day of report_filed <= last day of the fiscal year + {days} days"
    names = ("report_filed", "customer_accounts", "customer_assets_value")
    return test, tuple(f"fact {name}" for name in names)


def notified(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge whether a shortfall was reported. Takes no parameters.

    It was, if a notification is stated that is not before the statement's own day: what was
    reported earlier was another shortfall.
    """
    asked, calendar = Asked("shortfall_notified"), parameters.calendar or PLAIN
    judged = [one for one in reckon(case.material, TABLE) if one.owed is not None]
    short = [str(one.instrument) for one in judged if (one.adjusted or 0) < 0]
    if not judged:
        return (Result("unknown", asked.name, "no liabilities were given"),)
    if not short:
        return (Result("not_applicable", asked.name, "nothing is short"),)
    facts = {"short": " ".join(short[:NAMED])}
    today = local_date(calendar, case.as_of)
    told = [one for one in all_of(case, asked) if span_of(one, calendar)[1] >= today]
    if not told:
        text = f"short: {', '.join(short[:NAMED])}; facts.toml states no notification of it"
        return (Result("unknown", asked.name, text, facts),)
    figure = Figure(asked.name, written(told[0]), grade_in(case, told[0]), "facts.toml")
    text = f"short: {', '.join(short[:NAMED])}; reported at {format_time(int(str(told[0].value)))}"
    return (Result("pass", asked.name, text, {**facts, **figures_as_facts([figure])}),)


def explain_notified(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    del parameters
    test = "where held < owed of any instrument: shortfall_notified is stated"
    return test, ("accounts", "liabilities", "fact shortfall_notified")


def judgement(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Name what a person must judge. Parameters: `question`."""
    del case
    text = f"not scored, a person judges it: {parameters.text('question')}"
    return (Result("not_applicable", "", text),)


def explain_judgement(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the question; there is no test and no input."""
    return f"not scored: {parameters.text('question')}", ()


def _named(parameters: Parameters) -> tuple[FactName, str]:
    key = cast("FactName", parameters.word("key", get_args(FactName)))
    return key, parameters.word("kind", FACT_KEYS[key].kinds or ("",))


def _asked(parameters: Parameters) -> Asked:
    return Asked(*_named(parameters))


def _not_known(asked: Asked, why: str, figure: Figure) -> Result:
    return Result("unknown", asked.name, why, figures_as_facts([figure]))


def _ratio(fact: Fact) -> Fraction:
    scale = 10**SHARE_DECIMALS if FACT_KEYS[fact.key].form == "share" else 1
    return Fraction(int(str(fact.value)), scale)


def _age(calendar: Calendar, day: date, today: date, unit: str) -> int:
    """Give how many units lie between two days, begun ones counted whole."""
    if unit == "days":
        return (today - day).days
    if unit == "business_days":
        return business_days_between(calendar, day, today)
    if unit == "quarters":
        return _quarter(today) - _quarter(day)
    months = (today.year - day.year) * MONTHS + today.month - day.month
    return months + (today.day > day.day)


def _quarter(day: date) -> int:
    return day.year * (MONTHS // QUARTER) + (day.month - 1) // QUARTER


def _day_after(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError as error:
        raise InputError(f"no day is {days} days after {day}") from error


def _filed_on(
    case: Case, asked: Asked, year: FiscalYear, calendar: Calendar
) -> tuple[date, Figure] | None:
    """Give the day on which the report on a year was filed, None if it is not stated."""
    for fact in all_of(case, asked):
        # The value is the day; the period is the year that the report is about.
        if span_of(fact, calendar) == (year.first, year.last) and not isinstance(fact.value, int):
            where = f"facts.toml, {fact.where}"
            return fact.value, Figure(asked.name, written(fact), grade_in(case, fact), where)
    return None


def _excused(case: Case, parameters: Parameters) -> str:
    """Say why a firm owes no report; empty if it does, or if nobody knows."""
    accounts = latest(case, Asked("customer_accounts"), parameters.calendar).fact
    worth = latest(case, Asked("customer_assets_value"), parameters.calendar).fact
    prices = prices_in(case, parameters.text("currency"))
    most, below = parameters.whole("unless_accounts"), parameters.ratio("unless_value")
    if accounts is None or worth is None or worth.unit is None or prices.missing([worth.unit]):
        return ""
    few = int(str(accounts.value)) <= most
    value = prices.value(worth.unit, int(str(worth.value)))
    small = value < below
    return (
        f"{written(accounts)} accounts, {written(worth)}: no report is owed"
        if few and small
        else ""
    )
