from __future__ import annotations

import hmac
import struct
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.liabilities.encoding import RECORD, CustomerKey, node, snapshot_hash
from proofs.liabilities.keyed import begun
from proofs.liabilities.leaves import Holder, Kernel, leaves_of, pads_of
from proofs.liabilities.shares import Splitting, draws_of, split
from proofs.liabilities.tree import levels_over, lift, path_in
from tests.proofs.liabilities.pol import MASTER, Slot, record

SNAPSHOT = snapshot_hash(b"{}")
KEYS = tuple(CustomerKey(bytes(31) + bytes([one])) for one in range(2))
AMOUNTS = st.lists(st.integers(0, 2**125), min_size=8, max_size=8) | st.permutations(
    [2**127, 2**126, 2**125, 2**124, 1, 0, 0, 3]
)
RECORDS = AMOUNTS.map(
    lambda amounts: b"".join(
        bytes([place]) * 32 + amount.to_bytes(16, "big") for place, amount in enumerate(amounts)
    )
)


NEAR_A_SPAN = st.builds(
    lambda span, away: max(0, span * 65536 + away), st.integers(0, 2**23), st.integers(-5, 2)
)


@given(RECORDS, st.integers(0, 2**39) | NEAR_A_SPAN)
def test_the_hot_loop_gives_what_the_words_say(records: bytes, first: int) -> None:
    slow = b"".join(
        node(3, first + place, records[place * 96 : place * 96 + 96]) for place in range(4)
    )

    assert slow == lift(records, 3, first)


@given(RECORDS, st.integers(0, 2**36))
def test_the_levels_over_a_block_are_those_of_the_loop(records: bytes, block: int) -> None:
    over = levels_over(records, 2, block * 8, 3)

    assert [8, 4, 2, 1] == [len(level) // RECORD for level in over]
    assert lift(records, 3, block * 4) == over[1]
    assert lift(lift(records, 3, block * 4), 4, block * 2) == over[2]


@given(RECORDS, st.integers(0, 7))
def test_a_path_leads_to_the_top_of_its_block(records: bytes, position: int) -> None:
    over = levels_over(records, 0, 0, 3)
    met, place = records[position * RECORD : (position + 1) * RECORD], position
    for level, sibling in enumerate(path_in(over, position), 1):
        met = node(level, place >> 1, sibling + met if place & 1 else met + sibling)
        place >>= 1

    assert over[-1] == met


@pytest.mark.parametrize("least", [0, 1, 2**120])
def test_a_sum_too_large_ends_the_loop(least: int) -> None:
    half, small = (bytes(32) + one.to_bytes(16, "big") for one in (2**127 + least, 5))

    for records in (half + half, small + half + half + half, half + half + small + small):
        with pytest.raises(OverflowError):
            lift(records, 1, 0)


@given(st.integers(1, 2**128 - 1), st.integers(1, 5), st.integers(0, 6))
def test_shares_sum_to_their_balance_and_stay_under_the_cap(
    amount: int, count: int, halvings: int
) -> None:
    cap = max(1, amount >> halvings)
    made = split(amount, draws_of(begun(KEYS[0]), SNAPSHOT), 3, Splitting(count, cap))

    assert amount == sum(made)
    assert count <= len(made)
    assert 0 <= min(made)
    assert cap >= max(made)
    assert made == split(amount, draws_of(begun(KEYS[0]), SNAPSHOT), 3, Splitting(count, cap))


def test_cuts_are_those_of_the_words() -> None:
    amount, cap = 10**12, 7 * 10**10
    under = hmac.digest(KEYS[0], b"polv1/split" + SNAPSHOT, "sha256")
    drawn = (
        int.from_bytes(hmac.digest(under, struct.pack(">HI", 300, number), "sha256"), "big")
        for number in count()
    )
    cuts = [next(drawn) % (amount + 1) for _ in range(2)]
    left = [high - low for low, high in pairwise([0, *sorted(cuts), amount])]
    made = []
    while left:
        share = left.pop(0)
        if share <= cap:
            made.append(share)
            continue
        cut = next(drawn) % (share + 1)
        left = [cut, share - cut, *left]

    assert made == split(amount, draws_of(begun(KEYS[0]), SNAPSHOT), 300, Splitting(3, cap))
    assert 10 < len(made)


def test_shares_differ_by_asset_customer_and_snapshot() -> None:
    rule = Splitting(2, 2**100)
    snapshots = SNAPSHOT, snapshot_hash(b"{ }")
    made = {
        tuple(split(2**90, draws_of(begun(key), snapshot), asset, rule))
        for key in KEYS
        for snapshot in snapshots
        for asset in range(2)
    }

    assert 8 == len(made)


def test_a_customers_leaves_are_those_of_the_words() -> None:
    kernel = Kernel(MASTER, SNAPSHOT, (Splitting(1, 100), Splitting(1, 100)))
    entries, _ = leaves_of(kernel, [Holder("1001", "alice@example.com", ((0, 70), (1, 9)))])
    expected = [
        record(Slot("1001", "alice@example.com", amount, asset), {})
        for asset, amount in ((0, 70), (1, 9))
    ]

    assert expected == [entries[asset][0][32:] for asset in range(2)]


def test_a_pad_is_a_zero_share_of_nobody() -> None:
    kernel = Kernel(MASTER, SNAPSHOT, (Splitting(2, 1), Splitting(2, 1)))
    entries = pads_of(kernel, 0, 2, (1, 2))
    made = entries[0] + entries[1]

    assert [1, 2] == [len(one) for one in entries]
    assert [made[2]] == pads_of(kernel, 1, 2, (1, 2))[1]
    assert 3 == len(set(made))
    assert bytes(16) * 3 == b"".join(one[-16:] for one in made)
