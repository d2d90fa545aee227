"""OKX's second format, early 2023: the customer's `user_info_file.json`, beside the whole tree.

    {"hash": hex, "nonce": hex, "totalBalances": {"BTC": "0.00005", "ETH": "0", "USDT": "0"},
     "nodes": [{"hash": hex, "balances": {"BTC": "0.0000487", "ETH": "0", "USDT": "0"}}, …]}

    hash       = SHA-256(nonce || '{"BTC":"…","ETH":"…","USDT":"…"}'), over the customer's total
    node's hash = SHA-256(hash || BTC || ETH || USDT)

A balance is split over several leaves of the tree, which is published as a file of its own: see
`okx_2023_tree`. Without it only the customer's own hashes are checked, which shows nothing. Amounts
stand in a leaf's hash without a mark between them, so one leaf stands for more than one way to cut
its digits.

Source: okx/proof-of-reserves, `common/merklev2.go` at d7c1e5a6, `common/validator.go`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from proofs.published import okx_2023_tree
from proofs.published.fields import (
    add,
    decimal,
    digest,
    items,
    read_document,
    stripped,
    table,
    text,
    text_amounts,
)
from proofs.published.form import Published, RefusedPublished
from proofs.published.okx_v1 import COINS, PLACES, leaf_hash

if TYPE_CHECKING:
    from decimal import Decimal

    from proofs.published.form import Caveat, Pairs

NAME = "okx-2023"
CAVEATS: tuple[Caveat, ...] = (
    "amounts_run_together",
    "negative_not_refused",
    "no_customer_binding",
    "tree_not_given",
)
MAX_SHARES = 1000
"""Leaves of one customer."""


@dataclass(frozen=True, slots=True)
class Share:
    """A leaf of the customer."""

    digest: str
    balances: Pairs


def read(data: bytes, name: str) -> Published:
    """Read and check a customer's file; without the tree, no root is computed.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: its hashes or its total do not agree.
    """
    return _read(data, name)[0]


def read_with_tree(data: bytes, name: str, tree: bytes, tree_name: str) -> Published:
    """Read and check a customer's file, and find his leaves in the published tree.

    Raises:
        InputError: one of the files has not its form.
        RefusedPublished: either does not agree with itself, or with the other.
    """
    published, shares = _read(data, name)
    rebuilt = okx_2023_tree.rebuild(tree, tree_name)
    for share in shares:
        if (share.digest, share.balances) not in rebuilt.leaves:
            raise RefusedPublished("share_not_in_tree", f"{share.digest} with these amounts")
    caveats = tuple(one for one in published.caveats if one != "tree_not_given")
    return replace(
        published,
        total=rebuilt.total,
        root_stated=rebuilt.root_stated,
        root_computed=rebuilt.root_computed,
        caveats=tuple(dict.fromkeys(caveats + rebuilt.caveats)),
    )


def share_hash(customer: str, balances: Pairs) -> str:
    """Hash one leaf of a customer."""
    joined = "".join(amount for _, amount in balances)
    return hashlib.sha256(f"{customer}{joined}".encode()).hexdigest()


def _read(data: bytes, name: str) -> tuple[Published, tuple[Share, ...]]:
    found = table(
        read_document(data, name), {"hash", "nodes", "nonce", "totalBalances"}, {"auditId"}, name
    )
    customer, nonce = digest(found["hash"], f"{name}: hash"), text(found["nonce"], f"{name}: nonce")
    total, summed = _amounts(found["totalBalances"], f"{name}: totalBalances")
    made = leaf_hash(nonce, total)
    if made != customer:
        raise RefusedPublished("leaf_differs", f"stated {customer}, the fields give {made}")
    read = [
        _share(one, customer, f"{name}: nodes.{place}")
        for place, one in enumerate(items(found["nodes"], f"{name}: nodes", MAX_SHARES))
    ]
    shares, held = tuple(share for share, _ in read), [amounts for _, amounts in read]
    if len({share.digest for share in shares}) != len(shares):
        raise RefusedPublished("total_differs", "one leaf is given twice")
    sums = tuple(reduce(add, coin) for coin in zip(*held, strict=True))
    if sums != summed:
        what = f"stated {total}, the nodes sum to {tuple(stripped(one) for one in sums)}"
        raise RefusedPublished("total_differs", what)
    met: tuple[Caveat, ...] = ()
    if any(one < 0 for amounts in held for one in amounts):
        met = ("negative_amount_met",)
    leaf = (("hash", customer), ("nonce", nonce), *(("node", one.digest) for one in shares))
    return Published(NAME, leaf, total, (), None, None, CAVEATS + met), shares


def _share(value: object, customer: str, where: str) -> tuple[Share, tuple[Decimal, ...]]:
    found = table(value, {"balances", "hash"}, {"height", "type"}, where)
    balances, sums = _amounts(found["balances"], f"{where}.balances")
    stated, made = digest(found["hash"], f"{where}.hash"), share_hash(customer, balances)
    if made != stated:
        raise RefusedPublished("leaf_differs", f"{where}: stated {stated}, the fields give {made}")
    return Share(stated, balances), sums


def _amounts(value: object, where: str) -> tuple[Pairs, tuple[Decimal, ...]]:
    written = text_amounts(value, where, COINS)
    return written, tuple(decimal(amount, f"{where}.{coin}", PLACES) for coin, amount in written)
