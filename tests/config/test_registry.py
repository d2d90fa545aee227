"""The shipped registry, held against facts written out here.

Genesis fields are those of the chains' own source (`src/kernel/chainparams.cpp` of bitcoin/bitcoin
284c42a3, `src/chainparams.cpp` of litecoin-project/litecoin 17f16cef and of dogecoin/dogecoin
d0902798); the hash is computed here, so a wrong digit in either place fails.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import base58
import pytest
import rlp  # type: ignore[import-untyped]  # ships no types; used here to derive two addresses
from eth_hash.auto import keccak

from chains.families import reads_balances
from config.caip import chain_of_asset, token_address
from config.errors import InputError
from config.registry_files import load_registry

if TYPE_CHECKING:
    from config.registry import Asset

REGISTRY = load_registry()
VECTORS = Path(__file__).parents[1] / "vectors"
TOKENS = tuple(asset for asset in REGISTRY.assets if token_address(asset.id) is not None)
FIRST_ACCOUNT = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")
"""The first account of anvil's default mnemonic."""

FEW_LETTERS = {
    "0x4200000000000000000000000000000000000006",
    "0x4200000000000000000000000000000000000042",
    "0x55d398326f99059ff775485246999027b3197955",
    "0x5947bb275c521040051d82396192181b413227a3",
}
"""Addresses with fewer than eight letters: EIP-55 would let many a wrong digit pass in them."""

BITCOIN_ROOT = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
TESTNET4_ROOT = "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e"
LITECOIN_ROOT = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9"
DOGECOIN_ROOT = "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69"
GENESIS = {
    "bitcoin": (BITCOIN_ROOT, 1231006505, 0x1D00FFFF, 2083236893),
    "bitcoincash": (BITCOIN_ROOT, 1231006505, 0x1D00FFFF, 2083236893),
    "bitcoin-testnet4": (TESTNET4_ROOT, 1714777860, 0x1D00FFFF, 393743547),
    "bitcoin-signet": (BITCOIN_ROOT, 1598918400, 0x1E0377AE, 52613770),
    "bitcoin-regtest": (BITCOIN_ROOT, 1296688602, 0x207FFFFF, 2),
    "litecoin": (LITECOIN_ROOT, 1317972665, 0x1E0FFFF0, 2084524493),
    "litecoin-regtest": (LITECOIN_ROOT, 1296688602, 0x207FFFFF, 0),
    "dogecoin": (DOGECOIN_ROOT, 1386325540, 0x1E0FFFF0, 99943),
    "dogecoin-regtest": (DOGECOIN_ROOT, 1296688602, 0x207FFFFF, 2),
}


def is_eip55(address: str) -> bool:
    """EIP-55, written anew: a letter is upper case where the hash has a digit of 8 or more."""
    lower = address[2:].lower()
    digest = keccak(lower.encode()).hex()
    pairs = zip(lower, digest, strict=False)
    return address[2:] == "".join(c.upper() if int(d, 16) >= 8 else c for c, d in pairs)


def address_of(asset: Asset) -> str:
    address = token_address(asset.id)
    assert address is not None
    return address


def on(chain: str) -> dict[str, Asset]:
    return {asset.symbol: asset for asset in REGISTRY.assets_on(REGISTRY.chain(chain).id)}


def chains_with(instrument: str) -> set[str]:
    rows = [asset for asset in REGISTRY.assets if asset.instrument == instrument]
    return {REGISTRY.chain(chain_of_asset(asset.id)).name for asset in rows}


def test_chain_names_and_ids() -> None:
    expected = {
        "bitcoin": "bip122:000000000019d6689c085ae165831e93",
        "litecoin": "bip122:12a765e31ffd4059bada1e25190f6e98",
        "dogecoin": "bip122:1a91e3dace36e2be3bf030a65679fe82",
        "bitcoincash": "bip122:000000000000000000651ef99cb9fcbe",
        "dash": "bip122:00000ffd590b1485b3caadc19b22e637",
        "zcash": "bip122:00040fe8ec8471911baa1db1266ea15d",
        "bitcoin-testnet4": "bip122:00000000da84f2bafbbc53dee25a72ae",
        "bitcoin-signet": "bip122:00000008819873e925422c1ff0f99f7c",
        "bitcoin-regtest": "bip122:0f9188f13cb7b2c71f2a335e3a4fc328",
        "litecoin-regtest": "bip122:530827f38f93b43ed12af0b3ad25a288",
        "dogecoin-regtest": "bip122:3d2160a3b5dc4a9d62e7e66a295f7031",
        "ethereum": "eip155:1",
        "bnb": "eip155:56",
        "base": "eip155:8453",
        "arbitrum": "eip155:42161",
        "hyperevm": "eip155:999",
        "polygon": "eip155:137",
        "plasma": "eip155:9745",
        "avalanche": "eip155:43114",
        "monad": "eip155:143",
        "optimism": "eip155:10",
        "mantle": "eip155:5000",
        "linea": "eip155:59144",
        "xlayer": "eip155:196",
        "solana": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        "tron": "tron:0x2b6653dc",
        "xrpl": "xrpl:0",
        "cosmos": "cosmos:cosmoshub-4",
        "aptos": "aptos:1",
        "sui": "sui:35834a8a",
        "ton": "tvm:-239",
        "polkadot": "polkadot:91b171bb158e2d3848fa23a9f1c25182",
        "cardano": "cip34:1-764824073",
        "stellar": "stellar:pubnet",
        "sepolia": "eip155:11155111",
        "anvil": "eip155:31337",
    }
    assert expected == {chain.name: chain.id for chain in REGISTRY.chains}


