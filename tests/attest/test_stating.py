from __future__ import annotations

from dataclasses import replace

import pytest

from attest.stating import party_of, read_stated, signable, words_of
from config.books import custody, facts, reserves
from config.books.document import Document
from tests.attest.stated_rows import AUDIT, CUSTODY, FACT, RESERVE, TIER, YEAR
from tests.config.known import DEAD_BEEF, READING, example, refusal

FILES = {
    "custody.toml": (example(custody), "Acme Trust", 1),
    "reserves.toml": (example(reserves), "Example Trust Bank", 1),
    "facts.toml": (example(facts), "Example Audit LLC", 5),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_known_by_its_tables(name: str) -> None:
    text, party, rows = FILES[name]
    stated = read_stated(text.encode(), name, READING)
    assert rows == len(stated.rows)
    assert party == party_of(stated, party).name
    (one,) = signable(stated, party)
    assert one[0].startswith("books/documents/")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "x.toml: file is empty"),
        ("a = 1", "x.toml: tables of one kind expected, met none"),
        ("[[insurance]]", "x.toml: tables of one kind expected, met none"),
        ("[[fact]]\n[[reserve]]", "x.toml: tables of one kind expected, met reserve, fact"),
        ("[[fact]]", "x.toml: fact.0.key: missing"),
        ("[[fact", "x.toml: line 1, column 7: not toml: expected ']]' at the end of an array"),
    ],
)
def test_another_file_is_refused(text: str, what: str) -> None:
    error = refusal(lambda: read_stated(text.encode(), "x.toml", READING))
    assert str(error).startswith(what)


def test_a_party_is_one_of_the_file() -> None:
    stated = read_stated(example(custody).encode(), "c.toml", READING)
    error = refusal(party_of, stated, "Acme")
    assert ("unknown party: 'Acme'", "parties of the file: Acme Trust") == (error.what, error.hint)


def test_a_row_is_signed_where_it_names_a_place() -> None:
    stated = read_stated(example(custody).encode(), "c.toml", READING)
    (row,) = stated.rows
    for document in (None, Document("a.pdf", "0" * 64)):
        bare = replace(stated, rows=(replace(row, document=document),))
        assert (
            "no row of 'Acme Trust' is to be signed" == refusal(signable, bare, "Acme Trust").what
        )
    assert "no row of 'Beta' is to be signed" == refusal(signable, stated, "Beta").what


def test_words_say_all_that_is_signed() -> None:
    document = CUSTODY.document
    assert document is not None
    assert (
        "Acme Trust holds 1200.5 of eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7 in "
        "its account client-7731, owned by: customer, kept: cold, at the shared address "
        f"eip155:1:{DEAD_BEEF}, as of 2026-11-30T15:00:00Z; document with sha256 "
        f"{document.sha256}"
    ) == words_of(CUSTODY)
    assert (
        "Example Bank holds 1980000000 jpy as customer money trust, as of 2026-11-30T15:00:00Z"
    ) == words_of(RESERVE)
    says = "Example Audit LLC says that"
    volume = f"{says} trading_volume of customer_spot is 36000000000000 jpy"
    assert f"{volume}, from 2026-04-01 to 2026-11-30" == words_of(FACT)
    assert f"{volume}, in FY2026" == words_of(YEAR)
    assert f"{says} last_audit of customer_crypto is 2026-06-30" == words_of(AUDIT)
    assert f"{says} custodian_tier of Acme is 2, as of 2026-11-30T15:00:00Z" == words_of(TIER)
    event = replace(AUDIT, key="last_reconciliation", kind="", value=1796050800)
    assert f"{says} last_reconciliation is 2026-11-30T15:00:00Z" == words_of(event)
