"""The hash of a public key that many chains write as an address."""

from __future__ import annotations

import hashlib

# hashlib has RIPEMD-160 only where OpenSSL's legacy provider is installed.
from Crypto.Hash import RIPEMD160


def hash160(data: bytes) -> bytes:
    """Give RIPEMD-160 of SHA-256, 20 bytes."""
    return RIPEMD160.new(hashlib.sha256(data).digest()).digest()
