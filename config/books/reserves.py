"""reserves.toml: what stands beside the coins: money and coins set aside, insurance, borrowings.

    [[party]]
    name = "Example Trust Bank"
    key = "books/keys/bank.pub"

    [[reserve]]
    kind = "customer_money_trust"
    instrument = "jpy"
    amount = "1980000000"
    holder = "Example Trust Bank"
    as_of = "2026-11-30T15:00:00Z"
    document = { signature = "books/documents/bank-2026-11.dsse.json" }

    [[insurance]]
    insurer = "Example Mutual"
    policy = "CR-2026-118"
    currency = "jpy"
    limit = "3000000000"
    deductible = "0"
    scope = ["hot", "cold"]
    perils = ["theft", "insider", "key_loss"]
    from = "2026-04-01T00:00:00+09:00"
    until = "2027-04-01T00:00:00+09:00"

    [[borrowing]]
    lender = "Example Lending"
    instrument = "btc"
    amount = "120.5"
    as_of = "2026-11-30T15:00:00Z"
    until = "2027-02-28T15:00:00Z"

| kind of a reserve | what it is |
|---|---|
| `liability_reserve` | set aside for losses of customers' coins, whatever law asks for it |
| `guarantee_assets` | the entity's own coins held against customers' online coins, off chain |
| `customer_money_trust` | customers' money in trust |
| `house_capital` | own funds held against risks |
| `bank_guarantee` | what a bank owes on demand if the entity does not pay |

Policies are read by `config.books.insurance`. A reserve may be zero: that it is nothing is another
statement than none. `holder` is who holds it, and signs for it where its `[[party]]` has a key; a
policy or a borrowing carries a document and no signature. What the entity borrowed is owed back and
is no customer's; it is shown, so that coins that cover customers on borrowed time can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass as model

from config.amount import parse_decimal
from config.books.document import Document, check_document, document_paths
from config.books.insurance import Insurance, InsuranceRow, read_insurance
from config.books.parties import Party, check_parties, check_signer, key_paths, refuse_signature
from config.books.tables import Table, open_tables, places, refuse_twice
from config.declaration import Name  # noqa: TC001 - the model reads the annotation at run time
from config.errors import InputError
from config.strict import STRICT
from config.times import parse_time

if TYPE_CHECKING:
    from config.caip import InstrumentId
    from config.registry import Registry

ReserveKind = Literal[
    "liability_reserve",
    "guarantee_assets",
    "customer_money_trust",
    "house_capital",
    "bank_guarantee",
]


@model(frozen=True, slots=True, config=STRICT)
class _ReserveRow:
    kind: ReserveKind
    instrument: Name
    amount: str
    holder: Name
    as_of: str
    document: Document | None = None


@model(frozen=True, slots=True, config=STRICT)
class _BorrowingRow:
    lender: Name
    instrument: Name
    amount: str
    as_of: str
    until: str | None = None
    document: Document | None = None


@model(frozen=True, slots=True, config=STRICT)
class _File:
    reserve: tuple[_ReserveRow, ...] = ()
    insurance: tuple[InsuranceRow, ...] = ()
    borrowing: tuple[_BorrowingRow, ...] = ()
    party: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Reserve:
    """Something set aside."""

    where: str
    """Its place in the file: `reserve.0`; likewise the others."""
    kind: ReserveKind
    instrument: InstrumentId
    units: int
    """Base units of the instrument, zero or more."""
    decimals: int
    """The instrument's, by which the text was read; likewise the others."""
    holder: str
    as_of: int
    """Unix seconds."""
    document: Document | None


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What the entity itself owes to a lender."""

    where: str
    lender: str
    instrument: InstrumentId
    units: int
    """Base units of the instrument, above zero."""
    decimals: int
    as_of: int
    """Unix seconds."""
    until: int | None
    """Unix seconds at which it is due; None: on demand, or not stated."""
    document: Document | None


@dataclass(frozen=True, slots=True)
class Reserves:
    """The whole file."""

    reserves: tuple[Reserve, ...]
    insurance: tuple[Insurance, ...]
    borrowings: tuple[Borrowing, ...]
    parties: tuple[Party, ...]

    def paths(self) -> tuple[str, ...]:
        """List the files that the rows name: documents, signatures and keys."""
        documents = (
            *(one.document for one in self.reserves),
            *(one.document for one in self.insurance),
            *(one.document for one in self.borrowings),
        )
        return document_paths(documents, key_paths(self.parties))


def parse_reserves(data: bytes, name: str, registry: Registry) -> Reserves:
    """Read reserves.toml.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        registry: the instruments known, the entity's own among them.

    Raises:
        InputError: as the folder README of `config` says of every file; a file without a row, one
            thing stated twice, a policy that ends before it begins or whose deductible is above its
            limit, or a signature that no named key could verify.
    """
    file = open_tables(_File, data, name)
    check_parties(file.party, name, "party")
    if not (file.reserve or file.insurance or file.borrowing):
        raise InputError.at(name, "", "no reserve, insurance or borrowing", "leave the file out")
    found = Reserves(
        _reserves(file, name, registry),
        read_insurance(file.insurance, name, registry),
        _borrowings(file, name, registry),
        file.party,
    )
    Table(name, "").read("", found.paths)
    return found


def _reserves(file: _File, name: str, registry: Registry) -> tuple[Reserve, ...]:
    tables = places(name, "reserve", file.reserve)
    found = []
    for table, row in zip(tables, file.reserve, strict=True):
        check_document(row.document, table)
        check_signer(row.document, row.holder, file.party, table)
        what, units, decimals = _amount(table, row.instrument, row.amount, registry)
        as_of = table.read("as_of", parse_time, row.as_of)
        found.append(
            Reserve(table.where, row.kind, what, units, decimals, row.holder, as_of, row.document)
        )
    refuse_twice(tables, "kind", [(one.kind, one.instrument, one.holder) for one in found])
    return tuple(found)


def _borrowings(file: _File, name: str, registry: Registry) -> tuple[Borrowing, ...]:
    tables = places(name, "borrowing", file.borrowing)
    found = []
    for table, row in zip(tables, file.borrowing, strict=True):
        check_document(row.document, table)
        refuse_signature(row.document, table)
        what, units, decimals = _amount(table, row.instrument, row.amount, registry)
        if not units:
            raise table.error("amount", "amount is zero", "leave the borrowing out")
        as_of = table.read("as_of", parse_time, row.as_of)
        until = None if row.until is None else table.read("until", parse_time, row.until)
        found.append(
            Borrowing(table.where, row.lender, what, units, decimals, as_of, until, row.document)
        )
    refuse_twice(tables, "lender", [(one.lender, one.instrument, one.until) for one in found])
    return tuple(found)


def _amount(
    table: Table, instrument: str, amount: str, registry: Registry
) -> tuple[InstrumentId, int, int]:
    """Give an instrument, an amount of it in base units, and its decimals."""
    row = table.read("instrument", registry.instrument, instrument)
    return row.id, table.read("amount", parse_decimal, amount, row.decimals), row.decimals
