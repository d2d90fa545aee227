"""Cashaddr, the address format of Bitcoin Cash (cashaddr specification 1.1).

    text    = [prefix ":"] digits checksum     upper or lower case, never both
    digits  = a type byte, then the hash, in groups of five bits, padded with zero bits
    type    = 0, then four bits of kind, then three bits that state the hash's size

The prefix may be left out, because the checksum covers it either way. A hash whose length is not
the one the type byte states is refused. Which kinds mean something is decided in `address`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.utxo import bech32
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZES = (20, 24, 28, 32, 40, 48, 56, 64)
"""Bytes of hash that the three size bits stand for."""

MAX_LENGTH = 130
"""A prefix, a colon and 64 bytes of hash are shorter; more is refused before any work."""

_TAPS = bech32.taps(0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_CHECKSUM_LENGTH = 8


def decode(prefix: str, text: str) -> tuple[int, bytes]:
    """Read a cashaddr.

    Args:
        prefix: the chain's prefix, lower case; accepted in the text but not needed.
        text: the address.

    Returns:
        The kind 0 to 15 (0 public key hash, 1 script hash) and the hash.

    Raises:
        InputError: not a cashaddr of this prefix.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"cashaddr of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    found, colon, payload = bech32.lower(text).rpartition(":")
    if colon and found != prefix:
        raise InputError(f"address prefix is {found!r}, the chain uses {prefix!r}")
    digits = bech32.read_digits(payload)
    if len(digits) < _CHECKSUM_LENGTH or _polymod(_expand(prefix) + digits) != 0:
        raise InputError("cashaddr checksum does not match")
    data = bech32.bytes_of(digits[:-_CHECKSUM_LENGTH])
    # The type byte's highest bit is reserved and must be zero.
    if not data or data[0] & 0x80 or len(data) - 1 != SIZES[data[0] & 7]:
        raise InputError(f"cashaddr payload of {len(data)} bytes does not fit its type byte")
    return data[0] >> 3, data[1:]


def encode(prefix: str, kind: int, digest: bytes) -> str:
    """Write a cashaddr without its prefix, lower case; the hash has one of SIZES."""
    digits = bech32.digits_of(bytes((kind << 3 | SIZES.index(len(digest)),)) + digest)
    residue = _polymod(_expand(prefix) + digits + (0,) * _CHECKSUM_LENGTH)
    checksum = (residue >> 5 * index & 31 for index in reversed(range(_CHECKSUM_LENGTH)))
    return bech32.write_digits((*digits, *checksum))


def _expand(prefix: str) -> tuple[int, ...]:
    """Give the numbers that stand for the prefix and its colon in the checksum."""
    return (*(letter & 31 for letter in prefix.encode("ascii")), 0)


def _polymod(digits: Iterable[int]) -> int:
    """Give the remainder by the specification's generator polynomial; zero if a text is intact."""
    return bech32.remainder(digits, _TAPS, _CHECKSUM_LENGTH) ^ 1
