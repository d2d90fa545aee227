"""Checks of what the registry says about tokens beyond their row: slots, rates and escrows.

A wrong slot is a wrong balance with a proof beside it, so what contradicts itself is refused here
like a wrong row. What no file can show, that the code really keeps its balances there, is shown by
`attest find-slot` when a row is made, and at each reading by the code's hash.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.caip import address_of, chain_of_account, chain_of_asset, token_address
from config.errors import InputError
from config.row_checks import check_cited, require
from config.slots import WORD_BITS

if TYPE_CHECKING:
    from config.caip import AccountId
    from config.rates import Rate
    from config.registry import Asset, Registry
    from config.slots import Guard, Slot

ASSETS, SLOTS = "assets.toml", "slots.toml"
SOLADY_BITS = 96
"""Of a place in the layout `solady`: what 32 bytes leave beside an address."""

_WORD = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_ACCOUNT = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}", re.ASCII)
_NO_ARGUMENT = re.compile(r"[a-zA-Z_$][a-zA-Z0-9_$]*\(\)", re.ASCII)
_ONE_ARGUMENT = re.compile(r"[a-zA-Z_$][a-zA-Z0-9_$]*\(uint256\)", re.ASCII)


def check_tokens(registry: Registry) -> None:
    """Refuse slots, rates and escrows that contradict themselves or other rows.

    Raises:
        InputError: the first fault, with the file and the asset.
    """
    assets = {asset.id: asset for asset in registry.assets}
    for asset in registry.assets:
        if asset.rate is not None:
            _check_rate(asset, asset.rate, {*assets})
        _check_escrows(asset, registry)
    seen: set[str] = set()
    for slot in registry.slots:
        if slot.asset in seen:
            raise InputError.at(SLOTS, slot.asset, "asset given twice")
        seen.add(slot.asset)
        _check_slot(slot, assets.get(slot.asset))


def _check_rate(asset: Asset, rate: Rate, known: set[str]) -> None:
    where = f"{asset.id}: rate"
    require(token_address(asset.id) is not None, ASSETS, where, "of an asset without contract")
    require(rate.of in known, ASSETS, where, f"of an unknown asset: {rate.of}")
    same = rate.of != asset.id and chain_of_asset(rate.of) == chain_of_asset(asset.id)
    require(same, ASSETS, where, f"of itself or of another chain: {rate.of}")
    require(
        asset.rebasing == (rate.unit == "share"),
        ASSETS,
        where,
        f"unit {rate.unit} of a token with rebasing {str(asset.rebasing).lower()}",
    )
    require(0 <= rate.decimals <= WORD_BITS // 4, ASSETS, where, f"decimals: {rate.decimals}")
    form = _NO_ARGUMENT if rate.argument is None else _ONE_ARGUMENT
    fits = form.fullmatch(rate.function) is not None
    require(fits, ASSETS, where, f"function {rate.function!r}, argument {rate.argument}")
    whole = 10**asset.decimals
    require(
        rate.argument in {None, whole}, ASSETS, where, f"argument: {rate.argument}, not {whole}"
    )
    if rate.contract is not None:
        _check_address(ASSETS, where, rate.contract)
    require(bool(rate.source.strip()), ASSETS, where, "source is empty")


def _check_escrows(asset: Asset, registry: Registry) -> None:
    where = f"{asset.id}: escrows"
    if bool(asset.escrows) != bool(asset.escrows_source.strip()):
        raise InputError.at(ASSETS, where, "escrows and escrows_source go together")
    bridged = asset.kind == "bridged" or not asset.escrows
    require(bridged, ASSETS, where, f"of an asset of kind {asset.kind}")
    if len(set(asset.escrows)) != len(asset.escrows):
        raise InputError.at(ASSETS, where, "account given twice")
    for escrow in asset.escrows:
        _check_escrow(asset, escrow, registry)


def _check_escrow(asset: Asset, escrow: AccountId, registry: Registry) -> None:
    where = f"{asset.id}: escrows"
    require(_ACCOUNT.fullmatch(escrow) is not None, ASSETS, where, f"not an account: {escrow!r}")
    own, other = chain_of_asset(asset.id), chain_of_account(escrow)
    chains = {chain.id: chain for chain in registry.chains}
    if other not in chains:
        raise InputError.at(ASSETS, where, f"chain unknown: {escrow}")
    require(other != own, ASSETS, where, f"on the asset's own chain: {escrow}")
    same = chains[other].network == chains[own].network
    require(same, ASSETS, where, f"on a network of another kind: {escrow}")
    if chains[other].family == "evm":
        _check_address(ASSETS, where, address_of(escrow))
    behind = [
        row
        for row in registry.assets_on(other)
        if row.instrument is not None and row.instrument == asset.wraps
    ]
    if not behind:
        raise InputError.at(ASSETS, where, f"no asset {asset.wraps} on the chain of {escrow}")


def _check_slot(slot: Slot, asset: Asset | None) -> None:
    where = slot.asset
    if asset is None:
        raise InputError.at(SLOTS, where, "asset unknown")
    require(token_address(slot.asset) is not None, SLOTS, where, "asset without contract")
    require(not asset.rebasing, SLOTS, where, "a rebasing token has no balance slot")
    _check_place(slot)
    require(1 <= slot.bits <= WORD_BITS, SLOTS, where, f"bits: {slot.bits}")
    _check_word(where, "code_hash", slot.code_hash)
    proxy = (slot.implementation_slot, slot.implementation, slot.implementation_code_hash)
    if None in proxy and proxy != (None, None, None):
        raise InputError.at(SLOTS, where, "the three fields of an implementation go together")
    if slot.implementation_slot is not None:
        _check_word(where, "implementation_slot", slot.implementation_slot)
    if slot.implementation is not None:
        _check_address(SLOTS, where, slot.implementation)
    if slot.implementation_code_hash is not None:
        _check_word(where, "implementation_code_hash", slot.implementation_code_hash)
    check_cited(SLOTS, where, slot.source, slot.checked)
    _check_guards(slot)


def _check_place(slot: Slot) -> None:
    where = slot.asset
    if isinstance(slot.slot, str):
        _check_word(where, "slot", slot.slot)
        require(slot.layout == "solidity", SLOTS, where, f"a hash as slot of layout {slot.layout}")
        return
    most = SOLADY_BITS if slot.layout == "solady" else WORD_BITS
    require(0 <= slot.slot < 1 << most, SLOTS, where, f"slot: {slot.slot}")


def _check_guards(slot: Slot) -> None:
    places = [guard.position for guard in slot.guards]
    if len({*places, slot.implementation_slot}) != len(places) + 1:
        raise InputError.at(SLOTS, slot.asset, "one place guarded twice")
    for guard in slot.guards:
        _check_guard(slot.asset, guard)


def _check_guard(where: str, guard: Guard) -> None:
    _check_word(where, "guards.position", guard.position)
    _check_word(where, "guards.mask", guard.mask)
    _check_word(where, "guards.value", guard.value)
    mask, value = int(guard.mask, 16), int(guard.value, 16)
    require(mask != 0, SLOTS, where, "guards.mask is zero")
    require(value & ~mask == 0, SLOTS, where, f"guards.value outside its mask: {guard.value}")
    require(bool(guard.meaning.strip()), SLOTS, where, "guards.meaning is empty")


def _check_word(where: str, field: str, text: str) -> None:
    fits = _WORD.fullmatch(text) is not None
    require(fits, SLOTS, where, f"{field} is not 0x and 64 lower-case hex digits: {text!r}")


def _check_address(file: str, where: str, text: str) -> None:
    require(_ADDRESS.fullmatch(text) is not None, file, where, f"not an address: {text!r}")