def test_test_networks_are_exactly_these() -> None:
    expected = {"sepolia", "anvil", *(name for name in GENESIS if "-" in name)}
    assert expected == {chain.name for chain in REGISTRY.chains if chain.network == "test"}


def test_size() -> None:
    evm = [row for row in REGISTRY.chains if row.family == "evm" and row.network == "main"]
    ethereum = [token for token in TOKENS if token.id.startswith("eip155:1/")]
    assert len(evm) >= 10
    assert len(ethereum) >= 30


@pytest.mark.parametrize("name", sorted(GENESIS))
def test_genesis_is_the_hash_of_its_header(name: str) -> None:
    root, time, bits, nonce = GENESIS[name]
    root_bytes = bytes.fromhex(root)[::-1]
    header = struct.pack("<i", 1) + bytes(32) + root_bytes + struct.pack("<III", time, bits, nonce)
    block = hashlib.sha256(hashlib.sha256(header).digest()).digest()[::-1].hex()
    form = REGISTRY.chain(name).utxo
    assert form is not None
    assert block == form.genesis


OTHER_HASH = {"dash", "zcash"}
"""Their headers are hashed with X11, and hold an Equihash solution."""


def test_every_utxo_chain_has_its_genesis_checked() -> None:
    utxo = {chain.name for chain in REGISTRY.chains if chain.family == "utxo"}
    assert set(GENESIS) == utxo - OTHER_HASH


def test_message_headers_and_versions_are_those_of_a_device() -> None:
    coins = json.loads((VECTORS / "coin-message-headers.json").read_text())["vectors"]
    by_coin = {row["slip44"]: row for row in coins}
    for chain in REGISTRY.chains:
        form = chain.utxo
        coin = by_coin.get(int(chain.native.rpartition(":")[2]))
        if form is None or coin is None or chain.network == "test":
            continue
        assert form.message_header == coin["signed_message_header"]
        assert form.p2pkh[0] == coin["address_type"]
        assert form.p2sh[0] == coin["address_type_p2sh"]
        assert form.hrp == coin["bech32_prefix"]
        assert form.cashaddr == coin["cashaddr_prefix"]


def test_what_has_no_balances_to_read() -> None:
    unread = {chain.name: chain.family for chain in REGISTRY.chains if not reads_balances(chain)}
    assert {"evm", "utxo"} & set(unread.values()) == set()
    assert 10 == len(unread)
    assert all(name == family for name, family in unread.items())


def test_sui_is_named_by_its_genesis_checkpoint() -> None:
    digest = base58.b58decode("4btiuiMPvEENsttpZC7CZ53DruC3MAgfznDbASZ7DR6S")
    assert f"sui:{digest[:4].hex()}" == REGISTRY.chain("sui").id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bitcoin", ((0,), (5,), "bc", None, True, 100, 6)),
        ("litecoin", ((48,), (50, 5), "ltc", None, True, 100, 12)),
        ("dogecoin", ((30,), (22,), None, None, False, 240, 40)),
        ("bitcoincash", ((0,), (5,), None, "bitcoincash", False, 100, 15)),
        ("dash", ((76,), (16,), None, None, False, 100, 6)),
        ("zcash", ((7352,), (7357,), None, None, False, 100, 24)),
        ("bitcoin-testnet4", ((111,), (196,), "tb", None, True, 100, 6)),
        ("bitcoin-signet", ((111,), (196,), "tb", None, True, 100, 6)),
        ("bitcoin-regtest", ((111,), (196,), "bcrt", None, True, 100, 1)),
        # litecoind 0.21.2.1 -regtest writes version 58 and reads 58 and 196.
        ("litecoin-regtest", ((111,), (58, 196), "rltc", None, True, 100, 1)),
        ("dogecoin-regtest", ((111,), (196,), None, None, False, 60, 1)),
    ],
)
def test_utxo_formats(name: str, expected: tuple[object, ...]) -> None:
    chain = REGISTRY.chain(name)
    form = chain.utxo
    assert form is not None
    address = (form.p2pkh, form.p2sh, form.hrp, form.cashaddr, form.taproot)
    assert expected == (*address, form.coinbase_maturity, chain.confirmations)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bitcoin", ("sha256d", 32, "bitcoin", 910_000)),
        ("litecoin", ("scrypt", 20, "litecoin", None)),
        ("dogecoin", ("unchecked", None, "none", None)),
        ("bitcoincash", ("sha256d", 32, "none", None)),
        ("dash", ("unchecked", None, "none", None)),
        ("zcash", ("unchecked", None, "none", None)),
        ("bitcoin-testnet4", ("sha256d", 32, "none", None)),
        ("bitcoin-signet", ("sha256d", 22, "none", None)),
        ("bitcoin-regtest", ("sha256d", 1, "none", None)),
        ("litecoin-regtest", ("scrypt", 1, "none", None)),
        ("dogecoin-regtest", ("unchecked", None, "none", None)),
    ],
)
def test_rules_of_work(name: str, expected: tuple[object, ...]) -> None:
    form = REGISTRY.chain(name).utxo
    assert form is not None
    zeros = None if form.pow_limit is None else 256 - int(form.pow_limit, 16).bit_length()
    assert expected == (form.proof_of_work, zeros, form.retarget, form.checkpoint_height)


