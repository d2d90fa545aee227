"""The calls that ask a token's contract what it stands for."""

from __future__ import annotations

import pytest

from chains.evm.calls import by_hash, by_number, decode_word
from chains.evm.rates import rate_call, selector
from config.registry_files import load_registry

REGISTRY = load_registry()
ETHEREUM = {asset.symbol: asset for asset in REGISTRY.assets_on(REGISTRY.chain("ethereum").id)}
ONE = f"{10**18:064x}"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # Known from ERC-20 and ERC-4626.
        ("balanceOf(address)", "70a08231"),
        ("convertToAssets(uint256)", "07a2d13a"),
    ],
)
def test_a_selector_is_the_head_of_a_hash(function: str, expected: str) -> None:
    assert expected == selector(function).hex()


@pytest.mark.parametrize(
    ("symbol", "to", "data"),
    [
        ("steth", "0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84", f"0x7a28fb88{ONE}"),
        ("wsteth", "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0", "0x035faf82"),
        ("reth", "0xae78736Cd615f374D3085123A210448E74Fc6393", "0xe6aa216c"),
        ("cbeth", "0xBe9895146f7AF43049ca1c1AE358B0541Ea49704", "0x3ba0b9a9"),
        ("wbeth", "0xa2E3356610840701BDf5611a53974510Ae27E2e1", "0x3ba0b9a9"),
        ("weeth", "0xCd5fE23C85820F7B72D0926FC9b05b43E359b7ee", "0x679aefce"),
        ("meth", "0xe3cBd06D7dadB3F4e6557bAb7EdD924CD1489E8f", f"0x5890c11c{ONE}"),
        ("sdai", "0x83F20F44975D03b1b09e64809B757c47f942BEeA", f"0x07a2d13a{ONE}"),
    ],
)
def test_the_call_of_each_shipped_rate(symbol: str, to: str, data: str) -> None:
    call = rate_call(ETHEREUM[symbol], by_number(16))

    assert call is not None
    assert ("eth_call", ({"to": to, "data": data}, "0x10")) == (call.method, call.params)


def test_a_block_is_named_as_the_source_knows_it() -> None:
    call = rate_call(ETHEREUM["reth"], by_hash("0x" + "1" * 64))

    assert call is not None
    assert by_hash("0x" + "1" * 64) == call.params[1]


def test_an_asset_without_a_rate_is_not_asked() -> None:
    assert rate_call(ETHEREUM["usdc"], "0x1") is None
    assert rate_call(ETHEREUM["eth"], "0x1") is None


def test_a_rate_is_one_word() -> None:
    assert 1234567890123456789 == decode_word(f"0x{1234567890123456789:064x}")
