"""Every rule of past losses: met by so many yen, not met by one less, unknown without.

What a rule needs is what it says that is uncovered, or exposed, rounded up to the next yen.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

import pytest

from config.policy import parse_pack, shipped_pack
from tests.attest.regulated import Exchange, findings, fx1, price, reserve

if TYPE_CHECKING:
    from attest.findings import Finding
    from attest.pipeline import Work

PACK = parse_pack(shipped_pack("past-losses"), "past-losses.toml")
RULES = {rule.id: rule for rule in PACK.rule}
MONEY = {"usd": 150, "cad": 108, "krw": 1, "inr": 2}
WORST = ("would_fail", "would_unknown", "would_pass", "not_applicable")


def holding(amount: int | None) -> Exchange:
    """Give FX1 without insurance and guarantee assets, each vault named, with a reserve in yen."""
    base = fx1()
    kept = tuple(one for one in base.holdings if one.owner == "customer")
    return replace(
        base,
        holdings=kept,
        domains={one.account: f"vault {number}" for number, one in enumerate(kept)},
        prices=(*base.prices, *(price(name, amount) for name, amount in MONEY.items())),
        reserves=None if amount is None else (reserve("liability_reserve", amount),),
        insurance=(),
    )


def told(work: Work, name: str, exchange: Exchange) -> list[Finding]:
    found = findings(exchange.case(work), "past-losses")
    return [one for key, one in found.items() if one.code == name and ":" in key]


def worst(found: list[Finding]) -> str:
    return min((one.status for one in found), key=WORST.index)


def needed(work: Work, name: str) -> int:
    """Give the yen that leave nothing uncovered, by what the rule says where there are none."""
    found = told(work, name, holding(0))
    if RULES[name].kind == "past_losses/1":
        rows = [text for key, text in found[0].facts.items() if key.endswith("/shortfall")]
        return max(ceil(Fraction(text)) for text in rows)
    key = "exposed" if "reverse" in RULES[name].kind else "uncovered"
    return max(ceil(Fraction(one.facts[key])) for one in found)


@pytest.mark.parametrize("name", RULES)
def test_one_yen_decides_each_rule(work: Work, name: str) -> None:
    amount = needed(work, name)

    assert amount > 10**9
    assert worst(told(work, name, holding(amount))) == "would_pass"
    assert worst(told(work, name, holding(amount - 1))) == "would_fail"


@pytest.mark.parametrize("name", RULES)
def test_without_the_reserve_or_a_price_no_rule_is_met(work: Work, name: str) -> None:
    amount = needed(work, name)

    assert worst(told(work, name, holding(None))) == "would_unknown"
    unpriced = replace(holding(amount), prices=())
    assert worst(told(work, name, unpriced)) == "would_unknown"
