"""Ed25519 signatures (RFC 8032), strictly: through libsodium alone.

    signature   hex of 64 bytes, R (32) || S (32), with or without 0x
    key         hex of 32 bytes, likewise

What libsodium refuses beyond the RFC is what makes a signature a proof: keys and R of small order
(anyone can sign under them: the all-zero key is Solana's System Program), S not below the group's
order, encodings that are not canonical. The `cryptography` package and the cofactored equation take
some of these, so neither is used.

A key must be a point of the curve that is not of small order. Other 32 bytes are names that no key
stands behind, such as Solana's program-derived addresses: they get a reason of their own. That a
point lies in the main subgroup is not asked, since signature checks do not ask it either.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nacl.bindings import crypto_core_ed25519_add, crypto_sign_open
from nacl.exceptions import BadSignatureError
from nacl.exceptions import RuntimeError as SodiumError

from proofs import hextext
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from proofs.control import Reason

KEY_SIZE = 32
SIGNATURE_SIZE = 64
IDENTITY = b"\x01" + bytes(31)
"""The neutral element, encoded; eight times a point of small order is it."""


def parse_signature(text: str) -> bytes:
    """Read 64 bytes of hex; raise InvalidProof `malformed_signature`."""
    return _sized(text, SIGNATURE_SIZE, "malformed_signature")


def parse_key(text: str) -> bytes:
    """Read 32 bytes of hex; raise InvalidProof `malformed_public_key`, also for empty text."""
    return _sized(text, KEY_SIZE, "malformed_public_key")


def _sized(text: str, size: int, reason: Reason) -> bytes:
    data = hextext.decode(text, hextext.limit_of(size), reason)
    if len(data) != size:
        raise InvalidProof(reason)
    return data


def check_key(key: bytes) -> None:
    """Refuse 32 bytes that no private key can stand behind; raise InvalidProof `not_a_key`."""
    try:
        point = key
        for _doubling in range(3):
            point = crypto_core_ed25519_add(point, point)
    except SodiumError as error:
        raise InvalidProof("not_a_key") from error
    if point == IDENTITY:
        raise InvalidProof("not_a_key")


def check_signature(key: bytes, signature: bytes, signed: bytes) -> None:
    """Check a signature.

    Args:
        key: 32 bytes.
        signature: 64 bytes.
        signed: the bytes that were signed, of any length.

    Raises:
        InvalidProof: `signature_invalid`.
    """
    try:
        crypto_sign_open(signature + signed, key)
    except BadSignatureError as error:
        raise InvalidProof("signature_invalid") from error


def identity(signature: bytes, signed: bytes) -> str:
    """Name a signature so that its reuse is seen: a strict one has one form."""
    return hashlib.sha256(hashlib.sha256(signed).digest() + signature).hexdigest()
