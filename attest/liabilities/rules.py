"""How many shares, and how large: what is chosen for an asset where nobody says so.

A cap hides how large the largest balances are; a second share hides every balance from whoever sees
one leaf. Leaves are filled up to a power of two with pads, each of which costs what a share does:
where a third or fourth share of every balance still fits into the tree, it costs nothing, and hides
more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.liabilities.shares import Splitting

if TYPE_CHECKING:
    from config.ledger.totals import AssetTotals

LEAST = 2
"""Shares of a balance, if nobody asks for fewer."""
MOST = 4
MEANS = 16
"""A cap is at least so many mean balances: then at most an eighth more leaves come of it."""
PARTS = 1 << 11
"""A cap is at least this part of the largest balance: then that is some four thousand shares."""
MARGIN = 32
"""One part in so many of a tree is left for what an estimate misses."""


def cap_of(totals: AssetTotals) -> int:
    """Choose the largest share of an asset: a power of two, in base units."""
    if not totals.holders:
        return 1
    least = max(-(-MEANS * totals.owed // totals.holders), -(-totals.largest // PARTS))
    return 1 << (least - 1).bit_length()


def splitting_of(totals: AssetTotals, count: int | None, cap: int | None) -> Splitting:
    """Choose how the balances of an asset are split.

    Args:
        totals: of the asset.
        count: shares of every balance; None: as many as the tree has room for, 2 to 4.
        cap: the largest share in base units; None: by the balances.
    """
    most = cap_of(totals) if cap is None else cap
    return Splitting(_count_of(totals, most) if count is None else count, most)


def _count_of(totals: AssetTotals, cap: int) -> int:
    room = 1 << max(_leaves(totals, cap, LEAST) - 1, 0).bit_length()
    fitting = [
        count
        for count in range(LEAST, MOST + 1)
        if _leaves(totals, cap, count) <= room - room // MARGIN
    ]
    return max(fitting, default=LEAST)


def _leaves(totals: AssetTotals, cap: int, count: int) -> int:
    """Estimate the leaves of an asset: a share above the cap becomes about two per cap."""
    return totals.holders * count + 2 * totals.owed // cap


def height_of(leaves: int, least: int = 0) -> int:
    """Give the height of the smallest tree that holds some leaves, or the least that is asked."""
    return max(max(leaves - 1, 0).bit_length(), least)
