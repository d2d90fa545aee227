"""The rules that every CSV file keeps, tried on each kind of file; then the reader alone."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import accounts, claims, csvrows
from config.books import allocations, liabilities, prices, reconciling
from config.csvrows import cut_run, open_run, parse_rows, read_run
from config.errors import InputError
from proofs.schemes import SCHEMES
from tests.config.known import ADDRESSES, DONE, GENESIS, READING, REGISTRY, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


@dataclass(frozen=True)
class Kind:
    """One kind of CSV file: where its limit is, its parser, a header and two rows."""

    module: ModuleType
    parse: Callable[[bytes], object]
    header: str
    rows: tuple[str, str]
    optional: str = ""

    @property
    def text(self) -> str:
        return "\n".join((self.header, *self.rows)) + "\n"

    @property
    def hint(self) -> str:
        return "columns: " + f"{self.header}{self.optional}".replace(",", ", ")


KINDS = {
    "accounts": Kind(
        accounts,
        lambda data: accounts.parse_accounts(data, "x.csv", REGISTRY, ADDRESSES, "main"),
        "account,method,holder,owner",
        (f"bitcoin:{GENESIS},cold,self,customer", f"ethereum:{DONE},hot,self,customer"),
        ",assets,label,signing_domain,parent,group",
    ),
    "claims": Kind(
        claims,
        lambda data: claims.parse_claims(data, "x.csv", REGISTRY, ADDRESSES, SCHEMES),
        "account,scheme,message,signature",
        (f"bitcoin:{GENESIS},bip137,hello,AAAA", f"ethereum:{DONE},eip191,@challenge,0x00"),
        ",public_key,script,encoding,signer,received_at,profile",
    ),
    "liabilities": Kind(
        liabilities,
        lambda data: liabilities.parse_liabilities(data, "x.csv", REGISTRY),
        "instrument,amount,as_of",
        ("btc,1.5,2026-12-01T00:00:00Z", "jpy,1000,2026-12-01T00:00:00Z"),
        ",kind",
    ),
    "reconciling": Kind(
        reconciling,
        lambda data: reconciling.parse_reconciling(data, "x.csv", READING),
        "kind,instrument,amount,txid,account,note",
        (
            f"withdrawal,btc,0.5,{'0a' * 32},bitcoin:{GENESIS},asked for at 23:58",
            f"deposit,eth,1,0x{'0b' * 32},ethereum:{DONE},",
        ),
    ),
    "allocations": Kind(
        allocations,
        lambda data: allocations.parse_allocations(data, "x.csv", READING),
        "account,asset,owner,encumbrance,amount",
        (f"bitcoin:{GENESIS},btc,customer,free,0.5", f"ethereum:{DONE},eth,house,staked,32"),
        ",until,beneficiary",
    ),
    "prices": Kind(
        prices,
        lambda data: prices.parse_prices(data, "x.csv", REGISTRY),
        "instrument,currency,price,as_of,source",
        (
            "btc,jpy,14000000,2026-12-01T00:00:00Z,acme index",
            "eth,jpy,500000.25,2026-12-01T00:00:00Z,acme index",
        ),
        ",basis",
    ),
}
EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def refused(kind: Kind, text: str) -> str:
    return str(refusal(kind.parse, text.encode()))


@EACH
def test_a_byte_order_mark_and_crlf_change_nothing(kind: Kind) -> None:
    expected = kind.parse(kind.text.encode())
    for text in (
        "\ufeff" + kind.text,
        kind.text.replace("\n", "\r\n"),
        kind.text.rstrip("\n"),
        kind.text + "\n\n",
    ):
        assert expected == kind.parse(text.encode())


@EACH
def test_columns_may_stand_in_any_order(kind: Kind) -> None:
    rows = [list(reversed(line.split(","))) for line in kind.text.splitlines()]
    text = "\n".join(",".join(cells) for cells in rows)
    assert kind.parse(kind.text.encode()) == kind.parse(text.encode())


@EACH
def test_an_optional_column_may_be_empty_or_absent(kind: Kind) -> None:
    blank = "," * kind.optional.count(",")
    text = f"{kind.header}{kind.optional}\n{kind.rows[0]}{blank}\n{kind.rows[1]}{blank}\n"
    assert kind.parse(kind.text.encode()) == kind.parse(text.encode())


@EACH
def test_a_table_that_is_not_whole_is_refused(kind: Kind) -> None:
    first, second = kind.rows
    columns = kind.header.count(",") + 1
    met = {
        "file is empty": "",
        "no rows after the header": f"{kind.header}\n",
        f"line 3: {columns + 1} cells, the header has {columns}": f"{kind.text.rstrip()},\n",
        f"line 2: 1 cells, the header has {columns}": f"{kind.header}\n \n{first}\n",
        "line 3: blank line between rows": f"{kind.header}\n{first}\n\n{second}\n",
        "line 2: not CSV: a quote is left open": f'{kind.header}\n"{first}\n{second}\n',
        "line 3: not CSV: text after a closing quote": f'{kind.header}\n{first}\n"x"{second}\n',
        "line 2: text expected, met a NUL character": f"{kind.header}\n{first}\0\n",
        "line 2: carriage return without a line feed": f"{kind.header}\n{first}\r{second}\n",
    }
    for message, text in met.items():
        assert f"x.csv: {message}" == refused(kind, text)


@EACH
def test_columns_that_are_not_the_documented_ones_are_refused(kind: Kind) -> None:
    rows = "\n".join(kind.rows)
    first = kind.header.split(",", maxsplit=1)[0]
    for name in ("notes", "", " ", first.upper(), f" {first}", f"\ufeff{first}"):
        error = refusal(kind.parse, f"{kind.header},{name}\n{rows}\n".encode())
        expected = f"x.csv: line 1, column {name!r}: unknown column"
        assert (expected, kind.hint) == (str(error), error.hint)
    twice = f"{kind.header},{first}\n{rows}\n"
    assert f"x.csv: line 1, column '{first}': column given twice" == refused(kind, twice)
    for column in kind.header.split(","):
        kept = [one for one in kind.header.split(",") if one != column]
        expected = f"x.csv: line 1: column '{column}' is missing"
        assert expected == refused(kind, ",".join(kept) + f"\n{rows}\n")


@EACH
def test_bytes_that_are_not_utf_8_are_refused(kind: Kind) -> None:
    data = kind.text.encode() + b"\xff"
    expected = f"x.csv: byte {len(data) - 1}: not UTF-8"
    assert expected == str(refusal(kind.parse, data))
    assert "x.csv: byte 0: not UTF-8" == str(refusal(kind.parse, kind.text.encode("utf-16")))


@EACH
def test_a_file_over_its_limit_is_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    data = kind.text.encode()
    monkeypatch.setattr(kind.module, "MAX_BYTES", len(data))
    kind.parse(data)
    monkeypatch.setattr(kind.module, "MAX_BYTES", len(data) - 1)
    expected = f"x.csv: file too large: {len(data)} bytes, the limit is {len(data) - 1}"
    assert expected == str(refusal(kind.parse, data))


@EACH
def test_every_prefix_is_read_or_refused(kind: Kind) -> None:
    data = kind.text.encode()
    for end in range(len(data)):
        with contextlib.suppress(InputError):
            kind.parse(data[:end])


@EACH
@given(data=st.binary(max_size=120), cells=st.lists(st.text(max_size=30), max_size=9))
def test_anything_is_read_or_refused(kind: Kind, data: bytes, cells: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    for given_bytes in (data, kind.header.encode() + b"\n" + data):
        with contextlib.suppress(InputError):
            kind.parse(given_bytes)
    with contextlib.suppress(InputError):
        kind.parse(f"{kind.header}\n{written.getvalue()}".encode("utf-8", "surrogatepass"))


def test_cells_are_literal_and_rows_know_where_they_begin() -> None:
    text = 'a,b\n"x,\n""y""", z \n,\n\'q\',"r\n\ns"\n1,2\n'
    rows = parse_rows(text, "x.csv", ("a", "b"), ("c",))
    expected = [
        (2, 'x,\n"y"', " z "),
        (4, "", ""),
        (5, "'q'", "r\n\ns"),
        (8, "1", "2"),
    ]
    assert expected == [(row.line, row["a"], row["b"]) for row in rows]
    assert ["", "", "", ""] == [row["c"] for row in rows]


