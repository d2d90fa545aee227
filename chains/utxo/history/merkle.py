"""From a transaction's place in a block to the root in the block's header.

A branch is the form of Electrum's `blockchain.transaction.get_merkle`, which Esplora's
`/tx/:txid/merkle-proof` gives too: the sibling at each level from the leaves up, in display order,
and the transaction's place in the block. The bits of the place say on which side each sibling is.

Three things make a branch that reaches the right root a false one, and each is refused:

- a place beyond the tree that the branch spans: its higher bits would mean nothing;
- a left sibling equal to the node itself: blocks repeat the last node of an odd level on the right,
  so the same transaction would have two places (CVE-2012-2459);
- a node that has the shape of a transaction: a real transaction of 64 bytes can hold the hash of an
  invented one and then looks like an inner node (CVE-2017-12842).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from chains.utxo.history.transaction import could_be_transaction

MAX_DEPTH = 32
"""Levels; a block of a million transactions has twenty."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a transaction is in its block."""

    siblings: tuple[str, ...]
    """From the leaves up, each 64 hex digits in display order."""
    position: int
    """Place in the block; the coinbase is at 0."""


def merkle_root(txid: str, branch: Branch) -> str:
    """Compute the root that a branch leads to.

    Args:
        txid: 64 hex digits in display order.
        branch: the transaction's.

    Raises:
        ValueError: a branch that the module refuses.
    """
    depth, position = len(branch.siblings), branch.position
    if depth > MAX_DEPTH:
        raise ValueError(f"merkle branch of {depth} levels, the limit is {MAX_DEPTH}")
    if not 0 <= position < 1 << depth:
        raise ValueError(f"merkle position {position}, the branch spans {1 << depth}")
    node = bytes.fromhex(txid)[::-1]
    for sibling in branch.siblings:
        node = _parent(node, bytes.fromhex(sibling)[::-1], right=bool(position & 1))
        position >>= 1
    return node[::-1].hex()


def _parent(node: bytes, sibling: bytes, *, right: bool) -> bytes:
    """Hash a node with its sibling; `right`: the node is the right one of the two."""
    if right and node == sibling:
        raise ValueError("merkle branch repeats a node on its right")
    both = sibling + node if right else node + sibling
    if could_be_transaction(both):
        raise ValueError("merkle branch with a node that could be a transaction")
    return hashlib.sha256(hashlib.sha256(both).digest()).digest()
