"""What is owed leaps and no coins come for it; policies of insurance that do not run."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.earlier import Stated
from attest.reckoned import comparison
from attest.reckoning import TABLE, reckon
from attest.rules.insured import insurance_valid
from attest.rules.jump import liability_jump
from attest.rules.parameters import Parameters
from chains.snapshot import FailedRead
from config.books.assets import OutOfScope, OwnAssets
from config.books.liabilities import Liability
from config.caip import InstrumentId
from config.declaration import Entity
from config.errors import InputError
from tests.attest.regulated import (
    AS_OF,
    ASSETS,
    OWED,
    Exchange,
    findings,
    fx1,
    held,
    insurance,
    units,
)

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case, Result

TENTH = Parameters("liability_jump", {"limit": "0.1"})
DAY = 86_400
BTC = 10**8


def row(name: str = "btc", owed: object = 1000, counted: object = 1000, **change: object) -> object:
    """Give a row of an earlier statement's comparison, as JSON has it."""
    decimals = {"btc": 8, "eth": 18, "xrp": 6}[name]
    said = {"owed": owed, "counted": counted, "attested": 0, "decimals": decimals}
    texts = {key: str(one) if isinstance(one, int) else one for key, one in said.items()}
    return {"instrument": name, **texts, **change}


def before(*rows: object) -> Stated:
    """Give the statement before."""
    entity = Entity("Example Exchange")
    return Stated("ab" * 32, "cd" * 32, entity, "main", AS_OF - DAY, "s", 1, {}, rows, None)


def holding(counted: int, owed: int, name: str = "btc") -> Exchange:
    return replace(
        fx1(),
        holdings=(held(name, counted),),
        owed=(Liability(InstrumentId(name), owed, AS_OF),),
    )


def after(exchange: Exchange, work: Work, previous: Stated | None, sequence: int = 2) -> Case:
    """Give a case that stands after a statement."""
    case = exchange.case(work)
    declared = case.inputs.declaration
    counted = replace(declared.attestation, sequence=sequence)
    declaration = replace(declared, attestation=counted)
    return replace(case, inputs=replace(case.inputs, declaration=declaration, previous=previous))


def judged(exchange: Exchange, work: Work, *rows: object) -> tuple[Result, ...]:
    return liability_jump(after(exchange, work, before(*rows)), TENTH)


@pytest.mark.parametrize(
    ("owed", "counted", "status"),
    [
        (1000, 1000, "pass"),
        # A tenth of what was owed may come without coins,
        (1100, 1000, "pass"),
        (1101, 1000, "breach"),
        # and as much besides as more is held.
        (1101, 1001, "pass"),
        (1601, 1500, "breach"),
        (1600, 1500, "pass"),
        # What left is not asked for back: coverage says what is short.
        (1100, 0, "pass"),
        (1101, 0, "breach"),
        (0, 0, "pass"),
        (500, 2000, "pass"),
    ],
)
def test_what_is_owed_grows_by_what_came_and_a_tenth(
    work: Work, owed: int, counted: int, status: str
) -> None:
    (result,) = judged(holding(counted, owed), work, row())
    assert (status, "btc") == (result.status, result.subject)


def test_a_ledger_into_which_coins_were_booked_that_nobody_sent(work: Work) -> None:
    """FX1 with btc owed of 630,000: as at Bithumb in 2026, 46,000 held and 620,000 credited."""
    case = fx1().case(work)
    then = [comparison(case.inputs, one) for one in reckon(case.material, TABLE)]
    rows = [
        row(one.instrument, int(one.owed or 0), int(one.counted), attested=one.attested)
        for one in then
    ]
    owed = tuple(
        Liability(InstrumentId(name), units(name, 630_000 if name == "btc" else amount), AS_OF)
        for name, amount in OWED.items()
    )
    found = findings(after(replace(fx1(), owed=owed), work, before(*rows)), "core")

    assert {"btc": "warn", "eth": "pass", "xrp": "pass"} == {
        name: found[f"liability_jump:{name}"].status for name in OWED
    }
    assert not found["liability_jump"].required
    result = found["liability_jump:btc"]
    assert {
        "owed": str(630_000 * BTC),
        "owed_before": str(10_000 * BTC),
        "held": str(10_000 * BTC),
        "held_before": str(10_000 * BTC),
        "growth": str(620_000 * BTC),
        "unmatched": str(620_000 * BTC),
        "limit": "0.100000000000",
        "limit_value": str(1_000 * BTC),
        "distance": str(-619_000 * BTC),
    } == {key: text for key, text in result.facts.items() if "/" not in key}
    assert "630000 btc" == result.facts["inputs/owed/value"]
    assert "declared" == result.facts["inputs/owed before/grade"]
    assert result.facts["inputs/owed before/source"] == (
        f"statement 1 of 2026-11-29T15:00:00Z, {'ab' * 32}"
    )
    assert result.text == (
        "btc: since the statement before what is owed changed by 620000, what is held by 0; "
        "at most 0.100000000000 of what was owed may be unmatched"
    )
    assert ("fail", "0.015873015873") == (
        found["coverage:btc"].status,
        found["coverage:btc"].facts["coverage"],
    )


