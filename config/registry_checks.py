"""Checks across the rows of the registry: what one row says about another must be true.

A wrong row is a wrong balance or a wrong coverage, so a registry that contradicts itself is
refused whole, at the first fault, and never used in part. The shape of a single row is the types'
business (`config.registry`); slots, rates and escrows have their own (`config.token_checks`). What
is not checked here is EIP-55: a keccak over every address would be paid at each start, so the
shipped rows are checked by the test, and an address given in input by its parser.

What `kind` says about the two instrument fields:

| kind | instrument | wraps |
|---|---|---|
| native: the chain's own coin | required | none |
| issued: by the party that owes it | required | none |
| wrapped: another issuer holds the thing and owes it at par | allowed | required |
| bridged: a contract on another chain holds the thing | none | required |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.caip import chain_of_asset
from config.errors import InputError
from config.row_checks import check_cited, require
from config.token_checks import check_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.caip import InstrumentId
    from config.registry import Asset, Chain, Instrument, Registry, UtxoFormat

CHAINS, ASSETS, INSTRUMENTS = "chains.toml", "assets.toml", "instruments.toml"
SYMBOL = re.compile(r"[a-z0-9][a-z0-9.-]*", re.ASCII)
MAX_DECIMALS = 36
"""ERC-20 allows 255; no token of value has more than 24, and powers of ten stay small."""
MAX_VERSION = 0xFFFF
"""Zcash alone writes two bytes before a hash."""
HASH_PREFIX = 32
"""CAIP-2 for bip122 is the first 32 hexadecimal digits of a block hash."""

_NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IDS = {
    # By family: its namespace and what a reference is; of the Bitcoin family its block hash tells.
    "evm": re.compile(r"eip155:[1-9][0-9]*", re.ASCII),
    "solana": re.compile(r"solana:[1-9A-HJ-NP-Za-km-z]{32}", re.ASCII),
    "tron": re.compile(r"tron:0x[0-9a-f]{8}", re.ASCII),
    "xrpl": re.compile(r"xrpl:(0|[1-9][0-9]*)", re.ASCII),
    "cosmos": re.compile(r"cosmos:[-a-zA-Z0-9]{1,32}", re.ASCII),
    "aptos": re.compile(r"aptos:[1-9][0-9]*", re.ASCII),
    "sui": re.compile(r"sui:[0-9a-f]{8}", re.ASCII),
    "ton": re.compile(r"tvm:-?[1-9][0-9]*", re.ASCII),
    "polkadot": re.compile(r"polkadot:[0-9a-f]{32}", re.ASCII),
    "cardano": re.compile(r"cip34:[01]-[0-9]+", re.ASCII),
    "stellar": re.compile(r"stellar:(pubnet|testnet)", re.ASCII),
}
_NATIVE = re.compile(r"slip44:(0|[1-9][0-9]*)", re.ASCII)
_TOKEN = re.compile(r"erc20:0x[0-9a-fA-F]{40}", re.ASCII)


def check_registry(registry: Registry) -> None:
    """Refuse a registry whose rows contradict each other.

    Raises:
        InputError: the first fault, with the file and the row's id.
    """
    require(bool(registry.chains), CHAINS, "chain", "no row")
    require(bool(registry.assets), ASSETS, "asset", "no row")
    require(bool(registry.instruments), INSTRUMENTS, "instrument", "no row")
    _check_unique(registry)
    known = {row.id for row in registry.instruments}
    for instrument in registry.instruments:
        _check_instrument(instrument)
    chains = {chain.id: chain for chain in registry.chains}
    for asset in registry.assets:
        chain = chains.get(chain_of_asset(asset.id))
        if chain is None:
            raise InputError.at(ASSETS, asset.id, "chain unknown")
        _check_asset(asset, chain, known)
    assets = {asset.id: asset for asset in registry.assets}
    for chain in registry.chains:
        _check_chain(chain, assets.get(chain.native))
    check_tokens(registry)


def _check_unique(registry: Registry) -> None:
    """Ids compare without case: two spellings of one contract would be counted twice."""
    _refuse_twice(CHAINS, "id", (chain.id for chain in registry.chains))
    _refuse_twice(CHAINS, "name", (chain.name for chain in registry.chains))
    _refuse_twice(ASSETS, "id", (asset.id.lower() for asset in registry.assets))
    symbols = (f"{chain_of_asset(asset.id)} {asset.symbol}" for asset in registry.assets)
    _refuse_twice(ASSETS, "symbol", symbols)
    _refuse_twice(INSTRUMENTS, "id", (row.id for row in registry.instruments))


def _check_chain(chain: Chain, native: Asset | None) -> None:
    where = chain.id
    require(_NAME.fullmatch(chain.name) is not None, CHAINS, where, f"bad name: {chain.name!r}")
    require(chain.confirmations >= 1, CHAINS, where, f"confirmations: {chain.confirmations}")
    check_cited(CHAINS, where, chain.source, chain.checked)
    if native is None or chain_of_asset(native.id) != chain.id:
        raise InputError.at(CHAINS, where, f"native asset has no row on the chain: {chain.native}")
    if _NATIVE.fullmatch(chain.native.partition("/")[2]) is None:
        raise InputError.at(CHAINS, where, f"native asset is not a slip44 asset: {chain.native}")
    if (chain.family == "utxo") != (chain.utxo is not None):
        raise InputError.at(CHAINS, where, f"family {chain.family} and table chain.utxo disagree")
    if chain.utxo is not None:
        _check_utxo(chain.id, chain.utxo)
    elif _IDS[chain.family].fullmatch(chain.id) is None:
        raise InputError.at(CHAINS, where, f"not an id of a chain of family {chain.family}")


def _check_work(where: str, row: UtxoFormat) -> None:
    """What says how headers are checked must be whole: half of a rule would check nothing."""
    if (row.proof_of_work == "unchecked") != (row.pow_limit is None):
        raise InputError.at(CHAINS, where, "proof_of_work and pow_limit go together")
    if row.retarget != "none" and row.pow_limit is None:
        raise InputError.at(CHAINS, where, f"retarget {row.retarget} without proof_of_work")
    if (row.checkpoint_height is None) != (row.checkpoint_hash is None):
        raise InputError.at(CHAINS, where, "checkpoint_height and checkpoint_hash go together")
    for field, digits in (("pow_limit", row.pow_limit), ("checkpoint_hash", row.checkpoint_hash)):
        shaped = digits is None or _HASH.fullmatch(digits) is not None
        require(shaped, CHAINS, where, f"{field} is not 64 hex digits in lower case: {digits!r}")
    height = row.checkpoint_height
    require(height is None or height > 0, CHAINS, where, f"checkpoint_height: {height}")


def _check_utxo(where: str, row: UtxoFormat) -> None:
    hashes = [row.genesis] if row.fork_hash is None else [row.genesis, row.fork_hash]
    for block in hashes:
        shaped = _HASH.fullmatch(block) is not None
        require(shaped, CHAINS, where, f"not a block hash in lower case: {block!r}")
    ids = [f"bip122:{block[:HASH_PREFIX]}" for block in hashes]
    require(where in ids, CHAINS, where, f"id is not of its block hashes: {' or '.join(ids)}")
    if (row.fork_height is None) != (row.fork_hash is None):
        raise InputError.at(CHAINS, where, "fork_height and fork_hash go together")
    for field, versions in (("p2pkh", row.p2pkh), ("p2sh", row.p2sh)):
        fits = bool(versions) and all(version in range(MAX_VERSION + 1) for version in versions)
        require(fits, CHAINS, where, f"{field} is not a list of one or two bytes: {versions}")
    require(row.message_header.endswith("\n"), CHAINS, where, "message_header has no line feed")
    require(row.coinbase_maturity >= 1, CHAINS, where, f"maturity: {row.coinbase_maturity}")
    _check_work(where, row)


def _check_asset(asset: Asset, chain: Chain, known: set[InstrumentId]) -> None:
    where = asset.id
    shape = asset.id.partition("/")[2]
    token = _TOKEN.fullmatch(shape) is not None and chain.family == "evm"
    if not token and asset.id != chain.native:
        raise InputError.at(ASSETS, where, f"neither a token nor the native asset {chain.native}")
    require(not (token and asset.kind == "native"), ASSETS, where, "a token of kind native")
    require(SYMBOL.fullmatch(asset.symbol) is not None, ASSETS, where, f"symbol {asset.symbol!r}")
    _check_decimals(ASSETS, where, asset.decimals)
    if bool(asset.issuer) != (asset.kind != "native"):
        raise InputError.at(
            ASSETS, where, f"kind {asset.kind} and issuer {asset.issuer!r} disagree"
        )
    own = asset.declared or asset.owes is not None
    require(not own, ASSETS, where, "declared or owes: only an entity's own file says so")
    check_cited(ASSETS, where, asset.source, asset.checked)
    for name in (asset.instrument, asset.wraps):
        require(name is None or name in known, ASSETS, where, f"instrument unknown: {name}")
    _check_kind(asset)


def _check_kind(asset: Asset) -> None:
    """Hold the table in the module's docstring."""
    own = asset.kind in {"native", "issued"}
    if own and asset.instrument is None:
        raise InputError.at(ASSETS, asset.id, f"kind {asset.kind} without instrument")
    if own == (asset.wraps is not None):
        fault = "with" if own else "without"
        raise InputError.at(ASSETS, asset.id, f"kind {asset.kind} {fault} wraps")
    if asset.kind == "bridged" and asset.instrument is not None:
        raise InputError.at(ASSETS, asset.id, f"kind bridged with instrument {asset.instrument}")
    if asset.wraps is not None and asset.wraps == asset.instrument:
        raise InputError.at(ASSETS, asset.id, f"wraps itself: {asset.wraps}")


def _check_instrument(row: Instrument) -> None:
    require(SYMBOL.fullmatch(row.id) is not None, INSTRUMENTS, row.id, "id is not lower case")
    _check_decimals(INSTRUMENTS, row.id, row.decimals)
    require(bool(row.source.strip()), INSTRUMENTS, row.id, "source is empty")
    require(not row.declared, INSTRUMENTS, row.id, "declared: only an entity's own file says so")


def _check_decimals(file: str, where: str, decimals: int) -> None:
    fits = 0 <= decimals <= MAX_DECIMALS
    require(fits, file, where, f"decimals: {decimals}, allowed are 0 to {MAX_DECIMALS}")


def _refuse_twice(file: str, what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise InputError.at(file, value, f"{what} given twice")
        seen.add(value)
