"""The columns of a ledger and of a customers file.

    customer,instrument,amount[,kind]     long: a row for each balance
    customer,btc,eth,btc:debt             wide: a row for each customer, a column for each balance
    customer,identifier                   customers

Columns stand in any order; unknown ones are refused, and so is one balance in two columns, such as
`btc` and `btc:balance`. A file with a column `instrument` or `amount` is meant to be long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from config.books.liabilities import LEDGER_KINDS
from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.books.liabilities import LedgerKind
    from config.registry import Instrument, Registry

LONG = ("customer", "instrument", "amount")
KIND = "kind"
CUSTOMERS = ("customer", "identifier")
MAX_COLUMNS = 4096
"""A thousand instruments of four kinds: a header is looked at in Python."""


@dataclass(frozen=True, slots=True)
class Balance:
    """A column of a wide ledger."""

    column: str
    """Its name in the file."""
    instrument: Instrument
    code: int
    """Which balance it is: what `balance_code` gives."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the columns of a ledger are."""

    header: tuple[str, ...]
    """In the order of the file."""
    wide: tuple[Balance, ...]
    """The balances of a wide ledger; none of a long one."""

    @property
    def amounts(self) -> frozenset[str]:
        """Give the columns that hold amounts, which alone may be numbers in Parquet."""
        return frozenset(one.column for one in self.wide) or frozenset({"amount"})


def balance_code(instrument: int, kind: int) -> int:
    """Number a balance by its instrument's place in the registry and its kind's in LEDGER_KINDS."""
    return instrument * len(LEDGER_KINDS) + kind


def ledger_shape(header: Sequence[str], name: str, registry: Registry) -> Shape:
    """Read the header of a ledger; raise InputError for a column unknown, missing or repeated."""
    _refuse_repeated(header, name)
    if "instrument" in header or "amount" in header:
        _check(header, name, LONG, (KIND,))
        return Shape(tuple(header), ())
    _check([column for column in header if column == "customer"], name, ("customer",), ())
    wide = tuple(_balance(column, name, registry) for column in header if column != "customer")
    if not wide:
        hint = "add a column for each instrument, such as btc or btc:debt, or instrument and amount"
        raise InputError.at(name, "", "no column with an amount", hint)
    met: dict[int, str] = {}
    for one in wide:
        first = met.setdefault(one.code, one.column)
        if first != one.column:
            where = f"column {shown(one.column)}"
            raise InputError.at(name, where, f"the same balance as column {shown(first)}")
    return Shape(tuple(header), wide)


def check_customers(header: Sequence[str], name: str) -> None:
    """Check the header of a customers file; raise InputError as `ledger_shape` does."""
    _refuse_repeated(header, name)
    _check(header, name, CUSTOMERS, ())


def _balance(column: str, name: str, registry: Registry) -> Balance:
    text, colon, kind = column.partition(":")
    place = next((at for at, row in enumerate(registry.instruments) if row.id == text), None)
    if place is None or (colon and kind not in LEDGER_KINDS):
        hint = f"an instrument of the registry, or with a kind: btc:{', btc:'.join(LEDGER_KINDS)}"
        raise InputError.at(name, f"column {shown(column)}", "unknown column", hint)
    number = LEDGER_KINDS.index(cast("LedgerKind", kind)) if colon else 0
    return Balance(column, registry.instruments[place], balance_code(place, number))


def _refuse_repeated(header: Sequence[str], name: str) -> None:
    if len(header) > MAX_COLUMNS:
        raise InputError.at(name, "", f"{len(header)} columns, at most {MAX_COLUMNS} are read")
    met = set()
    for column in header:
        if column in met:
            raise InputError.at(name, f"column {shown(column)}", "column given twice")
        met.add(column)


def _check(
    header: Sequence[str], name: str, required: Sequence[str], optional: Sequence[str]
) -> None:
    hint = f"columns: {', '.join((*required, *optional))}"
    for column in header:
        if column not in required and column not in optional:
            raise InputError.at(name, f"column {shown(column)}", "unknown column", hint)
    for column in required:
        if column not in header:
            raise InputError.at(name, "", f"column '{column}' is missing", hint)
