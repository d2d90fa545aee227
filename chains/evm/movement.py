"""What a transaction of an EVM chain moved, as one source says it.

Made of the transaction's own words (`chains.evm.transactions`): value from sender to recipient, or
to the contract it creates; and of its receipt (`chains.evm.effects`): transfers of the plan's
tokens, and the fee, which the sender pays and which is in his debit. One that failed moves the fee
alone.

**Coins that contracts move inside a transaction are not visible**: no receipt shows them, and
traces are not part of what every node serves. Paid out by a contract wallet, or collected by a
contract that pays many, native coin is seen leaving and arriving nowhere; what such a transaction
shows is its own value and its logs. Only types 0 to 4 are read: others (deposits from the chain
below, a chain's own) make coins in ways of their own.

A block above the pin must be final for all sources, because what it is replaced by may have another
fee. Until it is, the source says nothing, and the question has no answer yet. A source that has a
transaction in a block and no receipt of it contradicts itself: it has forgotten the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chains.evm.effects import Transfer, decode_effects
from chains.evm.transactions import (
    IN_NO_BLOCK,
    block_fault,
    receipt_call,
    receipt_vote,
    transaction_vote,
)
from chains.movement import NOT_THERE, Movement, encode_movement, entries_of
from chains.quorum import MALFORMED, NOT_READ, Vote
from config.caip import token_address

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.evm.effects import Effects
    from chains.evm.transactions import Receipt, Transaction
    from chains.evm.voices import Voice
    from chains.index import IndexedLog
    from config.caip import AssetId

NOT_FINAL = "not_final"
"""Said of a transaction in a block that may still be replaced."""

UNKNOWN_TYPE = "unknown_type"
"""Said of a transaction of a type that is not read."""

LAST_TYPE = 4
"""EIP-2930, EIP-1559, EIP-4844 and EIP-7702 are 1 to 4."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The blocks that decide a transaction's side."""

    pinned: int
    """The pin's height."""
    final: int
    """Height up to which every source is final."""


def movement_vote(plan: ChainPlan, voice: Voice, reach: Reach, txid: str) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text.

    Args:
        plan: its native coin and tokens are seen.
        voice: the source; one that never gave the pin's block says nothing.
        reach: the pin's height and the last final one.
        txid: the transaction.
    """
    told = _told(plan, voice, reach, txid)
    name, operator = voice.log.name, voice.log.log.operator
    if isinstance(told, str):
        return Vote(name, operator, None, told)
    text = encode_movement(told)
    return Vote(name, operator, text, text)


def _told(plan: ChainPlan, voice: Voice, reach: Reach, txid: str) -> Movement | str:
    """Give the movement, or why there is none."""
    placed, sent = receipt_vote(voice.log, txid), transaction_vote(voice.log, txid)
    if not voice.blocks:
        return NOT_READ
    receipt, transaction = placed.value, sent.value
    if receipt is None or transaction is None:
        return _unplaced(placed, sent)
    fault = _fault(voice.log, reach, receipt, transaction)
    if fault is not None:
        return fault
    decode = partial(decode_effects, txid=txid, kind=transaction.kind, tokens=_contracts(plan))
    effects = voice.log.vote(receipt_call(txid), decode, str)
    if effects.value is None:
        return effects.said
    return _movement(plan.chain.native, reach, receipt, transaction, effects.value)


def _unplaced(placed: Vote[Receipt | None], sent: Vote[Transaction | None]) -> Movement | str:
    """Say what it means that one of the two is not there."""
    missing = [vote.said for vote in (placed, sent) if vote.value is None]
    unread = [said for said in missing if said != IN_NO_BLOCK]
    if unread:
        return unread[0]
    mined = sent.value is not None and sent.value.block_hash is not None
    return MALFORMED if mined or placed.value is not None else NOT_THERE


def _fault(log: IndexedLog, reach: Reach, receipt: Receipt, sent: Transaction) -> str | None:
    """Say why a transaction's place does not count, None if it does."""
    if sent.block_hash != receipt.block_hash:
        return MALFORMED
    if receipt.height > reach.final:
        return NOT_FINAL
    return UNKNOWN_TYPE if sent.kind > LAST_TYPE else block_fault(log, receipt)


def _contracts(plan: ChainPlan) -> dict[str, AssetId]:
    """Map the contracts of a plan's tokens, in lower case, to the tokens."""
    named = ((token_address(asset), asset) for asset in plan.tokens)
    return {contract.lower(): asset for contract, asset in named if contract is not None}


def _movement(
    native: AssetId, reach: Reach, receipt: Receipt, sent: Transaction, effects: Effects
) -> Movement | str:
    """Put together what two well-formed answers say; MALFORMED if they contradict each other."""
    recipient = effects.contract if sent.recipient is None else sent.recipient
    moved: tuple[Transfer, ...] = ()
    if receipt.status == "failed" and effects.transfers:
        return MALFORMED
    if receipt.status == "success":
        if recipient is None:
            return MALFORMED
        moved = (Transfer(native, sent.sender, recipient, sent.value), *effects.transfers)
    fee = () if effects.fee is None else ((sent.sender, native, effects.fee),)
    above = receipt.height > reach.pinned
    return Movement(
        "after" if above else "pin",
        receipt.status,
        None if above else receipt.height,
        entries_of((*((one.sender, one.asset, one.units) for one in moved), *fee)),
        entries_of((one.recipient, one.asset, one.units) for one in moved),
        effects.fee,
        sent.sender,
    )
