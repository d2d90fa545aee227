"""Every rule of every pack of a place: met, not met by one unit, and without each of its inputs.

`TRIALS` has a trial for each rule; a rule without one fails the test. What decides between met and
not met is always the smallest that there is: a base unit of a coin, of money, a day, a count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from attest.rules.formula import explained
from attest.rules.kinds import KINDS
from attest.rules.parameters import Parameters
from config.caip import InstrumentId
from config.policy import parse_pack, shipped_pack, shipped_packs
from config.standing import first_day
from config.times import parse_time
from tests.attest.regulated import (
    OWED,
    PRICES,
    Exchange,
    fact,
    findings,
    fx1,
    held,
    owing,
    price,
    reserve,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.pipeline import Work
    from attest.positions import Position
    from config.books.fact_keys import FactName
    from config.books.facts import Fact
    from config.policy import Pack, Rule

PLACES = tuple(name for name in shipped_packs() if name not in {"core", "past-losses"})
PACKS: Mapping[str, Pack] = {
    name: parse_pack(shipped_pack(name), f"{name}.toml") for name in PLACES
}
RULES: Mapping[str, tuple[Pack, Rule]] = {
    rule.id: (pack, rule) for pack in PACKS.values() for rule in pack.rule
}
SIGNED = {"holder": "Acme Trust", "band": "attested", "basis": "signed", "evidence": "attested"}


@dataclass(frozen=True)
class Trial:
    """An exchange that meets a rule, one that just does not, and ones that do not say."""

    met: Exchange
    unmet: Exchange
    missing: Mapping[str, Exchange] = field(default_factory=dict)
    subject: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def keeping(
    part: Mapping[str, object],
    share: tuple[int, int],
    currency: str = "jpy",
    basis: str = "spot",
    rest_in: Mapping[str, object] | None = None,
) -> Exchange:
    """Keep a share of every coin in one way, the rest cold and under proved control, or so."""
    over, under = share
    rest: tuple[Position, ...] = tuple(
        held(name, units(name, amount) * (under - over) // under, 1, **(rest_in or {}))
        for name, amount in OWED.items()
    )
    own = tuple(
        held(name, units(name, amount) * over // under, 0, **part) for name, amount in OWED.items()
    )
    return replace(fx1(currency, basis), holdings=(*own, *rest))  # type: ignore[arg-type]


def more(exchange: Exchange, number: int, change: int = 1) -> Exchange:
    """Give an account some base units more."""
    holdings = tuple(
        replace(one, units=one.units + change) if index == number else one
        for index, one in enumerate(exchange.holdings)
    )
    return replace(exchange, holdings=holdings)


def unpriced(exchange: Exchange) -> Exchange:
    return replace(exchange, prices=exchange.prices[1:])


def unowed(exchange: Exchange) -> Exchange:
    return replace(exchange, owed=())


def stating(exchange: Exchange, *facts: Fact) -> Exchange:
    return replace(exchange, facts=facts)


def at_most(
    part: Mapping[str, object],
    share: tuple[int, int],
    currency: str,
    rest_in: Mapping[str, object] | None = None,
) -> Trial:
    """Try the most that a share of the total value may be."""
    met = keeping(part, share, currency, rest_in=rest_in)
    missing = {"prices": unpriced(met), "liabilities": unowed(met)}
    return Trial(met, more(met, 2), missing, currency)


def at_least(
    share: tuple[int, int],
    currency: str,
    basis: str = "spot",
    part: Mapping[str, object] | None = None,
) -> Trial:
    """Try the least that a share of the total value may be."""
    met = keeping(part or {}, share, currency, basis)
    # What is not in the share is nobody's here, so that a unit less of it is missing.
    met = replace(met, holdings=met.holdings[:3])
    missing = {"prices": unpriced(met), "liabilities": unowed(met)}
    return Trial(met, more(met, 2, -1), missing, currency)


def covering(subject: str = "xrp") -> Trial:
    """Try coverage of one instrument."""
    return Trial(fx1(), more(fx1(), 5, -1), {"liabilities": unowed(fx1())}, subject)


def apart(owner: str = "customer") -> Trial:
    """Try accounts that hold what belongs to others too."""
    mixed = held("btc", 1, 5, owner="house")
    one = held("btc", units("btc", 3), 5, owner=owner)
    exchange = replace(fx1(), holdings=(*fx1().holdings, one))
    return Trial(exchange, replace(exchange, holdings=(*exchange.holdings, mixed)), {}, owner)


def occurring(key: FactName, last: str, late: str, kind: str = "", hour: str = "") -> Trial:
    """Try something that must recur: the last day on which it may have been, and the day before."""

    def on(day: str) -> Exchange:
        value = parse_time(f"{day}T{hour}") if hour else date.fromisoformat(day)
        return stating(fx1(), fact(key, value, kind))

    return Trial(on(last), on(late), {"fact": fx1()}, f"{key} {kind}".strip())


def counting(key: FactName, met: int, unmet: int, kind: str = "", **more: object) -> Trial:
    """Try a count or share."""
    parameters = {str(name): str(text) for name, text in more.items() if name != "period"}
    period = more.get("period")

    def of(value: int) -> Exchange:
        return stating(fx1(), fact(key, value, kind, period=period))

    name = f"{key} {kind}".strip()
    return Trial(of(met), of(unmet), {"fact": fx1()}, name, parameters)


def standing(
    base: Exchange,
    kinds: tuple[str, ...],
    amount: int,
    currency: str,
    *facts: Fact,
    needs_prices: bool = False,
) -> Trial:
    """Try what must stand behind something: the amount in display units of the currency.

    All of it is in the first of the kinds, and the others are stated as nothing.
    """

    def of(units_more: int) -> Exchange:
        rows = tuple(
            reserve(kind, 0 if number else amount, currency, number)
            for number, kind in enumerate(kinds)
        )
        first = replace(rows[0], units=rows[0].units + units_more)
        return replace(base, reserves=(first, *rows[1:]), insurance=(), facts=facts)

    missing = {"reserves": replace(of(-1), reserves=None)}
    missing |= {
        f"fact {number}": replace(of(0), facts=(*facts[:number], *facts[number + 1 :]))
        for number in range(len(facts))
    }
    if needs_prices:
        missing |= {"prices": unpriced(of(0))}
    return Trial(of(0), of(-1), missing, currency)


def floors(amount: int, currency: str, *facts: Fact) -> Trial:
    """Try net assets against a floor of the class."""
    met = stating(fx1(currency), fact("net_assets", amount, unit=currency), *facts)
    (own, *others) = met.facts
    unmet = replace(met, facts=(replace(own, value=int(str(own.value)) - 1), *others))
    missing = {"net_assets": stating(met, *others)}
    missing |= {f"fact {others[0].key}": stating(unmet, unmet.facts[0])} if others else {}
    return Trial(met, unmet, missing, currency)


def custodian(tier: int, share: tuple[int, int]) -> Trial:
    """Try the cap of a custodian's tier."""
    met = keeping(SIGNED, share, "cad")
    met = stating(met, fact("custodian_tier", tier, party="Acme Trust"))
    unmet = more(met, 2)
    # A unit more in all: the rest is a unit less, so that the whole is the same.
    unmet = more(unmet, 5, -1)
    missing = {"prices": unpriced(met), "fact custodian_tier": stating(met)}
    return Trial(met, unmet, missing, "Acme Trust")


