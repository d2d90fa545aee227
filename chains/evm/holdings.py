"""What one source's columns say of an asset: a number for each subject, or why there is none. Pure.

A column counts by what was answered ahead of it in the same sweep (`chains.evm.voices` judges
that). A subject that was answered in two ways has no value. A result outweighs an error, since a
source that failed once and answered later has answered.

Whole columns are decoded at once, because sources that agree on all of a hundred thousand balances
are then seen to agree by one comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chains.evm.calls import MalformedAnswer
from chains.quorum import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chains.evidence import Column, Json

Told: TypeAlias = "int | str"
"""Base units, else a code: `malformed_answer`, a fault of the column's, or an exchange's error."""

Holdings: TypeAlias = "Mapping[str, Told]"
"""What is told of each subject."""


def told_of(
    columns: Iterable[tuple[Column, str | None]], decode: Callable[[Json], int]
) -> Holdings:
    """Gather what a source tells of an asset.

    Args:
        columns: what it answered, each with why its results count for nothing, or None.
        decode: reads a result; raises MalformedAnswer.
    """
    found: dict[str, Told] = {}
    for column, fault in columns:
        _add(found, column.sweep.subjects, _values(column, fault, decode))
    return found


def _values(column: Column, fault: str | None, decode: Callable[[Json], int]) -> list[Told]:
    if fault is None and not column.errors:
        try:
            return [decode(result) for result in column.results]
        except MalformedAnswer:
            pass  # Which of them it was is found one by one.
    errors = dict(column.errors)
    return [
        errors.get(at) or fault or _value(result, decode)
        for at, result in enumerate(column.results)
    ]


def _value(result: Json, decode: Callable[[Json], int]) -> Told:
    try:
        return decode(result)
    except MalformedAnswer:
        return MALFORMED


def _add(found: dict[str, Told], subjects: tuple[str, ...], values: list[Told]) -> None:
    """Add a column to what is known."""
    fresh = dict(zip(subjects, values, strict=True))
    if len(fresh) == len(subjects) and found.keys().isdisjoint(fresh):
        found.update(fresh)
        return
    for subject, value in zip(subjects, values, strict=True):
        found[subject] = _both(found.get(subject), value)


def _both(before: Told | None, now: Told) -> Told:
    """Give what holds of a subject that was asked twice."""
    if before is None or not _is_result(before):
        return now if before is None or _is_result(now) else before
    return before if not _is_result(now) or now == before else MALFORMED


def _is_result(told: Told) -> bool:
    return isinstance(told, int) or told == MALFORMED
