from __future__ import annotations

import csv
import io

import pytest

from attest.imports.entries import Claimed, Entry, Reading, Refusal, RefusedRow, sort_out
from attest.imports.formats import FORMATS, reader
from attest.imports.tables import refused_rows, tables
from config.caip import AccountId
from config.claims import parse_claims
from config.errors import InputError
from proofs.check import check
from proofs.schemes import SCHEMES
from tests.attest.imports.published import ADDRESSES, KNOWN

ALICE = AccountId("eip155:1:0x0CDcDB19a857C2Ac24818CA4Fdfe38CcE071483e")
CLAIM = Claimed("eip191-keccak", "text", "0x00")


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode())))[1:]


def test_account_of_several_rows_is_one_with_the_least_favourable_words() -> None:
    rows = (
        Entry(ALICE, "cold", "self", "ETH", CLAIM),
        Entry(ALICE, "hot", "Custody Ltd", "USDT", CLAIM),
        Entry(ALICE, "unknown", "self", "ETH", Claimed("eip191-keccak", "other", "0x00")),
    )
    written = tables(Reading(rows, ()))

    assert [[ALICE, "hot", "Custody Ltd", "mixed", "ETH, USDT"]] == cells(
        written.files["accounts.csv"]
    )
    assert ["text", "other"] == [row[2] for row in cells(written.files["claims.csv"])]
    assert (1, 2, 0) == (written.accounts, written.claims, written.unclaimed)


def test_label_holds_no_more_than_a_label_may() -> None:
    rows = tuple(Entry(ALICE, "hot", "self", f"COIN{n:03}") for n in range(100))
    label = cells(tables(Reading(rows, ())).files["accounts.csv"])[0][4]

    assert label.startswith("COIN000, COIN001")
    assert len(label) <= 200
    assert label.endswith(("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"))


def test_a_publisher_s_text_never_stands_for_one_that_was_issued() -> None:
    entry = Entry(ALICE, "hot", "self", "", Claimed("eip191-keccak", "@challenge", "0x00"))
    data = tables(Reading((entry,), ())).files["claims.csv"]
    claims = parse_claims(data, "claims.csv", KNOWN.registry, ADDRESSES, SCHEMES)

    assert ("hex", b"@challenge".hex()) == (claims[0].encoding, claims[0].message)
    # Refuted for its signature; as `@challenge` it would be unproved for want of a text.
    assert [control.outcome for control in check(claims, KNOWN.registry, None, None, None)] == [
        "refuted"
    ]


def test_tables_without_rows_are_not_written() -> None:
    entry = Entry(ALICE, "hot", "self", "")

    assert ["accounts.csv"] == list(tables(Reading((entry,), ())).files)


def test_refused_rows_show_their_beginning_escaped() -> None:
    refusal = Refusal(3, "malformed_row", "=cmd\x1b[2J" + "a" * 100)
    written = tables(Reading((), (refusal,)))

    assert ((3, "malformed_row", "'=cmd\\x1b[2J" + "a" * 24 + "'…"),) == refused_rows(
        Reading((), (refusal,))
    )
    assert [["3", "malformed_row", "'=cmd\\x1b[2J" + "a" * 24 + "'…"]] == cells(
        written.files["refused.csv"]
    )


def test_every_row_ends_once() -> None:
    def read(row: str) -> Entry:
        if row == "bad":
            raise RefusedRow("unknown_coin")
        return Entry(ALICE, "hot", "self", row)

    reading = sort_out(enumerate(("a", "bad", "b"), 1), read, str.upper, 7)

    assert (3, 7) == (reading.rows, reading.left_out)
    assert ["a", "b"] == [entry.label for entry in reading.entries]
    assert (Refusal(2, "unknown_coin", "BAD"),) == reading.refusals


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_and_says_its_limits(name: str) -> None:
    read, limits = reader(name)

    assert callable(read)
    assert any("owed" in limit for limit in limits)
    for limit in limits:
        assert limit == limit.strip().rstrip(".")


def test_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        reader("binance")

    assert caught.value.hint == "known formats: okx, bitmex, bitfinex"
