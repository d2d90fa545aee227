"""Amounts of money that are known exactly, or only to lie between two ends.

An input that is missing makes no amount zero: it takes away an end. So a rule is answered where the
answer does not hang on what is missing, and is unknown where it does:

    has at least what is needed at most       pass
    has at most less than is needed at least  breach
    anything else                             unknown
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Bounds:
    """An amount in units of a currency, never below zero."""

    lower: Fraction
    upper: Fraction | None
    """None: nothing bounds it from above."""

    @property
    def exact(self) -> Fraction | None:
        """Give the amount, None if it is not known exactly."""
        return self.lower if self.lower == self.upper else None


NOTHING_KNOWN = Bounds(Fraction(), None)


def exactly(amount: Fraction) -> Bounds:
    """Give the bounds of an amount that is known."""
    return Bounds(amount, amount)


def total(amounts: Iterable[Bounds]) -> Bounds:
    """Add amounts."""
    found = tuple(amounts)
    uppers = [one.upper for one in found]
    known = [upper for upper in uppers if upper is not None]
    lower = sum((one.lower for one in found), Fraction())
    return Bounds(lower, sum(known, Fraction()) if len(known) == len(uppers) else None)


def largest(amounts: Sequence[Bounds]) -> Bounds:
    """Give the largest of some amounts, at least one."""
    uppers = [one.upper for one in amounts]
    known = [upper for upper in uppers if upper is not None]
    lower = max(one.lower for one in amounts)
    return Bounds(lower, max(known) if len(known) == len(uppers) else None)


def smallest(amounts: Sequence[Bounds]) -> Bounds:
    """Give the smallest of some amounts, at least one: no larger than any that is known."""
    known = [one.upper for one in amounts if one.upper is not None]
    return Bounds(min(one.lower for one in amounts), min(known) if known else None)


def either(amounts: Sequence[Fraction]) -> Bounds:
    """Give the bounds of an amount that is one of these, at least one, nobody knows which."""
    return Bounds(min(amounts), max(amounts))


def each(amount: Bounds, work: Callable[[Fraction], Fraction]) -> Bounds:
    """Give what a function that never falls makes of an amount."""
    return Bounds(work(amount.lower), None if amount.upper is None else work(amount.upper))


def short_of(needed: Bounds, held: Bounds) -> Bounds:
    """Give what is lacking of what is needed."""
    most = None if needed.upper is None else max(Fraction(), needed.upper - held.lower)
    least = Fraction() if held.upper is None else max(Fraction(), needed.lower - held.upper)
    return Bounds(least, most)


def compare(held: Bounds, needed: Bounds) -> Literal["pass", "breach", "unknown"]:
    """Tell whether what is held is at least what is needed."""
    if needed.upper is not None and held.lower >= needed.upper:
        return "pass"
    if held.upper is not None and held.upper < needed.lower:
        return "breach"
    return "unknown"
