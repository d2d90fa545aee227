"""The books of a declaration: all files read, all documents there, each signature held to its row.

    assets.toml first, because its rows stand in the registry by which all others are read

A signed statement that does not agree with its row is a finding, not a fault of the file: the row
then stands on its document alone, or on nothing. A document that is missing, or is not the one
whose digest the row states, refuses the inputs, because then nobody knows what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from attest.errors import InvalidStatement
from attest.third_party import check_row, keys_of, stated_by
from config.books.allocations import parse_allocations
from config.books.assets import parse_own_assets, with_own_assets
from config.books.books import Books
from config.books.custody import parse_custody
from config.books.document import check_digests, document_paths, grade_of
from config.books.facts import parse_facts
from config.books.liabilities import parse_liabilities
from config.books.others import parse_others
from config.books.prices import parse_prices
from config.books.reconciling import parse_reconciling
from config.books.reserves import parse_reserves
from config.books.sample import parse_trace
from config.errors import InputError
from config.paths import refuse_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from attest.content import Content
    from attest.third_party import Row
    from config.books.assets import OwnAssets
    from config.books.cells import Reading
    from config.books.document import Document, Grade
    from config.books.parties import Party
    from config.registry import Registry

T = TypeVar("T")
Named = tuple[str, "Row"]
"""The kind of its file, `custody`, `reserves` or `facts`, and a row."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows a row of the books besides the entity's word."""

    grade: Grade
    keyid: str
    """SPKI SHA-256 in hex of the key that signed a statement of it; empty for none."""
    fault: str
    """Why a statement that is there does not count, a reason of `attest.third_party`; or empty."""


UNSHOWN = Shown("declared", "", "")


@dataclass(frozen=True, slots=True)
class Vouched:
    """The keys of third parties that whoever judges trusts."""

    custodians: frozenset[str]
    """Whose statements of what they hold count."""
    others: frozenset[str]
    """Whose statements of reserves and facts count: custodians, auditors and regulators."""


def grade_for(shown: Shown, document: Document | None, vouched: Vouched | None) -> Grade:
    """Give the grade of a row for whoever judges.

    Args:
        shown: what shows the row.
        document: what the row names.
        vouched: whose signatures count; None: those of the keys that the books name.
    """
    if shown.grade == "signed" and vouched is not None and shown.keyid not in vouched.others:
        return grade_of(document, None)
    return shown.grade


def read_own_assets(
    data: Mapping[str, bytes], paths: Mapping[str, str], reading: Reading
) -> OwnAssets | None:
    """Read assets.toml if there is one; raise InputError."""
    return parse_own_assets(data["assets"], paths["assets"], reading) if "assets" in data else None


def extended(registry: Registry, own: OwnAssets | None) -> Registry:
    """Give the registry with what the entity declares itself."""
    return registry if own is None else with_own_assets(registry, own)


def read_books(
    data: Mapping[str, bytes], paths: Mapping[str, str], reading: Reading, own: OwnAssets | None
) -> Books:
    """Read every file of the books that is there.

    Args:
        data: content of the input files, by what they are.
        paths: their paths, likewise.
        reading: what rows are read by, with the entity's own assets in the registry.
        own: those assets.

    Raises:
        InputError: the first fault of any file.
    """

    def read(kind: str, parse: Callable[[bytes, str, Reading], T], otherwise: T) -> T:
        return parse(data[kind], paths[kind], reading) if kind in data else otherwise

    return Books(
        read("liabilities", lambda text, name, by: parse_liabilities(text, name, by.registry), ()),
        read("prices", lambda text, name, by: parse_prices(text, name, by.registry), ()),
        read("reconciling", parse_reconciling, ()),
        read("allocations", parse_allocations, None),
        read("custody", parse_custody, None),
        read("reserves", lambda text, name, by: parse_reserves(text, name, by.registry), None),
        read("facts", lambda text, name, by: parse_facts(text, name, by.registry), None),
        own,
        read("trace", parse_trace, ()),
        read("others", parse_others, None),
    )


def document_names(books: Books, inputs: Iterable[str] = ()) -> tuple[str, ...]:
    """List the documents, signatures and keys that rows of the books name.

    Args:
        books: the books.
        inputs: paths of the input files, which none of them may be.

    Raises:
        InputError: one path for two files.
    """
    keys = [path for _, parties, _ in _files(books) for path in _keys(parties)]
    found = document_paths(_documents(books), keys)
    refuse_shared((*inputs, *found))
    return found


def show_rows(
    books: Books, entity: str, files: Mapping[str, Content]
) -> dict[tuple[str, str], Shown]:
    """Check every document, and hold every signature to its row.

    Args:
        books: the books.
        entity: what statements call the entity: its LEI, its name where it has none.
        files: documents, signatures and keys, by the paths that rows name.

    Returns:
        What shows a row, by the kind of its file and its place there.

    Raises:
        InputError: a document is missing or another one, or a key is none.
    """
    check_digests(_documents(books), files)
    found: dict[tuple[str, str], Shown] = {}
    for kind, parties, rows in _files(books):
        keys = keys_of(parties, files)
        for row in rows:
            signature = None if row.document is None else row.document.signature
            keyid, fault = "", ""
            if signature is not None:
                envelope = _there(files, signature)
                try:
                    keyid = check_row(row, entity, envelope, files, keys[stated_by(row)])
                except InvalidStatement as invalid:
                    fault = invalid.reason
            found[kind, row.where] = Shown(grade_of(row.document, keyid or None), keyid, fault)
    return found


def _files(books: Books) -> tuple[tuple[str, Sequence[Party], Sequence[Row]], ...]:
    """Give the files whose rows third parties sign: what it is, its parties, its rows."""
    found: list[tuple[str, Sequence[Party], Sequence[Row]]] = []
    if books.custody is not None:
        found.append(("custody", books.custody.custodians, books.custody.statements))
    if books.reserves is not None:
        found.append(("reserves", books.reserves.parties, books.reserves.reserves))
    if books.facts is not None:
        found.append(("facts", books.facts.parties, books.facts.facts))
    return tuple(found)


def _documents(books: Books) -> tuple[Document | None, ...]:
    rows = [row.document for _, _, rows in _files(books) for row in rows]
    if books.reserves is not None:
        rows += [one.document for one in books.reserves.insurance]
        rows += [one.document for one in books.reserves.borrowings]
    return tuple(rows)


def _keys(parties: Sequence[Party]) -> tuple[str, ...]:
    return tuple(party.key for party in parties if party.key is not None)


def _there(files: Mapping[str, Content], path: str) -> Content:
    if path not in files:
        raise InputError(f"signature is missing: {path}", "it lies beside the declaration")
    return files[path]
