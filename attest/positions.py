"""Positions: every balance with what was declared of its account and what was shown of its key.

A balance is one position, or one for each part that allocations.csv makes of it; the parts add up
to what was read. The band says how far an amount may be counted. It comes from the controls alone:
a label, an owner or a holder never changes it. A refuted claim outweighs a proved one: its amount
is counted nowhere. Where the chain has a say beside the controls, `attest.bands` hears it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from attest.allocating import Allocations, Belonging, Tie
    from chains.snapshot import EvidenceClass, Snapshot
    from config.accounts import Account, Accounts, Method
    from config.caip import AccountId, AssetId, InstrumentId
    from config.registry import Asset, Registry
    from proofs.control import Control

Band = Literal["controlled", "derived", "signed", "observed", "attested", "none"]

Basis = Literal["signature", "transfer", "witness", "signed", "unvouched", "stated", ""]
"""By what a band was reached, best first: a signature over the text; a transaction that carries it;
a witness of a ceremony; a third party's statement, over a signature, over that of a key that
whoever judges was not told to trust, or over none; nothing."""

STRONG_GRADES = ("A", "B")
"""Grades that make an amount `controlled` or `derived`; C and D make it `signed`."""


@dataclass(frozen=True, slots=True)
class Position:
    """One account's balance of one asset, or a part of it."""

    account: AccountId
    asset: AssetId
    instrument: InstrumentId | None
    """What it counts for; None if it counts for nothing that can be owed."""
    wrapped: bool
    """Whether it is a wrapped or bridged asset that the declaration lists for that instrument."""
    units: int
    immature: int
    method: Method
    holder: str
    owner: Belonging
    band: Band
    evidence: EvidenceClass
    tie: Tie = "undeclared"
    """What it is tied to, as declared."""
    basis: Basis = ""
    """By whose word or what act the band was reached."""


def instrument_of(asset: Asset, wrapped: tuple[AssetId, ...]) -> InstrumentId | None:
    """Give the instrument an asset counts for.

    Args:
        asset: its registry row.
        wrapped: assets that the declaration lists to count for what they wrap.
    """
    return asset.wraps if asset.id in wrapped else asset.instrument


def copies_of_declared(
    registry: Registry, declared: Collection[AccountId]
) -> dict[AssetId, tuple[AccountId, ...]]:
    """Map bridged assets to their escrows among the declared accounts.

    What lies in an escrow is owed to the holders of the copy. Where the escrow itself is declared
    its balance counts, and the copy counts for nothing: the same coin, once.
    """
    found = {
        row.id: tuple(escrow for escrow in row.escrows if escrow in declared)
        for row in registry.assets
    }
    return {asset: escrows for asset, escrows in found.items() if escrows}


def band_of(account: Account, controls: dict[str, tuple[Control, ...]]) -> Band:
    """Give the band of an account's balances.

    Args:
        account: the declared account.
        controls: the controls about each account or key expression, by its identifier.
    """
    own = controls.get(account.id, ())
    parent = controls.get(account.derived_from, ()) if account.derived_from else ()
    if any(control.outcome == "refuted" for control in own):
        return "none"
    if any(control.grade in STRONG_GRADES for control in own):
        return "controlled"
    if any(control.outcome == "refuted" for control in parent):
        return "none"
    if any(control.grade in STRONG_GRADES for control in parent):
        return "derived"
    proved = any(control.outcome == "proved" for control in (*own, *parent))
    return "signed" if proved else "observed"


def controls_by_subject(controls: tuple[Control, ...]) -> dict[str, tuple[Control, ...]]:
    """Index controls by every account or key expression they prove, or name without proving it."""
    found: dict[str, list[Control]] = {}
    for control in controls:
        for subject in control.subjects or control.account.split(" "):
            found.setdefault(subject, []).append(control)
    return {subject: tuple(about) for subject, about in found.items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """What balances are joined with."""

    accounts: Accounts
    registry: Registry
    wrapped: tuple[AssetId, ...]
    """Assets that the declaration lists to count for what they wrap."""
    bands: Mapping[AccountId, Band]
    allocations: Allocations


def positions(ground: Ground, snapshot: Snapshot) -> tuple[Position, ...]:
    """Join balances, declarations and controls, in the order of the snapshot."""
    declared = {account.id: account for account in ground.accounts.rows}
    held_twice = copies_of_declared(ground.registry, declared.keys())
    instruments = {
        row.id: None if row.id in held_twice else instrument_of(row, ground.wrapped)
        for row in ground.registry.assets
    }
    return tuple(
        Position(
            account=balance.account,
            asset=balance.asset,
            instrument=instruments[balance.asset],
            wrapped=balance.asset in ground.wrapped,
            units=part.units,
            immature=0 if number else balance.immature,
            method=declared[balance.account].method,
            holder=declared[balance.account].holder,
            owner=part.owner,
            band=ground.bands[balance.account],
            evidence=balance.evidence,
            tie=part.tie,
        )
        for chain in snapshot.chains
        for balance in chain.balances
        for number, part in enumerate(
            ground.allocations.parts(
                (balance.account, balance.asset), declared[balance.account].owner, balance.units
            )
        )
    )
