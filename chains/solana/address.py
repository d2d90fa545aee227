"""Solana addresses: 32 bytes in base58, which is their one text.

    7bzoTJhZmpU1vQVjN63fQ3iVYmWCVgQh1sYSqsjuapU9

An address is the public key of a wallet, or a name that a program derived and no key stands behind
(a program-derived address: multisig vaults, token accounts). Both are accounts, so both parse;
whether a key can stand behind one is asked by the scheme that checks a signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import base58

from chains.refusal import not_an_address

if TYPE_CHECKING:
    from config.registry import Chain

SIZE = 32

# 32 bytes are 32 characters if all are zero, and never more than 44; base58 work is quadratic.
_TEXT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is base58 of 32 bytes."""
    if _TEXT.fullmatch(text) is None:
        raise not_an_address(chain, text, "base58 of 32 to 44 characters is expected")
    size = len(base58.b58decode(text))
    if size != SIZE:
        raise not_an_address(chain, text, f"it holds {size} bytes, an address holds {SIZE}")
    return text


def key_of(address: str) -> bytes:
    """Give the 32 bytes of a canonical address, which are the key if there is one."""
    return base58.b58decode(address)


def address_of_key(key: bytes) -> str:
    """Write the address of a public key of 32 bytes."""
    return base58.b58encode(key).decode("ascii")
