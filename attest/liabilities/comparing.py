"""Comparing two commitments' private folders: what became of customers between them.

Both folders keep customers in the order of the same hash, so that they are walked side by side and
neither is held in memory. What is told are counts and sums by instrument. Accounts, and what any
one of them is owed, are not.

    vanished    was owed something; is no customer any more
    emptied     is still a customer, and is owed nothing of it
    appeared    was owed nothing of it, customer or not
    jumped      is owed some times more, or less, than before

A customer who vanished took his coins along, or was left out: which of them is for the auditor to
ask, of as many as he draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.liabilities.proving import Prover


@dataclass(slots=True)
class Moved:
    """What became of the customers of one instrument; sums are base units."""

    before: int = 0
    """Customers who were owed something."""
    after: int = 0
    owed_before: int = 0
    owed_after: int = 0
    vanished: int = 0
    owed_to_vanished: int = 0
    emptied: int = 0
    owed_to_emptied: int = 0
    appeared: int = 0
    owed_to_appeared: int = 0
    jumped_up: int = 0
    jumped_down: int = 0


@dataclass(slots=True)
class Comparison:
    """Two commitments side by side."""

    customers_before: int = 0
    customers_after: int = 0
    customers_in_both: int = 0
    instruments: dict[str, Moved] = field(default_factory=dict)


def compare(old: Prover, new: Prover, factor: int) -> Comparison:
    """Walk two private folders.

    Args:
        old: the earlier one.
        new: the later one.
        factor: a balance that is so many times another one jumped, 2 or more.

    Raises:
        InputError: a folder is damaged.
    """
    found = Comparison(len(old), len(new))
    for before, after in _side_by_side(old, new):
        found.customers_in_both += before is not None and after is not None
        held, holds = before or {}, after or {}
        for name in {*held, *holds}:
            moved = found.instruments.setdefault(name, Moved())
            _count(moved, held.get(name, 0), holds.get(name, 0), factor, gone=after is None)
    return found


def _count(moved: Moved, before: int, after: int, factor: int, *, gone: bool) -> None:
    moved.before += before > 0
    moved.after += after > 0
    moved.owed_before += before
    moved.owed_after += after
    if gone:
        moved.vanished += 1
        moved.owed_to_vanished += before
    elif not after:
        moved.emptied += 1
        moved.owed_to_emptied += before
    elif not before:
        moved.appeared += 1
        moved.owed_to_appeared += after
    else:
        moved.jumped_up += after >= factor * before
        moved.jumped_down += before >= factor * after


def _side_by_side(
    old: Prover, new: Prover
) -> Iterator[tuple[dict[str, int] | None, dict[str, int] | None]]:
    """Give what each customer is owed by instrument in both; None where he is no customer."""
    before, after = 0, 0
    while before < len(old) or after < len(new):
        first, second = old.hash_at(before), new.hash_at(after)
        if second is None or (first is not None and first < second):
            yield old.owed_at(before), None
            before += 1
        elif first is None or second < first:
            yield None, new.owed_at(after)
            after += 1
        else:
            yield old.owed_at(before), new.owed_at(after)
            before, after = before + 1, after + 1
