from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.utxo.bitcoinlib_message import message_hash
from tests.chains.utxo import rows
from tests.proofs.utxo import second_opinion, vectors

BITCOIN = "Bitcoin Signed Message:\n"
HEADERS = {"bitcoin": BITCOIN, "dogecoin": "Dogecoin Signed Message:\n"}
OTHER_HASH = {"secp256k1_groestl", "secp256k1_decred"}
COINS = {
    "Bitcoin": rows.BITCOIN,
    "Testnet": rows.BITCOIN_TEST,
    "Bcash": rows.BITCOIN_CASH,
    "Dash": rows.DASH,
    "Dogecoin": rows.DOGECOIN,
    "Litecoin": rows.LITECOIN,
    "Zcash": rows.ZCASH,
}


def compact_size(number: int) -> bytes:
    """Write a CompactSize by hand, as the protocol documentation has it."""
    if number < 0xFD:
        return bytes((number,))
    return (
        b"\xfd" + number.to_bytes(2, "little")
        if number <= 0xFFFF
        else b"\xfe" + (number.to_bytes(4, "little"))
    )


@pytest.mark.parametrize("entry", vectors.load("signmessage-bitcoinjs")["magicHash"])
def test_published_hashes(entry: dict[str, str]) -> None:
    actual = message_hash(entry["message"].encode(), HEADERS[entry["network"]])
    assert entry["magicHash"] == actual.hex()


@pytest.mark.parametrize(
    "entry", vectors.load("coin-message-headers"), ids=lambda e: e["coin_name"]
)
def test_headers_of_all_coins(entry: dict[str, str]) -> None:
    if entry["curve_name"] in OTHER_HASH:
        pytest.skip(f"{entry['coin_name']} hashes messages with another function")
    header = entry["signed_message_header"]
    assert second_opinion.magic_hash("vires", header) == message_hash(b"vires", header)


@pytest.mark.parametrize("coin", COINS)
def test_rows_have_the_published_headers(coin: str) -> None:
    entries = vectors.load("coin-message-headers")
    published = next(entry for entry in entries if entry["coin_name"] == coin)
    form = COINS[coin].utxo
    assert form is not None
    assert published["signed_message_header"] == form.message_header


@pytest.mark.parametrize("size", [0, 1, 252, 253, 254, 255, 256, 65_535, 65_536])
def test_lengths_are_compact_sizes(size: int) -> None:
    message = b"m" * size
    framed = b"\x18" + BITCOIN.encode() + compact_size(size) + message
    expected = hashlib.sha256(hashlib.sha256(framed).digest()).digest()
    assert expected == message_hash(message, BITCOIN)


@given(st.binary(max_size=300))
def test_bytes_are_hashed_as_they_are(message: bytes) -> None:
    framed = b"\x18" + BITCOIN.encode() + compact_size(len(message)) + message
    expected = hashlib.sha256(hashlib.sha256(framed).digest()).digest()
    assert expected == message_hash(message, BITCOIN)


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_texts_hash_as_the_library_hashes_them(text: str) -> None:
    assert second_opinion.magic_hash(text, BITCOIN) == message_hash(text.encode(), BITCOIN)


def test_unicode_forms_differ() -> None:
    one, two = "\u00e9".encode(), "e\u0301".encode()
    assert message_hash(one, BITCOIN) != message_hash(two, BITCOIN)
