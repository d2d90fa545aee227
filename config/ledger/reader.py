"""A customer ledger, read whole and validated: its totals, and parts of which trees are built.

1. Every cell of both files is checked and made exact; totals are added as rows pass (`cells`).
2. Rows are laid apart by customer, so that no more than a shard is in memory (`rows`).
3. Shard by shard, what two rows say of one another is checked.
4. If there is no fault: the totals are read again by DuckDB from the files themselves (`duck`), and
   must be the same; then each shard is summed and written as a part (`parts`), and the parts must
   add up to the totals.

Nothing is dropped: a ledger with a fault gives no Ledger at all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.liabilities import LEDGER_KINDS, OWED_KINDS
from config.errors import AttestError, InputError
from config.ledger import arrow, vectors
from config.ledger.cells import columns_of, nonzero, read_customers, read_entries
from config.ledger.columns import balance_code, check_customers, ledger_shape
from config.ledger.duck import count_parts, second_totals
from config.ledger.faults import refuse
from config.ledger.parts import Figures, check_shard, gather, write_part
from config.ledger.rows import Shards, shards_for
from config.ledger.sources import batches, open_source
from config.ledger.totals import AssetTotals, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from config.ledger.columns import Shape
    from config.ledger.duck import Totals
    from config.ledger.faults import Faults
    from config.ledger.sources import Source
    from config.registry import Registry

    Progress = Callable[[str, int, int], None]

THREADS = 2
"""Threads of the second reader; the first one has as many as pyarrow takes."""
MAX_TOTAL = 2**128 - 1
"""The most that customers are owed of one instrument, in base units: a tree has no more."""


@dataclass(frozen=True, slots=True)
class _File:
    """One of the two files: what it is, its faults, and its rows laid apart."""

    source: Source
    faults: Faults
    shards: Shards


def read_ledger(
    ledger: Path, customers: Path, registry: Registry, scratch: Path, progress: Progress
) -> Ledger:
    """Read a ledger and its customers.

    Args:
        ledger: `customer,instrument,amount[,kind]`, or a column for each balance; CSV or Parquet.
        customers: `customer,identifier`; CSV or Parquet.
        registry: the instruments, with their decimals.
        scratch: an empty folder, where the parts are written and rows wait.
        progress: told what is done, how much of it, and how much there is.

    Raises:
        RefusedLedger: rows are at fault; it lists them.
        InputError: a file cannot be read at all.
        AttestError: two ways to one total do not agree.
    """
    if not scratch.is_dir() or any(scratch.iterdir()):
        raise InputError(f"no empty folder: {scratch}", "rows of another ledger may lie in it")
    with arrow.within_limits():
        return _read(open_source(ledger), open_source(customers), registry, scratch, progress)


def _read(
    entries: Source, people: Source, registry: Registry, scratch: Path, progress: Progress
) -> Ledger:
    check_customers(people.header, people.name)
    shape = ledger_shape(entries.header, entries.name, registry)
    count = shards_for(people.rows)
    first = _File(people, people.faults(), Shards(scratch, "customers", count))
    second = _File(entries, entries.faults(), Shards(scratch, "entries", count))

    _lay_customers(first, progress)
    totals = _lay_entries(second, shape, registry, progress)
    order = _occurring(totals, registry)
    _check_range(totals, order, registry, second.faults)
    marker = shape.wide[0].code if shape.wide else None
    paths = [scratch / f"part-{shard:05}.parquet" for shard in range(count)]
    figures = _write_parts((first, second), paths, marker, _assets(order, registry), progress)
    refuse(first.faults, second.faults)

    progress("second reading", 0, 1)
    _compare(totals, second_totals(entries, shape, registry, scratch, THREADS), registry)
    parts = tuple(path for path in paths if path.exists())
    repeated = _count_repeated(parts, people.rows, scratch)
    progress("second reading", 1, 1)
    assets = tuple(_asset(at, place, totals, figures, registry) for at, place in enumerate(order))
    return Ledger(people.rows, assets, parts, repeated)


def _lay_customers(file: _File, progress: Progress) -> None:
    def advance(done: int) -> None:
        progress("customers", done, file.source.rows)

    for batch in batches(file.source, (), file.faults, advance):
        found = read_customers(batch, file.faults)
        columns = {"account": found.account, "identifier": found.identifier, "row": found.row}
        file.shards.add(columns)
    file.shards.write()


def _lay_entries(file: _File, shape: Shape, registry: Registry, progress: Progress) -> Totals:
    def advance(done: int) -> None:
        progress("ledger", done, file.source.rows)

    sums: Counter[int] = Counter()
    rows: Counter[int] = Counter()
    for batch in batches(file.source, shape.amounts, file.faults, advance):
        for at, found in enumerate(read_entries(batch, shape, registry, file.faults)):
            for code, (count, total) in vectors.totals(found.code, found.units).items():
                rows[code] += count
                sums[code] += total
            # Of a wide ledger the first column alone brings zeros: one row for each of the file.
            file.shards.add(nonzero(found) if at else columns_of(found))
    file.shards.write()
    return {divmod(code, len(LEDGER_KINDS)): (rows[code], sums[code]) for code in rows}


def _occurring(totals: Totals, registry: Registry) -> tuple[int, ...]:
    """Give the places in the registry of the instruments that occur, in the order of their ids."""
    return tuple(sorted({place for place, _ in totals}, key=lambda at: registry.instruments[at].id))


def _assets(order: tuple[int, ...], registry: Registry) -> tuple[int | None, ...]:
    """Give for each code of a balance its asset's number, if it is owed and occurs."""
    numbers = {place: at for at, place in enumerate(order)}
    return tuple(
        numbers.get(place) if kind in OWED_KINDS else None
        for place in range(len(registry.instruments))
        for kind in LEDGER_KINDS
    )


