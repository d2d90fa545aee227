"""Binance's format, and of those who took its code over: `user_config.json`. Nothing is checked.

    {"AccountIndex": 9, "AccountIdHash": hex, "TotalEquity": 107595993240612342000000,
     "TotalDebt": 4812541145779934000000, "TotalCollateral": 4861152676874104600000,
     "Assets": [{"Index": 0, "Equity": 14571647457, "Debt": 184812783, "Loan": 7285823729,
                 "Margin": 3642911864, "PortfolioMargin": 1821455932}, …],
     "Root": hex, "Proof": [base64 of 32 bytes, …]}

    leaf   = Poseidon(AccountIdHash, TotalEquity, TotalDebt, TotalCollateral, Poseidon(assets))
    parent = Poseidon(left, right), over the scalar field of BN254

Poseidon is a family of hashes: a reader must have the constants of this very one, and no package
for Python that is kept up has them (those with circom's constants give other hashes). So the file
is read for what it says of the customer, and no root is computed. That the sums are right is shown
by zero-knowledge proofs of another file. Coins are named by their index in the publisher's list.
Earlier files have no collateral. The file's numbers pass 2^53 and are kept as written.

Source: binance/zkmerkle-proof-of-solvency, `src/verifier/main.go` at 027f5b1f,
`src/utils/types.go` at 49843eaf (MIT).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.errors import InputError
from config.jsontext import Number
from proofs import base64text
from proofs.control import InvalidProof
from proofs.published.fields import MAX_COINS, MAX_HEIGHT, digest, items, read_document, table
from proofs.published.form import Published, RefusedPublished

if TYPE_CHECKING:
    from proofs.published.form import Caveat, Pairs

NAME = "binance"
CAVEATS: tuple[Caveat, ...] = (
    "not_checked_zero_knowledge",
    "no_customer_binding",
    "root_not_published_here",
)
HASH = 32
"""Bytes of a node's hash."""
BASE64 = 44
"""Characters of a node's hash."""
ASSET = ("Equity", "Debt", "Loan", "Margin", "PortfolioMargin")
TOTALS = ("TotalEquity", "TotalDebt", "TotalCollateral")

_NUMBER = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)


def read(data: bytes, name: str) -> Published:
    """Read a customer's file; nothing is checked.

    Raises:
        InputError: it has not the form that the module says.
        RefusedPublished: `hash_malformed`, `amount_malformed`; `coins_differ` for an index twice.
    """
    needed = {
        "AccountIndex",
        "AccountIdHash",
        "TotalEquity",
        "TotalDebt",
        "Root",
        "Assets",
        "Proof",
    }
    found = table(read_document(data, name), needed, {"TotalCollateral"}, name)
    listed = items(found["Proof"], f"{name}: Proof", MAX_HEIGHT)
    for place, one in enumerate(listed):
        _check_hash(one, f"{name}: Proof.{place}")
    leaf = (
        ("AccountIndex", _number(found["AccountIndex"], f"{name}: AccountIndex")),
        ("AccountIdHash", digest(found["AccountIdHash"], f"{name}: AccountIdHash")),
        *((key, _number(found[key], f"{name}: {key}")) for key in TOTALS if key in found),
    )
    root = digest(found["Root"], f"{name}: Root")
    return Published(NAME, leaf, _assets(found["Assets"], name), (), root, None, CAVEATS)


def _assets(value: object, name: str) -> Pairs:
    """Give each asset's amounts, as `INDEX Equity`."""
    rows: list[tuple[str, str]] = []
    seen: set[str] = set()
    for place, one in enumerate(items(value, f"{name}: Assets", MAX_COINS)):
        where = f"{name}: Assets.{place}"
        asset = table(one, {"Index", "Equity", "Debt"}, set(ASSET), where)
        index = _number(asset["Index"], f"{where}.Index")
        if index in seen:
            raise RefusedPublished("coins_differ", f"{where}: asset {index} is given twice")
        seen.add(index)
        rows += [
            (f"{index} {key}", _number(asset[key], f"{where}.{key}"))
            for key in ASSET
            if key in asset
        ]
    return tuple(rows)


def _number(value: object, where: str) -> str:
    if not isinstance(value, Number):
        raise InputError(f"{where}: not a number")
    if not _NUMBER.fullmatch(value.text):
        raise RefusedPublished("amount_malformed", f"{where}: {value.text[:40]}")
    return value.text


def _check_hash(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise InputError(f"{where}: not text")
    try:
        size = len(base64text.decode(value, BASE64))
    except InvalidProof as error:
        raise RefusedPublished("hash_malformed", f"{where}: not base64") from error
    if size != HASH:
        raise RefusedPublished("hash_malformed", f"{where}: {size} bytes, not {HASH}")
