from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.books.liabilities import Liability, parse_liabilities
from config.books.prices import PRICE_DECIMALS, Price, parse_prices
from config.caip import InstrumentId
from config.errors import InputError
from tests.config.known import REGISTRY, refusal

AT = "2026-12-01T00:00:00+09:00"
SECONDS = 1796050800


def owed(*rows: str) -> tuple[Liability, ...]:
    text = "\n".join(("instrument,amount,as_of", *rows))
    return parse_liabilities(text.encode(), "l.csv", REGISTRY)


def priced(*rows: str) -> tuple[Price, ...]:
    text = "\n".join(("instrument,currency,price,as_of,source", *rows))
    return parse_prices(text.encode(), "p.csv", REGISTRY)


def with_basis(*rows: str) -> tuple[Price, ...]:
    text = "\n".join(("instrument,currency,price,as_of,source,basis", *rows))
    return parse_prices(text.encode(), "p.csv", REGISTRY)


def test_liabilities_are_in_base_units_of_the_instrument() -> None:
    expected = (
        Liability(InstrumentId("btc"), 123_450_000_000, SECONDS),
        Liability(InstrumentId("eth"), 10**18 + 1, SECONDS),
        Liability(InstrumentId("jpy"), 1_000_000, SECONDS),
        Liability(InstrumentId("usdt"), 0, SECONDS),
    )
    assert expected == owed(
        f"btc,1234.5,{AT}", f"eth,1.000000000000000001,{AT}", f"jpy,1000000,{AT}", f"usdt,0,{AT}"
    )


@pytest.mark.parametrize(
    ("cells", "column", "what"),
    [
        (f"btc,0.123456789,{AT}", "amount", "too many decimals: '0.123456789' has 9, at most 8"),
        (f"jpy,1000.5,{AT}", "amount", "too many decimals: '1000.5' has 1, at most 0 allowed"),
        (f"btc,-1,{AT}", "amount", "amount not understood: '-1'"),
        (f"btc,1e18,{AT}", "amount", "amount not understood: '1e18'"),
        (f"btc,NaN,{AT}", "amount", "amount not understood: 'NaN'"),
        (f"btc,+1,{AT}", "amount", "amount not understood: '+1'"),
        (f"btc,007,{AT}", "amount", "amount not understood: '007'"),
        (f'btc,"1,000",{AT}', "amount", "amount not understood: '1,000'"),
        (f"btc,,{AT}", "amount", "amount not understood: ''"),
        (f"btc,１２,{AT}", "amount", "amount not understood: '１２'"),
        (f"BTC,1,{AT}", "instrument", "unknown instrument: 'BTC'"),
        (f"bip122:000000000019d6689c085ae165831e93/slip44:0,1,{AT}", "instrument", "unknown inst"),
        (f",1,{AT}", "instrument", "unknown instrument: ''"),
        ("btc,1,2026-12-01", "as_of", "time not understood: '2026-12-01'"),
        ("btc,1,2026-12-01T00:00:00", "as_of", "time without an offset: 2026-12-01T00:00:00"),
        ("btc,1,2026-11-30T24:00:00+09:00", "as_of", "no such time: '2026-11-30T24:00:00+09:00'"),
        ("btc,1,", "as_of", "time not understood: ''"),
    ],
)
def test_a_liability_that_is_not_exact_is_refused(cells: str, column: str, what: str) -> None:
    error = refusal(lambda: owed(f"eth,1,{AT}", cells))
    assert str(error).startswith(f"l.csv: line 3, column '{column}': {what}")


def test_an_instrument_is_owed_once() -> None:
    error = refusal(lambda: owed(f"btc,1,{AT}", f"eth,1,{AT}", f"btc,2,{AT}"))
    expected = "l.csv: line 4, column 'instrument': stated twice: 'btc', first on line 2"
    assert expected == str(error)


