"""A ledger file, CSV or Parquet by its first bytes, as batches of cells with their row numbers.

Nothing is skipped: a row is in a batch, or its line is a fault. Rows are numbered from 1; in CSV
the line of a row is one more.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from config.errors import InputError
from config.ledger import csvlines
from config.ledger.arrow import parquet_cells, parquet_header
from config.ledger.faults import Faults
from config.ledger.vectors import counting, integers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from config.ledger.arrow import Cells, Column

PARQUET = b"PAR1"
"""The first and last bytes of a Parquet file."""
BATCH = 2**17
"""Cells of Parquet read at once, of one column."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened once, and its columns."""

    path: Path
    name: str
    """How it is called in messages."""
    form: Literal["csv", "parquet"]
    header: tuple[str, ...]
    rows: int
    """How many rows it has, by its footer or by its line ends."""
    crlf: bool
    """Whether the lines of a CSV file end with CRLF."""

    def faults(self) -> Faults:
        """Begin to collect faults of this file."""
        return Faults(self.name, lines=self.form == "csv")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows."""

    rows: Column
    """Their numbers."""
    cells: Cells
    """Text by column, null where Parquet has null."""
    broken: Cells
    """By column a mask of cells that are not UTF-8, for columns that have some."""


def open_source(path: Path) -> Source:
    """Look at a file's first bytes and columns.

    Raises:
        InputError: it cannot be read, has no columns, or no rows.
    """
    name = str(path)
    if not path.is_file():
        raise InputError(f"no such file: {name}")
    crlf = False
    with _reading(name), path.open("rb") as file:
        parquet = file.read(len(PARQUET)) == PARQUET
        file.seek(0)
        if not parquet:
            header, crlf = csvlines.read_header(file, name)
            rows = _count_lines(iter(lambda: file.read(csvlines.BLOCK), b""))
    if parquet:
        header, rows = parquet_header(path, name)
    if not rows:
        raise InputError.at(name, "", "no rows after the header")
    return Source(path, name, "parquet" if parquet else "csv", header, rows, crlf)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot read {name}") from error


def _count_lines(blocks: Iterator[bytes]) -> int:
    count, last = 0, b"\n"
    for block in blocks:
        count += block.count(b"\n")
        last = block[-1:]
    return count + (last != b"\n")


def batches(
    source: Source, numbers: Collection[str], faults: Faults, advance: Callable[[int], None]
) -> Iterator[Batch]:
    """Read a file from its first row to its last.

    Args:
        source: the file.
        numbers: columns that may be numbers in Parquet.
        faults: where faults of lines are told.
        advance: told how many rows have been read, after each batch.

    Raises:
        InputError: the file cannot be read as what it is, or has not as many rows as it should.
    """
    read = _csv_batches(source, faults) if source.form == "csv" else _parquet(source, numbers)
    done = 0
    for count, batch in read:
        # A block of CSV may have no line that could be read; their faults are told.
        if len(batch.rows):
            yield batch
        done += count
        advance(done)
    if done != source.rows:
        what = f"{done} rows were read, {source.rows} were counted"
        raise InputError.at(source.name, "", what, "the file changed while it was read")


def _csv_batches(source: Source, faults: Faults) -> Iterator[tuple[int, Batch]]:
    first = 1
    with _reading(source.name), source.path.open("rb") as file:
        csvlines.read_header(file, source.name)
        for data in csvlines.read_blocks(file, source.name):
            count, rows, cells = csvlines.read_cells(
                data, source.header, first, faults, crlf=source.crlf
            )
            numbered = counting(first, count) if rows is None else integers(rows)
            yield count, Batch(numbered, cells, {})
            first += count


def _parquet(source: Source, numbers: Collection[str]) -> Iterator[tuple[int, Batch]]:
    first = 1
    size = max(1024, BATCH // len(source.header))
    for count, cells, broken in parquet_cells(source.path, source.name, numbers, size):
        yield count, Batch(counting(first, count), cells, broken)
        first += count
