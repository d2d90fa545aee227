"""The amounts of money that rules compare, each named by a few words in the rule.

| words | amount |
|---|---|
| `part online` | value of a part of what is held (`attest.rules.holding`) |
| `owed` | value of what customers are owed |
| `fact net_assets` | a fact in money, with its kind: `fact trading_volume customer_spot` |
| `reserve liability_reserve` | all rows of one kind of reserves.toml |
| `insurance online theft` | the most that policies pay for such a loss (`attest.rules.insured`) |

Before what is needed stands a rate: `0.05 part online`. What is held counts by the grade it is
shown with: a row of a weaker grade than the rule asks for could be there, so it is no part of the
least that is held, and part of the most.

A reserve of a kind that the file does not name is not known, because zero can be stated; a policy
that it does not name does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast, get_args

from attest.books import UNSHOWN, grade_for
from attest.rules.bounds import NOTHING_KNOWN, Bounds, each, exactly, total
from attest.rules.figures import CHAIN, Figure, write_money
from attest.rules.holding import PARTS, owed_grade, owed_of, part_of, unread
from attest.rules.insured import TIERS, Loss, insured
from attest.rules.parameters import RATIO_DECIMALS
from attest.rules.stated_facts import Asked, latest
from config.amount import format_decimal, parse_decimal
from config.books.fact_keys import FACT_KEYS, FactName
from config.books.insurance import Peril
from config.books.reserves import ReserveKind
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.rules.case import Case
    from attest.rules.holding import Part
    from attest.rules.insured import Tier
    from attest.rules.prices import Prices
    from config.books.reserves import Reserve
    from config.caip import InstrumentId
    from config.calendar import Calendar

SECONDS_A_DAY = 86_400
GRADES = ("declared", "document", "signed")


@dataclass(frozen=True, slots=True)
class Term:
    """An amount that a rule names, times a rate."""

    rate: Fraction
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """Write it as a formula does."""
        name = "_".join(self.words)
        return name if self.rate == 1 else f"{write_money(self.rate)} * {name}"


@dataclass(frozen=True, slots=True)
class Counted:
    """By what amounts are counted."""

    prices: Prices
    calendar: Calendar | None
    grades: tuple[str, ...]
    """How a row must be shown to count as held; empty: in any way."""
    maximum_days: int
    """How old a reserve or fact may be."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What is known of an amount, with every input of it."""

    bounds: Bounds
    figures: tuple[Figure, ...]


def held_term(text: str) -> Term:
    """Read the words of an amount that is held; raise InputError."""
    return _checked(Term(Fraction(1), tuple(text.split(" "))), text)


def needed_term(text: str) -> Term:
    """Read the words of an amount that is needed, after its rate; raise InputError."""
    rate, _, rest = text.partition(" ")
    scaled = parse_decimal(rate, RATIO_DECIMALS)
    return _checked(Term(Fraction(scaled, 10**RATIO_DECIMALS), tuple(rest.split(" "))), text)


def _checked(term: Term, text: str) -> Term:
    match term.words:
        case ["part", part] if part in PARTS:
            return term
        case ["owed"]:
            return term
        case ["fact", str() as key, *kinds] if _is_money(key, kinds):
            return term
        case ["reserve", kind] if kind in get_args(ReserveKind):
            return term
        case ["insurance", tier, peril] if tier in TIERS and peril in get_args(Peril):
            return term
    raise InputError(f"amount not understood: {text!r}", "such as part online, or fact net_assets")


def _is_money(key: str, kinds: list[str]) -> bool:
    known = FACT_KEYS.get(cast("FactName", key))
    if known is None or known.form != "money" or known.party:
        return False
    return kinds[0] in known.kinds if len(kinds) == 1 else not (kinds or known.kinds)


def amount_of(case: Case, term: Term, counted: Counted) -> Amount:
    """Give what is known of an amount in the currency of the prices."""
    match term.words:
        case ["part", part]:
            found = _part(case, cast("Part", part), counted.prices)
        case ["owed"]:
            found = _owed(case, counted.prices)
        case ["fact", key, *kinds]:
            asked = Asked(cast("FactName", key), "".join(kinds), "", counted.maximum_days)
            found = _fact(case, asked, counted)
        case ["insurance", tier, peril]:
            found = _insurance(case, Loss(cast("Tier", tier), cast("Peril", peril)), counted)
        case _:
            found = _reserve(case, cast("ReserveKind", term.words[-1]), counted)
    return Amount(each(found.bounds, lambda amount: term.rate * amount), found.figures)


