from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attest.rules.formula import explained
from attest.rules.kinds import judge, rehearse
from attest.rules.parameters import Parameters
from config.books.prices import PRICE_DECIMALS
from config.errors import InputError
from config.policy import assemble, shipped_pack
from tests.attest.regulated import findings, fx1, insurance, price, reserve
from tests.attest.stressed import one, pack, parameters

if TYPE_CHECKING:
    from attest.pipeline import Work
    from config.books.prices import Price
    from tests.attest.regulated import Exchange

RULE = "past_losses"
LOSSES = Path(__file__).parents[1] / "vectors" / "losses" / "loss_events.csv"
KEPT = {"hot": "online", "warm": "online", "cold_multisig": "offline", "cold_claimed": "offline"}
EITHER = {"multisig_hosted", "third_party", "mixed", "unknown"}
NO_THEFT = {"ledger_only", "internal_account"}
PERILS = {
    "key_compromise": "theft",
    "signing_ui_tampering": "theft",
    "api_or_account_takeover": "theft",
    "third_party_compromise": "theft",
    "state_or_political": "theft",
    "unknown": "theft",
    "insider": "insider",
    "fraud_misappropriation": "insider",
    "software_bug": "other",
}
RATES = {"usd": "150", "krw": "0.11", "cad": "108", "inr": "1.8"}


def listed() -> list[dict[str, str]]:
    with LOSSES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def event(row: dict[str, str]) -> str:
    local = bool(row["loss_local"])
    amount = row["loss_local"] if local else row["loss_usd"]
    currency = row["local_currency"].lower() if local else "usd"
    assert row["wallet_type"] in {*KEPT, *EITHER}
    kept = KEPT.get(row["wallet_type"], "both")
    return f"{row['date']} {currency} {amount} {kept} {PERILS[row['cause']]} {row['entity']}"


def test_the_events_of_the_pack_are_the_rows_of_the_list() -> None:
    rows = listed()
    thefts = [row for row in rows if row["wallet_type"] not in NO_THEFT]

    assert (47, 44) == (len(rows), len(thefts))
    assert [event(row) for row in thefts] == list(parameters(RULE).words("events"))
    assert {"FTX (customer asset shortfall)", "CoinDCX", "Bithumb (ledger over-credit)"} == {
        row["entity"] for row in rows if row["wallet_type"] in NO_THEFT
    }
    assert {"high": 29, "medium": 13, "low": 2} == {
        grade: sum(row["confidence"] == grade for row in thefts)
        for grade in ("high", "medium", "low")
    }


@pytest.mark.parametrize(
    ("rule", "entity", "day"),
    [
        ("bitpoint_2019", "BITPoint Japan", "2019-07-11"),
        ("coincheck_2018", "Coincheck", "2018-01-26"),
        ("bybit_2025", "Bybit", "2025-02-21"),
        ("bybit_2025_reserves", "Bybit", "2025-02-21"),
        ("wazirx_2024", "WazirX", "2024-07-18"),
        ("dmm_2024", "DMM Bitcoin", "2024-05-31"),
        ("dmm_2024_all", "DMM Bitcoin", "2024-05-31"),
        ("swissborg_2025", "SwissBorg", "2025-09-08"),
        ("coinrail_2018", "Coinrail", "2018-06-10"),
        ("upbit_2025", "Upbit", "2025-11-27"),
    ],
)
def test_each_replay_names_its_event(work: Work, rule: str, entity: str, day: str) -> None:
    reference = findings(fx1().case(work), "past-losses")[rule].facts["reference"]
    (row,) = (row for row in listed() if (row["entity"], row["date"]) == (entity, day))

    assert f"{entity}, {day}" == reference
    figures = {
        "dmm_2024": ("quantity", row["quantity"]),
        "upbit_2025": ("amount", row["loss_local"]),
    }
    if rule in figures:
        key, figure = figures[rule]
        assert figure == parameters(rule).text(key)


def rate(currency: str) -> Price:
    scaled = int(Fraction(RATES[currency]) * 10**PRICE_DECIMALS)
    return replace(price(currency, 1), scaled=scaled)


def priced() -> Exchange:
    return replace(fx1(), prices=(*fx1().prices, *map(rate, RATES)))


def test_fx1_against_every_event(work: Work) -> None:
    found = findings(priced().case(work), "past-losses")[RULE]
    cells = {
        name: tuple(
            found.facts[f"events/{name}/{cell}"]
            for cell in ("value", "paid", "shortfall", "result")
        )
        for name in ("2024-05-31 DMM Bitcoin", "2019-07-11 BITPoint Japan", "2025-11-27 Upbit")
    }

    assert "would_fail" == found.status
    assert {
        "2024-05-31 DMM Bitcoin": ("48200000000", "3000000000", "43220000000", "shortfall"),
        "2019-07-11 BITPoint Japan": ("3020000000", "3000000000", "0", "covered"),
        "2025-11-27 Upbit": ("4895000000", "3000000000", "0", "covered"),
    } == cells
    assert ("44", "16", "28", "0") == tuple(
        found.facts[key] for key in ("events", "covered", "shortfall", "not_known")
    )
    assert "44500000000 krw" == found.facts["events/2025-11-27 Upbit/loss"]
    assert "0.11 jpy" == found.facts["inputs/price of krw/value"]
    assert "missing" not in found.facts


