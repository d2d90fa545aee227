"""Bitget's format, November 2022 on: `merkel_tree_bg.json`.

    {"self": {"auditId": "Au2026090315", "encryptUid": hex, "nonce": text, "level": 25,
              "role": 2, "merkelLeaf": "d2b2b4a40a675e24", "balances": {"BTC": "0", …}},
     "path": [{"auditId", "merkelLeaf", "level", "role", "balances"}, …, the root of level 1]}

    leaf   = first 16 hex digits of SHA-256(encryptUid || "," || nonce || "," || amounts)
    parent = first 16 hex digits of SHA-256(left || right || "," || sums || "," || level)

`role` is 1 for a left node, 2 for a right one, 0 for a right one that fills a gap, 3 or nothing for
the root; levels fall from the leaves to 1. Amounts are JSON in the file's order of coins. Files of
2022 and 2023 have numbers, which Java hashes as `BigDecimal.toString` writes them (zeros at the end
kept, exponents below 10^-6) in the order of a hash map; later ones have text, hashed in quotes
without zeros at the end. A file has one kind throughout.

64 bits of a hash are about 2^32 tries from a collision; and published files hold negative sums.

Source: BitgetLimited/proof-of-reserves, `src/main/java/com/upex/` at 0728a7f2 for text, 6863e2d2
and dddae302 for numbers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError
from config.jsontext import Number
from proofs.published.climb import Node, Step, climb, negative
from proofs.published.fields import (
    MAX_HEIGHT,
    amounts,
    count,
    decimal,
    digest,
    items,
    read_document,
    stripped,
    table,
    text,
    texts,
)
from proofs.published.form import Published, RefusedPublished

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from proofs.published.climb import Side
    from proofs.published.form import Caveat, Pairs

NAME = "bitget"
CAVEATS: tuple[Caveat, ...] = (
    "sum_only_total_not_bound",
    "hash_cut_to_64_bits",
    "negative_not_refused",
    "no_customer_binding",
    "root_not_published_here",
)
CUT = 16
"""Hex digits of a hash that are kept."""
PLACES = 18
HASHED_IN_ORDER = ("BTC", "ETH", "USDT", "USDC")
"""How Java's hash map orders the coins of the files with numbers; they had no others."""
LEFT, RIGHT, EMPTY, ROOT = 1, 2, 0, 3
SIDES: Mapping[int, Side] = {LEFT: "left", RIGHT: "right", EMPTY: "right"}

