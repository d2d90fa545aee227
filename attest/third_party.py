"""A third party's signed statement: a custodian, bank or auditor signs one row of the books.

    {"_type": "https://in-toto.io/Statement/v1",
     "predicateType": "urn:custody-attest:custody:v0",
     "predicate": {"entity": "Example Exchange", "custodian": "Acme Trust",
       "account": "client-7731", "asset": "eip155:1/erc20:0xdAC1…1ec7", "amount": "1200500000",
       "decimals": "6", "owner": "customer", "method": "cold", "pool": "eip155:1:0xdbF0…C6FB",
       "asOf": "2026-11-30T15:00:00Z"},
     "subject": [{"name": "document", "digest": {"sha256": "e3b0…b855"}}]}

in a DSSE envelope of one signature. The predicate is the row, field by field, as text: amounts in
base units with the decimals by which they are read, identifiers as CAIP writes them, times in UTC;
a field that the row leaves out is not there. `entity` is whom it is stated for, its LEI or name, so
that one exchange cannot show another's statement. The one subject is the row's document by its
digest, under the name `document` wherever the file lies; where there is no document, it is the
RFC 8785 form of the predicate under the name `statement`, because in-toto wants a subject.

What agrees in everything gives the key's id, and the row's grade is `signed`; anything else raises
`InvalidStatement`, whose reason is a code of the envelope (`attest.envelope`), or one of ours:
`malformed_statement`, `other_statement` (another predicate type), `other_document`, or the code of
the first field that differs (`FIELDS`). Whether the key is whose the row says is not shown by this.

Refused: taking amounts out of the signed statement instead of the row. Then two files would say
what is held, and the report could follow either.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from attest.envelope import open_envelope, seal
from attest.errors import InvalidEnvelope, InvalidStatement
from attest.keys import load_public
from attest.statement import build_statement, canonical, read_statement
from config.books.custody import CustodyStatement
from config.books.document import check_digests
from config.books.fact_keys import FACT_KEYS
from config.books.facts import Fact, Span
from config.books.reserves import Reserve
from config.errors import InputError, shown
from config.text import MAX_PLAIN, is_plain
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attest.content import Content
    from attest.keys import PublicKey, SigningKey
    from attest.statement import Statement
    from config.books.facts import Period
    from config.books.parties import Party

Row: TypeAlias = CustodyStatement | Reserve | Fact

CUSTODY_TYPE = "urn:custody-attest:custody:v0"
RESERVE_TYPE = "urn:custody-attest:reserve:v0"
FACT_TYPE = "urn:custody-attest:fact:v0"

FIELDS: Mapping[str, str] = {
    # Every field that a predicate may have, and the reason if it differs, in the order of telling.
    "entity": "other_entity",
    "custodian": "other_custodian",
    "holder": "other_holder",
    "signer": "other_signer",
    "account": "other_account",
    "key": "other_fact",
    "kind": "other_kind",
    "party": "other_party",
    "asset": "other_asset",
    "instrument": "other_instrument",
    "unit": "other_unit",
    "decimals": "other_decimals",
    "amount": "other_amount",
    "value": "other_value",
    "owner": "other_owner",
    "method": "other_method",
    "pool": "other_pool",
    "period": "other_period",
    "asOf": "other_as_of",
}
DOCUMENT, STATEMENT = "document", "statement"


def stated_by(row: Row) -> str:
    """Give the name of the party whose statement a row is; empty if it is the entity's own."""
    match row:
        case CustodyStatement():
            return row.custodian
        case Reserve():
            return row.holder
        case Fact():
            return row.signer


def fields_of(row: Row, entity: str) -> dict[str, str]:
    """Give the predicate of a row: every field that it states, as text."""
    match row:
        case CustodyStatement():
            found = _custody(row)
        case Reserve():
            found = {
                "holder": row.holder,
                "kind": row.kind,
                "instrument": row.instrument,
                "decimals": str(row.decimals),
                "amount": str(row.units),
                "asOf": format_time(row.as_of),
            }
        case Fact():
            found = _fact(row)
    return {"entity": entity, **found}


def _custody(row: CustodyStatement) -> dict[str, str]:
    found = {
        "custodian": row.custodian,
        "account": row.account,
        "asset": row.asset,
        "decimals": str(row.decimals),
        "amount": str(row.units),
        "owner": row.owner,
        "method": row.method,
        "asOf": format_time(row.as_of),
    }
    return found if row.pool is None else {**found, "pool": row.pool}


def _fact(row: Fact) -> dict[str, str]:
    stated = {
        "signer": row.signer,
        "key": row.key,
        "kind": row.kind,
        "party": row.party,
        "unit": row.unit or "",
        "decimals": str(row.decimals),
        "value": value_of(row),
        "period": _period(row.period),
        "asOf": "" if row.as_of is None else format_time(row.as_of),
    }
    return {field: text for field, text in stated.items() if text}


def value_of(row: Fact) -> str:
    """Write a fact's value: base units, a count, a date, or a time as RFC 3339."""
    if isinstance(row.value, date):
        return row.value.isoformat()
    return format_time(row.value) if FACT_KEYS[row.key].form == "time" else str(row.value)


