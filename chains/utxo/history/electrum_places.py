"""Where an Electrum server says that a transaction lies, and the headers that show it. Pure.

    blockchain.scripthash.get_history      of a script that it touches: the height
    blockchain.transaction.get_merkle      its branch there
    blockchain.block.headers               the run from there to the pin

The protocol gives a branch only to who names the height, and no height to who names a transaction
alone. The verbose form of `blockchain.transaction.get` was refused: some servers do not have it,
and it counts from a tip that moves. Every server lists the heights of a script's transactions, and
the transaction's bytes say which scripts it touches; what is planned was read already. One history
after the other is asked for, since one is nearly always enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.quorum import NOT_READ, Vote
from chains.utxo.history.asking import silent, unread
from chains.utxo.history.electrum import branch_of, header_calls, headers_of, history_of
from chains.utxo.history.electrum_calls import history_call, merkle_call
from chains.utxo.history.places import Place, Stray
from chains.utxo.history.reach import Span, header_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call
    from chains.index import IndexedLog
    from chains.utxo.history.headers import HeaderChain
    from config.registry import UtxoFormat

MAX_HISTORIES = 8
"""Histories asked for one transaction: those of exchanges are larger than servers give, and a
transaction pays somebody else too."""


def missing_place(stray: Stray, log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask next for a transaction's place."""
    height = _height(stray, log)
    if height is None:
        return unread(log, map(history_call, stray.scripts[:MAX_HISTORIES]))[:1]
    return unread(log, (merkle_call(stray.txid, height),)) if height > 0 else ()


def place_vote(stray: Stray, log: IndexedLog) -> Vote[Place]:
    """Give where a server says that a transaction lies."""
    height = _height(stray, log)
    if height is None:
        return silent(log, NOT_READ)
    branch = branch_of(log, stray.txid, height)
    place = None if branch.value is None else Place(height, branch.value)
    return Vote(log.name, log.log.operator, place, branch.said)


def missing_run(
    form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
) -> tuple[Call, ...]:
    """Give the questions to ask for the headers from the pin to some heights."""
    return unread(log, header_calls(*_range(form, span, heights)))


def run_vote(
    form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
) -> Vote[HeaderChain]:
    """Link the same headers."""
    return headers_of(log, *_range(form, span, heights))


def _range(form: UtxoFormat, span: Span, heights: Sequence[int]) -> tuple[int, int]:
    return header_range(form, Span(span.pin, max(span.top, *heights)), heights)


def _height(stray: Stray, log: IndexedLog) -> int | None:
    """Find the height in the histories that were asked for; 0 or -1 while it waits for a block."""
    if stray.listed is not None:
        return stray.listed
    told = (history_of(log, script).value or () for script in stray.scripts[:MAX_HISTORIES])
    listed = (height for history in told for txid, height in history if txid == stray.txid)
    return next(listed, None)
