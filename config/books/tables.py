"""What the TOML files of the books share: how a file is opened, and where a fault in it lies.

A file is arrays of tables, `[[statement]]`, one table a row. Its own module gives the shape as a
strict type whose amounts, times and names are text; what text means needs the registry, so each row
is then made a value, and a fault names the table and key: `custody.toml: statement.0.amount: …`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from config.books.cells import MAX_BYTES
from config.errors import InputError
from config.strict import parse
from config.text import decode
from config.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Table:
    """The place of one table, for messages."""

    name: str
    """The file's name."""
    where: str
    """The table's key path, such as `statement.0`."""

    def error(self, key: str, what: str, hint: str = "") -> InputError:
        """Build the error that names this table and a key; the table alone if the key is empty."""
        return InputError.at(self.name, f"{self.where}.{key}" if key else self.where, what, hint)

    def read(self, key: str, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Give what a parser makes of a key's text; raise its InputError at this table and key."""
        try:
            return work(*given, **named)
        except InputError as error:
            raise self.error(key, error.what, error.hint) from error


def read_document(data: bytes, name: str) -> dict[str, object]:
    """Read a file's bytes as TOML, whatever its tables are; raise InputError."""
    return parse_toml(decode(data, name, MAX_BYTES), name)


def open_tables(kind: type[T], data: bytes, name: str) -> T:
    """Read a file's bytes into its strict shape; raise InputError at the first fault."""
    return parse(kind, read_document(data, name), name)


def places(name: str, kind: str, rows: Sequence[object]) -> tuple[Table, ...]:
    """Give the place of every table of one array."""
    return tuple(Table(name, f"{kind}.{index}") for index in range(len(rows)))


def refuse_twice(tables: Sequence[Table], key: str, values: Sequence[Hashable]) -> None:
    """Refuse two tables that state one thing: nobody could say which one counts.

    Args:
        tables: the tables' places.
        key: where the fault is told.
        values: what must differ, one a table.

    Raises:
        InputError: at the later one.
    """
    first: dict[Hashable, Table] = {}
    for table, value in zip(tables, values, strict=True):
        met = first.setdefault(value, table)
        if met is not table:
            raise table.error(key, f"stated twice, first in {met.where}")