def _period(period: Period | None) -> str:
    match period:
        case None:
            return ""
        case Span():
            return f"{period.first}/{period.last}"
        case _:
            return period


def keys_of(parties: Sequence[Party], files: Mapping[str, Content]) -> dict[str, PublicKey]:
    """Give the keys of the parties of a file of the books, by the party's name.

    Args:
        parties: those the file names; one without a key has no entry.
        files: content by path, as the file writes it.

    Raises:
        InputError: a key file is missing or no key, or two parties have one key.
    """
    found: dict[str, PublicKey] = {}
    for party in parties:
        if party.key is None:
            continue
        if party.key not in files:
            raise InputError(f"key is missing: {party.key}", "it lies beside the declaration")
        key = load_public(bytes(files[party.key]), party.key)
        other = next((name for name, one in found.items() if one.keyid == key.keyid), None)
        if other is not None:
            what = f"one key under two parties: {shown(other)} and {shown(party.name)}"
            raise InputError(what, "each party signs with a key of its own")
        found[party.name] = key
    return found


def check_entity(entity: str) -> None:
    """Refuse a name of an entity that no declaration could have; raise InputError."""
    if not is_plain(entity):
        hint = f"no space at an edge, no control character, at most {MAX_PLAIN} characters"
        raise InputError(f"entity is not plain text: {shown(entity)}", hint)


def sign_row(row: Row, entity: str, documents: Mapping[str, Content], key: SigningKey) -> bytes:
    """Give the envelope in which a party states a row.

    Args:
        row: what is stated.
        entity: whom it is stated for: its LEI, its name if it has none.
        documents: the row's document by its path; others are ignored.
        key: of the party.

    Raises:
        InputError: the document is not the row's, or the entity's name is no plain text.
        SigningError: the key cannot sign.
    """
    check_entity(entity)
    check_digests((row.document,), documents)
    fields = fields_of(row, entity)
    predicate: dict[str, object] = {**fields}
    return seal(build_statement(_type_of(row), predicate, _subject(row, fields)), key)


def check_row(
    row: Row, entity: str, envelope: Content, documents: Mapping[str, Content], key: PublicKey
) -> str:
    """Return the id of the key that signed a statement which agrees with a row in everything.

    1. The envelope is opened with the key. 2. It holds a statement of the row's kind. 3. Every
    field is the row's, and none besides. 4. The subject is the row's document, as it lies there.

    Args:
        row: what the books say.
        entity: whom they are of: its LEI, its name if it has none.
        envelope: the bytes at the path `signature` of the row's document.
        documents: the row's document by its path; others are ignored.
        key: of the party whose statement it is said to be.

    Raises:
        InvalidStatement: with a reason, as the module says.
    """
    # 1, 2.
    statement = _open(bytes(envelope), key)
    if statement.predicate_type != _type_of(row):
        met = f"it is {shown(statement.predicate_type)}, expected {_type_of(row)!r}"
        raise InvalidStatement("other_statement", f"{row.where}: signed statement: {met}")
    # 3.
    fields = fields_of(row, entity)
    _check_fields(row.where, fields, statement.predicate)
    # 4.
    try:
        check_digests((row.document,), documents)
    except InputError as error:
        raise InvalidStatement("other_document", f"{row.where}: {error.what}") from error
    subject = _subject(row, fields)
    if statement.subjects != subject:
        met = f"signed is {_one_line(statement.subjects)}, expected {_one_line(subject)}"
        raise InvalidStatement("other_document", f"{row.where}: {met}")
    return key.keyid


def _open(envelope: bytes, key: PublicKey) -> Statement:
    try:
        payload, _ = open_envelope(envelope, (key,))
    except InvalidEnvelope as error:
        raise InvalidStatement(error.reason, error.what) from error
    try:
        return read_statement(payload)
    except InputError as error:
        raise InvalidStatement("malformed_statement", error.what) from error


def _check_fields(where: str, stated: dict[str, str], signed: dict[str, object]) -> None:
    foreign = sorted(signed.keys() - FIELDS.keys())
    if foreign:
        what = f"{where}: signed statement: unknown field {shown(foreign[0])}"
        raise InvalidStatement("malformed_statement", what)
    for field, reason in FIELDS.items():
        own, met = stated.get(field), signed.get(field)
        # A field that is there and null is not one that is left out.
        if own != met or (field in stated) != (field in signed):
            what = f"{field}: signed is {_value(met)}, the row says {_value(own)}"
            raise InvalidStatement(reason, f"{where}: {what}")


def _value(value: object) -> str:
    return shown(value) if isinstance(value, str) else "nothing" if value is None else "no text"


def _one_line(subjects: dict[str, str]) -> str:
    return shown(" ".join(f"{name} {digest}" for name, digest in sorted(subjects.items())), 200)


def _type_of(row: Row) -> str:
    match row:
        case CustodyStatement():
            return CUSTODY_TYPE
        case Reserve():
            return RESERVE_TYPE
        case Fact():
            return FACT_TYPE


def _subject(row: Row, fields: dict[str, str]) -> dict[str, str]:
    document = row.document
    if document is not None and document.sha256 is not None:
        return {DOCUMENT: document.sha256}
    return {STATEMENT: hashlib.sha256(canonical(fields)).hexdigest()}
