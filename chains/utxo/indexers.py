"""The protocols of servers that index a chain by script, behind one interface. Pure.

    INDEXERS["electrum"].hash_call(840_000)   ->  Call("blockchain.block.header", (840000,))

A reading and its recheck know a protocol by this table alone. Adding one is a module beside
`chains.utxo.history.electrum`, one beside `electrum_places`, and a row here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chains.evidence import HOLE, Call
from chains.index import index_log
from chains.utxo.answers import read_hash
from chains.utxo.history import (
    electrum,
    electrum_calls,
    electrum_places,
    esplora,
    esplora_calls,
    esplora_places,
)
from chains.utxo.history.electrum_answers import read_block_header, read_tip
from chains.utxo.history.esplora_answers import read_tip_height
from chains.utxo.history.headers import header_hash
from chains.utxo.history.reach import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from chains.evidence import Json, SourceLog
    from chains.index import IndexedLog, Part
    from chains.quorum import Vote
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.places import Place, Stray
    from chains.utxo.history.replay import History
    from chains.utxo.history.transaction import Transaction
    from chains.utxo.history.voice import HistoryVoice
    from config.registry import UtxoFormat


class Histories(Protocol):
    """A module of `chains.utxo.history` that reads one protocol."""

    def missing(
        self, form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
    ) -> tuple[Call, ...]:
        """Give the questions to ask next; raise ChainError if the server is on another chain."""

    def history_voice(
        self, form: UtxoFormat, scripts: Sequence[str], span: Span, log: IndexedLog
    ) -> Vote[HistoryVoice]:
        """Give what a server says of the scripts; raise ChainError likewise."""

    def missing_transactions(self, txids: Iterable[str], log: IndexedLog) -> tuple[Call, ...]:
        """Give the questions to ask for transactions by their identifiers."""

    def transaction(self, txid: str, log: IndexedLog) -> Vote[Transaction]:
        """Give a transaction whose bytes hash to its identifier."""

    def listed_up_to(self, height: int, scripts: Sequence[str], log: IndexedLog) -> History:
        """Give what the scripts' histories list in blocks up to a height."""

    def missing_median(self, height: int, log: IndexedLog) -> tuple[Call, ...]:
        """Give the questions to ask next for the median time past at a height."""

    def median_time(self, height: int, log: IndexedLog) -> Vote[int]:
        """Give the median time past at a height, in Unix seconds."""


class Places(Protocol):
    """A module of `chains.utxo.history` that finds where one protocol places a transaction."""

    def missing_place(self, stray: Stray, log: IndexedLog) -> tuple[Call, ...]:
        """Give the questions to ask next for a transaction's place."""

    def place_vote(self, stray: Stray, log: IndexedLog) -> Vote[Place]:
        """Give where a server says that a transaction lies."""

    def missing_run(
        self, form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
    ) -> tuple[Call, ...]:
        """Give the questions to ask next for the headers from the pin to some heights."""

    def run_vote(
        self, form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
    ) -> Vote[HeaderChain]:
        """Link the same headers."""


@dataclass(frozen=True, slots=True)
class Indexer:
    """How servers of one protocol are asked and understood."""

    histories: Histories
    places: Places
    tip_call: Call
    """Asks where the server's chain ends; the one question that has another answer later."""
    read_tip: Callable[[Json], int]
    hash_call: Callable[[int], Call]
    """Asks which block the server has at a height."""
    read_block: Callable[[Json], str]
    """Reads that block's hash."""
    transaction_call: Callable[[str], Call]
    """Asks for a transaction's bytes, in hex."""
    part: Part
    """Tells the questions that are asked in sweeps."""
    txid_of: Callable[[Call], str | None]
    """Gives the transaction that a question is about; None of any other."""
    shown: Callable[[IndexedLog, Span], Span]
    """Gives a span with the top that the log shows, if that is higher: whoever asked may have asked
    for more depth than whoever checks needs."""


def index_answers(log: SourceLog) -> IndexedLog:
    """Index a log with the sweeps of its protocol."""
    indexer = INDEXERS.get(log.protocol)
    return index_log(log, None if indexer is None else indexer.part)


def _part_electrum(call: Call) -> tuple[Call, str] | None:
    match call.method, call.params:
        case "blockchain.scripthash.get_history", (str(name),):
            return Call(call.method, (HOLE,)), name
    return None


def _txid_electrum(call: Call) -> str | None:
    match call.method, call.params:
        case "blockchain.transaction.get" | "blockchain.transaction.get_merkle", (str(txid), *_):
            return txid
    return None


def _shown_electrum(log: IndexedLog, span: Span) -> Span:
    tops = [
        start + count - 1
        for exchange in log.log.exchanges
        for start, count in _run_of(exchange.call)
        if start % electrum_calls.MAX_CHUNK == 0 and start <= span.top
    ]
    return Span(span.pin, min((top for top in tops if top >= span.top), default=span.top))


def _run_of(call: Call) -> tuple[tuple[int, int], ...]:
    """Give start and count of a question for headers."""
    match call.method, call.params:
        case "blockchain.block.headers", (int(start), int(count)):
            return ((start, count),)
    return ()


_FIRST_PAGE = re.compile(r"/scripthash/([0-9a-f]{64})/txs/chain", re.ASCII)


def _part_esplora(call: Call) -> tuple[Call, str] | None:
    match call.params:
        case (str(path),) if match := _FIRST_PAGE.fullmatch(path):
            return Call(call.method, (f"/scripthash/{HOLE}/txs/chain",)), match[1]
    return None


def _txid_esplora(call: Call) -> str | None:
    match call.params:
        case (str(path),) if path.startswith("/tx/"):
            return path.split("/")[2]
    return None


INDEXERS: Mapping[str, Indexer] = {
    "electrum": Indexer(
        electrum,
        electrum_places,
        electrum_calls.TIP,
        lambda value: read_tip(value).height,
        electrum_calls.header_call,
        lambda value: header_hash(read_block_header(value)),
        electrum_calls.transaction_call,
        _part_electrum,
        _txid_electrum,
        _shown_electrum,
    ),
    "esplora": Indexer(
        esplora,
        esplora_places,
        esplora_calls.TIP,
        read_tip_height,
        esplora_calls.hash_call,
        read_hash,
        esplora_calls.transaction_call,
        _part_esplora,
        _txid_esplora,
        # Headers are asked for one by one there, so that any part of them can be found.
        lambda _log, span: span,
    ),
}
"""By the protocol's name; nodes' JSON-RPC is not among them."""
