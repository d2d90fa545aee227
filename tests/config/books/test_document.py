from __future__ import annotations

import hashlib

import pytest

from config.books import document
from config.books.document import (
    Document,
    check_digests,
    check_document,
    document_paths,
    grade_of,
)
from config.books.tables import Table
from tests.config.known import refusal

TABLE = Table("c.toml", "statement.0")
TEXT = b"twelve hundred"
DIGEST = hashlib.sha256(TEXT).hexdigest()
OTHER = "0" * 64
FILED = Document("books/a.pdf", DIGEST)
SIGNED = Document(signature="books/a.json")
BOTH = Document("books/a.pdf", DIGEST, "books/a.json")


@pytest.mark.parametrize("document", [None, FILED, SIGNED, BOTH])
def test_a_whole_document_is_taken(document: Document | None) -> None:
    check_document(document, TABLE)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (Document(), "document: empty"),
        (Document(file="a.pdf"), "document: sha256 is missing: file and sha256 go together"),
        (Document(sha256=DIGEST), "document: file is missing: file and sha256 go together"),
        (
            Document(sha256=DIGEST, signature="a.json"),
            "document: file is missing: file and sha256 go together",
        ),
        (
            Document("../a.pdf", DIGEST),
            "document.file: not a path beside the declaration: '../a.pdf'",
        ),
        (
            Document("a.pdf", DIGEST, "/a.json"),
            "document.signature: not a path beside the declaration: '/a.json'",
        ),
    ],
)
def test_a_document_that_is_not_whole_is_refused(document: Document, what: str) -> None:
    error = refusal(check_document, document, TABLE)
    assert f"c.toml: statement.0.{what}" == str(error)


def test_rows_may_share_a_document() -> None:
    assert ("books/a.json", "books/a.pdf", "books/k.pub") == document_paths(
        [FILED, None, BOTH, FILED], ["books/k.pub", "books/k.pub"]
    )


@pytest.mark.parametrize(
    ("rows", "keys", "what"),
    [
        (
            [FILED, Document("books/a.pdf", OTHER)],
            [],
            f"two digests of one document: books/a.pdf: {DIGEST}, {OTHER}",
        ),
        ([FILED, Document("Books/A.pdf", DIGEST)], [], "one path for two files: 'Books/A.pdf'"),
        ([SIGNED, SIGNED], [], "one path for two files: 'books/a.json'"),
        ([FILED, Document(signature="books/a.pdf")], [], "one path for two files: 'books/a.pdf'"),
        ([], ["books/k.pub", "books/K.pub"], "one path for two files: 'books/K.pub'"),
        ([FILED], ["books/a.pdf"], "one path for two files: 'books/a.pdf'"),
        ([Document("declaration.toml", DIGEST)], [], "one path for two files: 'declaration.toml'"),
    ],
)
def test_a_path_is_of_one_file(rows: list[Document], keys: list[str], what: str) -> None:
    assert what == refusal(document_paths, rows, keys).what


def test_a_document_is_the_one_whose_digest_is_stated() -> None:
    check_digests([FILED, None, SIGNED], {"books/a.pdf": memoryview(TEXT)})
    error = refusal(check_digests, [FILED], {"books/a.pdf": b"x"})
    met = hashlib.sha256(b"x").hexdigest()
    expected = f"document is another one: books/a.pdf: sha256 is {met}, the row says {DIGEST}"
    assert expected == error.what
    twice = [Document("books/a.pdf", OTHER), FILED]
    for rows in (twice, twice[::-1]):
        error = refusal(check_digests, rows, {"books/a.pdf": TEXT})
        assert error.what.endswith(f"sha256 is {DIGEST}, the row says {OTHER}")
    assert "document is missing: books/a.pdf" == refusal(check_digests, [FILED], {}).what


def test_a_document_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_DOCUMENT", 3)
    error = refusal(check_digests, [FILED], {"books/a.pdf": TEXT})
    assert "document too large: books/a.pdf: 14 bytes, the limit is 3" == error.what


def test_a_grade_follows_from_what_is_there() -> None:
    assert "declared" == grade_of(None, None) == grade_of(SIGNED, None)
    assert "document" == grade_of(FILED, None) == grade_of(BOTH, None)
    assert "signed" == grade_of(BOTH, "ab") == grade_of(SIGNED, "ab")
