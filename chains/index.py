"""A log with its questions found quickly: what was recorded of a call, and where.

`recheck` looks up each call it would have asked. A call counts as the same only if its method and
its parameters are equal as JSON: `1` and `true` differ, the order of an object's keys does not. A
sweep is looked up by its template once, and then by its subjects. Who asks some of his questions
in sweeps, and looks them up one by one, says how a call is parted into template and subject.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from operator import is_not
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from chains.evidence import Exchange
from chains.quorum import MALFORMED, NOT_READ, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chains.evidence import Call, Column, ErrorCode, Json, SourceLog

T = TypeVar("T")

QuestionKey: TypeAlias = tuple[str, str]

Places: TypeAlias = dict[QuestionKey, list[int]]
"""Where in a log each question stands, in order."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
"""Made once: a reading looks up as many questions as it asked."""

Swept: TypeAlias = "Mapping[str, Sequence[tuple[Json, ErrorCode | None]]]"
"""By subject, each result or error that was recorded, in order."""

Part: TypeAlias = "Callable[[Call], tuple[Call, str] | None]"
"""Gives template and subject of a call that may have been asked in a sweep, None of any other."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a source answered about a subject of a sweep."""

    result: Json
    error: ErrorCode | None
    lead: tuple[Exchange, ...]
    """What it answered ahead of it, in the same request."""
    fault: str | None = None
    """Why the result counts for nothing: `malformed_answer` if it gave two at two times."""


@dataclass(frozen=True, slots=True)
class IndexedLog:
    """One source's log, and where in it each question stands."""

    log: SourceLog
    places: Places
    """Single calls; those of a column's lead are not among them."""
    columns: Places
    """Templates of sweeps."""
    part: Part | None = None
    subjects: dict[QuestionKey, Swept] = field(default_factory=dict)
    """What was answered about each subject of a template; filled if calls are parted."""

    @property
    def name(self) -> str:
        """The source's name."""
        return self.log.name

    def exchanges(self, call: Call) -> tuple[Exchange, ...]:
        """Give what was recorded of a question, in order; what was swept comes last."""
        found = (self.log.entries[at] for at in self.places.get(question_key(call), ()))
        single = tuple(entry for entry in found if isinstance(entry, Exchange))
        return single + self._swept(call) if self.subjects else single

    def _swept(self, call: Call) -> tuple[Exchange, ...]:
        parted = self.part(call) if self.part is not None else None
        if parted is None:
            return ()
        template, subject = parted
        answers = self.subjects.get(_template_key(template), {}).get(subject, ())
        return tuple(Exchange(call, result, error) for result, error in answers)

    def last_place(self, call: Call) -> int:
        """Give the place of a question's last recording, -1 if it was never asked."""
        return self.places.get(question_key(call), (-1,))[-1]

    def vote(self, call: Call, decode: Callable[[Json], T], say: Callable[[T], str]) -> Vote[T]:
        """Give the source's vote on a question.

        Args:
            call: the question.
            decode: reads a result; raises ValueError if it has not the form it must have.
            say: writes a value for people.

        Returns:
            A vote without a value if the question is not in the log, failed, or was answered in
            several ways.
        """
        operator = self.log.operator
        exchanges = self.exchanges(call)
        if not exchanges:
            return Vote(self.name, operator, None, NOT_READ)
        last = exchanges[-1]
        if last.error is not None:
            return Vote(self.name, operator, None, last.error)
        if any(item.error is None and item.result != last.result for item in exchanges):
            return Vote(self.name, operator, None, MALFORMED)
        try:
            value = decode(last.result)
        except ValueError:
            return Vote(self.name, operator, None, MALFORMED)
        return Vote(self.name, operator, value, say(value))

    def answers(self, template: Call) -> Mapping[str, Said]:
        """Give what was recorded of a sweep's template, by subject; the last result stands."""
        found: dict[str, Said] = {}
        for at in self.columns.get(question_key(template), ()):
            _put(found, cast("Column", self.log.entries[at]))
        return found


def _put(found: dict[str, Said], column: Column) -> None:
    """Add a column to what is known by subject; a result outweighs an error."""
    errors = dict(column.errors)
    for at, (subject, result) in enumerate(zip(column.sweep.subjects, column.results, strict=True)):
        error = errors.get(at) if errors else None
        before = found.get(subject)
        if before is None:
            found[subject] = Said(result, error, column.lead)
        elif error is None:
            changed = before.error is None and before.result != result
            found[subject] = Said(result, None, column.lead, MALFORMED if changed else before.fault)


def question_key(call: Call) -> QuestionKey:
    """Give a key that is equal for equal questions."""
    return call.method, _CANONICAL.encode(call.params)


@lru_cache(maxsize=16)
def _template_key(template: Call) -> QuestionKey:
    return question_key(template)


def index_log(log: SourceLog, part: Part | None = None) -> IndexedLog:
    """Index a log.

    Args:
        log: the log.
        part: if given, single calls are looked for among the subjects of sweeps too.
    """
    places, columns = _placed(log, 0)
    subjects = {} if part is None else {key: _by_subject(log, at) for key, at in columns.items()}
    return IndexedLog(log, places, columns, part, subjects)


def extend_index(index: IndexedLog, log: SourceLog) -> IndexedLog:
    """Index a log that goes on from one that is indexed, as `index_log` does.

    Args:
        index: of the first entries; made without parting calls.
        log: the whole log; it begins with the very entries that are indexed.

    Raises:
        ValueError: it does not, or the calls of the index are parted.
    """
    begun = index.log.entries
    if index.part is not None or len(begun) > len(log.entries):
        raise ValueError("not an index of the beginning of a log")
    if any(map(is_not, begun, log.entries)):
        raise ValueError("not an index of the beginning of this log")
    places, columns = _placed(log, len(begun))
    return IndexedLog(log, _joined(index.places, places), _joined(index.columns, columns))


def _joined(first: Places, further: Places) -> Places:
    """Put places after those that are known, whose lists stay as they are."""
    return {**first, **{key: [*first.get(key, ()), *at] for key, at in further.items()}}


def _placed(log: SourceLog, start: int) -> tuple[Places, Places]:
    """Find the single calls and the columns of a log, from an entry on."""
    places: Places = {}
    columns: Places = {}
    for place, entry in enumerate(islice(log.entries, start, None), start):
        found = places if isinstance(entry, Exchange) else columns
        found.setdefault(question_key(entry.call), []).append(place)
    return places, columns


def _by_subject(log: SourceLog, places: list[int]) -> Swept:
    """Find what was answered about each subject of a template."""
    found: dict[str, list[tuple[Json, ErrorCode | None]]] = {}
    for place in places:
        column = cast("Column", log.entries[place])
        errors = dict(column.errors)
        for at, subject in enumerate(column.sweep.subjects):
            found.setdefault(subject, []).append((column.results[at], errors.get(at)))
    return found
