"""One index server during a reading: everything it was asked and answered, and how to ask more.

Questions go out in portions. A server that leaves a whole portion unanswered is not worth asking
further, since each portion waits through all of its attempts; nor is one whose answers fill what a
recording may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.evidence import Call, Exchange, Sweep
from chains.recording import MAX_LOG_BYTES, Recorder
from chains.utxo.history.esplora import MAX_PAGES
from chains.utxo.indexers import INDEXERS, Indexer, index_answers
from chains.utxo.past import told_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chains.evidence import Entry, Json, Source
    from chains.index import IndexedLog

MAX_ROUNDS = MAX_PAGES + 10
"""Rounds of questions about one block: a page a round, and what follows from the histories."""

SWEEP = 1000
"""Scripts in one sweep. A line of a recording holds 128 MiB (`chains.recording.MAX_LINE_BYTES`), so
that histories may have 1,200 transactions on the average."""

PORTION = 5000
"""Other questions asked at once; what a kill loses of a journaled reading."""

MAX_ANSWERS = MAX_LOG_BYTES // 4 * 3
"""Characters of one server's answers, after which it is not asked further: a recording holds the
questions too."""


class Desk:
    """One server."""

    def __init__(self, source: Source) -> None:
        """Begin with nothing asked; the source must be of an indexer's protocol."""
        self.recorder = Recorder(source)
        self.indexer: Indexer = INDEXERS[source.protocol]
        self._room = MAX_ANSWERS

    @property
    def name(self) -> str:
        """The server's name."""
        return self.recorder.name

    def log(self) -> IndexedLog:
        """Give what is known so far."""
        return index_answers(self.recorder.log())

    def blocks_at(self, height: int) -> frozenset[str]:
        """Give the hashes that the server named at a height, one after the other."""
        given = self.log().exchanges(self.indexer.hash_call(height))
        found = (_read(self.indexer, exchange) for exchange in given)
        return frozenset(block for block in found if block is not None)

    def time_of(self, height: int) -> int:
        """Ask for the median time past of a block, in Unix seconds; raise Untold."""
        for _ in range(MAX_ROUNDS):
            calls = self.indexer.histories.missing_median(height, self.log())
            if not calls:
                break
            self.recorder.ask(calls)
        return told_time(self.log())(height)

    def ask(self, questions: Sequence[Call] | Sweep) -> bool:
        """Ask a portion of questions; give whether it is worth asking further."""
        if isinstance(questions, Sweep):
            entries: tuple[Entry, ...] = (self.recorder.sweep(questions),)
        else:
            entries = self.recorder.ask(questions)
        self._room -= sum(map(_size, entries))
        return self._room > 0 and not all(map(_unanswered, entries))


def portions(
    indexer: Indexer, calls: Sequence[Call]
) -> Iterator[tuple[Sequence[Call] | Sweep, int]]:
    """Cut questions into portions; give each with the number of its questions.

    What is asked about one transaction stays together, and is left for a later round as long as
    anything else is to be asked. So what was answered can be used if the rest never is: without the
    headers no transaction counts.
    """
    others = [call for call in calls if indexer.txid_of(call) is None]
    swept: dict[Call, list[str]] = {}
    single: list[Call] = []
    for call in others or calls:
        parted = indexer.part(call)
        if parted is None:
            single.append(call)
        else:
            swept.setdefault(parted[0], []).append(parted[1])
    for template, subjects in swept.items():
        for at in range(0, len(subjects), SWEEP):
            portion = tuple(subjects[at : at + SWEEP])
            yield Sweep(template, portion), len(portion)
    ordered = _by_transaction(indexer, single)
    for at in range(0, len(ordered), PORTION):
        yield ordered[at : at + PORTION], len(ordered[at : at + PORTION])


def _by_transaction(indexer: Indexer, calls: Sequence[Call]) -> tuple[Call, ...]:
    """Put calls about one transaction together."""
    found: dict[str | None, list[Call]] = {}
    for call in calls:
        found.setdefault(indexer.txid_of(call), []).append(call)
    return tuple(call for group in found.values() for call in group)


def _read(indexer: Indexer, exchange: Exchange) -> str | None:
    if exchange.error is not None:
        return None
    try:
        return indexer.read_block(exchange.result)
    except ValueError:
        return None


def _unanswered(entry: Entry) -> bool:
    if isinstance(entry, Exchange):
        return entry.error in AGAIN
    return len(entry.errors) == len(entry.results) and all(
        code in AGAIN for _, code in entry.errors
    )


def _size(entry: Entry) -> int:
    """Count the characters of an entry's answers, as far as they can become many."""
    return _weight(entry.result if isinstance(entry, Exchange) else entry.results)


def _weight(value: Json) -> int:
    if isinstance(value, str):
        return len(value) + 3
    if isinstance(value, tuple):
        return 2 + sum(map(_weight, value))
    if isinstance(value, dict):
        return 2 + sum(len(key) + 4 + _weight(item) for key, item in value.items())
    return 8
