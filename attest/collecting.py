"""How often values are searched for cycles: one figure for every process of the command."""

from __future__ import annotations

import gc

COLLECTING = (100_000, 20, 50)
"""When cycles are looked for. A large reading makes millions of small values that stay and hardly a
cycle; by default they are all gone through again and again, a tenth of the time."""


def collect_seldom() -> None:
    """Search as seldom as the command does."""
    gc.set_threshold(*COLLECTING)