def test_a_currency_without_a_price_is_named_and_its_events_are_not_known(work: Work) -> None:
    found = findings(fx1().case(work), "past-losses")[RULE]

    assert ("would_fail", "cad inr krw usd") == (found.status, found.facts["missing"])
    assert "no spot price in jpy for: cad, inr, krw, usd" in found.text
    assert "not known" == found.facts["events/2025-02-21 Bybit/result"]
    # What is short is short; what is not known is never covered.
    rich = replace(fx1(), reserves=(reserve("liability_reserve", 10**15),))
    assert "unknown" == one(work, rich, RULE).status
    everything = replace(priced(), reserves=(reserve("liability_reserve", 10**15),))
    assert "pass" == one(work, everything, RULE).status


@pytest.mark.parametrize("own", [999, 1000])
def test_one_yen_decides(work: Work, own: int) -> None:
    exchange = replace(
        fx1(), reserves=(reserve("liability_reserve", own),), insurance=(insurance(500),)
    )
    result = one(work, exchange, RULE, events=("2020-01-01 jpy 1500 online theft One, Inc.",))

    assert ("pass" if own == 1000 else "breach") == result.status
    assert str(1000 - own) == result.facts["events/2020-01-01 One, Inc./shortfall"]


def test_each_event_is_paid_by_the_policies_that_answer_for_it(work: Work) -> None:
    exchange = replace(
        fx1(),
        reserves=(reserve("liability_reserve", 0),),
        insurance=(insurance(10**9, scope=("cold",), perils=("theft",)),),
    )
    kinds = ("online theft", "offline theft", "both theft", "offline insider")
    events = tuple(f"2020-01-0{n} jpy 5 {kind} {n}" for n, kind in enumerate(kinds, 1))
    facts = one(work, exchange, RULE, events=events).facts

    assert ["shortfall", "covered", "shortfall", "shortfall"] == [
        facts[f"events/2020-01-0{n} {n}/result"] for n in range(1, 5)
    ]
    policy = "inputs/policy insurance.0, offline"
    assert facts[f"{policy} insider/value"].endswith("does not answer: other_peril")
    assert "1000000000 jpy less 0" == facts[f"{policy} theft/value"]


@pytest.mark.parametrize("change", [{"reserves": ()}, {"reserves": None}])
def test_without_a_reserve_nothing_is_known(work: Work, change: dict[str, object]) -> None:
    exchange = replace(priced(), **change)  # type: ignore[arg-type]  # fields by name
    result = one(work, exchange, RULE)

    assert ("unknown", "not known") == (result.status, result.facts["reserve"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020-01-01 jpy 5 online theft",
        "2020-01-01 jpy 5 online theft ",
        "2020-01-01 jpy 5 warm theft Name",
        "2020-01-01 jpy 5 online flood Name",
        "2020-01-01 jpy 5 online theft a/b",
        "2020-02-30 jpy 5 online theft Name",
        "2020-01-01 xxx 5 online theft Name",
        "2020-01-01 jpy 5.5 online theft Name",
        "2020-01-01 jpy -5 online theft Name",
    ],
)
def test_an_event_of_a_wrong_form_is_refused(work: Work, text: str) -> None:
    with pytest.raises(InputError):
        one(work, fx1(), RULE, events=(text,))


def test_the_pack_is_rehearsed_before_anything_is_read(work: Work) -> None:
    policy = assemble(
        (("past-losses", shipped_pack("past-losses")),), {"bybit_2025.currency": "usd"}
    )
    rehearse(replace(work.inputs, policy=policy))
    blocks = {block for block, _ in judge(priced().case(work), policy.packs)}

    assert {"stress"} == blocks


@pytest.mark.parametrize("rule", [one.id for one in pack().rule])
def test_a_rule_is_put_in_words(rule: str) -> None:
    (own,) = (one for one in pack().rule if one.id == rule)
    words = explained(own.kind, Parameters(rule, own.parameters))

    assert "in jpy" in words.test
    assert {"reserve liability_reserve", "prices in jpy, spot"} <= set(words.inputs)


def test_an_event_stands_once(work: Work) -> None:
    twice = ("2020-01-01 jpy 5 online theft Name", "2020-01-01 usd 5 offline theft Name")
    with pytest.raises(InputError, match="an event is twice: '2020-01-01 Name'"):
        one(work, fx1(), RULE, events=twice)
    for events in ((), None):
        with pytest.raises(InputError):
            one(work, fx1(), RULE, events=events)
