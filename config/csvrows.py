"""Strict CSV (RFC 4180) with a header: every row whole, every column known.

Refused, with file, line and column: unknown, missing or repeated columns, ragged rows, blank lines
between rows, quotes left open. Cells are literal: nothing is stripped or guessed. An account of a
hundred thousand rows is read as dictionaries once and turned into frozen values by its own parser.

A file is a header and one run of rows. A run can be cut into shorter ones that are read apart and
give the same rows and the same faults, each with its line in the file. Where a row ends is decided
by the csv module alone: counting quotes would cut inside a cell, since a quote that does not open a
cell is a letter like others.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

from config.errors import InputError, shown
from config.text import MAX_PLAIN, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Self

MAX_CELL = 6 * 1024 * 1024
"""Base64 of the largest proof of funds (4 MiB) and room; csv's own limit of 128 KiB would refuse
it."""
PIECE = 64 * 1024
"""Characters whose lines are parted at once, the rest of a line apart: of a whole file they would
be a second copy of it, four times as large."""
FAULTS = {
    "unexpected end of data": "a quote is left open",
    "',' expected after '\"'": "text after a closing quote",
}
"""Faults of the csv module in our words."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that stand together in a file."""

    name: str
    """The file's name, for messages."""
    header: tuple[str, ...]
    line: int
    """Line of the file on which the text begins."""
    text: str
    """Whole rows."""


class _Cells(Protocol):
    """The csv module's reader, whose type has no public name."""

    line_num: int

    def __iter__(self) -> Self: ...
    def __next__(self) -> list[str]: ...


class _Lines:
    """The lines of a text, one by one, without a copy of all of it.

    `place` is where the text goes on after the lines given so far.
    """

    def __init__(self, text: str, place: int = 0) -> None:
        self._text = text
        self.place = place

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        start = self.place
        self.place = self._text.find("\n", start) + 1 or len(self._text)
        if start == len(self._text):
            raise StopIteration
        return self._text[start : self.place]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place and its cells; an optional column left out reads as empty."""

    name: str
    line: int
    columns: Mapping[str, int]
    """Where each column's cell stands; one table for all rows of a run."""
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        """Give a cell's literal text."""
        return self.cells[self.columns[column]]

    def error(self, column: str, what: str, hint: str = "") -> InputError:
        """Build the error that names this row and a column."""
        return InputError.at(self.name, f"line {self.line}, column '{column}'", what, hint)

    def restated(self, column: str, error: InputError) -> InputError:
        """Give an error raised by a value's parser this row's place."""
        return self.error(column, error.what, error.hint)

    def choice(self, column: str, allowed: Collection[str]) -> str:
        """Give a cell that must be one of some words."""
        cell = self.cells[self.columns[column]]
        if cell not in allowed:
            raise self.error(column, f"{shown(cell)} is not known", f"one of: {', '.join(allowed)}")
        return cell

    def plain(self, column: str) -> str:
        """Give a cell of text for people, empty or as `config.text.is_plain` says."""
        cell = self[column]
        if cell and not is_plain(cell):
            hint = f"no space at an edge, no control character, at most {MAX_PLAIN} characters"
            raise self.error(column, f"not plain text: {shown(cell)}", hint)
        return cell


def parse_rows(
    text: str, name: str, required: Sequence[str], optional: Sequence[str] = ()
) -> tuple[Row, ...]:
    """Read CSV text.

    Args:
        text: decoded text of the file.
        name: the file's name, for messages.
        required: columns that must be there, in any order.
        optional: columns that may be there.

    Raises:
        InputError: as the module says; also if there is no row at all.
    """
    return tuple(read_run(open_run(text, name, required, optional), (*required, *optional)))


def open_run(text: str, name: str, required: Sequence[str], optional: Sequence[str] = ()) -> Run:
    """Read the header; give the rows after it, not read yet, as one run.

    Args:
        text: decoded text of the file.
        name: the file's name, for messages.
        required: columns that must be there, in any order.
        optional: columns that may be there.

    Raises:
        InputError: the header is refused, or no row follows it.
    """
    text = text.rstrip("\n")
    lines = _Lines(text)
    try:
        header = next(_reader(lines), [])
    except csv.Error as error:
        raise _not_csv(name, 1, error) from error
    _check_header(header, name, required, optional)
    rest = text[lines.place :]
    if not rest:
        raise InputError.at(name, "", "no rows after the header")
    return Run(name, tuple(header), 1 + text.count("\n", 0, lines.place), rest)


