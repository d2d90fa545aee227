"""Aptos addresses: 32 bytes, canonical as `0x` and 64 lower-case hex digits (the LONG form).

    0x4062a7375a1ab2bb8bc33d2c1cb2f6b0afa1cef98ea7a5afec7afc96675fe1d      as an exchange wrote it
    0x04062a7375a1ab2bb8bc33d2c1cb2f6b0afa1cef98ea7a5afec7afc96675fe1d     canonical

AIP-40 writes the sixteen special addresses (`0x0` to `0xf`) short and all others long. Here all are
long, so that there is one rule. It asks readers not to take other addresses without their leading
zeros, but published proofs have them, so up to 64 digits are read; a digit lost at the end gives an
address that no key of the prover leads to. Text without `0x` is refused.

The address of an account is the SHA3-256 of its first key and a scheme byte (0 for ed25519). The
key may be changed later while the address stays; the chain alone knows.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from chains.refusal import not_an_address

if TYPE_CHECKING:
    from config.registry import Chain

DIGITS = 64
SINGLE_ED25519 = b"\x00"
"""Scheme byte of a single ed25519 key, after the key."""

_TEXT = re.compile(r"0x([0-9a-fA-F]{1,64})", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is `0x` and 1 to 64 hex digits."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise not_an_address(chain, text, "0x and up to 64 hex digits are expected")
    return f"0x{match[1].lower().zfill(DIGITS)}"


def address_of_key(key: bytes) -> str:
    """Write the address that an account with this first ed25519 key has."""
    return f"0x{hashlib.sha3_256(key + SINGLE_ED25519).hexdigest()}"
