"""No rule of a law gets better by more online, by another word, or by the order of rows."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attest.regulated import (
    DECIMALS,
    OWED,
    PRICES,
    Exchange,
    fact,
    findings,
    fx1,
    held,
    insurance,
    price,
    reserve,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.findings import Finding
    from attest.pipeline import Work
    from attest.positions import Position

Say: TypeAlias = "Callable[[str, Exchange], dict[str, Finding]]"
RANK = {"pass": 0, "not_applicable": 0, "unknown": 1, "warn": 2, "fail": 2}
CURRENCIES = {"jp-psa": "jpy", "hk": "hkd", "kr": "krw", "sg": "sgd", "th": "thb", "bh": "jpy"}
ONLINE_RULES = {
    "jp-psa": ("jp_hot_5", "jp_guarantee", "jp_unmatched"),
    "hk": ("hk_hot_2", "hk_compensation"),
    "kr": ("kr_cold_80", "kr_reserve_5"),
    "sg": ("sg_cold_90",),
    "th": ("th_cold_90",),
    "bh": ("bh_cold_90",),
}
SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
NAMES = sorted(PRICES)
HOLDING = st.builds(
    lambda name, parts, number, method, owner, band: held(
        name,
        units(name, OWED[name]) * parts // 40,
        number,
        method=method,
        owner=owner,
        band=band,
    ),
    st.sampled_from(NAMES),
    st.integers(0, 40),
    st.integers(0, 10**6),
    st.sampled_from(["cold", "cold", "cold", "hot", "warm"]),
    st.sampled_from(["customer", "customer", "guarantee", "house", "mixed"]),
    st.sampled_from(["controlled", "controlled", "observed", "none"]),
)
MANY = st.lists(HOLDING, min_size=1, max_size=8, unique_by=lambda one: one.account)


def exchange(pack: str, held_by: list[Position]) -> Exchange:
    currency = CURRENCIES[pack]
    spot = fx1(currency)
    mean = tuple(replace(one, basis="avg_1y") for one in spot.prices)
    kinds = ("liability_reserve", "house_capital", "bank_guarantee")
    return replace(
        spot,
        holdings=tuple(held_by),
        prices=(*spot.prices, *mean),
        reserves=tuple(
            reserve(kind, 2 * 10**9, currency, number) for number, kind in enumerate(kinds)
        ),
        facts=(fact("licence_class", 1),),
    )


@pytest.fixture
def say(work: Work) -> Say:
    """Give what a pack says of an exchange, by a short name."""
    return lambda pack, made: findings(made.case(work), pack)


def ranks(say: Say, pack: str, made: Exchange) -> dict[str, int]:
    """Give how bad each rule and subject is, where nothing is said of one as good as it can be."""
    found = say(pack, made)
    return {
        key: RANK[one.status]
        for key, one in found.items()
        if one.code in ONLINE_RULES[pack] and ":" in key
    }


def no_better(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    assert {key: rank for key, rank in before.items() if after.get(key, 0) < rank} == {}


@pytest.mark.parametrize("pack", ONLINE_RULES)
@SHARED
@given(many=MANY, name=st.sampled_from(NAMES), extra=st.integers(1, 10**24))
def test_more_online_improves_no_rule(
    say: Say, pack: str, many: list[Position], name: str, extra: int
) -> None:
    hot = held(name, extra % units(name, OWED[name]) + 1, 10**7, method="hot")

    no_better(
        ranks(say, pack, exchange(pack, many)), ranks(say, pack, exchange(pack, [*many, hot]))
    )


@pytest.mark.parametrize("pack", ONLINE_RULES)
@SHARED
@given(many=MANY, method=st.sampled_from(["hot", "warm", "unknown"]), holder=st.booleans())
def test_nothing_is_better_than_cold_and_with_itself(
    say: Say, pack: str, many: list[Position], method: str, *, holder: bool
) -> None:
    best = replace(many[0], method="cold", holder="self", owner="customer", band="controlled")
    worse = replace(best, method=method, holder="acme" if holder else "self")  # type: ignore[arg-type]

    no_better(
        ranks(say, pack, exchange(pack, [best, *many[1:]])),
        ranks(say, pack, exchange(pack, [worse, *many[1:]])),
    )


@SHARED
@given(many=MANY, name=st.sampled_from(NAMES), amount=st.integers(1, 10**20))
def test_an_asset_that_customers_do_not_hold_changes_no_verdict_of_another(
    say: Say, many: list[Position], name: str, amount: int
) -> None:
    owed = tuple(one for one in fx1().owed if one.instrument != name)
    own = [one for one in many if one.instrument != name]
    strange = held(name, amount, 10**7, owner="house")

    def verdicts(*more: Position) -> dict[str, str]:
        made = replace(exchange("bh", [*own, *more]), owed=owed)
        found = say("bh", made) | say("jp-psa", made)
        codes = ("bh_cold_90", "jp_guarantee", "jp_coverage")
        return {key: one.status for key, one in found.items() if one.code in codes and ":" in key}

    assert verdicts() == verdicts(strange)


def shuffled(made: Exchange, seed: int) -> Exchange:
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    rows = {
        name: tuple(chance.sample(getattr(made, name), len(getattr(made, name))))
        for name in ("holdings", "owed", "prices", "reserves", "insurance", "facts")
    }
    return replace(made, **rows)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("pack", [*ONLINE_RULES, "jp-liability-reserve", "eu-mica", "us-tx"])
@SHARED
@given(many=MANY, seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing(
    say: Say, pack: str, many: list[Position], seed: int
) -> None:
    made = exchange(pack if pack in CURRENCIES else "jp-psa", many)
    made = replace(
        made,
        insurance=(insurance(10**9), replace(insurance(2 * 10**9), where="insurance.1")),
        facts=(
            *made.facts,
            fact("net_assets", 5, unit="jpy"),
            fact("reconciliation_missed_days", 1, period="FY2026"),
            fact("reconciliation_missed_days", 0, period="FY2025"),
        ),
    )

    def said(one: Exchange) -> dict[str, Finding]:
        return say(pack, one)

    assert said(made) == said(shuffled(made, seed))


@SHARED
@given(
    amount=st.integers(0, 10**12),
    more=st.integers(0, 10**12),
    kind=st.sampled_from(["liability_reserve", "house_capital", "bank_guarantee"]),
)
def test_more_behind_it_never_makes_a_reserve_worse(
    say: Say, amount: int, more: int, kind: str
) -> None:
    def judged(first: int) -> int:
        kinds = ("liability_reserve", "house_capital", "bank_guarantee")
        rows = tuple(
            reserve(one, first if one == kind else 0, "hkd", number)
            for number, one in enumerate(kinds)
        )
        made = replace(fx1("hkd"), reserves=rows)
        return RANK[say("hk", made)["hk_compensation"].status]

    assert judged(amount + more) <= judged(amount)


@SHARED
@given(
    amounts=st.lists(st.integers(0, 10**30), min_size=3, max_size=3),
    scale=st.integers(1, 10**9),
)
def test_a_share_does_not_hang_on_the_unit_of_the_price(
    say: Say, amounts: list[int], scale: int
) -> None:
    holdings = [
        held(name, amount % units(name, OWED[name]), number, method="hot" if number else "cold")
        for number, (name, amount) in enumerate(zip(NAMES, amounts, strict=True))
    ]
    made = exchange("jp-psa", holdings)
    dearer = tuple(price(name, PRICES[name] * scale) for name in NAMES)

    def judged(one: Exchange) -> tuple[str, str]:
        found = say("jp-psa", one)["jp_hot_5"]
        return found.status, found.facts["share"]

    assert judged(made) == judged(replace(made, prices=dearer))
    assert DECIMALS["jpy"] == 0
