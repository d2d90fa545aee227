"""assets.toml: assets and instruments that the registry does not have, and what is not compared.

    [[instrument]]
    id = "gamepoint"
    title = "Game Point"
    decimals = 8

    [[asset]]
    chain = "ethereum"
    contract = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
    symbol = "gp"
    decimals = 18
    instrument = "gamepoint"
    code_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    [[asset]]
    chain = "ethereum"
    contract = "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"
    symbol = "debt-usdt"
    decimals = 6
    instrument = "usdt"
    code_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    debt = true

    [[out]]
    instrument = "xrp"
    reason = "its chain is not read"

An asset declared here can stand for an instrument declared here and for no other: a token of
anybody's making must never become dollars or bitcoin. The one exception lessens: a debt token
(`debt = true`) is owed by whoever holds it, so it may be owed in an instrument of the registry, and
its row has that under `owes` and nothing under `instrument`.

`decimals` and `code_sha256`, the SHA-256 of the runtime code at the contract, are the entity's
word; `expectations` says what to ask of the chain at the pin, and a contract that answers otherwise
is not the one declared. The digest is of that code alone: a proxy's is the same whatever stands
behind it.

`[[out]]` takes an instrument of liabilities.csv out of the comparison, with a reason that is shown;
every other one is in it. Refused besides what every file is refused for: an id or contract that the
registry has, in whatever case; a symbol taken on its chain, or that is an instrument's name of the
registry; a chain that is not of the EVM family, or of the other network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass as model

from config.accounts import check_network
from config.books.document import Sha256  # noqa: TC001 - the model reads it at run time
from config.books.tables import Table, open_tables, places, refuse_twice
from config.caip import AssetId, InstrumentId, account_id, chain_of_asset
from config.declaration import Name  # noqa: TC001 - the same
from config.errors import InputError, shown
from config.registry import Asset, Instrument
from config.registry_checks import MAX_DECIMALS, SYMBOL
from config.strict import STRICT

if TYPE_CHECKING:
    from config.books.cells import Reading
    from config.caip import AccountId
    from config.registry import Chain, Registry

DECIMALS_CALL = "0x313ce567"
"""The selector of ERC-20's `decimals()`: the first four bytes of its Keccak-256."""
OWN_SOURCE = "declared by the entity"
"""What stands where a registry row cites its sources."""
MAX_ID = 40
"""Characters of an instrument's id or an asset's symbol."""


@model(frozen=True, slots=True, config=STRICT)
class _InstrumentRow:
    id: str
    title: Name
    decimals: int


@model(frozen=True, slots=True, config=STRICT)
class _AssetRow:
    chain: Name
    contract: Name
    symbol: str
    decimals: int
    instrument: str
    code_sha256: Sha256
    debt: bool = False


@model(frozen=True, slots=True, config=STRICT)
class _OutRow:
    instrument: str
    reason: Name


