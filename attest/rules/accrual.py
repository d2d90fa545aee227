"""volume_accrual/1: a reserve that is built year by year from trading volume, up to a cap.

    accrual    = max(0, min(A, B))
    A          = sum over bases of rate * volume of this year
    cap        = sum over bases of cap rate * the largest volume of this year and the two before it
    B          = cap - what was brought forward
    releasable = max(0, what was brought forward - cap)
    test       : held >= min(brought forward + A, cap)

after article 175 of the Cabinet Office Order on Financial Instruments Business, which is for
brokers. The test follows from the formula: what was brought forward and accrued, or what may be
left once all that is above the cap is released, is the smaller of the two.

`This year` is the last fiscal year that had ended by the statement's day. A base of which a year is
not stated is not known; nothing traded is stated as zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.amounts import GRADES, Counted, amount_of, held_term
from attest.rules.bounds import (
    NOTHING_KNOWN,
    Bounds,
    compare,
    each,
    exactly,
    largest,
    smallest,
    total,
)
from attest.rules.case import Result
from attest.rules.figures import Figure, figures_as_facts, table_as_facts, write_money
from attest.rules.parameters import RATIO_DECIMALS
from attest.rules.prices import prices_in
from attest.rules.stated_facts import Asked, all_of, grade_in, span_of, written
from config.amount import parse_decimal
from config.books.fact_keys import FACT_KEYS
from config.calendar import PLAIN, fiscal_year, local_date
from config.errors import InputError

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from config.calendar import Calendar, FiscalYear

YEARS = 3
HELD = "reserve liability_reserve"


@dataclass(frozen=True, slots=True)
class Rate:
    """By how much a base of transactions builds the reserve."""

    base: str
    """A kind of the fact `trading_volume`."""
    accrual: Fraction
    cap: Fraction


@dataclass(frozen=True, slots=True)
class Volumes:
    """What was traded of a base in three fiscal years, this one first."""

    years: tuple[Bounds, ...]
    figures: tuple[Figure, ...]

    @property
    def peak(self) -> Bounds:
        """The largest of the years."""
        return largest(self.years)


@dataclass(frozen=True, slots=True)
class Accrual:
    """What the formula gives, in money of one currency."""

    year: Bounds
    """A: what this year's volume builds."""
    cap: Bounds
    brought: Bounds

    @property
    def required(self) -> Bounds:
        """What must be held once the year is accrued, and all that may be is released."""
        return smallest([total([self.brought, self.year]), self.cap])

    @property
    def room(self) -> Fraction | None:
        """B: the cap less what was brought forward; None if either is not known."""
        if self.cap.exact is None or self.brought.exact is None:
            return None
        return self.cap.exact - self.brought.exact

    @property
    def accrues(self) -> Fraction | None:
        """What is added this year; None if it is not known."""
        if self.room is None or self.year.exact is None:
            return None
        return max(Fraction(), min(self.year.exact, self.room))

    @property
    def releasable(self) -> Fraction | None:
        """What may be taken out as above the cap; None if it is not known."""
        return None if self.room is None else max(Fraction(), -self.room)


