"""Signatures of third parties over documents: DSSE's encoding, under ECDSA P-256 or Ed25519.

    public key   base64 of the SPKI in DER, in the one form that `cryptography` writes it
    signature    base64: DER of ECDSA P-256 with SHA-256, or the 64 bytes of Ed25519
    signed       DSSEv1 SP len(type) SP type SP len(payload) SP payload

A key has one spelling, so that its id, the SHA-256 of the SPKI, is one too: compressed points and
other looser forms are refused. `cryptography` reads keys and verifies P-256; Ed25519 is verified by
libsodium alone, because `cryptography` takes signatures under keys of small order, which anybody
can make (`proofs.ed25519.signature`).

Source: DSSE 1.0.2, protocol; RFC 5480 and RFC 8410 for the keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from proofs import base64text
from proofs.control import InvalidProof
from proofs.ed25519 import signature as strict

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

Raw: TypeAlias = "ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey"

MAX_KEY_TEXT = 200
"""Characters: base64 of 91 bytes for P-256, and room to say that it is no such key."""
MAX_SIGNATURE_TEXT = 200
"""Characters: base64 of at most 72 bytes, and room."""


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A third party's key."""

    raw: Raw
    keyid: str
    """SHA-256 of the SPKI in DER, hex."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Give DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def read_key(text: str) -> DocumentKey:
    """Read a public key as a claim writes it.

    Raises:
        InvalidProof: `malformed_public_key` for any other form or algorithm; `not_a_key` for an
            Ed25519 key of small order or that is no point.
    """
    der = base64text.decode(text, MAX_KEY_TEXT, "malformed_public_key")
    raw = _accepted(_loaded(der))
    if raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != der:
        raise InvalidProof("malformed_public_key")
    if isinstance(raw, ed25519.Ed25519PublicKey):
        strict.check_key(raw.public_bytes_raw())
    return DocumentKey(raw, hashlib.sha256(der).hexdigest())


def _loaded(der: bytes) -> PublicKeyTypes:
    try:
        return load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidProof("malformed_public_key") from error


def _accepted(raw: PublicKeyTypes) -> Raw:
    if isinstance(raw, ed25519.Ed25519PublicKey):
        return raw
    if isinstance(raw, ec.EllipticCurvePublicKey) and isinstance(raw.curve, ec.SECP256R1):
        return raw
    raise InvalidProof("malformed_public_key")


def check(key: DocumentKey, text: str, signed: bytes) -> None:
    """Check a signature.

    Args:
        key: the third party's.
        text: the signature in base64.
        signed: what `pae` gives.

    Raises:
        InvalidProof: `malformed_signature`, `signature_invalid`.
    """
    signature = base64text.decode(text, MAX_SIGNATURE_TEXT)
    if isinstance(key.raw, ed25519.Ed25519PublicKey):
        if len(signature) != strict.SIGNATURE_SIZE:
            raise InvalidProof("malformed_signature")
        strict.check_signature(key.raw.public_bytes_raw(), signature, signed)
        return
    try:
        key.raw.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise InvalidProof("signature_invalid") from error
