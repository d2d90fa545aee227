"""share_limit/1: how much of what customers are owed may, or must, be kept in some way.

Every rule of this form differs in five things: which part is measured, what it is measured against,
whether the limit is the most or the least, whether each instrument is judged or the value of all of
them, and by which price. A law states each of them, and no two of the laws state the same.

Beside a total stands the table of the instruments: one that is all online disappears in a total.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from attest.rules.case import Result, write_ratio
from attest.rules.figures import CHAIN, Figure, figures_as_facts, table_as_facts, write_money
from attest.rules.holding import PART_WORDS, PARTS, owed_grade, owed_of, part_of, unread
from attest.rules.prices import stated_prices
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.rules.case import Case
    from attest.rules.holding import Part
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from config.caip import InstrumentId

Bound: TypeAlias = Literal["at_most", "at_least"]
BOUNDS: tuple[Bound, ...] = ("at_most", "at_least")
AGGREGATIONS = ("total_value", "per_asset")
OF = ("owed", "held")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a rule of this kind asks."""

    part: Part
    of: Literal["owed", "held"]
    bound: Bound
    share: Fraction

    def distance(self, part: Fraction, whole: Fraction) -> Fraction:
        """Give how far a part is on the right side of the limit; below zero it is on the wrong."""
        room = self.share * whole - part
        return room if self.bound == "at_most" else -room


@dataclass(frozen=True, slots=True)
class _Measured:
    """The amounts of a case that a limit is about, in base units."""

    parts: Mapping[InstrumentId, int]
    wholes: Mapping[InstrumentId, int]

    @property
    def instruments(self) -> tuple[InstrumentId, ...]:
        return tuple(sorted({*self.parts, *self.wholes}))


@dataclass(frozen=True, slots=True)
class _Smaller:
    """Another limit for firms below a size."""

    below: Fraction
    """Value of the whole, in the rule's currency."""
    limit: Limit


