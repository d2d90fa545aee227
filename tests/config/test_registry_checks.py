"""Every check across rows, each by a change to a small registry that breaks it alone."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InputError
from config.registry import Registry
from config.registry_files import DATA_FILES, parse_registry

CHAIN = """
[[chain]]
id = "bip122:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
name = "coin"
title = "Coin"
family = "utxo"
network = "main"
native = "bip122:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/slip44:7"
confirmations = 6
source = "one"
checked = "two"
[chain.utxo]
genesis = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
p2pkh = [0]
p2sh = [5]
message_header = "Coin Signed Message:\\n"
fork_height = 9
fork_hash = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

[[chain]]
id = "eip155:7"
name = "seven"
title = "Seven"
family = "evm"
network = "main"
native = "eip155:7/slip44:60"
confirmations = 64
source = "one"
checked = "two"
"""
ASSET = """
[[asset]]
id = "bip122:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/slip44:7"
symbol = "coin"
decimals = 8
kind = "native"
issuer = ""
source = "one"
checked = "two"
instrument = "coin"

[[asset]]
id = "eip155:7/slip44:60"
symbol = "eth"
decimals = 18
kind = "bridged"
issuer = "bridge"
source = "one"
checked = "two"
wraps = "eth"

[[asset]]
id = "eip155:7/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3"
symbol = "wcoin"
decimals = 18
kind = "wrapped"
issuer = "custodian"
source = "one"
checked = "two"
instrument = "wcoin"
wraps = "coin"
"""
INSTRUMENT = """
[[instrument]]
id = "coin"
title = "Coin"
decimals = 8
source = "one"

[[instrument]]
id = "wcoin"
title = "Wrapped coin"
decimals = 18
source = "one"

