from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attest.rules.bounds import Bounds, exactly
from attest.rules.insured import Policy
from attest.rules.stress.cover import Cover
from config.books.prices import PRICE_DECIMALS
from config.errors import InputError
from tests.attest.regulated import (
    AS_OF,
    fact,
    findings,
    fx1,
    held,
    insurance,
    price,
    reserve,
    units,
)
from tests.attest.stressed import DAY, judged, one, unread

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Result
    from config.books.prices import Price
    from tests.attest.regulated import Exchange

NONE = ""
# The study's fixture FX1, block C: gross loss, uncovered, shortfall, cover.
BLOCK_C = [
    ("bitpoint_2019", "would_pass", "9727200000", "79200000", "0", "62.878787878787"),
    ("coincheck_2018", "would_pass", "6000000000", "0", "0", "none"),
    ("bybit_2025", "would_fail", "30000000000", "30000000000", "25020000000", "0.166000000000"),
    ("wazirx_2024", "would_fail", "112500000000", "112500000000", "107520000000", "0.044266666666"),
    ("dmm_2024", "would_fail", "67543500000", "67543500000", "62563500000", "0.073730262719"),
    ("swissborg_2025", "would_fail", "5000000000", "5000000000", "20000000", "0.996000000000"),
    # Variants that the study names and gives no figures of.
    (
        "dmm_2024_all",
        "would_fail",
        "150000000000",
        "150000000000",
        "145020000000",
        "0.033200000000",
    ),
    ("bybit_2025_reserves", "would_fail", "21600000000", "21600000000", "16620000000", NONE),
    ("coinrail_2018", "would_fail", "75000000000", "75000000000", "70020000000", "0.066400000000"),
]


@pytest.mark.parametrize(("rule", "status", "gross", "uncovered", "short", "cover"), BLOCK_C)
def test_block_c_of_fx1(
    work: Work, rule: str, status: str, gross: str, uncovered: str, short: str, cover: str
) -> None:
    found = findings(fx1().case(work), "past-losses")[rule]

    assert (status, "jpy") == (found.status, found.subject)
    assert (gross, uncovered) == (found.facts["gross"], found.facts["uncovered"])
    assert ("1980000000", "3000000000") == (found.facts["reserve"], found.facts["insurance"])
    assert ("4980000000", short) == (found.facts["available"], found.facts["shortfall"])
    assert cover in {found.facts["cover"], NONE}


def test_bitpoint_leaves_what_the_guarantee_lacks_of_one_instrument(work: Work) -> None:
    facts = findings(fx1().case(work), "past-losses")["bitpoint_2019"].facts
    table = {key: facts[f"instruments/{key}"] for key in ("xrp/lost", "xrp/guarantee")}

    assert {"xrp/lost": "9264000", "xrp/guarantee": "9000000"} == table
    assert "264000" == facts["instruments/xrp/uncovered"]
    assert "79200000" == facts["instruments/xrp/uncovered value"]
    assert ("370.56", "0") == (
        facts["instruments/btc/lost"],
        facts["instruments/btc/uncovered"],
    )
    assert "79200000" == facts["paid"]
    assert "300 jpy" == facts["inputs/price of xrp/value"]
    assert "document" == facts["inputs/liability_reserve reserve.0/grade"]
    assert "3000000000 jpy less 0" == facts["inputs/policy insurance.0/value"]
    assert "derived" == facts["source_grade"]


def test_coincheck_hits_the_largest_instrument_alone(work: Work) -> None:
    facts = findings(fx1().case(work), "past-losses")["coincheck_2018"].facts

    assert {"btc"} == {key.split("/")[1] for key in facts if key.startswith("instruments/")}
    assert "400" == facts["instruments/btc/lost"]


def test_of_two_that_are_largest_the_one_is_lost_that_leaves_more_uncovered(work: Work) -> None:
    more = held("eth", units("eth", 9_000), 9, method="hot")
    exchange = replace(fx1(), holdings=(*fx1().holdings, more))
    result = one(work, exchange, "coincheck_2018")

    # 400 btc and 12,000 eth are worth the same; 3,000 eth are matched.
    assert ("6000000000", "4500000000") == (result.facts["gross"], result.facts["uncovered"])