def filing() -> Trial:
    """Try the day on which a report on 2025 was filed: 31 March 2026 is the ninetieth."""

    def on(day: str) -> Exchange:
        return stating(fx1(), fact("report_filed", date.fromisoformat(day), period="FY2025"))

    return Trial(on("2026-03-31"), on("2026-04-01"), {"fact": fx1()}, "report_filed")


def matching() -> Trial:
    """Try guarantee assets against what is online."""
    exchange = more(fx1(), 8, units("xrp", 1_000_000))
    return Trial(exchange, more(exchange, 8, -1), {}, "xrp")


def unmatched() -> Trial:
    met = matching().met
    less = matching().unmet
    return Trial(met, less, {"prices": replace(less, prices=less.prices[:2])}, "jpy")


def notifying() -> Trial:
    """Try a shortfall: what nobody notified is not known, and no one can say that it was not."""
    short = more(fx1(), 5, -1)
    told = stating(short, fact("shortfall_notified", parse_time("2026-12-01T09:00:00+03:00")))
    earlier = stating(short, fact("shortfall_notified", parse_time("2026-11-29T09:00:00+03:00")))
    return Trial(told, earlier, {"fact": short, "liabilities": unowed(told)}, "shortfall_notified")


def planned() -> Trial:
    """Try the planned reserve: 2 billion by its floor, no insurance."""
    figures = {
        "jp_reserve.volume_rate": "0",
        "jp_reserve.custody_rate": "0.001",
        "jp_reserve.floor": "2000000000",
        "jp_reserve.cap": "40000000000",
        "jp_reserve.insurance_share": "0",
    }
    trial = standing(fx1(), ("liability_reserve",), 2_000_000_000, "jpy", *volumes())
    return replace(
        trial, missing={"reserves": replace(trial.met, reserves=None)}, parameters=figures
    )


