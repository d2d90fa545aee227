"""Our verification against published vectors: Wycheproof, ed25519vectors (CCTV), DSSE's own.

What is expected of the Ed25519 edge cases, alike for all who verify as OpenSSL does, without
multiplying by the cofactor, is decided by two flags alone:

    LowOrderResidue   the low-order parts of R and [k]A do not cancel out: refused
    NonCanonicalR     R is compared as the bytes that encode the point: refused
    LowOrderA, LowOrderR, LowOrderComponentA, LowOrderComponentR, NonCanonicalA: accepted

The flags on A are those that `load_public` refuses a key for, before any signature is looked at.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from attest.errors import InvalidEnvelope
from attest.keys import load_public, public_key
from config.errors import InputError
from proofs.dsse import pae
from tests.nodes.openssl_verify import openssl_verifies

if TYPE_CHECKING:
    from attest.keys import PublicKey

FOLDER = Path(__file__).parents[1] / "vectors"
REFUSED_FLAGS = {"LowOrderResidue", "NonCanonicalR"}


def document(name: str) -> Any:  # noqa: ANN401 - each file has its own form
    return json.loads((FOLDER / name).read_text("utf-8"))


def ed25519_key(key: str) -> PublicKey:
    """Make a key without the checks of a file."""
    return public_key(ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)))


def p256_key(key: str) -> PublicKey:
    raw = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key))
    return load_public(public_key(raw).pem, key)


def verdict(key: PublicKey, signature: bytes, message: bytes) -> str:
    try:
        key.verify(signature, message)
    except InvalidEnvelope as refused:
        return "invalid" if refused.reason == "bad_signature" else refused.reason
    return "valid"


@pytest.mark.parametrize(
    ("name", "count", "valid"),
    [("wycheproof-ecdsa-p256-sha256", 484, 174), ("wycheproof-ed25519", 151, 88)],
)
def test_every_verdict_of_wycheproof_is_ours(name: str, count: int, valid: int) -> None:
    make = p256_key if "p256" in name else lambda key: load_public(ed25519_key(key).pem, key)
    expected, met = {}, {}
    for group in document(f"{name}.json")["vectors"]:
        key = make(group["key"])
        for test in group["tests"]:
            case = (test["id"], *test["flags"])
            expected[case] = test["result"]
            met[case] = verdict(key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))

    # No case is left out, and none differs.
    assert (count, valid) == (len(expected), list(expected.values()).count("valid"))
    assert expected == met


@cache
def edge_cases() -> dict[str, list[dict[str, Any]]]:
    return {group["key"]: group["tests"] for group in document("ed25519vectors.json")["vectors"]}


def flagged(key: str, flag: str) -> bool:
    """Tell whether every case of a key has a flag; flags on A are the key's own."""
    found = {flag in test["flags"] for test in edge_cases()[key]}
    assert 1 == len(found)
    return found == {True}


def loads(key: str) -> bool:
    try:
        load_public(ed25519_key(key).pem, key)
    except InputError:
        return False
    return True


def test_no_key_of_small_order_is_loaded_however_it_is_encoded() -> None:
    keys = [key for key in edge_cases() if flagged(key, "LowOrderA")]

    # Eight points; five of the encodings besides are of y over p or of x = -0, one of both.
    assert (14, 6) == (len(keys), sum(flagged(key, "NonCanonicalA") for key in keys))
    assert [] == [key for key in keys if loads(key)]


def test_only_the_key_of_prime_order_is_loaded() -> None:
    rest = [key for key in edge_cases() if not flagged(key, "LowOrderA")]
    pure = [key for key in rest if not flagged(key, "LowOrderComponentA")]

    assert (8, 1) == (len(rest), len(pure))
    assert pure == [key for key in rest if loads(key)]


@pytest.mark.parametrize("key", edge_cases())
def test_edge_cases_are_decided_as_their_flags_say(key: str) -> None:
    expected, met = [], []
    for test in edge_cases()[key]:
        refused = REFUSED_FLAGS & set(test["flags"])
        expected.append("invalid" if refused else "valid")
        met.append(verdict(ed25519_key(key), bytes.fromhex(test["sig"]), test["msg"].encode()))

    assert expected == met


def test_openssl_decides_the_edge_cases_of_the_loaded_key_alike(tmp_path: Path) -> None:
    (name,) = (key for key in edge_cases() if loads(key))
    key, expected, met = ed25519_key(name), [], []
    for test in edge_cases()[name]:
        signature, message = bytes.fromhex(test["sig"]), test["msg"].encode()
        expected.append(verdict(key, signature, message) == "valid")
        met.append(openssl_verifies(tmp_path, key, signature, message))

    assert (22, 2) == (len(expected), expected.count(True))
    assert expected == met


def signed_bytes(envelope: dict[str, Any]) -> bytes:
    payload = base64.urlsafe_b64decode(envelope["payload"].translate(str.maketrans("+/", "-_")))
    return pae(envelope["payloadType"], payload)


def signature_of(entry: dict[str, str]) -> bytes:
    return base64.urlsafe_b64decode(entry["sig"].translate(str.maketrans("+/", "-_")))


def test_the_example_of_dsse_verifies() -> None:
    (example,) = document("dsse-protocol.json")["vectors"]
    numbers = ec.EllipticCurvePublicNumbers(int(example["x"]), int(example["y"]), ec.SECP256R1())
    key = load_public(public_key(numbers.public_key()).pem, "example")
    raw = signature_of(example["envelope"]["signatures"][0])
    pair = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    assert example["pae"].encode() == signed_bytes(example["envelope"])
    key.verify(encode_dss_signature(*pair), signed_bytes(example["envelope"]))


@pytest.mark.parametrize(
    "vector", document("dsse-testvectors.json")["vectors"], ids=lambda one: one["id"]
)
def test_dsse_s_envelopes_have_our_encoding_and_signatures(vector: dict[str, Any]) -> None:
    keys = {
        name: ed25519_key(key) for name, key in document("dsse-testvectors.json")["keys"].items()
    }
    envelope = vector["envelope"]
    swapped = vector["id"] == "payload-type-swapped"
    verified = {
        name
        for name in vector["trustedKeys"]
        for entry in envelope["signatures"]
        if "valid" == verdict(keys[name], signature_of(entry), signed_bytes(envelope))
    }

    # The encoding is what was signed; the one vector in which it is not names another type.
    assert swapped == (bytes.fromhex(vector["pae"]) != signed_bytes(envelope))
    # Distinct trusted keys are counted, and the payload's type must be one that is known.
    enough = len(verified) >= vector["threshold"]
    known = envelope["payloadType"] in vector["supportedPayloadTypes"]
    assert ("accept" == vector["expect"]) == (enough and known)
