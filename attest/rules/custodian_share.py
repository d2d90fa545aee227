"""custodian_share/1: no custodian holds more of customers' value than his tier allows.

A custodian's tier is a fact of the books about him. What is measured is what he states over his
signature; the value it is measured against is all that is held for customers, wherever.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.lines import in_instrument
from attest.rules.case import Result, write_ratio
from attest.rules.figures import Figure, figures_as_facts, write_money
from attest.rules.holding import PARTS, part_of
from attest.rules.parameters import RATIO_DECIMALS
from attest.rules.prices import stated_prices
from attest.rules.stated_facts import Asked, latest
from config.amount import parse_decimal

if TYPE_CHECKING:
    from attest.lines import Line
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices


def custodian_share(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each custodian that holds anything.

    Parameters: `caps` by tier, the first tier first; `currency`, `price_basis`.
    """
    prices, caps = stated_prices(case, parameters), _caps(parameters)
    held = part_of(case, "held")
    missing = prices.missing(name for name, units in held.items() if units)
    if missing:
        text = f"no {prices.basis} price in {prices.currency} for: {', '.join(missing)}"
        return (Result("unknown", prices.currency, text, {"missing": " ".join(missing)}),)
    by_holder: defaultdict[str, list[Line]] = defaultdict(list)
    for line in case.lines:
        if PARTS["entrusted"](line) and line.key.instrument:
            by_holder[line.key.holder].append(line)
    total = prices.total(held)
    return tuple(
        _judge(case, parameters, name, _value(case, lines, prices), total, caps)
        for name, lines in sorted(by_holder.items())
        if total
    ) or (Result("not_applicable", "", "no custodian states anything over his signature"),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    caps = ", ".join(write_money(cap) for cap in _caps(parameters))
    test = (
        "sum(entrusted to one custodian * price) <= cap of his tier * sum(held * price); "
        f"caps by tier: {caps}"
    )
    prices = f"prices in {parameters.text('currency')}, {parameters.text('price_basis')}"
    return test, ("accounts: entrusted", "accounts: held", "fact custodian_tier", prices)


def _caps(parameters: Parameters) -> tuple[Fraction, ...]:
    texts = parameters.words("caps")
    return tuple(
        Fraction(parse_decimal(text, RATIO_DECIMALS), 10**RATIO_DECIMALS) for text in texts
    )


def _value(case: Case, lines: list[Line], prices: Prices) -> Fraction:
    """Give the value of lines, each instrument's added up first."""
    by_instrument: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_instrument[line.key.instrument].append(line)
    registry = case.inputs.registry
    return sum(
        (prices.value(name, in_instrument(own, registry)) for name, own in by_instrument.items()),
        Fraction(),
    )


def _judge(
    case: Case,
    parameters: Parameters,
    name: str,
    value: Fraction,
    total: Fraction,
    caps: tuple[Fraction, ...],
) -> Result:
    found = latest(case, Asked("custodian_tier", "", name), parameters.calendar)
    share = value / total
    facts = {
        "value": write_money(value),
        "of": write_money(total),
        "share": write_ratio(share),
        **figures_as_facts((found.figure, Figure("entrusted", write_money(value), "signed", name))),
    }
    tier = 0 if found.fact is None else int(str(found.fact.value))
    if not 1 <= tier <= len(caps):
        text = f"{name} holds {write_ratio(share)}; its tier is not known: {found.why or tier}"
        return Result("unknown", name, text, facts)
    cap = caps[tier - 1]
    facts |= {"limit": write_ratio(cap), "distance": write_ratio(cap - share)}
    text = (
        f"{name} of tier {tier} holds {write_ratio(share)}, at most {write_ratio(cap)} is allowed"
    )
    return Result("pass" if share <= cap else "breach", name, text, facts)