def volume_accrual(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge a reserve against the formula.

    Parameters: `currency`; `rates`, a base with its rate and its cap rate each; `grades` by which
    the reserve counts; `maximum_days` of the reserve.
    """
    prices, rates = prices_in(case, parameters.text("currency")), _rates(parameters)
    grades = parameters.words_of("grades", GRADES)
    maximum = parameters.whole("maximum_days")
    found = {one.base: volumes_of(case, one.base, parameters.calendar, prices) for one in rates}
    brought = _brought(case, parameters.calendar, prices)
    accrual = Accrual(
        total(_times(found[one.base].years[0], one.accrual) for one in rates),
        total(_times(found[one.base].peak, one.cap) for one in rates),
        brought.years[0],
    )
    held = amount_of(case, held_term(HELD), Counted(prices, parameters.calendar, grades, maximum))
    facts = {
        **_facts(prices, accrual, held.bounds),
        **figures_as_facts(
            [*(fig for one in found.values() for fig in one.figures), *brought.figures]
        ),
        **figures_as_facts(held.figures),
        **table_as_facts("bases", {one.base: _row(one, found[one.base]) for one in rates}),
    }
    text = (
        f"held {_said(held.bounds.exact)}, needed {_said(accrual.required.exact)}; this year "
        f"accrues {_said(accrual.accrues)}, the cap is {_said(accrual.cap.exact)}, "
        f"{_said(accrual.releasable)} may be released, in {prices.currency}"
    )
    return (Result(compare(held.bounds, accrual.required), prices.currency, text, facts),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    rates = _rates(parameters)
    year = " + ".join(f"{write_money(one.accrual)} * {one.base}" for one in rates)
    cap = " + ".join(f"{write_money(one.cap)} * max3({one.base})" for one in rates)
    test = (
        f"liability_reserve >= min(brought_forward + {year}, {cap}), in "
        f"{parameters.text('currency')}; max3: the largest of three fiscal years"
    )
    inputs = (f"fact trading_volume {one.base}" for one in rates)
    return test, (HELD, "fact reserve_brought_forward", *inputs)


def volumes_of(case: Case, base: str, calendar: Calendar | None, prices: Prices) -> Volumes:
    """Give what was traded of a base in the last three fiscal years that have ended."""
    return _stated(case, Asked("trading_volume", base), calendar, prices, YEARS)


def _brought(case: Case, calendar: Calendar | None, prices: Prices) -> Volumes:
    """Give what was held when the last ended fiscal year began."""
    return _stated(case, Asked("reserve_brought_forward"), calendar, prices, 1)


def _stated(
    case: Case, asked: Asked, calendar: Calendar | None, prices: Prices, years: int
) -> Volumes:
    """Give a fact of some fiscal years; none of it is known where a calendar has no such years."""
    places = calendar or PLAIN
    try:
        ended = ended_years(places, case.as_of, years)
        found = [_in_year(case, asked, year, places, prices) for year in ended]
    except InputError as error:
        figure = Figure(asked.name, "not known", "none", error.what)
        return Volumes((NOTHING_KNOWN,) * years, (figure,))
    return Volumes(tuple(bounds for bounds, _ in found), tuple(figure for _, figure in found))


def ended_years(calendar: Calendar, as_of: int, count: int) -> tuple[FiscalYear, ...]:
    """Give the last fiscal years that have ended at a time, the latest first; raise InputError."""
    found = [fiscal_year(calendar, local_date(calendar, as_of))]
    while len(found) <= count:
        found.append(fiscal_year(calendar, found[-1].first - timedelta(1)))
    return tuple(found[1:])


def _in_year(
    case: Case, asked: Asked, year: FiscalYear, calendar: Calendar, prices: Prices
) -> tuple[Bounds, Figure]:
    name = f"{asked.name} {year.label}"
    for fact in all_of(case, asked):
        if span_of(fact, calendar) == (year.first, year.last) and fact.unit is not None:
            figure = Figure(name, written(fact), grade_in(case, fact), f"facts.toml, {fact.where}")
            if prices.missing([fact.unit]):
                return NOTHING_KNOWN, figure
            return exactly(prices.value(fact.unit, int(str(fact.value)))), figure
    return NOTHING_KNOWN, Figure(name, "not known", "none", "facts.toml")


def _rates(parameters: Parameters) -> tuple[Rate, ...]:
    return tuple(_rate(text) for text in parameters.words("rates"))


def _rate(text: str) -> Rate:
    parts = text.split(" ")
    if len(parts) != YEARS or parts[0] not in FACT_KEYS["trading_volume"].kinds:
        raise InputError(f"rate not understood: {text!r}", "a base, its rate, its cap rate")
    accrual, cap = (
        Fraction(parse_decimal(one, RATIO_DECIMALS), 10**RATIO_DECIMALS) for one in parts[1:]
    )
    return Rate(parts[0], accrual, cap)


def _times(amount: Bounds, rate: Fraction) -> Bounds:
    return each(amount, lambda one: one * rate)


def _row(rate: Rate, found: Volumes) -> dict[str, str]:
    years = {f"year {index}": _said(one.exact) for index, one in enumerate(found.years)}
    return {
        **years,
        "rate": write_money(rate.accrual),
        "cap rate": write_money(rate.cap),
        "accrual": _said(_times(found.years[0], rate.accrual).exact),
        "cap": _said(_times(found.peak, rate.cap).exact),
    }


def _facts(prices: Prices, accrual: Accrual, held: Bounds) -> dict[str, str]:
    needed = accrual.required.exact
    distance = None if held.exact is None or needed is None else held.exact - needed
    return {
        "currency": prices.currency,
        "a": _said(accrual.year.exact),
        "b": _said(accrual.room),
        "cap": _said(accrual.cap.exact),
        "brought_forward": _said(accrual.brought.exact),
        "accrual": _said(accrual.accrues),
        "releasable": _said(accrual.releasable),
        "needed": _said(needed),
        "held": _said(held.exact),
        "distance": _said(distance),
    }


def _said(amount: Fraction | None) -> str:
    return "not known" if amount is None else write_money(amount)
