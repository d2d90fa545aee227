"""Cells that every table of the books has: an instrument, an amount of it, a time.

Each function reads one cell of a row and raises `InputError` at its line and column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.accounts import check_network, split_account
from config.amount import parse_decimal
from config.caip import account_id
from config.errors import InputError
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.accounts import Addresses
    from config.caip import AccountId
    from config.csvrows import Row
    from config.registry import Chain, Instrument, Network, Registry

MAX_BYTES = 4 * 1024 * 1024
"""Twenty thousand rows at 200 bytes: books are totals, not customers."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row of the books is read by."""

    registry: Registry
    addresses: Addresses
    network: Network
    """The declaration's; an account of the other one is refused."""


def read_instrument(row: Row, column: str, registry: Registry) -> Instrument:
    """Give the registry's row of an instrument."""
    try:
        return registry.instrument(row[column])
    except InputError as error:
        raise row.restated(column, error) from error


def read_amount(row: Row, column: str, decimals: int) -> int:
    """Give an amount in base units, exactly."""
    try:
        return parse_decimal(row[column], decimals)
    except InputError as error:
        raise row.restated(column, error) from error


def read_time(row: Row, column: str) -> int:
    """Give a time in Unix seconds."""
    try:
        return parse_time(row[column])
    except InputError as error:
        raise row.restated(column, error) from error


def refuse_twice(rows: Sequence[Row], column: str, keys: Sequence[object]) -> None:
    """Refuse two rows with one key: nobody could say which one counts.

    Args:
        rows: the rows.
        column: where the fault is told.
        keys: what must differ, one a row.
    """
    lines: dict[object, int] = {}
    for row, key in zip(rows, keys, strict=True):
        first = lines.setdefault(key, row.line)
        if first != row.line:
            raise row.error(column, f"stated twice: {row[column]!r}, first on line {first}")


def read_account(row: Row, column: str, reading: Reading) -> tuple[Chain, AccountId]:
    """Give the chain and the canonical form of an account, which is one address."""
    try:
        chain, rest = split_account(row[column], reading.registry)
        check_network(chain, reading.network)
        return chain, account_id(chain.id, reading.addresses.canonical(chain, rest))
    except InputError as error:
        raise row.restated(column, error) from error