def test_a_loss_of_money_is_converted_and_nothing_of_the_same_kind_stands_against_it(
    work: Work,
) -> None:
    exchange = replace(fx1(), prices=(*fx1().prices, won("0.11")))
    result = one(work, exchange, "upbit_2025")

    assert ("pass", "4895000000", "0") == (
        result.status,
        result.facts["uncovered"],
        result.facts["shortfall"],
    )
    assert "1.017364657814" == result.facts["cover"]
    # 4,980,000,000 are there: one yen less, and one more.
    for amount, status in (("45272727272", "pass"), ("45272727273", "breach")):
        assert status == one(work, exchange, "upbit_2025", amount=amount).status


def won(rate: str) -> Price:
    scaled = int(Fraction(rate) * 10**PRICE_DECIMALS)
    return replace(price("krw", 1), scaled=scaled)


def covering(amount: int) -> Exchange:
    """Give the exchange with so much insurance that a loss of all ether leaves what is reserved."""
    return replace(fx1(), insurance=(insurance(amount),))


@pytest.mark.parametrize(
    ("limit", "status", "short"),
    [(28_020_000_000, "pass", "0"), (28_019_999_999, "breach", "1")],
)
def test_one_yen_decides(work: Work, limit: int, status: str, short: str) -> None:
    result = one(work, covering(limit), "bybit_2025")

    assert (status, short) == (result.status, result.facts["shortfall"])


def test_a_base_unit_more_is_not_rounded_away(work: Work) -> None:
    grown = (*fx1().holdings, held("eth", 1, 7))
    result = one(work, replace(covering(28_020_000_000), holdings=grown), "bybit_2025")

    # 0.75 wei at 500,000 yen: what is written is rounded down, what is compared is not.
    assert ("breach", "0") == (result.status, result.facts["shortfall"])
    assert "-0.000000000001" == result.facts["distance"]
    assert "60000.00000000000000000075" == result.facts["instruments/eth/lost"]


@pytest.mark.parametrize(
    ("btc", "status", "gross"),
    [
        (4502, "would_fail", "67530000000"),
        (4503, "would_fail", "67543500000"),
        (1, "would_pass", "15000000"),
    ],
)
def test_a_fixed_quantity_is_no_more_than_is_held(
    work: Work, btc: int, status: str, gross: str
) -> None:
    exchange = replace(fx1(), holdings=(held("btc", units("btc", btc)),))
    found = findings(exchange.case(work), "past-losses")["dmm_2024"]

    assert (status, gross) == (found.status, found.facts["gross"])


def test_guarantee_assets_stand_against_online_losses_of_the_same_kind_alone(work: Work) -> None:
    for tier, uncovered in (("online", "0"), ("offline", "6000000000"), ("both", "6000000000")):
        result = one(work, fx1(), "coincheck_2018", tier=tier)
        assert uncovered == result.facts["uncovered"]
    # All bitcoin online, and only ether to stand against it.
    exchange = replace(
        fx1(),
        holdings=(
            held("btc", units("btc", 10), method="hot"),
            held("eth", units("eth", 10_000), 1, owner="guarantee"),
        ),
    )
    assert "138960000" == one(work, exchange, "bitpoint_2019").facts["uncovered"]


@pytest.mark.parametrize(
    "change",
    [
        {"band": "none"},
        {"band": "observed"},
        {"band": "attested", "basis": "stated", "holder": "Custodian"},
        {"owner": "mixed"},
        {"owner": "unallocated"},
    ],
)
def test_what_was_not_shown_can_be_stolen_as_well(work: Work, change: dict[str, str]) -> None:
    more = held("btc", units("btc", 100), 9, **change)
    exchange = replace(fx1(), holdings=(*fx1().holdings, more))

    assert "151500000000" == one(work, exchange, "dmm_2024_all").facts["gross"]


def test_the_houses_own_coins_are_nobodys_loss(work: Work) -> None:
    more = held("btc", units("btc", 100), 9, owner="house")
    exchange = replace(fx1(), holdings=(*fx1().holdings, more))

    assert "150000000000" == one(work, exchange, "dmm_2024_all").facts["gross"]


def test_what_is_not_held_is_not_lost(work: Work) -> None:
    exchange = replace(fx1(), holdings=(held("btc", units("btc", 10)),))

    for rule in ("bybit_2025", "bitpoint_2019", "coincheck_2018"):
        assert "not_applicable" == one(work, exchange, rule).status
    assert "pass" == one(work, exchange, "swissborg_2025").status


def test_net_assets_are_shown_and_never_added(work: Work) -> None:
    rich = replace(fx1(), facts=(fact("net_assets", 10**12, unit="jpy"),))
    result = one(work, rich, "swissborg_2025")

    assert ("breach", "20000000") == (result.status, result.facts["shortfall"])
    assert "1000000000000 jpy" == result.facts["net_assets"]
    assert "not stated" == one(work, fx1(), "swissborg_2025").facts["net_assets"]


