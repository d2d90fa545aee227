"""Equivocation: a log that signed two histories, and both signatures as the evidence of it.

Two checkpoints of one size with two roots need nothing more. Of two sizes it takes the entries of
the larger one: if its first entries do not give the root of the smaller one, no entries do, and the
log signed what it cannot have held both times. A path that does not lead from one to the other
shows nothing, since whoever asks could have been given a wrong path by somebody else.

The evidence is complete: whoever has the log's key in another way can check it without us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.checkpoint import open_checkpoint
from attest.history.placement import LogTrust, read_keys
from attest.history.tree import tree_root

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Two histories of one log, each under its signature."""

    smaller: bytes
    """A checkpoint, a signed note; of two of one size the one that was given first."""
    larger: bytes
    """The other."""
    size: int
    """Entries of the smaller one, of which there are two roots."""
    roots: tuple[bytes, bytes]
    """The root that the smaller one signs, and the one that the larger one's history has there."""
    entries: tuple[bytes, ...]
    """Entries of the larger one, where its own root does not show it; else empty."""


def equivocation(
    first: bytes, second: bytes, trust: LogTrust, entries: Sequence[bytes] | None = None
) -> Equivocation | None:
    """Tell whether two checkpoints of one log contradict each other.

    Args:
        first: a checkpoint, a signed note.
        second: another.
        trust: whose log it is; witnesses and quorum are not asked for.
        entries: digests of the larger one, in order; needed if the sizes differ.

    Returns:
        The evidence, or None if one history holds both.

    Raises:
        InputError: the trust itself is none.
        InvalidHistory: a checkpoint is malformed or not the log's; `malformed_log`, the sizes
            differ and the entries are missing or are not those of the larger one.
    """
    key = read_keys(trust).log
    opened = [(open_checkpoint(one, trust.origin, key).head, one) for one in (first, second)]
    used: tuple[bytes, ...] = ()
    (small, smaller), (large, larger) = sorted(opened, key=lambda one: one[0].size)
    if small.size == large.size:
        root = large.root
    else:
        used = tuple(entries or ())
        if len(used) != large.size or tree_root(used) != large.root:
            what = f"{len(used)} entries, which are not the {large.size} of the larger checkpoint"
            raise InvalidHistory("malformed_log", what)
        root = tree_root(used[: small.size])
    if root == small.root:
        return None
    return Equivocation(smaller, larger, small.size, (small.root, root), used)