def test_a_header_alone_on_a_later_line_is_no_header() -> None:
    error = refusal(parse_rows, "\na,b\n1,2\n", "x.csv", ("a", "b"))
    assert "x.csv: line 1: column 'a' is missing" == str(error)


def test_an_open_quote_is_reported_where_it_stands() -> None:
    text = "a,b\n1,2\n" + '"3,4\n' + "5,6\n" * 1000
    expected = "x.csv: line 3: not CSV: a quote is left open"
    assert expected == str(refusal(parse_rows, text, "x.csv", ("a", "b")))


def test_a_cell_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"a,b\n1,{'x' * 100}\n"
    assert "x" * 100 == parse_rows(text, "x.csv", ("a", "b"))[0]["b"]
    monkeypatch.setattr(csvrows, "MAX_CELL", 99)
    error = refusal(parse_rows, text, "x.csv", ("a", "b"))
    assert str(error).startswith("x.csv: line 2: not CSV: field larger than field limit")


def test_a_refused_cell_is_not_repeated_whole() -> None:
    row = parse_rows(f"a,b\n1,{'x' * 100_000}\n", "x.csv", ("a", "b"))[0]
    error = refusal(row.choice, "b", ("hot", "cold"))
    expected = f"x.csv: line 2, column 'b': '{'x' * 80}'… is not known"
    assert (expected, "one of: hot, cold") == (str(error), error.hint)


