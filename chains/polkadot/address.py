"""Polkadot addresses: SS58 with the network prefix 0 and a key of 32 bytes.

    base58( 0x00 || key (32) || first 2 bytes of BLAKE2b-512("SS58PRE" || 0x00 || key) )
    12bzRJfh7arnnfPPUZHeJUaE62QLEwhK48QnH9LXeK2m1iZU

The same key has another text on every network of the family (prefix 2 on Kusama, 42 for any); only
the relay chain's own is read, so that a file names each account in one way. Which kind of key it is
(sr25519, ed25519, a hash) the address does not say. Multisig and proxy accounts look the same, and
no key stands behind them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import base58

from chains.refusal import not_an_address

if TYPE_CHECKING:
    from config.registry import Chain

PREFIX = b"\x00"
"""Polkadot's own number among the networks (ss58-registry)."""

_SIZE = 35
_DOMAIN = b"SS58PRE"
# 35 bytes of which the first is zero are at most 48 characters; base58 work is quadratic.
_TEXT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{35,50}", re.ASCII)


def parse_address(chain: Chain, text: str) -> str:
    """Read an address; raise InputError unless it is SS58 of Polkadot with a key of 32 bytes."""
    if _TEXT.fullmatch(text) is None:
        raise not_an_address(chain, text, "SS58 text of 35 to 50 characters is expected")
    data = base58.b58decode(text)
    if data[:1] != PREFIX or len(data) != _SIZE:
        raise not_an_address(
            chain,
            text,
            f"network prefix {data[0]} and {len(data)} bytes, the chain has 0 and {_SIZE}",
            "write the account with the prefix of this network",
        )
    if text != address_of_key(data[1:33]):
        raise not_an_address(chain, text, "checksum does not match")
    return text


def key_of(address: str) -> bytes:
    """Give the 32 bytes of a canonical address, which are the key if there is one."""
    return base58.b58decode(address)[1:33]


def address_of_key(key: bytes) -> str:
    """Write the address of a public key of 32 bytes."""
    body = PREFIX + key
    checksum = hashlib.blake2b(_DOMAIN + body).digest()[:2]
    return base58.b58encode(body + checksum).decode("ascii")
