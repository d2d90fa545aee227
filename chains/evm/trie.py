"""Merkle-Patricia proofs: what the state of a chain holds for a key, shown by nodes of its trie.

Ethereum's state is a trie of accounts under the block's state root, keyed by keccak256(address);
an account's storage is a trie under its storage root, keyed by keccak256(slot). A proof is the
nodes on the way from the root to the key (EIP-1186), each named by its hash in the one above:

    branch     17 items: a link for each nibble, and a value, always empty with keys of 32 bytes
    extension   2 items: nibbles that all keys below share, and a link to a branch
    leaf        2 items: the nibbles left, and the value, itself RLP

    link        empty, the hash of a node, or a node of less than 32 bytes written in place
    nibbles     hex-prefix: flag 0 extension, 1 the same with an odd number, 2 and 3 leaves

A value found is there; a way that ends before the key proves that there is none. Both only for the
root that was given.

Reading is strict, so that one trie has one proof for a key: RLP in its shortest form, nodes between
32 and 532 bytes, a branch with two links at least, nibbles that end a leaf at 64 exactly, an
extension above a branch alone. Each node's hash is computed here, at its first use; `StateReader`
keeps the last ones read, because all accounts share the upper nodes.

Raised is `InvalidStateProof`, a verdict about nodes somebody gave, as `MalformedAnswer` is about an
answer. It is not a `ChainError`: one bad proof does not end the reading of a chain, and whoever
called has to say what it means.

    leaf = check_proof(state_root, keccak256(address), proof)
    account = None if leaf is None else decode_account(leaf)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from eth_hash.backends.pysha3 import keccak256

from chains.evm.rlplist import EMPTY, HASH_HEAD, LIST_HEAD, split_list, string_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ProofFault = Literal[
    "missing_node",  # a node on the way was not given
    "hash_mismatch",  # a node is not the one that the node above names
    "malformed_node",  # not a trie node in its one form, or its value is not an account or a slot
    "extra_node",  # more nodes than the way has
    "depth",  # the way does not end at the key's 64 nibbles
]

EMPTY_ROOT = keccak256(EMPTY)
"""Root of a trie that holds nothing; no node stands for it."""

EMPTY_CODE = keccak256(b"")
"""Code hash of an account without code."""

MIN_NODE_BYTES = 32
"""A smaller node is written into the one above. With keys of 32 bytes no root is smaller."""

MAX_NODE_BYTES = 532
"""A branch of sixteen hashes: 3 + 16 * 33 + 1. An account's leaf has 148 at most."""

CACHED_NODES = 1 << 15
"""Nodes a reader keeps, at about 1.5 kB each. The upper four levels of a large trie are 4,369."""

_KEY_BYTES = 32
_NIBBLES = 2 * _KEY_BYTES
_BRANCH_ITEMS = 17
_LINKS = frozenset({HASH_HEAD, *range(LIST_HEAD + 1, LIST_HEAD + MIN_NODE_BYTES - 1)})
"""First bytes of a link: of a hash, or of a list too small to be a node of its own."""
_LINKS_OR_NONE = _LINKS | {EMPTY[0]}


class InvalidStateProof(Exception):  # noqa: N818 - a verdict about what somebody gave
    """The nodes do not show what the trie holds for the key."""

    def __init__(self, reason: ProofFault) -> None:
        super().__init__(reason)
        self.reason: ProofFault = reason


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as the state trie holds it."""

    nonce: int
    balance: int
    """In the chain's base unit."""
    storage_root: bytes
    """32 bytes; EMPTY_ROOT without storage."""
    code_hash: bytes
    """32 bytes; EMPTY_CODE without code."""


@dataclass(frozen=True, slots=True)
class _Stem:
    """A leaf or an extension."""

    leaf: bool
    nibbles: str
    """One hex digit each."""
    content: bytes
    """A leaf's value, an extension's link."""


_Branch: TypeAlias = tuple[bytes, ...]
"""Its 17 items, encoded."""

