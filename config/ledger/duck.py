"""The adapter of DuckDB, and the only module that imports it: a ledger's totals by another reader.

The original files are read again by DuckDB's own CSV and Parquet readers, and their totals come
from SQL. Nothing of the first reading is used but the columns' order and the registry's decimals.

Its traps, and how they are kept out:

- `sum` of UHUGEINT is DOUBLE, and a text cast to DECIMAL(38, 0) is rounded: an amount is two texts
  of digits, cast to HUGEINT and summed apart, which is exact and raises where it does not fit;
- its casts take `1_000` and ` 5` for numbers: an amount has nothing but digits and a point, or the
  query fails;
- decimals of more than 38 digits are DOUBLE in its Parquet reader: `config.ledger.arrow` refuses
  them;
- a path is a pattern: `a[b].csv` reads `ab.csv`. Patterns are escaped, and no other file is open.

DuckDB may read the files it is asked about and no other, and loads nothing. Paths, names and
columns reach SQL as parameters, or as identifiers made or quoted here.
"""

from __future__ import annotations

from contextlib import contextmanager
from glob import escape
from typing import TYPE_CHECKING

from config.books.liabilities import LEDGER_KINDS
from config.errors import InputError

try:
    import duckdb
except ImportError as error:
    what = "reading a ledger needs duckdb, which is not installed"
    raise InputError(what, "pip install 'custody-attest[ledger]'") from error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from config.ledger.columns import Shape
    from config.ledger.sources import Source
    from config.registry import Registry

MEMORY = "400MB"
"""What DuckDB may keep in memory, whatever the size of the ledger."""
LOW = 20
"""Digits of the lower half of an amount: sums of 2^40 rows stay below HUGEINT's 2^127."""

Totals = dict[tuple[int, int], tuple[int, int]]
"""By the instrument's place in the registry and the kind's in LEDGER_KINDS: rows, base units."""


def second_totals(
    source: Source, shape: Shape, registry: Registry, scratch: Path, threads: int
) -> Totals:
    """Read a ledger and add it up.

    Args:
        source: the file.
        shape: its columns.
        registry: what says how many decimals an instrument has.
        scratch: where DuckDB may put what does not fit into memory.
        threads: how many it may use.

    Raises:
        InputError: DuckDB cannot read it, or an amount is not what it should be.
    """
    with _connected(source.name, [source.path], scratch, threads) as connection:
        if shape.wide:
            return _wide_totals(connection, source, shape)
        return _long_totals(connection, source, registry)


def count_parts(parts: Sequence[Path], scratch: Path, threads: int) -> tuple[int, int]:
    """Count the customers in parts, and the identifiers that they have."""
    paths = [escape(str(path.resolve())) for path in parts]
    by_identifier = "SELECT count(*) AS n FROM read_parquet($paths) GROUP BY identifier"
    query = f"SELECT count(*), sum(n) FROM ({by_identifier})"  # noqa: S608 - all of it is here
    with _connected("parts", parts, scratch, threads) as connection:
        identifiers, customers = connection.execute(query, {"paths": paths}).fetchall()[0]
    return int(customers), int(identifiers)


def _long_totals(
    connection: duckdb.DuckDBPyConnection, source: Source, registry: Registry
) -> Totals:
    rows, given = _rows(source)
    column = {name: f"c{at}" for at, name in enumerate(source.header)}
    kind = f"coalesce(nullif({column['kind']}, ''), 'balance')" if "kind" in column else "'balance'"
    high, low = _halves(column["amount"], "decimals")
    query = f"""
        SELECT place, {kind}, count(*), sum({high}), sum({low}) FROM {rows}
        LEFT JOIN (
            SELECT unnest($ids) AS id, unnest($decimals) AS decimals, unnest($places) AS place
        ) ON id = {column["instrument"]} GROUP BY ALL
        """  # noqa: S608 - the names in it are made here
    known = {
        "ids": [row.id for row in registry.instruments],
        "decimals": [row.decimals for row in registry.instruments],
        "places": list(range(len(registry.instruments))),
    }
    found = connection.execute(query, given | known).fetchall()
    return {
        (place, LEDGER_KINDS.index(kind)): (count, _total(high, low))
        for place, kind, count, high, low in found
    }


def _wide_totals(connection: duckdb.DuckDBPyConnection, source: Source, shape: Shape) -> Totals:
    rows, given = _rows(source)
    asked = []
    for one in shape.wide:
        column = f"c{source.header.index(one.column)}"
        high, low = _halves(column, str(one.instrument.decimals))
        asked.append(f"count({column}), sum({high}), sum({low})")
    query = f"SELECT {', '.join(asked)} FROM {rows}"  # noqa: S608 - the names in it are made here
    found = connection.execute(query, given).fetchall()[0]
    return {
        divmod(one.code, len(LEDGER_KINDS)): (found[at], _total(found[at + 1], found[at + 2]))
        for one, at in zip(shape.wide, range(0, len(found), 3), strict=True)
    }


def _rows(source: Source) -> tuple[str, dict[str, object]]:
    """Give what reads a file as text columns c0, c1 … in the order of its header, and the path."""
    names = [f"c{at}" for at in range(len(source.header))]
    given: dict[str, object] = {"path": escape(str(source.path.resolve()))}
    if source.form == "csv":
        columns = ", ".join(f"{name}: 'VARCHAR'" for name in names)
        how = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
        strict = "compression = 'none', strict_mode = true, null_padding = false"
        return f"read_csv($path, {how}, {strict}, columns = {{{columns}}})", given
    casts = [
        f"CAST({_quoted(column)} AS VARCHAR) AS {name}"
        for column, name in zip(source.header, names, strict=True)
    ]
    return f"(SELECT {', '.join(casts)} FROM read_parquet($path))", given  # noqa: S608 - quoted


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _halves(amount: str, decimals: str) -> tuple[str, str]:
    """Give the SQL of an amount's base units in two numbers, the second of LOW digits."""
    # Zeros at the end are those of a DECIMAL column; text with too many has been refused.
    fraction = f"rtrim(split_part({amount}, '.', 2), '0')"
    digits = f"split_part({amount}, '.', 1) || rpad({fraction}, {decimals}, '0')"
    exact = (
        f"regexp_full_match({amount}, '[0-9]+([.][0-9]+)?') AND length({fraction}) <= {decimals}"
    )
    whole = f"(CASE WHEN {exact} THEN {digits} ELSE error('not exact') END)"
    high = f"CAST('0' || left({whole}, -{LOW}) AS HUGEINT)"
    return high, f"CAST(right({whole}, {LOW}) AS HUGEINT)"


def _total(high: int | None, low: int | None) -> int:
    """Put two sums together; of no rows there is none, and the count says so."""
    return int((high or 0) * 10**LOW + (low or 0))


@contextmanager
def _connected(
    name: str, paths: Sequence[Path], scratch: Path, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB that may read some files and nothing else."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": threads,
        "temp_directory": str(scratch / "duckdb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    whole = [str(path.resolve()) for path in paths]
    try:
        with duckdb.connect(":memory:", config=config) as connection:
            allowed = {"paths": [*whole, *map(escape, whole)]}
            connection.execute("SET allowed_paths = $paths", allowed)
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection
    except duckdb.Error as error:
        what = "the second reader, DuckDB, refuses what the first one read"
        raise InputError.at(name, "", what) from error
