"""A log with its questions found quickly: what was recorded of a call, and where.

`recheck` looks up each call it would have asked. A call counts as the same only if its method and
its parameters are equal as JSON: `1` and `true` differ, the order of an object's keys does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from chains.quorum import MALFORMED, NOT_READ, Vote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, Exchange, Json, SourceLog

T = TypeVar("T")

QuestionKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class IndexedLog:
    """One source's log, and where in it each question stands."""

    log: SourceLog
    places: dict[QuestionKey, list[int]]

    @property
    def name(self) -> str:
        """The source's name."""
        return self.log.name

    def exchanges(self, call: Call) -> tuple[Exchange, ...]:
        """Give what was recorded of a question, in order."""
        return tuple(self.log.exchanges[at] for at in self.places.get(question_key(call), ()))

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


def question_key(call: Call) -> QuestionKey:
    """Give a key that is equal for equal questions."""
    return call.method, json.dumps(call.params, sort_keys=True, separators=(",", ":"))


def index_log(log: SourceLog) -> IndexedLog:
    """Index a log."""
    return IndexedLog(log, index_exchanges(log.exchanges))


def index_exchanges(exchanges: Sequence[Exchange]) -> dict[QuestionKey, list[int]]:
    """Map each question's key to the places where it was recorded, in order."""
    places: dict[QuestionKey, list[int]] = {}
    for place, exchange in enumerate(exchanges):
        places.setdefault(question_key(exchange.call), []).append(place)
    return places
