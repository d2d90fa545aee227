"""The registry: chains, assets and instruments as data, each row with its source.

The rows lie in `config/data/{chains,assets,instruments,slots}.toml`. A wrong contract address is a
wrong balance, so every row names where its facts were read (`source`) and a second place that
agreed (`checked`). Nothing here reads a chain.

An asset lies on a chain; an instrument is what customers are owed. An asset with `instrument` is
that instrument itself (same issuer). An asset with `wraps` is another issuer's or a bridge's claim
on it: it covers the instrument only if the declaration lists it, and is shown apart.

What a balance of a token means beyond that is said by the token's row: that it moves without a
transfer (`rebasing`), what its contract says it stands for (`rate`), and where lies what a bridge's
copy stands for (`escrows`). Where its balances lie in storage is a file of its own (`slots`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from config.caip import AccountId, AssetId, ChainId, InstrumentId, chain_of_asset
from config.errors import InputError
from config.feeds import Feed  # noqa: TC001 - the same
from config.forwarders import Forwarder  # noqa: TC001 - the same
from config.rates import Rate  # noqa: TC001 - the model reads the annotation at run time
from config.slots import Slot  # noqa: TC001 - the same
from config.strict import STRICT

if TYPE_CHECKING:
    from collections.abc import Mapping

Network = Literal["main", "test"]
FamilyName = Literal[
    "evm",
    "utxo",
    "solana",
    "tron",
    "xrpl",
    "cosmos",
    "aptos",
    "sui",
    "ton",
    "polkadot",
    "cardano",
    "stellar",
]
"""What chains have in common: how addresses are written, balances read, messages signed."""


@dataclass(frozen=True, slots=True, config=STRICT)
class UtxoFormat:
    """What differs between chains of the Bitcoin family in addresses and signed messages."""

    genesis: str
    """Block 0's hash in display order, 64 hex digits; the node's chain is checked against it."""
    p2pkh: tuple[int, ...]
    """Base58Check versions of pay-to-public-key-hash, of one byte or two (above 255); the first is
    written, all are read."""
    p2sh: tuple[int, ...]
    """Base58Check versions of pay-to-script-hash, likewise."""
    message_header: str
    """Text hashed before a signed message, such as `Bitcoin Signed Message:` and a line feed."""
    hrp: str | None = None
    """Human-readable part of segwit addresses (BIP-173); None if the chain has no segwit."""
    cashaddr: str | None = None
    """Prefix of cashaddr addresses; None if the chain has none."""
    taproot: bool = False
    """Whether version 1 witness programs (BIP-341) are active."""
    fork_height: int | None = None
    """Height of the first block that only this chain has, where it shares another's genesis."""
    fork_hash: str | None = None
    """Hash of that block in display order."""
    signature_hash: Literal["bitcoin", "own"] = "bitcoin"
    """What a transaction's signatures are over: as on Bitcoin, or by rules that are not known here,
    so that no signature of a transaction can be checked."""
    coinbase_maturity: int = 100
    """Depth below which a coinbase coin cannot be spent, in blocks."""
    proof_of_work: Literal["sha256d", "scrypt", "unchecked"] = "unchecked"
    """The hash that must be below a header's target; `unchecked` where 80 bytes do not show it."""
    pow_limit: str | None = None
    """The highest target that a header may have, 64 hex digits; none only if work is unchecked."""
    retarget: Literal["bitcoin", "litecoin", "none"] = "none"
    """How a target follows from the headers before it; `none`: any up to the limit is taken."""
    checkpoint_height: int | None = None
    """Height of a block long settled, by which a run of headers is held against this chain."""
    checkpoint_hash: str | None = None
    """Hash of that block in display order."""

    @property
    def known_blocks(self) -> tuple[tuple[int, str], ...]:
        """Heights and hashes by which this chain is told from others: the first, and the fork's."""
        if self.fork_height is None or self.fork_hash is None:
            return ((0, self.genesis),)
        return (0, self.genesis), (self.fork_height, self.fork_hash)

    def __hash__(self) -> int:
        """Hash few fields: equal formats have them equal, and rows are looked up by formats."""
        return hash((self.genesis, self.message_header))


