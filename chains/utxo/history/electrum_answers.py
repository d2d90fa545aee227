"""What an Electrum server answered, decoded; a form that is not expected is refused.

Each function takes a call's result and raises `ValueError` if it has not the form that the call
gives. Keys that a newer protocol may add are let through; those that are read must be there, with
their exact type: true is not 1, and a number with a fraction is text here (`chains.wire`) and
refused. Hashes and bytes are lower-case hex.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.utxo.answers import read_hash
from chains.utxo.history.headers import HEADER_BYTES, header_hash
from chains.utxo.history.merkle import MAX_DEPTH, Branch
from chains.utxo.history.transaction import MAX_BYTES, Transaction, read_transaction

if TYPE_CHECKING:
    from chains.evidence import Json
    from chains.utxo.history.replay import History

MAX_HEIGHT = 2**31 - 1
"""A height is a signed number of four bytes in every node of the family."""

_HEX = re.compile(r"[0-9a-f]*", re.ASCII)
_AUXILIARY = 1
"""Bit 8 of a header's version (dogecoin/dogecoin src/primitives/pureheader.h, VERSION_AUXPOW)."""
_MEMPOOL = (0, -1)
"""Heights of a transaction that is in no block; -1 if it spends another such."""


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a server's chain ends, in its words."""

    height: int
    block_hash: str


def read_features(value: Json) -> str:
    """Read the hash of the first block from `server.features`."""
    return read_hash(_object(value).get("genesis_hash"))


def read_tip(value: Json) -> Tip:
    """Read `blockchain.headers.subscribe`."""
    answer = _object(value)
    height = read_height(answer.get("height"))
    return Tip(height, header_hash(read_block_header(answer.get("hex"))))


def read_block_header(value: Json) -> bytes:
    """Read `blockchain.block.header`: 80 bytes.

    On a chain that is mined along with another, the proof of its work may follow; the header says
    so in its version. The block's hash is that of the 80 bytes, and only they are given here.
    """
    raw = hex_bytes(value, HEADER_BYTES, MAX_BYTES)
    if len(raw) > HEADER_BYTES and not raw[1] & _AUXILIARY:
        raise ValueError(f"header of {len(raw)} bytes, expected {HEADER_BYTES}")
    return raw[:HEADER_BYTES]


def read_block_headers(value: Json, count: int) -> bytes:
    """Read `blockchain.block.headers`, which must give as many as were asked for.

    Protocol 1.4 gives them in one text, `hex`; protocol 1.6 one by one, `headers`.
    """
    answer = _object(value)
    given, size = answer.get("count"), count * HEADER_BYTES
    if type(given) is not int or given != count:
        raise ValueError(f"{given!r:.20} headers, {count} were asked for")
    if ("hex" in answer) == ("headers" in answer):
        raise ValueError("headers are given in no form, or in two")
    if "hex" in answer:
        return hex_bytes(answer["hex"], size, size)
    listed = answer["headers"]
    if not isinstance(listed, tuple) or len(listed) != count:
        raise ValueError(f"headers are not a list of {count}")
    return b"".join(read_block_header(item) for item in listed)


def read_history(value: Json) -> History:
    """Read `blockchain.scripthash.get_history`, with what it lists in the mempool."""
    if not isinstance(value, tuple):
        raise ValueError("history is not a list")  # noqa: TRY004 - a wrong answer
    return tuple(_listed(_object(item)) for item in value)


def read_raw_transaction(value: Json, txid: str) -> Transaction:
    """Read `blockchain.transaction.get`; raise ValueError if it is not the one asked for."""
    transaction = read_transaction(hex_bytes(value, 1, MAX_BYTES))
    if transaction.txid != txid:
        raise ValueError(f"transaction {transaction.txid}, {txid} was asked for")
    return transaction


def read_branch(value: Json, height: int) -> Branch:
    """Read `blockchain.transaction.get_merkle`; raise ValueError if it is of another height."""
    at, branch = read_placed_branch(value)
    if at != height:
        raise ValueError(f"branch is of height {at}, {height} was asked for")
    return branch


def read_placed_branch(value: Json) -> tuple[int, Branch]:
    """Read a branch of whatever height it says, and that height."""
    answer = _object(value)
    height = read_height(answer.get("block_height"))
    listed, position = answer.get("merkle"), answer.get("pos")
    if not isinstance(listed, tuple) or len(listed) > MAX_DEPTH:
        raise ValueError(f"branch is not a list of {MAX_DEPTH} hashes at most")
    if type(position) is not int or not 0 <= position < 1 << len(listed):
        raise ValueError(f"position is not within a branch of {len(listed)} levels")
    return height, Branch(tuple(read_hash(item) for item in listed), position)


def read_height(value: Json) -> int:
    """Read the height of a block."""
    if type(value) is not int or not 0 <= value <= MAX_HEIGHT:
        raise ValueError("not the height of a block")
    return value


def hex_bytes(value: Json, least: int, most: int) -> bytes:
    """Read lower-case hex of so many bytes."""
    if not isinstance(value, str) or not 2 * least <= len(value) <= 2 * most:
        raise ValueError(f"not hex of {least} to {most} bytes")
    if not _HEX.fullmatch(value):
        raise ValueError("not lower-case hex")
    return bytes.fromhex(value)


def _listed(item: dict[str, Json]) -> tuple[str, int]:
    txid, height = read_hash(item.get("tx_hash")), item.get("height")
    if type(height) is int and height in _MEMPOOL:
        return txid, height
    return txid, read_height(height)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a wrong answer, not a wrong caller
    return value
