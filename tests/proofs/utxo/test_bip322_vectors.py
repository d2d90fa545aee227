"""Every published BIP-322 signature gives its stated result, and a second implementation agrees."""

from __future__ import annotations

from typing import Any

import pytest

from proofs import bip322
from tests.proofs.utxo import second_opinion
from tests.proofs.utxo.vectors import claim, load, verdict

BASIC, GENERATED = load("bip322-basic"), load("bip322-generated")
MISC = [entry for entry in load("bip322-js-misc") if not entry["valid"]]
SIMPLE = [
    (entry, text)
    for entry in (*BASIC["simple"], *GENERATED["simple"])
    for text in entry["bip322_signatures"]
]
FULL = GENERATED["full"]
FUNDS = GENERATED["proof_of_funds"]
ERRORS = [*BASIC["error"], *GENERATED["error"]]

Entry = dict[str, Any]


def names(entries: list[Entry]) -> list[str]:
    return [entry.get("type") or entry["description"] for entry in entries]


@pytest.mark.parametrize(("entry", "text"), SIMPLE)
def test_simple(entry: Entry, text: str) -> None:
    proof = bip322.verify(claim(entry["address"], entry["message"], text))
    prefixed = text.startswith("smp")
    assert proof.warnings == (() if prefixed else ("legacy_format",))
    assert (proof.lock_time, proof.sequence, proof.outpoints) == (0, 0, ())
    assert second_opinion.simple_agrees(entry["address"], entry["message"], text)


@pytest.mark.parametrize(("entry", "text"), SIMPLE)
def test_simple_without_its_prefix(entry: Entry, text: str) -> None:
    bare = text.removeprefix("smp")
    proof = bip322.verify(claim(entry["address"], entry["message"], bare))
    assert proof.warnings == ("legacy_format",)
    assert (
        proof.signatures
        == bip322.verify(claim(entry["address"], entry["message"], "smp" + bare)).signatures
    )


@pytest.mark.parametrize(("entry", "text"), SIMPLE)
def test_simple_of_another_message_or_address(entry: Entry, text: str) -> None:
    for message in (entry["message"] + " ", entry["message"].lower() + "x"):
        outcome = verdict(bip322.verify, claim(entry["address"], message, text))
        assert outcome == "signature_invalid"
        assert not second_opinion.simple_agrees(entry["address"], message, text)
    for other, _ in SIMPLE:
        if other["address"] != entry["address"]:
            signing = claim(other["address"], entry["message"], text)
            assert verdict(bip322.verify, signing) != "proved"
            assert not second_opinion.simple_agrees(other["address"], entry["message"], text)


@pytest.mark.parametrize("entry", FULL, ids=names(FULL))
def test_full_is_time_locked_as_stated(entry: Entry) -> None:
    (text,) = entry["bip322_signatures"]
    proof = bip322.verify(claim(entry["address"], entry["message"], text))
    assert (entry["lock_time"], entry["sequence"]) == (proof.lock_time, proof.sequence)
    assert (proof.warnings, proof.outpoints) == ((), ())


@pytest.mark.parametrize("entry", FUNDS, ids=names(FUNDS))
def test_proof_of_funds_lists_the_stated_coins(entry: Entry) -> None:
    (text,) = entry["bip322_signatures"]
    proof = bip322.verify(claim(entry["address"], entry["message"], text))
    stated = [
        (coin["pk_script"], coin["value"]) for group in entry["additional_inputs"] for coin in group
    ]
    assert stated == [(coin.script, coin.units) for coin in proof.outpoints]
    assert (entry["lock_time"], entry["sequence"]) == (proof.lock_time, proof.sequence)
    assert len({(coin.txid, coin.vout) for coin in proof.outpoints}) == len(stated)


@pytest.mark.parametrize("entry", ERRORS, ids=names(ERRORS))
def test_errors(entry: Entry) -> None:
    signing = claim(entry["address"], entry["message"], entry["signature"])
    expected = {
        "base64": "malformed_signature",
        "signature too short": "malformed_signature",
        "error decoding signature as base64": "malformed_signature",
        "error parsing signature as full variant": "malformed_signature",
        "invalid signature": "signature_invalid",
    }[entry["error_substr"]]
    if "wrong address" in entry["description"]:
        expected = "script_mismatch"
    assert expected == verdict(bip322.verify, signing)
    if not entry["signature"].startswith(("ful", "pof")):
        text = entry["signature"]
        assert not second_opinion.simple_agrees(entry["address"], entry["message"], text)


@pytest.mark.parametrize("entry", MISC, ids=lambda entry: entry["address"])
def test_garbage_witnesses(entry: Entry) -> None:
    signing = claim(entry["address"], entry["message"], entry["signature"])
    assert verdict(bip322.verify, signing) in ("script_mismatch", "signature_invalid")
    assert not second_opinion.simple_agrees(entry["address"], entry["message"], entry["signature"])


@pytest.mark.parametrize("entry", BASIC["tx_hashes"], ids=lambda entry: entry["message"])
def test_identity_is_what_is_signed(entry: Entry) -> None:
    """P2WPKH has no scriptSig, so the published id of `to_sign` is its unsigned id."""
    for other, text in SIMPLE:
        if (entry["message"], entry["address"]) == (other["message"], other["address"]):
            proof = bip322.verify(claim(entry["address"], entry["message"], text))
            assert (entry["to_sign_tx_hash"],) == proof.signatures


def test_nothing_was_left_out() -> None:
    counts = [len(each) for each in (SIMPLE, FULL, FUNDS, ERRORS, MISC)]
    assert counts == [8, 5, 2, 22, 2]
    assert sum(len(each) for each in (*BASIC.values(), *GENERATED.values())) == 15 + 23
