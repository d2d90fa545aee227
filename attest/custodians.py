"""What custodians state that they hold, as positions of band `attested`.

A statement's amount counts as what it is: a third party's word. Its basis says how good that is:
`signed` over the custodian's signature, `unvouched` if whoever judges was not told to trust the
key, `stated` over none. The account is `custody:<row>`: a sub-account is a custodian's word, and no
address.

Where a statement names the pool that the coins lie in, the pool is read at the pin, and what all
statements name of it must be there: else nobody knows whose statement is wrong, and none of them
counts. A pool holds others' coins too, so an account of accounts.csv that a statement names as its
pool counts for nothing itself.

Refused: counting a pool's balance where one client alone names it. What the custodian holds for the
others is not seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.books import UNSHOWN
from attest.positions import Position, instrument_of
from config.caip import AccountId

if TYPE_CHECKING:
    from collections.abc import Collection

    from attest.books import Shown
    from attest.inputs import Inputs
    from attest.positions import Basis
    from chains.snapshot import Snapshot
    from config.accounts import Accounts
    from config.books.custody import Custody, CustodyStatement
    from config.caip import AssetId

PoolFaultCode: TypeAlias = Literal[
    "more_than_pool",  # the statements name more than lies there
    "pool_not_read",  # what lies there is not known
    "pool_declared",  # it is an account of accounts.csv too
]


@dataclass(frozen=True, slots=True)
class PoolFault:
    """A pool whose statements cannot all be right."""

    pool: AccountId
    asset: AssetId
    fault: PoolFaultCode
    stated: int
    """Base units that statements name of it."""
    held: int | None
    """Base units at the pin; None if they are not known."""


@dataclass(frozen=True, slots=True)
class Custodied:
    """What custodians hold."""

    positions: tuple[Position, ...]
    faults: tuple[PoolFault, ...]


def pools_of(custody: Custody | None) -> tuple[tuple[AccountId, AssetId], ...]:
    """List the pools that statements name, with the asset that lies in each."""
    statements = () if custody is None else custody.statements
    return tuple(dict.fromkeys((one.pool, one.asset) for one in statements if one.pool is not None))


def custodied(inputs: Inputs, snapshot: Snapshot, vouched: Collection[str] | None) -> Custodied:
    """Make positions of what custodians state.

    Args:
        inputs: what was declared.
        snapshot: what the chains said, of the pools too.
        vouched: keys of custodians that whoever judges trusts; None: every key the file names.
    """
    custody, wrapped = inputs.books.custody, inputs.declaration.attestation.wrapped_assets
    if custody is None:
        return Custodied((), ())
    faults = _faults(custody, snapshot, inputs.accounts)
    wrong = {(one.pool, one.asset) for one in faults if one.fault != "pool_declared"}
    assets = {row.id: row for row in inputs.registry.assets}
    found = tuple(
        Position(
            account=AccountId(f"custody:{one.where.rpartition('.')[2]}"),
            asset=one.asset,
            instrument=instrument_of(assets[one.asset], wrapped),
            wrapped=one.asset in wrapped,
            units=one.units,
            immature=0,
            method=one.method,
            holder=one.custodian,
            owner=one.owner,
            band="none" if (one.pool, one.asset) in wrong else "attested",
            evidence="attested",
            basis=_basis(inputs.shown.get(("custody", one.where), UNSHOWN), vouched),
        )
        for one in custody.statements
    )
    return Custodied(found, faults)


def _basis(shown: Shown, vouched: Collection[str] | None) -> Basis:
    if not shown.keyid:
        return "stated"
    return "signed" if vouched is None or shown.keyid in vouched else "unvouched"


def _faults(custody: Custody, snapshot: Snapshot, accounts: Accounts) -> tuple[PoolFault, ...]:
    declared = {account.id for account in accounts.rows}
    held = {
        (balance.account, balance.asset): balance.units
        for chain in snapshot.chains
        for balance in chain.balances
    }
    stated = _stated(custody.statements)
    found = []
    for (pool, asset), units in stated.items():
        there = held.get((pool, asset))
        if there is None:
            found.append(PoolFault(pool, asset, "pool_not_read", units, None))
        elif units > there:
            found.append(PoolFault(pool, asset, "more_than_pool", units, there))
        if pool in declared:
            found.append(PoolFault(pool, asset, "pool_declared", units, there))
    return tuple(found)


def _stated(statements: tuple[CustodyStatement, ...]) -> Counter[tuple[AccountId, AssetId]]:
    found: Counter[tuple[AccountId, AssetId]] = Counter()
    for one in statements:
        if one.pool is not None:
            found[one.pool, one.asset] += one.units
    return found