_NODE = {"balances", "level", "merkelLeaf"}
_OTHERS = {"auditId", "encryptUid", "nonce", "role"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How a file writes its amounts."""

    coins: tuple[str, ...]
    quoted: bool

    def write(self, sums: tuple[Decimal, ...]) -> str:
        """Write amounts as they are hashed."""
        texts = (f'"{stripped(one)}"' if self.quoted else str(one) for one in sums)
        listed = (f'"{coin}":{amount}' for coin, amount in zip(self.coins, texts, strict=True))
        return f"{{{','.join(listed)}}}"


def read(data: bytes, name: str) -> Published:
    """Read and check a customer's file.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: it is none that the publisher's verifier accepts, but for its root.
    """
    top = table(read_document(data, name), {"self", "path"}, set(), name)
    own = table(top["self"], _NODE | _OTHERS, set(), f"{name}: self")
    *beside, last = items(top["path"], f"{name}: path", MAX_HEIGHT)
    nodes = [
        table(one, _NODE | {"role"}, _OTHERS, f"{name}: path.{place}")
        for place, one in enumerate(beside)
    ]
    nodes.append(table(last, _NODE, _OTHERS, f"{name}: path.{len(nodes)}"))
    _check_places(own, nodes, name)
    form = _form(own["balances"], name)
    leaf, balances = _node(own, f"{name}: self", form)
    *others, (stated, total) = [
        _node(node, f"{name}: path.{place}", form) for place, node in enumerate(nodes)
    ]
    _check_leaf(own, leaf, form, name)
    steps = tuple(
        Step(SIDES[count(node["role"], name)], one)
        for node, (one, _) in zip(nodes[:-1], others, strict=True)
    )
    level = len(nodes)
    root = climb(
        leaf,
        steps,
        lambda hashes, sums, step: cut_hash(f"{hashes},{form.write(sums)},{level - step}"),
    )
    if root.sums != stated.sums:
        summed = form.write(root.sums)
        raise RefusedPublished("total_differs", f"stated {total}, the path sums to {summed}")
    fields = texts(own, ("merkelLeaf", "encryptUid", "nonce", "auditId"), f"{name}: self")
    caveats = CAVEATS + negative(leaf, steps)
    return Published(NAME, fields, balances, total, stated.digest, root.digest, caveats)


def cut_hash(text: str) -> str:
    """Hash text, and keep what the format keeps."""
    return hashlib.sha256(text.encode()).hexdigest()[:CUT]


def _check_places(own: dict[str, object], nodes: list[dict[str, object]], name: str) -> None:
    """Refuse levels and roles that are not those of one path."""
    levels = [count(node["level"], f"{name}: path.level") for node in (own, *nodes)]
    if len(nodes) < 2 or levels != [len(nodes), *range(len(nodes), 0, -1)]:  # noqa: PLR2004 - one beside, and the root
        what = f"levels are {levels}, not those of a path of {len(nodes)}"
        raise RefusedPublished("path_malformed", what)
    *beside, root = nodes
    roles = [count(node["role"], f"{name}: path.role") for node in beside]
    mine = count(own["role"], f"{name}: self.role")
    if "role" in root and count(root["role"], f"{name}: path.role") != ROOT:
        raise RefusedPublished("path_malformed", "the last node is not the root")
    if any(role not in SIDES for role in roles):
        raise RefusedPublished("path_malformed", f"roles are {roles}: 1, 2 or 0")
    if mine not in (LEFT, RIGHT) or SIDES[mine] == SIDES[roles[0]]:
        raise RefusedPublished("path_malformed", f"self has role {mine} beside {roles[0]}")


def _check_leaf(own: dict[str, object], leaf: Node, form: _Form, name: str) -> None:
    user = text(own["encryptUid"], f"{name}: self.encryptUid")
    nonce = text(own["nonce"], f"{name}: self.nonce")
    made = cut_hash(f"{user},{nonce},{form.write(leaf.sums)}")
    if made != leaf.digest:
        raise RefusedPublished("leaf_differs", f"stated {leaf.digest}, the fields give {made}")


def _form(balances: object, name: str) -> _Form:
    """Find out how a file writes its amounts; raise InputError."""
    found = amounts(balances, f"{name}: self.balances")
    quoted = isinstance(next(iter(found.values())), str)
    if quoted:
        return _Form(tuple(found), quoted)
    if not found.keys() <= set(HASHED_IN_ORDER):
        raise InputError(f"{name}: self.balances: numbers of coins that no such file had")
    return _Form(tuple(coin for coin in HASHED_IN_ORDER if coin in found), quoted)


def _node(node: dict[str, object], where: str, form: _Form) -> tuple[Node, Pairs]:
    found = amounts(node["balances"], f"{where}.balances")
    same = tuple(found) == form.coins if form.quoted else found.keys() == set(form.coins)
    if not same:
        what = f"{where}: {', '.join(found)}, but self has {', '.join(form.coins)}"
        raise RefusedPublished("coins_differ", what)
    written = []
    for coin in form.coins:
        amount = found[coin]
        if isinstance(amount, str) != form.quoted:
            raise RefusedPublished("amount_malformed", f"{where}.{coin}: text and numbers")
        written.append((coin, amount.text if isinstance(amount, Number) else amount))
    sums = tuple(decimal(amount, f"{where}.{coin}", PLACES) for coin, amount in written)
    return Node(digest(node["merkelLeaf"], f"{where}.merkelLeaf", CUT), sums), tuple(written)
