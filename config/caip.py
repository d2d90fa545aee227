"""Identifiers of chains, accounts and assets, as the Chain Agnostic standards write them.

- chain, CAIP-2: `eip155:1`, `bip122:000000000019d6689c085ae165831e93`
- account, CAIP-10: chain, colon, address: `eip155:1:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045`
- asset, CAIP-19: chain, slash, asset: `eip155:1/slip44:60`, `eip155:1/erc20:0xdAC1…1ec7`

The four types are `NewType`s: only a parser makes them, and what it makes is canonical, so `==` is
the comparison of two accounts. A cashaddr is kept without its prefix, because CAIP-10 allows no
third colon.
"""

from __future__ import annotations

from typing import NewType

ChainId = NewType("ChainId", str)
AccountId = NewType("AccountId", str)
AssetId = NewType("AssetId", str)
InstrumentId = NewType("InstrumentId", str)
"""What customers are owed, in lower case: `btc`, `eth`, `usdt`, `jpy`. Not a CAIP identifier."""


def account_id(chain: ChainId, address: str) -> AccountId:
    """Join a chain and an address that its parser made canonical."""
    return AccountId(f"{chain}:{address}")


def chain_of_account(account: AccountId) -> ChainId:
    """Give the CAIP-2 part of an account."""
    namespace, reference, _ = account.split(":", 2)
    return ChainId(f"{namespace}:{reference}")


def address_of(account: AccountId) -> str:
    """Give the address part of an account."""
    return account.split(":", 2)[2]


def chain_of_asset(asset: AssetId) -> ChainId:
    """Give the CAIP-2 part of an asset."""
    return ChainId(asset.partition("/")[0])


def token_address(asset: AssetId) -> str | None:
    """Give the contract address of an ERC-20 asset, None for a chain's native asset."""
    kind, _, reference = asset.partition("/")[2].partition(":")
    return reference if kind == "erc20" else None
