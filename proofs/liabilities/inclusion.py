"""A customer's proof: his shares, each with its path to the top of its tree.

    {"version": "polv1", "header": {…}, "set": hex, "assets": [as in commitment.json],
     "shares": [{"index": 0, "split": 0, "amount": "70", "position": "1",
                 "siblings": [[hex hash, "sum"], … leaf to top]}]}

The check takes nothing from the proof that its customer has himself: his account number and
identifier, his key, and the set hash, which he reads where it was published. In this order:

(1) header, roots and set are made again, and the set is the published one;
(2) each share is of a tree that there is, and no share or place stands twice;
(3) each path has the length that the root binds, and leads to the top with the total;
(4) the shares of an asset sum to the balance in the customer's own records, where he gives it.

What it shows: the published total is at least the sum of the balances of all customers who checked.
It does not show that other customers are in it, nor that debts are real, nor who owns the coins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError
from config.jsontext import parse_json
from proofs.liabilities.commitment import (
    VERSION,
    Commitment,
    Refused,
    fields_of,
    read_count,
    read_hash,
    read_number,
    read_trees,
    tree_document,
)
from proofs.liabilities.encoding import (
    MAX_ASSETS,
    MAX_HEIGHT,
    MAX_SPLITS,
    RECORD,
    leaf,
    node,
    salt,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.liabilities.commitment import Tree
    from proofs.liabilities.encoding import CustomerId, CustomerKey, SnapshotHash

MAX_PROOF = 64 * 1024 * 1024
"""Bytes: some thirty thousand shares."""
_KEYS = {"version", "header", "set", "assets", "shares"}
_SHARE = {"index", "split", "amount", "position", "siblings"}


@dataclass(frozen=True, slots=True)
class Share:
    """One leaf, and what stands beside its path."""

    asset: int
    split: int
    amount: int
    """Base units."""
    position: int
    """Place among the leaves, from 0."""
    siblings: tuple[bytes, ...]
    """Records of 48 bytes, from the leaf's level to the one below the top."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A proof that agrees with itself as far as nobody's secret is needed."""

    commitment: Commitment
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Claimant:
    """What a customer brings to the check of his proof."""

    customer: CustomerId
    key: CustomerKey
    published: bytes
    """The set hash as it was published."""


def read_inclusion(data: bytes, name: str) -> Inclusion:
    """Read proof.json.

    Raises:
        InputError: not such a file.
        Refused: it does not agree with itself.
    """
    if len(data) > MAX_PROOF:
        raise InputError(f"{name}: file too large: more than {MAX_PROOF} bytes")
    return inclusion_of(parse_json(data, name), name)


def inclusion_of(value: object, name: str) -> Inclusion:
    """Read the JSON form of a proof; raise as `read_inclusion` does."""
    document = fields_of(value, _KEYS, name)
    shares = document["shares"]
    if not isinstance(shares, list):
        raise InputError(f"{name}: shares are not a list")
    read = tuple(_share(one, f"{name}: shares.{place}") for place, one in enumerate(shares))
    return Inclusion(read_trees(document, name), read)


def check(inclusion: Inclusion, claimant: Claimant) -> dict[int, int]:
    """Check a proof.

    Returns:
        The balance that is shown of each asset of which there are shares, in base units.

    Raises:
        Refused: at the first step that fails.
    """
    commitment = inclusion.commitment
    if commitment.digest != claimant.published:
        what = f"published {claimant.published.hex()}, in the proof {commitment.digest.hex()}"
        raise Refused("not_published", what)
    _check_apart(inclusion.shares)
    found: Counter[int] = Counter()
    for share in inclusion.shares:
        if share.asset >= len(commitment.trees):
            raise Refused("share_of_no_asset", f"asset {share.asset}")
        _check_path(commitment.snapshot, commitment.trees[share.asset], share, claimant)
        found[share.asset] += share.amount
    return dict(found)


def check_balances(shown: Mapping[int, int], expected: Mapping[int, int]) -> None:
    """Compare what a proof shows with the customer's own records.

    Args:
        shown: what `check` gave.
        expected: base units by asset, for the assets that he gives.

    Raises:
        Refused: an asset that differs; one that is not shown counts as zero.
    """
    for asset, units in expected.items():
        if shown.get(asset, 0) != units:
            what = f"asset {asset}: your records say {units}, the proof {shown.get(asset, 0)}"
            raise Refused("balance_differs", what)


def inclusion_document(inclusion: Inclusion) -> dict[str, object]:
    """Give the JSON form of a proof."""
    commitment = inclusion.commitment
    return {
        "version": VERSION,
        "header": commitment.header,
        "set": commitment.digest.hex(),
        "assets": [tree_document(tree) for tree in commitment.trees],
        "shares": [_share_document(share) for share in inclusion.shares],
    }


def _check_apart(shares: tuple[Share, ...]) -> None:
    if not shares:
        raise Refused("no_shares", "the proof shows nothing")
    for keys in ([(one.asset, one.split) for one in shares], [_place(one) for one in shares]):
        (twice, count), *_ = Counter(keys).most_common(1)
        if count > 1:
            raise Refused("share_twice", f"asset {twice[0]}, number {twice[1]}")


def _place(share: Share) -> tuple[int, int]:
    return share.asset, share.position


def _check_path(snapshot: SnapshotHash, tree: Tree, share: Share, claimant: Claimant) -> None:
    """Walk one path; the salt is derived here, and never taken from the proof."""
    where = f"asset {share.asset}, share {share.split}"
    if len(share.siblings) != tree.height:
        what = f"{where}: {len(share.siblings)} steps, the tree has {tree.height}"
        raise Refused("wrong_length", what)
    if share.position >> tree.height:
        what = f"{where}: position {share.position} in a tree of {1 << tree.height} leaves"
        raise Refused("out_of_range", what)
    hidden = salt(claimant.key, snapshot, share.asset, share.split)
    numbers = share.asset.to_bytes(2, "big") + share.split.to_bytes(2, "big")
    record = leaf(snapshot, claimant.customer, hidden, numbers + share.amount.to_bytes(16, "big"))
    try:
        record = _climb(record, share)
    except OverflowError as error:
        raise Refused("overflow", f"{where}: a sum is 2^128 or more") from error
    if record != tree.top + tree.total.to_bytes(16, "big"):
        raise Refused("path_differs", f"{where}: the path does not lead to the top of its tree")


def _climb(record: bytes, share: Share) -> bytes:
    """Go from a leaf to the top; raise OverflowError if a sum has no 128 bits."""
    position = share.position
    for level, sibling in enumerate(share.siblings, 1):
        pair = sibling + record if position & 1 else record + sibling
        position >>= 1
        record = node(level, position, pair)
    return record


def _share(value: object, where: str) -> Share:
    found = fields_of(value, _SHARE, where)
    siblings = found["siblings"]
    if not isinstance(siblings, list):
        raise InputError(f"{where}.siblings: not a list")
    if len(siblings) > MAX_HEIGHT:
        raise Refused("wrong_length", f"{where}: {len(siblings)} steps, at most {MAX_HEIGHT}")
    return Share(
        read_count(found["index"], f"{where}.index", MAX_ASSETS - 1),
        read_count(found["split"], f"{where}.split", MAX_SPLITS - 1),
        read_number(found["amount"], f"{where}.amount"),
        read_number(found["position"], f"{where}.position", 2**64 - 1),
        tuple(_record(one, f"{where}.siblings") for one in siblings),
    )


def _record(value: object, where: str) -> bytes:
    match value:
        case [digest, total]:
            return read_hash(digest, where) + read_number(total, where).to_bytes(16, "big")
        case _:
            raise InputError(f"{where}: not pairs of hash and sum")


def _share_document(share: Share) -> dict[str, object]:
    return {
        "index": share.asset,
        "split": share.split,
        "amount": str(share.amount),
        "position": str(share.position),
        "siblings": [
            [one[:-16].hex(), str(int.from_bytes(one[RECORD - 16 :], "big"))]
            for one in share.siblings
        ],
    }
