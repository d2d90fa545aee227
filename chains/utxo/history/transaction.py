"""A raw transaction, read strictly: its identifier, what it spends, what it pays.

The adapter of python-bitcoinlib in this package: the library deserialises and writes again, and
nothing else of it is used. What is refused, because one text must mean one thing:

- bytes after the transaction, an encoding that the library does not write again byte for byte, a
  transaction without inputs or outputs, a negative amount, more than MAX_BYTES;
- a transaction of 64 bytes without its witness: it could be read as an inner node of a Merkle tree,
  and a node as a transaction (CVE-2017-12842; BIP-54 forbids them for that);
- a transaction with data of Litecoin's extension blocks. Blocks carry none in their transactions
  but for the mark on each block's last, the HogEx, which holds no data and is read. Its identifier
  and every other one leaves witness and mark out (litecoin-project/litecoin,
  src/primitives/transaction.{h,cpp}, ComputeHash).

The txid is computed here, so a caller who asked for a txid compares it, and trusts no server.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

# The library ships no types; what crosses this module is given its type here.
from bitcoin.core import CTransaction  # type: ignore[import-untyped]
from bitcoin.core.serialize import SerializationError  # type: ignore[import-untyped]

MAX_BYTES = 4_000_000
"""The weight of a whole block (BIP-141), which no transaction of it exceeds; on Bitcoin Cash a
transaction has one million bytes at most."""

NODE_BYTES = 64
"""Two hashes: an inner node of a Merkle tree before it is hashed."""

_SHORTEST = 10
"""Version, two empty lists, lock time."""
_WITNESS, _MWEB = 1, 8
"""Bits of the flag byte that follows an empty list of inputs (BIP-144; Litecoin's source above)."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a replay needs of a transaction."""

    txid: str
    """As people write it: the hash's bytes reversed, in lower-case hex."""
    inputs: tuple[tuple[str, int], ...]
    """The outputs it spends, by txid and index; none for a coinbase."""
    outputs: tuple[tuple[str, int], ...]
    """Script in lower-case hex, and base units."""
    coinbase: bool


def read_transaction(raw: bytes) -> Transaction:
    """Read a transaction as it goes over the network, with or without witness.

    Raises:
        ValueError: not exactly one transaction, or one that the module refuses.
    """
    if not _SHORTEST <= len(raw) <= MAX_BYTES:
        raise ValueError(f"transaction of {len(raw)} bytes, allowed {_SHORTEST} to {MAX_BYTES}")
    parsed, stripped = _parsed(_without_mark(raw))
    if len(stripped) == NODE_BYTES:
        raise ValueError(f"transaction of {NODE_BYTES} bytes: it could be a node of a Merkle tree")
    outputs = tuple((bytes(out.scriptPubKey).hex(), int(out.nValue)) for out in parsed.vout)
    if not parsed.vin or not outputs:
        raise ValueError(f"transaction of {len(parsed.vin)} inputs and {len(outputs)} outputs")
    if any(units < 0 for _, units in outputs):
        raise ValueError("transaction with a negative amount")
    coinbase = bool(parsed.is_coinbase())
    spent = () if coinbase else tuple((_shown(i.prevout.hash), i.prevout.n) for i in parsed.vin)
    txid = _shown(hashlib.sha256(hashlib.sha256(stripped).digest()).digest())
    return Transaction(txid, spent, outputs, coinbase)


def could_be_transaction(node: bytes) -> bool:
    """Tell whether the 64 bytes of a Merkle node have the shape of a transaction.

    One of 64 bytes has one input and one output, whose scripts share four bytes. A node of two
    hashes has this shape by chance about once in a thousand million.
    """
    if len(node) != NODE_BYTES:
        raise ValueError(f"merkle node of {len(node)} bytes, expected {NODE_BYTES}")
    unlock = node[41]
    lock = NODE_BYTES - 60 - unlock
    return node[4] == 1 and lock >= 0 and node[46 + unlock] == 1 and node[55 + unlock] == lock


def _without_mark(raw: bytes) -> bytes:
    """Take the mark of a HogEx out: a flag, and an empty part before the lock time."""
    if raw[4] != 0 or not raw[5] & _MWEB:
        return raw
    flags = raw[5] ^ _MWEB
    if flags not in {0, _WITNESS} or raw[-5] != 0:
        raise ValueError("mweb: transaction with data of an extension block")
    marker = bytes((0, flags)) if flags else b""
    return raw[:4] + marker + raw[6:-5] + raw[-4:]


def _parsed(raw: bytes) -> tuple[CTransaction, bytes]:
    """Give the library's transaction, and its bytes without witness."""
    try:
        parsed = CTransaction.deserialize(raw)
        written = bytes(parsed.serialize())
        stripped = bytes(parsed.serialize({"include_witness": False}))
    except (SerializationError, ValueError) as error:
        raise ValueError("bytes are not one transaction") from error
    if written != raw:
        raise ValueError("transaction is not in its one encoding")
    return parsed, stripped


def _shown(digest: bytes) -> str:
    """Write a hash as people do."""
    return digest[::-1].hex()
