"""The parts of a ledger: each customer's row, his balances summed over the kinds that are owed.

    account: string     identifier: string     assets: list<uint16>     units: list<string>
    1001                alice@example.com      [0, 3]                   ["50000000", "7"]

A part is one Parquet file of one shard, with a row for every customer there in the order of the
customers file. `assets` are places in `Ledger.assets`, ascending; `units` are base units above
zero, in digits. A debt is in no part: it lessens nothing. What is written is added up on the way,
so that a row lost between reading and writing is found.

What two rows say of one another is checked here, where all rows of a customer are together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.ledger import arrow, vectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from config.ledger.arrow import Column, Table
    from config.ledger.faults import Faults

CODES = 2**32
"""More than there are codes of balances: a customer's place and a code make one number."""


@dataclass(slots=True)
class Figures:
    """What the parts written so far come to."""

    positive: Counter[int] = field(default_factory=Counter)
    """By code of a balance: customers who have more than zero of it."""
    holders: Counter[int] = field(default_factory=Counter)
    """By asset: customers who are owed more than zero."""
    owed: Counter[int] = field(default_factory=Counter)
    """By asset: base units."""
    largest: Counter[int] = field(default_factory=Counter)
    """By asset: the most that one customer is owed, in base units."""


@dataclass(frozen=True, slots=True)
class Shard:
    """All rows of some customers, of both files."""

    customers: Table
    """`account`, `identifier`, `row`."""
    entries: Table
    """`account`, `code`, `units`, `row`, as `config.ledger.cells.Entries`."""
    customer: Column
    """For each entry the place of its customer; null if he is not there."""


def gather(customers: Table | None, entries: Table | None) -> Shard:
    """Put the rows of some customers together; None stands for no rows."""
    none, number = vectors.texts(()), vectors.integers(())
    no_customers = {"account": none, "identifier": none, "row": number}
    no_entries = {"account": none, "code": number, "units": none, "row": number}
    people = vectors.table(no_customers) if customers is None else customers
    rows = vectors.table(no_entries) if entries is None else entries
    found = vectors.places(arrow.column_of(rows, "account"), arrow.column_of(people, "account"))
    return Shard(people, rows, found)


def check_shard(shard: Shard, marker: int | None, people: Faults, ledger: Faults) -> None:
    """Look for customers and balances that are stated twice, and for unknown customers.

    Args:
        shard: the rows.
        marker: the code under which each row of a wide ledger stands once; None if it is long.
        people: faults of the customers file.
        ledger: faults of the ledger.
    """
    account, row = (arrow.column_of(shard.customers, name) for name in ("account", "row"))
    people.add(vectors.repeats(account, row), "customer", "customer_twice")
    code, row = (arrow.column_of(shard.entries, name) for name in ("code", "row"))
    customer = shard.customer
    if marker is not None:
        marked = vectors.equal(code, marker)
        code, row, customer = (vectors.kept(column, marked) for column in (code, row, customer))
    unknown = vectors.kept(row, vectors.missing(customer))
    ledger.add(unknown.to_pylist(), "customer", "customer_unknown")
    balance = vectors.times_plus(customer, CODES, code)
    ledger.add(vectors.repeats(balance, row), "customer", "row_twice")


def write_part(path: Path, shard: Shard, assets: Sequence[int | None], figures: Figures) -> None:
    """Sum each customer's balances, write his row, and add to the figures.

    Args:
        path: the file to write.
        shard: rows without a fault.
        assets: by code of a balance the asset's place in `Ledger.assets` if it is owed, else None.
        figures: what is written is added to them.
    """
    code, units = (arrow.column_of(shard.entries, name) for name in ("code", "units"))
    positive = vectors.inverse(vectors.equal(units, "0"))
    figures.positive.update(vectors.occurrences(vectors.kept(code, positive)))
    asset = vectors.taken(vectors.integers(assets), code)
    counted = vectors.without(positive, vectors.missing(asset))
    columns = (vectors.kept(column, counted) for column in (shard.customer, asset, units))
    holdings = vectors.sum_holdings(*columns)
    for place, (count, total, largest) in vectors.by_asset(holdings).items():
        figures.holders[place] += count
        figures.owed[place] += total
        figures.largest[place] = max(figures.largest[place], largest)
    arrow.write_part(path, shard.customers, holdings)