# What is missing.


@pytest.mark.parametrize("rule", ["bybit_2025", "wazirx_2024", "bitpoint_2019", "upbit_2025"])
def test_without_prices_nothing_is_known(work: Work, rule: str) -> None:
    result = one(work, replace(fx1(), prices=()), rule)

    assert ("unknown", "not known") == (result.status, result.facts["shortfall"])
    assert "a spot price of " in result.facts["missing"]


def test_a_missing_price_matters_only_where_the_answer_hangs_on_it(work: Work) -> None:
    without = {name: priced_without(name) for name in ("btc", "eth", "xrp")}

    # All that is lost of bitcoin is matched in kind; of xrp something is left.
    assert "pass" == one(work, without["btc"], "bitpoint_2019").status
    assert "unknown" == one(work, without["xrp"], "bitpoint_2019").status
    # Ether and xrp alone are more than there is.
    assert "breach" == one(work, without["btc"], "wazirx_2024").status
    # Xrp may be the largest.
    assert "unknown" == one(work, without["xrp"], "coincheck_2018").status
    assert "pass" == one(work, without["eth"], "coincheck_2018").status


def priced_without(name: str) -> Exchange:
    return replace(fx1(), prices=tuple(row for row in fx1().prices if row.instrument != name))


def test_a_price_of_another_basis_or_currency_is_none(work: Work) -> None:
    averages = tuple(replace(row, basis="avg_1y") for row in fx1().prices)

    assert "unknown" == one(work, replace(fx1(), prices=averages), "bybit_2025").status
    assert "unknown" == one(work, fx1(), "bybit_2025", currency="usd").status


def test_a_reserve_that_is_not_stated_is_not_zero(work: Work) -> None:
    silent = replace(fx1(), reserves=())
    zero = replace(fx1(), reserves=(reserve("liability_reserve", 0),))

    assert ("unknown", "breach") == (
        one(work, silent, "swissborg_2025").status,
        one(work, zero, "swissborg_2025").status,
    )
    assert "not known" == one(work, silent, "swissborg_2025").facts["reserve"]
    assert "the liability reserve" == one(work, silent, "swissborg_2025").facts["missing"]
    # Policies alone pay for it, or nothing is left.
    assert "pass" == one(work, silent, "bitpoint_2019").status
    assert "pass" == one(work, silent, "coincheck_2018").status


def test_an_old_reserve_is_none(work: Work) -> None:
    for days, status in ((31, "pass"), (32, "unknown")):
        row = replace(reserve("liability_reserve", 10**12), as_of=AS_OF - days * DAY)
        assert status == one(work, replace(fx1(), reserves=(row,)), "bybit_2025").status


def test_without_the_file_neither_reserve_nor_insurance_is_known(work: Work) -> None:
    bare = replace(fx1(), reserves=None)

    assert "unknown" == one(work, bare, "bitpoint_2019").status
    assert "pass" == one(work, bare, "coincheck_2018").status


def test_accounts_that_were_not_read_could_be_lost_too(work: Work) -> None:
    case = fx1().case(work)
    hot = unread(case, work, next(row.id for row in case.inputs.accounts.rows if "btc" in row.id))

    assert "unknown" == judged(hot, "bitpoint_2019")[0].status
    assert "unknown" == judged(hot, "coincheck_2018")[0].status
    assert "accounts that were not read" in judged(hot, "bitpoint_2019")[0].facts["missing"]
    assert "breach" == judged(hot, "wazirx_2024")[0].status
    assert "accounts that were not read" == judged(hot, "bybit_2025")[0].facts["missing"]
    # The quantity is there already.
    assert "62563500000" == judged(hot, "dmm_2024")[0].facts["shortfall"]


def test_guarantee_assets_that_were_not_read_are_not_known_to_be_missing(work: Work) -> None:
    exchange = replace(fx1(), reserves=(reserve("liability_reserve", 0),), insurance=())
    case = exchange.case(work)
    (own,) = (
        row.id for row in case.inputs.accounts.rows if row.owner == "guarantee" and "xrp" in row.id
    )

    assert "breach" == judged(case, "bitpoint_2019")[0].status
    assert "unknown" == judged(unread(case, work, own), "bitpoint_2019")[0].status


# Insurance.

DECLARED: dict[str, object] = {"document": None}
NO_ANSWER: list[dict[str, object]] = [
    {"until": AS_OF},
    {"since": AS_OF + 1},
    {"scope": ("hot",)},
    {"perils": ("insider", "fraud")},
    DECLARED,
]


