"""The attacks of the literature, acted out. What a commitment cannot find is shown, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs.liabilities.commitment import Refused, Tree, commit, header_hash, tree_of
from proofs.liabilities.encoding import (
    RECORD,
    customer_id,
    customer_key,
    leaf,
    node,
    salt,
)
from proofs.liabilities.inclusion import Inclusion, Share, check
from proofs.liabilities.leaves import Holder, Kernel, leaves_of
from proofs.liabilities.shares import Splitting
from proofs.liabilities.tree import lift
from tests.proofs.liabilities.pol import ALICE, BOB, MASTER, Grown, Slot, grow

PAIR = grow((ALICE, BOB))


def refusal(inclusion: Inclusion, grown: Grown, slot: Slot = ALICE) -> str:
    with pytest.raises(Refused) as refused:
        check(inclusion, replace(grown.claimant(slot), published=inclusion.commitment.digest))
    return refused.value.reason


def test_a_maximum_does_not_pass_for_a_sum() -> None:
    """Hu, Zhang and Guo (IACR 2018/1139): each side is shown another split of one total.

    Where a node hashes its children's hashes and their sum alone, 70 and 50 both fit into 70: to
    one customer the other side is shown as 0, to the other as 20. Here a node binds both amounts,
    so one of the two paths leads elsewhere.
    """

    def sum_alone(left: tuple[bytes, int], right: tuple[bytes, int]) -> tuple[bytes, int]:
        total = left[1] + right[1]
        return left[0] + right[0] + total.to_bytes(16, "big"), total

    to_alice = sum_alone((b"a", 70), (b"b", 0))
    to_bob = sum_alone((b"a", 20), (b"b", 50))
    assert to_alice == to_bob

    top = PAIR.trees[0][-1][0]
    lying = tree_of(PAIR.commitment.snapshot, Tree(0, "coin0", 8, 1, top[:32], 70, b""))
    for position, other in ((0, 0), (1, 20)):
        share = PAIR.share(0, position)
        shown = replace(share, siblings=(share.siblings[0][:32] + other.to_bytes(16, "big"),))
        made = Inclusion(commit({}, (lying,)), (shown,))
        assert "path_differs" == refusal(made, PAIR, (ALICE, BOB)[position])


def test_two_customers_are_not_shown_one_leaf() -> None:
    """The clash of Provisions (IACR 2015/1008): an id binds what only its customer gave."""
    twin = Slot("1009", "mallory@example.com", 70)
    grown = grow((ALICE, BOB))

    assert "path_differs" == refusal(grown.proof(ALICE), grown, twin)
    same_account = customer_id("1001", "mallory@example.com")
    assert grown.claimant(ALICE).customer != same_account


def test_a_hash_that_was_cut_to_64_bits_is_none() -> None:
    """Chalkias and others (2022): production trees whose hashes were cut can be collided."""
    share = PAIR.share(0, 0)
    cut = share.siblings[0][:8] + bytes(24) + share.siblings[0][32:]
    tree = PAIR.commitment.trees[0]

    assert "path_differs" == refusal(
        Inclusion(PAIR.commitment, (replace(share, siblings=(cut,)),)), PAIR
    )
    short = replace(tree, top=tree.top[:8] + bytes(24))
    assert tree_of(PAIR.commitment.snapshot, short).root != tree.root


def test_a_node_is_no_leaf_and_a_path_has_one_length() -> None:
    carol, dave = Slot("1003", "carol@example.com", 7), Slot("1004", "dave@example.com", 9)
    grown = grow((ALICE, BOB, carol, dave))
    share = grown.share(0, 0)
    shorter = replace(share, position=0, siblings=share.siblings[1:])
    longer = replace(share, siblings=(*share.siblings, bytes(RECORD)))

    assert "wrong_length" == refusal(Inclusion(grown.commitment, (shorter,)), grown)
    assert "wrong_length" == refusal(Inclusion(grown.commitment, (longer,)), grown)
    low = tree_of(grown.commitment.snapshot, replace(grown.commitment.trees[0], height=1))
    assert low.root != grown.commitment.trees[0].root
    pair = grown.trees[0][0][0] + grown.trees[0][0][1]
    assert node(1, 0, pair) not in {node(0, 0, pair), node(2, 0, pair), node(1, 1, pair)}


def test_trees_of_two_assets_or_days_do_not_mix() -> None:
    two = grow((ALICE, BOB), (replace(ALICE, asset=1), replace(BOB, asset=1)))
    moved = replace(two.share(0, 0), asset=1)
    later = grow((ALICE, BOB), header={"asOf": "2026-12-31T15:00:00Z"})

    assert "path_differs" == refusal(Inclusion(two.commitment, (moved,)), two)
    stale = Inclusion(later.commitment, PAIR.proof(ALICE).shares)
    assert "path_differs" == refusal(stale, later)


def test_debts_in_one_asset_cancel_none_in_another() -> None:
    """Netted equity lets a made-up customer with debts in a dead coin lower what is owed.

    There is no negative leaf, and every asset has its own total.
    """
    kernel = Kernel(MASTER, PAIR.commitment.snapshot, (Splitting(1, 100),))
    with pytest.raises(OverflowError):
        leaves_of(kernel, [Holder("1", "m@example.com", ((0, -50),))])
    two = grow((ALICE,), (replace(BOB, asset=1),))
    assert [70, 50] == [tree.total for tree in two.commitment.trees]


def test_an_amount_that_wraps_is_refused() -> None:
    """A sum that wraps would let a huge sibling lower the total."""
    share = PAIR.share(0, 0)
    wrapping = share.siblings[0][:32] + (2**128 - 70).to_bytes(16, "big")

    assert "overflow" == refusal(
        Inclusion(PAIR.commitment, (replace(share, siblings=(wrapping,)),)), PAIR
    )
    with pytest.raises(OverflowError):
        lift(bytes(32) + b"\xff" * 16 + bytes(32) + b"\xff" * 16, 1, 0)


def test_a_customer_who_sees_a_leaf_cannot_guess_whose_it_is() -> None:
    """Without the key of its customer a leaf fits every guess as badly as any other."""
    sibling = PAIR.share(0, 0).siblings[0]
    bob = customer_id(BOB.account, BOB.identifier)
    numbers = bytes(4) + (50).to_bytes(16, "big")
    keys = [customer_key(MASTER, bob), *(customer_key(bytes([one]) * 32, bob) for one in range(16))]
    snapshot = header_hash({})
    fits = [leaf(snapshot, bob, salt(key, snapshot, 0, 0), numbers) == sibling for key in keys]

    assert [True] + [False] * 16 == fits


def test_what_no_proof_shows_a_customer_who_is_left_out() -> None:
    """A smaller set is as good to those who are in it: who is left out must look himself."""
    without = grow((ALICE, Slot("1003", "carol@example.com", 0)))

    assert {0: 70} == check(without.proof(ALICE), without.claimant(ALICE))
    with pytest.raises(Refused, match="no_shares"):
        check(without.proof(BOB), without.claimant(BOB))
    borrowed = Inclusion(without.commitment, (Share(0, 0, 50, 1, PAIR.share(0, 1).siblings),))
    assert "path_differs" == refusal(borrowed, without, BOB)


def test_how_many_must_look_to_find_a_cheat() -> None:
    """With a share f of customers looking, m who are cheated are missed with (1 - f)^m."""

    def enough(looking: float) -> int:
        cheated = 1
        while (1 - looking) ** cheated > 0.01:
            cheated += 1
        return cheated

    assert [459, 4603, 46050] == [enough(one) for one in (0.01, 0.001, 0.0001)]
