"""others.csv: addresses that other entities publish as theirs.

    account,entity[,source]
    bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,Example Exchange,their list of 2026-11-30
    ethereum:0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb,Example Exchange,

It is made of their own published lists and attestations, and says nothing of this entity: an
account of accounts.csv that stands here too is claimed by two, and coins that move to and from
these addresses around the time may be lent for the day. `entity` and `source` are text for people;
who is meant is told apart by `entity`, letter for letter.

An account stands here once, so under one entity: a second row is refused, whatever it says. It is
one address, and no expression; the same address on another chain is a row of its own. An EVM
address is a row for each chain on which it shall be seen.

Rows are given in the order of their accounts. Keeping the order of the file was refused: a plan
follows from them, and two orders of one list would be two readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.cells import read_account
from config.csvrows import open_run, read_run
from config.text import decode

if TYPE_CHECKING:
    from config.books.cells import Reading
    from config.caip import AccountId
    from config.csvrows import Row

COLUMNS = ("account", "entity")
OPTIONAL = ("source",)

MAX_ROWS = 1_000_000
"""The lists that exchanges publish have some hundred thousand addresses each, the longest ones."""

MAX_BYTES = 256 * 1024 * 1024
"""As many rows at 200 bytes, and room."""


@dataclass(frozen=True, slots=True)
class Other:
    """An address of another entity."""

    account: AccountId
    entity: str
    line: int
    """Its row in the file, which stands for the entity where free text must not."""


def parse_others(data: bytes, name: str, reading: Reading) -> tuple[Other, ...]:
    """Read others.csv.

    Returns:
        One a row, in the order of their accounts.

    Raises:
        InputError: as the folder README of `config` says of every file; too many rows, a row
            without an entity, or an account stated twice.
    """
    found: dict[AccountId, Other] = {}
    names: dict[str, str] = {}
    run = open_run(decode(data, name, MAX_BYTES), name, COLUMNS, OPTIONAL)
    # Row by row: a list of a million of them, each with its cells, would be kept beside the result.
    for row in read_run(run, (*COLUMNS, *OPTIONAL)):
        one = _other(row, reading, names)
        first = found.setdefault(one.account, one)
        if first is not one:
            what = f"stated twice: {one.account}, first on line {first.line}"
            raise row.error("account", what)
        if len(found) > MAX_ROWS:
            raise row.error("account", f"more than {MAX_ROWS} rows")
    return tuple(found[account] for account in sorted(found))


def _other(row: Row, reading: Reading, names: dict[str, str]) -> Other:
    _, account = read_account(row, "account", reading)
    entity = row.plain("entity")
    if not entity:
        raise row.error(
            "entity", "empty", "write the name of the entity that publishes the account"
        )
    row.plain("source")
    # A list names one entity a hundred thousand times; its name is kept once.
    return Other(account, names.setdefault(entity, entity), row.line)