def test_prices_are_whole_numbers() -> None:
    expected = (
        Price(InstrumentId("btc"), InstrumentId("jpy"), 142500005 * 10**17, SECONDS, "acme index"),
        Price(InstrumentId("btc"), InstrumentId("usdt"), 95_000 * 10**18, SECONDS, "acme index"),
        Price(InstrumentId("eth"), InstrumentId("jpy"), 1, SECONDS, "取引所"),
    )
    found = priced(
        f"btc,jpy,14250000.5,{AT},acme index",
        f"btc,usdt,95000,{AT},acme index",
        f"eth,jpy,0.000000000000000001,{AT},取引所",
    )
    assert expected == found
    assert {int} == {type(price.scaled) for price in found}


@pytest.mark.parametrize(
    ("cells", "column", "what"),
    [
        (f"btc,jpy,0,{AT},acme", "price", "price is zero"),
        (f"btc,jpy,0.000,{AT},acme", "price", "price is zero"),
        (f"btc,jpy,-1,{AT},acme", "price", "amount not understood: '-1'"),
        (
            f"btc,jpy,0.0000000000000000001,{AT},acme",
            "price",
            "too many decimals: '0.0000000000000000001' has 19, at most 18 allowed",
        ),
        (f"btc,xyz,1,{AT},acme", "currency", "unknown instrument: 'xyz'"),
        (f"xyz,jpy,1,{AT},acme", "instrument", "unknown instrument: 'xyz'"),
        (f"btc,JPY,1,{AT},acme", "currency", "unknown instrument: 'JPY'"),
        (f"btc,jpy,1,{AT},", "source", "empty"),
        (f"btc,jpy,1,{AT}, acme", "source", "not plain text: ' acme'"),
        (f"btc,jpy,1,{AT},\u202ex", "source", "not plain text: '\\u202ex'"),
        ("btc,jpy,1,1969-12-31T00:00:00Z,acme", "as_of", "time before 1970: 1969-12-31T00:00:00Z"),
        (f"jpy,jpy,2,{AT},acme", "price", "jpy in jpy is 1, met '2'"),
        (f"eth,jpy,2,{AT},other", "instrument", "stated twice: 'eth', first on line 2"),
    ],
)
def test_a_price_that_is_not_exact_is_refused(cells: str, column: str, what: str) -> None:
    error = refusal(lambda: priced(f"eth,jpy,1,{AT},acme", cells))
    assert str(error).startswith(f"p.csv: line 3, column '{column}': {what}")


def test_a_price_says_what_it_is_a_price_of() -> None:
    rows = (
        f"btc,jpy,14000000,{AT},acme,",
        f"eth,jpy,500000,{AT},acme,spot",
        f"btc,jpy,12000000,{AT},acme,avg_1y",
    )
    found = with_basis(*rows)
    assert ["spot", "spot", "avg_1y"] == [one.basis for one in found]
    error = refusal(lambda: with_basis(*rows, f"btc,jpy,1,{AT},acme,avg_1y"))
    assert "p.csv: line 5, column 'instrument': stated twice: 'btc', first on line 4" == str(error)
    error = refusal(lambda: with_basis(f"btc,jpy,1,{AT},acme,avg"))
    assert "p.csv: line 2, column 'basis': 'avg' is not known" == str(error)


def test_an_instrument_is_1_in_itself() -> None:
    assert 10**PRICE_DECIMALS == priced(f"jpy,jpy,1.00,{AT},acme")[0].scaled


@given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_any_row_is_read_or_refused(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    with contextlib.suppress(InputError):
        priced(quoted)
    with contextlib.suppress(InputError):
        owed(quoted)


@given(st.integers(min_value=0, max_value=10**20), st.integers(min_value=0, max_value=8))
def test_an_amount_is_read_to_the_last_digit(whole: int, places: int) -> None:
    fraction = f".{'7' * places}" if places else ""
    (found,) = owed(f"btc,{whole}{fraction},{AT}")
    assert whole * 10**8 + int(("7" * places).ljust(8, "0")) == found.units