def volumes(amount: int = 0) -> tuple[Fact, ...]:
    return tuple(
        fact("trading_volume", amount, kind, unit="jpy", period=year)
        for kind in ("customer_spot", "customer_margin", "off_exchange")
        for year in ("FY2025", "FY2024", "FY2023")
    )


def varied() -> Trial:
    """Try the table of figures: 48.2 billion is the most that any of them asks."""
    trial = standing(fx1(), ("liability_reserve",), 48_200_000_000, "jpy", *volumes(36 * 10**12))
    missing = {"reserves": replace(trial.met, reserves=None), "volumes": stating(trial.unmet)}
    return replace(trial, missing=missing)


def brokering() -> Trial:
    """Try a broker's reserve: 50 trillion of bonds accrue 8 million, and the cap is 32 million.

    What was brought forward matters below the cap, and volumes where the cap binds.
    """
    rates = RULES["jp_broker_175"][1].parameters["rates"]
    bases = [str(text).partition(" ")[0] for text in rates]  # type: ignore[union-attr]
    volumes = tuple(
        fact("trading_volume", 50 * 10**12 if base == "bond_futures_value" else 0, base,
             unit="jpy", period=year)
        for base in bases
        for year in ("FY2025", "FY2024", "FY2023")
    )  # fmt: skip

    def with_brought(amount: int, held_now: int) -> Trial:
        brought = fact("reserve_brought_forward", amount, unit="jpy", period="FY2025")
        base = replace(fx1(), prices=())
        return standing(base, ("liability_reserve",), held_now, "jpy", *volumes, brought)

    below, at_cap = with_brought(0, 8_000_000), with_brought(32_000_000, 32_000_000)
    last = f"fact {len(volumes)}"
    others = {what: one for what, one in at_cap.missing.items() if what != last}
    return replace(below, missing={**others, last: below.missing[last]})


def korean() -> Trial:
    """Try 5 % of 75 billion; where less is online it hangs on the class which floor there is."""
    base, market = keeping(HOT, (30, 100), "krw"), fact("licence_class", 1)
    trial = standing(base, ("liability_reserve",), 3_750_000_000, "krw", market, needs_prices=True)
    little = replace(keeping(HOT, (1, 100), "krw"), insurance=())
    little = replace(little, reserves=(reserve("liability_reserve", 2_500_000_000, "krw"),))
    return replace(trial, missing={**trial.missing, "fact 0": little})


def european() -> Trial:
    """Try a quarter of 900,000 euro; below 600,000 it hangs on the class what is needed."""
    facts = (
        fact("fixed_overheads", 900_000, unit="eur", period="FY2025"),
        fact("licence_class", 3),
    )
    kinds = ("house_capital", "bank_guarantee")
    trial = standing(fx1("eur"), kinds, 225_000, "eur", *facts)
    small = (fact("fixed_overheads", 400_000, unit="eur", period="FY2025"),)
    unsaid = standing(fx1("eur"), kinds, 130_000, "eur", *small).met
    return replace(trial, missing={**trial.missing, "fact 1": unsaid})


