"""Verifiers that are not ours, over the bundle vectors: each agrees in what it looks at.

openssl has every signature and every token; `@sigstore/verify` the Sigstore bundles, with the keys
of the vectors, their windows and authorities.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from attest.keys import load_public
from proofs.dsse import pae
from tests.bundles.authorities import own, root
from tests.bundles.running import Vector, names, vector
from tests.bundles.signers import SIGNERS
from tests.nodes.npm import script
from tests.nodes.openssl_verify import openssl_verifies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from attest.keys import PublicKey

NAMES = names()
COPY = "att/0001.signer.sigstore.json"
UNREAD = {"malformed_envelope", "wrong_payload_type", "key_mismatch", "missing_file"}
REFUSED = {
    # What a verifier of Sigstore bundles refuses, of those without a token.
    "envelope-signed-by-another": "SIGNATURE_ERROR",
    "envelope-signature-not-der": "SIGNATURE_ERROR",
    "envelope-signature-trailing-byte": "SIGNATURE_ERROR",
    "envelope-signature-truncated": "SIGNATURE_ERROR",
    "envelope-payload-type-unsigned": "SIGNATURE_ERROR",
    "envelope-keyid-of-another": "SIGNATURE_ERROR",
    "envelope-low-order-key": "PUBLIC_KEY_ERROR",
    "file-sigstore-changed": "PUBLIC_KEY_ERROR",
}
STAMPED = {
    # The same for one that asks for a token of either authority; keys end on 1 May 2027.
    "time-two-authorities": "OK",
    "time-one-of-two": "OK",
    "time-none": "TIMESTAMP_ERROR",
    "time-authority-unknown": "TIMESTAMP_ERROR",
    "time-authority-named-as-another": "TIMESTAMP_ERROR",
    "time-other-bytes": "TIMESTAMP_ERROR",
    "time-signature-changed": "TIMESTAMP_ERROR",
    "key-expired-since": "OK",
}
END = "2027-05-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Enveloped:
    """A signature, and what it is over."""

    label: str
    key: PublicKey
    sig: bytes
    message: bytes


def envelopes(met: Vector) -> Iterator[Enveloped]:
    """Give the signatures of a case that are read at all, each with the key beside it."""
    files = met.bundle
    if UNREAD & set(met.expected.get("reasons", ())):
        return
    for name in sorted(one for one in files if one.endswith(".dsse.json") and one.count(".") == 3):
        label = name.split(".")[1]
        document = json.loads(files[name])
        texts = (document["payload"], document["signatures"][0]["sig"])
        payload, sig = map(base64.b64decode, texts)
        key = load_public(files[f"keys/{label}.pub.pem"], label)
        yield Enveloped(label, key, sig, pae(document["payloadType"], payload))


def test_openssl_says_the_same_of_every_signature(tmp_path: Path) -> None:
    asked: dict[tuple[bytes, bytes], bool] = {}
    differ = []
    for name in NAMES:
        met = vector(name)
        bad = "bad_signature" in met.expected.get("reasons", ())
        for one in envelopes(met):
            said = asked.get((one.sig, one.message))
            if said is None:
                said = openssl_verifies(tmp_path, one.key, one.sig, one.message)
                asked[one.sig, one.message] = said
            if said == bad:
                differ.append((name, one.label))

    assert [] == differ
    assert {True, False} == set(asked.values())


@pytest.fixture(scope="module")
def foreign() -> Iterator[Callable[..., str]]:
    """The published verifier of npm, with the keys of the vectors."""
    with script("verify.mjs", "@sigstore/verify", "@sigstore/bundle") as running:

        def ask(copy: bytes, *authorities: str, end: str | None = None) -> str:
            keys = {
                one.public.keyid: {"spki": one.public.pem.decode(), "end": end}
                for one in SIGNERS.values()
            }
            chains = [[_der(own(name)), _der(root(name))] for name in authorities]
            case = {"bundle": copy.decode(), "keys": keys, "authorities": chains}
            asked = {**case, "timestamps": 1 if authorities else 0}
            return running.ask(json.dumps(asked).encode()).decode()

        yield ask


def _der(issued: Any) -> str:  # noqa: ANN401 - a certificate with its key
    return base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()


def test_a_verifier_of_sigstore_bundles_says_the_same(foreign: Callable[..., str]) -> None:
    copies = {
        name: files[COPY]
        for name in NAMES
        if COPY in (files := vector(name).bundle)
        and "malformed_envelope" not in vector(name).expected.get("reasons", ())
        and b"timestampVerificationData" not in files[COPY]
    }
    answers = {copy: foreign(copy) for copy in set(copies.values())}

    assert REFUSED == {
        name: answers[copy] for name, copy in copies.items() if answers[copy] != "OK"
    }


def test_it_holds_tokens_to_signature_authority_and_window(foreign: Callable[..., str]) -> None:
    copies = {name: vector(name).bundle[COPY] for name in STAMPED}

    assert STAMPED == {name: foreign(copies[name], "one", "two", end=END) for name in STAMPED}
