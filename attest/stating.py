"""What a third party is shown before it signs rows of an exchange's books, and which rows they are.

A row is signed by the party that it names, where its document names a place for the signature:
`signature = "books/documents/acme-2026-11.dsse.json"`. Which of the three files it is shows in its
tables; a file of another kind, or with rows of none of them, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.third_party import stated_by
from config.amount import format_decimal
from config.books.custody import CustodyStatement, parse_custody
from config.books.fact_keys import FACT_KEYS
from config.books.facts import Fact, Span, parse_facts
from config.books.reserves import Reserve, parse_reserves
from config.books.tables import read_document
from config.errors import InputError, shown
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.third_party import Row
    from config.books.cells import Reading
    from config.books.parties import Party


@dataclass(frozen=True, slots=True)
class Stated:
    """The rows of a file that a third party could sign, and the parties it names."""

    rows: tuple[Row, ...]
    parties: tuple[Party, ...]


def _custody(data: bytes, name: str, reading: Reading) -> Stated:
    found = parse_custody(data, name, reading)
    return Stated(found.statements, found.custodians)


def _reserves(data: bytes, name: str, reading: Reading) -> Stated:
    found = parse_reserves(data, name, reading.registry)
    return Stated(found.reserves, found.parties)


def _facts(data: bytes, name: str, reading: Reading) -> Stated:
    found = parse_facts(data, name, reading.registry)
    return Stated(found.facts, found.parties)


KINDS: Mapping[str, Callable[[bytes, str, Reading], Stated]] = {
    # By a table that only this file has.
    "statement": _custody,
    "reserve": _reserves,
    "fact": _facts,
}


def read_stated(data: bytes, name: str, reading: Reading) -> Stated:
    """Read custody.toml, reserves.toml or facts.toml, whichever it is; raise InputError."""
    document = read_document(data, name)
    kinds = [kind for kind in KINDS if kind in document]
    if len(kinds) != 1:
        hint = "give custody.toml, reserves.toml or facts.toml"
        met = ", ".join(kinds) or "none"
        raise InputError.at(name, "", f"tables of one kind expected, met {met}", hint)
    return KINDS[kinds[0]](data, name, reading)


def party_of(stated: Stated, name: str) -> Party:
    """Give the party that is to sign; raise InputError if the file names none, or no key of it."""
    found = next((party for party in stated.parties if party.name == name), None)
    if found is None:
        known = ", ".join(party.name for party in stated.parties) or "none"
        raise InputError(f"unknown party: {shown(name)}", f"parties of the file: {known}")
    return found


def signable(stated: Stated, name: str) -> tuple[tuple[str, Row], ...]:
    """Give the rows that a party is to sign, each with the path of its envelope.

    Raises:
        InputError: there is none.
    """
    found = tuple(
        (row.document.signature, row)
        for row in stated.rows
        if stated_by(row) == name and row.document is not None and row.document.signature
    )
    if not found:
        hint = "a row is signed where its document names a path for the signature"
        raise InputError(f"no row of {shown(name)} is to be signed", hint)
    return found


def words_of(row: Row) -> str:
    """Write a row as a sentence that says all of what is signed, besides for whom."""
    match row:
        case CustodyStatement():
            amount = f"{format_decimal(row.units, row.decimals)} of {row.asset}"
            pool = "" if row.pool is None else f", at the shared address {row.pool}"
            text = (
                f"{row.custodian} holds {amount} in its account {row.account}, owned by: "
                f"{row.owner}, kept: {row.method}{pool}, as of {format_time(row.as_of)}"
            )
        case Reserve():
            amount = f"{format_decimal(row.units, row.decimals)} {row.instrument}"
            kind = row.kind.replace("_", " ")
            text = f"{row.holder} holds {amount} as {kind}, as of {format_time(row.as_of)}"
        case Fact():
            text = _fact_words(row)
    digest = None if row.document is None else row.document.sha256
    return text if digest is None else f"{text}; document with sha256 {digest}"


def _fact_words(row: Fact) -> str:
    about = "".join(f" of {word}" for word in (row.kind, row.party) if word)
    when = f", as of {format_time(row.as_of)}" if row.as_of is not None else ""
    if isinstance(row.period, Span):
        when = f", from {row.period.first} to {row.period.last}"
    elif row.period is not None:
        when = f", in {row.period}"
    return f"{row.signer} says that {row.key}{about} is {_fact_value(row)}{when}"


def _fact_value(row: Fact) -> str:
    if not isinstance(row.value, int):
        return row.value.isoformat()
    if FACT_KEYS[row.key].form == "time":
        return format_time(row.value)
    amount = format_decimal(row.value, row.decimals)
    return amount if row.unit is None else f"{amount} {row.unit}"
