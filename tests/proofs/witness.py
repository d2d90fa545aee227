"""A witness: his key, the documents he signs, and rows of claims that carry them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TYPE = "application/vnd.custody-attest.ceremony+json"


@dataclass(frozen=True)
class Witness:
    """Signs with the library alone, so that nothing of ours is compared with itself."""

    raw: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

    @property
    def der(self) -> bytes:
        return self.raw.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def sign(self, document: bytes, kind: str = TYPE) -> bytes:
        signed = f"DSSEv1 {len(kind)} {kind} {len(document)} ".encode() + document
        if isinstance(self.raw, ec.EllipticCurvePrivateKey):
            return self.raw.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self.raw.sign(signed)


P256 = Witness(ec.derive_private_key(7, ec.SECP256R1()))
ED25519 = Witness(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def ceremony(accounts: list[str], message: bytes, /, **change: Any) -> bytes:  # noqa: ANN401 - JSON
    """Write a document; a change of None leaves a field out."""
    stated = {
        "version": "v0",
        "accounts": accounts,
        "message_sha256": hashlib.sha256(message).hexdigest(),
        "witness": "Example Witness",
        "held_at": "2026-01-02T00:00:00Z",
        "what": "transaction_signed",
        **change,
    }
    return rfc8785.dumps({key: value for key, value in stated.items() if value is not None})
