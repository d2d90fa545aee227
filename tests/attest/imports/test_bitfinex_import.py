from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.imports.bitfinex import CHAINS, read
from attest.imports.tables import tables
from config.errors import InputError
from tests.attest.imports.published import KNOWN, parse_back, published, refused

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


def method(words: str) -> str:
    return read(f"{GENESIS} - {words}".encode(), "wallets.txt", KNOWN).entries[0].method


def test_published_list_loses_no_line() -> None:
    reading = read(published("bitfinex-wallets.txt"), "wallets.txt", KNOWN)

    unknown = [(one, "unknown_coin") for one in (10, 14, 15, 17, 18, 20, 24)]
    assert sorted([*unknown, (11, "malformed_address")]) == refused(reading)
    assert (16, 24) == (len(reading.entries), reading.rows)
    assert {None} == {one.claim for one in reading.entries}
    written = tables(reading)
    assert (15, 0, 15) == (written.accounts, written.claims, written.unclaimed)
    parse_back(written)


def test_address_of_two_lines_is_one_account() -> None:
    written = tables(read(published("bitfinex-wallets.txt"), "wallets.txt", KNOWN))
    polygon = [
        line for line in written.files["accounts.csv"].decode().split("\n") if "eip155:137:" in line
    ]

    account = "eip155:137:0x77134cbC06cB00b66F4c7e623D5fdBF6777635EC"
    label = '"Polygon hot wallet, Tether USDt (Polygon) hot wallet"'
    assert [f"{account},hot,unknown,mixed,{label}"] == polygon


def test_method_is_the_word_of_the_list() -> None:
    assert method("BTC hot wallet") == "hot"
    assert method("BTC (old) hot wallet") == "hot"
    assert method("BTC Cold wallet 1DOT") == "cold"
    assert method("BTC cold/wallet") == "cold"
    assert method("BTC") == "unknown"
    assert method("BTC hot and cold") == "unknown"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{GENESIS}", "malformed_row"),
        (f"{GENESIS} BTC hot wallet", "malformed_row"),
        (f"{GENESIS} - ", "malformed_row"),
        (f"two words {GENESIS} - BTC hot wallet", "malformed_row"),
        (f"{GENESIS} - BTC hot \x1b[2J wallet", "malformed_row"),
        (f"{GENESIS} - BTC hot{' wallet' * 10_000}", "malformed_row"),
        (f"{'1' * 65_537} - BTC hot wallet", "malformed_row"),
        (f"{GENESIS} - Omni hot wallet", "unknown_coin"),
        (f"{GENESIS} - BTChot wallet", "unknown_coin"),
        (f"{GENESIS} - hot wallet", "unknown_coin"),
        (f"{GENESIS} - ETH/ERC20 hot wallet", "malformed_address"),
        (" - BTC hot wallet", "malformed_address"),
    ],
)
def test_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    assert [(1, reason)] == refused(read(line.encode(), "wallets.txt", KNOWN))


def test_names_are_written_as_they_are_looked_up() -> None:
    assert {name.lower() for name in CHAINS} == CHAINS.keys()


@given(st.text(st.sampled_from(f"{GENESIS} -BTChotcold/\n()\t\x1b"), max_size=300))
def test_any_list_ends_as_entries_and_refusals(text: str) -> None:
    try:
        reading = read(text.encode(), "wallets.txt", KNOWN)
    except InputError:
        return
    assert len([line for line in text.split("\n") if line.strip()]) == reading.rows
    if reading.entries:
        parse_back(tables(reading))