def test_text_for_people_is_seen() -> None:
    row = parse_rows("a,b\n,\x1b[2Jself\n", "x.csv", ("a", "b"))[0]
    assert "" == row.plain("a")
    error = refusal(row.plain, "b")
    expected = "x.csv: line 2, column 'b': not plain text: '\\x1b[2Jself'"
    hint = "no space at an edge, no control character, at most 200 characters"
    assert (expected, hint) == (str(error), error.hint)


def read_whole(text: str) -> list[tuple[int, tuple[str, ...]]] | str:
    try:
        return [(row.line, row.cells) for row in parse_rows(text, "f", ("a",), ("b",))]
    except InputError as error:
        return str(error)


def read_in_runs(text: str, size: int) -> list[tuple[int, tuple[str, ...]]] | str:
    try:
        whole = open_run(text, "f", ("a",), ("b",))
        runs = tuple(cut_run(whole, size))
        assert whole.text == "".join(run.text for run in runs)
        return [(row.line, row.cells) for run in runs for row in read_run(run, ("a", "b"))]
    except InputError as error:
        return str(error)


@given(st.text(alphabet='x",\n', max_size=60), st.integers(1, 30))
def test_a_cut_file_reads_as_a_whole_one(rest: str, size: int) -> None:
    text = f"a,b\n{rest}"

    assert read_whole(text) == read_in_runs(text, size)


def test_runs_are_of_about_the_size_asked_for() -> None:
    whole = open_run("a\n" + "12345\n" * 100, "f", ("a",))
    quoted = open_run("a\n" + '"1234\n6"\n' * 100, "f", ("a",))

    assert {12} == {len(run.text) for run in cut_run(whole, 11)} - {11}
    assert 50 == len(tuple(cut_run(whole, 11)))
    assert [2, 6, 10] == [run.line for run in cut_run(quoted, 10)][:3]


def test_a_quotation_mark_inside_a_cell_does_not_hide_where_rows_end() -> None:
    text = 'a,b\n1",x\n"2\n3",y\n4,z\n'

    assert read_whole(text) == read_in_runs(text, 1)
    assert 3 == len(tuple(cut_run(open_run(text, "f", ("a",), ("b",)), 1)))
