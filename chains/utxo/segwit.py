"""Many segwit addresses of one form, read at once.

    text    = prefix "1" version program checksum              as in `chains.utxo.bech32`
    number  = 0 … 0 | version 5 | program | padding | checksum 30     bits of one address, in bytes

A plan has up to hundreds of thousands of them, and a step of Python for each letter would take
longer than a node's scan. The texts are therefore joined into one number, and everything is checked
by operations on that: what must be fixed, by a mask; the checksum, which is linear, by one table
for each byte of an address. Nothing is looser than in reading them one by one. Where anything is
amiss there is no answer at all: reading one by one says what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.utxo.bech32 import BECH32, BECH32M, PLAIN, byte_sums, residue_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHECKSUM_BITS = 30
_CHECKSUM_DIGITS = 6


def digits_of(size: int) -> int:
    """Give how many letters stand after the prefix, for a program of so many bytes."""
    return 1 - (-size * 8 // 5) + _CHECKSUM_DIGITS


def read_programs(
    prefix: str, version: int, size: int, texts: Sequence[str]
) -> tuple[str, ...] | None:
    """Read addresses of one version whose programs have one size.

    Args:
        prefix: the human-readable part that the chain uses, lower case.
        version: 0, or one whose checksum is bech32m.
        size: bytes of a program.
        texts: the addresses, at least one.

    Returns:
        Their programs in lower-case hex; None unless every one is such an address in lower case.
    """
    count, digits = len(texts), digits_of(size)
    slot = -(-digits // 8) * 5
    number = _joined(f"{prefix}1", digits, slot, texts)
    if number is None:
        return None
    padding = 5 * (digits - 1 - _CHECKSUM_DIGITS) - 8 * size
    low = _CHECKSUM_BITS + padding
    free = ((1 << 8 * size) - 1) << low | (1 << _CHECKSUM_BITS) - 1
    fixed = ((1 << 8 * slot) - 1) ^ free
    expected = version << 5 * (digits - 1)
    if number & _repeated(fixed, slot, count) != _repeated(expected, slot, count):
        return None
    constant = BECH32 if version == 0 else BECH32M
    if not _intact(
        number.to_bytes(slot * count, "big"), slot, residue_of(prefix, digits) ^ constant
    ):
        return None
    shown = (number >> low).to_bytes(slot * count, "big").hex()
    return tuple([shown[end - 2 * size : end] for end in range(2 * slot, len(shown) + 1, 2 * slot)])


def _joined(head: str, digits: int, slot: int, texts: Sequence[str]) -> int | None:
    """Give the digits of all texts as one number, each in a slot of bytes of its own."""
    size, count = len(head) + digits, len(texts)
    joined = "".join(texts)
    if not joined.isascii() or {len(text) for text in texts} != {size}:
        return None
    if any(joined[at::size] != letter * count for at, letter in enumerate(head)):
        return None
    # The letter q is zero.
    blank, begin = "q" * (slot * 8 // 5 - digits), len(head)
    plain = "".join([blank + text[begin:] for text in texts]).translate(PLAIN)
    try:
        return int(plain, 32)
    except ValueError:
        return None


def _intact(data: bytes, slot: int, expected: int) -> bool:
    """Tell whether the digits of every slot add the same to the remainder of its prefix."""
    count = len(data) // slot
    columns = [data[slot - 1 - place :: slot] for place in range(slot)]
    for shift in range(0, _CHECKSUM_BITS, 8):
        total = 0
        for column, sums in zip(columns, byte_sums(), strict=False):
            table = bytes([value >> shift & 0xFF for value in sums])
            total ^= int.from_bytes(column.translate(table), "big")
        if total != _repeated(expected >> shift & 0xFF, 1, count):
            return False
    return True


def _repeated(number: int, size: int, count: int) -> int:
    """Give a number of so many bytes, as often as asked, side by side."""
    return int.from_bytes(number.to_bytes(size, "big") * count, "big")
