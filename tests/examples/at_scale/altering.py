"""The tools of `manipulations`: pure edits of the example's files, of text, rows and tables.

    files = {"evidence/inputs/books/custody.toml": b"…", ...}
    set_cells(files, ACCOUNTS, of("hot 1"), method="warm")

Nothing is changed in place. An edit that finds nothing to change is an error of the edit.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from attest.inputs import INPUTS
from tests.examples import make
from tests.examples.at_scale.wallets import by_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Files = dict[str, bytes]
Row = dict[str, str]
Rows = list[Row]
ACCOUNTS, CLAIMS, CHALLENGES = "accounts.csv", "claims.csv", "challenges.json"
ALLOCATIONS, LIABILITIES = "books/allocations.csv", "books/liabilities.csv"
RECONCILING, PRICES = "books/reconciling.csv", "books/prices.csv"
CUSTODY, RESERVES, ASSETS = "books/custody.toml", "books/reserves.toml", "books/assets.toml"


def text_of(files: Mapping[str, bytes], name: str) -> str:
    """Give an input file's text."""
    return files[INPUTS + name].decode()


def with_text(files: Mapping[str, bytes], name: str, text: str) -> Files:
    """Give the files with another text of one; raise ValueError if it is the same."""
    if text_of(files, name) == text:
        raise ValueError(f"nothing changed in {name}")
    return {**files, INPUTS + name: text.encode()}


def swapped(files: Mapping[str, bytes], name: str, old: str, new: str) -> Files:
    """Give the files with a text, which stands once, replaced by another; raise ValueError."""
    text = text_of(files, name)
    if text.count(old) != 1:
        raise ValueError(f"{name}: {text.count(old)} times: {old!r}")
    return with_text(files, name, text.replace(old, new))


def edited(files: Mapping[str, bytes], name: str, edit: Callable[[Rows], Rows]) -> Files:
    """Give the files with the rows of a table edited; columns that rows gain are added."""
    rows = edit(rows_of(files, name))
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    cells = [tuple(row.get(column, "") for column in columns) for row in rows]
    return with_text(files, name, make.table(columns, cells))


def set_cells(
    files: Mapping[str, bytes], name: str, chosen: Callable[[Row], bool], **cells: str
) -> Files:
    """Set cells of the rows that are chosen."""
    return edited(files, name, lambda rows: [row | cells if chosen(row) else row for row in rows])


def without(files: Mapping[str, bytes], name: str, chosen: Callable[[Row], bool]) -> Files:
    """Leave out the rows that are chosen."""
    return edited(files, name, lambda rows: [row for row in rows if not chosen(row)])


def of(label: str) -> Callable[[Row], bool]:
    """Choose the rows of a wallet."""
    account = by_label(label).account
    return lambda row: row["account"] == account


def is_row(**cells: str) -> Callable[[Row], bool]:
    """Choose the rows that have these cells."""
    return lambda row: cells.items() <= row.items()


def cut_table(text: str, kind: str, holding: str) -> str:
    """Cut the one TOML table of a kind that holds a text."""
    pieces = re.split(r"(?m)^(?=\[\[)", text)
    kept = [one for one in pieces if not (one.startswith(f"[[{kind}]]") and holding in one)]
    if len(kept) != len(pieces) - 1:
        raise ValueError(f"{len(pieces) - len(kept)} tables {kind} with {holding!r}")
    return "".join(kept)


def without_table(files: Mapping[str, bytes], name: str, kind: str, holding: str) -> Files:
    """Cut the one TOML table of a kind that holds a text."""
    return with_text(files, name, cut_table(text_of(files, name), kind, holding))


def rows_of(files: Mapping[str, bytes], name: str) -> Rows:
    """Give a table's rows."""
    return list(csv.DictReader(io.StringIO(text_of(files, name))))