[[instrument]]
id = "eth"
title = "Ether"
decimals = 18
source = "one"
"""
TEXTS = {
    "chains.toml": CHAIN,
    "assets.toml": ASSET,
    "instruments.toml": INSTRUMENT,
    "slots.toml": "slot = []\n",
    "forwarders.toml": "forwarder = []\n",
}
UTXO_TABLE = CHAIN[CHAIN.index("[chain.utxo]") : CHAIN.index('\n[[chain]]\nid = "eip155:7"')]
WCOIN = "eip155:7/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3"
COIN = "bip122:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

FAULTS = [
    ("chains.toml", CHAIN, "chain = []", "chain: no row"),
    ("assets.toml", ASSET, "asset = []", "asset: no row"),
    ("instruments.toml", INSTRUMENT, "instrument = []", "instrument: no row"),
    (
        "chains.toml",
        CHAIN,
        CHAIN + CHAIN[CHAIN.index('\n[[chain]]\nid = "eip') :],
        "id given twice",
    ),
    ("chains.toml", 'name = "seven"', 'name = "coin"', "coin: name given twice"),
    ("chains.toml", 'name = "seven"', 'name = "Seven"', "bad name: 'Seven'"),
    ("chains.toml", 'name = "seven"', 'name = "a:b"', "bad name: 'a:b'"),
    ("chains.toml", "confirmations = 64", "confirmations = 0", "confirmations: 0"),
    ("chains.toml", 'source = "one"', 'source = " "', "source is empty"),
    ("chains.toml", 'checked = "two"', 'checked = ""', "checked is empty"),
    ("chains.toml", 'checked = "two"', 'checked = "one"', "source and checked are one place"),
    ("chains.toml", "eip155:7/slip44:60", "eip155:7/slip44:61", "neither a token nor the native"),
    ("chains.toml", f"{COIN}/slip44:7", "eip155:7/slip44:60", "neither a token nor the native"),
    ("chains.toml", "eip155:7/slip44:60", WCOIN, "neither a token nor the native"),
    ("chains.toml", UTXO_TABLE, "", "family utxo and table chain.utxo disagree"),
    ("chains.toml", 'family = "utxo"', 'family = "evm"', "family evm and table chain.utxo"),
    ("chains.toml", "a" * 64, "A" * 64, "not a block hash in lower case"),
    ("chains.toml", "b" * 64, "b" * 63, "not a block hash in lower case"),
    ("chains.toml", "a" * 64, "c" * 64, "id is not of its block hashes"),
    ("chains.toml", "fork_height = 9\n", "", "fork_height and fork_hash go together"),
    ("chains.toml", "p2pkh = [0]", "p2pkh = []", "p2pkh is not a list of one or two bytes"),
    ("chains.toml", "p2sh = [5]", "p2sh = [65536]", "p2sh is not a list of"),
    ("chains.toml", "Message:\\n", "Message:", "message_header has no line feed"),
    ("chains.toml", "fork_height", "coinbase_maturity = 0\nfork_height", "maturity: 0"),
    (
        "chains.toml",
        "fork_height",
        'proof_of_work = "scrypt"\nfork_height',
        "proof_of_work and pow_limit go together",
    ),
    (
        "chains.toml",
        "fork_height",
        f'pow_limit = "{"f" * 64}"\nfork_height',
        "proof_of_work and pow_limit go together",
    ),
    (
        "chains.toml",
        "fork_height",
        'retarget = "bitcoin"\nfork_height',
        "retarget bitcoin without proof_of_work",
    ),
    (
        "chains.toml",
        "fork_height",
        f'proof_of_work = "scrypt"\npow_limit = "{"f" * 63}"\nfork_height',
        "pow_limit is not 64 hex digits",
    ),
    (
        "chains.toml",
        "fork_height",
        'proof_of_work = "sha512"\nfork_height',
        "chain.0.utxo.proof_of_work",
    ),
    (
        "chains.toml",
        "fork_height",
        "checkpoint_height = 5\nfork_height",
        "checkpoint_height and checkpoint_hash go together",
    ),
    (
        "chains.toml",
        "fork_height",
        f'checkpoint_height = 5\ncheckpoint_hash = "{"A" * 64}"\nfork_height',
        "checkpoint_hash is not 64 hex digits",
    ),
    (
        "chains.toml",
        "fork_height",
        f'checkpoint_height = 0\ncheckpoint_hash = "{"a" * 64}"\nfork_height',
        "checkpoint_height: 0",
    ),
    ("chains.toml", 'network = "main"', 'network = "beta"', "chain.0.network"),
    ("chains.toml", "confirmations = 64", 'confirmations = "64"', "chain.1.confirmations"),
    ("chains.toml", "confirmations = 64", "confirmations = 64.0", "float not allowed"),
    ("chains.toml", 'title = "Seven"', 'tittle = "Seven"', "chain.1"),
    ("assets.toml", ASSET, ASSET + ASSET[ASSET.rindex("[[asset]]") :], "id given twice"),
    ("assets.toml", ASSET, ASSET + ASSET[ASSET.rindex("[[asset]]") :].lower(), "id given twice"),
    ("assets.toml", 'symbol = "wcoin"', 'symbol = "eth"', "eip155:7 eth: symbol given twice"),
    ("assets.toml", 'symbol = "wcoin"', 'symbol = "wCoin"', "symbol 'wCoin'"),
    ("assets.toml", WCOIN, WCOIN.replace(":7/", ":8/"), "chain unknown"),
    ("assets.toml", WCOIN, WCOIN[:-1], "neither a token nor the native asset"),
    ("assets.toml", WCOIN, f"{COIN}/{WCOIN.partition('/')[2]}", "neither a token nor the native"),
    ("assets.toml", WCOIN, "eip155:7/slip44:61", "neither a token nor the native asset"),
    ("assets.toml", 'kind = "wrapped"', 'kind = "native"', "a token of kind native"),
    ("assets.toml", 'kind = "wrapped"', 'kind = "pegged"', "asset.2.kind"),
    ("assets.toml", "decimals = 8", "decimals = -1", "decimals: -1"),
    ("assets.toml", "decimals = 8", "decimals = 37", "decimals: 37"),
    ("assets.toml", 'issuer = ""', 'issuer = "bank"', "kind native and issuer 'bank' disagree"),
    ("assets.toml", 'issuer = "bridge"', 'issuer = ""', "kind bridged and issuer '' disagree"),
    ("assets.toml", 'checked = "two"', 'checked = "one"', "source and checked are one place"),
    ("assets.toml", 'instrument = "wcoin"', 'instrument = "gold"', "instrument unknown: gold"),
    ("assets.toml", 'wraps = "coin"', 'wraps = "gold"', "instrument unknown: gold"),
    ("assets.toml", '\ninstrument = "coin"', "", "kind native without instrument"),
    ("assets.toml", 'kind = "wrapped"', 'kind = "issued"', "kind issued with wraps"),
    ("assets.toml", 'wraps = "eth"', "", "kind bridged without wraps"),
    ("assets.toml", 'wraps = "coin"', "", "kind wrapped without wraps"),
    ("assets.toml", 'kind = "wrapped"', 'kind = "bridged"', "kind bridged with instrument wcoin"),
    ("assets.toml", 'wraps = "coin"', 'wraps = "wcoin"', "wraps itself: wcoin"),
    ("assets.toml", ASSET, ASSET[ASSET.index('[[asset]]\nid = "eip155:7/s') :], "has no row"),
    ("instruments.toml", 'id = "eth"', 'id = "coin"', "coin: id given twice"),
    ("instruments.toml", 'id = "eth"', 'id = "ETH"', "id is not lower case"),
    ("instruments.toml", "decimals = 8", "decimals = 99", "decimals: 99"),
    ("instruments.toml", 'source = "one"', 'source = ""', "source is empty"),
    ("instruments.toml", 'id = "eth"', 'id = "eth"\nid = "eth"', "not toml"),
]


def test_the_small_registry_is_sound() -> None:
    registry = parse_registry(TEXTS)
    expected = (2, 3, 3)
    assert expected == (len(registry.chains), len(registry.assets), len(registry.instruments))


@pytest.mark.parametrize(("file", "old", "new", "expected"), FAULTS)
def test_each_fault_is_refused(file: str, old: str, new: str, expected: str) -> None:
    assert old in TEXTS[file]
    changed = TEXTS | {file: TEXTS[file].replace(old, new, 1)}
    with pytest.raises(InputError, match=re.escape(expected)):
        parse_registry(changed)


def test_an_evm_id_is_a_number() -> None:
    changed = {name: text.replace("eip155:7", "eip155:x") for name, text in TEXTS.items()}
    with pytest.raises(InputError, match="not an id of a chain of family evm"):
        parse_registry(changed)


FAMILY_IDS = {
    "solana": ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "solana:mainnet"),
    "tron": ("tron:0x2b6653dc", "tron:728126428"),
    "xrpl": ("xrpl:0", "xrpl:00"),
    "cosmos": ("cosmos:cosmoshub-4", "cosmos:cosmoshub_4"),
    "aptos": ("aptos:1", "aptos:mainnet"),
    "sui": ("sui:35834a8a", "sui:35834A8A"),
    "ton": ("tvm:-239", "ton:-239"),
    "polkadot": ("polkadot:91b171bb158e2d3848fa23a9f1c25182", "polkadot:91b171bb"),
    "cardano": ("cip34:1-764824073", "cip34:764824073"),
    "stellar": ("stellar:pubnet", "stellar:public"),
}


@pytest.mark.parametrize("family", FAMILY_IDS)
def test_an_id_is_of_its_family(family: str) -> None:
    right, wrong = FAMILY_IDS[family]

    def texts(chain: str) -> dict[str, str]:
        changed = {name: text.replace("eip155:7", chain) for name, text in TEXTS.items()}
        token = ASSET[ASSET.rindex("[[asset]]") :].replace("eip155:7", chain)
        changed["assets.toml"] = changed["assets.toml"].replace(token, "")
        changed["chains.toml"] = changed["chains.toml"].replace('"evm"', f'"{family}"')
        return changed

    parse_registry(texts(right))
    with pytest.raises(InputError, match=f"not an id of a chain of family {family}"):
        parse_registry(texts(wrong))


def test_a_chain_without_contracts_has_no_token() -> None:
    changed = {name: text.replace("eip155:7", "aptos:1") for name, text in TEXTS.items()}
    changed["chains.toml"] = changed["chains.toml"].replace('"evm"', '"aptos"')
    with pytest.raises(InputError, match="neither a token nor the native asset"):
        parse_registry(changed)


def test_the_native_asset_is_not_a_token() -> None:
    chains = CHAIN.replace("eip155:7/slip44:60", WCOIN)
    assets = (
        ASSET[: ASSET.index('[[asset]]\nid = "eip155:7/s')] + ASSET[ASSET.rindex("[[asset]]") :]
    )
    with pytest.raises(InputError, match="native asset is not a slip44 asset"):
        parse_registry(TEXTS | {"chains.toml": chains, "assets.toml": assets})


def test_a_native_asset_lies_on_its_own_chain() -> None:
    chains = CHAIN.replace('native = "eip155:7/slip44:60"', f'native = "{COIN}/slip44:7"')
    assets = (
        ASSET[: ASSET.index('[[asset]]\nid = "eip155:7/s')] + ASSET[ASSET.rindex("[[asset]]") :]
    )
    with pytest.raises(InputError, match="native asset has no row on the chain"):
        parse_registry(TEXTS | {"chains.toml": chains, "assets.toml": assets})


@pytest.mark.parametrize("texts", [{}, {"chains.toml": CHAIN}, TEXTS | {"more.toml": ""}])
def test_the_files_are_exactly_four(texts: dict[str, str]) -> None:
    with pytest.raises(InputError, match="registry files: met"):
        parse_registry(texts)


def shipped() -> dict[str, str]:
    folder = resources.files("config") / "data"
    return {name: (folder / name).read_text("utf-8") for name in DATA_FILES}


@given(st.sampled_from(DATA_FILES), st.integers(0, 10**6), st.sampled_from(["", "x = 1.0", "]"]))
def test_a_shipped_file_with_one_line_changed_is_read_or_refused(
    file: str, at: int, line: str
) -> None:
    texts = shipped()
    lines = texts[file].splitlines()
    was, lines[at % len(lines)] = lines[at % len(lines)], line
    try:
        registry = parse_registry(texts | {file: "\n".join(lines)})
    except InputError:
        return
    assert isinstance(registry, Registry)
    assert line in {"", was}