@pytest.mark.parametrize("name", sorted(GENESIS))
def test_genesis_bits_are_of_the_limit(name: str) -> None:
    """The first block has the easiest target there is, or close to it."""
    form = REGISTRY.chain(name).utxo
    assert form is not None
    if form.pow_limit is None:
        return
    bits = GENESIS[name][2]
    target = (bits & 0xFFFFFF) << 8 * ((bits >> 24) - 3)
    limit = int(form.pow_limit, 16)
    assert target <= limit < target + (target >> 15)


def test_formats_agree_with_a_wallet_s_definitions() -> None:
    text = (Path(__file__).parents[1] / "vectors/coin-message-headers.json").read_text("utf-8")
    coins = {coin["coin_name"]: coin for coin in json.loads(text)["vectors"]}
    names = {"bitcoin": "Bitcoin", "litecoin": "Litecoin", "dogecoin": "Dogecoin"}
    names |= {"bitcoincash": "Bcash", "bitcoin-testnet4": "Testnet", "bitcoin-signet": "Testnet"}
    for name, coin_name in names.items():
        form, coin = REGISTRY.chain(name).utxo, coins[coin_name]
        assert form is not None
        written = (form.p2pkh[0], form.p2sh[0], form.hrp, form.cashaddr, form.message_header)
        fields = ("address_type", "address_type_p2sh", "bech32_prefix", "cashaddr_prefix")
        expected = (*(coin[field] for field in fields), coin["signed_message_header"])
        assert expected == written


def test_a_test_chain_signs_messages_as_its_main_chain() -> None:
    for chain in REGISTRY.chains:
        main = REGISTRY.chain(chain.name.partition("-")[0])
        if chain.utxo is not None and main.utxo is not None:
            assert main.utxo.message_header == chain.utxo.message_header


def test_bitcoin_and_bitcoincash_are_told_apart_by_the_fork_block() -> None:
    bitcoin, cash = REGISTRY.chain("bitcoin").utxo, REGISTRY.chain("bitcoincash").utxo
    assert bitcoin is not None
    assert cash is not None
    assert bitcoin.genesis == cash.genesis
    expected = (
        (478559, "00000000000000000019f112ec0a9982926f1258cdcc558dd7c3b7e5dc7fa148"),
        (478559, "000000000000000000651ef99cb9fcbe0dadde1d424bd9f15ff20136191a5eec"),
    )
    found = ((bitcoin.fork_height, bitcoin.fork_hash), (cash.fork_height, cash.fork_hash))
    assert expected == found


def test_native_assets() -> None:
    expected = {
        "ethereum": ("eth", "60"),
        "bnb": ("bnb", "714"),
        "polygon": ("pol", "966"),
        "avalanche": ("avax", "9005"),
        "hyperevm": ("hype", "2457"),
        "monad": ("mon", "268435779"),
        "plasma": ("xpl", str(0x80000000 | 9745)),
        "mantle": ("mnt", str(0x80000000 | 5000)),
        "xlayer": ("okb", str(0x80000000 | 196)),
        "sepolia": ("eth", "1"),
        "anvil": ("eth", "60"),
    }
    evm = [chain for chain in REGISTRY.chains if chain.family == "evm"]
    rows = {chain.name: REGISTRY.asset(chain.native) for chain in evm}
    found = {
        name: (row.instrument, row.id.rpartition(":")[2])
        for name, row in rows.items()
        if row.kind == "native"
    }
    assert expected == found
    rollups = {name: row for name, row in rows.items() if row.kind == "bridged"}
    wanted = dict.fromkeys(("base", "arbitrum", "optimism", "linea"), ("eth", None))
    assert wanted == {name: (row.wraps, row.instrument) for name, row in rollups.items()}


