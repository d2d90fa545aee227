"""The published commitment: one tree an instrument, and the 32 bytes that stand for all of them.

    {"version": "polv1", "header": {…}, "snapshot": hex, "set": hex,
     "assets": [{"index": 0, "instrument": "btc", "decimals": 8, "height": 20, "hash": hex,
                 "total": "123456", "root": hex}]}

`snapshot` is the hash of the header's RFC 8785 bytes, `total` counts base units, `hash` is the top
of the tree. Whoever reads it makes snapshot, roots and set again: what they do not agree with is
refused. A header that lists the assets binds their names and decimals too; `named` tells whether it
does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import rfc8785

from config.errors import InputError
from config.jsontext import parse_json
from proofs.liabilities.encoding import (
    MAX_AMOUNT,
    MAX_ASSETS,
    MAX_HEIGHT,
    SIZE,
    root,
    set_hash,
    snapshot_hash,
)

if TYPE_CHECKING:
    from proofs.liabilities.encoding import SnapshotHash

VERSION = "polv1"
MAX_COMMITMENT = 32 * 1024 * 1024
"""Bytes: 65,535 assets at 400 bytes."""
MAX_DECIMALS = 38
"""More places than an amount of 128 bits has digits."""

Reason: TypeAlias = Literal[
    "snapshot_differs",  # the snapshot hash is not that of the header
    "set_differs",  # the set hash is not that of the trees
    "root_differs",  # a root is not that of its tree's top, height and total
    "out_of_range",  # a number, hash or height that polv1 cannot write
    "assets_out_of_order",  # indexes are not 0, 1, 2 …
    "root_twice",  # one root stands for two assets
    "names_differ",  # instrument or decimals are not those of the header
    "not_published",  # the set is another one than was published
    "share_of_no_asset",  # a share of an index that there is no tree of
    "share_twice",  # one share, or one place in a tree, stands for two
    "no_shares",  # nothing is shown
    "wrong_length",  # a path is longer or shorter than its tree is high
    "overflow",  # a sum on a path is 2^128 or more
    "path_differs",  # a path does not lead to its tree's top
    "balance_differs",  # the shares sum to another balance than was given
]

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_KEYS = {"version", "header", "snapshot", "set", "assets"}
_TREE = {"index", "instrument", "decimals", "height", "hash", "total", "root"}
_NAMES = ("index", "instrument", "decimals")


class Refused(Exception):  # noqa: N818 - a verdict, named by what it is
    """A commitment or a proof does not show what it claims."""

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(f"{reason}: {what}")
        self.reason: Reason = reason
        self.what = what


@dataclass(frozen=True, slots=True)
class Tree:
    """One asset of a set."""

    index: int
    instrument: str
    decimals: int
    height: int
    """Levels above the leaves: the tree has 2^height of them."""
    top: bytes
    """Hash of the highest node, 32 bytes."""
    total: int
    """Sum of all leaves, base units."""
    root: bytes
    """32 bytes over asset, height, top and total."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A set of trees under one header."""

    header: dict[str, object]
    snapshot: SnapshotHash
    trees: tuple[Tree, ...]
    digest: bytes
    """The set hash, 32 bytes."""

    @property
    def named(self) -> bool:
        """Tell whether the header binds the names and decimals of all assets."""
        return _listed(self.header) == [_naming(tree) for tree in self.trees]


def commit(header: dict[str, object], trees: tuple[Tree, ...]) -> Commitment:
    """Join trees whose leaves were made under a header."""
    snapshot = header_hash(header)
    return Commitment(header, snapshot, trees, set_hash(snapshot, tuple(one.root for one in trees)))


def header_hash(header: dict[str, object]) -> SnapshotHash:
    """Give the snapshot hash of a header; raise InputError if it has no canonical form."""
    try:
        return snapshot_hash(rfc8785.dumps(header))  # type: ignore[arg-type]  # its own recursive alias
    except rfc8785.CanonicalizationError as error:
        raise InputError("header has no canonical form (RFC 8785)") from error


def tree_of(snapshot: SnapshotHash, tree: Tree) -> Tree:
    """Give a tree with the root that its other values have."""
    top = tree.top + tree.total.to_bytes(16, "big")
    made = root(snapshot, tree.index, tree.height, top)
    return Tree(
        *(tree.index, tree.instrument, tree.decimals, tree.height, tree.top, tree.total), made
    )


def tree_document(tree: Tree) -> dict[str, object]:
    """Give the JSON form of a tree."""
    return {
        "index": tree.index,
        "instrument": tree.instrument,
        "decimals": tree.decimals,
        "height": tree.height,
        "hash": tree.top.hex(),
        "total": str(tree.total),
        "root": tree.root.hex(),
    }


def commitment_document(commitment: Commitment) -> dict[str, object]:
    """Give the JSON form of a commitment."""
    return {
        "version": VERSION,
        "header": commitment.header,
        "snapshot": commitment.snapshot.hex(),
        "set": commitment.digest.hex(),
        "assets": [tree_document(tree) for tree in commitment.trees],
    }


def read_commitment(data: bytes, name: str) -> Commitment:
    """Read commitment.json.

    Args:
        data: the file's bytes.
        name: its name, for messages.

    Raises:
        InputError: not such a file.
        Refused: it does not agree with itself.
    """
    if len(data) > MAX_COMMITMENT:
        raise InputError(f"{name}: file too large: more than {MAX_COMMITMENT} bytes")
    document = fields_of(parse_json(data, name), _KEYS, name)
    commitment = read_trees(document, name)
    stated = read_hash(document["snapshot"], f"{name}: snapshot")
    if stated != commitment.snapshot:
        what = f"stated {stated.hex()}, the header gives {commitment.snapshot.hex()}"
        raise Refused("snapshot_differs", what)
    return commitment


