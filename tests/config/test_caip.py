from __future__ import annotations

import pytest

from config.caip import (
    AccountId,
    AssetId,
    ChainId,
    account_id,
    address_of,
    chain_of_account,
    chain_of_asset,
    token_address,
)
from tests.config.known import BITCOIN, DONE, GENESIS

USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (BITCOIN, GENESIS),
        ("eip155:1", DONE),
        ("eip155:*", DONE),
        (BITCOIN, "wpkh([d34db33f/84h]x)"),
    ],
)
def test_an_account_is_joined_and_parted_again(chain: str, address: str) -> None:
    account = account_id(ChainId(chain), address)
    assert f"{chain}:{address}" == account
    assert (chain, address) == (chain_of_account(account), address_of(account))


def test_an_address_may_hold_a_colon() -> None:
    account = AccountId("bip122:000000000000000000651ef99cb9fcbe:bitcoincash:qp")
    assert "bitcoincash:qp" == address_of(account)
    assert "bip122:000000000000000000651ef99cb9fcbe" == chain_of_account(account)


@pytest.mark.parametrize(
    ("asset", "chain", "token"),
    [
        (f"eip155:1/erc20:{USDT}", "eip155:1", USDT),
        ("eip155:1/slip44:60", "eip155:1", None),
        (f"{BITCOIN}/slip44:0", BITCOIN, None),
    ],
)
def test_an_asset_names_its_chain_and_its_contract(
    asset: str, chain: str, token: str | None
) -> None:
    assert chain == chain_of_asset(AssetId(asset))
    assert token == token_address(AssetId(asset))