HOT: Mapping[str, object] = {"method": "hot"}
ONE_HUNDREDTH = 10**16
TRIALS: Mapping[str, Callable[[], Trial]] = {
    "jp_coverage": covering,
    "jp_apart": apart,
    "jp_hot_5": lambda: at_most(HOT, (5, 100), "jpy"),
    "jp_hot_daily": lambda: counting(
        "highest_online_share", 5 * ONE_HUNDREDTH, 5 * ONE_HUNDREDTH + 1, period="FY2026"
    ),
    "jp_guarantee": matching,
    "jp_unmatched": unmatched,
    "jp_guarantee_apart": lambda: apart("guarantee"),
    "jp_capital": lambda: floors(10_200_000_000, "jpy"),
    "jp_trust": lambda: standing(
        replace(fx1(), prices=()),
        ("customer_money_trust",),
        7,
        "jpy",
        fact("customer_money_owed", 7, unit="jpy"),
    ),
    "jp_audit_crypto": lambda: occurring(
        "last_audit", "2025-12-01", "2025-11-30", "customer_crypto"
    ),
    "jp_audit_money": lambda: occurring("last_audit", "2025-12-01", "2025-11-30", "customer_money"),
    "jp_audit_guarantee": lambda: occurring(
        "last_audit", "2025-12-01", "2025-11-30", "guarantee_assets"
    ),
    "jp_reconciled": lambda: occurring(
        "last_reconciliation", "2026-11-30", "2026-11-29", hour="18:00:00+09:00"
    ),
    "jp_reconciled_days": lambda: counting("reconciliation_missed_days", 0, 1, period="FY2026"),
    "jp_books": lambda: counting("books_retention_years", 5, 4, "reconciliations"),
    "jp_books_transactions": lambda: counting(
        "books_retention_years",
        10,
        9,
        "transactions",
        **{"jp_books_transactions.limit": "10"},
    ),
    "jp_books_balances": lambda: counting(
        "books_retention_years",
        7,
        6,
        "customer_balances",
        **{"jp_books_balances.limit": "7"},
    ),
    "jp_reserve": planned,
    "jp_reserve_sensitivity": varied,
    "jp_broker_175": brokering,
    "kr_coverage": covering,
    "kr_cold_80": lambda: at_least((80, 100), "krw", "avg_1y"),
    "kr_reserve_5": korean,
    "kr_bank_30": lambda: standing(
        replace(fx1("krw"), prices=()),
        ("liability_reserve",),
        9_000_000_000,
        "krw",
        fact("average_daily_deposits", 30_000_000_000, unit="krw", period="FY2026"),
    ),
    "hk_hot_2": lambda: at_most(HOT, (2, 100), "hkd"),
    "hk_compensation": lambda: standing(
        fx1("hkd"),
        ("liability_reserve", "house_capital", "bank_guarantee"),
        130_250_000_000,
        "hkd",
        needs_prices=True,
    ),
    "hk_apart": apart,
    "sg_cold_90": lambda: at_least((90, 100), "sgd"),
    "sg_apart": apart,
    "sg_reconciled": lambda: occurring(
        "last_reconciliation", "2026-11-29", "2026-11-28", hour="18:00:00+08:00"
    ),
    "th_cold_90": lambda: at_least((90, 100), "thb"),
    "th_capital": lambda: floors(25_000_000, "thb", fact("licence_class", 1)),
    "th_custodian_95": lambda: at_least((95, 100), "thb"),
    "bh_cold_90": lambda: replace(
        at_least((90, 100), "jpy"),
        subject="xrp",
        missing={"liabilities": unowed(fx1())},
    ),
    "bh_coverage": covering,
    "ae_coverage": covering,
    "ae_reconciled": lambda: occurring(
        "last_reconciliation", "2026-11-29", "2026-11-28", hour="18:00:00+04:00"
    ),
    "ae_reconciled_days": lambda: counting("reconciliation_missed_days", 0, 1, period="FY2026"),
    "ae_examined": lambda: occurring("last_proof_audit", "2026-05-30", "2026-05-29"),
    "ae_apart": apart,
    "tr_platform_5": lambda: at_most(HOT, (5, 100), "try", SIGNED),
    "tr_examined": lambda: occurring("last_proof_audit", "2026-07-01", "2026-06-30"),
    "tr_coverage": covering,
    "tr_notified": notifying,
    "ca_self_20": lambda: at_most({}, (20, 100), "cad", SIGNED),
    "ca_custodians": lambda: custodian(4, (40, 100)),
    "ca_custody_80": lambda: at_least((80, 100), "cad", "spot", SIGNED),
    "eu_own_funds": european,
    "eu_apart": apart,
    "tx_report_90": filing,
    "tx_apart": apart,
    "ny_coverage": covering,
    "ny_apart": apart,
}
NOT_SCORED = {name for name, (_, rule) in RULES.items() if rule.kind == "judgement/1"}
UNMET = {"fail": "fail", "warn": "warn"}


def status(work: Work, name: str, exchange: Exchange, trial: Trial) -> str:
    pack, _ = RULES[name]
    stated = {key.replace(".", "__"): text for key, text in trial.parameters.items()}
    found = findings(exchange.case(work), pack.id, **stated)
    key = f"{name}:{trial.subject}"
    return found[key if key in found else name].status


def test_each_rule_of_a_place_is_tried() -> None:
    assert TRIALS.keys() | NOT_SCORED == RULES.keys()


@pytest.mark.parametrize("name", TRIALS)
def test_a_rule_is_met_and_by_one_unit_it_is_not(work: Work, name: str) -> None:
    trial, (pack, rule) = TRIALS[name](), RULES[name]
    in_force = pack.block_of(rule) == "in_force"
    unmet = UNMET[rule.severity] if in_force else "would_fail"
    if rule.kind == "notified/1":
        unmet = "unknown"  # that nobody was told is in no file

    assert status(work, name, trial.met, trial) == ("pass" if in_force else "would_pass")
    assert status(work, name, trial.unmet, trial) == unmet


