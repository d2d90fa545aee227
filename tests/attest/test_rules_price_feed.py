"""Declared prices against price feeds: near, apart, and answers that no feed should give."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.feeds import FUNCTIONS, asked_feeds, feed_questions, feed_rounds
from attest.rules.case import write_ratio
from attest.rules.parameters import Parameters
from attest.rules.price_feed import price_feed
from chains.evm.rates import selector
from chains.snapshot import Answer, ChainSnapshot, Pin, Question, Snapshot
from config.caip import AccountId, ChainId, address_of
from config.errors import InputError
from config.feeds import Feed
from tests.attest.regulated import findings, fx1, price

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case, Result
    from config.books.prices import Price
    from config.caip import InstrumentId

AT = 1_796_000_000
ETHEREUM = ChainId("eip155:1")
TENTH = Parameters("price_feed", {"tolerance": "0.1"})
ASKED = ("latestRoundData()", "decimals()", "description()")


def feed(name: str, currency: str = "usd") -> Feed:
    """Give a feed with an address of its own."""
    number = sum(name.encode()) + 10_000 * len(currency)
    said = f"{name.upper()} / {currency.upper()}"
    contract = AccountId(f"eip155:1:0x{number:040d}")
    named: tuple[InstrumentId, InstrumentId] = (name, currency)  # type: ignore[assignment]
    return Feed(*named, contract, said, 8, 3600, "one", "two")


def word(number: int) -> str:
    return f"{number % (1 << 256):064x}"


def told(answer: int, updated: int = AT, number: int = 7) -> str:
    return "0x" + "".join(word(one) for one in (number, answer, updated, updated, number))


def text_of(text: str) -> str:
    return f"0x{word(32)}{word(len(text))}{text.encode().hex():0<64}"


def answers(row: Feed, *values: str | None) -> tuple[Answer, ...]:
    """Give answers of a feed, in the order of its questions; None for one that is missing."""
    questions = feed_questions((row,))
    plain = (*values, *(None, f"0x{word(8)}", text_of(row.description))[len(values) :])
    return tuple(
        Answer(question, value, ("node-1",))
        for question, value in zip(questions, plain, strict=True)
        if value is not None
    )


def asking(
    work: Work, prices: tuple[Price, ...], rows: tuple[Feed, ...], said: tuple[Answer, ...]
) -> Case:
    """Give a case that asks some feeds and was answered so."""
    case = replace(fx1(), prices=prices).case(work)
    declared = case.inputs.declaration
    wanted = replace(declared.attestation, price_feeds=True)
    inputs = replace(
        case.inputs,
        declaration=replace(declared, attestation=wanted),
        registry=replace(case.inputs.registry, feeds=rows),
    )
    pin = Pin(ETHEREUM, 24_000_000, "0x" + "ab" * 32, AT, 64)
    chain = ChainSnapshot(pin, (), (), (), said)
    return replace(case, inputs=inputs, snapshot=Snapshot((chain,)))


def one(work: Work, *values: str | None, declared: int = 100) -> Result:
    """Judge a price of the dollar for btc by one feed that answered so."""
    row = feed("btc")
    (found,) = price_feed(
        asking(work, (price("btc", declared, "usd"),), (row,), answers(row, *values)), TENTH
    )
    return found


def test_three_questions_are_asked_of_each_feed_that_prices_something(work: Work) -> None:
    rows = (feed("btc"), feed("eth"), feed("jpy"), feed("btc", "jpy"))
    prices = (price("btc", 1), price("eth", 1, basis="avg_1y"))
    case = asking(work, prices, rows, ())
    asked = asked_feeds(case.inputs)

    assert ["btc/usd", "jpy/usd", "btc/jpy"] == [row.pair for row in asked]
    assert ASKED == FUNCTIONS
    assert feed_questions(rows[:1]) == tuple(
        Question(ETHEREUM, "call", f"{address_of(rows[0].contract)} 0x{selector(name).hex()}")
        for name in ASKED
    )
    # As Chainlink's interface has them.
    assert ["feaf968c", "313ce567", "7284e416"] == [selector(name).hex() for name in ASKED]


@pytest.mark.parametrize(
    ("declared", "answer", "status"),
    [
        (100, 100 * 10**8, "pass"),
        (110, 100 * 10**8, "pass"),
        (90, 100 * 10**8, "pass"),
        (110, 100 * 10**8 - 1, "breach"),
        (90, 100 * 10**8 + 1, "breach"),
        (0, 1, "breach"),
        (1, 10**8 * 10**60, "breach"),
    ],
)
def test_a_tenth_of_what_a_feed_says_may_lie_between(
    work: Work, declared: int, answer: int, status: str
) -> None:
    assert status == one(work, told(answer), declared=declared).status


def test_round_time_and_age_are_named(work: Work) -> None:
    found = one(work, told(95 * 10**8, AT - 3600, 110_680_464_442_257_320_246))
    assert {
        "price": "100",
        "feed": "95",
        "apart": write_ratio(Fraction(5, 95)),
        "limit": "0.100000000000",
        "limit_value": "9.5",
        "distance": "4.5",
        "currency": "usd",
        "inputs/price of btc/value": "100 usd",
        "inputs/price of btc/grade": "declared",
        "inputs/price of btc/source": ("prices.csv, an index, spot, as of 2026-11-30T15:00:00Z"),
        "inputs/feed of btc in usd/value": "95 usd",
        "inputs/feed of btc in usd/grade": "chain",
        "inputs/feed of btc in usd/source": (
            "eip155:1, block 24000000, round 110680464442257320246 of 2026-11-29T23:53:20Z, "
            "3600 seconds before the block"
        ),
    } == found.facts


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((None,), "was not read"),
        ((told(10**10), None), "was not read"),
        ((told(10**10), f"0x{word(8)}", None), "was not read"),
        (("0x",), "in another form"),
        ((told(10**10)[:-2],), "in another form"),
        ((told(10**10) + "00",), "in another form"),
        ((told(10**10) + "\n",), "in another form"),
        ((f"0x{word(10**10)}",), "in another form"),
        ((told(0),), "is not above zero"),
        ((told(-1),), "is not above zero"),
        ((told(-(10**10)),), "is not above zero"),
        ((told(1 << 255),), "is not above zero"),
        ((told(10**10, AT - 3601),), "is older than its heartbeat"),
        ((told(10**10, 0),), "is older than its heartbeat"),
        ((told(10**10, AT + 1),), "is of a time after the block"),
        ((told(10**10, (1 << 256) - 1),), "is of a time after the block"),
        ((told(10**10), f"0x{word(18)}"), "is of other decimals or another pair"),
        ((told(10**10), "0x08"), "is of other decimals or another pair"),
        ((told(10**10), "0x"), "is of other decimals or another pair"),
        ((told(10**10), f"0x{word(8)}", text_of("ETH / USD")), "another pair"),
        ((told(10**10), f"0x{word(8)}", text_of("BTC / USD ")), "another pair"),
        ((told(10**10), f"0x{word(8)}", "0x"), "another pair"),
    ],
)
def test_an_answer_that_no_feed_should_give_is_none(
    work: Work, values: tuple[str | None, ...], why: str
) -> None:
    found = one(work, *values)
    assert ("unknown", "btc/usd") == (found.status, found.subject)
    assert why in found.text
    assert "none" == found.facts["inputs/feed of btc in usd/grade"]


def test_the_largest_answer_of_the_form_is_read(work: Work) -> None:
    found = one(work, told((1 << 255) - 1))
    assert "breach" == found.status


def test_a_pair_is_held_against_two_feeds(work: Work) -> None:
    rows = (feed("btc"), feed("jpy"))
    said = (*answers(rows[0], told(100_000 * 10**8)), *answers(rows[1], told(625_000)))
    prices = (price("btc", 16_000_000), price("jpy", 1, "usd"), price("usd", 176, "jpy"))
    found = {row.subject: row for row in price_feed(asking(work, prices, rows, said), TENTH)}

    # A yen is 0.00625 dollars, a dollar 160 yen.
    assert {"btc/jpy": "16000000", "jpy/usd": "0.00625", "usd/jpy": "160"} == {
        pair: row.facts["feed"] for pair, row in found.items()
    }
    assert ["pass", "breach", "pass"] == [row.status for row in found.values()]
    assert {"feed of btc in usd", "feed of jpy in usd", "price of btc"} == {
        key.split("/")[1] for key in found["btc/jpy"].facts if key.startswith("inputs/")
    }


def test_a_feed_of_the_pair_itself_goes_before_two(work: Work) -> None:
    rows = (feed("btc"), feed("jpy"), feed("btc", "jpy"))
    said = answers(rows[2], told(15_000_000 * 10**8))
    (found,) = price_feed(asking(work, (price("btc", 15_000_000),), rows, said), TENTH)
    assert ("pass", "15000000") == (found.status, found.facts["feed"])


def test_a_currency_without_a_feed_is_taken_from_the_declared_dollar(work: Work) -> None:
    rows, said = (feed("btc"),), answers(feed("btc"), told(100_000 * 10**8))
    prices = (price("btc", 16_000_000), price("usd", 160, "jpy"))
    found = {row.subject: row for row in price_feed(asking(work, prices, rows, said), TENTH)}

    assert ("pass", "16000000") == (found["btc/jpy"].status, found["btc/jpy"].facts["feed"])
    assert "declared" == found["btc/jpy"].facts["inputs/price of usd/grade"]
    # It is not held against itself.
    assert "not_applicable" == found["usd/jpy"].status
    for others in ((), (price("usd", 0, "jpy"),), (price("usd", 160, "jpy", basis="avg_1y"),)):
        case = asking(work, (prices[0], *others), rows, said)
        assert "not_applicable" == price_feed(case, TENTH)[0].status


def test_what_has_no_feed_is_not_judged(work: Work) -> None:
    case = asking(work, (price("xrp", 300), price("btc", 1, basis="avg_1y")), (feed("btc"),), ())
    assert [("not_applicable", "xrp/jpy")] == [
        (row.status, row.subject) for row in price_feed(case, TENTH)
    ]
    bare = asking(work, (), (feed("btc"),), ())
    assert ["not_applicable"] == [row.status for row in price_feed(bare, TENTH)]


def test_a_chain_that_is_not_read_answers_nothing(work: Work) -> None:
    case = replace(
        asking(work, (price("btc", 1, "usd"),), (feed("btc"),), ()), snapshot=Snapshot(())
    )
    assert ["unknown"] == [row.status for row in price_feed(case, TENTH)]
    assert ["not_read"] == [row.fault for row in feed_rounds((feed("btc"),), case.snapshot)]


def test_nothing_is_asked_or_judged_where_nobody_wants_it(work: Work) -> None:
    case = fx1().case(work)
    assert () == asked_feeds(case.inputs)
    assert ["not_applicable"] == [row.status for row in price_feed(case, TENTH)]
    assert not findings(case, "core")["price_feed"].required


def test_the_core_warns_at_a_twentieth(work: Work) -> None:
    row = feed("btc")
    for declared, status in ((105, "pass"), (106, "warn")):
        said = answers(row, told(100 * 10**8))
        case = asking(work, (price("btc", declared, "usd"),), (row,), said)
        assert status == findings(case, "core")["price_feed:btc/usd"].status


@given(
    declared=st.integers(min_value=0, max_value=10**12),
    answer=st.integers(min_value=1, max_value=10**20),
)
def test_the_test_is_that_of_the_formula(work: Work, declared: int, answer: int) -> None:
    near = 10 * abs(declared * 10**8 - answer) <= answer
    assert ("pass" if near else "breach") == one(work, told(answer), declared=declared).status


@pytest.mark.parametrize("tolerance", [None, 1, "near"])
def test_a_tolerance_is_never_guessed(work: Work, tolerance: object) -> None:
    values = {} if tolerance is None else {"tolerance": tolerance}
    with pytest.raises(InputError, match=r"rule\.tolerance"):
        price_feed(fx1().case(work), Parameters("rule", values))  # type: ignore[arg-type]
