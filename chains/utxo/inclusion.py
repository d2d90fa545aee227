"""Whether a transaction is in a block up to the pin, and what it spends: asked and decoded.

Of a node of the Bitcoin Core family, of each transaction that a question names:

    getrawtransaction txid true       its bytes, and the block it is in
    getblockheader block true         that block's height, if it is on the best chain
    getrawtransaction other false     the transactions that made what it spends

A transaction's hash is its identifier, so the bytes prove themselves, and with them what is spent.
A node without an index of transactions (`txindex=1`) knows none of this and is silent; it cannot be
asked another way, since nobody says in which blocks the older transactions are.

An index server is asked nothing more: a transaction that spends from a planned account is in that
account's history, with the branch that proves it, and so are the transactions that made what it
spends. One that no history shows may be in a block all the same, so the server says nothing of it.

A transaction above the pin, or still waiting for a block, is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chains.evidence import Call, SourceLog
from chains.inclusion import ABSENT, Inclusion, Prevout, encode_inclusion
from chains.index import index_log
from chains.quorum import MALFORMED, NOT_READ, Vote, agreed_answers
from chains.utxo.answers import read_hash, read_header
from chains.utxo.history.transaction import read_transaction
from chains.utxo.history.voice import HistoryVoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chains.evidence import ChainPlan, Exchange, Json, Source
    from chains.index import IndexedLog
    from chains.snapshot import Answer, Question
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.voices import AnyVoice

MAX_PREVIOUS = 2_000
"""Transactions asked for one question: as many as a proof may have inputs."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A transaction as a node has it."""

    transaction: Transaction
    block_hash: str
    """Empty while it waits for a block."""


def placed_call(txid: str) -> Call:
    """Ask for a transaction and its block."""
    return Call("getrawtransaction", (txid, True))


def previous_call(txid: str) -> Call:
    """Ask for a transaction's bytes alone."""
    return Call("getrawtransaction", (txid, False))


def block_call(block_hash: str) -> Call:
    """Ask for a block's header; another question than the one for the pin's depth, asked once."""
    return Call("getblockheader", (block_hash, True))


def ask_inclusions(plan: ChainPlan, node: Source) -> tuple[Exchange, ...]:
    """Ask a node for the transactions of a plan's questions; give what is evidence."""
    txids = tuple(dict.fromkeys(one.subject for one in questions_of(plan)))
    if not txids:
        return ()
    asked = node.ask([placed_call(txid) for txid in txids])
    log = index_log(SourceLog(node.name, node.operator, asked, node.protocol))
    calls: dict[Call, None] = {}
    for txid in txids:
        placed = _placed(log, txid).value
        if placed is not None and placed.block_hash:
            calls |= dict.fromkeys((block_call(placed.block_hash), *_previous(placed)))
    return (*asked, *(node.ask(tuple(calls)) if calls else ()))


def questions_of(plan: ChainPlan) -> tuple[Question, ...]:
    """Give the questions of a plan that are of this module."""
    return tuple(
        one for one in plan.questions if one.kind == "inclusion" and one.chain == plan.chain.id
    )


def answers_of(plan: ChainPlan, voices: tuple[AnyVoice, ...], pinned: int) -> tuple[Answer, ...]:
    """Give the answers on which enough sources agree.

    Args:
        plan: the questions, and how many operators are asked for.
        voices: the sources that speak for the pin.
        pinned: its height.
    """

    def votes_on(question: Question) -> list[Vote[str]]:
        return [inclusion_vote(voice, pinned, question.subject) for voice in voices]

    return agreed_answers(questions_of(plan), votes_on, plan.quorum)


def inclusion_vote(voice: AnyVoice, pinned: int, txid: str) -> Vote[str]:
    """Give what a source says of a transaction, as the answer's text."""
    name, operator = voice.log.name, voice.log.log.operator
    if isinstance(voice, HistoryVoice):
        told = _in_history(voice, txid)
        return Vote(name, operator, told, NOT_READ if told is None else told)
    return node_vote(voice.log, pinned, txid)


