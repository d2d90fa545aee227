"""The adapter of pyarrow: files read and written, and what else of it is seen outside.

`config.ledger.vectors` works on the columns; what a ledger goes through imports pyarrow in these
two alone.

pyarrow has no types of its own for a checker to read. What goes out of this module is a `Column` or
a `Table`, with which little can be done but by the functions here.

Its traps in reading, and how they are kept out:

- a decimal below 10^-6 is written as text with an exponent: its digits are read as a whole number,
  and the point is set here;
- text is not checked to be UTF-8 when Parquet is read: each column is validated;
- the CSV reader takes `NaN` and an empty cell for null: every conversion is switched off; what else
  it reads in its own way does not reach it (`config.ledger.csvlines`).

Refused: numbers as float, which have lost digits before they are read; decimals of more than 38
digits, since DuckDB, the second reader, takes them as DOUBLE.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from config.errors import AttestError, InputError, shown

try:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.compute as pc  # type: ignore[import-untyped]
    import pyarrow.csv as pacsv  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]
except ImportError as error:
    what = "reading a ledger needs pyarrow, which is not installed"
    raise InputError(what, "pip install 'custody-attest[ledger]'") from error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

Array: TypeAlias = "Any"
"""What pyarrow gives, of which a checker knows nothing."""


class Column(Protocol):
    """Values of one type, one a row."""

    def __len__(self) -> int: ...

    def to_pylist(self) -> list[Any]:
        """Give the values as Python's own."""


class Table(Protocol):
    """Columns of one length, by name."""

    num_rows: int
    nbytes: int

    def column(self, name: str) -> Column:
        """Give a column, maybe in pieces."""


Cells = dict[str, Column]
"""Columns of text of a file, by name; null where Parquet has null."""

MAX_PRECISION = 38
"""Digits of a decimal column: the second reader takes more as DOUBLE."""
PART = pa.schema(
    {
        "account": pa.string(),
        "identifier": pa.string(),
        "assets": pa.list_(pa.uint16()),
        "units": pa.list_(pa.string()),
    }
)
"""The columns of a part (`config.ledger.parts`)."""
ERRORS = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError, KeyError)
"""What pyarrow raises for files that are not what they should be."""


@contextmanager
def refusing(name: str, form: str) -> Iterator[None]:
    """Turn what pyarrow raises into an InputError about the file."""
    try:
        yield
    except ERRORS as error:
        raise InputError.at(name, "", f"not readable as {form}") from error


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AttestError(f"cannot write {path}") from error


@contextmanager
def within_limits() -> Iterator[None]:
    """Turn what pyarrow cannot hold, such as more than 2^31 bytes of one column, into an error."""
    try:
        yield
    except (pa.ArrowException, MemoryError) as error:
        raise AttestError("the rows of some customers are more than pyarrow holds") from error


# Reading.


def parquet_header(path: Path, name: str) -> tuple[tuple[str, ...], int]:
    """Give the names of the columns of a Parquet file, and how many rows it has."""
    with refusing(name, "Parquet"), pa.OSFile(str(path)) as file:
        parquet = pq.ParquetFile(file)
        return tuple(parquet.schema_arrow.names), int(parquet.metadata.num_rows)


def parquet_cells(
    path: Path, name: str, numbers: Collection[str], size: int
) -> Iterator[tuple[int, Cells, Cells]]:
    """Read a Parquet file, some rows at a time.

    Args:
        path: the file.
        name: its name, for messages.
        numbers: columns that may hold decimals or integers; all others hold text.
        size: rows at a time, at most.

    Yields:
        How many rows, their cells as text, and by column, where there is one, a mask of the cells
        that are not UTF-8, which are null among the cells.
    """
    with refusing(name, "Parquet"), pa.OSFile(str(path)) as file:
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        for field in parquet.schema_arrow:
            _check_type(field, name, numbers)
        for batch in parquet.iter_batches(batch_size=size):
            cells: Cells = {}
            broken: Cells = {}
            for column, values in zip(batch.schema.names, batch.columns, strict=True):
                cells[column], mask = _valid(_text(values))
                if mask is not None:
                    broken[column] = mask
            yield batch.num_rows, cells, broken


def _check_type(field: Array, name: str, numbers: Collection[str]) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return
    decimal = pa.types.is_decimal128(kind) or pa.types.is_decimal256(kind)
    exact = decimal and kind.precision <= MAX_PRECISION and 0 <= kind.scale <= kind.precision
    if field.name in numbers and kind == field.type and (exact or pa.types.is_integer(kind)):
        return
    hint = f"write text{', or decimals of at most 38 digits' if field.name in numbers else ''}"
    raise InputError.at(name, f"column {shown(field.name)}", f"type {kind} is not read", hint)


def _text(values: Array) -> Array:
    """Give values of any type that is read as text; decimals without an exponent."""
    if not pa.types.is_decimal(values.type):
        return values.cast(pa.string())
    scale = values.type.scale
    whole = pa.decimal256(76, 0) if values.type.byte_width == 32 else pa.decimal128(38, 0)  # noqa: PLR2004
    # The same bytes without their scale are a whole number, which is written without an exponent.
    digits = pa.Array.from_buffers(whole, len(values), values.buffers(), offset=values.offset)
    signed = digits.cast(pa.string())
    sign = pc.if_else(pc.starts_with(signed, "-"), "-", "")
    padded = pc.utf8_lpad(pc.utf8_ltrim(signed, "-"), scale + 1, "0")
    if not scale:
        return pc.binary_join_element_wise(sign, padded, "")
    fraction = pc.utf8_rtrim(pc.utf8_slice_codeunits(padded, -scale), "0")
    point = pc.if_else(pc.equal(fraction, ""), "", ".")
    whole_part = pc.utf8_slice_codeunits(padded, 0, -scale)
    return pc.binary_join_element_wise(sign, whole_part, point, fraction, "")


