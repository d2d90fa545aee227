"""Libraries that give a wrong total without a word: each is shown, then our reading of the same.

Each test begins with the library's own call on the input and holds its wrong result: where a later
release mends it, the test says so by failing, and the reason in the code can go.

Polars, which this project does not use, has two more: its `group_by` sum of Decimal(38, 0) and its
sum of Int128 wrap as well.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from config.ledger.faults import RefusedLedger
from tests.config.ledger.ledgers import read, write_csv, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

LONG = ("customer", "instrument", "amount")
ABOVE = 9007199254740993
"""2^53 + 1, the first whole number that a DOUBLE does not hold."""


def customers_of(folder: Path, count: int = 3) -> Path:
    rows = [(str(number), f"{number}@example.com") for number in range(1, count + 1)]
    return write_csv(folder / "customers", ("customer", "identifier"), rows)


def total_of(folder: Path, ledger: Path, count: int = 3) -> int:
    """Give the total of the only instrument, and hold the parts against it."""
    found, rows = read(ledger, customers_of(folder, count))
    (asset,) = found.assets
    assert asset.owed == sum(units for _, _, held in rows for _, units in held)
    return asset.owed


def reasons_of(folder: Path, ledger: Path) -> list[str]:
    with pytest.raises(RefusedLedger) as caught:
        read(ledger, customers_of(folder))
    return [one.reason for one in caught.value.faults]


def test_a_sum_of_decimal128_wraps(tmp_path: Path) -> None:
    # Two accounts of a token with 18 decimals; their total is between 2^127 and 2^128.
    amounts = pa.array([Decimal(10**38 - 1)] * 2, pa.decimal128(38, 0))
    assert 2 * (10**38 - 1) != int(pc.sum(amounts).as_py()) == 2 * (10**38 - 1) - 2**128
    grouped = pa.table({"key": [1, 1], "amount": amounts}).group_by("key")
    wrapped = grouped.aggregate([("amount", "sum")]).column("amount_sum")[0].as_py()
    assert 2 * (10**38 - 1) - 2**128 == int(wrapped)

    ledger = write_parquet(tmp_path / "l", {"customer": ["1", "2"], "seat": amounts})

    assert 2 * (10**38 - 1) == total_of(tmp_path, ledger)


def test_a_sum_of_int64_wraps(tmp_path: Path) -> None:
    amounts = pa.array([2**63 - 1] * 3, pa.int64())
    assert 3 * (2**63 - 1) - 2**64 == pc.sum(amounts).as_py()

    ledger = write_parquet(tmp_path / "l", {"customer": ["1", "2", "3"], "seat": amounts})

    assert 3 * (2**63 - 1) == total_of(tmp_path, ledger)


def test_a_sum_of_uhugeint_is_double(tmp_path: Path) -> None:
    query = "SELECT sum(CAST(amount AS UHUGEINT)) FROM (SELECT unnest($amounts) AS amount)"
    ((wrong,),) = duckdb.execute(query, {"amounts": [str(ABOVE)]}).fetchall()
    assert isinstance(wrong, float)
    assert ABOVE - 1 == int(wrong)

    ledger = write_csv(tmp_path / "l", LONG, [("1", "seat", str(ABOVE))])

    assert ABOVE == total_of(tmp_path, ledger)


def test_a_sum_of_hugeint_does_not_hold_a_total_below_2_to_128(tmp_path: Path) -> None:
    rows = [("1", "seat", str(2**127 - 1)), ("2", "seat", str(2**127))]
    with pytest.raises(duckdb.Error):
        duckdb.execute("SELECT CAST($amount AS HUGEINT)", {"amount": str(2**127)})

    assert 2**128 - 1 == total_of(tmp_path, write_csv(tmp_path / "l", LONG, rows))


def test_a_decimal_of_39_digits_is_double_in_duckdb(tmp_path: Path) -> None:
    amounts = pa.array([Decimal(ABOVE)], pa.decimal256(39, 0))
    ledger = write_parquet(tmp_path / "l", {"customer": ["1"], "seat": amounts})
    ((kind, wrong),) = duckdb.execute(
        "SELECT typeof(seat), seat FROM read_parquet($path)", {"path": str(ledger)}
    ).fetchall()
    assert ("DOUBLE", ABOVE - 1) == (kind, int(wrong))

    with pytest.raises(Exception, match="type decimal256"):
        read(ledger, customers_of(tmp_path))

    text = write_csv(tmp_path / "text", LONG, [("1", "seat", str(ABOVE))])
    assert ABOVE == total_of(tmp_path, text)


def test_a_fraction_is_rounded_by_a_cast(tmp_path: Path) -> None:
    assert [(2,)] == duckdb.execute("SELECT CAST(CAST('1.5' AS DECIMAL(38, 0)) AS INT)").fetchall()
    # A DECIMAL of the right scale rounds what is below it.
    assert [("0.12345679",)] == duckdb.execute(
        "SELECT CAST(CAST('0.123456789' AS DECIMAL(38, 8)) AS VARCHAR)"
    ).fetchall()

    half = write_csv(tmp_path / "half", LONG, [("1", "seat", "1.5")])
    ninth = write_csv(tmp_path / "ninth", LONG, [("1", "btc", "0.123456789")])

    assert ["amount_decimals"] == reasons_of(tmp_path, half)
    assert ["amount_decimals"] == reasons_of(tmp_path, ninth)


@pytest.mark.parametrize("text", ["1_000", " 5", "1e3"])
def test_duckdb_takes_other_text_for_whole_numbers(tmp_path: Path, text: str) -> None:
    ((taken,),) = duckdb.execute("SELECT CAST($text AS HUGEINT)", {"text": text}).fetchall()
    assert taken in {1000, 5}

    ledger = write_csv(tmp_path / "l", LONG, [("1", "seat", text), ("2", "seat", "1")])

    assert ["amount_malformed"] == reasons_of(tmp_path, ledger)


@pytest.mark.parametrize("text", ["+5", "1e18", "007"])
def test_pyarrow_takes_other_text_for_decimals(tmp_path: Path, text: str) -> None:
    assert pa.array([text]).cast(pa.decimal128(38, 0))[0].as_py() in {5, 10**18, 7}

    ledger = write_csv(tmp_path / "l", LONG, [("1", "seat", text)])

    assert ["amount_malformed"] == reasons_of(tmp_path, ledger)


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("NaN", "amount_malformed")])
def test_pyarrow_takes_empty_cells_and_nan_for_null(tmp_path: Path, text: str, reason: str) -> None:
    ledger = write_csv(tmp_path / "l", LONG, [("1", "seat", "7"), ("2", "seat", text)])
    kinds = pacsv.ConvertOptions(column_types={"amount": pa.decimal128(38, 0)})
    amounts = pacsv.read_csv(ledger, convert_options=kinds).column("amount")
    # A row of unknown amount is left out of the total, which then looks like one.
    assert (1, Decimal(7)) == (amounts.null_count, pc.sum(amounts).as_py())

    assert [reason] == reasons_of(tmp_path, ledger)


def test_duckdb_takes_an_empty_cell_for_null(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l", LONG, [("1", "seat", "7"), ("2", "seat", "")])
    query = "SELECT sum(amount) FROM read_csv($path, types = {'amount': 'DECIMAL(38, 0)'})"
    assert [(Decimal(7),)] == duckdb.execute(query, {"path": str(ledger)}).fetchall()

    assert ["empty"] == reasons_of(tmp_path, ledger)


def test_a_small_decimal_is_text_with_an_exponent_in_pyarrow(tmp_path: Path) -> None:
    amounts = pa.array([Decimal("0.00000001")] * 2, pa.decimal128(30, 8))
    assert ["1E-8"] * 2 == amounts.cast(pa.string()).to_pylist()

    ledger = write_parquet(tmp_path / "l", {"customer": ["1", "2"], "btc": amounts})

    assert 2 == total_of(tmp_path, ledger)


def test_text_of_parquet_is_not_checked_to_be_utf8(tmp_path: Path) -> None:
    names = pa.array([b"1", b"\xff"]).view(pa.string())
    ledger = write_parquet(tmp_path / "l", {"customer": names, "seat": ["1", "1"]})
    assert 2 == pq.read_table(ledger).num_rows

    assert ["not_utf8"] == reasons_of(tmp_path, ledger)


def test_pyarrow_drops_a_mark_wherever_it_begins_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "\ufeff1,seat,7\n".encode()
    table = pacsv.read_csv(pa.py_buffer(line), pacsv.ReadOptions(column_names=list(LONG)))
    # Customer 1, whom the file does not name.
    assert [1] == table.column("customer").to_pylist()

    monkeypatch.setattr("config.ledger.csvlines.BLOCK", 1)
    (tmp_path / "l").write_bytes(b"customer,instrument,amount\n2,seat,1\n" + line)

    assert ["not_plain"] == reasons_of(tmp_path, tmp_path / "l")


def test_pyarrow_takes_a_blank_line_for_none_or_for_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "l").write_bytes(b"customer,instrument,amount\n1,seat,7\n\n2,seat,1\n")
    kept = pacsv.ParseOptions(ignore_empty_lines=False)
    assert (2, 3) == (
        pacsv.read_csv(tmp_path / "l").num_rows,
        pacsv.read_csv(tmp_path / "l", parse_options=kept).num_rows,
    )

    assert ["blank_line"] == reasons_of(tmp_path, tmp_path / "l")


def test_pyarrow_takes_a_carriage_return_for_a_line_end(tmp_path: Path) -> None:
    (tmp_path / "l").write_bytes(b"customer,instrument,amount\n1,seat,7\r2,seat,1\n")
    assert 2 == pacsv.read_csv(tmp_path / "l").num_rows

    assert ["line_end"] == reasons_of(tmp_path, tmp_path / "l")


def test_a_path_is_a_pattern_to_duckdb(tmp_path: Path) -> None:
    write_csv(tmp_path / "ab.csv", LONG, [("1", "seat", "999")])
    ledger = write_csv(tmp_path / "a[b].csv", LONG, [("1", "seat", "7")])
    query = "SELECT sum(amount) FROM read_csv($path)"
    assert [(999,)] == duckdb.execute(query, {"path": str(ledger)}).fetchall()

    assert 7 == total_of(tmp_path, ledger)
