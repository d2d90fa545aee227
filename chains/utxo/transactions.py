"""A transaction of the Bitcoin family, the block it is in and what it spends: asked and decoded.

Of a node of the Bitcoin Core family, of each transaction that a question names:

    getrawtransaction txid true       its bytes, and the block it is in
    getblockheader block true         that block's height, if it is on the best chain
    getrawtransaction other false     the transactions that made what it spends

A transaction's hash is its identifier, so the bytes prove themselves, and with them what is spent.
A node without an index of transactions (`txindex=1`) knows none of this and is silent; it cannot be
asked another way, since nobody says in which blocks the older transactions are. So is one that does
not know a transaction: it refuses in the same way.

What an index server is asked and tells is in `chains.utxo.tracing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import Call, SourceLog
from chains.inclusion import MAX_TEXT, Prevout
from chains.index import index_log
from chains.quorum import MALFORMED, Vote
from chains.snapshot import ABOUT_TRANSACTIONS
from chains.utxo.answers import read_hash, read_header
from chains.utxo.history.electrum_answers import read_raw_transaction
from chains.utxo.history.voice import TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chains.evidence import ChainPlan, Exchange, Json, Source
    from chains.index import IndexedLog
    from chains.snapshot import Question
    from chains.utxo.history.transaction import Transaction

MAX_PREVIOUS = 2_000
"""Transactions asked for one question: as many as a proof may have inputs."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A transaction as a node has it."""

    transaction: Transaction
    block_hash: str
    """Empty while it waits for a block."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says of a transaction."""

    transaction: Transaction
    height: int | None
    """Of its block; None while it is in no block of the best chain."""
    spent: Vote[tuple[Prevout, ...]]
    """What its inputs spend, in their order; no value if that is not known of all of them."""


def placed_call(txid: str) -> Call:
    """Ask for a transaction and its block."""
    return Call("getrawtransaction", (txid, True))


def previous_call(txid: str) -> Call:
    """Ask for a transaction's bytes alone."""
    return Call("getrawtransaction", (txid, False))


def block_call(block_hash: str) -> Call:
    """Ask for a block's header; another question than the one for the pin's depth, asked once."""
    return Call("getblockheader", (block_hash, True))


def questions_of(plan: ChainPlan) -> tuple[Question, ...]:
    """Give the questions of a plan that are about transactions of its chain."""
    return tuple(
        one
        for one in plan.questions
        if one.kind in ABOUT_TRANSACTIONS and one.chain == plan.chain.id
    )


def ask_transactions(
    plan: ChainPlan, node: Source, known: Collection[Call] = ()
) -> tuple[Exchange, ...]:
    """Ask a node for the transactions of a plan's questions; give what is evidence.

    Args:
        plan: gives the questions.
        node: whom to ask.
        known: what it was asked before, and is not asked again: a header's depth grows meanwhile,
            and two answers to one question would make none.
    """
    txids = tuple(dict.fromkeys(one.subject for one in questions_of(plan)))
    if not txids:
        return ()
    asked = node.ask([placed_call(txid) for txid in txids])
    log = index_log(SourceLog(node.name, node.operator, asked, node.protocol))
    calls: dict[Call, None] = {}
    for txid in txids:
        placed = _placed(log, txid).value
        if placed is not None and placed.block_hash:
            made = map(previous_call, previous_txids(placed.transaction))
            calls |= dict.fromkeys((block_call(placed.block_hash), *made))
    new = tuple(call for call in calls if call not in known)
    return (*asked, *(node.ask(new) if new else ()))


def told_by_node(log: IndexedLog, txid: str) -> Vote[Told]:
    """Give what a node says of a transaction."""
    operator, vote = log.log.operator, _placed(log, txid)
    if vote.value is None:
        return Vote(log.name, operator, None, vote.said)
    placed, height = vote.value, None
    if placed.block_hash:
        block = log.vote(
            block_call(placed.block_hash), partial(read_header, block_hash=placed.block_hash), str
        )
        if block.value is None:
            return Vote(log.name, operator, None, block.said)
        height = block.value.height if block.value.confirmations > 0 else None
    told = Told(placed.transaction, height, spent_vote(log, placed.transaction, previous_call))
    return Vote(log.name, operator, told, txid)


def spent_vote(
    log: IndexedLog, tx: Transaction, call_of: Callable[[str], Call]
) -> Vote[tuple[Prevout, ...]]:
    """Give what a transaction spends, by the bytes of the transactions that made it.

    Args:
        log: of the source that gave them.
        tx: the transaction.
        call_of: gives the question for a transaction's bytes.
    """
    operator = log.log.operator
    made: dict[str, Transaction] = {}
    for txid in previous_txids(tx):
        previous = log.vote(
            call_of(txid), partial(read_raw_transaction, txid=txid), lambda one: one.txid
        )
        if previous.value is None:
            return Vote(log.name, operator, None, previous.said)
        made[txid] = previous.value
    spent = spent_by(tx, made)
    return Vote(log.name, operator, spent, MALFORMED if spent is None else tx.txid)


def spent_by(tx: Transaction, made: Mapping[str, Transaction]) -> tuple[Prevout, ...] | None:
    """List what a transaction spends; None if that is not known of all its inputs."""
    found = []
    for txid, vout in tx.inputs:
        previous = made.get(txid)
        if previous is None or vout >= len(previous.outputs):
            return None
        found.append(Prevout(*previous.outputs[vout]))
    return tuple(found)


def previous_txids(tx: Transaction) -> tuple[str, ...]:
    """Give the transactions that made what one spends, each once and up to a limit."""
    # What is cut off is not known, and so the source says nothing.
    return tuple(dict.fromkeys(txid for txid, _ in tx.inputs))[:MAX_PREVIOUS]


def answering(told: Vote[Told], text: str) -> Vote[str]:
    """Give the vote of who told of a transaction: an answer's text."""
    if len(text) > MAX_TEXT:
        return silent(told, TOO_LARGE)
    return Vote(told.source, told.operator, text, text)


def silent(told: Vote[Told], said: str) -> Vote[str]:
    """Give the vote of who told of a transaction, and not enough to answer: why."""
    return Vote(told.source, told.operator, None, said)


def _placed(log: IndexedLog, txid: str) -> Vote[Placed]:
    return log.vote(placed_call(txid), partial(_read_placed, txid=txid), lambda one: one.block_hash)


def _read_placed(result: Json, txid: str) -> Placed:
    if not isinstance(result, dict):
        raise ValueError("not a transaction with its block")  # noqa: TRY004 - a wrong answer
    tx = read_raw_transaction(result.get("hex"), txid)
    block = result.get("blockhash")
    return Placed(tx, "" if block is None else read_hash(block))