def _valid(values: Array) -> tuple[Column, Column | None]:
    """Give text, and a mask of what is not UTF-8 if anything is not, which is null in the text."""
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        found = [_decoded(value) for value in values.cast(pa.binary()).to_pylist()]
        given = values.is_valid().to_pylist()
        broken = [was and text is None for was, text in zip(given, found, strict=True)]
        return pa.array(found, pa.string()), pa.array(broken, pa.bool_())
    return values, None


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def parse_csv(data: bytes, header: Sequence[str]) -> Cells | None:
    """Read whole lines of CSV that have no quotation mark; None if a line is not as the header."""
    reading = pacsv.ReadOptions(
        use_threads=False, block_size=max(len(data), 1), column_names=list(header)
    )
    parsing = pacsv.ParseOptions(quote_char=False, ignore_empty_lines=False)
    converting = pacsv.ConvertOptions(
        check_utf8=True,
        column_types=dict.fromkeys(header, pa.string()),
        null_values=[],
        strings_can_be_null=False,
        quoted_strings_can_be_null=False,
    )
    try:
        rows = pacsv.read_csv(pa.py_buffer(data), reading, parsing, converting)
    except pa.ArrowInvalid:
        return None
    return {name: one_piece(rows.column(name)) for name in header}


def text_cells(rows: Sequence[Sequence[str]], header: Sequence[str]) -> Cells:
    """Give the cells of rows of text."""
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return {name: pa.array(cells, pa.string()) for name, cells in zip(header, columns, strict=True)}


# Rows on their way.


def append(path: Path, rows: Table) -> None:
    """Write rows at the end of a file."""
    batch: Array = rows
    with _writing(path), pa.OSFile(str(path), "ab") as file:
        stream = pa.ipc.new_stream(file, batch.schema)
        stream.write_table(batch)
        stream.close()


def appended(path: Path) -> Table:
    """Read all rows that were appended to a file."""
    with pa.OSFile(str(path), "rb") as file:
        found = []
        while file.tell() < file.size():
            with pa.ipc.open_stream(file) as stream:
                found.append(stream.read_all())
        return one_table(found)


# Parts.


def write_part(path: Path, customers: Table, holdings: Table) -> None:
    """Write a Parquet file with a row for each customer (`config.ledger.parts`).

    Args:
        path: the file.
        customers: `account` and `identifier`.
        holdings: what `sum_holdings` gives; `customer` is a place in `customers`.
    """
    counts = pc.value_counts(holdings.column("customer").combine_chunks())  # type: ignore[attr-defined]
    everyone = pa.array(range(customers.num_rows), pa.int64())
    present = pc.index_in(everyone, value_set=counts.field("values"))
    each = pc.fill_null(pc.take(counts.field("counts"), present), 0)
    ends = pc.cumulative_sum_checked(each).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    assets = column_of(holdings, "asset").cast(pa.uint16())  # type: ignore[attr-defined]
    units = column_of(holdings, "units").cast(pa.string())  # type: ignore[attr-defined]
    columns = [
        column_of(customers, "account"),
        column_of(customers, "identifier"),
        pa.ListArray.from_arrays(offsets, assets),
        pa.ListArray.from_arrays(offsets, units),
    ]
    with _writing(path), pa.OSFile(str(path), "wb") as file:
        # Names and amounts differ from row to row: a dictionary of them is as long as they are.
        pq.write_table(pa.Table.from_arrays(columns, schema=PART), file, use_dictionary=False)


def read_part(path: Path) -> Iterator[tuple[str, str, tuple[tuple[int, int], ...]]]:
    """Read a part, column by column.

    Yields:
        Of each customer the account, the identifier, and his holdings: the asset's place in
        `Ledger.assets`, ascending, and base units above zero.

    Raises:
        InputError: the file is no part.
    """
    with refusing(str(path), "a part of a ledger"), pa.OSFile(str(path)) as file:
        rows: Array = pq.ParquetFile(file, page_checksum_verification=True).read()
        if not rows.schema.equals(PART):
            raise ValueError(rows.schema)
        assets: Array = column_of(rows, "assets")
        units: Array = column_of(rows, "units")
        ends: list[int] = assets.offsets.to_pylist()
        held: list[int] = assets.values.to_pylist()
        amounts = [int(text) for text in units.values.to_pylist()]
        pairs = list(zip(held, amounts, strict=True))
        names = (column_of(rows, name).to_pylist() for name in ("account", "identifier"))
        people = list(zip(*names, ends[:-1], ends[1:], strict=True))
    for account, identifier, start, end in people:
        yield account, identifier, tuple(pairs[start:end])


def one_piece(values: Array) -> Column:
    """Give an array, also where pyarrow made pieces of it."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values  # type: ignore[no-any-return]


def column_of(rows: Table, name: str) -> Column:
    """Give a column of a table in one piece."""
    return one_piece(rows.column(name))


def one_table(tables: Sequence[Table]) -> Table:
    """Put the rows of tables with the same columns one after another, in one piece."""
    return pa.concat_tables(tables).combine_chunks()  # type: ignore[no-any-return]
