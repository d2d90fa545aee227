"""Ledger files in CSV: lines of UTF-8, read some megabytes at a time, every one accounted for.

    customer,instrument,amount,kind         the header; rows are numbered from the line after it
    1001,btc,0.5,balance

A line is a row: no line break stands within a cell. It ends as the header's does, with LF or CRLF;
the last one may end with the file. A cell in quotes is as RFC 4180 says. What cannot be read is a
fault of its line, and the next one is read.

Lines without quotes are handed to pyarrow, block by block; a block in which it refuses something,
or in which a quote stands, is read here line by line. pyarrow alone was refused: it takes a lone
carriage return for a row's end, text after a closing quote for part of a cell, and a blank line for
a row of empty cells.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from config.errors import InputError
from config.ledger.arrow import parse_csv, text_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from config.ledger.arrow import Cells
    from config.ledger.faults import Faults, Reason

MAX_LINE = 1024 * 1024
"""Bytes of a line that is read: four thousand columns of two hundred. DuckDB takes two million."""
BLOCK = 4 * MAX_LINE
"""Bytes read at once."""
BOM = b"\xef\xbb\xbf"

_CELL = r'(?:[^",]*|"(?:[^"]|"")*")'
_LINE = re.compile(rf"{_CELL}(?:,{_CELL})*")


def read_header(file: BinaryIO, name: str) -> tuple[tuple[str, ...], bool]:
    """Read the first line; leave the file at the next one.

    Returns:
        The columns, and whether lines end with CRLF.

    Raises:
        InputError: empty, too long, or not CSV in UTF-8.
    """
    line = file.readline(MAX_LINE + 1).removeprefix(BOM)
    if len(line) > MAX_LINE:
        raise InputError.at(name, "line 1", f"a header of more than {MAX_LINE} bytes")
    crlf = line.endswith(b"\r\n")
    body = line.removesuffix(b"\n").removesuffix(b"\r") if crlf else line.removesuffix(b"\n")
    if not body:
        raise InputError.at(name, "line 1", "no header", "name the columns in the first line")
    text = _decoded(body)
    if text is None or "\r" in text or "\0" in text or not _LINE.fullmatch(text):
        raise InputError.at(name, "line 1", "neither a CSV header in UTF-8 nor a Parquet file")
    return tuple(next(csv.reader([text], strict=True))), crlf


def read_blocks(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Read what is left of a file in blocks of whole lines."""
    left = b""
    while block := file.read(BLOCK):
        whole, newline, rest = block.rpartition(b"\n")
        if newline:
            yield left + whole + newline
            left = rest
        else:
            left += block
        if len(left) > MAX_LINE:
            raise InputError.at(name, "", f"a line of more than {MAX_LINE} bytes")
    if left:
        yield left


def read_cells(
    data: bytes, header: tuple[str, ...], first: int, faults: Faults, *, crlf: bool
) -> tuple[int, list[int] | None, Cells]:
    """Read the lines of a block.

    Args:
        data: whole lines.
        header: the columns.
        first: the number of the block's first row.
        faults: where those of lines are told.
        crlf: how lines must end.

    Returns:
        How many rows the block has; the numbers of those that could be read, None if all; cells.
    """
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if _is_plain(data, crlf=crlf):
        cells = parse_csv(data, header)
        if cells is not None and len(cells[header[0]]) == lines:
            return lines, None, cells
    rows, kept = [], []
    if crlf and not data.endswith(b"\n"):
        data += b"\r\n"
    end = b"\r" if crlf else b""
    for row, line in enumerate(data.removesuffix(b"\n").split(b"\n"), first):
        found = _read_line(line, end, len(header))
        if isinstance(found, str):
            faults.add([row], None, found)
        else:
            rows.append(row)
            kept.append(found)
    return lines, rows, text_cells(kept, header)


def _is_plain(data: bytes, *, crlf: bool) -> bool:
    """Tell whether lines have nothing in them that pyarrow reads in its own way.

    It drops a byte order mark wherever it begins to read, takes a blank line for a row of empty
    cells, and a carriage return for a line's end.
    """
    returns = data.count(b"\r")
    ended = data.count(b"\r\n") == data.count(b"\n") == returns if crlf else not returns
    end = b"\r\n" if crlf else b"\n"
    blank = data.startswith(end) or b"\n" + end in data
    return ended and not blank and not data.startswith(BOM) and not re.search(rb'["\0]', data)


def _read_line(line: bytes, end: bytes, size: int) -> list[str] | Reason:
    """Give the cells of a line, or what is wrong with it."""
    if not line.endswith(end) or b"\r" in line.removesuffix(end):
        return "line_end"
    if len(line) > MAX_LINE:
        return "too_long"
    text = _decoded(line.removesuffix(end))
    return "not_utf8" if text is None else _read_text(text, size)


def _read_text(text: str, size: int) -> list[str] | Reason:
    if not text:
        return "blank_line"
    if not _LINE.fullmatch(text):
        return "not_csv"
    csv.field_size_limit(MAX_LINE)  # a line within the limit has no cell above it
    cells = next(csv.reader([text], strict=True)) if '"' in text else text.split(",")
    return cells if len(cells) == size else "ragged"


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
