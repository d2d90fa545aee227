from __future__ import annotations

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.amount import MAX_DIGITS, Amount, format_decimal, parse_decimal
from config.caip import AssetId
from config.errors import InputError
from tests.config.known import refusal

HINT = "write plain digits with at most one point, such as 1234.5; no sign, exponent or comma"
BTC = AssetId("bip122:000000000019d6689c085ae165831e93/slip44:0")
LTC = AssetId("bip122:12a765e31ffd4059bada1e25190f6e98/slip44:2")


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [
        ("0", 8, 0),
        ("0.1", 8, 10_000_000),
        ("0.00000001", 8, 1),
        ("20999999.9769", 8, 2_099_999_997_690_000),
        ("1234567", 0, 1_234_567),
        ("1.000000000000000001", 18, 10**18 + 1),
        ("0.10", 2, 10),
        ("1" + "0" * 59, 0, 10**59),
    ],
)
def test_decimal_text_becomes_whole_units(text: str, decimals: int, units: int) -> None:
    found = parse_decimal(text, decimals)
    assert units == found
    assert type(found) is int


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-1",
        "+1",
        "1e18",
        "1E8",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "1,000",
        "1_000",
        "01",
        "00",
        "00.1",
        ".5",
        "1.",
        "1.2.3",
        " 1",
        "1 ",
        "1\n",
        "１２３",
        "1٫5",
        "٣",
        "0x10",
        "½",
        "²",
        "\uff0d1",
        "1" * (MAX_DIGITS + 1),
    ],
)
def test_text_that_is_not_a_plain_number_is_refused(text: str) -> None:
    error = refusal(parse_decimal, text, 8)
    cut = "…" if len(text) > MAX_DIGITS else ""
    expected = f"amount not understood: {text[:MAX_DIGITS]!r}{cut}"
    assert (expected, HINT) == (str(error), error.hint)


@pytest.mark.parametrize(
    ("text", "decimals", "message"),
    [
        ("0.123456789", 8, "too many decimals: '0.123456789' has 9, at most 8 allowed"),
        ("1.5", 0, "too many decimals: '1.5' has 1, at most 0 allowed"),
        ("1.0", 0, "too many decimals: '1.0' has 1, at most 0 allowed"),
    ],
)
def test_nothing_is_rounded(text: str, decimals: int, message: str) -> None:
    assert message == str(refusal(parse_decimal, text, decimals))


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (0, 8, "0"),
        (1, 8, "0.00000001"),
        (10_000_000, 8, "0.1"),
        (100, 0, "100"),
        (1000, 3, "1"),
        (-150_000_000, 8, "-1.5"),
        (-1, 18, "-0.000000000000000001"),
    ],
)
def test_units_are_written_without_trailing_zeros(units: int, decimals: int, text: str) -> None:
    assert text == format_decimal(units, decimals)


@given(st.integers(min_value=0, max_value=10**40), st.integers(min_value=0, max_value=18))
def test_what_is_written_is_read_again(units: int, decimals: int) -> None:
    assert units == parse_decimal(format_decimal(units, decimals), decimals)


@given(st.from_regex(r"\A(0|[1-9][0-9]{0,20})(\.[0-9]{1,18})?\Z"))
def test_reading_is_exact(text: str) -> None:
    assert Fraction(text) == Fraction(parse_decimal(text, 18), 10**18)


@given(st.text(max_size=80) | st.floats().map(repr), st.integers(min_value=0, max_value=36))
def test_any_text_is_a_whole_number_or_refused(text: str, decimals: int) -> None:
    with contextlib.suppress(InputError):
        found = parse_decimal(text, decimals)
        assert type(found) is int
        assert found >= 0


def test_amounts_of_one_asset_are_added_and_of_two_are_not() -> None:
    assert Amount(BTC, 3) == Amount(BTC, 1) + Amount(BTC, 2)
    with pytest.raises(ValueError, match="amounts of two assets added") as caught:
        Amount(BTC, 1) + Amount(LTC, 1)
    assert f"amounts of two assets added: {BTC} and {LTC}" == str(caught.value)
