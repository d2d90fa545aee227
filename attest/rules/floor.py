"""reserve_floor/1: what must stand behind customers' assets does.

    held    = sum of the amounts that count
    needed  = min(cap, max(floor, sum of rate * amount))
    test    : held >= needed

Amounts are named as `attest.rules.amounts` says. A floor may hang on the class of the firm's
licence, which is a fact of the books: until it is stated the floor is one of them, and the rule is
answered only where each gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.amounts import GRADES, Counted, Term, amount_of, held_term, needed_term
from attest.rules.bounds import Bounds, compare, either, exactly, largest, smallest, total
from attest.rules.case import Result
from attest.rules.figures import figures_as_facts, write_between, write_distance, write_known
from attest.rules.parameters import RATIO_DECIMALS
from attest.rules.prices import prices_in
from attest.rules.stated_facts import Asked, latest
from config.amount import parse_decimal

if TYPE_CHECKING:
    from attest.rules.amounts import Amount
    from attest.rules.case import Case
    from attest.rules.figures import Figure
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices

CLASS = Asked("licence_class")


@dataclass(frozen=True, slots=True)
class _Floor:
    """The least that is needed whatever is held, and what it follows from."""

    bounds: Bounds
    figures: tuple[Figure, ...]


def reserve_floor(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge what is held against what is needed.

    Parameters: `currency`; `held`, words of amounts; `grades` that count there; `needed`, a rate
    and words of an amount each; `maximum_days` of reserves and facts; and, where the rule has
    them, `floor` or `floors` by class of the licence, and `cap`.
    """
    prices = prices_in(case, parameters.text("currency"))
    maximum = parameters.whole("maximum_days")
    grades = parameters.words_of("grades", GRADES)
    strict = Counted(prices, parameters.calendar, grades, maximum)
    held = [amount_of(case, one, strict) for one in _held(parameters)]
    plain = Counted(prices, parameters.calendar, (), maximum)
    terms = [amount_of(case, one, plain) for one in _needed(parameters)]
    floor = _floor(case, parameters)
    needed = largest([floor.bounds, total(one.bounds for one in terms)])
    if "cap" in parameters.values:
        needed = smallest([needed, exactly(parameters.ratio("cap"))])
    figures = [*floor.figures, *_figures(terms), *_figures(held)]
    return (_result(prices, total(one.bounds for one in held), needed, figures),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs of such a rule in words."""
    terms, currency = _needed(parameters), parameters.text("currency")
    needed = " + ".join(one.text for one in terms)
    if "floors" in parameters.values:
        needed = f"max({needed or 0}, floor of the licence's class)"
    elif "floor" in parameters.values:
        needed = f"max({needed or 0}, {parameters.text('floor')})"
    if "cap" in parameters.values:
        needed = f"min({needed}, {parameters.text('cap')})"
    held = _held(parameters)
    inputs = dict.fromkeys(" ".join(one.words) for one in (*held, *terms))
    if "floors" in parameters.values:
        inputs["fact licence_class"] = None
    test = f"{' + '.join(one.text for one in held)} >= {needed}, in {currency}"
    return test, (*inputs, f"prices in {currency}, spot")


def _held(parameters: Parameters) -> tuple[Term, ...]:
    return tuple(held_term(text) for text in parameters.words("held"))


def _needed(parameters: Parameters) -> tuple[Term, ...]:
    """Read the terms of what is needed; there are none where a floor is all."""
    if parameters.values.get("needed") == ():
        return ()
    return tuple(needed_term(text) for text in parameters.words("needed"))


def _figures(amounts: list[Amount]) -> list[Figure]:
    return [figure for one in amounts for figure in one.figures]


def _floor(case: Case, parameters: Parameters) -> _Floor:
    if "floors" not in parameters.values:
        stated = parameters.ratio("floor") if "floor" in parameters.values else Fraction()
        return _Floor(exactly(stated), ())
    floors = [
        Fraction(parse_decimal(text, RATIO_DECIMALS), 10**RATIO_DECIMALS)
        for text in parameters.words("floors")
    ]
    found = latest(case, CLASS, parameters.calendar)
    number = 0 if found.fact is None else int(str(found.fact.value))
    if 1 <= number <= len(floors):
        return _Floor(exactly(floors[number - 1]), (found.figure,))
    return _Floor(either(floors), (found.figure,))


def _result(prices: Prices, held: Bounds, needed: Bounds, figures: list[Figure]) -> Result:
    status = compare(held, needed)
    text = f"held {write_between(held)}, needed {write_between(needed)}, in {prices.currency}"
    facts = {
        "currency": prices.currency,
        "held": write_known(held),
        "needed": write_known(needed),
        "distance": write_distance(held, needed),
        **figures_as_facts(figures),
    }
    return Result(status, prices.currency, text, facts)