@pytest.mark.parametrize("name", TRIALS)
def test_without_an_input_a_rule_is_not_known(work: Work, name: str) -> None:
    trial, (pack, rule) = TRIALS[name](), RULES[name]
    unknown = "unknown" if pack.block_of(rule) == "in_force" else "would_unknown"

    met = {what: status(work, name, without, trial) for what, without in trial.missing.items()}
    assert met == dict.fromkeys(trial.missing, unknown)


@pytest.mark.parametrize("name", sorted(NOT_SCORED))
def test_what_a_person_judges_is_named_and_never_scored(work: Work, name: str) -> None:
    pack, rule = RULES[name]
    found = findings(fx1().case(work), pack.id)[name]

    assert found.status == "not_applicable"
    assert found.text == f"not scored, a person judges it: {rule.parameters['question']}"


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_what_it_is_by_itself(name: str) -> None:
    pack, rule = RULES[name]
    standing_of = pack.standing_of(rule)

    assert rule.kind in KINDS
    assert rule.reference
    assert standing_of is not None
    assert explained(rule.kind, Parameters(name, rule.parameters, pack.calendar)).test
    assert rule.id.partition("_")[0] == pack.id.partition("-")[0] or pack.id in {
        "us-tx",
        "us-ny",
        "eu-mica",
    }


@pytest.mark.parametrize(
    "name", [name for name, (pack, rule) in RULES.items() if rule.standing and rule.standing.since]
)
def test_a_rule_does_not_apply_before_its_first_day(work: Work, name: str) -> None:
    pack, rule = RULES[name]
    assert rule.standing is not None
    first = first_day(rule.standing)
    assert first is not None
    assert pack.calendar is not None
    zone = pack.calendar.time_zone
    offset = {"Asia/Tokyo": "+09:00"}.get(zone, "+00:00")
    before = parse_time(f"{first.replace(year=first.year - 1)}T12:00:00{offset}")
    found = findings(replace(fx1(), as_of=before).case(work), pack.id)[name]

    assert found.status == "not_applicable"
    assert found.text.startswith(f"it applies from {first}, the statement is of ")


def test_the_day_on_which_a_rule_begins_is_the_day_of_its_place(work: Work) -> None:
    trial = TRIALS["jp_hot_5"]()
    first = parse_time("2020-05-01T00:00:00+09:00")
    begun = replace(trial.unmet, as_of=first)
    before = replace(trial.unmet, as_of=first - 1)

    assert status(work, "jp_hot_5", begun, trial) == "fail"
    assert status(work, "jp_hot_5", before, trial) == "not_applicable"


def test_a_rule_that_nobody_looked_up_fails_nobody() -> None:
    unverified = {
        name: (rule.severity, rule.required)
        for name, (_, rule) in RULES.items()
        if rule.standing is not None and rule.standing.grade == "unverified"
    }

    assert set(unverified.values()) == {("warn", False)}
    assert {"ny_coverage", "bh_coverage", "ca_custody_80"} <= unverified.keys()


def test_smaller_firms_of_thailand_have_another_limit(work: Work) -> None:
    # 999,999,999 baht of customers: half may be online; a billion: a tenth.
    small = replace(
        fx1("thb"),
        prices=(price("btc", 1, "thb"),),
        owed=owing(btc=999_999_999, eth=0, xrp=0)[:1],
        holdings=(held("btc", units("btc", 999_999_999) // 2 + 1),),
    )
    assert findings(small.case(work), "th")["th_cold_90"].status == "pass"
    large = replace(small, owed=owing(btc=10**9, eth=0, xrp=0)[:1])
    assert findings(large.case(work), "th")["th_cold_90"].status == "fail"


def test_a_small_firm_of_texas_owes_no_report(work: Work) -> None:
    few = (fact("customer_accounts", 500), fact("customer_assets_value", 9_999_999, unit="usd"))
    many = (fact("customer_accounts", 501), few[1])
    rich = (few[0], fact("customer_assets_value", 10_000_000, unit="usd"))

    def judged(*facts: Fact) -> str:
        return findings(stating(fx1(), *facts).case(work), "us-tx")["tx_report_90"].status

    assert (judged(*few), judged(*many), judged(*rich)) == ("not_applicable", "unknown", "unknown")
    assert judged(few[0]) == "unknown"  # what is not stated excuses nobody


def test_every_instrument_has_a_price_that_a_total_names(work: Work) -> None:
    found = findings(unpriced(fx1()).case(work), "jp-psa")["jp_hot_5"]

    assert (found.status, found.facts["missing"]) == ("unknown", "btc")
    assert InstrumentId("btc") in PRICES
