"""TON's wallet contracts: what address a key has under each wallet code.

The hash in an address is the hash of a cell of code and data (whitepaper, 1.4 and 3.1.6):

    hash(cell) = SHA-256( two descriptors || data || depths and hashes of the references )

    wallet   code (hash, depth)   data with which it is deployed                            bits
    v3r2     84dafa44…, 0         seqno 0 (32), wallet id (32), key (256)                    320
    v4r2     feb5ff68…, 7         the same, no plugins (1)                                   321
    v5r1     20834b7b…, 6         signatures allowed (1), seqno 0, wallet id, key, none (1)  322

Each has the wallet id that wallets give the first wallet of a key on the main network. A code that
is not here (multisig, highload, lockups, other wallet ids) gives other addresses, and a claim about
one of those cannot be linked to its key: a signature says nothing of a contract whose rules are
unknown. Published addresses of each code are among the vectors.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

FIRST_WALLET = 698983191
"""Wallet id of versions 3 and 4 on the basechain."""
FIRST_WALLET_V5 = 0x7FFFFF11
"""Wallet id of version 5: the network -239, the basechain and number 0, folded into 32 bits."""
KEY_BITS = 256
STATE, STATE_BITS = 0b00110, 5
"""A deployed state: no split depth, not special, with code, with data, no libraries."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet code and what stands around the key in the data it is deployed with."""

    code: bytes
    """Hash of the code's cell."""
    depth: int
    """Depth of the code's cells."""
    before: int
    """The bits before the key, as a number."""
    before_bits: int
    after_bits: int
    """Zero bits after the key."""


WALLETS = (
    Wallet(
        bytes.fromhex("84dafa449f98a6987789ba232358072bc0f76dc4524002a5d0918b9a75d2d599"),
        depth=0,
        before=FIRST_WALLET,
        before_bits=64,
        after_bits=0,
    ),
    Wallet(
        bytes.fromhex("feb5ff6820e2ff0d9483e7e0d62c817d846789fb4ae580c878866d959dabd5c0"),
        depth=7,
        before=FIRST_WALLET,
        before_bits=64,
        after_bits=1,
    ),
    Wallet(
        bytes.fromhex("20834b7b72b112147e1b2fb457b84e74d1a30f04f737d4f62a668e9552d2b72f"),
        depth=6,
        before=1 << 64 | FIRST_WALLET_V5,
        before_bits=65,
        after_bits=1,
    ),
)


def account_hashes(key: bytes) -> tuple[bytes, ...]:
    """Give the hash part of the address that a key has under each known wallet code."""
    return tuple(_account_hash(wallet, key) for wallet in WALLETS)


def _account_hash(wallet: Wallet, key: bytes) -> bytes:
    number = (wallet.before << KEY_BITS | int.from_bytes(key, "big")) << wallet.after_bits
    bits = wallet.before_bits + KEY_BITS + wallet.after_bits
    data = hashlib.sha256(_body(number, bits, references=0)).digest()
    depths = wallet.depth.to_bytes(2, "big") + bytes(2)
    state = _body(STATE, STATE_BITS, references=2)
    return hashlib.sha256(state + depths + wallet.code + data).digest()


def _body(number: int, bits: int, references: int) -> bytes:
    """Write a cell's two descriptors and its data: a bit 1 and zeros fill up the last byte."""
    whole, rest = divmod(bits, 8)
    padded = number if not rest else (number << 1 | 1) << (7 - rest)
    size = whole + bool(rest)
    return bytes((references, whole + size)) + padded.to_bytes(size, "big")
