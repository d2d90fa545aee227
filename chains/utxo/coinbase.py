"""Which coins are of a coinbase and cannot be spent yet.

Consensus: a coinbase output may be an input of a block at height H only if H minus the output's
height is at least the maturity (Bitcoin Core, src/consensus/tx_verify.cpp, CheckTxInputs). A coin
is immature at a pin if the block after the pin could not spend it. Only coins young enough for that
question are asked about: the nodes' newer versions say it in the scan, older ones are asked one by
one. A coin that is old enough is recorded as not of a coinbase, because nobody needs to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chains.evidence import Exchange
from chains.utxo.answers import read_first_txid, read_hash, read_output
from chains.utxo.calls import block_call, hash_call, output_call

if TYPE_CHECKING:
    from chains.evidence import Call, ErrorCode
    from chains.index import IndexedLog
    from chains.utxo.answers import Scan, Unspent
    from config.registry import UtxoFormat

Told: TypeAlias = "bool | Call | ErrorCode"
"""Whether a coin is immature; the question to ask next; or the code of a question that failed."""


def immature(form: UtxoFormat, scan: Scan, unspent: Unspent, log: IndexedLog) -> Told:
    """Tell from a log whether a coin of a scan is of a coinbase that cannot be spent yet.

    Args:
        form: gives the maturity in blocks.
        scan: gives the pin's height.
        unspent: an output of the scan.
        log: what the source was asked and answered.
    """
    if scan.height + 1 - unspent.height >= form.coinbase_maturity:
        return False
    if unspent.coinbase is not None:
        return unspent.coinbase
    try:
        return _from_output(unspent, log)
    except ValueError:
        return "malformed_answer"


def answered(log: IndexedLog, call: Call) -> Exchange | None:
    """Give what a source answered to a question; None if it was not asked.

    A question recorded twice is a malformed answer: a reading asks each once, so one is foreign.
    """
    exchanges = log.exchanges(call)
    if len(exchanges) > 1:
        return Exchange(call, error="malformed_answer")
    return exchanges[0] if exchanges else None


def _from_output(unspent: Unspent, log: IndexedLog) -> Told:
    """Tell from `gettxout`, and from the block if the coin was spent since."""
    call = output_call(unspent.txid, unspent.vout)
    exchange = answered(log, call)
    if exchange is None:
        return call
    if exchange.error is not None:
        return exchange.error
    told = read_output(exchange.result, unspent)
    return _from_block(unspent, log) if told is None else told


def _from_block(unspent: Unspent, log: IndexedLog) -> Told:
    """Tell by comparing the coin's transaction with its block's first."""
    call = hash_call(unspent.height)
    exchange = answered(log, call)
    if exchange is None:
        return call
    if exchange.error is not None:
        return exchange.error
    block_hash = read_hash(exchange.result)
    call = block_call(block_hash)
    exchange = answered(log, call)
    if exchange is None:
        return call
    if exchange.error is not None:
        return exchange.error
    return read_first_txid(exchange.result, block_hash, unspent.height) == unspent.txid