def cut_run(run: Run, size: int) -> Iterator[Run]:
    """Cut a run into shorter ones, in order.

    What cannot be read is left to whoever reads the run that it stands in, so that a fault is met
    in its turn.

    Args:
        run: what to cut.
        size: characters after which a run ends with its row.
    """
    text, line, place = run.text, run.line, 0
    while place < len(text):
        end = text.find("\n", place + size) + 1 or len(text)
        # Without a quotation mark every line is a row, and there is nothing to read.
        if text.find('"', place, end) >= 0:
            end = _end_of_rows(text, place, size)
        yield Run(run.name, run.header, line, text[place:end])
        line += text.count("\n", place, end)
        place = end


def _end_of_rows(text: str, place: int, size: int) -> int:
    """Give where the row ends that is the first to reach a size; the text's end if none can."""
    lines = _Lines(text, place)
    cells = _reader(lines)
    try:
        while next(cells, None) is not None and lines.place < place + size:
            pass
    except csv.Error:
        return len(text)
    return lines.place


def read_run(run: Run, columns: Sequence[str]) -> Iterator[Row]:
    """Read a run's rows, one after another.

    Args:
        run: of a file whose header was read.
        columns: in the order in which the cells of a row are given; all that the header may name,
            two or more. One that it does not name reads as empty.

    Raises:
        InputError: as the module says, at the row that has the fault.
    """
    name, size = run.name, len(run.header)
    places = {column: place for place, column in enumerate(columns)}
    ordered = _ordering(run.header, columns)
    rows = _reader(_lines(run.text))
    line = run.line
    try:
        for cells in rows:
            if len(cells) != size:
                raise _uneven(run, line, len(cells))
            cells.append("")
            yield Row(name, line, places, ordered(cells))
            line = run.line + rows.line_num
    except csv.Error as error:
        raise _not_csv(name, line, error) from error


def _ordering(
    header: tuple[str, ...], columns: Sequence[str]
) -> Callable[[list[str]], tuple[str, ...]]:
    """Give what puts a row's cells, with an empty one after the last, in the columns' order."""
    absent = len(header)
    found = [header.index(column) if column in header else absent for column in columns]
    return itemgetter(*found)


def _lines(text: str) -> Iterator[str]:
    """Give the lines of a text: those of a piece at once, none of them by a step of ours."""
    return chain.from_iterable(_pieces(text))


def _pieces(text: str) -> Iterator[StringIO]:
    place = 0
    while place < len(text):
        end = text.find("\n", place + PIECE) + 1 or len(text)
        # Line feeds alone end a line here; the default would take carriage returns for them.
        yield StringIO(text[place:end], newline="\n")
        place = end


def _uneven(run: Run, line: int, count: int) -> InputError:
    if not count:
        return InputError.at(run.name, f"line {line}", "blank line between rows", "delete it")
    found = f"{count} cells, the header has {len(run.header)}"
    hint = "put a cell that holds a comma or line break in quotes"
    return InputError.at(run.name, f"line {line}", found, hint)


def _not_csv(name: str, line: int, error: csv.Error) -> InputError:
    """Build the error for a row, at the line it begins on: where an open quote stands."""
    fault = FAULTS.get(str(error), str(error))
    return InputError.at(name, f"line {line}", f"not CSV: {fault}")


def _reader(lines: Iterable[str]) -> _Cells:
    csv.field_size_limit(MAX_CELL)
    return csv.reader(lines, strict=True)


def _check_header(
    header: list[str], name: str, required: Sequence[str], optional: Sequence[str]
) -> None:
    known = (*required, *optional)
    for column in header:
        if column not in known:
            hint = f"columns: {', '.join(known)}"
            raise InputError.at(name, f"line 1, column {shown(column)}", "unknown column", hint)
        if header.count(column) > 1:
            raise InputError.at(name, f"line 1, column {shown(column)}", "column given twice")
    for column in required:
        if column not in header:
            hint = f"columns: {', '.join(known)}"
            raise InputError.at(name, "line 1", f"column '{column}' is missing", hint)
