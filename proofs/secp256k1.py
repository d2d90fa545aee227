"""ECDSA signatures over secp256k1 that come with their key, in the one form a chain takes.

    compact    r (32) || s (32)                                       Cosmos SDK
    DER        SEQUENCE of INTEGER r, INTEGER s, minimal throughout   XRP Ledger

Both must have s at most n/2: the twin (r, n - s) can be made by anyone, and these chains refuse it.
A key has 33 bytes here; the 65-byte form hashes to another address.

libsecp256k1 verifies, and reads and writes DER. That DER is minimal is shown by writing it again;
the reader alone was not relied on, because whether it is strict is not part of its promise.
"""

from __future__ import annotations

import hashlib

from coincurve import PublicKey
from coincurve.ecdsa import cdata_to_der, der_to_cdata, deserialize_compact, serialize_compact

from proofs.control import InvalidProof
from proofs.key_recovery import ORDER

COMPACT_SIZE = 64
KEY_SIZE = 33


def compact_of_der(der: bytes) -> bytes:
    """Read a signature in minimal DER; raise InvalidProof: `malformed_signature`."""
    try:
        signature = der_to_cdata(der)
        written = cdata_to_der(signature)
    except ValueError as error:
        raise InvalidProof("malformed_signature") from error
    if written != der:
        raise InvalidProof("malformed_signature")
    return bytes(serialize_compact(signature))


def read_key(data: bytes) -> PublicKey:
    """Read a compressed key; raise InvalidProof: `malformed_public_key`."""
    if len(data) != KEY_SIZE:
        raise InvalidProof("malformed_public_key")
    try:
        return PublicKey(data)
    except ValueError as error:
        raise InvalidProof("malformed_public_key") from error


def check(key: PublicKey, compact: bytes, digest: bytes) -> None:
    """Check that a key signed a digest.

    Args:
        key: as `read_key` gives it.
        compact: r and s, 64 bytes.
        digest: 32 bytes.

    Raises:
        InvalidProof: `malformed_signature` for another length, `high_s`, `signature_invalid`.
    """
    if len(compact) != COMPACT_SIZE:
        raise InvalidProof("malformed_signature")
    r, s = (int.from_bytes(half, "big") for half in (compact[:32], compact[32:]))
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise InvalidProof("signature_invalid")
    if s > ORDER // 2:
        raise InvalidProof("high_s")
    if not key.verify(cdata_to_der(deserialize_compact(compact)), digest, hasher=None):
        raise InvalidProof("signature_invalid")


def identity(key: bytes, compact: bytes, digest: bytes) -> str:
    """Name a signature so that its reuse is seen: hex of SHA-256 of digest, key, r and s."""
    return hashlib.sha256(digest + key + compact).hexdigest()
