"""Climb a path whose nodes hash the sum of their children: OKX, Bybit, Bitget.

    sum    = sum of the two children, coin by coin
    parent = hash(left hash, right hash, sum, place in the tree)

The children's own sums are in no hash. Whoever makes the tree can therefore show each customer
another sum beside his path, as long as the sum above stays (IACR 2018/1139, "broken" summation
tree): this module checks what the publishers' verifiers check, and cannot check more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from proofs.published.fields import add

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from proofs.published.form import Caveat

Side: TypeAlias = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Node:
    """A node: the customer's, or one beside his path."""

    digest: str
    """Hex, as the format writes it: the texts are hashed, not the bytes."""
    sums: tuple[Decimal, ...]
    """By coin, in the format's order."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node beside the path, and the side of the path on which it stands."""

    side: Side
    node: Node


Parent: TypeAlias = "Callable[[str, tuple[Decimal, ...], int], str]"
"""Both hashes in a row, the sums and the number of the step from 1: the parent's hash."""


def climb(leaf: Node, steps: tuple[Step, ...], parent: Parent) -> Node:
    """Climb from a leaf to the root that its path leads to."""
    node = leaf
    for number, step in enumerate(steps, 1):
        sums = tuple(add(*pair) for pair in zip(node.sums, step.node.sums, strict=True))
        pair = (step.node, node) if step.side == "left" else (node, step.node)
        node = Node(parent(pair[0].digest + pair[1].digest, sums, number), sums)
    return node


def negative(leaf: Node, steps: tuple[Step, ...]) -> tuple[Caveat, ...]:
    """Give the caveat for negative amounts, if there are any."""
    nodes = (leaf, *(step.node for step in steps))
    met = any(amount < 0 for node in nodes for amount in node.sums)
    return ("negative_amount_met",) if met else ()
