"""The fixtures of the study on rules, figure by figure: FX1 to FX3, A175, VOL, KR, KFB, EU.

Every figure was computed by hand from the inputs that stand beside it; nothing is rounded.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from tests.attest.regulated import (
    COLD,
    PRICES,
    Exchange,
    fact,
    findings,
    fx1,
    held,
    insurance,
    owing,
    price,
    reserve,
    units,
)

if TYPE_CHECKING:
    from attest.pipeline import Work
    from config.books.facts import Fact


def test_the_online_share_of_fx1(work: Work) -> None:
    found = findings(fx1().case(work), "jp-psa")["jp_hot_5"]

    assert found.status == "pass"
    assert found.facts["online"] == "10500000000"
    assert found.facts["owed"] == "250000000000"
    assert found.facts["share"] == "0.042000000000"
    assert found.facts["limit_value"] == "12500000000"
    assert found.facts["distance"] == "2000000000"


def test_a_total_has_the_table_of_its_instruments_beside_it(work: Work) -> None:
    facts = findings(fx1().case(work), "jp-psa")["jp_hot_5"].facts

    shares = {name: facts[f"instruments/{name}/share"] for name in PRICES}
    assert shares == {"btc": "0.040000000000", "eth": "0.037500000000", "xrp": "0.050000000000"}
    assert facts["instruments/btc/online"] == "400"
    assert facts["instruments/btc/online value"] == "6000000000"
    assert facts["inputs/price of btc/value"] == "15000000 jpy"
    assert facts["inputs/price of btc/grade"] == "declared"
    assert facts["inputs/price of btc/source"] == (
        "prices.csv, an index, spot, as of 2026-11-30T15:00:00Z"
    )


def test_guarantee_assets_of_fx1_are_short_of_xrp_alone(work: Work) -> None:
    found = findings(fx1().case(work), "jp-psa")

    assert [found[f"jp_guarantee:{name}"].status for name in PRICES] == ["pass", "pass", "fail"]
    assert found["jp_guarantee:xrp"].facts["distance"] == str(-units("xrp", 1_000_000))
    assert found["jp_unmatched"].status == "fail"
    assert found["jp_unmatched"].facts["unmatched"] == "300000000"


@pytest.mark.parametrize(
    ("pack", "currency", "rule", "status"),
    [("kr", "krw", "kr_cold_80", "pass"), ("sg", "sgd", "sg_cold_90", "pass")],
)
def test_the_offline_share_of_fx1(
    work: Work, pack: str, currency: str, rule: str, status: str
) -> None:
    # The mean of a year is taken as the price of the moment, for Korea.
    found = findings(fx1(currency, "avg_1y" if pack == "kr" else "spot").case(work), pack)[rule]

    assert (found.status, found.facts["share"]) == (status, "0.958000000000")


def test_each_instrument_of_fx1_is_kept_offline_enough_for_bahrain(work: Work) -> None:
    found = findings(fx1().case(work), "bh")

    rows = [found[f"bh_cold_90:{name}"] for name in PRICES]
    assert [row.status for row in rows] == ["pass"] * 3
    assert [row.facts["share"] for row in rows] == [
        "0.960000000000",
        "0.962500000000",
        "0.950000000000",
    ]


def test_hong_kong_wants_less_online_and_more_behind_it(work: Work) -> None:
    found = findings(fx1("hkd").case(work), "hk")

    assert found["hk_hot_2"].status == "fail"
    assert found["hk_hot_2"].facts["limit_value"] == "5000000000"
    assert found["hk_hot_2"].facts["distance"] == "-5500000000"
    assert found["hk_compensation"].facts["needed"] == "130250000000"


def test_a_false_credit_of_620_000_btc_shows_in_coverage(work: Work) -> None:
    exchange = replace(fx1(), owed=owing(btc=630_000))
    found = findings(exchange.case(work), "jp-psa")["jp_coverage:btc"]

    assert (found.status, found.facts["coverage"]) == ("fail", "0.015873015873")


def test_coverage_by_a_law_says_how_each_amount_is_known(work: Work) -> None:
    exchange = replace(fx1(), owed=owing(btc=10_001))
    facts = findings(exchange.case(work), "jp-psa")["jp_coverage:btc"].facts

    assert facts["distance"] == str(-units("btc", 1))
    assert facts["inputs/owed/value"] == "10001 btc"
    assert facts["inputs/owed/grade"] == "declared"
    assert facts["inputs/counted/value"] == "10000 btc"
    assert facts["inputs/counted/grade"] == "chain; method, holder and owner declared"
    assert facts["formula"].startswith("1 * (held + signed by custodians - borrowed + items) >= 1")


def test_fx2_one_coin_can_be_all_online_under_a_total(work: Work) -> None:
    exchange = replace(
        fx1(),
        holdings=(
            held("btc", units("btc", 10_000)),
            held("xrp", units("xrp", 20_000_000), 1, method="hot"),
        ),
        owed=owing(btc=10_000, xrp=20_000_000),
    )
    found = findings(exchange.case(work), "jp-psa")

    assert found["jp_hot_5"].status == "pass"
    assert found["jp_hot_5"].facts["share"] == "0.038461538461"
    assert found["jp_hot_5"].facts["owed"] == "156000000000"
    assert found["jp_guarantee:xrp"].facts["distance"] == str(-units("xrp", 20_000_000))
    bahrain = findings(exchange.case(work), "bh")
    assert bahrain["bh_cold_90:btc"].status == "pass"
    assert bahrain["bh_cold_90:xrp"].status == "fail"
    assert bahrain["bh_cold_90:xrp"].facts["share"] == "0.000000000000"


@pytest.mark.parametrize("name", PRICES)
def test_fx3_exactly_5_percent_passes_and_one_base_unit_more_does_not(
    work: Work, name: str
) -> None:
    hot = {"btc": 500, "eth": 4_000, "xrp": 10_000_000}
    exchange = replace(
        fx1(),
        holdings=tuple(
            held(one, units(one, amount), 0, method="hot") for one, amount in hot.items()
        ),
    )
    assert findings(exchange.case(work), "jp-psa")["jp_hot_5"].status == "pass"

    more = tuple(
        replace(one, units=one.units + (one.instrument == name)) for one in exchange.holdings
    )
    found = findings(replace(exchange, holdings=more).case(work), "jp-psa")["jp_hot_5"]
    assert found.status == "fail"
    assert found.facts["distance"].startswith("-0.")


def broker(brought: int, reserve_held: int, *volumes: int) -> Exchange:
    """Give a broker by his turnover in stocks in three fiscal years, the last ended one first."""
    kinds = (
        "index_futures_value",
        "stock_options_premium",
        "bond_futures_value",
        "bond_options_premium",
        "currency_futures_value",
        "deposit_rate_futures",
        "bill_rate_futures",
    )
    years = ("FY2025", "FY2024", "FY2023")
    facts: list[Fact] = [
        fact("reserve_brought_forward", brought, unit="jpy", period="FY2025"),
        *(
            fact("trading_volume", volume, "stock_value", unit="jpy", period=year)
            for volume, year in zip(volumes, years, strict=True)
        ),
        *(
            fact("trading_volume", 0, kind, unit="jpy", period=year)
            for kind in kinds
            for year in years
        ),
    ]
    reserves = (reserve("liability_reserve", reserve_held),)
    return replace(fx1(), facts=tuple(facts), reserves=reserves)


TRILLION = 10**12


@pytest.mark.parametrize(
    ("volumes", "brought", "expected"),
    [
        pytest.param(
            (24, 30, 36),
            1_500_000_000,
            ("480000000", "2880000000", "1380000000", "480000000", "0", "1980000000"),
            id="A175-a",
        ),
        pytest.param(
            (24, 30, 36),
            2_600_000_000,
            ("480000000", "2880000000", "280000000", "280000000", "0", "2880000000"),
            id="A175-b",
        ),
        pytest.param(
            (10, 12, 11),
            1_200_000_000,
            ("200000000", "960000000", "-240000000", "0", "240000000", "960000000"),
            id="A175-c",
        ),
    ],
)
def test_the_reserve_of_a_broker(
    work: Work, volumes: tuple[int, ...], brought: int, expected: tuple[str, ...]
) -> None:
    exchange = broker(brought, int(expected[-1]), *(one * TRILLION for one in volumes))
    found = findings(exchange.case(work), "jp-broker-175")["jp_broker_175"]

    names = ("a", "cap", "b", "accrual", "releasable", "needed")
    assert tuple(found.facts[name] for name in names) == expected
    assert (found.status, found.facts["distance"]) == ("pass", "0")

    less = replace(exchange, reserves=(reserve("liability_reserve", int(expected[-1]) - 1),))
    assert findings(less.case(work), "jp-broker-175")["jp_broker_175"].status == "warn"


def test_a175_d_a_cap_of_48_2_billion_needs_602_5_trillion_of_turnover(work: Work) -> None:
    exchange = broker(0, 0, 6025 * TRILLION // 10, 0, 0)
    found = findings(exchange.case(work), "jp-broker-175")["jp_broker_175"]

    assert found.facts["cap"] == "48200000000"


def crypto(volume: int) -> tuple[Fact, ...]:
    """State the volume of three fiscal years, all of it spot, the same in each."""
    return tuple(
        fact(
            "trading_volume",
            volume if kind == "customer_spot" else 0,
            kind,
            unit="jpy",
            period=year,
        )
        for kind in ("customer_spot", "customer_margin", "off_exchange")
        for year in ("FY2025", "FY2024", "FY2023")
    )


def test_vol_48_2_billion_of_36_trillion_is_13_39_of_10_000(work: Work) -> None:
    factor = Fraction(48_200_000_000, 36 * TRILLION)
    assert Fraction("0.001338") < factor < Fraction("0.001339")
    exchange = replace(fx1(), facts=crypto(36 * TRILLION))

    def required(rate: str) -> str:
        found = findings(
            exchange.case(work),
            "jp-liability-reserve",
            jp_reserve__volume_rate=rate,
            jp_reserve__custody_rate="0",
            jp_reserve__floor="0",
            jp_reserve__cap="1000000000000",
            jp_reserve__insurance_share="0",
        )
        return found["jp_reserve"].facts["required"]

    assert required("0.00008") == "2880000000"  # the brokers' factor: 6 % of the loss of 2024
    assert int(required("0.001338")) < 48_200_000_000 < int(required("0.001339"))


@pytest.mark.parametrize(
    ("market", "hot", "needed"),
    [
        pytest.param(1, 100_000_000_000, "5000000000", id="KR-a"),
        pytest.param(1, 40_000_000_000, "3000000000", id="KR-b"),
        pytest.param(2, 4_000_000_000, "500000000", id="KR-c"),
    ],
)
def test_the_reserve_for_what_is_online_in_korea(
    work: Work, market: int, hot: int, needed: str
) -> None:
    exchange = replace(
        fx1(),
        holdings=(held("btc", units("btc", hot), method="hot"),),
        prices=(price("btc", 1, "krw"),),
        reserves=(reserve("liability_reserve", int(needed), "krw"),),
        insurance=(),
        facts=(fact("licence_class", market),),
    )
    found = findings(exchange.case(work), "kr")["kr_reserve_5"]

    assert (found.status, found.facts["needed"]) == ("pass", needed)


@pytest.mark.parametrize(
    ("deposits", "needed"),
    [(5_000_000_000, "3000000000"), (30_000_000_000, "9000000000"), (10**11, "20000000000")],
)
def test_the_guideline_of_the_korean_banks(work: Work, deposits: int, needed: str) -> None:
    exchange = replace(
        fx1("krw"),
        reserves=(reserve("liability_reserve", int(needed), "krw"),),
        facts=(fact("average_daily_deposits", deposits, unit="krw", period="FY2026"),),
    )
    found = findings(exchange.case(work), "kr")["kr_bank_30"]

    assert (found.status, found.facts["needed"]) == ("pass", needed)


@pytest.mark.parametrize(("overheads", "needed"), [(900_000, "225000"), (400_000, "150000")])
def test_prudential_safeguards_in_the_european_union(
    work: Work, overheads: int, needed: str
) -> None:
    exchange = replace(
        fx1("eur"),
        reserves=(
            reserve("house_capital", int(needed), "eur"),
            reserve("bank_guarantee", 0, "eur", 1),
        ),
        insurance=(),
        facts=(
            fact("licence_class", 3),
            fact("fixed_overheads", overheads, unit="eur", period="FY2025"),
        ),
    )
    found = findings(exchange.case(work), "eu-mica")["eu_own_funds"]

    assert (found.status, found.facts["needed"]) == ("pass", needed)


def test_the_planned_reserve_by_figures_that_are_supplied(work: Work) -> None:
    # max(2bn, 0.00008 * 36tn, 0.008 * 239.5bn) = 2.88bn; half of it may be insured.
    exchange = replace(fx1(), facts=crypto(36 * TRILLION), insurance=(insurance(3 * 10**9),))
    found = findings(
        exchange.case(work),
        "jp-liability-reserve",
        jp_reserve__volume_rate="0.00008",
        jp_reserve__custody_rate="0.008",
        jp_reserve__floor="2000000000",
        jp_reserve__cap="40000000000",
        jp_reserve__insurance_share="0.5",
    )["jp_reserve"]

    assert found.facts["offline"] == str(sum(COLD[name] * PRICES[name] for name in COLD))
    assert found.facts["required"] == "2880000000"
    assert found.facts["credit"] == "1440000000"
    assert found.facts["held"] == "3420000000"
    assert (found.status, found.facts["gap"]) == ("would_pass", "0")


def test_figures_that_are_not_set_leave_the_planned_reserve_unknown(work: Work) -> None:
    exchange = replace(fx1(), facts=crypto(36 * TRILLION))
    found = findings(exchange.case(work), "jp-liability-reserve")["jp_reserve"]

    assert found.status == "would_unknown"
    assert found.facts["unset"] == "volume_rate custody_rate floor cap insurance_share"
    assert found.facts["required"] == "not known"


def test_the_sensitivity_of_the_planned_reserve(work: Work) -> None:
    exchange = replace(fx1(), facts=crypto(36 * TRILLION))
    found = findings(exchange.case(work), "jp-liability-reserve")["jp_reserve_sensitivity"]

    row = "volume_rate 0.00008 custody_rate 0.0004 floor 2000000000 cap 40000000000"
    assert found.facts[f"combinations/{row} insurance_share 0/required"] == "2880000000"
    assert found.facts[f"combinations/{row} insurance_share 0/gap"] == "900000000"
    assert found.facts[f"combinations/{row} insurance_share 0.5/gap"] == "0"
    # 0.00134 * 36tn = 48.24bn, above the cap of 48.2bn
    row = "volume_rate 0.00134 custody_rate 0.0004 floor 2000000000 cap 48200000000"
    assert found.facts[f"combinations/{row} insurance_share 0/required"] == "48200000000"
    assert (found.status, found.facts["combinations"]) == ("would_fail", "24")
