"""Which addresses of a chain are read, and which assets at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.custodians import pools_of
from chains.evidence import PlannedAccount
from config.accounts import asset_names, resolve_assets
from config.caip import address_of, chain_of_account

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from config.accounts import Account
    from config.caip import AssetId, ChainId


def planned_accounts(
    inputs: Inputs, chain: ChainId, accounts: tuple[Account, ...], declared: tuple[AssetId, ...]
) -> tuple[PlannedAccount, ...]:
    """List the declared accounts in order, then the pools that custodians name.

    Debt tokens are read at every account of their chain, whatever assets it names: nobody leaves a
    debt out by naming other assets.

    Raises:
        InputError: an account names an asset its chain does not have.
    """
    names = asset_names(chain, inputs.registry, declared)
    owed = tuple(row.id for row in inputs.registry.assets_on(chain) if row.owes is not None)
    found = {
        address_of(account.id): dict.fromkeys((*resolve_assets(account, names), *owed))
        for account in accounts
    }
    for pool, asset in pools_of(inputs.books.custody):
        if chain_of_account(pool) == chain:
            found.setdefault(address_of(pool), {})[asset] = None
    return tuple(PlannedAccount(address, tuple(assets)) for address, assets in found.items())
