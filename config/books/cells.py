"""Cells that tables of the books share: an instrument, an amount of it, a time, a transaction.

Each function that takes a row reads one cell of it and raises `InputError` at its line and column;
`find_account` and `find_asset` take text of any file and leave the place to their caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.accounts import check_network, split_account
from config.amount import parse_decimal
from config.caip import account_id
from config.errors import InputError, shown
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.accounts import Addresses
    from config.caip import AccountId
    from config.csvrows import Row
    from config.registry import Asset, Chain, Instrument, Network, Registry

MAX_BYTES = 4 * 1024 * 1024
"""Twenty thousand rows at 200 bytes: books are totals, not customers."""

_TRANSACTION = {
    "evm": re.compile(r"0x[0-9a-f]{64}", re.ASCII),
    "utxo": re.compile(r"[0-9a-f]{64}", re.ASCII),
}
"""How transactions are named, by family; those of other families are not read."""


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
        return find_account(row[column], reading)
    except InputError as error:
        raise row.restated(column, error) from error


def read_transaction(row: Row, column: str, text: str, chain: Chain) -> str:
    """Give the identifier of a transaction, which is all of a cell or a word of it."""
    form = _TRANSACTION.get(chain.family)
    if form is None or not form.fullmatch(text):
        what = f"not a transaction of {chain.name}: {shown(text, 70)}"
        raise row.error(column, what, "write it as the chain does, in lower case")
    return text


def find_account(text: str, reading: Reading) -> tuple[Chain, AccountId]:
    """Give the chain and the canonical form of `short:address` or CAIP-10 text; raise InputError.

    It is one address of a chain of the declaration's network, and no expression.
    """
    chain, rest = split_account(text, reading.registry)
    check_network(chain, reading.network)
    return chain, account_id(chain.id, reading.addresses.canonical(chain, rest))


def find_asset(text: str, reading: Reading) -> Asset:
    """Give the registry's row of an asset.

    Args:
        text: a CAIP-19 id, or a chain, a colon and the asset's symbol there: `ethereum:usdt`. In an
            id, too, the chain may have its short name, and a contract is written like any address.
        reading: the registry, address parsers and network.

    Raises:
        InputError: neither of the two, an unknown chain or asset, or another network's.
    """
    head, slash, rest = text.partition("/")
    place, colon, symbol = text.rpartition(":")
    if not (slash or colon):
        hint = "write chain:symbol, such as ethereum:usdt, or a CAIP-19 id"
        raise InputError(f"asset not understood: {shown(text)}", hint)
    chain = reading.registry.chain(head if slash else place)
    check_network(chain, reading.network)
    name = _token_of(chain, rest, reading) if slash else symbol
    rows = reading.registry.assets_on(chain.id)
    for row in rows:
        if name == (row.id.partition("/")[2] if slash else row.symbol):
            return row
    known = ", ".join(row.symbol for row in rows)
    raise InputError(
        f"unknown asset on {chain.name}: {shown(text)}", f"assets known there: {known}"
    )


def _token_of(chain: Chain, reference: str, reading: Reading) -> str:
    """Write the contract of a token as the registry does; leave what is no token as it is."""
    kind, _, contract = reference.partition(":")
    if kind != "erc20" or chain.family != "evm":
        return reference
    return f"erc20:{reading.addresses.canonical(chain, contract)}"
