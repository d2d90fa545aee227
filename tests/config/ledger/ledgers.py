"""Ledgers written as files, read back, and added up in plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from config.books.liabilities import LEDGER_KINDS, OWED_KINDS
from config.caip import InstrumentId
from config.ledger.arrow import read_part
from config.ledger.reader import read_ledger
from config.ledger.totals import AssetTotals
from config.registry import Instrument, Registry
from tests.config.known import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from config.books.liabilities import LedgerKind
    from config.ledger.totals import Ledger

WHOLE = Instrument(id=InstrumentId("seat"), title="A seat", decimals=0, source="this test")
INSTRUMENTS = Registry(REGISTRY.chains, REGISTRY.assets, (*REGISTRY.instruments, WHOLE))
"""The registry, with an instrument that cannot be parted."""
DECIMALS = {row.id: row.decimals for row in INSTRUMENTS.instruments}

Part = list[tuple[str, str, tuple[tuple[int, int], ...]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a long ledger."""

    customer: str
    instrument: str
    amount: str
    kind: str


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_parquet(path: Path, columns: Mapping[str, object]) -> Path:
    """Write columns; those that are no Arrow array already are text."""
    made = {
        name: values if isinstance(values, pa.Array) else pa.array(values, pa.string())
        for name, values in columns.items()
    }
    pq.write_table(pa.table(made), path)
    return path


def read(ledger: Path, customers: Path, registry: Registry = INSTRUMENTS) -> tuple[Ledger, Part]:
    """Read a ledger into a new folder beside it, and give the rows of all its parts."""
    scratch = ledger.parent / f"scratch-{len(list(ledger.parent.iterdir()))}"
    scratch.mkdir()
    found = read_ledger(ledger, customers, registry, scratch, lambda *_: None)
    return found, [row for part in found.parts for row in read_part(part)]


def units_of(amount: str, instrument: str) -> int:
    """Turn an amount into base units, with Python's integers alone."""
    whole, _, fraction = amount.partition(".")
    return int(whole + fraction.ljust(DECIMALS[InstrumentId(instrument)], "0"))


def expected(
    customers: Sequence[tuple[str, str]], entries: Sequence[Entry]
) -> tuple[tuple[AssetTotals, ...], set[tuple[str, str, tuple[tuple[int, int], ...]]]]:
    """Add a ledger up the slow way: its totals, and the rows of its parts."""
    kinds: dict[str, dict[LedgerKind, int]] = defaultdict(dict)
    each: dict[tuple[str, str, LedgerKind], int] = {}
    for entry in entries:
        kind = next((one for one in LEDGER_KINDS if one == entry.kind), LEDGER_KINDS[0])
        units = units_of(entry.amount, entry.instrument)
        kinds[entry.instrument][kind] = kinds[entry.instrument].get(kind, 0) + units
        each[entry.customer, entry.instrument, kind] = units
    order = sorted(kinds)

    def owed(customer: str, instrument: str) -> int:
        return sum(each.get((customer, instrument, kind), 0) for kind in OWED_KINDS)

    def count(instrument: str, kind: LedgerKind) -> int:
        return sum(each.get((customer, instrument, kind), 0) > 0 for customer, _ in customers)

    totals = tuple(
        AssetTotals(
            instrument=InstrumentId(one),
            decimals=DECIMALS[InstrumentId(one)],
            kinds=tuple((kind, kinds[one][kind]) for kind in LEDGER_KINDS if kind in kinds[one]),
            holders=sum(owed(customer, one) > 0 for customer, _ in customers),
            debtors=count(one, "debt"),
            margined=count(one, "collateral"),
            largest=max(owed(customer, one) for customer, _ in customers),
        )
        for one in order
    )
    rows = {
        (
            customer,
            identifier,
            tuple((at, owed(customer, one)) for at, one in enumerate(order) if owed(customer, one)),
        )
        for customer, identifier in customers
    }
    return totals, rows
