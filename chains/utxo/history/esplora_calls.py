"""The questions to an Esplora server: one GET each, its path the only parameter.

    /blocks/tip/height                           where its chain ends
    /block-height/:height                        a block's hash; which chain it follows
    /block/:hash/header                          the 80 bytes of its header
    /scripthash/:sh/txs/chain[/:last_txid]       transactions that touch a script, newest first
    /tx/:txid/hex                                a transaction's bytes
    /tx/:txid/merkle-proof                       where it is in its block

Described in API.md of Blockstream/esplora (023e67f7). A script is named by its SHA-256 as it is
computed, not with the bytes reversed as on Electrum (Blockstream/electrs src/rest.rs).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chains.evidence import Call

if TYPE_CHECKING:
    from config.registry import UtxoFormat


def _get(path: str) -> Call:
    return Call("GET", (path,))


TIP = _get("/blocks/tip/height")


def identity_calls(form: UtxoFormat) -> tuple[tuple[Call, str], ...]:
    """Give the questions that show which chain a server follows, each with its right answer."""
    return tuple((hash_call(height), block_hash) for height, block_hash in form.known_blocks)


def hash_call(height: int) -> Call:
    """Ask for the hash of the block at a height."""
    return _get(f"/block-height/{height}")


def header_call(block_hash: str) -> Call:
    """Ask for a block's header."""
    return _get(f"/block/{block_hash}/header")


def page_call(script: str, last_txid: str | None) -> Call:
    """Ask for the newest transactions that touch an output script in hex, or those after one."""
    name = hashlib.sha256(bytes.fromhex(script)).hexdigest()
    return _get(f"/scripthash/{name}/txs/chain" + (f"/{last_txid}" if last_txid else ""))


def transaction_call(txid: str) -> Call:
    """Ask for a transaction's bytes."""
    return _get(f"/tx/{txid}/hex")


def merkle_call(txid: str) -> Call:
    """Ask for a transaction's branch."""
    return _get(f"/tx/{txid}/merkle-proof")
