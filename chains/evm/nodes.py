"""Trie nodes in one file, sorted by hash: the evidence behind proofs of state.

The file, integers big-endian:

    "custody-attest nodes 1" LF
    count    8 bytes        how many nodes
    hashes   count * 32     keccak256 of each node, strictly ascending
    ends     count * 8      where each node ends in the blob, from the blob's beginning
    blob                    the nodes' RLP in the order of the hashes, nothing between or after

A node has 32 to 532 bytes (`chains.evm.trie`), so one set of nodes has exactly one file. Nodes of
several tries and several proofs lie in it together, each once: all accounts share the upper ones.

A file may be hundreds of megabytes and is not held in memory. `NodeStore` reads a buffer, a mapped
file for example, and looks at hashes and ends alone when it opens one; that a node is what its hash
says is checked by whoever uses it (`chains.evm.trie` does), so a changed byte in the blob is found
where it would matter. `NodeSpool` writes: nodes go to a spool as they come, and from there sorted
into the file. It remembers a hash and an offset a node. Files are opened by the caller.

A store in a bundle holds nothing that no proof uses: after the last proof `store.used()` is
`len(store)`, or there were others.

A database was considered: it is not canonical, and two writers give two files.
"""

from __future__ import annotations

import io
from array import array
from bisect import bisect_left
from itertools import accumulate, pairwise
from struct import iter_unpack
from typing import TYPE_CHECKING, BinaryIO

from eth_hash.backends.pysha3 import keccak256

from chains.errors import ChainError
from chains.evm.trie import MAX_NODE_BYTES, MIN_NODE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

_MAGIC = b"custody-attest nodes 1\n"
_HASH = 32
_NUMBER = 8
_HASHES_AT = len(_MAGIC) + _NUMBER


class NodeStore:
    """The nodes of a file, by hash.

    It keeps count of the nodes asked for, one byte a node, and nothing else of them.
    """

    def __init__(self, buffer: Buffer) -> None:
        """Open a store; hashes and ends are checked, nodes are not looked at.

        Args:
            buffer: the whole file; it must not change, and cannot be closed before `release`.

        Raises:
            ChainError: it is not a store in its one form.
        """
        self._view = memoryview(buffer).cast("B")
        fault = _fault(self._view)
        if fault is not None:
            # A mapped file cannot be closed while a view of it is left, and the error holds this.
            self._view.release()
            raise ChainError(f"node store: {fault}")
        self._count = _count(self._view)
        self._ends_at = _HASHES_AT + self._count * _HASH
        self._used = bytearray(self._count)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """Give every node in the order of the hashes, without counting it as used."""
        return map(self._node, range(self._count))

    def get(self, node_hash: bytes) -> bytes:
        """Give a node; whether it has this hash is for the caller to check.

        Raises:
            KeyError: the store has no node of this hash.
        """
        at = bisect_left(range(self._count), node_hash, key=self._hash)
        if at == self._count or self._hash(at) != node_hash:
            raise KeyError(node_hash)
        self._used[at] = 1
        return self._node(at)

    def used(self) -> int:
        """Count the nodes that `get` gave, each once."""
        return self._used.count(1)

    def release(self) -> None:
        """Let go of the buffer; nothing can be read after that."""
        self._view.release()

    def _hash(self, at: int) -> bytes:
        start = _HASHES_AT + at * _HASH
        return bytes(self._view[start : start + _HASH])

    def _node(self, at: int) -> bytes:
        blob = self._ends_at + self._count * _NUMBER
        return bytes(self._view[blob + self._end(at - 1) : blob + self._end(at)])

    def _end(self, at: int) -> int:
        if at < 0:
            return 0
        start = self._ends_at + at * _NUMBER
        return int.from_bytes(self._view[start : start + _NUMBER], "big")


class NodeSpool:
    """Gathers nodes in any order, each once, and writes them as a store."""

    def __init__(self, spool: BinaryIO) -> None:
        """Gather into a file.

        Args:
            spool: empty, open for writing and reading, and used by nobody else.
        """
        self._spool = spool
        # A dict, since that keeps the order in which they came; offsets are of the same order.
        self._hashes: dict[bytes, None] = {}
        self._ends = array("Q", (0,))

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, node: bytes) -> None:
        """Take a node, unless it is there already.

        Raises:
            ValueError: no node has this many bytes.
        """
        if not MIN_NODE_BYTES <= len(node) <= MAX_NODE_BYTES:
            raise ValueError(f"node of {len(node)} bytes")
        node_hash = keccak256(node)
        if node_hash not in self._hashes:
            self._spool.write(node)
            self._hashes[node_hash] = None
            self._ends.append(self._ends[-1] + len(node))

    def write(self, out: BinaryIO) -> None:
        """Write what was gathered as a store; more may be added and written again after it.

        Raises:
            ChainError: the spool does not give back what was put into it.
        """
        hashes = tuple(self._hashes)
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        out.write(_MAGIC + len(order).to_bytes(_NUMBER, "big"))
        out.writelines(hashes[at] for at in order)
        sizes = (self._ends[at + 1] - self._ends[at] for at in order)
        out.writelines(end.to_bytes(_NUMBER, "big") for end in accumulate(sizes))
        out.writelines(self._read(at) for at in order)
        self._spool.seek(self._ends[-1])

    def _read(self, at: int) -> bytes:
        start, end = self._ends[at], self._ends[at + 1]
        self._spool.seek(start)
        node = self._spool.read(end - start)
        if len(node) != end - start:
            raise ChainError(
                f"spool of nodes: {len(node)} bytes at {start}, {end - start} were put"
            )
        return node


def encode_nodes(nodes: Iterable[bytes]) -> bytes:
    """Write a store in memory; nodes may come in any order, and several times.

    Raises:
        ValueError: one has more or fewer bytes than any node.
    """
    spool, out = NodeSpool(io.BytesIO()), io.BytesIO()
    for node in nodes:
        spool.add(node)
    spool.write(out)
    return out.getvalue()


def _count(view: memoryview) -> int:
    return int.from_bytes(view[len(_MAGIC) : _HASHES_AT], "big")


def _fault(view: memoryview) -> str | None:
    """Say what is wrong with a store, or None."""
    if len(view) < _HASHES_AT or view[: len(_MAGIC)] != _MAGIC:
        return "does not begin as one"
    count = _count(view)
    ends_at = _HASHES_AT + count * _HASH
    blob_at = ends_at + count * _NUMBER
    if blob_at > len(view):
        return f"{count} nodes in {len(view)} bytes"
    hashes = (node_hash for (node_hash,) in iter_unpack(f"{_HASH}s", view[_HASHES_AT:ends_at]))
    if not all(one < other for one, other in pairwise(hashes)):
        return "hashes are not sorted, or one is there twice"
    last = 0
    for (end,) in iter_unpack(">Q", view[ends_at:blob_at]):
        if not MIN_NODE_BYTES <= end - last <= MAX_NODE_BYTES:
            return f"node of {end - last} bytes"
        last = end
    if blob_at + last != len(view):
        return f"nodes of {last} bytes, {len(view) - blob_at} are there"
    return None