def share_limit(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge a share, of each instrument or of the value of all.

    Parameters: `part` (of `attest.rules.holding`), `of` (`owed` or `held`), `bound` (`at_most` or
    `at_least`), `limit` as a ratio, `aggregation` (`per_asset` or `total_value`); of a total
    `currency` and `price_basis`, and if smaller firms have another limit `smaller_below`, in the
    currency, and `smaller_limit`.
    """
    limit = _limit(parameters)
    total = parameters.word("aggregation", AGGREGATIONS) == "total_value"
    prices = stated_prices(case, parameters) if total else None
    smaller = _smaller(parameters, limit) if total else None
    if limit.of == "owed" and not case.inputs.books.owed():
        return (_nothing_owed(case),)
    wholes = owed_of(case) if limit.of == "owed" else part_of(case, "held")
    measured = _Measured(part_of(case, limit.part), wholes)
    if not any(wholes.values()):
        return (Result("not_applicable", "", f"nothing is {limit.of}"),)
    if prices is not None:
        return (_total(case, limit, smaller, measured, prices),)
    return tuple(_one(case, limit, measured, name) for name, units in wholes.items() if units)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs of such a rule in words."""
    limit, total = _limit(parameters), parameters.word("aggregation", AGGREGATIONS) == "total_value"
    sign = "<=" if limit.bound == "at_most" else ">="
    numerator, denominator = limit.share.numerator, limit.share.denominator
    price = " * price" if total else ""
    term = "sum({0}" + price + ")" if total else "{0}"
    test = f"{denominator} * {term.format(limit.part)} {sign} {numerator} * {term.format(limit.of)}"
    if total and "smaller_below" in parameters.values:
        other = parameters.ratio("smaller_limit")
        below = f"{parameters.text('smaller_below')} {parameters.text('currency')}"
        test += (
            f"; where sum({limit.of} * price) < {below}: {other.denominator} * "
            f"{term.format(limit.part)} {sign} {other.numerator} * {term.format(limit.of)}"
        )
    inputs = [f"accounts: {limit.part}", "liabilities" if limit.of == "owed" else "accounts: held"]
    if total:
        basis = parameters.text("price_basis")
        inputs.append(f"prices in {parameters.text('currency')}, {basis}")
    return f"{test}, {'over all instruments' if total else 'for each instrument'}", tuple(inputs)


def _limit(parameters: Parameters) -> Limit:
    return Limit(
        cast("Part", parameters.word("part", tuple(PARTS))),
        cast('Literal["owed", "held"]', parameters.word("of", OF)),
        cast("Bound", parameters.word("bound", BOUNDS)),
        parameters.ratio("limit"),
    )


def _nothing_owed(case: Case) -> Result:
    if case.compares:
        return Result("unknown", "", "no liabilities were given")
    return Result("not_applicable", "", "the declared scope has no comparison")


def _one(case: Case, limit: Limit, measured: _Measured, name: InstrumentId) -> Result:
    """Judge one instrument, in its base units."""
    part, whole = measured.parts.get(name, 0), measured.wholes[name]
    decimals = case.inputs.registry.instrument(name).decimals
    distance = limit.distance(Fraction(part), Fraction(whole))
    text = (
        f"{name}: {write_ratio(Fraction(part, whole))} of what is {limit.of} is "
        f"{PART_WORDS[limit.part]}, {_bound(limit)}"
    )
    facts = {
        limit.part: str(part),
        limit.of: str(whole),
        "share": write_ratio(Fraction(part, whole)),
        "limit": write_ratio(limit.share),
        "distance": str(floor(distance)),
        "decimals": str(decimals),
        **figures_as_facts(
            _amounts(
                case,
                limit,
                f"{format_decimal(part, decimals)} {name}",
                f"{format_decimal(whole, decimals)} {name}",
            )
        ),
    }
    return _judged(case, limit, Result("pass" if distance >= 0 else "breach", name, text, facts))


def _total(
    case: Case, limit: Limit, smaller: _Smaller | None, measured: _Measured, prices: Prices
) -> Result:
    """Judge the value of all instruments."""
    valued = [
        name
        for name in measured.instruments
        if measured.parts.get(name) or measured.wholes.get(name)
    ]
    missing = prices.missing(valued)
    if missing:
        text = f"no {prices.basis} price in {prices.currency} for: {', '.join(missing)}"
        return Result("unknown", prices.currency, text, {"missing": " ".join(missing)})
    part, whole = prices.total(measured.parts), prices.total(measured.wholes)
    limit = limit if smaller is None or whole >= smaller.below else smaller.limit
    text = (
        f"{write_ratio(part / whole)} of what is {limit.of} is {PART_WORDS[limit.part]} by value "
        f"in {prices.currency}, {_bound(limit)}"
    )
    said = (f"{write_money(one)} {prices.currency}" for one in (part, whole))
    facts = {
        **_facts(limit, part, whole, prices),
        **figures_as_facts((*_amounts(case, limit, *said), *prices.figures(valued))),
        **table_as_facts("instruments", _table(case, limit, measured, prices)),
    }
    met = limit.distance(part, whole) >= 0
    result = Result("pass" if met else "breach", prices.currency, text, facts)
    return _judged(case, limit, result)


def _facts(limit: Limit, part: Fraction, whole: Fraction, prices: Prices) -> dict[str, str]:
    return {
        "currency": prices.currency,
        limit.part: write_money(part),
        limit.of: write_money(whole),
        "share": write_ratio(part / whole),
        "limit": write_ratio(limit.share),
        "limit_value": write_money(limit.share * whole),
        "distance": write_money(limit.distance(part, whole)),
    }


def _smaller(parameters: Parameters, limit: Limit) -> _Smaller | None:
    """Give the limit of smaller firms; None: it is that of all."""
    if "smaller_below" not in parameters.values:
        return None
    other = Limit(limit.part, limit.of, limit.bound, parameters.ratio("smaller_limit"))
    return _Smaller(parameters.ratio("smaller_below"), other)


def _judged(case: Case, limit: Limit, result: Result) -> Result:
    """Give a result, or that it is not known where accounts that were not read could turn it."""
    lacking = unread(case, limit.part)
    turns = (limit.bound == "at_most") == (result.status == "pass")
    if not lacking or not turns:
        return result
    text = f"{result.text}; {len(lacking)} accounts that may belong to it were not read"
    return Result("unknown", result.subject, text, {**result.facts, "unread": str(len(lacking))})


def _bound(limit: Limit) -> str:
    if limit.bound == "at_most":
        return f"at most {write_ratio(limit.share)} is allowed"
    return f"at least {write_ratio(limit.share)} is asked"


def _amounts(case: Case, limit: Limit, part: str, whole: str) -> tuple[Figure, ...]:
    other = "liabilities.csv" if limit.of == "owed" else "accounts.csv"
    grade = owed_grade(case) if limit.of == "owed" else CHAIN
    return (
        Figure(limit.part, part, CHAIN, "accounts.csv, custody.toml"),
        Figure(limit.of, whole, grade, other),
    )


def _table(
    case: Case, limit: Limit, measured: _Measured, prices: Prices
) -> dict[str, dict[str, str]]:
    """Give what each instrument adds to a total."""
    rows = {}
    for name in measured.instruments:
        part, whole = measured.parts.get(name, 0), measured.wholes.get(name, 0)
        decimals = case.inputs.registry.instrument(name).decimals
        rows[str(name)] = {
            limit.part: format_decimal(part, decimals),
            limit.of: format_decimal(whole, decimals),
            "share": write_ratio(Fraction(part, whole)) if whole else "none",
            f"{limit.part} value": write_money(prices.total({name: part})),
            f"{limit.of} value": write_money(prices.total({name: whole})),
        }
    return rows
