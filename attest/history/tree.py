"""The Merkle tree over payload digests: its root, its proofs, and their checks.

    leaf = SHA-256(0x00 || digest)          digest: the 32 bytes of a payload's SHA-256
    node = SHA-256(0x01 || left || right)
    root of no leaves = SHA-256("")

A tree of n leaves is split at the largest power of two below n. An inclusion path leads from a
leaf's sibling up to the root's child; a consistency path shows that the first m leaves of a tree of
n are those of an earlier tree. A check returns nothing or raises: there is no bool that a caller
could forget to look at. The length of a path follows from sizes and index, so that a path with a
hash too many or too few is refused.

Source: RFC 6962 section 2.1; the checks are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
Chosen: whole levels, bottom up; a log of attestations has thousands of entries, not billions.
Refused: kept inner nodes and tiles, files that would have to be believed or hashed again anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from attest.errors import HistoryReason, InvalidHistory

if TYPE_CHECKING:
    from collections.abc import Sequence

Path: TypeAlias = tuple[bytes, ...]
"""Hashes of a proof, in the order of RFC 6962."""

DIGEST = 32
"""Bytes of a SHA-256."""
MAX_SIZE = (1 << 63) - 1
"""Most leaves of a tree that is checked: what C2SP readers hold a size in."""
MAX_PATH = 63
"""Most hashes of a path: a tree of `MAX_SIZE` leaves is 63 levels high, and no consistency path
is longer (c2sp.org/tlog-witness)."""
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Head:
    """What names a tree: how many leaves it has, and its root."""

    size: int
    root: bytes


def leaf_hash(digest: bytes) -> bytes:
    """Hash an entry; raise InvalidHistory if it is not 32 bytes."""
    if len(digest) != DIGEST:
        raise InvalidHistory("malformed_log", f"entry has {len(digest)} bytes, expected {DIGEST}")
    return sha256(b"\x00" + digest).digest()


def tree_root(digests: Sequence[bytes]) -> bytes:
    """Give the root of the tree over these digests, in this order."""
    return _top([leaf_hash(digest) for digest in digests])


def inclusion_path(digests: Sequence[bytes], index: int) -> Path:
    """Prove that the entry at `index` is in the tree over all of these digests.

    Raises:
        InvalidHistory: there is no such entry.
    """
    if not 0 <= index < len(digests):
        raise InvalidHistory("not_in_log", f"no entry {index}: the log has {len(digests)}")
    level = [leaf_hash(digest) for digest in digests]
    path = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level, index = _above(level), index >> 1
    return tuple(path)


def consistency_path(digests: Sequence[bytes], old: int) -> Path:
    """Prove that the tree over all of these digests begins with the tree over the first `old`.

    Raises:
        InvalidHistory: the tree has fewer leaves than that.
    """
    if not 0 <= old <= len(digests):
        raise InvalidHistory("log_behind", f"the log has {len(digests)} entries, not {old}")
    if old == 0:
        return ()
    leaves = [leaf_hash(digest) for digest in digests]
    low, high, found = 0, len(leaves), []
    while old != high:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if old <= middle:
            found.append(_top(leaves[middle:high]))
            high = middle
        else:
            found.append(_top(leaves[low:middle]))
            low = middle
    # The old root is what is shown; it is a hash of the path only where it is not the checker's.
    return (*([_top(leaves[low:high])] if low else []), *reversed(found))


def check_inclusion(digest: bytes, index: int, path: Path, head: Head) -> None:
    """Return if the path shows the digest at `index` of the tree.

    Raises:
        InvalidHistory: with the reason `not_in_log`.
    """
    if not 0 <= index < head.size <= MAX_SIZE:
        raise InvalidHistory("not_in_log", f"no entry {index}: the tree has {head.size}")
    _check_hashes(path, "not_in_log")
    place, last, own = index, head.size - 1, leaf_hash(digest)
    for other in path:
        if last == 0:
            raise InvalidHistory("not_in_log", f"path of {len(path)} hashes is too long")
        if place & 1 or place == last:
            own = _node(other, own)
            place, last = _skip(place, last)
        else:
            own = _node(own, other)
        place, last = place >> 1, last >> 1
    if last != 0 or own != head.root:
        what = f"path from {digest.hex()} leads to {own.hex()}, the root is {head.root.hex()}"
        raise InvalidHistory("not_in_log", what)


def check_consistency(old: Head, new: Head, path: Path) -> None:
    """Return if the path shows that the new tree begins with the old one.

    Raises:
        InvalidHistory: `log_behind` if the new tree is the smaller one, `log_forked` if two of one
            size have different roots, `log_rewritten` if the path does not lead from one to the
            other.
    """
    if not 0 <= old.size <= new.size <= MAX_SIZE:
        what = f"the log has {new.size} entries, {old.size} are known already"
        raise InvalidHistory("log_behind", what)
    _check_hashes(path, "log_rewritten")
    if old.size == new.size and old.root != new.root:
        what = f"two roots of one size {old.size}: {old.root.hex()} and {new.root.hex()}"
        raise InvalidHistory("log_forked", what)
    if old.size == 0 and old.root != EMPTY_ROOT:
        raise InvalidHistory("log_rewritten", f"root of an empty log is {old.root.hex()}")
    if old.size in {0, new.size}:
        if path:
            raise InvalidHistory("log_rewritten", f"path of {len(path)} hashes, none expected")
        return
    if (old.root, new.root) != _led_to(old, new, path):
        what = f"entries 0 to {old.size - 1} of {new.root.hex()} are not those of {old.root.hex()}"
        raise InvalidHistory("log_rewritten", what)


def _led_to(old: Head, new: Head, path: Path) -> tuple[bytes, bytes]:
    """Follow a path of one hash or more; give the old and the new root that it leads to."""
    # A tree of 2**k leaves is whole in the new one: its root is the checker's, not the path's.
    hashes = (old.root, *path) if old.size & (old.size - 1) == 0 else path
    if not hashes:
        raise InvalidHistory("log_rewritten", "path is empty")
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            raise InvalidHistory("log_rewritten", f"path of {len(path)} hashes is too long")
        if place & 1 or place == last:
            before, after = _node(other, before), _node(other, after)
            place, last = _skip(place, last)
        else:
            after = _node(after, other)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise InvalidHistory("log_rewritten", f"path of {len(path)} hashes is too short")
    return before, after


def _skip(place: int, last: int) -> tuple[int, int]:
    """Leave out the levels on which the last node has no sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _check_hashes(path: Path, reason: HistoryReason) -> None:
    if len(path) > MAX_PATH or any(len(one) != DIGEST for one in path):
        raise InvalidHistory(reason, f"path is not at most {MAX_PATH} hashes of {DIGEST} bytes")


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _above(level: Sequence[bytes]) -> list[bytes]:
    """Give the level above; the last node without a sibling moves up as it is."""
    paired = [_node(*pair) for pair in zip(level[::2], level[1::2], strict=False)]
    return [*paired, *level[len(level) & ~1 :]]


def _top(level: list[bytes]) -> bytes:
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY_ROOT
