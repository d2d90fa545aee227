"""Rows on their way from the files to the parts: laid apart by a hash of their customer.

A shard has the rows of some ten thousand customers, of both files, in the order of the files. It is
a run of Arrow streams in one file of the scratch folder, appended whenever enough rows wait, so
that what is in memory does not grow with the ledger. The hash is CRC-32 of the account: it spreads,
it is the same everywhere, and nothing depends on it but which rows are looked at together. The
number of shards is odd: the low bits of a CRC alone follow those of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.ledger import arrow, vectors

if TYPE_CHECKING:
    from pathlib import Path

    from config.ledger.arrow import Column, Table

SHARD = 2**15
"""Customers of a shard, on average; an even hash gives no shard a fifth more of them."""
WAITING = 64 * 1024 * 1024
"""Bytes of rows kept in memory before they are written: a million rows of short names."""


def shards_for(customers: int) -> int:
    """Give into how many shards so many customers are laid apart."""
    return -(-customers // SHARD) | 1


class Shards:
    """The rows of one file, being laid apart."""

    def __init__(self, folder: Path, name: str, count: int) -> None:
        """Begin without any.

        Args:
            folder: where the shards are written; it must be there.
            name: what the file holds, for the shards' names.
            count: how many shards there are.
        """
        self._folder, self._name, self._count = folder, name, count
        self._waiting: list[Table] = []
        self._bytes = 0

    def add(self, columns: dict[str, Column]) -> None:
        """Take rows; `account` says whose each is."""
        table = vectors.table(columns)
        self._waiting.append(table)
        self._bytes += table.nbytes
        if self._bytes >= WAITING:
            self.write()

    def write(self) -> None:
        """Write the rows that wait."""
        if self._waiting:
            table = arrow.one_table(self._waiting)
            shards = vectors.shards(table.column("account"), self._count)
            for shard, rows in vectors.parted(table, shards):
                arrow.append(self._path(shard), rows)
        self._waiting, self._bytes = [], 0

    def take(self, shard: int) -> Table | None:
        """Read a shard, in the order in which its rows came, and delete it; None if it has none."""
        path = self._path(shard)
        if not path.exists():
            return None
        rows = arrow.appended(path)
        path.unlink()
        return rows

    def _path(self, shard: int) -> Path:
        return self._folder / f"{self._name}-{shard:05}.arrows"
