"""What the shipped registry says about tokens, held against facts written out here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.auto import keccak

from config.caip import address_of, chain_of_account, token_address
from config.registry_files import load_registry
from tests.nodes.token import token_runtime

if TYPE_CHECKING:
    from config.registry import Asset
    from config.slots import Slot

REGISTRY = load_registry()
TETHER_ADAPTER = "eip155:1:0x6C96dE32CEa08842dcc4058c14d3aaAD7Fa41dee"


def is_eip55(address: str) -> bool:
    """EIP-55, written anew: a letter is upper case where the hash has a digit of 8 or more."""
    lower = address[2:].lower()
    digest = keccak(lower.encode()).hex()
    pairs = zip(lower, digest, strict=False)
    return address[2:] == "".join(c.upper() if int(d, 16) >= 8 else c for c, d in pairs)


def name_of(asset: Asset) -> str:
    return f"{REGISTRY.chain(asset.id.partition('/')[0]).name} {asset.symbol}"


def slots() -> dict[str, Slot]:
    return {name_of(REGISTRY.asset(slot.asset)): slot for slot in REGISTRY.slots}


def test_where_balances_are_known_to_lie() -> None:
    expected = {
        "ethereum usdc": ("solidity", 9, 255),
        "ethereum usdt": ("solidity", 2, 256),
        "ethereum dai": ("solidity", 2, 256),
        "ethereum weth": ("solidity", 3, 256),
        "ethereum wbtc": ("solidity", 0, 256),
        "anvil usdt": ("solidity", 3, 256),
        "anvil usdc": ("solidity", 3, 256),
    }
    assert expected == {name: (s.layout, s.slot, s.bits) for name, s in slots().items()}


def test_the_code_these_rows_are_true_of() -> None:
    expected = {
        # Account leaves of proofs against headers of blocks 22196273, 22432262 and 23663488.
        "ethereum usdc": "d80d4b7c890cb9d6a4893e6b52bc34b56b25335cb13716e0d1d31383e6b41505",
        "ethereum weth": "d0a06b12ac47863b5c7be4185c2deaad1c61557033f56c7d4ea74429cbb25e23",
        "ethereum usdt": "b44fb4e949d0f78f87f79ee46428f23a2a5713ce6fc6e0beb3dda78c2ac1ea55",
        "ethereum dai": "4e36f96ee1667a663dfaac57c4d185a0e369a3a217e0079d49620f34f85d1ac7",
        "ethereum wbtc": "131ff5c755b710d543ea70fede2eb38e5d15b1456df0ae932ba12e2786f7e5df",
    }
    found = {name: slot.code_hash.removeprefix("0x") for name, slot in slots().items()}
    assert expected == {name: found[name] for name in expected}


def test_the_test_tokens_are_of_the_test_token_s_code() -> None:
    code = f"0x{keccak(bytes.fromhex(token_runtime(6)[2:])).hex()}"
    assert {code} == {slot.code_hash for name, slot in slots().items() if "anvil" in name}


def test_the_one_proxy_is_usdc() -> None:
    proxies = {name: slot for name, slot in slots().items() if slot.implementation is not None}
    assert ["ethereum usdc"] == list(proxies)
    (usdc,) = proxies.values()
    assert "0x43506849D7C04F9138D1A2050bbF3A0c054402dd" == usdc.implementation
    # The place that ZeppelinOS proxies use, before EIP-1967.
    place = keccak(b"org.zeppelinos.proxy.implementation").hex()
    assert f"0x{place}" == usdc.implementation_slot
    expected = "0xcdfb7d322961af3acae7a8f7ee8b69c205b36f576cc5b077f170c7eb8ecbe3ea"
    assert expected == usdc.implementation_code_hash


def test_the_one_guard_is_usdt_s_switch() -> None:
    guarded = {name: slot.guards for name, slot in slots().items() if slot.guards}
    assert ["ethereum usdt"] == list(guarded)
    (switch,) = guarded["ethereum usdt"]
    expected = (10, 0xFF << 160, 0)
    assert expected == (int(switch.position, 16), int(switch.mask, 16), int(switch.value, 16))


def test_steth_is_the_only_rebasing_token() -> None:
    assert ["ethereum steth"] == [name_of(asset) for asset in REGISTRY.assets if asset.rebasing]


def test_rates_and_what_they_are_counted_in() -> None:
    expected = {
        "ethereum steth": ("getPooledEthByShares(uint256)", "share", "eth"),
        "ethereum wsteth": ("stEthPerToken()", "token", "steth"),
        "ethereum reth": ("getExchangeRate()", "token", "eth"),
        "ethereum cbeth": ("exchangeRate()", "token", "eth"),
        "ethereum wbeth": ("exchangeRate()", "token", "eth"),
        "ethereum weeth": ("getRate()", "token", "eth"),
        "ethereum meth": ("mETHToETH(uint256)", "token", "eth"),
        "ethereum sdai": ("convertToAssets(uint256)", "token", "dai"),
    }
    found = {
        name_of(asset): (asset.rate.function, asset.rate.unit, REGISTRY.asset(asset.rate.of).symbol)
        for asset in REGISTRY.assets
        if asset.rate is not None
    }
    assert expected == found
    assert {18} == {asset.rate.decimals for asset in REGISTRY.assets if asset.rate is not None}


def test_a_token_with_a_rate_per_token_wraps_nothing_at_par() -> None:
    rated = [asset for asset in REGISTRY.assets if asset.rate and asset.rate.unit == "token"]
    assert {None} == {asset.wraps for asset in rated}


def test_every_address_of_these_fields_is_eip55() -> None:
    escrows = [address_of(one) for asset in REGISTRY.assets for one in asset.escrows]
    asked = [asset.rate.contract for asset in REGISTRY.assets if asset.rate]
    behind = [slot.implementation for slot in REGISTRY.slots]
    addresses = [one for one in (*escrows, *asked, *behind) if one is not None]
    assert len(addresses) > 30
    assert [] == [one for one in addresses if not is_eip55(one)]


def test_which_copies_have_no_escrow_here() -> None:
    missing = {
        name_of(asset) for asset in REGISTRY.assets if asset.kind == "bridged" and not asset.escrows
    }
    avalanche = {f"avalanche {one}.e" for one in ("usdt", "usdc", "dai", "weth", "wbtc", "link")}
    assert {*avalanche, "monad weth", "mantle weth", "mantle usdc"} == missing


def test_all_escrows_are_on_ethereum() -> None:
    chains = {chain_of_account(one) for asset in REGISTRY.assets for one in asset.escrows}
    assert {REGISTRY.chain("ethereum").id} == chains


def test_escrows_of_the_large_bridges() -> None:
    expected = {
        "optimism eth": {
            "eip155:1:0xbEb5Fc579115071764c7423A4f12eDde41f106Ed",
            "eip155:1:0x322b47Ff1FA8D5611F761e3E275C45B71b294D43",
        },
        "optimism usdc.e": {"eip155:1:0x99C9fc46f92E8a1c0deC1b1747d010903E884bE1"},
        "base eth": {"eip155:1:0x49048044D57e1C92A77f79988d21Fa8fAF74E97e"},
        "base usdbc": {"eip155:1:0x3154Cf16ccdb4C6d922629664174b904d80F2C35"},
        "arbitrum eth": {"eip155:1:0x8315177aB297bA92A06054cE80a67Ed4DBd7ed3a"},
        "arbitrum dai": {"eip155:1:0xA10c7CE4b876998858b1a9E12b10092229539400"},
        "polygon weth": {"eip155:1:0x8484Ef722627bf18ca5Ae6BcF031c23E6e922B30"},
        "polygon usdc.e": {"eip155:1:0x40ec5B33f54e0E8A33A975908C5BA1c14e5BbbDf"},
    }
    found = {name_of(asset): set(asset.escrows) for asset in REGISTRY.assets}
    assert expected == {name: found[name] for name in expected}


def test_every_usdt0_stands_for_what_the_adapter_holds() -> None:
    copies = [asset for asset in REGISTRY.assets if asset.symbol == "usdt0"]
    assert 8 == len(copies)
    assert [] == [name_of(one) for one in copies if TETHER_ADAPTER not in one.escrows]


def test_no_row_is_of_the_escrow_itself() -> None:
    contracts = {token_address(asset.id) for asset in REGISTRY.assets}
    escrows = {address_of(one) for asset in REGISTRY.assets for one in asset.escrows}
    assert set() == escrows & contracts
