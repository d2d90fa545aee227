"""Parties that rows of the books name, and the keys that sign for them.

    [[party]]
    name = "Acme Trust"
    key = "books/keys/acme.pub"

A key is a PEM public key that travels in the bundle. It says which key a signed statement must
verify with, not whose key that is: whether to trust it is the verifier's to say, in his own file.
Two parties share neither name, however it is written, nor key file; `self` is the entity's own word
for itself in accounts.csv and nobody else's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from config.books.tables import places, refuse_twice
from config.declaration import Name  # noqa: TC001 - the model reads the annotation at run time
from config.errors import shown
from config.paths import check_path
from config.strict import STRICT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.books.document import Document
    from config.books.tables import Table


@dataclass(frozen=True, slots=True, config=STRICT)
class Party:
    """A party, as a file of the books names it."""

    name: Name
    key: str | None = None
    """Path of its public key, beside the declaration; None: it signs nothing."""


def check_parties(parties: Sequence[Party], name: str, kind: str) -> None:
    """Refuse parties that could be taken for one another.

    Args:
        parties: the rows.
        name: the file's name, for messages.
        kind: what the file calls their tables: `custodian`, `party`.

    Raises:
        InputError: a name or key stated twice, the name `self`, or no path.
    """
    tables = places(name, kind, parties)
    for table, party in zip(tables, parties, strict=True):
        if party.name.casefold() == "self":
            raise table.error("name", f"{shown(party.name)} is the entity itself")
        if party.key is not None:
            table.read("key", check_path, party.key)
    refuse_twice(tables, "name", [party.name.casefold() for party in parties])
    keyed = [
        (table, party.key.casefold())
        for table, party in zip(tables, parties, strict=True)
        if party.key is not None
    ]
    refuse_twice([table for table, _ in keyed], "key", [key for _, key in keyed])


def key_paths(parties: Sequence[Party]) -> tuple[str, ...]:
    """List the paths of the parties' keys, in file order."""
    return tuple(party.key for party in parties if party.key is not None)


def party_named(parties: Sequence[Party], name: str) -> Party | None:
    """Give the party of a name as it is written, None if there is none."""
    return next((party for party in parties if party.name == name), None)


def check_signer(
    document: Document | None, signer: str, parties: Sequence[Party], at: Table
) -> None:
    """Refuse a signature that no named key could verify; raise InputError."""
    if document is None or document.signature is None:
        return
    party = party_named(parties, signer)
    if party is None or party.key is None:
        hint = "name the party and its public key, or leave the signature out"
        raise at.error("document.signature", f"no key is named for {shown(signer)}", hint)


def refuse_signature(document: Document | None, at: Table) -> None:
    """Refuse a signature on a row of which no signed statement is known; raise InputError."""
    if document is not None and document.signature is not None:
        hint = "signed statements are of custody, reserves and facts: give the document as a file"
        raise at.error("document.signature", "no signed statement of this kind is known", hint)