@pytest.mark.parametrize(
    ("rows", "then"),
    [
        # It was not there, or held and not owed.
        ((row("eth"),), 0),
        ((row("eth"), row(owed=None, counted=0)), 0),
        ((row("eth"), row(owed=None, counted=1)), 1),
        ((row("eth"), row(owed=0, counted=0)), 0),
    ],
)
def test_what_is_owed_for_the_first_time_grows_from_nothing(
    work: Work, rows: tuple[object, ...], then: int
) -> None:
    (result,) = judged(holding(then + 99, 100), work, *rows)
    assert ("breach", "0") == (result.status, result.facts["owed_before"])
    (result,) = judged(holding(then + 100, 100), work, *rows)
    assert ("pass", "0", "100") == (
        result.status,
        result.facts["unmatched"],
        result.facts["growth"],
    )


def test_the_figures_of_a_statement_are_read(work: Work) -> None:
    rows = json.loads(work.payload)["predicate"]["comparison"]
    declared = work.inputs.declaration
    second = replace(declared.attestation, sequence=2)
    inputs = replace(
        work.inputs, previous=before(*rows), declaration=replace(declared, attestation=second)
    )
    results = liability_jump(replace(work.case, inputs=inputs), TENTH)
    assert {one["instrument"]: ("pass", "0", "0") for one in rows if one["owed"]} == {
        one.subject: (one.status, one.facts["growth"], one.facts["unmatched"]) for one in results
    }


@pytest.mark.parametrize(
    "rows",
    [
        # Nothing that is owed was stated, or nothing that can be read.
        (),
        (row(owed=None),),
        ("btc",),
        (row("eth"), {"owed": "1"}),
        (row("eth"), {"instrument": 7}),
        (row("eth"), {"instrument": "btc"}),
        (row("eth"), row(owed="1.5")),
        (row("eth"), row(owed="-1")),
        (row("eth"), row(owed=1.5)),
        (row("eth"), row(counted=None)),
        (row("eth"), row(counted="x")),
        (row("eth"), row(attested=None)),
        (row("eth"), row(decimals="18")),
        (row("eth"), row(decimals=None)),
    ],
)
def test_figures_that_cannot_be_read_or_compared_make_no_answer(
    work: Work, rows: tuple[object, ...]
) -> None:
    assert ["unknown"] == [one.status for one in judged(holding(1, 10**9), work, *rows)]


def test_a_series_begins_once(work: Work) -> None:
    first, later = (after(fx1(), work, None, number) for number in (1, 2))
    assert ["not_applicable"] == [one.status for one in liability_jump(first, TENTH)]
    assert ["unknown"] == [one.status for one in liability_jump(later, TENTH)]


def test_what_is_not_compared_is_not_judged(work: Work) -> None:
    case = after(holding(0, 10**9), work, before(row()))
    bare = replace(case.inputs.books, liabilities=())
    nothing = replace(case, inputs=replace(case.inputs, books=bare))
    assert ["unknown"] == [one.status for one in liability_jump(nothing, TENTH)]

    out = OwnAssets((), (), (OutOfScope(InstrumentId("btc"), "its chain is not read"),))
    left = replace(case, inputs=replace(case.inputs, books=replace(case.inputs.books, own=out)))
    assert ["unknown"] == [one.status for one in liability_jump(left, TENTH)]

    declared = case.inputs.declaration
    held_only = replace(declared.attestation, scope=("holdings", "control"))
    inputs = replace(case.inputs, declaration=replace(declared, attestation=held_only))
    results = liability_jump(replace(case, inputs=inputs), TENTH)
    assert ["not_applicable"] == [one.status for one in results]


