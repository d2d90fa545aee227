"""What an index server tells of a transaction: where it lies, and what its inputs spend. Pure.

Planned accounts' histories show a transaction with the branch that proves it. What they do not show
is asked for, in this order, each round following from the answers to the one before:

1. the bytes of the transactions that a plan's questions name;
2. the bytes of those that made what they spend: a hash is a name, so bytes prove themselves;
3. for a transaction that no planned history places at or below the pin, its height and branch;
4. the headers from the pin to there (`chains.utxo.history.places`).

A server that does not know a transaction, or does not show where it lies, says nothing of it: it
may be in a block all the same. Nor does one say that a transaction waits for a block.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.quorum import NOT_READ, Vote
from chains.utxo.history.asking import silent, unread, voted
from chains.utxo.history.electrum_answers import MAX_HEIGHT, read_raw_transaction
from chains.utxo.history.places import Stray, height_vote, tied_run
from chains.utxo.history.reach import Span
from chains.utxo.indexers import INDEXERS
from chains.utxo.transactions import Told, previous_txids, spent_by, spent_vote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from chains.evidence import Call
    from chains.index import IndexedLog
    from chains.snapshot import Question
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.history.voice import HistoryVoice, Replayed
    from config.registry import UtxoFormat

_UNSPENDABLE = "6a"
"""OP_RETURN: an output that begins with it is in no server's index."""


def traced_txids(questions: Iterable[Question]) -> tuple[str, ...]:
    """Give the transactions that index servers are asked for: those whose movements are."""
    return tuple(dict.fromkeys(one.subject for one in questions if one.kind == "movement"))


def missing_traces(
    form: UtxoFormat, scripts: Sequence[str], span: Span, txids: Sequence[str], log: IndexedLog
) -> tuple[Call, ...]:
    """Give the questions to ask next; none when a server has told all it can.

    Args:
        form: the chain's rules.
        scripts: all output scripts of the plan in hex, whose histories were asked for.
        span: the pin, and the highest block that was shown.
        txids: the transactions.
        log: what the server was asked so far.
    """
    places, call_of = INDEXERS[log.log.protocol].places, _call_of(log)
    calls = unread(log, map(call_of, txids))
    if calls:
        return calls
    known = _known(txids, log)
    calls = unread(log, (call_of(txid) for tx in known for txid in previous_txids(tx)))
    if calls:
        return calls
    strays = _strays(scripts, span.pin, known, log)
    calls = unread(log, (call for stray in strays for call in places.missing_place(stray, log)))
    if calls:
        return calls
    told = (places.place_vote(stray, log).value for stray in strays)
    heights = tuple(place.height for place in told if place is not None)
    return places.missing_run(form, span, heights, log) if heights else ()


def heights_of(
    form: UtxoFormat, scripts: Sequence[str], voice: HistoryVoice, txids: Sequence[str]
) -> Mapping[str, Vote[int]]:
    """Give the height of each transaction that the histories of a voice do not place.

    Args:
        form: the chain's rules.
        scripts: all output scripts of the plan in hex.
        voice: the server at the pin.
        txids: the transactions.
    """
    log, pin = voice.log, voice.scan.height
    places, span = INDEXERS[log.log.protocol].places, Span(pin, pin + voice.depth - 1)
    strays = _strays(scripts, pin, _known(txids, log), log)
    told = {stray.txid: places.place_vote(stray, log) for stray in strays}
    heights = tuple(vote.value.height for vote in told.values() if vote.value is not None)
    run: Vote[HeaderChain] = silent(log, NOT_READ)
    if heights:
        linked = places.run_vote(form, span, heights, log)
        run = tied_run(form, (pin, voice.scan.block_hash), log, linked)
    return {txid: height_vote(log, txid, place, run) for txid, place in told.items()}


def told_by_history(voice: HistoryVoice, txid: str) -> Vote[Told]:
    """Give what a server's proved histories show of a transaction."""
    name, operator, replayed = voice.log.name, voice.log.log.operator, voice.replayed
    tx = replayed.transactions.get(txid)
    height = None if tx is None else _height_in(replayed, tx)
    if tx is None or height is None:
        return Vote(name, operator, None, NOT_READ)
    spent = spent_by(tx, replayed.transactions)
    found = Vote(name, operator, spent, NOT_READ if spent is None else txid)
    return Vote(name, operator, Told(tx, height, found), txid)


def told_by_server(voice: HistoryVoice, heights: Mapping[str, Vote[int]], txid: str) -> Vote[Told]:
    """Give what a server tells of a transaction, by its histories and by what it was asked besides.

    Args:
        voice: the server at the pin.
        heights: from `heights_of`.
        txid: the transaction.
    """
    log, told = voice.log, told_by_history(voice, txid)
    if told.value is not None and told.value.spent.value is not None:
        return told
    tx = _transaction(txid, log)
    if tx.value is None:
        return silent(log, tx.said)
    height = told.value.height if told.value is not None else None
    if height is None:
        placed = heights.get(txid, silent(log, NOT_READ))
        if placed.value is None:
            return silent(log, placed.said)
        height = placed.value
    spent = spent_vote(log, tx.value, _call_of(log))
    return Vote(log.name, log.log.operator, Told(tx.value, height, spent), txid)


def _height_in(replayed: Replayed, tx: Transaction) -> int | None:
    """Find a transaction's height in the histories that it touches; None if they are silent."""
    scripts = {script for script, _ in tx.outputs}
    for txid, vout in tx.inputs:
        made = replayed.transactions.get(txid)
        scripts |= {script for script, _ in made.outputs[vout : vout + 1]} if made else set()
    listed = (one for script in scripts for one in replayed.histories.get(script, ()))
    return next((height for txid, height in listed if txid == tx.txid), None)


def _strays(
    scripts: Sequence[str], pin: int, known: Sequence[Transaction], log: IndexedLog
) -> tuple[Stray, ...]:
    """Give the transactions that no planned history lists at or below the pin."""
    if not known:
        return ()  # Reading every history again would be for nothing.
    histories, planned = INDEXERS[log.log.protocol].histories, frozenset(scripts)
    listed = dict(histories.listed_up_to(MAX_HEIGHT, scripts, log))
    return tuple(
        Stray(tx.txid, listed.get(tx.txid), tuple(_touched(tx, planned, log)))
        for tx in known
        if listed.get(tx.txid, pin + 1) > pin
    )


def _touched(tx: Transaction, planned: Collection[str], log: IndexedLog) -> Iterable[str]:
    """List the scripts that a transaction touches and that are not planned, each once."""
    spent = spent_vote(log, tx, _call_of(log)).value or ()
    found = dict.fromkeys((*(script for script, _ in tx.outputs), *(one.script for one in spent)))
    return (one for one in found if one not in planned and not one.startswith(_UNSPENDABLE))


def _known(txids: Iterable[str], log: IndexedLog) -> tuple[Transaction, ...]:
    """Give the transactions whose bytes a server gave."""
    told = (_transaction(txid, log).value for txid in txids)
    return tuple(tx for tx in told if tx is not None)


def _transaction(txid: str, log: IndexedLog) -> Vote[Transaction]:
    return voted(log, _call_of(log)(txid), partial(read_raw_transaction, txid=txid))


def _call_of(log: IndexedLog) -> Callable[[str], Call]:
    """Give how a server is asked for a transaction's bytes."""
    return INDEXERS[log.log.protocol].transaction_call
