"""The quick trie is the library's trie."""

from __future__ import annotations

from eth_hash.backends.pysha3 import keccak256

from tests.chains.evm import oracle
from tests.chains.evm.quicktrie import QuickTrie

ABSENT = keccak256(b"nobody")


def test_root_and_proofs_are_those_of_the_library() -> None:
    near = {bytes(31) + bytes((last,)): bytes(40 + last) for last in range(3)}
    items = {keccak256(number.to_bytes(4)): bytes(40 + number % 9) for number in range(700)} | near
    slow, quick = oracle.Trie(items), QuickTrie(items)

    assert slow.root == quick.root
    for key in (*items, ABSENT):
        assert slow.proof(key) == quick.proof(key)
        assert items.get(key, oracle.ABSENT) == oracle.check(quick.root, key, quick.proof(key))
