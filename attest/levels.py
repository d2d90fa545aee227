"""Levels: how far a verification came, and whether that is as far as was required. Pure.

    L0 files   L1 signatures and trust   L2 history   L3 replayed   L4 blocks, balances read again

A level says what was found to hold; a bundle that is not authentic has none above the files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.verdict import LEVELS, Note

if TYPE_CHECKING:
    from attest.verdict import Verdict
    from config.trust import Level


def lower(one: Level, other: Level) -> Level:
    """Give the lower of two levels."""
    return min(one, other, key=LEVELS.index)


def at_level(verdict: Verdict, low: Level, high: Level) -> Verdict:
    """Set one level for all chains: the high one if the bundle is authentic."""
    level = high if verdict.authenticity == "valid" else low
    levels = tuple((chain, level) for chain, _ in verdict.anchors)
    return replace(verdict, level=level, levels=levels)


def capped(verdict: Verdict, *, found: bool) -> Verdict:
    """Hold a verdict to L1 where history was asked for and not found to hold.

    Args:
        verdict: with its levels.
        found: whether history holds, or was not asked for.
    """
    if found or verdict.level is None:
        return verdict
    levels = tuple((chain, lower(level, "L1")) for chain, level in verdict.levels)
    return replace(verdict, level=lower(verdict.level, "L1"), levels=levels)


def short_of(verdict: Verdict, required: Level) -> Verdict:
    """Add that the level is below the one required, if it is; of what is invalid nothing is."""
    reached = verdict.level or "L0"
    enough = LEVELS.index(reached) >= LEVELS.index(required)
    if enough or verdict.authenticity == "invalid":
        return verdict
    note = Note("level_not_reached", f"reached {reached}, required {required}")
    return replace(verdict, reasons=(*verdict.reasons, note))
