"""Ledgers drawn at random against plain Python, and files of any bytes."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize
from unittest.mock import patch

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.amount import format_decimal
from config.books.liabilities import LEDGER_KINDS
from config.caip import InstrumentId
from config.errors import AttestError
from config.ledger.arrow import read_part
from tests.config.ledger.ledgers import (
    DECIMALS,
    Entry,
    expected,
    read,
    write_csv,
    write_parquet,
)

LONG = ("customer", "instrument", "amount", "kind")
SOME = ("btc", "eth", "jpy", "seat", "usdt")

AMOUNTS = st.one_of(
    st.just(0),
    st.integers(0, 10**12),
    st.integers(2**62, 2**65),
    # Five of them are past 2^127, and below 2^128.
    st.integers(2**125, 2**125 + 2**120),
)
NAMES = st.one_of(
    st.integers(1, 10**12).map(str),
    st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x2FF), min_size=1, max_size=8),
).map(lambda text: normalize("NFC", text))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A ledger in which every customer has the same balances, so that it has both shapes."""

    customers: list[tuple[str, str]]
    entries: list[Entry]

    def long(self) -> dict[str, list[str]]:
        return {name: [getattr(entry, name) for entry in self.entries] for name in LONG}

    def wide(self) -> dict[str, list[str]]:
        people = [name for name, _ in self.customers]
        columns = {"customer": people}
        for entry in self.entries:
            column = columns.setdefault(f"{entry.instrument}:{entry.kind}", [""] * len(people))
            column[people.index(entry.customer)] = entry.amount
        return columns


@st.composite
def ledgers(draw: st.DrawFn) -> Drawn:
    people = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    balances = draw(
        st.lists(
            st.tuples(st.sampled_from(SOME), st.sampled_from(LEDGER_KINDS)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    entries = [
        Entry(name, instrument, draw(amounts(instrument, large=at == 0)), kind)
        for name in people
        for at, (instrument, kind) in enumerate(balances)
    ]
    return Drawn([(name, draw(NAMES)) for name in people], draw(st.permutations(entries)))


@st.composite
def amounts(draw: st.DrawFn, instrument: str, *, large: bool) -> str:
    """Draw an amount; one kind of an instrument alone may be large, or totals are out of range."""
    units = draw(AMOUNTS) % (2**128 if large else 2**100)
    decimals = DECIMALS[InstrumentId(instrument)]
    text = format_decimal(units, decimals)
    if "." not in text:
        return text
    return text + "0" * draw(st.integers(0, decimals - len(text.partition(".")[2])))


@given(drawn=ledgers(), shards=st.sampled_from([1, 3, 5]), block=st.sampled_from([1, 50, 2**20]))
@settings(deadline=None, max_examples=25)
def test_every_form_is_what_plain_python_says(drawn: Drawn, shards: int, block: int) -> None:
    wanted = expected(drawn.customers, drawn.entries)
    with (
        TemporaryDirectory() as name,
        patch("config.ledger.reader.shards_for", lambda _: shards),
        patch("config.ledger.csvlines.BLOCK", block),
    ):
        folder = Path(name)
        customers = write_csv(folder / "c", ("customer", "identifier"), drawn.customers)
        written = set()
        for at, columns in enumerate((drawn.long(), drawn.wide())):
            rows = list(zip(*columns.values(), strict=True))
            text = write_csv(folder / f"{at}.csv", list(columns), rows)
            table = write_parquet(folder / f"{at}.parquet", columns)
            for ledger in (text, table):
                found, parts = read(ledger, customers)
                written.add(tuple(part.read_bytes() for part in found.parts))
                assert wanted == (found.assets, set(parts))
                assert len(drawn.customers) == len(parts) == found.customers
                assert len(parts) - len({one for _, one, _ in parts}) == found.repeated_identifiers
        # The parts are the same to the byte.
        assert 1 == len(written)


VALID = b"customer,instrument,amount,kind\n1,btc,0.5,\n2,eth,1.25,debt\n"
PEOPLE = b"customer,identifier\n1,a\n2,b\n"


def outcome(ledger: bytes, customers: bytes) -> str:
    """Read two files of any bytes; nothing but an error of ours may come out."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "l").write_bytes(ledger)
        (folder / "c").write_bytes(customers)
        try:
            read(folder / "l", folder / "c")
        except AttestError:
            return "refused"
        return "read"


def parquet_of(columns: dict[str, object]) -> bytes:
    file = BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


PARQUET = parquet_of({"customer": ["1", "2"], "btc": pa.array([1, 2], pa.decimal128(20, 2))})


def test_what_is_spoilt_below_is_read_as_it_is() -> None:
    assert ["read"] * 2 == [outcome(VALID, PEOPLE), outcome(PARQUET, PEOPLE)]


@given(ledger=st.binary(max_size=200), customers=st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_any_bytes(ledger: bytes, customers: bytes) -> None:
    outcome(ledger, PEOPLE)
    outcome(VALID, b"customer,identifier\n" + customers)
    outcome(b"customer,instrument,amount,kind\n" + ledger, PEOPLE)
    outcome(b"PAR1" + ledger + b"PAR1", PEOPLE)


@given(
    cells=st.lists(
        st.lists(
            st.text(st.sampled_from('01.-+eE_ ,"\r\n\t\0btc\ufeff\u00e9１'), max_size=6),
            min_size=2,
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    )
)
@settings(deadline=None, max_examples=60)
def test_any_cells(cells: list[list[str]]) -> None:
    rows = "\n".join(",".join(row) for row in cells)
    outcome(f"customer,instrument,amount\n{rows}".encode(), PEOPLE)
    outcome(VALID, f"customer,identifier\n{rows}".encode())


@given(place=st.integers(0, len(PARQUET) - 1), bit=st.integers(0, 7))
@settings(deadline=None, max_examples=150)
def test_a_bit_flipped_in_parquet(place: int, bit: int) -> None:
    spoilt = bytearray(PARQUET)
    spoilt[place] ^= 1 << bit
    outcome(bytes(spoilt), PEOPLE)


@given(end=st.integers(0, len(PARQUET) - 1))
@settings(deadline=None, max_examples=40)
def test_parquet_cut_short_is_refused(end: int) -> None:
    assert "refused" == outcome(PARQUET[:end], PEOPLE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1",
        PARQUET,
        parquet_of({"account": ["1"], "identifier": ["a"], "assets": [[0]], "units": [["1"]]}),
        parquet_of({"account": pa.array([], pa.string())}),
    ],
    ids=["empty", "start", "ledger", "types", "columns"],
)
def test_what_is_no_part(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "part").write_bytes(content)

    with pytest.raises(AttestError, match="not readable as a part of a ledger"):
        list(read_part(tmp_path / "part"))
