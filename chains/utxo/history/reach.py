"""Which headers a reading needs, and which blocks known beforehand they pass through. Pure.

    lowest height that counts .. pin .. top        every header between, each naming the one before

The run begins at the first block of a period, so that targets can be followed, and holds the eleven
blocks of the pin's median time. A registry row knows some blocks by hash: the first, one after a
fork, a checkpoint. If the run meets none of them and one is near, it is made longer until it does:
work alone shows that somebody worked, and a known block shows on which chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.utxo.history.headers import MEDIAN_SPAN
from chains.utxo.history.work import PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chains.utxo.history.headers import HeaderChain
    from config.registry import UtxoFormat

MAX_BRIDGE = 100_000
"""Headers that are added to meet a known block: eight megabytes, two years of Bitcoin."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which blocks a reading is about."""

    pin: int
    """Height at which coins are counted."""
    top: int
    """Highest block that is shown. The blocks from the pin to it are the pin's depth; one more than
    the pin shows when the block after it was made."""

    def __post_init__(self) -> None:
        """Refuse heights that no reading can have."""
        if not 0 <= self.pin <= self.top:
            raise ValueError(f"pin at height {self.pin}, top at {self.top}")


def median_start(height: int) -> int:
    """Give the lowest block whose time is in a block's median time past."""
    return max(0, height - MEDIAN_SPAN + 1)


def header_range(form: UtxoFormat, span: Span, heights: Iterable[int]) -> tuple[int, int]:
    """Give the lowest and the highest header of a linked run.

    Args:
        form: gives the known blocks.
        span: the pin and the highest block to show.
        heights: the blocks that hold transactions.
    """
    low, top = min([median_start(span.pin), *heights]), span.top
    known = [height for height, _ in known_blocks(form)]
    if not any(low <= height <= top for height in known):
        below = [height for height in known if low - MAX_BRIDGE <= height < low]
        above = [height for height in known if top < height <= top + MAX_BRIDGE]
        if below:
            low = max(below)
        elif above:
            top = min(above)
    return low - low % PERIOD, top


def known_blocks(form: UtxoFormat) -> tuple[tuple[int, str], ...]:
    """Give the blocks that a registry row knows by hash, lowest first."""
    rows = (
        (0, form.genesis),
        (form.fork_height, form.fork_hash),
        (form.checkpoint_height, form.checkpoint_hash),
    )
    found = [(height, name) for height, name in rows if height is not None and name is not None]
    return tuple(sorted(found))


def anchor_of(form: UtxoFormat, chain: HeaderChain) -> int | None:
    """Give the highest known block that a run passes through, None if it meets none.

    Raises:
        ValueError: it passes a known block's height with another block.
    """
    anchor = None
    for height, name in known_blocks(form):
        if chain.start <= height <= chain.end:
            if chain.hash_at(height) != name:
                raise ValueError(f"block {height} is {chain.hash_at(height)}, must be {name}")
            anchor = height
    return anchor
