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
from config.ledger.columns import balance_code

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
LOW = 18
"""Digits of an amount's lower half, which fit into 64 bits; the sums of both are of 128."""
REFUSED = "the second reader, DuckDB, refuses what the first one read"

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
    rows, codes = _wide_rows(source, shape) if shape.wide else _long_rows(source, registry)
    with _connected(source.name, [source.path], scratch, threads) as connection:
        found = connection.execute(
            _sums(rows), {"path": escape(str(source.path.resolve()))}
        ).fetchall()
    totals: Totals = {}
    for balance, places, count, plain, low, high in found:
        code = codes.get(balance)
        if code is None or not plain:
            raise InputError.at(source.name, "", REFUSED)
        place, kind = divmod(code, len(LEDGER_KINDS))
        units = _units(int(high) * 10**LOW + int(low), places, registry.instruments[place].decimals)
        rows_before, units_before = totals.get((place, kind), (0, 0))
        totals[place, kind] = rows_before + count, units_before + units
    return totals


def _sums(rows: str) -> str:
    """Give SQL that adds amounts with as many digits behind the point, in two halves of digits."""
    return f"""
        SELECT balance, places, count(*), bool_and(plain),
            sum(CAST(right(digits, {LOW}) AS BIGINT)),
            sum(CASE WHEN length(digits) > {LOW} THEN CAST(left(digits, -{LOW}) AS HUGEINT)
                ELSE 0 END)
        FROM (
            SELECT balance, replace(amount, '.', '') AS digits,
                coalesce(regexp_full_match(amount, '[0-9]+([.][0-9]+)?'), false) AS plain,
                CASE WHEN contains(amount, '.') THEN length(amount) - instr(amount, '.') ELSE 0 END
                    AS places
            FROM ({rows})
        )
        GROUP BY ALL
        """  # noqa: S608 - the names in it are made or quoted here


def _units(digits: int, places: int, decimals: int) -> int:
    """Turn a sum of digits with so many of them behind the point into base units, exactly."""
    units, rest = divmod(digits * 10**decimals, 10**places)
    if rest:
        raise InputError(f"the second reader has a sum of more than {decimals} decimals")
    return int(units)


def _long_rows(source: Source, registry: Registry) -> tuple[str, dict[str, int]]:
    """Give SQL of `balance`, `amount` for each row, and what code each balance has."""
    column = {name: f"c{at}" for at, name in enumerate(source.header)}
    kind = f"coalesce({column['kind']}, '')" if "kind" in column else "''"
    balance = f"{column['instrument']} || ':' || {kind}"
    rows = f"SELECT {balance} AS balance, {column['amount']} AS amount FROM {_file(source)}"  # noqa: S608
    codes = {
        f"{row.id}:{kind}": balance_code(place, at)
        for place, row in enumerate(registry.instruments)
        for kind, at in (("", 0), *((kind, at) for at, kind in enumerate(LEDGER_KINDS)))
    }
    return rows, codes


def _wide_rows(source: Source, shape: Shape) -> tuple[str, dict[str, int]]:
    """Give the same of a wide ledger, whose balances are its columns."""
    codes = {f"c{source.header.index(one.column)}": one.code for one in shape.wide}
    columns = ", ".join(codes)
    return f"UNPIVOT (FROM {_file(source)}) ON {columns} INTO NAME balance VALUE amount", codes


def _file(source: Source) -> str:
    """Give SQL that reads the file as text columns c0, c1 … in the order of its header."""
    names = [f"c{at}" for at in range(len(source.header))]
    if source.form == "csv":
        columns = ", ".join(f"{name}: 'VARCHAR'" for name in names)
        how = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
        strict = "compression = 'none', strict_mode = true, null_padding = false"
        return f"read_csv($path, {how}, {strict}, columns = {{{columns}}})"
    casts = [
        f"CAST({_quoted(column)} AS VARCHAR) AS {name}"
        for column, name in zip(source.header, names, strict=True)
    ]
    return f"(SELECT {', '.join(casts)} FROM read_parquet($path))"  # noqa: S608 - quoted


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def count_parts(parts: Sequence[Path], scratch: Path, threads: int) -> tuple[int, int]:
    """Count the customers in parts, and the identifiers that they have."""
    paths = [escape(str(path.resolve())) for path in parts]
    by_identifier = "SELECT count(*) AS n FROM read_parquet($paths) GROUP BY identifier"
    query = f"SELECT count(*), sum(n) FROM ({by_identifier})"  # noqa: S608 - all of it is here
    with _connected("parts", parts, scratch, threads) as connection:
        identifiers, customers = connection.execute(query, {"paths": paths}).fetchall()[0]
    return int(customers), int(identifiers)


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
        raise InputError.at(name, "", REFUSED) from error