@pytest.mark.parametrize("change", NO_ANSWER)
def test_a_policy_that_does_not_answer_never_counts(work: Work, change: dict[str, object]) -> None:
    large = replace(fx1(), insurance=(insurance(10**12),))
    other = replace(fx1(), insurance=(insurance(10**12, 0, "jpy", **change),))

    assert "pass" == one(work, large, "bybit_2025").status
    result = one(work, other, "bybit_2025")
    assert ("breach", "28020000000") == (result.status, result.facts["shortfall"])
    assert "0" == result.facts["insurance"]
    assert "does not answer" in result.facts["inputs/policy insurance.0/value"]


@pytest.mark.parametrize(
    ("scope", "answers"),
    [
        (("hot",), {"online"}),
        (("cold",), {"offline"}),
        (("hot", "cold"), {"online", "offline", "both"}),
    ],
)
def test_a_policy_answers_for_the_way_the_coins_were_kept(
    work: Work, scope: tuple[str, ...], answers: set[str]
) -> None:
    exchange = replace(fx1(), insurance=(insurance(10**12, scope=scope),))
    tiers = ("online", "offline", "both")

    assert answers == {
        tier for tier in tiers if one(work, exchange, "bybit_2025", tier=tier).status == "pass"
    }


def test_the_days_of_a_policy_are_exact(work: Work) -> None:
    for change in ({"since": AS_OF}, {"until": AS_OF + 1}):
        exchange = replace(fx1(), insurance=(insurance(10**12, 0, "jpy", **change),))
        assert "pass" == one(work, exchange, "bybit_2025").status


def test_a_deductible_is_the_entitys_own(work: Work) -> None:
    exchange = replace(fx1(), insurance=(insurance(40_000_000_000, 2_000_000_000),))
    result = one(work, exchange, "bybit_2025")

    assert ("breach", "28000000000", "20000000") == (
        result.status,
        result.facts["paid"],
        result.facts["shortfall"],
    )
    # What it could pay at most is more than the loss; the ratio does not decide.
    assert "1.332666666666" == result.facts["cover"]


def test_a_policy_in_a_currency_without_price_may_pay(work: Work) -> None:
    exchange = replace(fx1(), insurance=(insurance(10**9, currency="usd"),))
    declared = replace(fx1(), insurance=(insurance(10**9, currency="usd", document=None),))

    assert "unknown" == one(work, exchange, "bybit_2025").status
    facts = one(work, exchange, "bybit_2025").facts
    assert "what all policies pay" == facts["missing"]
    assert ("not known", "not known") == (facts["paid"], facts["insurance"])
    assert "breach" == one(work, declared, "bybit_2025").status


def test_a_reserve_that_is_only_declared_does_not_pass(work: Work) -> None:
    exchange = replace(fx1(), reserves=(reserve("liability_reserve", 10**12),))
    case = exchange.case(work)
    shown = {key: replace(row, grade="declared") for key, row in case.inputs.shown.items()}
    weak = replace(case, inputs=replace(case.inputs, shown=shown))

    assert "pass" == judged(case, "bybit_2025")[0].status
    assert "unknown" == judged(weak, "bybit_2025")[0].status


# Forms.


@pytest.mark.parametrize(
    "change",
    [
        {"base": "all"},
        {"base": None},
        {"tier": "warm"},
        {"tier": None},
        {"peril": "flood"},
        {"peril": None},
        {"fraction": None},
        {"fraction": "1.000000000001"},
        {"fraction": "-1"},
        {"quantity": "1"},
        {"fraction": None, "quantity": "1"},
        {"fraction": None, "amount": "1", "amount_currency": "jpy"},
        {"base": "money"},
        {"base": "instrument"},
        {"base": "instrument", "instrument": "nothing"},
        {"currency": "nothing"},
        {"currency": None},
        {"grades": ("rumour",)},
        {"maximum_days": None},
    ],
)
def test_a_scenario_of_a_wrong_form_is_refused(work: Work, change: dict[str, str | None]) -> None:
    with pytest.raises(InputError):
        one(work, fx1(), "bitpoint_2019", **change)


@pytest.mark.parametrize("quantity", ["0.000000001", "many"])
def test_a_quantity_is_exact_or_refused(work: Work, quantity: str) -> None:
    with pytest.raises(InputError):
        one(work, fx1(), "dmm_2024", quantity=quantity)


# Properties.

