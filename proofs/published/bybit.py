"""Bybit's format, May 2023 on: the file that a customer copies as `myProof.json`.

    {"self": {"auditId": "2024050804", "userHash": hex, "nonce": uuid, "hash": hex, "type": 1,
              "height": 1, "balance": {"AGLA": "0.00000000", …}},
     "path": [{"hash", "type", "height", "balance", …}, …, the root]}

    leaf   = SHA-256(userHash || amounts)
    parent = SHA-256(left hash || right hash || sums || height)

Amounts are hashed in the order of a list of coins that changes from release to release; a file is
of the list whose coins it names, whatever order it names them in. The publisher's verifier takes
any text as an amount or a `userHash`; amounts without a mark between them could then be cut in
another way, and a node could pose as a leaf. Here every amount has 8 places, as those of the
publisher do, and `userHash` is a hash, so neither can be.

The file of 2022 with four coins, whose sums are cut to 4 places for two of them, is not read: there
is no published example of it to test with.

Source: bybit-exchange/merkle-proof, `src/main/java/com/bybit/` at 3f0e2da6 (MIT).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from config.errors import InputError
from proofs.published.by_height import Layout, read_path
from proofs.published.climb import climb, negative
from proofs.published.fields import decimal, digest, plain, read_document, texts
from proofs.published.form import Published, RefusedPublished

if TYPE_CHECKING:
    from proofs.published.form import Caveat

NAME = "bybit"
CAVEATS: tuple[Caveat, ...] = (
    "sum_only_total_not_bound",
    "negative_not_refused",
    "no_customer_binding",
    "root_not_published_here",
)
PLACES = 8

_TWENTY = (
    "AGLA APT ATOM AVAX BIT BTC BUSD DAI DOGE DOT DYDX EOS ETH FTM LTC MATIC SOL USDC USDT XRP"
)
_MNT = _TWENTY.replace(" BIT ", " MNT ")
_THIRTY_TWO = f"{_MNT} SHIB OP SAND LDO LINK COMP UNI MANA CRV BLUR SUSHI PEPE"
_FORTY = f"{_THIRTY_TWO} WLD BEAM AGI FET IMX RNDR GALA APEX SHRAP".replace(" BUSD ", " ")
_AUGUST_2024 = _FORTY.replace(" DAI ", " ").replace(" RNDR ", " RENDER ") + " USDE"
_OCTOBER_2024 = _AUGUST_2024.replace(" MATIC ", " POL ")
_JANUARY_2025 = _OCTOBER_2024.replace(" FTM ", " S ")
_JUNE_2025 = _JANUARY_2025.replace(" EOS ", " A ")
_JULY_2026 = f"{_JUNE_2025} GRAM XAUT HYPE STABLE ENA ARB ASTER ONDO AAVE USD1"
LISTS: tuple[tuple[str, ...], ...] = tuple(
    tuple(one.split())
    for one in (
        *(_TWENTY, _MNT, _THIRTY_TWO, _FORTY, _AUGUST_2024),
        *(_OCTOBER_2024, _JANUARY_2025, _JUNE_2025, _JULY_2026),
    )
)
"""`Asset20`, `AssetMnt20`, `Asset32`, `Asset40` to `Asset40V5` and `Asset50` of the publisher."""

LAYOUT = Layout(
    "balance",
    frozenset({"userHash"}),
    lambda written, where: decimal(written, where, PLACES, exactly=True),
)


def read(data: bytes, name: str) -> Published:
    """Read and check a customer's file.

    Raises:
        InputError: it has not the form that the module says, or names coins of no list.
        RefusedPublished: it is none that the publisher's verifier accepts, but for its root.
    """
    document = read_document(data, name)
    path = read_path(document, name, LAYOUT, _coins(document, name))
    user = digest(path.own["userHash"], f"{name}: self.userHash")
    made = text_hash(user + "".join(amount for _, amount in path.balances))
    if made != path.leaf.digest:
        raise RefusedPublished("leaf_differs", f"stated {path.leaf.digest}, the fields give {made}")
    root = climb(
        path.leaf,
        path.steps,
        lambda hashes, sums, step: text_hash(
            f"{hashes}{''.join(plain(one) for one in sums)}{step + 1}"
        ),
    )
    for (coin, stated), summed in zip(path.total, root.sums, strict=True):
        if stated != plain(summed):
            what = f"{coin}: stated {stated}, the path sums to {plain(summed)}"
            raise RefusedPublished("total_differs", what)
    leaf = texts(path.own, ("hash", "userHash", "nonce", "auditId"), f"{name}: self")
    caveats = CAVEATS + negative(path.leaf, path.steps)
    return Published(NAME, leaf, path.balances, path.total, path.root, root.digest, caveats)


def text_hash(text: str) -> str:
    """Hash text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _coins(document: object, name: str) -> tuple[str, ...]:
    """Give the list that the file's coins are of; raise InputError."""
    match document:
        case {"self": {"balance": dict(named)}}:
            for coins in LISTS:
                if named.keys() == set(coins):
                    return coins
            raise InputError(f"{name}: {len(named)} coins, which are those of no known list")
        case _:
            raise InputError(f"{name}: self.balance is missing")