@dataclass(frozen=True, slots=True, config=STRICT)
class Chain:
    """A chain this tool knows."""

    id: ChainId
    name: str
    """Short name accepted in input: `bitcoin`, `ethereum`."""
    title: str
    """Name for people."""
    family: FamilyName
    network: Network
    native: AssetId
    confirmations: int
    """Depth at which a pin is held to be final, in blocks; evm chains that serve the `finalized`
    tag use that."""
    source: str
    checked: str
    finality: Literal["tag", "depth"] = "tag"
    """How an EVM chain says what is final: the `finalized` tag of its nodes, or depth alone. A
    development node serves a tag that means nothing."""
    block_opcodes: Literal["own", "foreign"] = "own"
    """Whether NUMBER and BLOCKHASH in an EVM contract speak of this chain; on some rollups they
    speak of the chain below."""
    state_trie: Literal["ethereum", "unknown"] = "unknown"
    """`ethereum`: a block's fields hash to its name and its state root is that of Ethereum's trie,
    so a header or state proof that does not fit is a fault. `unknown`: what fits counts, what does
    not says nothing."""
    utxo: UtxoFormat | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class Asset:
    """Something that lies on a chain."""

    id: AssetId
    symbol: str
    """Lower case, unique on its chain; accepted in the `assets` column."""
    decimals: int
    kind: Literal["native", "issued", "wrapped", "bridged"]
    issuer: str
    """Who owes it; empty for a chain's own coin."""
    source: str
    checked: str
    instrument: InstrumentId | None = None
    """The instrument this asset is; None if it only stands for another."""
    wraps: InstrumentId | None = None
    """The instrument this asset stands for, by another issuer or a bridge."""
    rebasing: bool = False
    """Whether balances change without a transfer: what is in storage is a share, and `balanceOf`
    multiplies it."""
    rate: Rate | None = None
    """What the token's own contract says it stands for."""
    escrows: tuple[AccountId, ...] = ()
    """Accounts on another chain that hold what a bridged asset stands for. What lies in them is
    owed to the holders of the copy: the same value, once."""
    escrows_source: str = ""
    """Where the escrows were read; given exactly if there are some."""
    declared: bool = False
    """Whether the entity declares it itself (`config.books.assets`); no file of the registry may
    say so."""
    owes: InstrumentId | None = None
    """Of a declared debt token: what an account that holds it owes. It is no `instrument`, so that
    nothing which adds up holdings can take it for one."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Instrument:
    """What customers can be owed."""

    id: InstrumentId
    title: str
    decimals: int
    """Decimal places in which a liability may be stated."""
    source: str
    declared: bool = False
    """Whether the entity declares it itself; no file of the registry may say so."""
    money: bool = False
    """Whether it is money, by its ISO 4217 code, and no crypto asset."""


@dataclass(frozen=True, config=STRICT)
class Registry:
    """All rows, in file order."""

    chains: tuple[Chain, ...]
    assets: tuple[Asset, ...]
    instruments: tuple[Instrument, ...]
    slots: tuple[Slot, ...] = ()
    forwarders: tuple[Forwarder, ...] = ()
    feeds: tuple[Feed, ...] = ()

    def chain(self, name: str) -> Chain:
        """Find a chain by CAIP-2 id or short name; raise InputError if it is unknown."""
        chain = self.chains_by_name.get(name)
        if chain is None:
            known = ", ".join(chain.name for chain in self.chains)
            raise InputError(f"unknown chain: {name!r}", f"known chains: {known}")
        return chain

    @cached_property
    def chains_by_name(self) -> Mapping[str, Chain]:
        """Each chain by its CAIP-2 id and by its short name."""
        return {name: chain for chain in self.chains for name in (chain.id, chain.name)}

    def asset(self, asset: AssetId) -> Asset:
        """Find an asset by CAIP-19 id; raise InputError if it is unknown."""
        for row in self.assets:
            if row.id == asset:
                return row
        raise InputError(f"unknown asset: {asset!r}")

    def instrument(self, instrument: str) -> Instrument:
        """Find an instrument by its id; raise InputError if it is unknown."""
        for row in self.instruments:
            if row.id == instrument:
                return row
        known = ", ".join(row.id for row in self.instruments)
        raise InputError(f"unknown instrument: {instrument!r}", f"known instruments: {known}")

    def assets_on(self, chain: ChainId) -> tuple[Asset, ...]:
        """List the assets that lie on a chain, in registry order."""
        return tuple(asset for asset in self.assets if chain_of_asset(asset.id) == chain)

    def slot(self, asset: AssetId) -> Slot | None:
        """Give where a token keeps its balances; None if no row says so."""
        return next((slot for slot in self.slots if slot.asset == asset), None)
