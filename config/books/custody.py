"""custody.toml: what custodians hold for the entity, in their own books.

    [[custodian]]
    name = "Acme Trust"
    key = "books/keys/acme.pub"

    [[statement]]
    custodian = "Acme Trust"
    account = "client-7731"
    as_of = "2026-11-30T15:00:00Z"
    owner = "customer"
    method = "cold"
    asset = "ethereum:usdt"
    amount = "1200.5"
    pool = "ethereum:0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
    [statement.document]
    file = "books/documents/acme-2026-11.pdf"
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    signature = "books/documents/acme-2026-11.dsse.json"

A custodian that keeps the coins of many clients at one address proves no client's part by a key.
What it says of a sub-account (`account`, in its own words) is a statement: `attested`, by the
document or signature it stands on. `pool` is the shared address the coins lie at, on the asset's
own chain: it is read, and what all statements name of it counts up to what is there.

`key` is optional and is what signed statements verify with; `pool` and `document` are optional.
`asset` is a CAIP-19 id or `chain:symbol`, `amount` display units of it. Refused besides what every
file is refused for: a custodian that has no table, two statements of one sub-account and asset, an
amount of zero, a signature of a custodian without a key, and a file without statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass as model

from config.accounts import Method  # noqa: TC001 - the model reads the annotation at run time
from config.amount import parse_decimal
from config.books.cells import find_account, find_asset
from config.books.document import Document, check_document, document_paths
from config.books.parties import Party, check_parties, check_signer, key_paths, party_named
from config.books.tables import Table, open_tables, places, refuse_twice
from config.caip import chain_of_asset
from config.declaration import Name  # noqa: TC001 - the same
from config.errors import InputError, shown
from config.strict import STRICT
from config.times import parse_time

if TYPE_CHECKING:
    from config.books.cells import Reading
    from config.caip import AccountId, AssetId
    from config.registry import Asset

CustodyOwner = Literal["customer", "house", "guarantee", "reserve"]


@model(frozen=True, slots=True, config=STRICT)
class _Row:
    """A table `[[statement]]`, its texts not read yet."""

    custodian: Name
    account: Name
    as_of: str
    owner: CustodyOwner
    method: Method
    asset: Name
    amount: str
    pool: Name | None = None
    document: Document | None = None


@model(frozen=True, slots=True, config=STRICT)
class _File:
    """The whole file."""

    statement: tuple[_Row, ...]
    custodian: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class CustodyStatement:
    """What a custodian says that it holds of one asset in one sub-account."""

    where: str
    """Its place in the file: `statement.0`."""
    custodian: str
    account: str
    """The sub-account, in the custodian's words."""
    as_of: int
    """Unix seconds."""
    owner: CustodyOwner
    method: Method
    asset: AssetId
    units: int
    """Base units of the asset, above zero."""
    decimals: int
    """The asset's, by which the text was read."""
    pool: AccountId | None
    """The shared address it lies at; it counts only up to what is there."""
    document: Document | None


@dataclass(frozen=True, slots=True)
class Custody:
    """The whole file."""

    custodians: tuple[Party, ...]
    statements: tuple[CustodyStatement, ...]

    def paths(self) -> tuple[str, ...]:
        """List the files that the rows name: documents, signatures and keys."""
        documents = [one.document for one in self.statements]
        return document_paths(documents, key_paths(self.custodians))


def parse_custody(data: bytes, name: str, reading: Reading) -> Custody:
    """Read custody.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        reading: registry (with the entity's own assets), address parsers and network.

    Raises:
        InputError: as the module says, with the key path.
    """
    file = open_tables(_File, data, name)
    check_parties(file.custodian, name, "custodian")
    if not file.statement:
        raise InputError.at(name, "statement", "empty", "leave the file out if there is none")
    tables = places(name, "statement", file.statement)
    found = tuple(
        _statement(table, row, file.custodian, reading)
        for table, row in zip(tables, file.statement, strict=True)
    )
    refuse_twice(tables, "account", [(one.custodian, one.account, one.asset) for one in found])
    custody = Custody(file.custodian, found)
    Table(name, "").read("", custody.paths)
    return custody


def _statement(
    table: Table, row: _Row, custodians: tuple[Party, ...], reading: Reading
) -> CustodyStatement:
    if party_named(custodians, row.custodian) is None:
        hint = f"custodians: {', '.join(one.name for one in custodians)}"
        raise table.error("custodian", f"unknown custodian: {shown(row.custodian)}", hint)
    check_document(row.document, table)
    check_signer(row.document, row.custodian, custodians, table)
    asset = table.read("asset", find_asset, row.asset, reading)
    units = table.read("amount", parse_decimal, row.amount, asset.decimals)
    if not units:
        raise table.error("amount", "amount is zero", "leave the statement out")
    return CustodyStatement(
        where=table.where,
        custodian=row.custodian,
        account=row.account,
        as_of=table.read("as_of", parse_time, row.as_of),
        owner=row.owner,
        method=row.method,
        asset=asset.id,
        units=units,
        decimals=asset.decimals,
        pool=None if row.pool is None else _pool(table, row.pool, asset, reading),
        document=row.document,
    )


def _pool(table: Table, text: str, asset: Asset, reading: Reading) -> AccountId:
    chain, account = table.read("pool", find_account, text, reading)
    own = chain_of_asset(asset.id)
    if chain.id != own:
        met = reading.registry.chain(own).name
        raise table.error("pool", f"pool on {chain.name}, the asset lies on {met}")
    return account