_Node: TypeAlias = "_Branch | _Stem"


def walk(root: bytes, key: bytes, node: Callable[[bytes], bytes]) -> bytes | None:
    """Follow a key from a trie's root.

    Args:
        root: the trie's root, 32 bytes.
        key: the hashed key, 32 bytes.
        node: gives the RLP of a node by its hash, and raises KeyError for one it has not. Its word
            is not taken: what it gives is hashed.

    Returns:
        The value under the key, or None where it is proved that there is none.

    Raises:
        InvalidStateProof: the nodes show neither.
        ValueError: the key has not 32 bytes.
    """
    return _follow(root, key, partial(_fetch, node))


def check_proof(root: bytes, key: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Check a proof that holds exactly the nodes from the root to the key, in this order.

    Args:
        root: the trie's root, 32 bytes.
        key: the hashed key, 32 bytes.
        proof: RLP of the nodes that have a hash; empty for EMPTY_ROOT.

    Returns:
        The value under the key, or None where it is proved that there is none.

    Raises:
        InvalidStateProof: the nodes show neither, or there are others among them.
        ValueError: the key has not 32 bytes.
    """
    given = iter(proof)
    value = walk(root, key, partial(_take, given))
    if next(given, None) is not None:
        raise InvalidStateProof("extra_node")
    return value


def hashed_nodes(proof: Iterable[bytes]) -> tuple[bytes, ...]:
    """Leave out what nodes of some clients add to a proof, so that `check_proof` takes it.

    Some list a node in place once more, and `80` for an empty trie (both seen with anvil 1.7.1);
    EIP-1186 leaves it open. Neither is large enough to have a hash.
    """
    return tuple(node for node in proof if len(node) >= MIN_NODE_BYTES)


def decode_account(leaf: bytes) -> AccountState:
    """Read the value of a state trie; raise InvalidStateProof if it is not an account."""
    try:
        nonce, balance, storage_root, code_hash = map(string_of, split_list(leaf))
        account = AccountState(_integer(nonce, 8), _integer(balance, 32), storage_root, code_hash)
    except ValueError as error:
        raise InvalidStateProof("malformed_node") from error
    if len(storage_root) != len(EMPTY_ROOT) or len(code_hash) != len(EMPTY_CODE):
        raise InvalidStateProof("malformed_node")
    return account


def decode_slot(leaf: bytes) -> int:
    """Read the value of a storage trie; raise InvalidStateProof if it is not a word or is zero."""
    try:
        value = _integer(string_of(leaf), 32)
    except ValueError as error:
        raise InvalidStateProof("malformed_node") from error
    if value == 0:
        raise InvalidStateProof("malformed_node")  # A slot that holds zero is not in the trie.
    return value


class StateReader:
    """Reads accounts and slots of one state from nodes that have been gathered."""

    def __init__(
        self, root: bytes, node: Callable[[bytes], bytes], cached: int = CACHED_NODES
    ) -> None:
        """Read from a state.

        Args:
            root: the block's state root, 32 bytes.
            node: gives the RLP of a node by its hash, and raises KeyError for one it has not; it is
                asked again for a node that was dropped.
            cached: how many nodes are kept, checked and decoded.
        """
        self._root = root
        self._fetch = lru_cache(cached)(partial(_fetch, node))

    def account(self, address: bytes) -> AccountState | None:
        """Read an account of 20 bytes; None where it is proved that there is none.

        Raises:
            InvalidStateProof: the nodes show neither.
            ValueError: the address has not 20 bytes.
        """
        leaf = _follow(self._root, _hashed(address, 20), self._fetch)
        return None if leaf is None else decode_account(leaf)

    def slot(self, storage_root: bytes, slot_key: bytes) -> int:
        """Read a slot of 32 bytes in an account's storage; 0 where none is proved to be set.

        Raises:
            InvalidStateProof: the nodes show neither.
            ValueError: the slot's key has not 32 bytes.
        """
        leaf = _follow(storage_root, _hashed(slot_key, 32), self._fetch)
        return 0 if leaf is None else decode_slot(leaf)


def _follow(root: bytes, key: bytes, fetch: Callable[[bytes], _Node]) -> bytes | None:
    if len(key) != _KEY_BYTES:
        raise ValueError(f"key of {len(key)} bytes, not {_KEY_BYTES}")
    if root == EMPTY_ROOT:
        return None
    nibbles, depth = key.hex(), 0
    node = fetch(root)
    while True:
        if isinstance(node, _Stem):
            end = _end(node, depth)
            if nibbles[depth:end] != node.nibbles:
                return None
            if node.leaf:
                return node.content
            link, depth = node.content, end
        else:
            if depth == _NIBBLES:
                raise InvalidStateProof("depth")
            link = node[int(nibbles[depth], 16)]
            if link == EMPTY:
                return None
            depth += 1
        below = fetch(link[1:]) if link[0] == HASH_HEAD else _decode(link)
        if isinstance(node, _Stem) and isinstance(below, _Stem):
            raise InvalidStateProof("malformed_node")  # Both would have been one.
        node = below


def _end(stem: _Stem, depth: int) -> int:
    """Give how many nibbles of a key stand above and in a stem: a leaf has them all."""
    end = depth + len(stem.nibbles)
    if (end == _NIBBLES) != stem.leaf or end > _NIBBLES:
        raise InvalidStateProof("depth")
    return end


def _fetch(node: Callable[[bytes], bytes], node_hash: bytes) -> _Node:
    try:
        data = node(node_hash)
    except KeyError as error:
        raise InvalidStateProof("missing_node") from error
    if not MIN_NODE_BYTES <= len(data) <= MAX_NODE_BYTES:
        raise InvalidStateProof("malformed_node")
    if keccak256(data) != node_hash:
        raise InvalidStateProof("hash_mismatch")
    return _decode(data)


def _take(given: Iterator[bytes], node_hash: bytes) -> bytes:
    node = next(given, None)
    if node is None:
        raise KeyError(node_hash)
    return node


def _decode(data: bytes) -> _Node:
    try:
        items = split_list(data)
        if len(items) == _BRANCH_ITEMS:
            return _branch(items)
        path, content = items
        return _stem(path, content)
    except ValueError as error:
        raise InvalidStateProof("malformed_node") from error


def _branch(items: _Branch) -> _Branch:
    if items[-1] != EMPTY or items.count(EMPTY) > _BRANCH_ITEMS - 2:
        raise ValueError("branch with a value, or with less than two links")
    if not {link[0] for link in items} <= _LINKS_OR_NONE:
        raise ValueError("branch with an item that is no link")
    return items


def _stem(path: bytes, content: bytes) -> _Stem:
    digits = string_of(path).hex()
    leaf, start = _flag(digits)
    if leaf and content != EMPTY:
        return _Stem(leaf, digits[start:], string_of(content))
    if leaf or not digits[start:] or content[0] not in _LINKS:
        raise ValueError("leaf without a value, or extension without nibbles or link")
    return _Stem(leaf, digits[start:], content)


def _flag(digits: str) -> tuple[bool, int]:
    """Give whether hex-prefixed nibbles are a leaf's, and at which digit they begin."""
    if digits[:1] in {"1", "3"}:
        return digits[0] == "3", 1
    if digits[:2] in {"00", "20"}:
        return digits[0] == "2", 2
    raise ValueError(f"hex-prefix {digits[:2]!r}")


def _integer(string: bytes, most: int) -> int:
    if len(string) > most or string[:1] == b"\0":
        raise ValueError(f"integer of {len(string)} bytes, or with leading zeros")
    return int.from_bytes(string, "big")


def _hashed(key: bytes, size: int) -> bytes:
    if len(key) != size:
        raise ValueError(f"{len(key)} bytes, not {size}")
    return keccak256(key)
