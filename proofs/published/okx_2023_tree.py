"""OKX's whole tree of early 2023, `full-liabilities-merkle-tree.txt`: a line a node, root first.

    9e98ebde…,6,{"BTC":"0.00005","ETH":"0.1","USDT":"1.42045977"}
    b812559c…,5,{"BTC":"0","ETH":"0","USDT":"0.00047828"}
    82f532ed…,5,{"BTC":"0.00005","ETH":"0.1","USDT":"1.41998149"}

    parent = SHA-256(second child's hash || first child's hash || BTC || ETH || USDT || height)

Heights fall to 1, the leaves. The nodes of a height stand in the order of their parents, two for
each. Where a branch has no neighbour, a node fills the gap: it repeats its neighbour's hash with
zero amounts, and has no children. The children stand in the other order than they are hashed in.

Here every node is made again from its children, and every sum from theirs; the leaves are taken as
they are, since what they hash is known to their customers alone. With the whole tree at hand the
total is the sum of the leaves, which a path alone cannot show. The publisher's own verifier looks
for a customer's leaves and adds up the others, and hashes none of it.

Source: okx/proof-of-reserves, `common/validator.go` and `common/merklev2.go` at d7c1e5a6, and the
published example, which settles the order of children.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError
from config.text import decode
from proofs.published.fields import MAX_HEIGHT, add, decimal, stripped
from proofs.published.form import Published, RefusedPublished
from proofs.published.okx_v1 import COINS, PLACES, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from proofs.published.form import Caveat, Pairs

NAME = "okx-2023-tree"
CAVEATS: tuple[Caveat, ...] = (
    "amounts_run_together",
    "negative_not_refused",
    "no_customer_binding",
    "root_not_published_here",
)
MAX_TREE = 64 * 1024 * 1024
"""Bytes: half a million nodes at 130. The trees of all customers were larger, and are not read."""

_LINE = re.compile(
    r'([0-9a-f]{64}),([1-9][0-9]?),\{"BTC":"([^"]*)","ETH":"([^"]*)","USDT":"([^"]*)"\}', re.ASCII
)


@dataclass(frozen=True, slots=True)
class Tree:
    """A published tree, made again."""

    total: Pairs
    root_stated: str
    root_computed: str | None
    leaves: frozenset[tuple[str, Pairs]]
    """Hash and amounts of each."""
    caveats: tuple[Caveat, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    digest: str
    written: tuple[str, ...]
    sums: tuple[Decimal, ...]


def read(data: bytes, name: str) -> Published:
    """Read and check a tree.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: a node below the root is not made of its children, or a sum is not.
    """
    tree = rebuild(data, name)
    leaf = (("leaves", str(len(tree.leaves))),)
    return Published(NAME, leaf, (), tree.total, tree.root_stated, tree.root_computed, tree.caveats)


def rebuild(data: bytes, name: str) -> Tree:
    """Make a tree again from its leaves; raise as `read`."""
    levels = _levels(decode(data, name, MAX_TREE), name)
    root = levels[-1][0]
    computed = None
    for height in range(2, len(levels) + 1):
        for node, made in _hashed(levels[height - 1], levels[height - 2], height):
            if node is root:
                computed = made  # whether it is the one that was published is the outcome
            elif made != node.digest:
                what = f"height {height}: stated {node.digest}, its children give {made}"
                raise RefusedPublished("node_differs", what)
    leaves = frozenset((node.digest, _pairs(node)) for node in levels[0])
    met: tuple[Caveat, ...] = ()
    if any(amount < 0 for level in levels for node in level for amount in node.sums):
        met = ("negative_amount_met",)
    return Tree(_pairs(root), root.digest, computed, leaves, CAVEATS + met)


def _levels(text: str, name: str) -> list[list[_Node]]:
    """Give the nodes by height, the leaves first."""
    levels: list[list[_Node]] = []
    lines = text.rstrip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError.at(name, f"line {number}", "not hash, height and amounts of a node")
        height = int(match[2])
        if number == 1 and 1 < height <= MAX_HEIGHT:
            levels = [[] for _ in range(height)]
        if height > len(levels) or (height < len(levels) and not levels[height]):
            raise RefusedPublished("path_malformed", f"line {number}: height {height}")
        if any(level for level in levels[: height - 1]) or (height == len(levels) and number > 1):
            raise RefusedPublished("path_malformed", f"line {number}: height {height}")
        levels[height - 1].append(_node(match, f"{name}: line {number}"))
    if not levels[0]:
        raise RefusedPublished("path_malformed", "the tree has no leaves")
    return levels


def _node(match: re.Match[str], where: str) -> _Node:
    written = (match[3], match[4], match[5])
    return _Node(match[1], written, tuple(decimal(one, where, PLACES) for one in written))


def _pairs(node: _Node) -> Pairs:
    return tuple(zip(COINS, node.written, strict=True))


def _hashed(
    parents: list[_Node], children: list[_Node], height: int
) -> Iterator[tuple[_Node, str]]:
    """Give each node of a height that has children, and the hash that they give it."""
    rest = iter(children)
    for place, parent in enumerate(parents):
        if _fills(parent, parents[place ^ 1] if len(parents) > place ^ 1 else None):
            continue
        first, second = next(rest, None), next(rest, None)
        if first is None or second is None:
            raise RefusedPublished("path_malformed", f"height {height}: a node without children")
        yield parent, _parent(parent, first, second, height)
    if next(rest, None) is not None:
        raise RefusedPublished("path_malformed", f"height {height}: children without a node")


def _fills(node: _Node, neighbour: _Node | None) -> bool:
    """Tell whether a node only fills a gap."""
    if neighbour is None or neighbour.digest != node.digest:
        return False
    return node.written == ("0",) * len(COINS)


def _parent(parent: _Node, first: _Node, second: _Node, height: int) -> str:
    sums = tuple(add(*pair) for pair in zip(first.sums, second.sums, strict=True))
    summed = tuple(stripped(one) for one in sums)
    if summed != parent.written:
        what = f"height {height}: stated {parent.written}, the children sum to {summed}"
        raise RefusedPublished("total_differs", what)
    return node_hash(second.digest + first.digest, sums, height)
