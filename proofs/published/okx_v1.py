"""OKX's first format, November 2022 to early 2023: `merkle_proof_file.json`.

    {"self": {"auditId": "499930592", "nonce": hex, "hash": hex, "type": 2, "height": 1,
              "balances": {"BTC": "1.000069", "ETH": "0.99908176", "USDT": "19398.33550812"}},
     "path": [{"auditId", "hash", "type", "height", "balances"}, …, the root]}

    leaf   = SHA-256(nonce || '{"BTC":"…","ETH":"…","USDT":"…"}')
    parent = SHA-256(left hash || right hash || BTC || ETH || USDT || height)

All is text: hashes in lower-case hex, sums cut to 8 places and without zeros at their end. Here an
amount of more than 8 places is refused: the publisher's verifier would drop what it cuts off.

Source: okx/proof-of-reserves, `common/merkle.go` at 563eaa1d.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs.published.by_height import Layout, read_path
from proofs.published.climb import climb, negative
from proofs.published.fields import decimal, read_document, stripped, text, texts
from proofs.published.form import Published, RefusedPublished

if TYPE_CHECKING:
    from decimal import Decimal

    from proofs.published.form import Caveat, Pairs

NAME = "okx-v1"
CAVEATS: tuple[Caveat, ...] = (
    "sum_only_total_not_bound",
    "amounts_run_together",
    "negative_not_refused",
    "no_customer_binding",
    "root_not_published_here",
)
COINS = ("BTC", "ETH", "USDT")
PLACES = 8

LAYOUT = Layout(
    "balances", frozenset({"nonce"}), lambda written, where: decimal(written, where, PLACES)
)


def read(data: bytes, name: str) -> Published:
    """Read and check a customer's file.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: it is none that the publisher's verifier accepts, but for its root.
    """
    path = read_path(read_document(data, name), name, LAYOUT, COINS)
    nonce = text(path.own["nonce"], f"{name}: self.nonce")
    made = leaf_hash(nonce, path.balances)
    if made != path.leaf.digest:
        raise RefusedPublished("leaf_differs", f"stated {path.leaf.digest}, the fields give {made}")
    root = climb(
        path.leaf, path.steps, lambda hashes, sums, step: node_hash(hashes, sums, step + 1)
    )
    summed = tuple(stripped(one) for one in root.sums)
    if summed != tuple(amount for _, amount in path.total):
        raise RefusedPublished("total_differs", f"stated {path.total}, the path sums to {summed}")
    caveats = CAVEATS + negative(path.leaf, path.steps)
    leaf = (("hash", path.leaf.digest), *texts(path.own, ("nonce", "auditId"), f"{name}: self"))
    return Published(NAME, leaf, path.balances, path.total, path.root, root.digest, caveats)


def leaf_hash(nonce: str, balances: Pairs) -> str:
    """Hash what stands for a customer."""
    listed = ",".join(f'"{coin}":"{amount}"' for coin, amount in balances)
    return hashlib.sha256(f"{nonce}{{{listed}}}".encode()).hexdigest()


def node_hash(hashes: str, sums: tuple[Decimal, ...], height: int) -> str:
    """Hash two children's hashes in a row, the sums and the height of their parent."""
    written = "".join(stripped(one) for one in sums)
    return hashlib.sha256(f"{hashes}{written}{height}".encode()).hexdigest()
