"""Where an Esplora server says that a transaction lies, and the headers that show it. Pure.

    /tx/:txid/merkle-proof                 height and branch at once
    /block-height/:height, /block/:hash/header     each header from there to the pin

There is no call for a run of headers, so the run is linked one by one and has a limit: of a
transaction farther from the pin nothing is said. Whoever asks about older ones has an Electrum
server. That a header stands for itself, as it does for planned accounts' histories
(`chains.utxo.history.esplora`), was refused here: its target is its own word, and the lowest one
costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.utxo.history.asking import unread, voted
from chains.utxo.history.electrum_answers import read_placed_branch
from chains.utxo.history.esplora import headers_of, missing_headers
from chains.utxo.history.esplora_calls import merkle_call
from chains.utxo.history.places import Place, Stray
from chains.utxo.history.reach import median_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import Call, Json
    from chains.index import IndexedLog
    from chains.quorum import Vote
    from chains.utxo.history.headers import HeaderChain
    from chains.utxo.history.reach import Span
    from config.registry import UtxoFormat

MAX_REACH = 2016
"""Headers below the pin, and as many above it: two weeks of Bitcoin, two questions each."""


def missing_place(stray: Stray, log: IndexedLog) -> tuple[Call, ...]:
    """Give the question for a transaction's place."""
    return unread(log, (merkle_call(stray.txid),))


def place_vote(stray: Stray, log: IndexedLog) -> Vote[Place]:
    """Give where a server says that a transaction lies."""
    return voted(log, merkle_call(stray.txid), _read_place)


def missing_run(
    _form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
) -> tuple[Call, ...]:
    """Give the questions to ask for the headers from the pin to those heights that are near."""
    return missing_headers(_range(span, heights), log)


def run_vote(
    _form: UtxoFormat, span: Span, heights: Sequence[int], log: IndexedLog
) -> Vote[HeaderChain]:
    """Link the same headers."""
    return headers_of(log, _range(span, heights))


def _read_place(value: Json) -> Place:
    return Place(*read_placed_branch(value))


def _range(span: Span, heights: Sequence[int]) -> range:
    near = [height for height in heights if abs(height - span.pin) <= MAX_REACH]
    return range(min((median_start(span.pin), *near)), max((span.top, *near)) + 1)
