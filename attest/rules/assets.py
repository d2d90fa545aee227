"""Rules about what assets are: counted twice over a bridge, issued by the entity, unrated."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attest.positions import copies_of_declared
from attest.rates import token_rates
from attest.rules.case import Result

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.caip import AccountId, AssetId
    from config.registry import Asset


def counted_twice(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """counted_twice/1: name every bridged asset held whose escrow is a declared account too."""
    del parameters
    declared = {account.id for account in case.inputs.accounts.rows}
    held = _held(case)
    found = tuple(
        _twice(asset, escrows, held[asset])
        for asset, escrows in copies_of_declared(case.inputs.registry, declared).items()
        if held[asset]
    )
    return found or (Result("pass", "", "no coin is held both in a bridge and as its copy"),)


def own_token(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """own_token/1: name every asset held that the entity issues, by its word or the registry's."""
    del parameters
    found = tuple(
        Result(
            "breach",
            asset.id,
            f"{asset.symbol} is issued by the entity itself: {units} base units are held",
            {"asset": asset.id, "units": str(units)},
        )
        for asset, units in _rows(case)
        if units and is_own(case, asset)
    )
    return found or (Result("pass", "", "no asset held is named as the entity's own"),)


def token_rate(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """token_rate/1: name every asset held whose rate was asked for and not read."""
    del parameters
    rated = [asset for asset, units in _rows(case) if units and asset.rate is not None]
    if not rated:
        return (Result("not_applicable", "", "no asset held has a rate of its own"),)
    return tuple(
        Result("breach", one.asset.id, f"the rate of {one.asset.symbol} was not read")
        if one.value is None
        else Result("pass", one.asset.id, f"the rate of {one.asset.symbol} was read at the pin")
        for one in token_rates(rated, case.snapshot)
    )


def _twice(asset: AssetId, escrows: tuple[AccountId, ...], units: int) -> Result:
    named = ", ".join(escrows)
    return Result(
        "breach",
        asset,
        f"{units} base units of {asset} are copies of what lies in {named}, which is declared too; "
        f"the copies are not counted",
        {"asset": asset, "units": str(units), "escrows": named},
    )


def is_own(case: Case, asset: Asset) -> bool:
    """Tell whether the entity issues an asset, by its word or the registry's."""
    declared = case.inputs.declaration
    named = bool(asset.issuer) and asset.issuer.casefold() == declared.entity.name.casefold()
    return named or asset.id in declared.attestation.own_assets


def _held(case: Case) -> Counter[AssetId]:
    held: Counter[AssetId] = Counter()
    for position in case.positions:
        held[position.asset] += position.units
    return held


def _rows(case: Case) -> list[tuple[Asset, int]]:
    """Give the registry's row and the sum held of each asset, in registry order."""
    held = _held(case)
    return [(row, held[row.id]) for row in case.inputs.registry.assets if row.id in held]
