"""BIP-322: every cut and every changed byte of published signatures is refused."""

from __future__ import annotations

import base64

import pytest

from proofs import bip322
from tests.proofs.utxo.signer import encode
from tests.proofs.utxo.vectors import claim, load, verdict


def published(kind: str) -> tuple[str, str, str]:
    basic, generated = load("bip322-basic"), load("bip322-generated")
    entry = {
        "p2wpkh": basic["simple"][0],
        "p2wsh": basic["simple"][2],
        "p2tr": basic["simple"][3],
        "p2pkh-full": generated["full"][0],
        "p2tr-full": generated["full"][1],
        "p2sh-full": generated["full"][2],
        "p2sh-p2wsh-full": generated["full"][4],
    }[kind]
    return entry["address"], entry["message"], entry["bip322_signatures"][0]


KINDS = ["p2wpkh", "p2wsh", "p2tr", "p2pkh-full", "p2tr-full", "p2sh-full", "p2sh-p2wsh-full"]


def apart(text: str) -> tuple[str, bytes]:
    prefix = text[:3] if text[:3] in ("smp", "ful", "pof") else ""
    return prefix, base64.b64decode(text[len(prefix) :])


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_is_refused(kind: str) -> None:
    account, message, text = published(kind)
    prefix, data = apart(text)
    cuts = [text[:size] for size in range(len(text))]
    cuts += [prefix + encode(data[:size]) for size in range(len(data))]
    outcomes = {verdict(bip322.verify, claim(account, message, cut)) for cut in cuts}
    assert outcomes == {"malformed_signature"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_byte_is_refused(kind: str) -> None:
    account, message, text = published(kind)
    prefix, data = apart(text)
    for position in range(len(data)):
        for change in (0x01, 0x80):
            changed = bytearray(data)
            changed[position] ^= change
            signing = claim(account, message, prefix + encode(bytes(changed)))
            outcome = verdict(bip322.verify, signing)
            assert outcome != "proved"
            assert not outcome.startswith("inconclusive")
