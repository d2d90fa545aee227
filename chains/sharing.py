"""Equal parts of recorded answers, held once. Pure.

A reading asks the same addresses at several blocks and of several sources, and most answers are
alike: a nonce, code that is not there, a balance that did not move. Parsed line by line, each would
be a value of its own, and most of the memory that a log takes. What is given back is equal to what
was given, and only texts are held equal, so that `1` and `true` stay two things.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType
from typing import TYPE_CHECKING, Any

from chains.evidence import Call, Column, Exchange, Sweep

if TYPE_CHECKING:
    from chains.evidence import Entry, Json
    from chains.index import T


@dataclass(frozen=True, slots=True)
class Shared:
    """What was met so far: texts, lists of texts, and objects of texts by their members."""

    _met: dict[object, Any] = field(default_factory=dict)

    def entry(self, entry: Entry) -> Entry:
        """Give an equal entry, made of parts that were met before as far as there are such."""
        call = self._call(entry.call)
        if isinstance(entry, Exchange):
            return Exchange(call, self._value(entry.result), entry.error)
        sweep = Sweep(call, self._list(entry.sweep.subjects), entry.sweep.lead)
        return Column(sweep, entry.lead, self._list(entry.results), entry.errors)

    def _call(self, call: Call) -> Call:
        params = tuple([self._value(one) for one in call.params])
        return Call(self._same(call.method, call.method), params)

    def _same(self, key: object, value: T) -> T:
        met: T = self._met.setdefault(key, value)
        return met

    def _value(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._same(value, value)
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            return self._same(tuple(value.items()), value)
        return value

    def _list(self, values: tuple[T, ...]) -> tuple[T, ...]:
        if set(map(type, values)) - {str, NoneType}:
            return values
        known: tuple[T, ...] | None = self._met.get(values)
        if known is not None:
            return known
        parts = tuple([self._same(one, one) for one in values])
        return self._same(parts, parts)
