from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st

from attest.envelope import PAYLOAD_TYPE, open_envelope, read_envelope, seal
from attest.errors import InvalidEnvelope
from attest.keys import SigningKey, load_signing, new_key
from attest.statement import canonical
from proofs.dsse import pae

if TYPE_CHECKING:
    from attest.keys import Algorithm

PAYLOAD = b'{"_type":"x"}'
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def make(algorithm: Algorithm) -> SigningKey:
    return load_signing(new_key(algorithm, None)[0], "test", lambda: b"")


@pytest.fixture(scope="module", params=["p256", "ed25519"])
def key(request: pytest.FixtureRequest) -> SigningKey:
    algorithm: Algorithm = request.param
    return make(algorithm)


def test_pae_is_that_of_the_specification() -> None:
    # DSSE 1.0.2, protocol.md, the worked example.
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_counted_in_bytes() -> None:
    assert pae("http://example.com/HelloWorld", "h\u00e9llo".encode()).endswith(b" 6 h\xc3\xa9llo")


def test_what_is_sealed_opens(key: SigningKey) -> None:
    payload, found = open_envelope(seal(PAYLOAD, key), (key.public,))

    assert payload == PAYLOAD
    assert found.keyid == key.public.keyid


def test_another_key_does_not_open(key: SigningKey) -> None:
    with pytest.raises(InvalidEnvelope) as refused:
        open_envelope(seal(PAYLOAD, key), (make("p256").public,))

    assert refused.value.reason == "no_trusted_signature"


def test_no_trusted_key_opens_nothing(key: SigningKey) -> None:
    with pytest.raises(InvalidEnvelope, match="not trusted"):
        open_envelope(seal(PAYLOAD, key), ())


def test_every_changed_byte_is_refused(key: SigningKey) -> None:
    sealed = seal(PAYLOAD, key)

    for place in range(len(sealed)):
        for change in (1, 0x20, 0x80):
            forged = bytearray(sealed)
            forged[place] ^= change
            with pytest.raises(InvalidEnvelope):
                open_envelope(bytes(forged), (key.public,))


def test_every_cut_is_refused(key: SigningKey) -> None:
    sealed = seal(PAYLOAD, key)

    for length in range(len(sealed)):
        with pytest.raises(InvalidEnvelope):
            open_envelope(sealed[:length], (key.public,))
    with pytest.raises(InvalidEnvelope):
        open_envelope(sealed + b"\n", (key.public,))


def reseal(key: SigningKey, change: dict[str, object]) -> bytes:
    document = json.loads(seal(PAYLOAD, key))
    return canonical({**document, **change})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payloadType": "text/plain"}, "wrong_payload_type"),
        ({"signatures": []}, "malformed_envelope"),
        ({"payload": 1}, "malformed_envelope"),
        ({"more": 1}, "malformed_envelope"),
    ],
)
def test_another_form_is_refused(key: SigningKey, change: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidEnvelope) as refused:
        open_envelope(reseal(key, change), (key.public,))

    assert refused.value.reason == reason


def test_one_signature_under_two_ids_is_refused(key: SigningKey) -> None:
    signature = json.loads(seal(PAYLOAD, key))["signatures"][0]
    twice = [signature, {**signature, "keyid": "0" * 64}]

    with pytest.raises(InvalidEnvelope):
        open_envelope(reseal(key, {"signatures": twice}), (key.public,))


def test_url_safe_base64_is_refused() -> None:
    key = make("p256")
    payload = b"\xfb\xff\xfe" * 3
    document = json.loads(seal(payload, key))
    loose = {**document, "payload": base64.urlsafe_b64encode(payload).decode()}

    with pytest.raises(InvalidEnvelope):
        open_envelope(canonical(loose), (key.public,))


def test_the_type_is_under_the_signature(key: SigningKey) -> None:
    other = key.sign(pae("application/vnd.custody-attest.challenges+json", PAYLOAD))
    forged = canonical(
        {
            "payload": base64.b64encode(PAYLOAD).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key.public.keyid, "sig": base64.b64encode(other).decode()}],
        }
    )

    with pytest.raises(InvalidEnvelope) as refused:
        open_envelope(forged, (key.public,))

    assert refused.value.reason == "bad_signature"


def test_the_other_ecdsa_form_is_the_same_payload() -> None:
    # ECDSA has two signatures a message; whoever counts signatures by their bytes counts two.
    key = make("p256")
    envelope = read_envelope(seal(PAYLOAD, key))
    r, s = decode_dss_signature(envelope.signature)
    other = encode_dss_signature(r, P256_ORDER - s)
    twin = canonical(
        {
            "payload": base64.b64encode(PAYLOAD).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key.public.keyid, "sig": base64.b64encode(other).decode()}],
        }
    )

    assert open_envelope(twin, (key.public,))[0] == PAYLOAD


def test_an_envelope_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = make("p256")
    monkeypatch.setattr("attest.envelope.MAX_ENVELOPE", 100)

    with pytest.raises(InvalidEnvelope, match="the limit is 100"):
        open_envelope(seal(PAYLOAD, key), (key.public,))


@given(st.binary(max_size=400))
def test_nothing_else_escapes(data: bytes) -> None:
    with pytest.raises(InvalidEnvelope):
        read_envelope(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["payload", "payloadType", "signatures", "keyid", "sig"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_no_other_document_is_an_envelope(document: object) -> None:
    with pytest.raises(InvalidEnvelope):
        read_envelope(json.dumps(document).encode())


def test_text_that_is_not_ascii_is_refused(key: SigningKey) -> None:
    with pytest.raises(InvalidEnvelope):
        open_envelope(reseal(key, {"payload": "\u00e9"}), (key.public,))
