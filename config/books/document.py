"""Documents behind the rows of the books: what shows a row besides the entity's word.

    [document]
    file = "books/documents/acme-2026-11.pdf"
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    signature = "books/documents/acme-2026-11.dsse.json"

`file` and `sha256` go together; `signature` is a third party's signed statement of the row, with a
file or without one. Paths are as in the declaration, and the files travel in the bundle: nobody can
look at a document that stays at home.

The grade of a row is never written by the entity. It follows: `declared` (its word alone),
`document` (a file with that digest is there, which a person can read), `signed` (a third party's
signed statement agrees with the row, `attest.third_party`). Refused: a key `grade`. It would be one
more thing to believe.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from config.errors import InputError
from config.paths import check_path, refuse_shared
from config.strict import STRICT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.books.tables import Table

Grade = Literal["declared", "document", "signed"]
"""What shows a row, least first."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of one document: a scanned report of hundreds of pages."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Document:
    """What a row names as its evidence."""

    file: str | None = None
    """Path of the document, beside the declaration."""
    sha256: Sha256 | None = None
    """The document's digest, lower-case hex; given exactly with `file`."""
    signature: str | None = None
    """Path of an envelope that holds a third party's statement of the row."""


def check_document(document: Document | None, table: Table) -> None:
    """Refuse a document that is not whole, or whose paths no bundle can carry.

    Raises:
        InputError: at the table's key `document`.
    """
    if document is None:
        return
    if (document.file is None) != (document.sha256 is None):
        missing = "sha256" if document.sha256 is None else "file"
        raise table.error("document", f"{missing} is missing: file and sha256 go together")
    if document.file is None and document.signature is None:
        hint = "leave document out where there is none"
        raise table.error("document", "empty", hint)
    for key in ("file", "signature"):
        path = getattr(document, key)
        if path is not None:
            table.read(f"document.{key}", check_path, path)


def document_paths(
    documents: Iterable[Document | None], keys: Iterable[str] = ()
) -> tuple[str, ...]:
    """List the files that rows name, sorted.

    Rows may share a document, and files of the books a party's key. A signed statement is about one
    row, and so is its file.

    Args:
        documents: what the rows name, of one file of the books or of all.
        keys: paths of public keys that the same files name.

    Raises:
        InputError: one path for two files, or a document with two digests.
    """
    shared: dict[str, str | None] = {}
    alone = list(dict.fromkeys(keys))
    for one in documents:
        if one is not None and one.file is not None:
            stated = shared.setdefault(one.file, one.sha256)
            if stated != one.sha256:
                raise InputError(f"two digests of one document: {one.file}: {stated}, {one.sha256}")
        if one is not None and one.signature is not None:
            alone.append(one.signature)
    paths = (*shared, *alone)
    refuse_shared(paths)
    return tuple(sorted(paths))


def check_digests(
    documents: Iterable[Document | None], files: Mapping[str, bytes | memoryview]
) -> None:
    """Refuse documents that are not those whose digests the rows state.

    Args:
        documents: what the rows name.
        files: content by path, as the rows write it.

    Raises:
        InputError: a file is missing, too large, or has another SHA-256.
    """
    # A set, so that a document of many rows is hashed once; two digests of one are two to check.
    stated = {
        (one.file, one.sha256)
        for one in documents
        if one is not None and one.file is not None and one.sha256 is not None
    }
    for path, digest in sorted(stated):
        _check_digest(path, digest, files.get(path))


def _check_digest(path: str, stated: str, content: bytes | memoryview | None) -> None:
    if content is None:
        raise InputError(f"document is missing: {path}", "it lies beside the declaration")
    if len(content) > MAX_DOCUMENT:
        what = f"{len(content)} bytes, the limit is {MAX_DOCUMENT}"
        raise InputError(f"document too large: {path}: {what}")
    met = hashlib.sha256(content).hexdigest()
    if met != stated:
        raise InputError(f"document is another one: {path}: sha256 is {met}, the row says {stated}")


def grade_of(document: Document | None, keyid: str | None) -> Grade:
    """Give the grade of a row whose document's digest was checked.

    Args:
        document: what the row names.
        keyid: of the key that signed a statement which agrees with the row; None: none was found.
    """
    if keyid is not None:
        return "signed"
    return "document" if document is not None and document.file is not None else "declared"