def test_a_breach_is_not_known_where_an_account_was_not_read(work: Work) -> None:
    case = after(holding(1000, 1101), work, before(row()))
    failed = FailedRead(case.positions[0].account, ASSETS["btc"], "sources_disagree", ())
    chain = replace(work.case.snapshot.chains[0], failures=(failed,))
    failing = replace(case, snapshot=replace(work.case.snapshot, chains=(chain,)))
    (result,) = liability_jump(failing, TENTH)
    assert ("unknown", "1") == (result.status, result.facts["unread"])


@pytest.mark.parametrize(("vouched", "status"), [(0, "breach"), (1, "unknown")])
def test_whoever_does_not_trust_a_custodian_does_not_know(
    work: Work, vouched: int, status: str
) -> None:
    exchange = holding(1000, 1101)
    there = held("btc", vouched, 1, band="attested", basis="unvouched", holder="Custody")
    wider = replace(exchange, holdings=(*exchange.holdings, there))
    (result,) = judged(wider, work, row())
    assert status == result.status
    signed = replace(exchange, holdings=(*exchange.holdings, replace(there, basis="signed")))
    (result,) = judged(signed, work, row(attested="0"))
    assert ("pass" if vouched else "breach") == result.status


AMOUNTS = st.integers(min_value=0, max_value=10**30)


@given(owed=AMOUNTS, counted=AMOUNTS, owed_then=AMOUNTS, counted_then=AMOUNTS)
def test_the_test_is_that_of_the_two_questions(
    work: Work, owed: int, counted: int, owed_then: int, counted_then: int
) -> None:
    """A leap above the limit, and a rise that is smaller than what is above it."""
    (result,) = judged(holding(counted, owed), work, row(owed=owed_then, counted=counted_then))
    above = Fraction(owed - owed_then) - Fraction(owed_then, 10)
    leapt = above > 0 and counted - counted_then < above
    assert ("breach" if leapt else "pass") == result.status


@pytest.mark.parametrize("limit", [None, 1, "a tenth"])
def test_a_limit_is_never_guessed(work: Work, limit: object) -> None:
    values = {} if limit is None else {"limit": limit}
    with pytest.raises(InputError, match=r"rule\.limit"):
        liability_jump(fx1().case(work), Parameters("rule", values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "until", "status", "text"),
    [
        (0, 1, "pass", "it runs from 2026-11-30T15:00:00Z to 2026-11-30T15:00:01Z"),
        (1, 2, "breach", "it begins on 2026-11-30T15:00:01Z, the statement is of "),
        (-9, 0, "breach", "it ended on 2026-11-30T15:00:00Z, the statement is of "),
    ],
)
def test_a_policy_runs_from_its_beginning_up_to_its_end(
    work: Work, since: int, until: int, status: str, text: str
) -> None:
    policy = insurance(7, since=AS_OF + since, until=AS_OF + until)
    case = replace(fx1(), insurance=(policy,)).case(work)
    (result,) = insurance_valid(case, Parameters("", {}))
    assert (status, "insurance.0") == (result.status, result.subject)
    assert text.strip() in result.text
    assert "2026-11-30T15:00:00Z" == result.facts["as_of"]
    assert "document" == result.facts["inputs/policy insurance.0/grade"]


def test_each_policy_is_judged_by_itself(work: Work) -> None:
    ended = insurance(7, where="insurance.1", until=AS_OF)
    found = findings(replace(fx1(), insurance=(insurance(7), ended)).case(work), "core")
    assert ("pass", "warn") == tuple(
        found[f"insurance_valid:insurance.{at}"].status for at in (0, 1)
    )
    assert not found["insurance_valid"].required


@pytest.mark.parametrize("change", [{"insurance": ()}, {"reserves": None}])
def test_without_a_policy_there_is_nothing_to_judge(work: Work, change: dict[str, object]) -> None:
    case = replace(fx1(), **change).case(work)  # type: ignore[arg-type]  # fields by name
    assert ["not_applicable"] == [one.status for one in insurance_valid(case, Parameters("", {}))]
