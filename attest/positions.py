"""Positions: every balance with what was declared of its account and what was shown of its key.

A balance is one position, or one for each part that allocations.csv makes of it; the parts add up
to what was read. The band says how far an amount may be counted. It comes from the controls alone:
a label, an owner or a holder never changes it. A refuted claim outweighs a proved one: its amount
is counted nowhere. Where the chain has a say beside the controls, `attest.bands` hears it.

    controlled   a key, or the contract it rules, signed our text
    derived      the same for the extended key above the account
    attested     a witness signed that he saw the key used, over our text
    signed       a key signed another text
    observed     nothing but the balance is shown
    none         a claim is refuted

The best that is shown counts. `attested` stands above `signed`, though no key is shown: it is of
this challenge, and whoever trusts the witness may count it, while a static text can be held up by
anybody who has seen it. So a signature over one, put beside a witness's word, takes nothing away.
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

Band = Literal["controlled", "derived", "sampled", "signed", "observed", "attested", "none"]

Basis = Literal["signature", "transfer", "witness", "signed", "unvouched", "stated", ""]
"""By what a band was reached, best first: a signature over the text; a transaction that carries it;
a witness of a ceremony; a third party's statement, over a signature, over that of a key that
whoever judges was not told to trust, or over none; nothing."""

STRONG_GRADES = ("A", "B")
"""Grades that make an amount `controlled` or `derived`; C and D make it `signed`."""

BASES: tuple[Basis, ...] = ("signature", "transfer", "witness", "signed", "unvouched", "stated")
"""Best first."""
_BASIS: Mapping[str, Basis] = {"onchain-transfer": "transfer", "witnessed": "witness"}
"""By scheme; every other one proves by a signature."""


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
    return _reached(account, controls)[0]


def basis_of(account: Account, controls: dict[str, tuple[Control, ...]]) -> Basis:
    """Give by what an account's band was reached; arguments as of `band_of`.

    Of several the best: a signature, a transaction in a block, a witness's word; empty where the
    band is `observed` or `none`.
    """
    by = {_basis(control) for control in _reached(account, controls)[1]}
    return next((basis for basis in BASES if basis in by), "")


def _reached(
    account: Account, controls: dict[str, tuple[Control, ...]]
) -> tuple[Band, tuple[Control, ...]]:
    """Give an account's band, and the controls that give it."""
    own = controls.get(account.id, ())
    parent = controls.get(account.derived_from, ()) if account.derived_from else ()
    if any(control.outcome == "refuted" for control in own):
        return "none", ()
    if by := tuple(filter(_is_strong, own)):
        return "controlled", by
    if any(control.outcome == "refuted" for control in parent):
        return "none", ()
    if by := tuple(filter(_is_strong, parent)):
        return "derived", by
    proved = [control for control in (*own, *parent) if control.outcome == "proved"]
    if by := tuple(one for one in proved if _basis(one) == "witness" and _is_ours(one)):
        return "attested", by
    by = tuple(one for one in proved if _basis(one) != "witness")
    return ("signed" if by else "observed"), by


def _is_strong(control: Control) -> bool:
    return _is_ours(control) and _basis(control) != "witness"


def _is_ours(control: Control) -> bool:
    """Tell whether a proof is over our text."""
    return control.grade in STRONG_GRADES


def _basis(control: Control) -> Basis:
    return _BASIS.get(control.scheme, "signature")


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
    bases: Mapping[AccountId, Basis]
    allocations: Allocations
    unfit: Collection[AssetId] = ()
    """Declared tokens whose contracts are not what was declared: they count for nothing."""


def positions(ground: Ground, snapshot: Snapshot) -> tuple[Position, ...]:
    """Join balances, declarations and bands, in the order of the snapshot.

    What was read at a pool of custodians alone is nobody's here.
    """
    declared = {account.id: account for account in ground.accounts.rows}
    held_twice = copies_of_declared(ground.registry, declared.keys())
    instruments = {
        row.id: None
        if row.id in held_twice or row.id in ground.unfit
        else instrument_of(row, ground.wrapped)
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
            basis=ground.bases[balance.account],
        )
        for chain in snapshot.chains
        for balance in chain.balances
        if balance.account in declared
        for number, part in enumerate(
            ground.allocations.parts(
                (balance.account, balance.asset), declared[balance.account].owner, balance.units
            )
        )
    )
