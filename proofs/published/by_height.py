"""Read a path that is told by heights and types: OKX's first format, and Bybit's.

    {"self": {"type": 2, "height": 1, "hash": hex, …},
     "path": [{"type": 1, "height": 1, "hash": hex, …}, …, {"type": 3, "height": 24, …}]}

`type` is 1 for a left node, 2 for a right one, 4 for a right one that fills a gap, 3 for the root.
The publishers' verifiers take some of this on trust; here heights must be 1, 1, 2, 3 …, the last
node and no other must be the root, and the customer must stand on the other side than the first
node beside him.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs.published.climb import Node, Step
from proofs.published.fields import MAX_HEIGHT, count, digest, items, table, text_amounts
from proofs.published.form import RefusedPublished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from proofs.published.climb import Side
    from proofs.published.form import Pairs

LEFT, RIGHT, ROOT, FILLING = 1, 2, 3, 4
SIDES: Mapping[int, Side] = {LEFT: "left", RIGHT: "right", FILLING: "right"}
KEYS = {"type", "height", "hash"}
OTHERS = {"auditId", "nonce"}
"""They may stand at every node, and are hashed at the customer's alone, if at all."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one publisher writes such a file."""

    balances: str
    """The key of the amounts."""
    own: frozenset[str]
    """The keys that the customer's node needs besides."""
    amount: Callable[[str, str], Decimal]
    """Reads an amount: its text, and where it stands."""


@dataclass(frozen=True, slots=True)
class Path:
    """A customer's file, read."""

    own: dict[str, object]
    leaf: Node
    balances: Pairs
    steps: tuple[Step, ...]
    root: str
    total: Pairs


def read_path(document: object, name: str, layout: Layout, coins: tuple[str, ...]) -> Path:
    """Read a file.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: `path_malformed`, or as the fields.
    """
    top = table(document, {"self", "path"}, set(), name)
    needed = KEYS | {layout.balances}
    own = table(top["self"], needed | layout.own, OTHERS, f"{name}: self")
    listed = items(top["path"], f"{name}: path", MAX_HEIGHT)
    nodes = [
        table(one, needed, OTHERS, f"{name}: path.{place}") for place, one in enumerate(listed)
    ]
    _check_places(own, nodes, name)
    *beside, root = [
        _node(node, f"{name}: path.{place}", layout, coins) for place, node in enumerate(nodes)
    ]
    leaf, balances = _node(own, f"{name}: self", layout, coins)
    sides = [SIDES[count(node["type"], name)] for node in nodes[:-1]]
    steps = tuple(Step(side, node) for side, (node, _) in zip(sides, beside, strict=True))
    return Path(own, leaf, balances, steps, root[0].digest, root[1])


def _check_places(own: dict[str, object], nodes: list[dict[str, object]], name: str) -> None:
    """Refuse types and heights that are not those of one path."""
    types = [count(node["type"], f"{name}: path.type") for node in nodes]
    heights = [count(node["height"], f"{name}: path.height") for node in (own, *nodes)]
    if heights != [1, *range(1, len(nodes) + 1)]:
        raise RefusedPublished("path_malformed", f"heights are {heights}, not 1, 1, 2, 3 …")
    if len(nodes) < 2 or types[-1] != ROOT or any(one not in SIDES for one in types[:-1]):  # noqa: PLR2004 - one beside, and the root
        raise RefusedPublished("path_malformed", f"types are {types}: sides, then {ROOT}")
    mine = count(own["type"], f"{name}: self.type")
    if mine not in (LEFT, RIGHT) or SIDES[mine] == SIDES[types[0]]:
        raise RefusedPublished("path_malformed", f"self has type {mine} beside {types[0]}")


def _node(
    node: dict[str, object], where: str, layout: Layout, coins: tuple[str, ...]
) -> tuple[Node, Pairs]:
    written = text_amounts(node[layout.balances], f"{where}.{layout.balances}", coins)
    sums = tuple(layout.amount(amount, f"{where}.{coin}") for coin, amount in written)
    return Node(digest(node["hash"], f"{where}.hash"), sums), written
