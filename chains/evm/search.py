"""Finding the last block at or before a moment, by bisection over block times. Pure.

Block times never fall from one block to the next on EVM chains (Yellow Paper, header validity), so
the blocks at or before a moment are those up to some height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def last_at_or_before(moment: int, final: int, time_of: Callable[[int], int]) -> int | None:
    """Find the highest height whose block is not later than a moment.

    Args:
        moment: unix seconds.
        final: the highest height to consider.
        time_of: gives a block's time in unix seconds.

    Returns:
        The height; None if the first block is later than the moment.
    """
    if time_of(final) <= moment:
        return final
    low, high = -1, final
    while high - low > 1:
        middle = (low + high) // 2
        if time_of(middle) <= moment:
            low = middle
        else:
            high = middle
    return None if low < 0 else low
