"""What one Electrum server says of the coins at a past height. Pure.

A reader asks what `missing` gives until nothing is missing; a recheck calls `history_voice` on what
was recorded. Three rounds: which chain the server follows; the histories; and then transactions,
branches and headers, which all follow from the histories. The headers are one linked run from the
lowest block that counts to the top (`chains.utxo.history.reach`).

A wrong chain is an error at once. Headers that do not link, or break a rule of work, make the whole
source contradict itself; a history that does, makes its script silent (`chains.utxo.history.voice`,
which also says what all of this cannot show).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chains.quorum import MALFORMED, Vote
from chains.utxo.history.asking import linked, require_chain, silent, unread, voted
from chains.utxo.history.electrum_answers import (
    read_block_header,
    read_block_headers,
    read_branch,
    read_features,
    read_history,
    read_raw_transaction,
)
from chains.utxo.history.electrum_calls import (
    FEATURES,
    chunks,
    headers_call,
    history_call,
    identity_calls,
    merkle_call,
    transaction_call,
)
from chains.utxo.history.headers import MAX_HEADERS, header_hash, link_headers
from chains.utxo.history.reach import anchor_of, header_range, median_start
from chains.utxo.history.voice import TOO_LARGE, Checks, Records, listings, replay_all, voice_of
from chains.utxo.history.work import check_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chains.evidence import Call, Json
    from chains.index import IndexedLog
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.merkle import Branch
    from chains.utxo.history.reach import Span
    from chains.utxo.history.replay import History
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.history.voice import HistoryVoice
    from config.registry import UtxoFormat

MAX_HISTORY = 100_000
"""Transactions of one script; servers stop at about ten thousand unless they are told otherwise."""


def missing(
    form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
) -> tuple[Call, ...]:
    """Give the questions to ask next; none when `history_voice` has all it can get.

    Args:
        form: the chain's rules.
        scripts: output scripts in lower-case hex.
        span: the pin, and the highest block to show.
        log: what the server was asked so far.

    Raises:
        ChainError: the server follows another chain.
    """
    opening = unread(log, (FEATURES, *(call for call, _ in identity_calls(form))))
    if opening or _identity(form, log) is not None:
        return opening
    histories = unread(log, map(history_call, scripts))
    if histories:
        return histories
    listed = listed_up_to(span.pin, scripts, log)
    low, top = header_range(form, span, (height for _, height in listed))
    transactions = (transaction_call(txid) for txid, _ in listed)
    branches = (merkle_call(*listing) for listing in listed)
    return unread(log, (*transactions, *branches, *header_calls(low, top)))


def history_voice(
    form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
) -> Vote[HistoryVoice]:
    """Give what a server says of the scripts' coins at the pin.

    Args:
        form: the chain's rules.
        scripts: output scripts in lower-case hex.
        span: the pin, and the highest block to show.
        log: what the server was asked and answered.

    Returns:
        A vote without a value if the server gave no sound headers; scripts of which it gave no
        sound history are silent within the voice.

    Raises:
        ChainError: the server follows another chain.
    """
    said = _identity(form, log)
    if said is not None:
        return silent(log, said)
    histories = {script: history_of(log, script) for script in scripts}
    listed = listings(histories.values(), span.pin)
    heights = {height for _, height in listed}
    told = headers_of(log, *header_range(form, span, heights))
    if told.value is None:
        return silent(log, told.said)
    chain = told.value
    try:
        work, anchor = check_work(form, chain), anchor_of(form, chain)
    except ValueError:
        return silent(log, MALFORMED)
    records = Records(
        histories,
        {txid: transaction(txid, log) for txid, _ in listed},
        {listing: branch_of(log, *listing) for listing in listed},
        {at: Vote(log.name, log.log.operator, chain.header_at(at).root, "") for at in heights},
    )
    checks = Checks("all", work, targets=form.retarget != "none", anchor=anchor)
    return voice_of(log, span, chain, replay_all(span.pin, records), checks)


def missing_transactions(txids: Iterable[str], log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask for transactions' bytes, wherever they are."""
    return unread(log, map(transaction_call, txids))


def transaction(txid: str, log: IndexedLog) -> Vote[Transaction]:
    """Give a transaction; its bytes hash to its name, and whether it is in a block is not shown."""
    return voted(log, transaction_call(txid), partial(read_raw_transaction, txid=txid))


def listed_up_to(height: int, scripts: Iterable[str], log: IndexedLog) -> History:
    """Give what the scripts' histories list in blocks up to a height, each transaction once."""
    return listings((history_of(log, script) for script in scripts), height)


def missing_median(height: int, log: IndexedLog) -> tuple[Call, ...]:
    """Give the questions to ask for the median time past of the block at a height."""
    return unread(log, (_median_call(height),))


def median_time(height: int, log: IndexedLog) -> Vote[int]:
    """Give the median time past of the block at a height, in Unix seconds, as a server has it.

    For finding the block of a moment. That the block is on the chain is shown by the voice.
    """
    start = median_start(height)

    def decode(value: Json) -> int:
        raw = read_block_headers(value, height - start + 1)
        return link_headers(((start, raw),)).median_time_at(height)

    return log.vote(_median_call(height), decode, str)


def _median_call(height: int) -> Call:
    start = median_start(height)
    return headers_call(start, height - start + 1)


def _identity(form: UtxoFormat, log: IndexedLog) -> str | None:
    """Check the chain by its headers, and by the server's own word if it gives it."""
    require_chain(log, ((FEATURES, form.genesis),), read_features)
    return require_chain(
        log, identity_calls(form), lambda value: header_hash(read_block_header(value))
    )


def history_of(log: IndexedLog, script: str) -> Vote[History]:
    """Give a script's history, with what it lists in the mempool."""
    vote = voted(log, history_call(script), read_history)
    if vote.value is not None and len(vote.value) > MAX_HISTORY:
        return silent(log, TOO_LARGE)
    return vote


def branch_of(log: IndexedLog, txid: str, height: int) -> Vote[Branch]:
    """Give a transaction's branch in the block at a height."""
    return voted(log, merkle_call(txid, height), partial(read_branch, height=height))


def header_calls(low: int, top: int) -> tuple[Call, ...]:
    """Give the questions for the headers of a run; none if it is over the limit."""
    if top - low >= MAX_HEADERS:
        return ()
    return tuple(headers_call(*chunk) for chunk in chunks(low, top))


def headers_of(log: IndexedLog, low: int, top: int) -> Vote[HeaderChain]:
    """Link the headers of a run."""
    if top - low >= MAX_HEADERS:
        return silent(log, TOO_LARGE)
    return linked(log, ((start, _chunk_of(log, start, count)) for start, count in chunks(low, top)))


def _chunk_of(log: IndexedLog, start: int, count: int) -> Vote[bytes]:
    return voted(log, headers_call(start, count), partial(read_block_headers, count=count))