def _part(case: Case, part: Part, prices: Prices) -> Amount:
    lacking = len(unread(case, part))
    word = f", {lacking} accounts not read" if lacking else ""
    value = _value(part_of(case, part), prices)
    figure = Figure(part, _said(value, prices) + word, CHAIN, "accounts.csv, custody.toml")
    bounds = Bounds(value.lower, None) if lacking else value
    return Amount(bounds, (figure, *prices.figures(part_of(case, part))))


def _owed(case: Case, prices: Prices) -> Amount:
    owed = owed_of(case)
    if not case.inputs.books.liabilities:
        figure = Figure("owed", "not known", "none", "no liabilities were given")
        return Amount(NOTHING_KNOWN, (figure,))
    value = _value(owed, prices)
    figure = Figure("owed", _said(value, prices), owed_grade(case), "liabilities.csv")
    return Amount(value, (figure, *prices.figures(owed)))


def _value(amounts: Mapping[InstrumentId, int], prices: Prices) -> Bounds:
    """Give the value of amounts; those without a price take away the upper end."""
    held = {name: units for name, units in amounts.items() if units}
    lacking = prices.missing(held)
    value = prices.total({name: units for name, units in held.items() if name not in lacking})
    return Bounds(value, None if lacking else value)


def _fact(case: Case, asked: Asked, counted: Counted) -> Amount:
    found = latest(case, asked, counted.calendar)
    if found.fact is None or found.fact.unit is None:
        return Amount(NOTHING_KNOWN, (found.figure,))
    unit, prices = found.fact.unit, counted.prices
    used = (found.figure, *prices.figures([unit]))
    if prices.missing([unit]):
        return Amount(NOTHING_KNOWN, used)
    value = prices.value(unit, int(str(found.fact.value)))
    return Amount(_graded(value, found.grade, counted), used)


def _graded(value: Fraction, grade: str, counted: Counted) -> Bounds:
    """Give the bounds of a value that is shown with a grade."""
    counts = not counted.grades or grade in counted.grades
    return exactly(value) if counts else Bounds(Fraction(), value)


def _reserve(case: Case, kind: ReserveKind, counted: Counted) -> Amount:
    books = case.inputs.books.reserves
    rows = [one for one in (() if books is None else books.reserves) if one.kind == kind]
    if not rows:
        figure = Figure(kind, "not known", "none", "reserves.toml does not state it")
        return Amount(NOTHING_KNOWN, (figure,))
    found = [_row(case, row, counted) for row in rows]
    used = counted.prices.figures([row.instrument for row in rows])
    figures = [figure for one in found for figure in one.figures]
    return Amount(total([one.bounds for one in found]), (*figures, *used))


def _row(case: Case, row: Reserve, counted: Counted) -> Amount:
    """Give what is known of one row of reserves.toml."""
    shown, prices = case.inputs.shown.get(("reserves", row.where), UNSHOWN), counted.prices
    grade = grade_for(shown, row.document, case.vouched)
    stale = abs(case.as_of - row.as_of) > counted.maximum_days * SECONDS_A_DAY
    where = f"reserves.toml, {row.where}, {row.holder}, as of {format_time(row.as_of)}"
    said = f"{format_decimal(row.units, row.decimals)} {row.instrument}"
    figure = Figure(f"{row.kind} {row.where}", f"{said}, too old" if stale else said, grade, where)
    if stale or prices.missing([row.instrument]):
        return Amount(NOTHING_KNOWN, (figure,))
    return Amount(_graded(prices.value(row.instrument, row.units), grade, counted), (figure,))


def _insurance(case: Case, loss: Loss, counted: Counted) -> Amount:
    if case.inputs.books.reserves is None:
        figure = Figure("insurance", "not known", "none", "no reserves.toml was given")
        return Amount(NOTHING_KNOWN, (figure,))
    grades = counted.grades or GRADES
    found = insured(case, counted.prices, loss, grades)
    weaker = sum((one.credit for one in found.weaker), Fraction())
    lacking = found.unpriced or found.weaker_unpriced
    upper = None if lacking else found.credit + weaker
    none = Figure("insurance", "0", "declared", "reserves.toml names no policy")
    return Amount(Bounds(found.credit, upper), found.figures or (none,))


def _said(value: Bounds, prices: Prices) -> str:
    known = f"{write_money(value.lower)} {prices.currency}"
    return known if value.exact is not None else f"{known} and what has no price"
