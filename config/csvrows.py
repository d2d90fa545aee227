"""Strict CSV (RFC 4180) with a header: every row whole, every column known.

Refused, with file, line and column: unknown, missing or repeated columns, ragged rows, blank lines
between rows, quotes left open. Cells are literal: nothing is stripped or guessed. An account of a
hundred thousand rows is read as dictionaries once and turned into frozen values by its own parser.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from config.errors import InputError, shown
from config.text import MAX_PLAIN, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

MAX_CELL = 6 * 1024 * 1024
"""Base64 of the largest proof of funds (4 MiB) and room; csv's own limit of 128 KiB would refuse
it."""
FAULTS = {
    "unexpected end of data": "a quote is left open",
    "',' expected after '\"'": "text after a closing quote",
}
"""Faults of the csv module in our words."""


class _Lines(Protocol):
    """The csv module's reader, whose type has no public name."""

    line_num: int

    def __iter__(self) -> Self: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place and its cells; an optional column left out reads as empty."""

    name: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Give a cell's literal text."""
        return self.cells[column]

    def error(self, column: str, what: str, hint: str = "") -> InputError:
        """Build the error that names this row and a column."""
        return InputError.at(self.name, f"line {self.line}, column '{column}'", what, hint)

    def restated(self, column: str, error: InputError) -> InputError:
        """Give an error raised by a value's parser this row's place."""
        return self.error(column, error.what, error.hint)

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        """Give a cell that must be one of some words."""
        cell = self.cells[column]
        if cell not in allowed:
            raise self.error(column, f"{shown(cell)} is not known", f"one of: {', '.join(allowed)}")
        return cell

    def plain(self, column: str) -> str:
        """Give a cell of text for people, empty or as `config.text.is_plain` says."""
        cell = self.cells[column]
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
    csv.field_size_limit(MAX_CELL)
    lines = csv.reader(io.StringIO(text.rstrip("\n"), newline=""), strict=True)
    rows = tuple(_rows(lines, name, required, optional))
    if not rows:
        raise InputError.at(name, "", "no rows after the header")
    return rows


def _rows(
    lines: _Lines, name: str, required: Sequence[str], optional: Sequence[str]
) -> Iterator[Row]:
    placed = _placed(lines, name)
    _, header = next(placed)
    _check_header(header, name, required, optional)
    absent = dict.fromkeys((column for column in optional if column not in header), "")
    for line, cells in placed:
        if not cells:
            raise InputError.at(name, f"line {line}", "blank line between rows", "delete it")
        if len(cells) != len(header):
            found = f"{len(cells)} cells, the header has {len(header)}"
            hint = "put a cell that holds a comma or line break in quotes"
            raise InputError.at(name, f"line {line}", found, hint)
        yield Row(name, line, dict(zip(header, cells, strict=True)) | absent)


def _placed(lines: _Lines, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the line it begins on: an open quote is reported where it stands."""
    while True:
        line = lines.line_num + 1
        try:
            yield line, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            fault = FAULTS.get(str(error), str(error))
            raise InputError.at(name, f"line {line}", f"not CSV: {fault}") from error


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