def node_vote(log: IndexedLog, pinned: int, txid: str) -> Vote[str]:
    """Give what a node says of a transaction."""
    operator, vote = log.log.operator, _placed(log, txid)
    if vote.value is None:
        return Vote(log.name, operator, None, vote.said)
    placed = vote.value
    if not placed.block_hash:
        return _said(log, ABSENT)
    block = log.vote(
        block_call(placed.block_hash), partial(read_header, block_hash=placed.block_hash), str
    )
    if block.value is None:
        return Vote(log.name, operator, None, block.said)
    if block.value.confirmations < 1 or block.value.height > pinned:
        return _said(log, ABSENT)
    made: dict[str, Transaction] = {}
    for call in _previous(placed):
        previous = _bytes_vote(log, call)
        if previous.value is None:
            return Vote(log.name, operator, None, previous.said)
        made[previous.value.txid] = previous.value
    return _found(log, placed.transaction, block.value.height, made)


def _found(
    log: IndexedLog, tx: Transaction, height: int, made: Mapping[str, Transaction]
) -> Vote[str]:
    prevouts = _prevouts(tx, made)
    if prevouts is None:
        return Vote(log.name, log.log.operator, None, MALFORMED)
    return _said(log, Inclusion("success", height, "", prevouts))


def _in_history(voice: HistoryVoice, txid: str) -> str | None:
    """Give what a server's proved histories show of a transaction; None if they do not."""
    replayed = voice.replayed
    heights = (at for history in replayed.histories.values() for one, at in history if one == txid)
    height, tx = next(heights, None), replayed.transactions.get(txid)
    if height is None or tx is None:
        return None
    prevouts = _prevouts(tx, replayed.transactions)
    if prevouts is None:
        return None
    return encode_inclusion(Inclusion("success", height, "", prevouts))


def _prevouts(tx: Transaction, made: Mapping[str, Transaction]) -> tuple[Prevout, ...] | None:
    """List what a transaction spends; None if that is not known of all its inputs."""
    found = []
    for txid, vout in tx.inputs:
        previous = made.get(txid)
        if previous is None or vout >= len(previous.outputs):
            return None
        found.append(Prevout(*previous.outputs[vout]))
    return tuple(found) or None


def _said(log: IndexedLog, inclusion: Inclusion) -> Vote[str]:
    text = encode_inclusion(inclusion)
    return Vote(log.name, log.log.operator, text, text)


def _previous(placed: Placed) -> Iterable[Call]:
    """Give the questions for what a transaction spends, each once."""
    txids = tuple(dict.fromkeys(txid for txid, _ in placed.transaction.inputs))
    # What is cut off is not known, and so the node says nothing.
    return [previous_call(txid) for txid in txids[:MAX_PREVIOUS]]


def _placed(log: IndexedLog, txid: str) -> Vote[Placed]:
    return log.vote(placed_call(txid), partial(_read_placed, txid=txid), lambda one: one.block_hash)


def _read_placed(result: Json, txid: str) -> Placed:
    if not isinstance(result, dict):
        raise ValueError("not a transaction with its block")  # noqa: TRY004 - a wrong answer
    tx = _read_bytes(result.get("hex"), txid)
    block = result.get("blockhash")
    return Placed(tx, "" if block is None else read_hash(block))


def _bytes_vote(log: IndexedLog, call: Call) -> Vote[Transaction]:
    return log.vote(call, partial(_read_bytes, txid=str(call.params[0])), lambda one: one.txid)


def _read_bytes(result: Json, txid: str) -> Transaction:
    """Read a transaction's hex; raise ValueError if it is not of this identifier."""
    if not isinstance(result, str):
        raise ValueError("not hex")  # noqa: TRY004 - a wrong answer
    tx = read_transaction(bytes.fromhex(result))
    if tx.txid != txid:
        raise ValueError(f"transaction is {tx.txid}, {txid} was asked for")
    return tx
