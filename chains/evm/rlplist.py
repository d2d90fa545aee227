"""RLP as far as block headers and trie nodes need it: byte strings, and lists of them.

An item is one byte below 0x80, or a head and a payload: heads 0x80 to 0xb7 a string of up to 55
bytes, 0xb8 to 0xbf a longer one, 0xc0 to 0xf7 a list of up to 55 bytes, 0xf8 to 0xff a longer one
(Ethereum yellow paper, appendix B). Reading is strict, so that one value has one encoding: no
longer head than needed, no length with leading zeros, nothing after the item.

A list is cut into its items as they are encoded, heads included, and not into what they hold: that
is how a hash, an empty place and a node written in place are told apart, and nothing here recurses.

The rlp package was measured first: it decodes nested lists recursively, as deep as a hostile node
nests them, hands over to another implementation where one is installed, and takes longer over a
node than its hash does. In the tests it is the second opinion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY = b"\x80"
"""The empty string, encoded."""

HASH_HEAD = 0xA0
"""Head of a string of 32 bytes."""

LIST_HEAD = 0xC0
"""The smallest head of a list; smaller ones are of strings."""

_LONG_STRING = 0xB8
_LONG_LIST = 0xF8
_SHORT = 55
"""The largest payload whose length is in the head itself."""


def encode_list(strings: Iterable[bytes]) -> bytes:
    """Encode a list of byte strings."""
    return encode_items(encode_string(string) for string in strings)


def encode_items(items: Iterable[bytes]) -> bytes:
    """Put items that are encoded already into a list."""
    payload = b"".join(items)
    return _head(len(payload), LIST_HEAD) + payload


def split_list(data: bytes) -> tuple[bytes, ...]:
    """Cut an encoded list into its items, each as it is encoded.

    Raises:
        ValueError: it is not exactly one list, or an item in it is not in its shortest form. What
            stands inside of an inner list is not looked at.
    """
    if not data or data[0] < LIST_HEAD:
        raise ValueError("rlp: not a list")
    at, end = _span(data, 0)
    if end != len(data):
        raise ValueError(f"rlp: list of {end} bytes in {len(data)} bytes")
    items = []
    while at < end:
        head = data[at]
        if head == HASH_HEAD:
            stop = at + 33
        elif head <= 0x80:  # noqa: PLR2004 - one byte that is its own item, or the empty string
            stop = at + 1
        else:
            _, stop = _span(data, at)
        items.append(data[at:stop])
        at = stop
    if at != end:
        raise ValueError(f"rlp: item ends at {at}, its list at {end}")
    return tuple(items)


def string_of(item: bytes) -> bytes:
    """Give what an encoded string holds.

    Raises:
        ValueError: it is not exactly one string in its shortest form.
    """
    if not item or item[0] >= LIST_HEAD:
        raise ValueError("rlp: not a string")
    start, end = _span(item, 0)
    if end != len(item):
        raise ValueError(f"rlp: string of {end} bytes in {len(item)} bytes")
    return item[start:end]


def encode_string(string: bytes) -> bytes:
    """Encode a byte string."""
    if len(string) == 1 and string < EMPTY:
        return string
    return _head(len(string), EMPTY[0]) + string


def _head(size: int, short: int) -> bytes:
    if size <= _SHORT:
        return bytes((short + size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((short + _SHORT + len(length),)) + length


def _span(data: bytes, at: int) -> tuple[int, int]:
    """Give where the payload of the item at a place begins and ends; it may end past the data."""
    head = data[at]
    if head < EMPTY[0]:
        return at, at + 1
    if LIST_HEAD <= head < _LONG_LIST:
        return at + 1, at + 1 + head - LIST_HEAD
    if head < _LONG_STRING:
        size = head - EMPTY[0]
        if size == 1 and data[at + 1 : at + 2] < EMPTY:
            raise ValueError("rlp: a head before a byte that needs none")
        return at + 1, at + 1 + size
    width = head - (_LONG_LIST if head >= _LONG_LIST else _LONG_STRING) + 1
    start = at + 1 + width
    length = data[at + 1 : start]
    size = int.from_bytes(length, "big")
    if len(length) != width or length[0] == 0 or size <= _SHORT:
        raise ValueError("rlp: a length that is cut off, or not in its shortest form")
    return start, start + size
