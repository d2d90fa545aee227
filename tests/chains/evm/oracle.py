"""The second opinion on nodes and proofs: the packages `trie` and `rlp`, with types.

The one module that imports them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import rlp  # type: ignore[import-untyped] # it ships no types
from trie import hexary
from trie.exceptions import BadTrieProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Item: TypeAlias = "bytes | Sequence[Item]"

_Hexary: Any = hexary.HexaryTrie
"""The package says that it has types; its functions have none."""

ABSENT = b""
"""What `trie` gives for a key that is not there."""


class RlpRefused(Exception):  # noqa: N818 - it is the oracle's answer
    """The rlp package does not decode these bytes."""


class ProofRefused(Exception):  # noqa: N818 - it is the oracle's answer
    """The trie package does not take this proof."""


def encode(item: Item) -> bytes:
    return cast("bytes", rlp.encode(item))


def decode(data: bytes) -> Item:
    try:
        return cast("Item", rlp.decode(data))
    except rlp.DecodingError as error:
        raise RlpRefused from error


def check(root: bytes, key: bytes, proof: Iterable[bytes]) -> bytes:
    """Check a proof as `trie` does; raise ProofRefused."""
    try:
        nodes = [rlp.decode(node) for node in proof]
        return cast("bytes", _Hexary.get_from_proof(root, key, nodes))
    except BadTrieProof as error:
        raise ProofRefused from error


class Trie:
    """A trie built by the package."""

    def __init__(self, items: Mapping[bytes, bytes]) -> None:
        self.nodes: dict[bytes, bytes] = {}
        self._trie = _Hexary(self.nodes, prune=True)
        for key, value in items.items():
            self._trie.set(key, value)

    @property
    def root(self) -> bytes:
        return cast("bytes", self._trie.root_hash)

    def delete(self, key: bytes) -> None:
        self._trie.delete(key)

    def proof(self, key: bytes) -> tuple[bytes, ...]:
        """Give the nodes on the way to a key that have a hash."""
        encoded = [encode(node) for node in self._trie.get_proof(key)]
        return tuple(node for node in encoded if len(node) >= 32)
