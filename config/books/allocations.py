"""allocations.csv: whose the balance of an account is, and what it is tied to.

    account,asset,owner,encumbrance,amount[,until,beneficiary]
    ethereum:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,eth,customer,staked,320,2027-01-15T00:00:00Z,
    ethereum:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,eth,house,free,12.5,,

The rows of one account and asset divide what it holds at the pinned block. What they leave over is
`unallocated` and covers nobody; if they give more than there is, all of it is. An account without a
row is whole: its owner's as accounts.csv says, and free, for the file lists what is not. Without
the file nothing is said of encumbrances, and holdings that are free are not known.

`asset` is a symbol of the account's chain or a CAIP-19 id, `amount` is display units of the asset,
`until` the time at which the encumbrance ends, `beneficiary` whom it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from config.accounts import Owner, asset_names
from config.books.cells import MAX_BYTES, read_account, read_amount, read_time, refuse_twice
from config.csvrows import parse_rows
from config.errors import shown
from config.text import decode

if TYPE_CHECKING:
    from config.books.cells import Reading
    from config.caip import AccountId, AssetId
    from config.csvrows import Row
    from config.registry import Chain

Encumbrance = Literal["free", "staked", "exiting", "lent", "pledged", "locked"]
ENCUMBRANCES: tuple[Encumbrance, ...] = get_args(Encumbrance)
OWNERS: tuple[Owner, ...] = ("customer", "house", "guarantee", "reserve")
"""Whose a part can be; `mixed` is what an allocation ends."""
COLUMNS = ("account", "asset", "owner", "encumbrance", "amount")
OPTIONAL = ("until", "beneficiary")


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of what an account holds of an asset."""

    account: AccountId
    asset: AssetId
    owner: Owner
    encumbrance: Encumbrance
    units: int
    """Base units of the asset."""
    until: int | None
    """When the encumbrance ends, Unix seconds; None: not stated."""
    beneficiary: str
    line: int


def parse_allocations(data: bytes, name: str, reading: Reading) -> tuple[Allocation, ...]:
    """Read allocations.csv.

    Raises:
        InputError: as the folder README of `config` says of every file; an asset that the account's
            chain does not have, an end of what is free, or one part stated twice.
    """
    rows = parse_rows(decode(data, name, MAX_BYTES), name, COLUMNS, OPTIONAL)
    found = tuple(_allocation(row, reading) for row in rows)
    parts = [
        (one.account, one.asset, one.owner, one.encumbrance, one.until, one.beneficiary)
        for one in found
    ]
    refuse_twice(rows, "account", parts)
    return found


def _allocation(row: Row, reading: Reading) -> Allocation:
    chain, account = read_account(row, "account", reading)
    asset = _asset(row, chain, reading)
    encumbrance = cast("Encumbrance", row.choice("encumbrance", ENCUMBRANCES))
    until = read_time(row, "until") if row["until"] else None
    beneficiary = row.plain("beneficiary")
    if encumbrance == "free" and (until is not None or beneficiary):
        hint = "leave until and beneficiary blank, or name the encumbrance"
        raise row.error("encumbrance", "free, and tied to a time or beneficiary", hint)
    decimals = reading.registry.asset(asset).decimals
    return Allocation(
        account,
        asset,
        cast("Owner", row.choice("owner", OWNERS)),
        encumbrance,
        read_amount(row, "amount", decimals),
        until,
        beneficiary,
        row.line,
    )


def _asset(row: Row, chain: Chain, reading: Reading) -> AssetId:
    names = asset_names(chain.id, reading.registry, ())
    asset = names.by_name.get(row["asset"])
    if asset is None:
        known = ", ".join(name for name in names.by_name if "/" not in name)
        what = f"unknown asset on {chain.name}: {shown(row['asset'])}"
        raise row.error("asset", what, f"assets known there: {known}")
    return asset
