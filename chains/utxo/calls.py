"""The questions to a node of the Bitcoin Core family, as reader asks and recheck finds them.

    getblockhash 0                         which chain it is; also the fork's height, if any
    scantxoutset start [raw(script), …]    every script of the plan at once, at the node's tip
    gettxout txid vout false               whether a young coin is of a coinbase
    getblockhash height, getblock hash 1   the same for a coin that was spent after the scan
    getblockheader hash                    the pin's height, median time past and depth

A scan is never split: its answer is one state of the outputs at one block, and that block is the
pin. Scripts are asked for, not addresses, so nothing depends on how the node reads an address. The
mempool is in none of these answers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.utxo.scripts import read_scripts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import ChainPlan
    from config.registry import UtxoFormat

SCAN_STATUS = Call("scantxoutset", ("status",))
"""Answers null if no scan is under way on the node."""


def scripts_of(plan: ChainPlan) -> Mapping[str, str]:
    """Map each planned address to its output script in hex.

    Accounts come first and then what lies after a stated last index, in the order of the plan.
    """
    addresses = [account.address for account in plan.accounts]
    addresses += [one.address for one in plan.margin]
    return read_scripts(plan.chain, tuple(addresses))


@lru_cache(maxsize=1)
def scan_call(scripts: tuple[str, ...]) -> Call:
    """Ask for all unspent outputs of output scripts in hex.

    The last question is kept: it is asked, and then looked for in what was recorded.
    """
    return Call("scantxoutset", ("start", tuple(f"raw({script})" for script in scripts)))


def identity_calls(form: UtxoFormat) -> tuple[tuple[Call, str], ...]:
    """Give the questions that show which chain a node follows, each with its right answer."""
    return tuple((hash_call(height), block_hash) for height, block_hash in form.known_blocks)


def hash_call(height: int) -> Call:
    """Ask for the hash of the block at a height of the node's best chain."""
    return Call("getblockhash", (height,))


def header_call(block_hash: str) -> Call:
    """Ask for a block's header with its depth."""
    return Call("getblockheader", (block_hash,))


def output_call(txid: str, vout: int) -> Call:
    """Ask for an unspent output, the mempool left out."""
    return Call("gettxout", (txid, vout, False))


def block_call(block_hash: str) -> Call:
    """Ask for a block with its transactions' identifiers."""
    return Call("getblock", (block_hash, 1))
