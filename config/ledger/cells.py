"""The cells of a ledger and of a customers file: each one checked, its value made exact.

A cell has one fault at most, the first that applies; a row may have one for each of its cells. Rows
with a fault go no further, but for a customer whose identifier alone is at fault: other rows still
need to find him.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.amount import MAX_DIGITS
from config.books.liabilities import LEDGER_KINDS
from config.ledger import vectors
from config.ledger.columns import KIND
from config.text import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.ledger.arrow import Column
    from config.ledger.columns import Shape
    from config.ledger.faults import Faults, Reason
    from config.ledger.sources import Batch
    from config.registry import Registry

    Verdict = tuple[Reason, Column]

MAX_TEXT = 1000
"""Characters of an account, and of an identifier, as in the leaves."""
PLAIN_DECIMAL = r"\A(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\z"
NEGATIVE = r"\A-(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\z"
UNTYPED = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", UNSEEN)
"""The same characters in the words of RE2."""
NOT_PLAIN = rf"[{UNTYPED}]|\A[\s\pZ]|[\s\pZ]\z"
"""What text for people never has (`config.text.PLAIN`)."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows of a ledger without a fault: columns of one length."""

    account: Column
    """NFC text."""
    code: Column
    """Which balance (`config.ledger.columns.balance_code`)."""
    units: Column
    """Base units, in digits without leading zeros."""
    row: Column
    """Numbers of the rows."""


@dataclass(frozen=True, slots=True)
class Customers:
    """Rows of a customers file: columns of one length."""

    account: Column
    identifier: Column
    row: Column


class Check:
    """The rows of a batch that are at fault so far."""

    def __init__(self, batch: Batch, faults: Faults) -> None:
        """Begin with none."""
        self.batch = batch
        self._faults = faults
        self._bad: Column | None = None

    def judge(self, column: str, verdicts: Iterable[Verdict]) -> None:
        """Tell the faults of a column's cells: of each cell the first that its masks have."""
        seen: Column | None = None
        if column in self.batch.broken:
            verdicts = [("not_utf8", self.batch.broken[column]), *verdicts]
        for reason, mask in verdicts:
            if not vectors.some(mask):
                continue
            found = mask if seen is None else vectors.without(mask, seen)
            self._faults.add(vectors.kept(self.batch.rows, found).to_pylist(), column, reason)
            seen = mask if seen is None else vectors.either(seen, mask)
        if seen is not None:
            self._bad = seen if self._bad is None else vectors.either(self._bad, seen)

    def good(self, *columns: Column) -> tuple[Column, ...]:
        """Give the rows without a fault of some columns."""
        if self._bad is None:
            return columns
        mask = vectors.inverse(self._bad)
        return tuple(vectors.kept(column, mask) for column in columns)


def read_customers(batch: Batch, faults: Faults) -> Customers:
    """Check a batch of a customers file."""
    check = Check(batch, faults)
    account = _name(check, "customer")
    # Apart, so that an identifier at fault does not hide its customer from the ledger's rows.
    identifier = _name(Check(batch, faults), "identifier")
    return Customers(*check.good(account, identifier, batch.rows))


def read_entries(
    batch: Batch, shape: Shape, registry: Registry, faults: Faults
) -> Iterator[Entries]:
    """Check a batch of a ledger.

    Yields:
        Of a long ledger its rows; of a wide one the rows of each column, in the header's order.
    """
    check = Check(batch, faults)
    account = _name(check, "customer")
    if not shape.wide:
        yield _long(check, account, registry)
        return
    count = len(batch.rows)
    # All columns are looked at before the first is given: a row with a fault is in none of them.
    units = [
        _amount(check, one.column, vectors.repeated(one.instrument.decimals, count))
        for one in shape.wide
    ]
    for one, digits in zip(shape.wide, units, strict=True):
        yield Entries(*check.good(account, vectors.repeated(one.code, count), digits, batch.rows))


def columns_of(entries: Entries) -> dict[str, Column]:
    """Give rows as columns by name."""
    return {
        "account": entries.account,
        "code": entries.code,
        "units": entries.units,
        "row": entries.row,
    }


def nonzero(entries: Entries) -> dict[str, Column]:
    """Give the rows of more than zero, as columns by name."""
    mask = vectors.inverse(vectors.equal(entries.units, "0"))
    return {name: vectors.kept(column, mask) for name, column in columns_of(entries).items()}


def _long(check: Check, account: Column, registry: Registry) -> Entries:
    cells, rows = check.batch.cells, check.batch.rows
    known = vectors.texts([row.id for row in registry.instruments])
    instrument = vectors.places(cells["instrument"], known)
    unknown: Verdict = ("instrument_unknown", vectors.missing(instrument))
    check.judge("instrument", (*_absent(cells["instrument"]), unknown))
    decimals = vectors.integers([row.decimals for row in registry.instruments])
    # The decimals of an unknown instrument are null: of its amount the form alone is checked.
    amount = _amount(check, "amount", vectors.taken(decimals, instrument))
    kind = _kind(check) if KIND in cells else vectors.repeated(0, len(rows))
    code = vectors.times_plus(instrument, len(LEDGER_KINDS), kind)
    return Entries(*check.good(account, code, amount, rows))


def _name(check: Check, column: str) -> Column:
    """Check a name of a customer, and give it in the form in which it is hashed."""
    cell = check.batch.cells[column]
    text = vectors.normalized(vectors.filled(cell))
    plain: Verdict = ("not_plain", vectors.matching(text, NOT_PLAIN))
    long: Verdict = ("too_long", vectors.longer(text, MAX_TEXT))
    check.judge(column, (*_absent(cell), plain, long))
    return text


def _kind(check: Check) -> Column:
    cell = check.batch.cells[KIND]
    place = vectors.places(vectors.filled(cell), vectors.texts(["", *LEDGER_KINDS]))
    missing, unknown = vectors.missing(cell), vectors.missing(place)
    check.judge(KIND, (("missing", missing), ("kind_unknown", unknown)))
    # An empty kind is the first one, balance.
    return vectors.taken(vectors.integers([0, *range(len(LEDGER_KINDS))]), place)


def _amount(check: Check, column: str, decimals: Column) -> Column:
    """Check amounts, and give their base units in digits."""
    cell = check.batch.cells[column]
    text = vectors.filled(cell)
    plain = vectors.without(vectors.matching(text, PLAIN_DECIMAL), vectors.longer(text, MAX_DIGITS))
    units, lossy, large = vectors.base_units(vectors.chosen(plain, text, "0"), decimals)
    verdicts: tuple[Verdict, ...] = (
        *_absent(cell),
        ("amount_negative", vectors.matching(text, NEGATIVE)),
        ("amount_malformed", vectors.inverse(plain)),
        ("amount_decimals", lossy),
        ("amount_range", large),
    )
    check.judge(column, verdicts)
    return units


def _absent(cell: Column) -> tuple[Verdict, ...]:
    return ("missing", vectors.missing(cell)), ("empty", vectors.equal(vectors.filled(cell), ""))
