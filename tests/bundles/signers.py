"""The parties of the vectors: keys that follow from their names, so that anybody can make them.

They are test keys. Signatures are deterministic (RFC 6979, RFC 8032): the same bytes at every run.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from attest.keys import SigningKey, public_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.keys import PublicKey

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""
SMALL_ORDER = b"\x01" + bytes(31)
"""The neutral point: (this, s = 0) is a signature under it over every message."""


def p256_private(name: str) -> ec.EllipticCurvePrivateKey:
    secret = int.from_bytes(sha256(f"test vector {name}".encode()).digest(), "big")
    return ec.derive_private_key(secret % (ORDER - 1) + 1, ec.SECP256R1())


def p256(name: str) -> SigningKey:
    raw = p256_private(name)
    how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return SigningKey(lambda message: raw.sign(message, how), public_key(raw.public_key()))


def ed25519(name: str) -> SigningKey:
    raw = Ed25519PrivateKey.from_private_bytes(sha256(f"test vector {name}".encode()).digest())
    return SigningKey(raw.sign, public_key(raw.public_key()))


def ed25519_public(raw: bytes) -> PublicKey:
    """Make a key without the checks of a file."""
    return public_key(Ed25519PublicKey.from_public_bytes(raw))


def other_form(signature: bytes) -> bytes:
    """Give the other signature of ECDSA over the same message: (r, n - s)."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, ORDER - s)


EXCHANGE, PARTNER, AUDITOR = p256("exchange"), p256("partner"), p256("auditor")
SECOND, STRANGER = p256("exchange second"), p256("stranger")
EDWARDS = ed25519("exchange")
SIGNERS: Mapping[str, SigningKey] = {
    "exchange": EXCHANGE,
    "exchange-second": SECOND,
    "exchange-ed25519": EDWARDS,
    "partner": PARTNER,
    "auditor": AUDITOR,
    "stranger": STRANGER,
}
"""Keys whose public part lies in `keys/`, by name."""


def raw_of(key: SigningKey) -> bytes:
    """Give the 32 bytes of an Ed25519 key."""
    assert isinstance(key.public.raw, Ed25519PublicKey)
    return key.public.raw.public_bytes_raw()