def read_trees(document: dict[str, object], name: str) -> Commitment:
    """Read header, assets and set of a commitment or a proof, and make them again.

    Raises:
        InputError: they have not the form that the module says.
        Refused: they do not agree with each other.
    """
    if document["version"] != VERSION:
        raise InputError(f"{name}: version is not known", f"this reads {VERSION}")
    header, assets = document["header"], document["assets"]
    if not isinstance(header, dict) or not isinstance(assets, list):
        raise InputError(f"{name}: header or assets have not the form of {VERSION}")
    if not 0 < len(assets) <= MAX_ASSETS:
        raise InputError(f"{name}: {len(assets)} assets", f"1 to {MAX_ASSETS} are allowed")
    snapshot = header_hash(header)
    trees = tuple(_tree(one, f"{name}: assets.{place}") for place, one in enumerate(assets))
    _check_trees(snapshot, trees)
    made = set_hash(snapshot, tuple(one.root for one in trees))
    stated = read_hash(document["set"], f"{name}: set")
    if made != stated:
        raise Refused("set_differs", f"stated {stated.hex()}, the trees give {made.hex()}")
    commitment = Commitment(header, snapshot, trees, made)
    _check_names(commitment)
    return commitment


def fields_of(value: object, keys: set[str], where: str) -> dict[str, object]:
    """Give an object that has exactly some keys; raise InputError."""
    if not isinstance(value, dict) or set(value) != keys:
        raise InputError(f"{where}: not an object of {', '.join(sorted(keys))}")
    return value


def read_hash(value: object, where: str) -> bytes:
    """Read 32 bytes of lower-case hex.

    Raises:
        InputError: not text.
        Refused: other text.
    """
    if not isinstance(value, str):
        raise InputError(f"{where}: not text")
    if not _HEX.fullmatch(value):
        raise Refused("out_of_range", f"{where}: not {2 * SIZE} hex digits in lower case")
    return bytes.fromhex(value)


def read_number(value: object, where: str, most: int = MAX_AMOUNT) -> int:
    """Read an unsigned number in decimal text.

    Raises:
        InputError: not text.
        Refused: not such a number, or above what is allowed.
    """
    if not isinstance(value, str):
        raise InputError(f"{where}: not text", "numbers that can pass 2^53 are decimal text")
    if not _NUMBER.fullmatch(value) or int(value) > most:
        raise Refused("out_of_range", f"{where}: not a number from 0 to {most}")
    return int(value)


def read_count(value: object, where: str, most: int) -> int:
    """Read a small unsigned number.

    Raises:
        InputError: not an integer.
        Refused: negative, or above what is allowed.
    """
    if type(value) is not int:
        raise InputError(f"{where}: not an integer")
    if not 0 <= value <= most:
        raise Refused("out_of_range", f"{where}: {value} is not from 0 to {most}")
    return value


def _tree(value: object, where: str) -> Tree:
    found = fields_of(value, _TREE, where)
    instrument = found["instrument"]
    if not isinstance(instrument, str):
        raise InputError(f"{where}.instrument: not text")
    return Tree(
        read_count(found["index"], f"{where}.index", MAX_ASSETS),
        instrument,
        read_count(found["decimals"], f"{where}.decimals", MAX_DECIMALS),
        read_count(found["height"], f"{where}.height", MAX_HEIGHT),
        read_hash(found["hash"], f"{where}.hash"),
        read_number(found["total"], f"{where}.total"),
        read_hash(found["root"], f"{where}.root"),
    )


def _check_trees(snapshot: SnapshotHash, trees: tuple[Tree, ...]) -> None:
    seen: set[bytes] = set()
    for place, tree in enumerate(trees):
        if tree.index != place:
            raise Refused("assets_out_of_order", f"asset {tree.index} stands at place {place}")
        made = tree_of(snapshot, tree).root
        if made != tree.root:
            what = f"asset {place}: stated {tree.root.hex()}, the tree gives {made.hex()}"
            raise Refused("root_differs", what)
        if made in seen:
            raise Refused("root_twice", f"asset {place}: {made.hex()}")
        seen.add(made)


def _check_names(commitment: Commitment) -> None:
    """Compare what the header says of the assets; it may say nothing, or not all."""
    listed = commitment.header.get("assets")
    if isinstance(listed, list) and len(listed) != len(commitment.trees):
        what = f"the header lists {len(listed)} assets, there are {len(commitment.trees)} trees"
        raise Refused("names_differ", what)
    for said, tree in zip(_listed(commitment.header), commitment.trees, strict=False):
        stated = _naming(tree)
        # `False` equals 0 in Python, and says nothing of a place.
        if {**stated, **said} != stated or any(type(one) is bool for one in said.values()):
            what = f"asset {tree.index}: the header says {said}, the tree {stated}"
            raise Refused("names_differ", what)


def _naming(tree: Tree) -> dict[str, object]:
    return {"index": tree.index, "instrument": tree.instrument, "decimals": tree.decimals}


def _listed(header: dict[str, object]) -> list[dict[str, object]]:
    """Give what a header says of each asset's place, name and decimals."""
    listed = header.get("assets")
    rows = listed if isinstance(listed, list) else []
    return [
        {key: one[key] for key in _NAMES if key in one} for one in rows if isinstance(one, dict)
    ]
