"""The journal of a reading: every answer on disk as it comes, so that a reading can go on.

A reading that was killed, or given up because a provider asked for patience, is begun again from
the start; what was answered before is taken from the journal, and only the rest is asked. The
reader knows nothing of it: the same questions get the same answers, the first of them the blocks,
so it comes to the same pin and gives the same evidence as a reading that was never interrupted.

One file a source. A line is an entry as a recording has it (`chains.evidence`), after its digest:

    <SHA-256 of the rest of the line, hex> <entry>

A line that was cut off at the end, as by a kill in the middle of writing, is dropped; a line
elsewhere that does not fit its digest is an error. An answer that says that the source could not
answer now (`chains.backoff.AGAIN`) is not kept: asking again is what a reading is resumed for. Nor
is one that would make a longer line than is ever read: a source must not keep others from going on.

Refused: a snapshot of the reader's state. It would be one more form of truth, for every family.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from chains.backoff import AGAIN
from chains.errors import ChainError
from chains.evidence import Call, Column, Exchange
from chains.index import question_key
from chains.recording import MAX_LINE_BYTES, decode_entry, encode_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from chains.evidence import Entry, Source, Sweep

_DIGEST = 64
_HEAD = _DIGEST + 1

LONGEST_LINE = _HEAD + MAX_LINE_BYTES + 1
"""Bytes of a line that is read: the digest, a space, a recording's longest entry, a line feed."""


class Journal:
    """The entries of one source in a file, found by their question, each given once in order."""

    def __init__(self, file: BinaryIO, name: str, settle: Callable[[BinaryIO], None]) -> None:
        """Read what is in a file already.

        Args:
            file: open for reading and writing, at its start.
            name: the file's name, for messages.
            settle: sees to it that what was written survives a crash.

        Raises:
            ChainError: a line other than the last is damaged.
        """
        self._file = file
        self._name = name
        self._settle = settle
        self._places: dict[str, list[int]] = {}
        end = 0
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b"")):
            entry = _entry(line)
            if entry is None and line.endswith(b"\n"):
                raise ChainError(
                    f"{name}: line {number + 1} of the journal is damaged",
                    "remove the journal's folder to begin the reading anew",
                )
            if entry is None:
                break
            self._places.setdefault(_key(entry), []).append(end)
            end += len(line)
        for places in self._places.values():
            places.reverse()
        file.truncate(end)
        file.seek(end)

    def take(self, question: Call | Sweep) -> Entry | None:
        """Give the next kept answer to a question, None if there is none left."""
        places = self._places.get(_question(question))
        if not places:
            return None
        end = self._file.tell()
        self._file.seek(places.pop())
        entry = _entry(self._file.readline())
        self._file.seek(end)
        return entry

    def keep(self, entries: Sequence[Entry]) -> None:
        """Add answers."""
        lines = [_line(entry) for entry in entries if not _passing(entry)]
        kept = [line for line in lines if len(line) <= LONGEST_LINE]
        if kept:
            self._file.write(b"".join(kept))
            self._settle(self._file)


class JournaledSource:
    """A source whose answers are kept, and not asked for twice."""

    def __init__(self, source: Source, journal: Journal) -> None:
        """Prepare to answer from a journal, and from the source what it does not hold."""
        self.name = source.name
        self.operator = source.operator
        self.protocol = source.protocol
        self.live = False
        """Whether anything of the last answer was asked of the source just now."""
        self._source = source
        self._journal = journal

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give one exchange a call, in the order of the calls."""
        found = [self._journal.take(call) for call in calls]
        missing = [at for at, entry in enumerate(found) if entry is None]
        self.live = bool(missing)
        if missing:
            fresh = self._source.ask([calls[at] for at in missing])
            self._journal.keep(fresh)
            for at, exchange in zip(missing, fresh, strict=True):
                found[at] = exchange
        return tuple(entry for entry in found if isinstance(entry, Exchange))

    def sweep(self, sweep: Sweep) -> Column:
        """Give a sweep's column, as it was asked before or as it is now."""
        kept = self._journal.take(sweep)
        self.live = not isinstance(kept, Column)
        if isinstance(kept, Column):
            return kept
        column = self._source.sweep(sweep)
        self._journal.keep([column])
        return column


def _line(entry: Entry) -> bytes:
    text = encode_entry(entry)
    return f"{hashlib.sha256(text).hexdigest()} ".encode() + text + b"\n"


def _entry(line: bytes) -> Entry | None:
    """Read a line, None if it is not whole."""
    text = line[_HEAD:-1]
    if not line.endswith(b"\n") or line[:_HEAD] != f"{hashlib.sha256(text).hexdigest()} ".encode():
        return None
    try:
        return decode_entry(text)
    except ValueError:
        return None


def _passing(entry: Entry) -> bool:
    if isinstance(entry, Exchange):
        return entry.error in AGAIN
    return any(code in AGAIN for _, code in entry.errors) or any(map(_passing, entry.lead))


def _key(entry: Entry) -> str:
    return _question(entry.call if isinstance(entry, Exchange) else entry.sweep)


def _question(question: Call | Sweep) -> str:
    """Give the digest of a question, equal for equal ones."""
    if isinstance(question, Call):
        parts: tuple[object, ...] = question_key(question)
    else:
        lead = tuple(question_key(call) for call in question.lead)
        parts = (*question_key(question.template), lead, question.subjects)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