AMOUNTS = st.integers(0, 2 * 10**11)
FRACTIONS = st.integers(0, 10**4).map(lambda n: f"0.{n:04d}" if n < 10**4 else "1")
ONE_OR_NONE = st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=1)
SEVERAL = st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=3)


def money(result: Result, key: str) -> Fraction:
    return Fraction(result.facts[key])


def standing(own: int, policies: list[tuple[int, int]]) -> Exchange:
    rows = tuple(
        insurance(max(pair) + 1, min(pair), where=f"insurance.{number}")
        for number, pair in enumerate(policies)
    )
    return replace(fx1(), reserves=(reserve("liability_reserve", own),), insurance=rows)


@settings(max_examples=40)
@given(data=st.data(), own=AMOUNTS, more=AMOUNTS, policies=SEVERAL)
def test_more_reserve_or_insurance_never_increases_a_shortfall(
    work: Work, data: st.DataObject, own: int, more: int, policies: list[tuple[int, int]]
) -> None:
    rule = data.draw(st.sampled_from([row[0] for row in BLOCK_C]))
    plain = one(work, standing(own, policies), rule)
    richer = one(work, standing(own + more, policies), rule)
    insured = one(work, standing(own, [*policies, (more, more // 2)]), rule)

    assert money(richer, "shortfall") <= money(plain, "shortfall")
    assert money(insured, "shortfall") <= money(plain, "shortfall")
    for result in (plain, richer, insured):
        assert (result.status == "pass") == (money(result, "shortfall") == 0)


@settings(max_examples=40)
@given(own=AMOUNTS, policies=ONE_OR_NONE, fractions=st.tuples(FRACTIONS, FRACTIONS))
def test_a_larger_fraction_never_decreases_a_shortfall(
    work: Work, own: int, policies: list[tuple[int, int]], fractions: tuple[str, str]
) -> None:
    small, large = sorted(fractions)
    for rule in ("bitpoint_2019", "wazirx_2024"):
        results = [
            one(work, standing(own, policies), rule, fraction=fraction)
            for fraction in (small, large)
        ]
        less, more = (
            Fraction() if result.status == "not_applicable" else money(result, "shortfall")
            for result in results
        )
        assert less <= more


def test_two_deductibles_can_leave_more_of_a_small_loss(work: Work) -> None:
    """Why the property above is asked with one policy: both pay for what the other leaves."""
    exchange = standing(0, [(10**10, 10**12), (10**10, 10**12)])
    small = one(work, exchange, "swissborg_2025", fraction="0.04")
    large = one(work, exchange, "swissborg_2025", fraction="0.08")

    assert ("breach", "10000000000") == (small.status, small.facts["shortfall"])
    assert ("pass", "20000000000") == (large.status, large.facts["uncovered"])


@settings(max_examples=40)
@given(order=st.permutations(range(9)))
def test_the_order_of_rows_changes_nothing(work: Work, order: list[int]) -> None:
    plain = fx1()
    turned = replace(
        plain,
        holdings=tuple(plain.holdings[number] for number in order),
        prices=plain.prices[::-1],
        owed=plain.owed[::-1],
    )
    for rule in ("bitpoint_2019", "coincheck_2018"):
        assert one(work, plain, rule) == one(work, turned, rule)


POLICIES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 30)).map(
        lambda pair: Policy(Fraction(sum(pair)), Fraction(pair[0]))
    ),
    max_size=3,
)


# Both ends are paid for, and a loss of ten is not.
@example(
    policies=[Policy(Fraction(100), Fraction(10)), Policy(Fraction(100), Fraction(10))],
    own=5,
    ends=(0, 40),
    complete=True,
)
@given(
    policies=POLICIES,
    own=st.integers(0, 30),
    ends=st.tuples(st.integers(0, 80), st.integers(0, 80)),
    complete=st.booleans(),
)
def test_a_loss_that_is_known_between_two_ends_is_judged_for_all_between_them(
    policies: list[Policy], own: int, ends: tuple[int, int], *, complete: bool
) -> None:
    low, high = sorted(ends)
    cover = Cover(exactly(Fraction(own)), tuple(policies), complete, ())
    between = [exactly(Fraction(loss, 2)) for loss in range(2 * low, 2 * high + 1)]
    verdicts = {cover.judge(loss) for loss in between}

    found = cover.judge(Bounds(Fraction(low), Fraction(high)))
    assert found == (verdicts.pop() if len(verdicts) == 1 else "unknown")
    assert cover.judge(Bounds(Fraction(low), None)) in {"breach", "unknown"}
