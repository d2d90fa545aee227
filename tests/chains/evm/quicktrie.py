"""A trie of many accounts, built at once: a hundred thousand of them take seconds, not a minute.

`oracle.Trie` sets key after key, as a library must. Here all keys are known before, so each node is
written once, from the sorted keys. Every value is longer than 32 bytes, so every node has a hash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from tests.chains.evm import oracle

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAF, EXTENSION = 2, 0
"""Flags of hex-prefix, to which an odd number of nibbles adds one."""
DIGITS = "0123456789abcdef"


class QuickTrie:
    """Nodes by their place: the nibbles from the root, as hexadecimal digits."""

    def __init__(self, items: Mapping[bytes, bytes]) -> None:
        self._nodes: dict[str, bytes] = {}
        self._values = {key.hex(): value for key, value in items.items()}
        self.root = self._add(sorted(self._values), "")

    def proof(self, key: bytes) -> tuple[bytes, ...]:
        """Give the nodes on the way to a key."""
        text = key.hex()
        places = (text[:depth] for depth in range(len(text) + 1))
        return tuple(self._nodes[place] for place in places if place in self._nodes)

    def _add(self, keys: list[str], place: str) -> bytes:
        """Write the node at a place and all below it; give its hash."""
        at = len(place)
        if len(keys) == 1:
            node: oracle.Item = [_prefix(keys[0][at:], LEAF), self._values[keys[0]]]
        elif shared := _shared(keys[0][at:], keys[-1][at:]):
            node = [_prefix(shared, EXTENSION), self._add(keys, place + shared)]
        else:
            below: dict[str, list[str]] = {digit: [] for digit in DIGITS}
            for key in keys:
                below[key[at]].append(key)
            links = [self._add(part, place + one) if part else b"" for one, part in below.items()]
            node = [*links, b""]
        self._nodes[place] = oracle.encode(node)
        return keccak256(self._nodes[place])


def _prefix(nibbles: str, flag: int) -> bytes:
    odd = len(nibbles) % 2
    return bytes.fromhex(f"{flag + odd:x}{nibbles}" if odd else f"{flag:x}0{nibbles}")


def _shared(first: str, last: str) -> str:
    """Give the nibbles with which two keys begin, and so every key between them."""
    pairs = enumerate(zip(first, last, strict=True))
    return first[: next((at for at, (one, other) in pairs if one != other), len(first))]
