"""The questions to an Electrum server, as a reader asks and a recheck finds them.

    server.features                       which chain it follows, in its own words
    blockchain.block.header height        which chain it follows, by hash; nothing else at a height
    blockchain.headers.subscribe          where its chain ends
    blockchain.scripthash.get_history     which transactions touch a script
    blockchain.transaction.get txid       a transaction's bytes
    blockchain.transaction.get_merkle     where it is in its block
    blockchain.block.headers from, count  a run of headers

Described in docs/protocol-methods.rst of spesmilo/electrum-protocol, versions 1.4 and 1.6. Which of
them is spoken is agreed on by whoever connects (`chains.electrum.source`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chains.evidence import Call

if TYPE_CHECKING:
    from config.registry import UtxoFormat

MAX_CHUNK = 2016
"""Headers in one answer: as many as every server gives."""

FEATURES = Call("server.features", ())
TIP = Call("blockchain.headers.subscribe", ())


def identity_calls(form: UtxoFormat) -> tuple[tuple[Call, str], ...]:
    """Give the questions for headers that show which chain a server follows, each with its hash."""
    return tuple((header_call(height), block_hash) for height, block_hash in form.known_blocks)


def header_call(height: int) -> Call:
    """Ask for the header at a height."""
    return Call("blockchain.block.header", (height,))


def headers_call(start: int, count: int) -> Call:
    """Ask for consecutive headers."""
    return Call("blockchain.block.headers", (start, count))


def chunks(low: int, top: int) -> tuple[tuple[int, int], ...]:
    """Cut the headers from one height to another, both included, into starts and counts."""
    return tuple(
        (start, min(MAX_CHUNK, top - start + 1)) for start in range(low, top + 1, MAX_CHUNK)
    )


def history_call(script: str) -> Call:
    """Ask for the transactions that touch an output script in hex."""
    return Call("blockchain.scripthash.get_history", (scripthash(script),))


def transaction_call(txid: str) -> Call:
    """Ask for a transaction's bytes."""
    return Call("blockchain.transaction.get", (txid,))


def merkle_call(txid: str, height: int) -> Call:
    """Ask for a transaction's branch in the block at a height."""
    return Call("blockchain.transaction.get_merkle", (txid, height))


def scripthash(script: str) -> str:
    """Give a script's name on Electrum servers: its SHA-256 with the bytes reversed."""
    return hashlib.sha256(bytes.fromhex(script)).digest()[::-1].hex()
