"""Every published signed message of one key gives its stated result."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from proofs import bip137
from proofs.utxo.output_script import resolve
from tests.chains.utxo import rows
from tests.proofs.utxo import second_opinion
from tests.proofs.utxo.vectors import claim, load, verdict

CHAINS = {
    "Bitcoin": rows.BITCOIN,
    "Testnet": rows.BITCOIN_TEST,
    "Bcash": rows.BITCOIN_CASH,
    "bitcoin": rows.BITCOIN,
    "dogecoin": rows.DOGECOIN,
    "BTC": rows.BITCOIN,
    "DOGE": rows.DOGECOIN,
    "LTC": rows.LITECOIN,
}
TREZOR = [*load("bip137-trezor-p2pkh"), *load("bip137-trezor-p2sh-segwit")]
OTHERS = [
    *load("signmessage-p2pkh"),
    *load("signmessage-electrum-legacy"),
    *load("signmessage-bitcoinjs")["verify"],
    *[entry for entry in load("bip322-js-misc") if entry.get("scheme") == "bip137"],
]
PUBLISHED = [entry for entry in load("okx-published")["utxo"] if not entry["script"]]


def expected(entry: dict[str, Any]) -> bool:
    """Give the stated result; the device signs the NFC form, and we hash what is written."""
    message = entry["message"]
    return bool(entry["valid"]) and message == unicodedata.normalize("NFC", message)


def holds(entry: dict[str, Any], message: str) -> bool:
    """Judge an entry, and hear the second opinion where there is one."""
    chain = CHAINS[entry.get("coin") or entry.get("network") or "Bitcoin"]
    address = entry["address"].removeprefix("bitcoincash:")
    outcome = verdict(bip137.verify, claim(address, message, entry["signature"], chain))
    proved = outcome == "proved"
    if chain is rows.BITCOIN and resolve(chain, address).kind == "p2pkh":
        assert proved is second_opinion.p2pkh_agrees(address, message, entry["signature"])
    return proved


@pytest.mark.parametrize("entry", TREZOR, ids=lambda entry: f"{entry['coin']}-{entry['test']}")
def test_trezor(entry: dict[str, Any]) -> None:
    if entry["coin"] == "Groestlcoin":
        pytest.skip("Groestlcoin hashes messages with another function")
    assert expected(entry) is holds(entry, entry["message"])
    composed = unicodedata.normalize("NFC", entry["message"])
    assert entry["valid"] is holds(entry, composed)


def test_some_device_texts_are_not_composed() -> None:
    changed = [entry for entry in TREZOR if entry["valid"] and not expected(entry)]
    assert {"test_verify_utf"} == {entry["test"] for entry in changed}


@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry["address"])
def test_other_wallets(entry: dict[str, Any]) -> None:
    assert entry["valid"] is holds(entry, entry["message"])


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["addr"])
def test_published_by_an_exchange(entry: dict[str, str]) -> None:
    signing = claim(entry["addr"], entry["msg"], entry["sign1"], CHAINS[entry["coin"]])
    assert verdict(bip137.verify, signing) == "proved"


def test_a_text_that_looks_like_hex_is_signed_as_text() -> None:
    entry = next(one for one in load("bip322-js-misc") if one.get("scheme") == "bip137")
    data = bytes.fromhex(entry["message"])
    signing = claim(entry["address"], data, entry["signature"])
    assert verdict(bip137.verify, signing) == "key_mismatch"


def test_nothing_was_left_out() -> None:
    assert (len(TREZOR), len(OTHERS), len(PUBLISHED)) == (24, 114, 2)
