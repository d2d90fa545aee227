from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.tree import (
    EMPTY_ROOT,
    MAX_PATH,
    Head,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    tree_root,
)
from tests.attest.history.logs import VECTORS, changed, digests, outcome, refused

if TYPE_CHECKING:
    from attest.errors import HistoryReason

SIZES = range(71)
ENTRIES = digests(70)
ROOTS = [tree_root(ENTRIES[:size]) for size in SIZES]


def slow_root(entries: tuple[bytes, ...]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\1" + slow_root(entries[:k]) + slow_root(entries[k:])).digest()


def slow_path(index: int, entries: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """RFC 6962, section 2.1.1."""
    if len(entries) == 1:
        return ()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if index < k:
        return (*slow_path(index, entries[:k]), slow_root(entries[k:]))
    return (*slow_path(index - k, entries[k:]), slow_root(entries[:k]))


def slow_subproof(old: int, entries: tuple[bytes, ...], *, whole: bool) -> tuple[bytes, ...]:
    """RFC 6962, section 2.1.2."""
    if old == len(entries):
        return () if whole else (slow_root(entries),)
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if old <= k:
        return (*slow_subproof(old, entries[:k], whole=whole), slow_root(entries[k:]))
    return (*slow_subproof(old - k, entries[k:], whole=False), slow_root(entries[:k]))


def test_roots_and_paths_are_those_of_the_rfc_at_every_size() -> None:
    for size in SIZES:
        entries = ENTRIES[:size]
        assert slow_root(entries) == ROOTS[size]
        for index in range(size):
            assert slow_path(index, entries) == inclusion_path(entries, index)
        for old in range(1, size + 1):
            assert slow_subproof(old, entries, whole=True) == consistency_path(entries, old)


def test_every_inclusion_proof_holds_and_none_for_another_place_or_digest() -> None:
    for size in SIZES:
        head = Head(size, ROOTS[size])
        for index in range(size):
            path = inclusion_path(ENTRIES[:size], index)
            check_inclusion(ENTRIES[index], index, path, head)
            other = (index + 1) % size
            if other != index:
                refused("not_in_log", check_inclusion, ENTRIES[index], other, path, head)
                refused("not_in_log", check_inclusion, ENTRIES[other], index, path, head)


def test_every_consistency_proof_holds_and_none_from_another_root() -> None:
    for size in SIZES:
        head = Head(size, ROOTS[size])
        for old in range(size + 1):
            path = consistency_path(ENTRIES[:size], old)
            check_consistency(Head(old, ROOTS[old]), head, path)
            wrong = Head(old, bytes(32))
            expected: HistoryReason = "log_forked" if old == size else "log_rewritten"
            refused(expected, check_consistency, wrong, head, path)
            if 0 < old < size:
                moved = Head(size, bytes(32))
                known = Head(old, ROOTS[old])
                refused("log_rewritten", check_consistency, known, moved, path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_path_with_any_byte_changed_or_hash_left_out_or_added_is_refused(size: int) -> None:
    head = Head(size, ROOTS[size])
    for index in range(size):
        path = inclusion_path(ENTRIES[:size], index)
        joined = b"".join(path)
        for _, wrong in changed(joined):
            cut = tuple(wrong[at : at + 32] for at in range(0, len(wrong), 32))
            refused("not_in_log", check_inclusion, ENTRIES[index], index, cut, head)
        for at in range(len(path)):
            less = path[:at] + path[at + 1 :]
            refused("not_in_log", check_inclusion, ENTRIES[index], index, less, head)
        for at in range(len(path) + 1):
            more = (*path[:at], bytes(32), *path[at:])
            refused("not_in_log", check_inclusion, ENTRIES[index], index, more, head)


@pytest.mark.parametrize(("old", "size"), [(1, 2), (3, 7), (4, 7), (6, 8), (8, 13), (13, 70)])
def test_an_altered_consistency_path_is_refused(old: int, size: int) -> None:
    known, head = Head(old, ROOTS[old]), Head(size, ROOTS[size])
    path = consistency_path(ENTRIES[:size], old)
    for _, wrong in changed(b"".join(path)):
        cut = tuple(wrong[at : at + 32] for at in range(0, len(wrong), 32))
        refused("log_rewritten", check_consistency, known, head, cut)
    for at in range(len(path) + 1):
        more = (*path[:at], bytes(32), *path[at:])
        refused("log_rewritten", check_consistency, known, head, more)
        if at < len(path):
            less = path[:at] + path[at + 1 :]
            refused("log_rewritten", check_consistency, known, head, less)


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_a_path_of_a_log_of_a_thousand_million_entries_holds(
    vector: dict[str, dict[str, str]],
) -> None:
    old, new = (
        Head(int(vector[name]["size"]), base64.b64decode(vector[name]["root"]))
        for name in ("old", "new")
    )
    path = tuple(base64.b64decode(one) for one in vector["path"])

    check_consistency(old, new, path)
    refused("log_rewritten", check_consistency, old, Head(2 * new.size, new.root), path)
    refused("log_rewritten", check_consistency, old, new, path[::-1])


def test_a_smaller_tree_is_behind_and_not_rewritten() -> None:
    old, new = Head(5, ROOTS[5]), Head(4, ROOTS[4])

    refused("log_behind", check_consistency, old, new, ())
    refused("log_behind", consistency_path, ENTRIES[:4], 5)


def test_an_empty_tree_has_one_root_and_nothing_in_it() -> None:
    assert EMPTY_ROOT == ROOTS[0]
    refused("not_in_log", check_inclusion, ENTRIES[0], 0, (), Head(0, EMPTY_ROOT))
    refused("not_in_log", inclusion_path, (), 0)
    refused("log_rewritten", check_consistency, Head(0, ROOTS[1]), Head(1, ROOTS[1]), ())
    refused(
        "log_rewritten",
        check_consistency,
        Head(0, EMPTY_ROOT),
        Head(1, ROOTS[1]),
        (ROOTS[1],),
    )


def test_an_entry_past_the_last_is_in_no_tree() -> None:
    # The path of the last entry would lead to the root from the place after it, too.
    refused("not_in_log", check_inclusion, ENTRIES[0], 1, (), Head(1, ROOTS[1]))
    refused("not_in_log", check_inclusion, ENTRIES[0], -1, (), Head(1, ROOTS[1]))


def test_a_leaf_is_no_node_and_an_entry_has_32_bytes() -> None:
    # Without the two prefixes an inner node could be shown as an entry.
    inner = ROOTS[2]
    refused("not_in_log", check_inclusion, inner, 0, (), Head(1, inner))
    refused("malformed_log", tree_root, (b"short",))


def test_a_path_longer_than_any_tree_is_high_is_refused_unread() -> None:
    path = (bytes(32),) * (MAX_PATH + 1)
    refused("not_in_log", check_inclusion, ENTRIES[0], 0, path, Head(1 << 62, ROOTS[1]))
    refused("not_in_log", check_inclusion, ENTRIES[0], 0, (), Head(1 << 63, ROOTS[1]))


@given(
    old=st.integers(-2, 1 << 64),
    new=st.integers(-2, 1 << 64),
    path=st.lists(st.binary(min_size=31, max_size=33), max_size=70).map(tuple),
    root=st.binary(min_size=32, max_size=32),
)
def test_nothing_but_our_own_error_comes_out(
    old: int, new: int, path: tuple[bytes, ...], root: bytes
) -> None:
    assert outcome(check_inclusion, ENTRIES[0], old, path, Head(new, root)) is not None
    held = outcome(check_consistency, Head(old, root), Head(new, root), path)
    assert held is not None or (old == new and not path) or (old, root) == (0, EMPTY_ROOT)
