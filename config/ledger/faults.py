"""What is wrong with a ledger: every fault counted, the first of them listed.

A fault names file, row, column and a code of the closed table `REASONS`; no text of the file is
repeated, because rows name customers. Faults of the form of a whole file (its columns, its types)
are an InputError at once: without columns there are no rows to look at.

Faults between rows (`row_twice`, `customer_twice`, `customer_unknown`) are looked for among rows
that have no fault of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LISTED = 1000
"""Faults that are listed: who mends a file mends its export, and a thousand rows show how."""

Reason = Literal[
    "not_utf8",
    "line_end",
    "blank_line",
    "not_csv",
    "ragged",
    "missing",
    "empty",
    "not_plain",
    "too_long",
    "amount_negative",
    "amount_malformed",
    "amount_decimals",
    "amount_range",
    "instrument_unknown",
    "kind_unknown",
    "row_twice",
    "customer_twice",
    "customer_unknown",
    "total_range",
]
REASONS: dict[Reason, str] = {
    "not_utf8": "bytes that are not UTF-8",
    "line_end": "a line that does not end as the header does, or a carriage return within it",
    "blank_line": "a blank line",
    "not_csv": "a quotation mark within a cell, or a quote left open",
    "ragged": "more or fewer cells than the header has",
    "missing": "null, which is neither zero nor a name",
    "empty": "an empty cell, which is neither zero nor a name",
    "not_plain": "a space at an edge, or a control or unseen character: nobody can type it",
    "too_long": "more than 1000 characters",
    "amount_negative": "a negative amount; an overdrawn account is a row of kind debt",
    "amount_malformed": "no plain decimal number such as 1234.5",
    "amount_decimals": "more decimals than the instrument has",
    "amount_range": "2^128 base units or more",
    "instrument_unknown": "an instrument that the registry does not have",
    "kind_unknown": "none of balance, collateral, pending and debt",
    "row_twice": "stated before for this customer, in Unicode's normal form C",
    "customer_twice": "a customer who stands above already, in Unicode's normal form C",
    "customer_unknown": "a customer who is not in the customers file",
    "total_range": "a total owed of 2^128 base units or more",
}
"""What each code means, as it is said to people."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, and where it is."""

    file: str
    """The file's name as the user gave it."""
    row: int | None
    """Number of the data row, from 1; None if the fault is the file's."""
    line: int | None
    """Line of a CSV file, from 1; None in Parquet."""
    column: str | None
    """The column; the instrument of a total; None if the fault is the row's."""
    reason: Reason

    def __str__(self) -> str:
        """Say it in one line."""
        row = [] if self.row is None else [f"row {self.row}"]
        line = [] if self.line is None else [f"line {self.line}"]
        column = [] if self.column is None else [f"column '{self.column}'"]
        return f"{self.file}: {', '.join(row + line + column)}: {REASONS[self.reason]}"


class RefusedLedger(InputError):  # noqa: N818 - named for what it is about, as InputError's kin are read
    """A ledger or customers file has faults; nothing of it is used.

    Attributes:
        faults: the first of them, at most MAX_LISTED, by file, row and column.
        count: how many there are.
    """

    def __init__(self, faults: tuple[Fault, ...], count: int) -> None:
        more = "" if count == 1 else f"; {count} faults in all"
        super().__init__(f"{faults[0]}{more}", "mend the export, nothing of it is used as it is")
        self.faults = faults
        self.count = count


class Faults:
    """The faults met so far in one file."""

    def __init__(self, file: str, *, lines: bool) -> None:
        """Begin without any.

        Args:
            file: its name.
            lines: whether a row is a line of the file, the header being the first.
        """
        self.file = file
        self.count = 0
        self.listed: list[Fault] = []
        self._lines = lines

    def add(self, rows: Sequence[int | None], column: str | None, reason: Reason) -> None:
        """Count a fault of some rows, and list those for which there is room."""
        self.count += len(rows)
        for row in rows[: MAX_LISTED - len(self.listed)]:
            line = row + 1 if self._lines and row is not None else None
            self.listed.append(Fault(self.file, row, line, column, reason))


def refuse(*files: Faults) -> None:
    """Raise RefusedLedger if there is any fault."""
    count = sum(file.count for file in files)
    if count:
        listed = [fault for file in files for fault in sorted(file.listed, key=_place)]
        raise RefusedLedger(tuple(listed[:MAX_LISTED]), count)


def _place(fault: Fault) -> tuple[int, str]:
    return fault.row or 0, fault.column or ""
