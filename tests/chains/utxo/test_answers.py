from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo.answers import (
    Header,
    Unspent,
    read_amount,
    read_first_txid,
    read_header,
    read_output,
    read_scan,
)

if TYPE_CHECKING:
    from chains.evidence import Json

HASH = "ab" * 32
UNSPENT = Unspent(HASH, 0, "0014" + "01" * 20, 150_000_000, 7, None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            st.sampled_from(["success", "height", "hash", "unspents", "tx", "x"]), inner
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("50.00000000", 5_000_000_000),
        ("0.00000000", 0),
        ("0.00000001", 1),
        ("0.1", 10_000_000),
        ("1e-8", 1),
        ("5E-8", 5),
        ("1E+2", 10_000_000_000),
        ("1.50e1", 1_500_000_000),
        ("0.100000000", 10_000_000),
        ("21000000", 2_100_000_000_000_000),
        (50, 5_000_000_000),
        (0, 0),
        ("132670764300.12345678", 13_267_076_430_012_345_678),
    ],
)
def test_amounts_are_exact(value: Json, units: int) -> None:
    assert units == read_amount(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "-0.00000001",
        "+1",
        "0.000000001",
        "1e-9",
        "1e999",
        "NaN",
        "Infinity",
        "1,5",
        ".5",
        "5.",
        "01",
        " 1",
        "1\n",
        "\u0661",
        "0x10",
        "1" * 41,
        -1,
        True,
        None,
        (1,),
    ],
)
def test_other_amounts_are_refused(value: Json) -> None:
    with pytest.raises(ValueError, match="amount"):
        read_amount(value)


@given(st.integers(0, 10**22), st.integers(-8, 12))
def test_amounts_in_every_spelling(units: int, shift: int) -> None:
    spelled = f"{Decimal(units).scaleb(-8 - shift):f}E{shift}"
    assert units == read_amount(spelled)
    assert units == read_amount(f"{units}E-8")


def test_header() -> None:
    answer: Json = {"hash": HASH, "height": 7, "mediantime": 9, "confirmations": -1, "time": 11}
    expected = Header(HASH, 7, 9, -1)
    assert expected == read_header(answer, HASH)


@pytest.mark.parametrize(
    "change",
    [
        {"hash": "cd" * 32},
        {"height": -1},
        {"height": "7"},
        {"height": True},
        {"mediantime": None},
        {"mediantime": "9.5"},
        {"confirmations": 0},
        {"confirmations": -2},
        {"confirmations": "3"},
        {"confirmations": True},
        {"confirmations": None},
    ],
)
def test_other_headers_are_refused(change: dict[str, Json]) -> None:
    answer: dict[str, Json] = {"hash": HASH, "height": 7, "mediantime": 9, "confirmations": 3}
    with pytest.raises(ValueError, match=r"header|depth|number"):
        read_header(answer | change, HASH)


def test_an_output_that_was_spent_says_nothing() -> None:
    assert read_output(None, UNSPENT) is None


@pytest.mark.parametrize(
    "change",
    [
        {"value": "1.50000001"},
        {"value": None},
        {"scriptPubKey": {"hex": "0014" + "02" * 20}},
        {"scriptPubKey": None},
        {"coinbase": None},
        {"coinbase": 1},
    ],
)
def test_an_output_unlike_the_scan_is_refused(change: dict[str, Json]) -> None:
    script: Json = {"hex": UNSPENT.script}
    answer: dict[str, Json] = {"value": "1.5", "scriptPubKey": script, "coinbase": True}
    assert read_output(answer, UNSPENT) is True
    with pytest.raises(ValueError, match=r"output|amount|object"):
        read_output(answer | change, UNSPENT)


@pytest.mark.parametrize(
    "change",
    [{"hash": "cd" * 32}, {"height": 8}, {"tx": ()}, {"tx": None}, {"tx": (1,)}, {"tx": ("zz",)}],
)
def test_a_block_unlike_the_one_asked_is_refused(change: dict[str, Json]) -> None:
    answer: dict[str, Json] = {"hash": HASH, "height": 7, "tx": (HASH, "cd" * 32)}
    expected = HASH
    assert expected == read_first_txid(answer, HASH, 7)
    with pytest.raises(ValueError, match=r"block|hash"):
        read_first_txid(answer | change, HASH, 7)


@given(JSON)
def test_nothing_but_value_errors(value: Json) -> None:
    for decode in (
        lambda: read_scan(value, frozenset({UNSPENT.script})),
        lambda: read_header(value, HASH),
        lambda: read_first_txid(value, HASH, 7),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            decode()