@model(frozen=True, slots=True, config=STRICT)
class _File:
    instrument: tuple[_InstrumentRow, ...] = ()
    asset: tuple[_AssetRow, ...] = ()
    out: tuple[_OutRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnAsset:
    """A token that the entity declares."""

    row: Asset
    """As it stands in the registry, once it is added."""
    contract: AccountId
    code_sha256: str
    """Lower-case hex, of the runtime code at the contract."""


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """An instrument that is owed and not compared."""

    instrument: InstrumentId
    reason: str


@dataclass(frozen=True, slots=True)
class OwnAssets:
    """The whole file."""

    instruments: tuple[Instrument, ...]
    assets: tuple[OwnAsset, ...]
    out: tuple[OutOfScope, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a declared contract must answer at the pin."""

    kind: Literal["code", "call"]
    contract: AccountId
    data: str
    """The call's data as 0x hex; empty for `code`."""
    expected: str
    """Of `code` the SHA-256 of the answer's bytes, lower-case hex; of `call` the whole answer as
    0x hex."""


def expectations(own: OwnAssets) -> tuple[Expectation, ...]:
    """List what is to be asked of the chains about the declared contracts: code, then decimals."""
    return tuple(
        one
        for asset in own.assets
        for one in (
            Expectation("code", asset.contract, "", asset.code_sha256),
            # The ABI pads an integer to 32 bytes.
            Expectation("call", asset.contract, DECIMALS_CALL, f"0x{asset.row.decimals:064x}"),
        )
    )


def with_own_assets(registry: Registry, own: OwnAssets) -> Registry:
    """Give the registry with the declared rows after its own."""
    return replace(
        registry,
        assets=(*registry.assets, *(one.row for one in own.assets)),
        instruments=(*registry.instruments, *own.instruments),
    )


def parse_own_assets(data: bytes, name: str, reading: Reading) -> OwnAssets:
    """Read assets.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        reading: the registry as it is without this file, address parsers and network.

    Raises:
        InputError: as the module says, with the key path.
    """
    file = open_tables(_File, data, name)
    if not (file.instrument or file.asset or file.out):
        raise InputError.at(name, "", "no instrument, asset or out", "leave the file out")
    instruments = _instruments(file, name, reading.registry)
    known = replace(reading.registry, instruments=(*reading.registry.instruments, *instruments))
    return OwnAssets(
        instruments,
        _assets(file, name, replace(reading, registry=known)),
        _out(file, name, known),
    )


def _instruments(file: _File, name: str, registry: Registry) -> tuple[Instrument, ...]:
    tables = places(name, "instrument", file.instrument)
    taken = {row.id for row in registry.instruments}
    for table, row in zip(tables, file.instrument, strict=True):
        _check_word(table, "id", row.id)
        _check_decimals(table, row.decimals)
        if row.id in taken:
            raise table.error("id", f"the registry has it: {row.id}")
    refuse_twice(tables, "id", [row.id for row in file.instrument])
    return tuple(
        Instrument(InstrumentId(row.id), row.title, row.decimals, OWN_SOURCE, declared=True)
        for row in file.instrument
    )


def _assets(file: _File, name: str, reading: Reading) -> tuple[OwnAsset, ...]:
    tables = places(name, "asset", file.asset)
    found = tuple(
        _asset(table, row, reading) for table, row in zip(tables, file.asset, strict=True)
    )
    refuse_twice(tables, "contract", [one.row.id for one in found])
    refuse_twice(tables, "symbol", [(chain_of_asset(one.row.id), one.row.symbol) for one in found])
    return found


def _asset(table: Table, row: _AssetRow, reading: Reading) -> OwnAsset:
    chain = table.read("chain", reading.registry.chain, row.chain)
    table.read("chain", check_network, chain, reading.network)
    if chain.family != "evm":
        raise table.error("chain", f"{chain.name} is of family {chain.family}, not evm")
    address = table.read("contract", reading.addresses.canonical, chain, row.contract)
    asset = AssetId(f"{chain.id}/erc20:{address}")
    _check_free(table, row, chain, asset, reading.registry)
    _check_decimals(table, row.decimals)
    instrument = table.read("instrument", reading.registry.instrument, row.instrument)
    if not (instrument.declared or row.debt):
        hint = "declare an [[instrument]] of your own for it"
        raise table.error("instrument", f"of the registry: {instrument.id}", hint)
    return OwnAsset(
        Asset(
            id=asset,
            symbol=row.symbol,
            decimals=row.decimals,
            kind="issued",
            issuer=OWN_SOURCE,
            source=OWN_SOURCE,
            checked=OWN_SOURCE,
            instrument=None if row.debt else instrument.id,
            owes=instrument.id if row.debt else None,
            declared=True,
        ),
        account_id(chain.id, address),
        row.code_sha256,
    )


def _check_free(
    table: Table, row: _AssetRow, chain: Chain, asset: AssetId, registry: Registry
) -> None:
    """Refuse a contract that the registry has, and a symbol that is another's."""
    _check_word(table, "symbol", row.symbol)
    for other in registry.assets_on(chain.id):
        if other.id.lower() == asset.lower():
            raise table.error("contract", f"the registry has it: {other.id} is {other.symbol}")
        if other.symbol == row.symbol:
            raise table.error("symbol", f"{row.symbol} on {chain.name} is {other.id}")
    if any(one.id == row.symbol and not one.declared for one in registry.instruments):
        raise table.error("symbol", f"{row.symbol} is an instrument of the registry")


def _out(file: _File, name: str, registry: Registry) -> tuple[OutOfScope, ...]:
    tables = places(name, "out", file.out)
    found = tuple(
        OutOfScope(table.read("instrument", registry.instrument, row.instrument).id, row.reason)
        for table, row in zip(tables, file.out, strict=True)
    )
    refuse_twice(tables, "instrument", [one.instrument for one in found])
    return found


def _check_word(table: Table, key: str, word: str) -> None:
    if len(word) > MAX_ID or SYMBOL.fullmatch(word) is None:
        hint = f"write lower-case letters, digits, dots and dashes, at most {MAX_ID}"
        raise table.error(key, f"not a name: {shown(word)}", hint)


def _check_decimals(table: Table, decimals: int) -> None:
    if not 0 <= decimals <= MAX_DECIMALS:
        raise table.error("decimals", f"{decimals}, allowed are 0 to {MAX_DECIMALS}")
