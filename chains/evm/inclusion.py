"""Whether a transaction is in a block up to the pin of an EVM chain: asking, and decoding.

    eth_getTransactionReceipt txid          its block, and whether it was reverted there
    eth_getBlockByNumber height false       that this block is the canonical one at its height

The second follows from the first, so both are asked one after the other, of each source by itself.
A receipt in another block than the source has at that height contradicts itself. A receipt above
the pin is none: the pin is final, what is above it is not. Receipts of before Byzantium (2017) do
not say whether they are of a failure, and are refused.

A node that has forgotten an old receipt says that there is none; with others that remember, the
sources then disagree, and nothing is answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.evm.calls import MalformedAnswer, block_hash_call, decode_quantity
from chains.evm.witness import UnsettledPin, block_at
from chains.inclusion import ABSENT, Inclusion, encode_inclusion
from chains.index import index_log
from chains.quorum import MALFORMED, NOT_READ, Vote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.evidence import Json
    from chains.evm.voices import Voice
    from chains.inclusion import Status
    from chains.index import IndexedLog
    from chains.recording import Recorder
    from chains.snapshot import Pin, Question

_HASH = re.compile(r"0x[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is used of a transaction's receipt."""

    block_hash: str
    height: int
    status: Status


def receipt_call(txid: str) -> Call:
    """Ask for a transaction's receipt; null for one that is in no block."""
    return Call("eth_getTransactionReceipt", (txid,))


def decode_receipt(result: Json, txid: str) -> Receipt | None:
    """Read a receipt of a transaction; None for one that is in no block.

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


def ask_inclusions(questions: Iterable[Question], pin: Pin, recorder: Recorder) -> None:
    """Ask a source for the transactions that questions are about.

    Args:
        questions: those of another chain or kind are passed over.
        pin: blocks above it are not asked for.
        recorder: the source.
    """
    asked = (one for one in questions if (one.chain, one.kind) == (pin.chain, "inclusion"))
    txids = tuple(dict.fromkeys(one.subject for one in asked))
    if not txids:
        return
    recorder.ask([receipt_call(txid) for txid in txids])
    log = index_log(recorder.log())
    receipts = (_receipt_vote(log, txid).value for txid in txids)
    heights = {one.height for one in receipts if one is not None and one.height <= pin.height}
    if heights:
        recorder.ask([block_hash_call(height) for height in sorted(heights)])


def inclusion_vote(voice: Voice, pinned: int, txid: str) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text.

    Args:
        voice: the source; one that never gave the pin's block says nothing.
        pinned: the pin's height.
        txid: the transaction.
    """
    name, operator = voice.log.name, voice.log.log.operator
    vote = _receipt_vote(voice.log, txid)
    if not voice.blocks or vote.said == NOT_READ:
        return Vote(name, operator, None, NOT_READ)
    receipt = vote.value
    if receipt is None and vote.said != ABSENT.status:
        return Vote(name, operator, None, vote.said)
    if receipt is None or receipt.height > pinned:
        return Vote(name, operator, encode_inclusion(ABSENT), ABSENT.status)
    try:
        block = block_at(voice.log, receipt.height)
    except UnsettledPin:
        return Vote(name, operator, None, MALFORMED)
    if block is None or block.block_hash != receipt.block_hash:
        return Vote(name, operator, None, NOT_READ if block is None else MALFORMED)
    text = encode_inclusion(Inclusion(receipt.status, receipt.height, receipt.block_hash))
    return Vote(name, operator, text, text)


def _receipt_vote(log: IndexedLog, txid: str) -> Vote[Receipt | None]:
    return log.vote(
        receipt_call(txid),
        lambda result: decode_receipt(result, txid),
        lambda receipt: ABSENT.status if receipt is None else receipt.block_hash,
    )
