"""A rule's limits and choices, as its pack or the declaration gives them.

A parameter that is missing or of the wrong form is an `InputError`: a limit is never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from config.amount import parse_decimal
from config.errors import InputError

if TYPE_CHECKING:
    from config.calendar import Calendar

RATIO_DECIMALS = 12
"""Places in which limits are read and ratios are written."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A rule's limits and choices, read with their form checked."""

    rule: str
    values: dict[str, int | str | tuple[str, ...]]
    calendar: Calendar | None = None
    """How the pack's place counts days; None: the pack does not say."""

    def whole(self, key: str) -> int:
        """Give a whole number, zero or more."""
        value = self.values.get(key)
        if type(value) is not int or value < 0:
            raise self._error(key, value, "a whole number")
        return value

    def text(self, key: str) -> str:
        """Give a text, which may be empty."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self._error(key, value, "text")
        return value

    def word(self, key: str, allowed: tuple[str, ...]) -> str:
        """Give one of some words."""
        value = self.values.get(key)
        if not isinstance(value, str) or value not in allowed:
            raise self._error(key, value, f"one of {', '.join(allowed)}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Give a list of words that is not empty."""
        value = self.values.get(key)
        if not isinstance(value, tuple) or not value:
            raise self._error(key, value, "a list of words")
        return value

    def words_of(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Give a list of some of these words that is not empty."""
        found = self.words(key)
        if not set(found) <= set(allowed):
            raise self._error(key, found, f"some of {', '.join(allowed)}")
        return found

    def ratio(self, key: str) -> Fraction:
        """Give a decimal text as an exact ratio."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise self._error(key, value, "decimal text such as '0.05'")
        try:
            return Fraction(parse_decimal(value, RATIO_DECIMALS), 10**RATIO_DECIMALS)
        except InputError as error:
            raise self._error(key, value, "decimal text such as '0.05'") from error

    def _error(self, key: str, value: object, expected: str) -> InputError:
        return InputError(f"parameter {self.rule}.{key}: {expected} expected, met {value!r}")
