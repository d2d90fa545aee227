"""Sui addresses: 32 bytes as `0x` and 64 lower-case hex digits, and no other length.

    0x02a212de6a9dfa3a69e22387acfbafbb1a9e591bd9d636e7895dcfc8de05f331

Upper-case digits are read. Shorter text names packages of the system (`0x2`), which hold nothing of
anybody's, so a text without its leading zeros is taken for a lost digit and refused.

The address is BLAKE2b-256 of a flag (0 for ed25519) and the key, for good: it has no later keys.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from chains.refusal import not_an_address

if TYPE_CHECKING:
    from config.registry import Chain

ED25519_FLAG = b"\x00"
"""Flag of an ed25519 key, before the key and before a signature."""

_TEXT = re.compile(r"0x([0-9a-fA-F]{64})", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is `0x` and 64 hex digits."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise not_an_address(chain, text, "0x and 64 hex digits are expected")
    return f"0x{match[1].lower()}"


def address_of_key(key: bytes) -> str:
    """Write the address of an ed25519 public key."""
    return f"0x{hashlib.blake2b(ED25519_FLAG + key, digest_size=32).hexdigest()}"
