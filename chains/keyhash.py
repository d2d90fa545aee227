"""The hash of a public key that many chains write as an address."""

from __future__ import annotations

import hashlib

from Crypto.Hash import RIPEMD160

# OpenSSL 3 may hold RIPEMD-160 back as legacy. Where it does not, it is five times faster.
# One that is copied spares looking it up by its name each time.
_RIPEMD160 = (
    hashlib.new("ripemd160") if "ripemd160" in hashlib.algorithms_available else RIPEMD160.new()
)


def hash160(data: bytes) -> bytes:
    """Give RIPEMD-160 of SHA-256, 20 bytes."""
    digest = _RIPEMD160.copy()
    digest.update(hashlib.sha256(data).digest())
    return digest.digest()
