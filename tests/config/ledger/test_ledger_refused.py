"""What is refused of a ledger, each fault at its place, none of them alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, get_args

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from config.errors import InputError
from config.ledger.faults import MAX_LISTED, REASONS, Reason, RefusedLedger
from tests.config.known import refusal
from tests.config.ledger.ledgers import read, write_csv, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = b"customer,identifier\n1,a@example.com\n2,b@example.com\n"
LARGEST = "340282366920938463463.374607431768211455"


def written(folder: Path, ledger: bytes, customers: bytes = CUSTOMERS) -> tuple[Path, Path]:
    (folder / "l").write_bytes(ledger)
    (folder / "c").write_bytes(customers)
    return folder / "l", folder / "c"


def faults_of(
    folder: Path, ledger: bytes, customers: bytes = CUSTOMERS
) -> list[tuple[str, int | None, int | None, str | None, Reason]]:
    """Give the faults of two files, without the folder."""
    with pytest.raises(RefusedLedger) as caught:
        read(*written(folder, ledger, customers))
    assert len(caught.value.faults) == caught.value.count
    return [
        (one.file[-1], one.row, one.line, one.column, one.reason) for one in caught.value.faults
    ]


def test_every_code_has_words() -> None:
    assert get_args(Reason) == tuple(REASONS)


AMOUNTS: dict[str, tuple[str, Reason]] = {
    "empty": ("", "empty"),
    "negative": ("-5", "amount_negative"),
    "negative zero": ("-0", "amount_negative"),
    "negative and malformed": ("-5e3", "amount_malformed"),
    "plus": ("+5", "amount_malformed"),
    "exponent": ("1e18", "amount_malformed"),
    "leading zero": ("007", "amount_malformed"),
    "leading space": (" 5", "amount_malformed"),
    "trailing space": ("5 ", "amount_malformed"),
    "underscore": ("1_000", "amount_malformed"),
    "no whole part": (".5", "amount_malformed"),
    "no fraction": ("5.", "amount_malformed"),
    "two points": ("1.2.3", "amount_malformed"),
    "nan": ("NaN", "amount_malformed"),
    "null": ("NULL", "amount_malformed"),
    "infinity": ("inf", "amount_malformed"),
    "hex": ("0x10", "amount_malformed"),
    "full width": ("１", "amount_malformed"),
    "arabic digits": ("٣", "amount_malformed"),
    "61 characters": ("0." + "1" * 59, "amount_malformed"),
    "nine decimals": ("0.123456789", "amount_decimals"),
    "nine decimals, the last a zero": ("0.100000000", "amount_decimals"),
    "2^128": ("3402823669209384634633746074317.68211456", "amount_range"),
    "far above": ("9" * 51, "amount_range"),
}


@pytest.mark.parametrize(("amount", "reason"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts(tmp_path: Path, amount: str, reason: Reason) -> None:
    ledger = f"customer,instrument,amount\n1,btc,0.5\n2,btc,{amount}\n"
    assert [("l", 2, 3, "amount", reason)] == faults_of(tmp_path, ledger.encode())

    wide = f"btc,customer,eth\n0,1,1\n{amount},2,0\n"
    assert [("l", 2, 3, "btc", reason)] == faults_of(tmp_path, wide.encode())

    columns = {"customer": ["1", "2"], "instrument": ["btc", "btc"], "amount": ["0.5", amount]}
    write_parquet(tmp_path / "p", columns)
    parquet = (tmp_path / "p").read_bytes()
    assert [("l", 2, None, "amount", reason)] == faults_of(tmp_path, parquet)


def test_the_largest_amount_is_taken(tmp_path: Path) -> None:
    ledger = write_csv(
        tmp_path / "l", ("customer", "instrument", "amount"), [("1", "eth", LARGEST)]
    )
    (tmp_path / "c").write_bytes(CUSTOMERS)

    found, rows = read(ledger, tmp_path / "c")

    assert [2**128 - 1] == [one.owed for one in found.assets]
    assert ((0, 2**128 - 1),) == rows[0][2]


def test_a_total_of_2_to_128_is_refused_and_a_debt_may_reach_it(tmp_path: Path) -> None:
    head = b"customer,instrument,amount,kind\n"
    over = f"1,eth,{LARGEST},\n2,eth,0.000000000000000001,collateral\n".encode()
    assert [("l", None, None, "eth", "total_range")] == faults_of(tmp_path, head + over)

    debts = head + f"1,eth,{LARGEST},debt\n2,eth,{LARGEST},debt\n".encode()
    found, _ = read(*written(tmp_path, debts))
    assert [(("debt", 2**129 - 2),)] == [one.kinds for one in found.assets]


NAMES: dict[str, tuple[str, Reason]] = {
    "empty": ("", "empty"),
    "1001 characters": ("x" * 1001, "too_long"),
    "a tab": ("a\tb", "not_plain"),
    "a nul": ("a\0b", "not_plain"),
    "a zero-width space": ("a\u200bb", "not_plain"),
    "a mark at the start": ("\ufeffab", "not_plain"),
    "a turned direction": ("a\u202eb", "not_plain"),
    "a space at the end": ("ab ", "not_plain"),
    "a wide space at the start": ("\u3000ab", "not_plain"),
}


@pytest.mark.parametrize(("text", "reason"), NAMES.values(), ids=NAMES)
def test_names(tmp_path: Path, text: str, reason: Reason) -> None:
    ledger = b"customer,instrument,amount\n1,btc,0.5\n"
    named = f"customer,instrument,amount\n{text},btc,0.5\n1,btc,0.5\n".encode()
    assert [("l", 1, 2, "customer", reason)] == faults_of(tmp_path, named)

    account = f"customer,identifier\n{text},c@example.com\n".encode()
    other = ("l", 1, 2, "customer", "customer_unknown")
    assert [("c", 1, 2, "customer", reason), other] == faults_of(tmp_path, ledger, account)

    identifier = f"customer,identifier\n1,{text}\n".encode()
    assert [("c", 1, 2, "identifier", reason)] == faults_of(tmp_path, ledger, identifier)

    write_parquet(tmp_path / "p", {"customer": ["1"], "identifier": [text]})
    parquet = (tmp_path / "p").read_bytes()
    assert [("c", 1, None, "identifier", reason)] == faults_of(tmp_path, ledger, parquet)


def test_a_name_of_1000_characters_after_normal_form_is_taken(tmp_path: Path) -> None:
    customers = write_csv(tmp_path / "c", ("customer", "identifier"), [("1", "e\u0301" * 1000)])
    ledger = write_csv(tmp_path / "l", ("customer", "btc"), [("1", "1")])

    assert [("1", "\u00e9" * 1000, ((0, 10**8),))] == read(ledger, customers)[1]


def test_instruments_kinds_and_several_faults_of_one_row(tmp_path: Path) -> None:
    ledger = (
        b"kind,customer,instrument,amount\n"
        b"Balance,1,BTC,-1\n"
        b"debt,1,,1\n"
        b",2,xyz,0.1234567890123456789012345\n"
        b"credit,2,btc,0.123456789\n"
    )

    assert [
        ("l", 1, 2, "amount", "amount_negative"),
        ("l", 1, 2, "instrument", "instrument_unknown"),
        ("l", 1, 2, "kind", "kind_unknown"),
        ("l", 2, 3, "instrument", "empty"),
        ("l", 3, 4, "instrument", "instrument_unknown"),
        ("l", 4, 5, "amount", "amount_decimals"),
        ("l", 4, 5, "kind", "kind_unknown"),
    ] == faults_of(tmp_path, ledger)


LINES: dict[str, tuple[bytes, Reason]] = {
    "one cell less": (b"1,btc", "ragged"),
    "one cell more": (b"1,btc,1,balance", "ragged"),
    "blank": (b"", "blank_line"),
    "an open quote": (b'1,btc,"1', "not_csv"),
    "a quote within": (b'1,b"tc,1', "not_csv"),
    "text after a quote": (b'"1"0,btc,1', "not_csv"),
    "not utf-8": (b"1\xff,btc,1", "not_utf8"),
    "half a character": (b"\xed\xa0\x80,btc,1", "not_utf8"),
    "a carriage return": (b"1,btc\r,1", "line_end"),
    "crlf": (b"1,btc,1\r", "line_end"),
}


@pytest.mark.parametrize(("line", "reason"), LINES.values(), ids=LINES)
def test_lines(tmp_path: Path, line: bytes, reason: Reason) -> None:
    ledger = b"customer,instrument,amount\n1,btc,0.5\n" + line + b"\n2,btc,-1\n"

    # The line alone is lost, not the one after it, and that has its own number.
    assert [
        ("l", 2, 3, None, reason),
        ("l", 3, 4, "amount", "amount_negative"),
    ] == faults_of(tmp_path, ledger)


def test_a_line_break_in_a_cell_is_two_lines_at_fault(tmp_path: Path) -> None:
    ledger = b'customer,instrument,amount\n"1\n",btc,0.5\n2,btc,1\n'

    assert [("l", 1, 2, None, "not_csv"), ("l", 2, 3, None, "not_csv")] == faults_of(
        tmp_path, ledger
    )


def test_a_blank_line_at_the_end_is_a_fault_too(tmp_path: Path) -> None:
    ledger = b"customer,instrument,amount\n1,btc,0.5\n\n"

    assert [("l", 2, 3, None, "blank_line")] == faults_of(tmp_path, ledger)


def test_a_line_that_ends_with_lf_among_crlf(tmp_path: Path) -> None:
    ledger = b"customer,instrument,amount\r\n1,btc,0.5\n2,btc,1\r\n"

    assert [("l", 1, 2, None, "line_end")] == faults_of(tmp_path, ledger)


def test_nulls_of_parquet(tmp_path: Path) -> None:
    columns = {
        "customer": [None, "1", "1", "2"],
        "instrument": ["btc", None, "btc", "btc"],
        "amount": ["1", "1", None, "1"],
        "kind": ["debt", "debt", "debt", None],
    }
    write_parquet(tmp_path / "p", columns)

    assert [
        ("l", 1, None, "customer", "missing"),
        ("l", 2, None, "instrument", "missing"),
        ("l", 3, None, "amount", "missing"),
        ("l", 4, None, "kind", "missing"),
    ] == faults_of(tmp_path, (tmp_path / "p").read_bytes())


@pytest.mark.parametrize("kind", [pa.int64(), pa.decimal128(20, 8), pa.decimal256(30, 2)], ids=str)
def test_nulls_and_negatives_among_numbers(tmp_path: Path, kind: pa.DataType) -> None:
    amounts = pa.array([Decimal(1), None, Decimal(-5)], pa.decimal128(10, 0)).cast(kind)
    write_parquet(tmp_path / "p", {"customer": ["1", "2", "3"], "btc": amounts})

    assert [
        ("l", 2, None, "btc", "missing"),
        ("l", 3, None, "btc", "amount_negative"),
    ] == faults_of(tmp_path, (tmp_path / "p").read_bytes())[:2]


def test_a_small_negative_decimal_is_no_positive_one(tmp_path: Path) -> None:
    amounts = pa.array([Decimal("-0.00000001"), Decimal("0.000000001")], pa.decimal128(20, 9))
    write_parquet(tmp_path / "p", {"customer": ["1", "2"], "btc": amounts})

    assert [
        ("l", 1, None, "btc", "amount_negative"),
        ("l", 2, None, "btc", "amount_decimals"),
    ] == faults_of(tmp_path, (tmp_path / "p").read_bytes())


def test_text_of_parquet_that_is_not_utf8(tmp_path: Path) -> None:
    broken = pa.array([b"1", b"\xff", None, b"\xed\xa0\x80"]).cast(pa.binary())
    customers = broken.view(pa.string())
    columns = {"customer": customers, "instrument": ["btc"] * 4, "amount": ["1"] * 4}
    write_parquet(tmp_path / "p", columns)

    assert [
        ("l", 2, None, "customer", "not_utf8"),
        ("l", 3, None, "customer", "missing"),
        ("l", 4, None, "customer", "not_utf8"),
    ] == faults_of(tmp_path, (tmp_path / "p").read_bytes())


def test_balances_stated_twice_also_after_normal_form(tmp_path: Path) -> None:
    people = "customer,identifier\n1,a\ncaf\u00e9,b\n".encode()
    ledger = (
        "customer,instrument,amount,kind\n"
        "1,btc,1,\n"
        "1,btc,0,balance\n"
        "1,btc,1,debt\n"
        "caf\u00e9,btc,1,\n"
        "1,btc,1,\n"
        "cafe\u0301,btc,1,\n"
    ).encode()

    assert [
        ("l", 2, 3, "customer", "row_twice"),
        ("l", 5, 6, "customer", "row_twice"),
        ("l", 6, 7, "customer", "row_twice"),
    ] == faults_of(tmp_path, ledger, people)

    wide = "customer,btc,eth\n1,1,1\ncaf\u00e9,1,0\ncafe\u0301,0,0\n".encode()
    assert [("l", 3, 4, "customer", "row_twice")] == faults_of(tmp_path, wide, people)


def test_customers_stated_twice_also_after_normal_form(tmp_path: Path) -> None:
    people = "customer,identifier\n1,a\ncaf\u00e9,b\n1,c\ncafe\u0301,d\n".encode()
    ledger = b"customer,instrument,amount\n1,btc,1\n"

    assert [
        ("c", 3, 4, "customer", "customer_twice"),
        ("c", 4, 5, "customer", "customer_twice"),
    ] == faults_of(tmp_path, ledger, people)


def test_customers_who_are_not_in_the_customers_file(tmp_path: Path) -> None:
    ledger = b"customer,instrument,amount\n1,btc,1\n3,btc,1\n3,btc,0\n 1,btc,0\n"

    assert [
        ("l", 2, 3, "customer", "customer_unknown"),
        ("l", 3, 4, "customer", "customer_unknown"),
        ("l", 4, 5, "customer", "not_plain"),
    ] == faults_of(tmp_path, ledger)

    wide = b"customer,btc,eth\n1,1,1\n3,0,0\n4,0,1\n"
    assert [
        ("l", 2, 3, "customer", "customer_unknown"),
        ("l", 3, 4, "customer", "customer_unknown"),
    ] == faults_of(tmp_path, wide)


def test_the_first_thousand_faults_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    rows = b"1,btc,-1\n" * 5000
    files = written(tmp_path, b"customer,instrument,amount\n" + rows, CUSTOMERS + b"\n")

    with pytest.raises(RefusedLedger) as caught:
        read(*files)

    assert (5001, MAX_LISTED) == (caught.value.count, len(caught.value.faults))
    assert list(range(1, MAX_LISTED)) == [one.row for one in caught.value.faults[1:]]
    assert f"{tmp_path / 'c'}: row 3, line 4: a blank line; 5001 faults in all" == caught.value.what


def test_a_message_has_no_text_of_the_rows(tmp_path: Path) -> None:
    ledger = b"customer,instrument,amount\nsecret,btc,-1\n"

    error = refusal(read, *written(tmp_path, ledger))

    assert "secret" not in error.what + error.hint
    said = "a negative amount; an overdrawn account is a row of kind debt"
    assert error.what.endswith(f"row 1, line 2, column 'amount': {said}")


NEITHER = "line 1: neither a CSV header in UTF-8 nor a Parquet file"
HEADERS = {
    "unknown": (b"customer,instrument,amount,note\n1,btc,1,x\n", "column 'note': unknown column"),
    "twice": (
        b"customer,amount,instrument,amount\n1,1,btc,1\n",
        "column 'amount': column given twice",
    ),
    "no amount": (b"customer,instrument\n1,btc\n", "column 'amount' is missing"),
    "no instrument": (b"customer,amount\n1,1\n", "column 'instrument' is missing"),
    "no customer": (b"btc,eth\n1,1\n", "column 'customer' is missing"),
    "nothing owed": (b"customer\n1\n", "no column with an amount"),
    "unknown instrument": (b"customer,xyz\n1,1\n", "column 'xyz': unknown column"),
    "upper case": (b"customer,BTC\n1,1\n", "column 'BTC': unknown column"),
    "unknown kind": (b"customer,btc:loan\n1,1\n", "column 'btc:loan': unknown column"),
    "empty kind": (b"customer,btc:\n1,1\n", "column 'btc:': unknown column"),
    "one balance twice": (
        b"customer,btc,btc:balance\n1,1,1\n",
        "column 'btc:balance': the same balance as column 'btc'",
    ),
    "too many columns": (
        b"customer," + b",".join(b"%d" % at for at in range(5000)) + b"\n1\n",
        "5001 columns, at most 4096 are read",
    ),
    "no rows": (b"customer,instrument,amount\n", "no rows after the header"),
    "no header": (b"\n1,btc,1\n", "line 1: no header"),
    "empty": (b"", "line 1: no header"),
    "a mark alone": (b"\xef\xbb\xbf", "line 1: no header"),
    "not utf-8": (b"customer,\xff\n1,1\n", NEITHER),
    "gzip": (b"\x1f\x8b\x08\0", NEITHER),
    "a quote left open": (b'customer,"btc\n1,1\n', NEITHER),
    "a long header": (b"c" * (2**20 + 1), "line 1: a header of more than 1048576 bytes"),
    "a long line": (
        b"customer,btc\n1," + b"1" * (9 * 2**20),
        ": a line of more than 1048576 bytes",
    ),
    "Parquet by its start alone": (b"PAR1 and no more", "not readable as Parquet"),
}


@pytest.mark.parametrize(("ledger", "what"), HEADERS.values(), ids=HEADERS)
def test_files_without_rows_to_look_at(tmp_path: Path, ledger: bytes, what: str) -> None:
    error = refusal(read, *written(tmp_path, ledger))

    assert type(error) is InputError
    assert error.what.endswith(what)


def test_a_long_line_among_others_is_a_fault(tmp_path: Path) -> None:
    ledger = b"customer,btc\n1,1\n" + b'"' * (2**20 + 1) + b"\n2,1\n"

    assert [("l", 2, 3, None, "too_long")] == faults_of(tmp_path, ledger)


@pytest.mark.parametrize(
    "header", ["customer,identifier,name", "customer", "identifier,customer,customer"]
)
def test_columns_of_customers(tmp_path: Path, header: str) -> None:
    files = written(tmp_path, b"customer,btc\n1,1\n", f"{header}\n1,2,3\n".encode())

    assert "column" in refusal(read, *files).what


TYPES = {
    "float64": pa.array([1.0]),
    "float32": pa.array([1.0], pa.float32()),
    "bool": pa.array([True]),
    "binary": pa.array([b"1"]),
    "null": pa.array([None]),
    "list": pa.array([["1"]]),
    "time": pa.array([1], pa.timestamp("us")),
    # DuckDB reads these as DOUBLE, so nobody could say that two readers agree.
    "39 digits": pa.array([Decimal(1)], pa.decimal256(39, 0)),
    "dictionary of floats": pa.array([1.0]).dictionary_encode(),
}


@pytest.mark.parametrize("amounts", TYPES.values(), ids=TYPES)
def test_types_of_parquet_that_are_not_exact(tmp_path: Path, amounts: pa.Array) -> None:
    ledger = write_parquet(tmp_path / "l", {"customer": ["1"], "btc": amounts})
    (tmp_path / "c").write_bytes(CUSTOMERS)

    error = refusal(read, ledger, tmp_path / "c")

    assert "column 'btc': type" in error.what
    assert "decimals of at most 38 digits" in error.hint


def test_a_customer_is_no_number(tmp_path: Path) -> None:
    ledger = write_parquet(tmp_path / "l", {"customer": pa.array([1]), "btc": ["1"]})
    (tmp_path / "c").write_bytes(CUSTOMERS)

    assert "column 'customer': type int64 is not read" in refusal(read, ledger, tmp_path / "c").what


def test_a_column_twice_in_parquet(tmp_path: Path) -> None:
    names = ["customer", "btc", "btc"]
    table = pa.Table.from_arrays([pa.array(["1"])] * 3, names=names)
    pa.parquet.write_table(table, tmp_path / "l")
    (tmp_path / "c").write_bytes(CUSTOMERS)

    assert "column 'btc': column given twice" in refusal(read, tmp_path / "l", tmp_path / "c").what


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(CUSTOMERS)

    assert refusal(read, tmp_path / "none", tmp_path / "c").what.startswith("no such file: ")
    (tmp_path / "folder").mkdir()
    assert refusal(read, tmp_path / "folder", tmp_path / "c").what.startswith("no such file: ")