def test_every_token_address_is_eip55() -> None:
    wrong = [token.id for token in TOKENS if not is_eip55(address_of(token))]
    assert not wrong


def test_a_letter_of_the_other_case_is_caught_in_every_address() -> None:
    for token in TOKENS:
        address = address_of(token)
        for at, letter in enumerate(address[2:], start=2):
            if letter.isalpha():
                changed = address[:at] + letter.swapcase() + address[at + 1 :]
                assert not is_eip55(changed), changed


def test_a_wrong_digit_is_caught_but_for_chance() -> None:
    """A letter carries one bit of EIP-55: of 15 letters, one wrong digit in thousands passes."""
    tried, missed = 0, 0
    for address in (address_of(token) for token in TOKENS):
        if address.lower() not in FEW_LETTERS:
            for at, digit in enumerate(address[2:], start=2):
                other = format((int(digit, 16) + 1) % 16, "x")
                tried += 1
                missed += is_eip55(address[:at] + other + address[at + 1 :])
    assert tried > 5000
    assert missed <= 2


def test_addresses_that_eip55_hardly_protects_are_written_out_here() -> None:
    addresses = [address_of(token).lower() for token in TOKENS]
    few = {address for address in addresses if sum(map(str.isalpha, address[2:])) < 8}
    assert few == FEW_LETTERS


@pytest.mark.parametrize(("symbol", "nonce"), [("usdt", 0), ("usdc", 1)])
def test_test_tokens_lie_where_the_first_account_deploys(symbol: str, nonce: int) -> None:
    derived = "0x" + keccak(rlp.encode([FIRST_ACCOUNT, nonce]))[-20:].hex()
    token = on("anvil")[symbol]
    assert derived == address_of(token).lower()
    assert (6, symbol, "test token") == (token.decimals, token.instrument, token.issuer)


def test_tether_issues_on_exactly_these_chains() -> None:
    expected = {"ethereum", "avalanche", "anvil"}
    assert expected == chains_with("usdt")


def test_circle_issues_on_exactly_these_chains() -> None:
    expected = {"ethereum", "base", "arbitrum", "hyperevm", "polygon", "plasma", "avalanche"}
    expected |= {"monad", "optimism", "linea", "xlayer", "anvil"}
    assert expected == chains_with("usdc")


def test_a_pegged_copy_is_not_the_instrument_and_has_its_own_decimals() -> None:
    for symbol, decimals in (("usdt", 18), ("usdc", 18), ("btcb", 18), ("doge", 8)):
        token = on("bnb")[symbol]
        assert ("wrapped", None, decimals) == (token.kind, token.instrument, token.decimals)


def test_a_token_that_is_not_redeemed_at_par_wraps_nothing() -> None:
    for symbol in ("wsteth", "reth", "cbeth", "wbeth", "weeth", "meth"):
        assert on("ethereum")[symbol].wraps is None
    expected = {"steth": ("steth", "eth"), "weth": ("weth", "eth"), "wbtc": ("wbtc", "btc")}
    rows = {symbol: on("ethereum")[symbol] for symbol in expected}
    assert expected == {symbol: (row.instrument, row.wraps) for symbol, row in rows.items()}


def test_money_has_the_minor_units_of_iso_4217() -> None:
    expected = {"usd": 2, "eur": 2, "jpy": 0, "krw": 0, "idr": 2, "huf": 2, "kwd": 3}
    assert expected == {name: REGISTRY.instrument(name).decimals for name in expected}


def test_every_instrument_is_money_or_has_an_asset() -> None:
    held = {asset.instrument for asset in REGISTRY.assets}
    rest = [row for row in REGISTRY.instruments if row.id not in held]
    expected = {"ISO 4217 list one, 2024-06-25"}
    assert expected == {row.source for row in rest}


def test_an_instrument_of_a_coin_names_an_asset_of_the_same_decimals() -> None:
    assets = {f"asset {asset.id}": asset for asset in REGISTRY.assets}
    for row in REGISTRY.instruments:
        if not row.source.startswith("ISO 4217"):
            asset = assets[row.source]
            assert (row.id, row.decimals) == (asset.instrument, asset.decimals)


def test_looking_up() -> None:
    assert REGISTRY.chain("eip155:1") == REGISTRY.chain("ethereum")
    usdt = on("ethereum")["usdt"]
    assert usdt == REGISTRY.asset(usdt.id)
    for fault in (
        lambda: REGISTRY.chain("etherum"),
        lambda: REGISTRY.instrument("usdtt"),
        lambda: REGISTRY.asset(REGISTRY.assets[0].id[:-1]),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError, match="unknown"):
            fault()
