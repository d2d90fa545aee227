"""liabilities.csv: what customers are owed, and what they owe, by the entity's own totals.

    instrument,amount,as_of[,kind]                btc,1234.5,2026-12-01T00:00:00+09:00,balance

`kind` is `balance` (the default), `collateral` (given for a customer's debt, and owed back),
`pending` (a withdrawal that was asked for and not yet debited) or `debt` (what customers owe). The
first three are owed; gross, because a debt of one customer pays no other. A debt is a receivable:
it is shown and covers nothing. Amounts are display units of the instrument, exact or refused. An
instrument may stand once a kind: a second row is refused, because nobody could say which one
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from config.books.cells import MAX_BYTES, read_amount, read_instrument, read_time, refuse_twice
from config.csvrows import parse_rows
from config.text import decode

if TYPE_CHECKING:
    from config.caip import InstrumentId
    from config.csvrows import Row
    from config.registry import Registry

LedgerKind = Literal["balance", "collateral", "pending", "debt"]
LEDGER_KINDS: tuple[LedgerKind, ...] = get_args(LedgerKind)
OWED_KINDS: tuple[LedgerKind, ...] = ("balance", "collateral", "pending")
"""Kinds that customers are owed; a debt is the other way round."""


@dataclass(frozen=True, slots=True)
class Liability:
    """One total of one instrument, by the entity's own ledger."""

    instrument: InstrumentId
    units: int
    """Base units of the instrument."""
    as_of: int
    """Unix seconds."""
    kind: LedgerKind = "balance"


def parse_liabilities(data: bytes, name: str, registry: Registry) -> tuple[Liability, ...]:
    """Read liabilities.csv; raise InputError for anything not exact, unknown or stated twice."""
    columns = ("instrument", "amount", "as_of")
    rows = parse_rows(decode(data, name, MAX_BYTES), name, columns, ("kind",))
    liabilities = tuple(_liability(row, registry) for row in rows)
    refuse_twice(rows, "instrument", [(one.instrument, one.kind) for one in liabilities])
    return liabilities


def _liability(row: Row, registry: Registry) -> Liability:
    instrument = read_instrument(row, "instrument", registry)
    units = read_amount(row, "amount", instrument.decimals)
    kind = cast("LedgerKind", row.choice("kind", LEDGER_KINDS)) if row["kind"] else "balance"
    return Liability(instrument.id, units, read_time(row, "as_of"), kind)
