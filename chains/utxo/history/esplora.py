"""What one Esplora server says of the coins at a past height. Pure.

As for Electrum (`chains.utxo.history.electrum`), with one difference that a voice states in its
checks: there is no call for a run of headers, and a call for each of a million was refused. So the
headers of the blocks that hold transactions are asked for one by one. Each must hash to the name
under which it was asked for, meet its own target, and lead from the transaction; but nothing ties
the older ones to the pin. Only the headers from ten below the pin to the top are linked.

Pages of a history are followed until one is empty, and not until one is short: an operator may set
another length than 25, and half a history would look like a whole one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.quorum import MALFORMED, NOT_READ, Vote
from chains.utxo.answers import read_hash
from chains.utxo.history.asking import linked, require_chain, silent, unread, voted
from chains.utxo.history.electrum_answers import read_branch, read_raw_transaction
from chains.utxo.history.esplora_answers import read_header_of, read_page
from chains.utxo.history.esplora_calls import (
    hash_call,
    header_call,
    identity_calls,
    merkle_call,
    page_call,
    transaction_call,
)
from chains.utxo.history.headers import read_header
from chains.utxo.history.reach import anchor_of, median_start
from chains.utxo.history.voice import TOO_LARGE, Checks, Records, listings, replay_all, voice_of
from chains.utxo.history.work import check_header, check_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chains.evidence import Call
    from chains.index import IndexedLog
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.merkle import Branch
    from chains.utxo.history.reach import Span
    from chains.utxo.history.replay import History
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.history.voice import HistoryVoice
    from config.registry import UtxoFormat

MAX_PAGES = 400
"""Ten thousand transactions of one script, as most Electrum servers give."""


def missing(
    form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
) -> tuple[Call, ...]:
    """Give the questions to ask next; as `chains.utxo.history.electrum.missing`."""
    opening = unread(log, (call for call, _ in identity_calls(form)))
    if opening or _identity(form, log) is not None:
        return opening
    pages = [page for script in scripts for page in _next_page(log, script)]
    if pages:
        return tuple(pages)
    listed = listed_up_to(span.pin, scripts, log)
    transactions = (transaction_call(txid) for txid, _ in listed)
    branches = (merkle_call(txid) for txid, _ in listed)
    heights = {*_around(span), *(height for _, height in listed)}
    headers = missing_headers(sorted(heights), log)
    return (*unread(log, (*transactions, *branches)), *headers)


def history_voice(
    form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
) -> Vote[HistoryVoice]:
    """Give what a server says of the coins; as `chains.utxo.history.electrum.history_voice`."""
    said = _identity(form, log)
    if said is not None:
        return silent(log, said)
    told = headers_of(log, _around(span))
    if told.value is None:
        return silent(log, told.said)
    chain = told.value
    try:
        work, anchor = check_work(form, chain), anchor_of(form, chain)
    except ValueError:
        return silent(log, MALFORMED)
    histories = {script: _history(log, script) for script in scripts}
    listed = listings(histories.values(), span.pin)
    records = Records(
        histories,
        {txid: transaction(txid, log) for txid, _ in listed},
        {listing: _branch(log, *listing) for listing in listed},
        {height: _root(form, log, height) for _, height in listed},
    )
    checks = Checks("pin", work, targets=False, anchor=anchor)
    return voice_of(log, span, chain, replay_all(span.pin, records), checks)


def listed_up_to(height: int, scripts: Iterable[str], log: IndexedLog) -> History:
    """Give what histories list; as `chains.utxo.history.electrum.listed_up_to`."""
    return listings((_history(log, script) for script in scripts), height)


def missing_headers(heights: Iterable[int], log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask for headers: first the hashes at their heights, then each."""
    hashes = {hash_call(height) for height in heights}
    known = (voted(log, call, read_hash).value for call in hashes)
    headers = (header_call(block_hash) for block_hash in known if block_hash is not None)
    return (*unread(log, hashes), *unread(log, headers))


def missing_transactions(txids: Iterable[str], log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask for transactions' bytes, wherever they are."""
    return unread(log, map(transaction_call, txids))


def transaction(txid: str, log: IndexedLog) -> Vote[Transaction]:
    """Give a transaction; its bytes hash to its name, and whether it is in a block is not shown."""
    return voted(log, transaction_call(txid), partial(read_raw_transaction, txid=txid))


def missing_median(height: int, log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask for the median time past of the block at a height."""
    return missing_headers(range(median_start(height), height + 1), log)


def median_time(height: int, log: IndexedLog) -> Vote[int]:
    """Give the median time past of the block at a height; as for Electrum."""
    told = headers_of(log, range(median_start(height), height + 1))
    if told.value is None:
        return silent(log, told.said)
    time = told.value.median_time_at(height)
    return Vote(log.name, log.log.operator, time, str(time))


def _around(span: Span) -> range:
    """Give the heights of the linked headers."""
    return range(median_start(span.pin), span.top + 1)


def _identity(form: UtxoFormat, log: IndexedLog) -> str | None:
    return require_chain(log, identity_calls(form), read_hash)


def _next_page(log: IndexedLog, script: str) -> tuple[Call, ...]:
    """Give the question for the first page of a history that was not asked for."""
    _, call, said = _follow(log, script)
    return (call,) if said == NOT_READ else ()


def _history(log: IndexedLog, script: str) -> Vote[History]:
    """Join the pages of a history."""
    listed, _, said = _follow(log, script)
    if said is not None:
        return silent(log, said)
    return Vote(log.name, log.log.operator, tuple(listed), "")


def _follow(log: IndexedLog, script: str) -> tuple[list[tuple[str, int]], Call, str | None]:
    """Follow the pages of a history as far as they were read.

    Returns:
        What they list; the last question; None if its page was the empty one that ends a history,
        else what the server said, or what is wrong with it.
    """
    listed: list[tuple[str, int]] = []
    call, ends = page_call(script, None), set[str]()
    for _ in range(MAX_PAGES + 1):
        vote = voted(log, call, read_page)
        if not vote.value:
            return listed, call, vote.said if vote.value is None else None
        listed += vote.value
        last = vote.value[-1][0]
        if last in ends:
            return listed, call, MALFORMED
        ends.add(last)
        call = page_call(script, last)
    return listed, call, TOO_LARGE


def _branch(log: IndexedLog, txid: str, height: int) -> Vote[Branch]:
    return voted(log, merkle_call(txid), partial(read_branch, height=height))


def _header(log: IndexedLog, height: int) -> Vote[bytes]:
    named = voted(log, hash_call(height), read_hash)
    if named.value is None:
        return silent(log, named.said)
    return voted(log, header_call(named.value), partial(read_header_of, block_hash=named.value))


def headers_of(log: IndexedLog, heights: range) -> Vote[HeaderChain]:
    """Link consecutive headers."""
    return linked(log, ((height, _header(log, height)) for height in heights))


def _root(form: UtxoFormat, log: IndexedLog, height: int) -> Vote[str]:
    """Give the root of a block that holds a transaction."""
    vote = _header(log, height)
    if vote.value is None:
        return silent(log, vote.said)
    try:
        check_header(form, vote.value)
    except ValueError:
        return silent(log, MALFORMED)
    return Vote(log.name, log.log.operator, read_header(vote.value).root, "")
