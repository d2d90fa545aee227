"""Our envelopes as Sigstore bundles, and what verifiers that are not ours say of them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from attest import bundle
from attest.envelope import PAYLOAD_TYPE, read_envelope, seal
from attest.errors import InvalidEnvelope
from attest.keys import load_signing, new_key
from attest.sigstore import sigstore_bundle, sigstore_copies
from attest.statement import canonical
from tests.nodes.authority import new_authority
from tests.nodes.npm import script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from attest.content import Content
    from attest.keys import Algorithm, SigningKey
    from attest.pipeline import Work
    from tests.nodes.authority import Authority
    from tests.nodes.npm import Script

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
LONG_AGO = "2020-01-01T00:00:00Z"


def make(algorithm: Algorithm) -> SigningKey:
    return load_signing(new_key(algorithm, None)[0], "test", lambda: b"")


def test_a_copy_has_the_form_that_is_written_down(signer: SigningKey) -> None:
    envelope = seal(PAYLOAD, signer)
    sig = json.loads(envelope)["signatures"][0]["sig"]

    assert json.loads(sigstore_bundle(envelope, (b"one", b"two"))) == {
        "dsseEnvelope": {
            "payload": base64.b64encode(PAYLOAD).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": sig}],
        },
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "publicKey": {"hint": signer.public.keyid},
            "timestampVerificationData": {
                "rfc3161Timestamps": [{"signedTimestamp": "b25l"}, {"signedTimestamp": "dHdv"}]
            },
            "tlogEntries": [],
        },
    }


@pytest.mark.parametrize("tokens", [(), (b"one",)])
def test_a_copy_is_in_canonical_form(signer: SigningKey, tokens: tuple[bytes, ...]) -> None:
    copy = sigstore_bundle(seal(PAYLOAD, signer), tokens)

    assert canonical(json.loads(copy)) == copy
    assert bool(tokens) == (b"timestampVerificationData" in copy)


def test_what_is_no_envelope_is_not_copied(signer: SigningKey) -> None:
    with pytest.raises(InvalidEnvelope) as refused:
        sigstore_bundle(seal(PAYLOAD, signer) + b"\n", ())

    assert refused.value.reason == "malformed_envelope"


def test_every_envelope_is_copied_with_its_own_tokens(signer: SigningKey) -> None:
    first, second = seal(b"1", signer), seal(b"2", signer)
    files: dict[str, Content] = {
        "att/0001.payload.json": b"1",
        "att/0001.signer.dsse.json": first,
        "att/0001.auditor.dsse.json": second,
        "time/0001.signer.zeit.tsr": b"z",
        "time/0001.signer.anno.tsr": memoryview(b"a"),
        "time/0001.signer.anno.pem": b"no token",
        "time/0001.signer-b.anno.tsr": b"another's",
        "time/0002.signer.anno.tsr": b"of another statement",
        "evidence/0001.other.dsse.json": b"no envelope of this bundle",
    }

    assert {
        "att/0001.auditor.sigstore.json": sigstore_bundle(second, ()),
        "att/0001.signer.sigstore.json": sigstore_bundle(first, (b"a", b"z")),
    } == sigstore_copies(files)


@pytest.fixture(scope="module")
def foreign() -> Iterator[Callable[..., str]]:
    """The published verifier of npm, for a key, its window and authorities."""
    with script("verify.mjs", "@sigstore/verify", "@sigstore/bundle") as running:
        yield lambda *case, **more: ask(running, *case, **more)


def ask(
    running: Script,
    copy: bytes,
    key: SigningKey,
    *authorities: Authority,
    timestamps: int = 0,
    hint: str | None = None,
    end: str | None = None,
) -> str:
    chains = [
        [base64.b64encode(one.der(name)).decode() for name in ("leaf", "root")]
        for one in authorities
    ]
    case = {
        "bundle": copy.decode(),
        "keys": {hint or key.public.keyid: {"spki": key.public.pem.decode(), "end": end}},
        "authorities": chains,
        "timestamps": timestamps,
    }
    return running.ask(json.dumps(case).encode()).decode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"), "Anno")


def altered(copy: bytes, **changes: str) -> bytes:
    document: dict[str, Any] = json.loads(copy)
    document["dsseEnvelope"] |= changes
    return canonical(document)


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_a_foreign_verifier_agrees(
    work: Work, foreign: Callable[..., str], authority: Authority, algorithm: Algorithm
) -> None:
    key = make(algorithm)
    envelope = bytes(bundle.sign(bundle.draft(work), key)["att/0001.signer.dsse.json"])
    bare = sigstore_bundle(envelope, ())
    token = authority.stamp(read_envelope(envelope).signature)
    stamped = sigstore_bundle(envelope, (token,))

    assert foreign(bare, key) == "OK"
    assert foreign(stamped, key, authority, timestamps=1) == "OK"


def test_a_foreign_verifier_refuses_what_we_refuse(
    signer: SigningKey, foreign: Callable[..., str], authority: Authority
) -> None:
    envelope = seal(PAYLOAD, signer)
    bare = sigstore_bundle(envelope, ())
    other_payload = base64.b64encode(PAYLOAD + b" ").decode()

    assert foreign(altered(bare, payload=other_payload), signer) == "SIGNATURE_ERROR"
    assert foreign(altered(bare, payloadType="text/plain"), signer) == "SIGNATURE_ERROR"
    assert foreign(bare, make("p256"), hint=signer.public.keyid) == "SIGNATURE_ERROR"
    assert foreign(bare, make("p256")) == "PUBLIC_KEY_ERROR"
    assert foreign(bare, signer, authority, timestamps=1) == "TIMESTAMP_ERROR"


def test_a_foreign_verifier_holds_tokens_to_signature_authority_and_window(
    signer: SigningKey,
    foreign: Callable[..., str],
    authority: Authority,
    tmp_path: Path,
) -> None:
    envelope = seal(PAYLOAD, signer)
    stamped = sigstore_bundle(envelope, (authority.stamp(read_envelope(envelope).signature),))
    elsewhere = sigstore_bundle(envelope, (authority.stamp(b"another signature"),))
    stranger = new_authority(tmp_path, "Anno")

    assert foreign(stamped, signer, authority, timestamps=1) == "OK"
    assert foreign(elsewhere, signer, authority, timestamps=1) == "TIMESTAMP_ERROR"
    assert foreign(stamped, signer, stranger, timestamps=1) == "TIMESTAMP_ERROR"
    assert foreign(stamped, signer, authority, timestamps=2) == "TIMESTAMP_ERROR"
    assert foreign(stamped, signer, authority, timestamps=1, end=LONG_AGO) == "PUBLIC_KEY_ERROR"
