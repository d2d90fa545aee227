"""Whether a transaction is in a block up to the pin of an EVM chain: what one source says of it.

What is asked and read is in `chains.evm.transactions`. A receipt above the pin is none: the pin is
final, what is above it is not.

A node that has forgotten an old receipt says that there is none; with others that remember, the
sources then disagree, and nothing is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.evm.transactions import IN_NO_BLOCK, block_fault, receipt_vote
from chains.inclusion import ABSENT, Inclusion, encode_inclusion
from chains.quorum import NOT_READ, Vote

if TYPE_CHECKING:
    from chains.evm.voices import Voice


def inclusion_vote(voice: Voice, pinned: int, txid: str) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text.

    Args:
        voice: the source; one that never gave the pin's block says nothing.
        pinned: the pin's height.
        txid: the transaction.
    """
    name, operator = voice.log.name, voice.log.log.operator
    vote = receipt_vote(voice.log, txid)
    if not voice.blocks or vote.said == NOT_READ:
        return Vote(name, operator, None, NOT_READ)
    receipt = vote.value
    if receipt is None and vote.said != IN_NO_BLOCK:
        return Vote(name, operator, None, vote.said)
    if receipt is None or receipt.height > pinned:
        return Vote(name, operator, encode_inclusion(ABSENT), ABSENT.status)
    fault = block_fault(voice.log, receipt)
    if fault is not None:
        return Vote(name, operator, None, fault)
    text = encode_inclusion(Inclusion(receipt.status, receipt.height, receipt.block_hash))
    return Vote(name, operator, text, text)
