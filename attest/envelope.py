"""The DSSE envelope: what is signed, and how it is opened.

    {"payload": "<base64>", "payloadType": "application/vnd.in-toto+json",
     "signatures": [{"keyid": "<SHA-256 of the key's SPKI, hex>", "sig": "<base64>"}]}

Signed are the bytes of the pre-authentication encoding,

    DSSEv1 SP len(type) SP type SP len(payload) SP payload

with ECDSA P-256 / SHA-256 (DER) or Ed25519. An envelope of ours is its own RFC 8785 form, with one
signature, padded standard base64 and the keyid of the key, so that every changed byte is found.
DSSE lets verifiers accept looser spellings; envelopes are therefore never compared or counted by
their bytes, only by the payload's digest. Opening verifies first and parses after: nobody holds a
payload unverified.

Source: DSSE 1.0.2, protocol and envelope. Our own framing, because the reference library accepts
one key under two ids and stops at the first signatures that reach its threshold.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidEnvelope
from attest.statement import canonical
from config.errors import InputError
from config.jsontext import parse_json
from proofs.dsse import pae

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.keys import PublicKey, SigningKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_ENVELOPE = 100 * 1024 * 1024
"""Base64 of the largest payload, and room."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope whose form is checked and whose signature is not."""

    payload: bytes
    payload_type: str
    keyid: str
    signature: bytes


def seal(payload: bytes, key: SigningKey) -> bytes:
    """Sign a payload and give the envelope's canonical bytes.

    The signature is verified with the public key before anything is returned; raise SigningError if
    the key cannot sign.
    """
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    return _write(Envelope(payload, PAYLOAD_TYPE, key.public.keyid, signature))


def read_envelope(data: bytes) -> Envelope:
    """Parse an envelope without looking at its signature.

    Raises:
        InvalidEnvelope: anything but the canonical form.
    """
    if len(data) > MAX_ENVELOPE:
        raise _malformed(f"{len(data)} bytes, the limit is {MAX_ENVELOPE}")
    try:
        document = parse_json(data, "envelope")
    except InputError as error:
        raise _malformed(error.what) from error
    match document:
        case {
            "payload": str(payload),
            "payloadType": str(kind),
            "signatures": [{"keyid": str(keyid), "sig": str(sig)}],
        }:
            envelope = Envelope(_base64(payload), kind, keyid, _base64(sig))
        case _:
            raise _malformed("keys or values have the wrong form")
    if _write(envelope) != data:
        raise _malformed("not its own canonical form")
    return envelope


def open_envelope(data: bytes, trusted: Sequence[PublicKey]) -> tuple[bytes, PublicKey]:
    """Verify an envelope and give its payload.

    Args:
        data: the envelope's bytes.
        trusted: the keys of which one must have signed; the keyid only finds it.

    Returns:
        The verified payload and the key that signed it.

    Raises:
        InvalidEnvelope: malformed, another payload type, no trusted key, or a wrong signature.
    """
    envelope = read_envelope(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise InvalidEnvelope("wrong_payload_type", f"payload type is {envelope.payload_type!r}")
    key = next((one for one in trusted if one.keyid == envelope.keyid), None)
    if key is None:
        raise InvalidEnvelope(
            "no_trusted_signature", f"signed by {envelope.keyid}, which is not trusted"
        )
    key.verify(envelope.signature, pae(envelope.payload_type, envelope.payload))
    return envelope.payload, key


def _write(envelope: Envelope) -> bytes:
    return canonical(
        {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [
                {"keyid": envelope.keyid, "sig": base64.b64encode(envelope.signature).decode()}
            ],
        }
    )


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise _malformed("not padded standard base64") from error


def _malformed(what: str) -> InvalidEnvelope:
    return InvalidEnvelope("malformed_envelope", f"envelope: {what}")
