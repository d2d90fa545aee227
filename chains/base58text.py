"""Base58 with a checksum, of text that nobody has looked at yet.

    text = base58(payload || first four bytes of SHA-256(SHA-256(payload)))

Chains differ in the order of the alphabet and in what the payload holds.
"""

from __future__ import annotations

import re

import base58

from chains.utxo import base58check
from config.errors import InputError

BITCOIN = base58.BITCOIN_ALPHABET
RIPPLE = base58.RIPPLE_ALPHABET
"""The same letters in another order, so that an address of the XRP Ledger begins with r."""

_LETTERS = re.compile(r"[1-9A-HJ-NP-Za-km-z]+", re.ASCII)


def decode_check(text: str, longest: int, alphabet: bytes = BITCOIN) -> bytes:
    """Read the payload of base58 text.

    Args:
        text: the text alone, without spaces around it.
        longest: most characters that are looked at.
        alphabet: BITCOIN or RIPPLE.

    Raises:
        InputError: another letter, a longer text, or a checksum that does not match.
    """
    if len(text) > longest or _LETTERS.fullmatch(text) is None:
        raise InputError(f"not base58 of at most {longest} characters")
    payload = base58check.read(text, alphabet)
    if payload is None:
        raise InputError("base58 checksum does not match")
    return payload


def encode_check(payload: bytes, alphabet: bytes = BITCOIN) -> str:
    """Write a payload with its checksum."""
    return base58.b58encode_check(payload, alphabet=alphabet).decode("ascii")