def _owed(totals: Totals, place: int) -> int:
    return sum(
        totals.get((place, at), (0, 0))[1]
        for at, kind in enumerate(LEDGER_KINDS)
        if kind in OWED_KINDS
    )


def _check_range(
    totals: Totals, order: tuple[int, ...], registry: Registry, faults: Faults
) -> None:
    for place in order:
        if _owed(totals, place) > MAX_TOTAL:
            faults.add([None], registry.instruments[place].id, "total_range")


def _write_parts(
    files: tuple[_File, _File],
    paths: Sequence[Path],
    marker: int | None,
    assets: tuple[int | None, ...],
    progress: Progress,
) -> Figures:
    """Check each shard, and write its part as long as there is no fault."""
    figures = Figures()
    people, entries = files
    for at, path in enumerate(paths):
        shard = gather(people.shards.take(at), entries.shards.take(at))
        check_shard(shard, marker, people.faults, entries.faults)
        if not people.faults.count + entries.faults.count and shard.customers.num_rows:
            write_part(path, shard, assets, figures)
        progress("parts", at + 1, len(paths))
    return figures


def _compare(first: Totals, second: Totals, registry: Registry) -> None:
    """Raise AttestError unless both readings have the same rows and totals."""
    for key in sorted(first.keys() | second.keys()):
        one, other = first.get(key), second.get(key)
        if one != other:
            instrument, kind = registry.instruments[key[0]].id, LEDGER_KINDS[key[1]]
            what = f"{instrument} ({kind}): pyarrow has {_said(one)}, DuckDB {_said(other)}"
            raise AttestError(f"two readings of the ledger differ: {what}")


def _count_repeated(parts: tuple[Path, ...], customers: int, scratch: Path) -> int:
    """Count repeated identifiers; raise AttestError if a customer is in no part."""
    written, identifiers = count_parts(parts, scratch, THREADS)
    if written != customers:
        raise AttestError(f"{customers} customers were read, {written} are in the parts")
    return written - identifiers


def _said(total: tuple[int, int] | None) -> str:
    return "no row" if total is None else f"{total[1]} base units in {total[0]} rows"


def _asset(
    at: int, place: int, totals: Totals, figures: Figures, registry: Registry
) -> AssetTotals:
    """Put one instrument's totals together; raise AttestError if the parts have another one."""
    row, owed = registry.instruments[place], _owed(totals, place)
    if figures.owed[at] != owed:
        what = f"{row.id}: {owed} base units were read, {figures.owed[at]} are in the parts"
        raise AttestError(what)
    kinds = tuple(
        (kind, totals[place, number][1])
        for number, kind in enumerate(LEDGER_KINDS)
        if (place, number) in totals
    )
    debtors, margined = (
        figures.positive[balance_code(place, LEDGER_KINDS.index(kind))]
        for kind in ("debt", "collateral")
    )
    return AssetTotals(
        instrument=row.id,
        decimals=row.decimals,
        kinds=kinds,
        holders=figures.holders[at],
        debtors=debtors,
        margined=margined,
        largest=figures.largest[at],
    )
