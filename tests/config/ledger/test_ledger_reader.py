"""A ledger read whole: totals, parts, and one result whatever the form of the files."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from config.errors import AttestError, InputError
from config.ledger.arrow import read_part
from config.ledger.reader import read_ledger
from tests.config.known import refusal
from tests.config.ledger.ledgers import INSTRUMENTS, Entry, expected, read, write_csv, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = [
    ("1001", "alice@example.com"),
    ("1002", "bob@example.com"),
    ("山田", "山田太郎"),
    ("1004", "bob@example.com"),
    ("1005", "nobody@example.com"),
]
ENTRIES = [
    Entry("1001", "btc", "0.5", ""),
    Entry("1001", "btc", "0.25", "collateral"),
    Entry("1001", "btc", "3", "debt"),
    Entry("1002", "btc", "0", "balance"),
    Entry("1002", "eth", "1.000000000000000001", "pending"),
    Entry("山田", "eth", "0.1", "balance"),
    Entry("山田", "jpy", "120", "debt"),
    Entry("1004", "btc", "20999999.9769", "balance"),
    Entry("1004", "btc", "0", "debt"),
]
LONG = ("customer", "instrument", "amount", "kind")
WIDE = ("btc", "btc:collateral", "btc:debt", "eth:pending", "eth", "jpy:debt")


def long_columns() -> dict[str, list[str]]:
    return {
        "customer": [one.customer for one in ENTRIES],
        "instrument": [one.instrument for one in ENTRIES],
        "amount": [one.amount for one in ENTRIES],
        "kind": [one.kind for one in ENTRIES],
    }


def wide_columns() -> dict[str, list[str]]:
    given = {
        (one.customer, f"{one.instrument}:{one.kind or 'balance'}".removesuffix(":balance")): one
        for one in ENTRIES
    }
    people = [customer for customer, _ in CUSTOMERS]
    cells = {
        column: [given[one, column].amount if (one, column) in given else "0" for one in people]
        for column in WIDE
    }
    return {"customer": people, **cells}


def customers_of(folder: Path) -> Path:
    return write_csv(folder / "customers.csv", ("customer", "identifier"), CUSTOMERS)


def test_totals_and_parts_of_a_small_ledger(tmp_path: Path) -> None:
    columns = long_columns()
    ledger = write_csv(
        tmp_path / "ledger.csv", list(columns), list(zip(*columns.values(), strict=True))
    )

    found, rows = read(ledger, customers_of(tmp_path))

    totals = found.assets
    assert [
        ("btc", 8, 2, 1, 1, 2_099_999_997_690_000),
        ("eth", 18, 2, 0, 0, 10**18 + 1),
        ("jpy", 0, 0, 1, 0, 0),
    ] == [
        (one.instrument, one.decimals, one.holders, one.debtors, one.margined, one.largest)
        for one in totals
    ]
    assert [
        (("balance", 2_100_000_047_690_000), ("collateral", 25_000_000), ("debt", 300_000_000)),
        (("balance", 10**17), ("pending", 10**18 + 1)),
        (("debt", 120),),
    ] == [one.kinds for one in totals]
    # A debt of three bitcoins takes nothing off what its customer, or another one, is owed.
    assert 2_100_000_072_690_000 == found.assets[0].owed
    assert [
        ("1001", "alice@example.com", ((0, 75_000_000),)),
        ("1002", "bob@example.com", ((1, 10**18 + 1),)),
        ("山田", "山田太郎", ((1, 10**17),)),
        ("1004", "bob@example.com", ((0, 2_099_999_997_690_000),)),
        ("1005", "nobody@example.com", ()),
    ] == rows
    assert (5, 1) == (found.customers, found.repeated_identifiers)
    assert expected(CUSTOMERS, ENTRIES) == (found.assets, set(rows))


def test_every_form_of_the_files_gives_the_same(tmp_path: Path) -> None:
    long, wide = long_columns(), wide_columns()
    ledgers = [
        write_csv(
            tmp_path / f"{name}.csv", list(columns), list(zip(*columns.values(), strict=True))
        )
        for name, columns in (("long", long), ("wide", wide))
    ]
    ledgers += [
        write_parquet(tmp_path / "long.parquet", long),
        # The name says nothing: the first bytes do.
        write_parquet(tmp_path / "wide.csv.gz", wide),
    ]
    customers = customers_of(tmp_path)
    others = write_parquet(
        tmp_path / "customers",
        {
            "identifier": [identifier for _, identifier in CUSTOMERS],
            "customer": [customer for customer, _ in CUSTOMERS],
        },
    )

    found = [read(ledger, people) for ledger in ledgers for people in (customers, others)]

    # A wide ledger states what a long one leaves out: bitcoins of kind debt, of zero.
    assert [found[0][1]] * 8 == [rows for _, rows in found]
    assert [found[0][0].assets] * 8 == [ledger.assets for ledger, _ in found]
    assert [(5, 1)] * 8 == [(one.customers, one.repeated_identifiers) for one, _ in found]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_line_ends_marks_and_quotes_are_form_alone(
    tmp_path: Path, end: str, last: str, mark: bytes, quote: str
) -> None:
    lines = [LONG, *((one.customer, one.instrument, one.amount, one.kind) for one in ENTRIES)]
    text = end.join(",".join(f"{quote}{cell}{quote}" for cell in line) for line in lines)
    ledger = tmp_path / "ledger.csv"
    ledger.write_bytes(mark + (text + (end if last else "")).encode())

    found, rows = read(ledger, customers_of(tmp_path))

    assert expected(CUSTOMERS, ENTRIES) == (found.assets, set(rows))


def test_columns_in_any_order_and_no_kind(tmp_path: Path) -> None:
    rows = [("1.5", "1001", "btc"), ("7", "1002", "jpy")]
    ledger = write_csv(tmp_path / "ledger.csv", ("amount", "customer", "instrument"), rows)

    found, _ = read(ledger, customers_of(tmp_path))

    assert [("btc", 150_000_000), ("jpy", 7)] == [
        (one.instrument, one.owed) for one in found.assets
    ]


NUMBERS = {
    "decimal128": pa.array([Decimal("0.50000000"), Decimal("0.00000001")], pa.decimal128(30, 8)),
    "decimal256": pa.array([Decimal("0.5"), Decimal("0.00000001")], pa.decimal256(38, 18)),
    # Zeros that a type brings along are no decimals of the amount.
    "scale": pa.array([Decimal("0.5"), Decimal("0.00000001")], pa.decimal128(38, 20)),
    "dictionary": pa.array(["0.5", "0.00000001"]).dictionary_encode(),
    "large_string": pa.array(["0.5", "0.00000001"], pa.large_string()),
    "sliced": pa.array([Decimal(9), Decimal("0.5"), Decimal("0.00000001")], pa.decimal128(30, 8))[
        1:
    ],
}


@pytest.mark.parametrize("amounts", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("column", ["btc", "amount"])
def test_exact_types_of_parquet(tmp_path: Path, amounts: pa.Array, column: str) -> None:
    people = {"customer": ["1001", "1002"]}
    columns = {column: amounts} | ({"instrument": ["btc"] * 2} if column == "amount" else {})
    ledger = write_parquet(tmp_path / "ledger", {**people, **columns})

    found, rows = read(ledger, customers_of(tmp_path))

    assert [50_000_001] == [one.owed for one in found.assets]
    assert [((0, 50_000_000),), ((0, 1),)] == [held for _, _, held in rows[:2]]


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint8(), pa.int64(), pa.uint64(), pa.decimal128(38, 0)], ids=str
)
def test_whole_numbers_of_parquet(tmp_path: Path, kind: pa.DataType) -> None:
    columns = {"customer": ["1001", "1002"], "jpy": pa.array([127, 0], pa.int32()).cast(kind)}
    ledger = write_parquet(tmp_path / "ledger", columns)

    assert [127] == [one.owed for one in read(ledger, customers_of(tmp_path))[0].assets]


def test_the_largest_unsigned_number_of_parquet(tmp_path: Path) -> None:
    amounts = pa.array([2**64 - 1, 2**64 - 1], pa.uint64())
    ledger = write_parquet(tmp_path / "ledger", {"customer": ["1001", "1002"], "seat": amounts})

    assert [2**65 - 2] == [one.owed for one in read(ledger, customers_of(tmp_path))[0].assets]


def test_texts_are_in_normal_form_in_the_parts(tmp_path: Path) -> None:
    decomposed, composed = "cafe\u0301", "caf\u00e9"
    customers = write_csv(
        tmp_path / "c.csv", ("customer", "identifier"), [(decomposed, decomposed)]
    )
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [(composed, "btc", "1")])

    _, rows = read(ledger, customers)

    assert [(composed, composed, ((0, 10**8),))] == rows


def test_many_customers_lie_in_several_parts_and_each_in_one(tmp_path: Path) -> None:
    people = [f"{number}" for number in range(70_000)]
    customers = write_parquet(tmp_path / "c", {"customer": people, "identifier": people})
    amounts = pa.array(range(70_000), pa.int64())
    ledger = write_parquet(tmp_path / "l", {"customer": people[::-1], "jpy": amounts})

    found, rows = read(ledger, customers)

    assert 3 == len(found.parts)
    assert [69_999 * 35_000] == [one.owed for one in found.assets]
    assert [(69_999, 69_999)] == [(one.holders, one.largest) for one in found.assets]
    assert sorted(people) == sorted(account for account, _, _ in rows)
    assert {
        (one, one, ((0, 69_999 - int(one)),) if one != "69999" else ()) for one in people
    } == set(rows)
    assert max(sum(1 for _ in read_part(part)) for part in found.parts) < 2**16


def test_a_block_of_lines_ends_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = long_columns()
    ledger = write_csv(tmp_path / "l.csv", list(columns), list(zip(*columns.values(), strict=True)))
    customers = customers_of(tmp_path)
    whole = read(ledger, customers)

    for size in (1, 2, 3, 7, 30, 64, 100):
        monkeypatch.setattr("config.ledger.csvlines.BLOCK", size)
        found, rows = read(ledger, customers)
        assert (whole[0].assets, whole[1]) == (found.assets, rows)


def test_a_file_that_changes_between_the_readings_gives_no_ledger(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [("1001", "btc", "1.5"), ("1002", "btc", "2")])
    (tmp_path / "scratch").mkdir()

    def change(what: str, done: int, _: int) -> None:
        if (what, done) == ("second reading", 0):
            ledger.write_text(ledger.read_text().replace("1.5", "1.4"))

    with pytest.raises(AttestError) as caught:
        read_ledger(ledger, customers_of(tmp_path), INSTRUMENTS, tmp_path / "scratch", change)

    assert (
        "two readings of the ledger differ: btc (balance): pyarrow has 350000000 base units in "
        "2 rows, DuckDB 340000000 base units in 2 rows"
    ) == caught.value.what


def test_a_file_that_grows_while_it_is_read_gives_no_ledger(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [("1001", "btc", "1.5")])
    (tmp_path / "scratch").mkdir()

    def grow(what: str, *_: int) -> None:
        if what == "customers":
            ledger.write_text(ledger.read_text() + "1002,btc,1\n")

    with pytest.raises(InputError, match="2 rows were read, 1 were counted"):
        read_ledger(ledger, customers_of(tmp_path), INSTRUMENTS, tmp_path / "scratch", grow)


def test_nothing_but_parts_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [("1001", "btc", "1.5")])

    found, _ = read(ledger, customers_of(tmp_path))

    assert {part.name for part in found.parts} == {
        path.name for path in found.parts[0].parent.iterdir() if path.is_file()
    }


def test_a_scratch_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [("1001", "btc", "1.5")])
    arguments = (ledger, customers_of(tmp_path), INSTRUMENTS, tmp_path, lambda *_: None)

    assert refusal(read_ledger, *arguments).what.startswith("no empty folder: ")


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "l.csv", LONG[:3], [("1001", "btc", "1.5")])
    (tmp_path / "scratch").mkdir()
    told = []

    read_ledger(
        ledger,
        customers_of(tmp_path),
        INSTRUMENTS,
        tmp_path / "scratch",
        lambda *progress: told.append(progress),
    )

    assert [
        ("customers", 5, 5),
        ("ledger", 1, 1),
        ("parts", 1, 1),
        ("second reading", 0, 1),
        ("second reading", 1, 1),
    ] == told


@pytest.mark.parametrize(
    "name", ["a[b].csv", "a*.csv", "a?.csv", "'; DROP.csv", 'q".csv', "é .csv"]
)
def test_a_path_is_a_name_and_no_pattern_or_sql(tmp_path: Path, name: str) -> None:
    write_csv(tmp_path / "ab.csv", LONG[:3], [("1001", "btc", "9")])
    ledger = write_csv(tmp_path / name, LONG[:3], [("1001", "btc", "1.5")])

    found, _ = read(ledger, customers_of(tmp_path))

    assert [150_000_000] == [one.owed for one in found.assets]
