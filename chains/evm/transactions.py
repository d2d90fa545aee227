"""A transaction of an EVM chain and the block it is in: asking, and decoding. Pure but for `ask`.

    eth_getTransactionReceipt txid          its block, and whether it was reverted there
    eth_getTransactionByHash txid           its sender, recipient and value, where they are wanted
    eth_getBlockByNumber height false       that this block is the canonical one at its height

The last follows from the first, so they are asked one after the other, of each source by itself. A
receipt in another block than the source has at that height contradicts itself. Receipts of before
Byzantium (2017) do not say whether they are of a failure, and are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.evm.address import checksummed
from chains.evm.calls import MalformedAnswer, block_hash_call, decode_quantity
from chains.evm.witness import UnsettledPin, block_at
from chains.index import index_log
from chains.quorum import MALFORMED, NOT_READ
from chains.snapshot import ABOUT_TRANSACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import Json
    from chains.index import IndexedLog
    from chains.movement import Status
    from chains.quorum import Vote
    from chains.recording import Recorder
    from chains.snapshot import Question
    from config.caip import ChainId

IN_NO_BLOCK = "absent"
"""Said, without a value, of a transaction that a source knows to be in no block, or not at all."""

_HASH = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction's receipt says it is."""

    block_hash: str
    height: int
    status: Status


@dataclass(frozen=True, slots=True)
class Transaction:
    """What is used of a transaction."""

    block_hash: str | None
    """None while it waits for a block."""
    kind: int
    """Its type (EIP-2718), 0 for one of before there were types."""
    sender: str
    recipient: str | None
    """None if it creates a contract."""
    value: int
    """Base units of the native coin."""


def receipt_call(txid: str) -> Call:
    """Ask for a transaction's receipt; null for one that is in no block."""
    return Call("eth_getTransactionReceipt", (txid,))


def transaction_call(txid: str) -> Call:
    """Ask for a transaction; null for one that the source does not know."""
    return Call("eth_getTransactionByHash", (txid,))


def ask_transactions(
    questions: Iterable[Question], chain: ChainId, top: int, recorder: Recorder
) -> None:
    """Ask a source for the transactions that questions are about.

    Args:
        questions: those of another chain, or that are about no transaction, are passed over.
        chain: the chain.
        top: blocks above it are not asked for.
        recorder: the source.
    """
    about = [one for one in questions if one.chain == chain and one.kind in ABOUT_TRANSACTIONS]
    txids = tuple(dict.fromkeys(one.subject for one in about))
    if not txids:
        return
    moved = dict.fromkeys(one.subject for one in about if one.kind == "movement")
    recorder.ask([*map(receipt_call, txids), *map(transaction_call, moved)])
    log = index_log(recorder.log())
    receipts = (receipt_vote(log, txid).value for txid in txids)
    heights = {one.height for one in receipts if one is not None and one.height <= top}
    if heights:
        recorder.ask([block_hash_call(height) for height in sorted(heights)])


def receipt_vote(log: IndexedLog, txid: str) -> Vote[Receipt | None]:
    """Give where a source says a transaction is; IN_NO_BLOCK is said without a value."""
    return log.vote(
        receipt_call(txid),
        partial(decode_receipt, txid=txid),
        lambda receipt: IN_NO_BLOCK if receipt is None else receipt.block_hash,
    )


def transaction_vote(log: IndexedLog, txid: str) -> Vote[Transaction | None]:
    """Give a transaction as a source has it; IN_NO_BLOCK is said of one it does not know."""
    return log.vote(
        transaction_call(txid),
        partial(decode_transaction, txid=txid),
        lambda found: IN_NO_BLOCK if found is None else txid,
    )


def block_fault(log: IndexedLog, receipt: Receipt) -> str | None:
    """Say why a receipt's block is not known to be the source's own at its height; None if it is.

    Returns:
        `not_read` or `malformed_answer`.
    """
    try:
        block = block_at(log, receipt.height)
    except UnsettledPin:
        return MALFORMED
    if block is None:
        return NOT_READ
    return None if block.block_hash == receipt.block_hash else MALFORMED


def decode_receipt(result: Json, txid: str) -> Receipt | None:
    """Read where a transaction is; None for one that is in no block.

    Raises:
        MalformedAnswer: not a receipt of this transaction that says whether it succeeded.
    """
    if result is None:
        return None
    if not isinstance(result, dict) or result.get("transactionHash") != txid:
        raise MalformedAnswer("not a receipt of the transaction asked for")
    block_hash, status = result.get("blockHash"), decode_quantity(result.get("status"))
    if not isinstance(block_hash, str) or _HASH.fullmatch(block_hash) is None or status > 1:
        raise MalformedAnswer("receipt without block or status")
    height = decode_quantity(result.get("blockNumber"))
    return Receipt(block_hash, height, "success" if status else "failed")


def decode_transaction(result: Json, txid: str) -> Transaction | None:
    """Read a transaction; None for one that the source does not know.

    Raises:
        MalformedAnswer: not this transaction, or not whole.
    """
    if result is None:
        return None
    if not isinstance(result, dict) or result.get("hash") != txid:
        raise MalformedAnswer("not the transaction asked for")
    block_hash = result.get("blockHash")
    if block_hash is not None and (
        not isinstance(block_hash, str) or _HASH.fullmatch(block_hash) is None
    ):
        raise MalformedAnswer("block of a transaction is not a hash")
    if "to" not in result:
        raise MalformedAnswer("transaction does not say to whom")
    recipient = result["to"]
    return Transaction(
        block_hash,
        decode_quantity(result.get("type")),
        decode_address(result.get("from")),
        None if recipient is None else decode_address(recipient),
        decode_quantity(result.get("value")),
    )


def decode_address(result: Json) -> str:
    """Read an address in any case, since nodes differ in it; give its EIP-55 form."""
    if not isinstance(result, str) or _ADDRESS.fullmatch(result) is None:
        raise MalformedAnswer("not an address")
    return checksummed(bytes.fromhex(result[2:]))
