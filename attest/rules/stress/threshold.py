"""The smallest loss that reserve and policies do not pay.

What is left of a loss L after what policies pay is L less, of each, min(limit, L) - deductible
where that is above zero. Between the points where a policy begins or ends to pay it is straight,
and nowhere does it rise by more than the loss. So of each of these points the first step is looked
at that would be above the reserve if nothing more were paid; the first that is above it is the
smallest loss of all. A stretch that is above may lie between two steps.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.stress.cover import turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.rules.insured import Policy


def smallest_unpaid(policies: Sequence[Policy], reserve: Fraction, step: Fraction) -> int:
    """Give the smallest number of steps that is a loss above what is paid and reserved.

    Args:
        policies: those that answer.
        reserve: money that stands behind a loss, zero or more.
        step: what a loss is counted in, above zero.
    """
    starts = sorted({Fraction(), *turns(policies)})
    rooms = ((start, reserve - _left(policies, start)) for start in starts)
    candidates = (int((start + room) // step) + 1 for start, room in rooms)
    return next(steps for steps in candidates if _left(policies, steps * step) > reserve)


def _left(policies: Sequence[Policy], loss: Fraction) -> Fraction:
    """Give what is left of a loss, below zero where policies together would pay more."""
    return loss - sum((one.pays(loss) for one in policies), Fraction())
