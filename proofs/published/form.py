"""What is read of a published proof of inclusion, and what it does not show.

A publisher's proof is checked as the publisher's own verifier does it, and not less strictly. That
is seldom enough: most formats have holes, which no stricter reader can close. Each is a closed code
here with one sentence for people, and every reading carries those of its format.

    Published(format="okx-v1", leaf=(("nonce", "580c…"), …), balances=(("BTC", "1.000069"), …),
              total=(("BTC", "95088.55505656"), …), root_stated="ac6b…", root_computed="ac6b…",
              caveats=("sum_only_total_not_bound", …))

Amounts are the publisher's text, digit by digit: its coins are no assets of ours, and nothing is
added to them but along its own path. `root_computed` is None where nothing was checked, which is
not a pass; `outcome_of` alone says what a reading comes to. Raising for a root that differs was
refused: whoever compares by eye wants to see both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Reason: TypeAlias = Literal[
    "leaf_differs",  # the customer's hash is not that of his fields
    "node_differs",  # a node of a published tree is not the hash of its children
    "total_differs",  # the sums are not those that are stated
    "share_not_in_tree",  # what the customer was given does not stand in the published tree
    "path_malformed",  # heights, sides or lengths are not those of one path, or of one tree
    "coins_differ",  # the nodes do not name the same coins in the same order
    "amount_malformed",  # an amount is not plain decimal text of the places that the format has
    "hash_malformed",  # a hash is not lower-case hex of the format's width
]

Caveat: TypeAlias = Literal[
    "sum_only_total_not_bound",
    "amounts_run_together",
    "hash_cut_to_64_bits",
    "negative_not_refused",
    "negative_amount_met",
    "no_customer_binding",
    "root_not_published_here",
    "tree_not_given",
    "not_checked_zero_knowledge",
]

SENTENCES: Mapping[Caveat, str] = {
    "sum_only_total_not_bound": (
        "a node hashes the sum of its children alone: each customer can be shown another split of "
        "it, so the total is not bound (IACR 2018/1139)"
    ),
    "amounts_run_together": (
        "amounts are hashed without a mark between them: one hash stands for several ways to share "
        "the same digits among the coins"
    ),
    "hash_cut_to_64_bits": (
        "hashes are cut to 64 bits: about 2^32 tries find two leaves, or two nodes, of one hash"
    ),
    "negative_not_refused": (
        "the publisher's verifier takes negative amounts, with which a total can be made smaller"
    ),
    "negative_amount_met": (
        "this file holds a negative amount: the total is smaller than the balances under it"
    ),
    "no_customer_binding": (
        "nothing ties the leaf's id or nonce to what the customer knows: customers with equal "
        "balances can be given one leaf"
    ),
    "root_not_published_here": (
        "the root stands in the file itself: compare it with the published one, or give that"
    ),
    "tree_not_given": (
        "the published tree is another file: without it nothing shows that the shares stand in it"
    ),
    "not_checked_zero_knowledge": (
        "nothing was checked: the path is hashed with Poseidon over a field, and the sums rest on "
        "a zero-knowledge proof that is not in the file"
    ),
}

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names and texts, in the publisher's order."""

Outcome: TypeAlias = Literal["agrees", "differs", "not_checked"]


class RefusedPublished(Exception):  # noqa: N818 - a verdict, named by what it is
    """A published proof does not show what it claims, or cannot be one of its format."""

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(f"{reason}: {what}")
        self.reason: Reason = reason
        self.what = what


@dataclass(frozen=True, slots=True)
class Published:
    """A published proof of inclusion, read and checked as far as plain hashes go."""

    format: str
    leaf: Pairs
    """The publisher's own fields of the customer, as written."""
    balances: Pairs
    """What the customer is said to hold: coin and amount, as written."""
    total: Pairs
    """What stands beside the root: coin and amount, as written; none where there is none."""
    root_stated: str | None
    """Hex as written; None where the file has no root."""
    root_computed: str | None
    """Hex; None where nothing was checked."""
    caveats: tuple[Caveat, ...]


def outcome_of(published: Published, root: str | None = None) -> Outcome:
    """Say what a reading comes to.

    Args:
        published: what was read.
        root: the root as it was published elsewhere, lower-case hex; None if it is not known.

    Returns:
        `differs` if any two of the roots that are known differ; else `not_checked` if none was
        computed, or there is none to compare with; else `agrees`.
    """
    known = {one for one in (published.root_stated, root) if one is not None}
    if len(known) > 1:
        return "differs"
    if published.root_computed is None or not known:
        return "not_checked"
    return "agrees" if known == {published.root_computed} else "differs"
