"""Block headers of 80 bytes, and runs of them in which each names the one before it.

    version 4 | previous hash 32 | merkle root 32 | time 4 | bits 4 | nonce 4      little-endian

A run is kept as the bytes themselves: a main network has a million headers, and as many objects
would take a gigabyte. A hash is taken from the header after it, which names it. Linking is what
makes a run worth something: whoever knows the hash of one header knows every header below it.

What some servers append on chains that are mined along with another is taken off before
(`chains.utxo.history.electrum_answers`): neither hash nor link is about it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER_BYTES = 80

MEDIAN_SPAN = 11
"""Blocks over whose times the median is taken (BIP-113)."""

MAX_HEADERS = 3_000_000
"""240 MB; in hex as much as one recording may hold (`chains.recording.MAX_LOG_BYTES`)."""

_PREVIOUS, _ROOT = slice(4, 36), slice(36, 68)
_TIME, _BITS = slice(68, 72), slice(72, 76)


@dataclass(frozen=True, slots=True)
class Header:
    """What is used of a header."""

    previous: str
    """Hash of the block before, in display order."""
    root: str
    """Merkle root of the transactions, in display order."""
    time: int
    """Unix seconds, as the miner wrote it."""
    bits: int
    """The target in its compact form."""


@dataclass(frozen=True, slots=True)
class HeaderChain:
    """A run of linked headers; only `link_headers` makes one."""

    start: int
    """Height of the first."""
    raw: bytes

    @property
    def end(self) -> int:
        """Height of the last."""
        return self.start + len(self.raw) // HEADER_BYTES - 1

    def raw_at(self, height: int) -> bytes:
        """Give the 80 bytes at a height; raise ValueError if the run has none."""
        if not self.start <= height <= self.end:
            raise ValueError(f"no header at height {height}, there are {self.start} to {self.end}")
        at = (height - self.start) * HEADER_BYTES
        return self.raw[at : at + HEADER_BYTES]

    def header_at(self, height: int) -> Header:
        """Give the header at a height; raise ValueError if the run has none."""
        return read_header(self.raw_at(height))

    def hash_at(self, height: int) -> str:
        """Give a block's hash in display order; raise ValueError if the run has no such header."""
        if self.start <= height < self.end:
            return self.raw_at(height + 1)[_PREVIOUS][::-1].hex()
        return header_hash(self.raw_at(height))

    def median_time_at(self, height: int) -> int:
        """Give a block's median time past in Unix seconds: of itself and the ten before it.

        The first blocks of a chain have fewer before them.

        Raises:
            ValueError: the run has not all of them.
        """
        first = max(0, height - MEDIAN_SPAN + 1)
        times = sorted(self.header_at(at).time for at in range(first, height + 1))
        return times[len(times) // 2]


def read_header(raw: bytes) -> Header:
    """Decode a header; raise ValueError if it is not 80 bytes."""
    if len(raw) != HEADER_BYTES:
        raise ValueError(f"header of {len(raw)} bytes, expected {HEADER_BYTES}")
    time, bits = (int.from_bytes(raw[part], "little") for part in (_TIME, _BITS))
    return Header(raw[_PREVIOUS][::-1].hex(), raw[_ROOT][::-1].hex(), time, bits)


def header_hash(raw: bytes) -> str:
    """Hash a header; the block's name in display order."""
    return _digest(raw)[::-1].hex()


def link_headers(parts: Iterable[tuple[int, bytes]]) -> HeaderChain:
    """Join stretches of headers, and check that each header names the one before it.

    Args:
        parts: height of the first header of a stretch and its headers, each stretch beginning where
            the one before ends.

    Raises:
        ValueError: no header, a gap, bytes that are not whole headers, too many, or a header that
            does not name the one before it.
    """
    joined = bytearray()
    start = 0
    for first, raw in parts:
        start = start if joined else first
        expected = start + len(joined) // HEADER_BYTES
        if first != expected or first < 0 or not raw or len(raw) % HEADER_BYTES:
            raise ValueError(f"{len(raw)} bytes of headers from {first}, expected from {expected}")
        joined += raw
        if len(joined) > MAX_HEADERS * HEADER_BYTES:
            raise ValueError(f"more than {MAX_HEADERS} headers")
    chain = HeaderChain(start, bytes(joined))
    _check_links(chain)
    return chain


def _check_links(chain: HeaderChain) -> None:
    if not chain.raw:
        raise ValueError("no headers")
    raw = chain.raw
    for at in range(HEADER_BYTES, len(raw), HEADER_BYTES):
        if raw[at + 4 : at + 36] != _digest(raw[at - HEADER_BYTES : at]):
            height = chain.start + at // HEADER_BYTES
            raise ValueError(f"header {height} does not name the one before it")


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()
