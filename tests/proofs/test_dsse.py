from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from proofs import dsse
from proofs.control import InvalidProof
from tests.proofs.witness import ED25519, P256, TYPE, Witness, text

DOCUMENT = b"{}"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED_HEAD = bytes.fromhex("302a300506032b6570032100")
"""RFC 8410: what stands before the 32 bytes of a key."""


def verdict(key: str, signature: str, document: bytes = DOCUMENT) -> str:
    try:
        dsse.check(dsse.read_key(key), signature, dsse.pae(TYPE, document))
    except InvalidProof as refused:
        return refused.reason
    return "proved"


@pytest.mark.parametrize("witness", [P256, ED25519])
def test_a_signature_verifies_over_its_document_and_type_alone(witness: Witness) -> None:
    key, signature = text(witness.der), text(witness.sign(DOCUMENT))

    assert "proved" == verdict(key, signature)
    assert hashlib.sha256(witness.der).hexdigest() == dsse.read_key(key).keyid
    assert "signature_invalid" == verdict(key, signature, b"{} ")
    assert "signature_invalid" == verdict(key, text(witness.sign(DOCUMENT, TYPE + "x")))


def test_another_key_is_seen() -> None:
    other = Witness(ec.derive_private_key(8, ec.SECP256R1()))

    assert "signature_invalid" == verdict(text(other.der), text(P256.sign(DOCUMENT)))


def test_both_forms_of_an_ecdsa_signature_verify() -> None:
    r, s = decode_dss_signature(P256.sign(DOCUMENT))

    assert "proved" == verdict(text(P256.der), text(encode_dss_signature(r, ORDER - s)))


@pytest.mark.parametrize(
    "raw",
    [
        ec.derive_private_key(7, ec.SECP256K1()).public_key(),
        ec.derive_private_key(7, ec.SECP384R1()).public_key(),
        rsa.RSAPublicNumbers(65537, (1 << 1023) + 1).public_key(),
    ],
    ids=["secp256k1", "p384", "rsa"],
)
def test_other_algorithms_are_refused(raw: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> None:
    der = raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert "malformed_public_key" == verdict(text(der), "AA==")


def compressed() -> bytes:
    point = P256.raw.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point


@pytest.mark.parametrize(
    "key",
    [
        "",
        "AA==",
        "not base64",
        text(P256.der) + "\n",
        text(P256.der[:-1]),
        text(P256.der + b"\0"),
        text(compressed()),
        "A" * 204,
        P256.der.hex(),
    ],
)
def test_a_key_has_one_spelling(key: str) -> None:
    assert "malformed_public_key" == verdict(key, text(P256.sign(DOCUMENT)))


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31), b"\x02" + b"\xff" * 31])
def test_a_key_of_small_order_is_no_key(point: bytes) -> None:
    assert "not_a_key" == verdict(text(ED_HEAD + point), text(bytes(64)))


@pytest.mark.parametrize(
    "signature", ["", "AA", "AA==", text(bytes(63)), text(bytes(65)), "A" * 204]
)
def test_a_signature_of_another_size_is_refused(signature: str) -> None:
    expected = "malformed_signature"

    assert expected == verdict(text(ED25519.der), signature)
    assert verdict(text(P256.der), signature) in {expected, "signature_invalid"}


@given(st.binary(max_size=160), st.binary(max_size=160))
def test_nothing_but_a_verdict_comes_out(key: bytes, signature: bytes) -> None:
    assert "proved" != verdict(text(key), text(signature))


@pytest.mark.parametrize("witness", [P256, ED25519])
def test_any_flipped_bit_is_refused(witness: Witness) -> None:
    whole = witness.der + witness.sign(DOCUMENT)
    size = len(witness.der)
    for bit in range(len(whole) * 8):
        raw = bytearray(whole)
        raw[bit // 8] ^= 1 << bit % 8

        assert "proved" != verdict(text(bytes(raw[:size])), text(bytes(raw[size:])))


def test_a_signing_key_of_ed25519_is_the_same_as_its_public_one() -> None:
    raw = ed25519.Ed25519PublicKey.from_public_bytes(ED25519.der[len(ED_HEAD) :])

    assert base64.b64decode(text(ED25519.der)) == raw.public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
