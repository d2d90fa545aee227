"""Keys and signatures of the XRP Ledger: two kinds of key, told apart by the key's first byte.

    ED             ed25519: 64 bytes R || S over the message itself
    02 or 03       secp256k1: minimal DER over SHA-512Half(message), s at most n/2

Both are written in hex, with or without `0x`, in any case. SHA-512Half is the first half of SHA-512
(xrpl.org, "Cryptographic Keys"). "Fully canonical" signatures alone are read, as the ledger has
demanded since the amendment RequireFullyCanonicalSig.

libsodium verifies ed25519: it refuses keys and points of small order, S beyond the order, and any
other way of writing a point. A library that takes those lets anybody sign for some accounts.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs import hextext, secp256k1
from proofs.control import InvalidProof, quiet
from proofs.ed25519.signature import SIGNATURE_SIZE, check_signature

if TYPE_CHECKING:
    from proofs.control import Show

ED25519 = 0xED
KEY_SIZE = 33
MAX_SIGNATURE = 72
"""Bytes of the longest DER signature."""


def read_key(text: str) -> bytes:
    """Read the 33 bytes of a public key; raise InvalidProof: `malformed_public_key`.

    Whether they are a point of the curve is seen when a signature is checked.
    """
    key = hextext.decode(text, hextext.limit_of(KEY_SIZE), "malformed_public_key")
    if len(key) != KEY_SIZE:
        raise InvalidProof("malformed_public_key")
    return key


def check(key: bytes, signature: str, message: bytes, show: Show = quiet) -> str:
    """Check that a key signed a message.

    Args:
        key: as `read_key` gives it.
        signature: as the claim writes it.
        message: the bytes that the wallet was asked to sign.
        show: told the digest, where there is one.

    Returns:
        The signature's identity, by which its reuse is seen.

    Raises:
        InvalidProof: `malformed_signature`, `malformed_public_key`, `high_s`, `signature_invalid`.
    """
    data = hextext.decode(signature, hextext.limit_of(MAX_SIGNATURE))
    # The hash that ed25519 makes inside covers more; here SHA-512 only names what was signed.
    digest = hashlib.sha512(message).digest()[:32]
    if key[0] == ED25519:
        if len(data) != SIGNATURE_SIZE:
            raise InvalidProof("malformed_signature")
        check_signature(key[1:], data, message)
        return secp256k1.identity(key, data, digest)
    show("digest (sha-512, first half)", digest)
    compact = secp256k1.compact_of_der(data)
    secp256k1.check(secp256k1.read_key(key), compact, digest)
    return secp256k1.identity(key, compact, digest)
