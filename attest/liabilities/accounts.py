"""What the private folder keeps of a customer: a record to find him by, and what it points to.

record    SHA-256 of the account (32) || id (32) || key (32) || u32 part || u64 place
entry     u16 size || account || u16 size || identifier || u16 count || count times
          (u16 asset || u128 amount)                       texts in UTF-8, numbers big-endian
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from config.errors import InputError
from proofs.liabilities.encoding import CustomerId, CustomerKey, normalized
from proofs.liabilities.leaves import Holder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs.liabilities.leaves import Row

INDEX = 108
"""Bytes of a record."""
HASH = 32


@dataclass(frozen=True, slots=True)
class Found:
    """A customer's record."""

    customer: CustomerId
    key: CustomerKey
    part: int
    place: int
    """Where his entry begins in his part's accounts."""


def account_hash(account: str) -> bytes:
    """Give what a customer's record is found by; raise InputError for text that is no account."""
    return sha256(normalized(account).encode()).digest()


def write_record(account: str, names: bytes, part: int, place: int) -> bytes:
    """Give the record of a customer; `names` are his id and key, 64 bytes."""
    where = (part << 64 | place).to_bytes(12, "big")
    return sha256(account.encode()).digest() + names + where


def read_record(record: bytes) -> Found:
    """Read a record of 108 bytes."""
    return Found(
        CustomerId(record[32:64]),
        CustomerKey(record[64:96]),
        int.from_bytes(record[96:100], "big"),
        int.from_bytes(record[100:], "big"),
    )


def write_entry(holder: Row) -> bytes:
    """Write down a customer and what he is owed."""
    account, identifier, holdings = holder
    names = account.encode(), identifier.encode()
    held = [(asset << 128 | amount).to_bytes(18, "big") for asset, amount in holdings]
    sizes = [len(one).to_bytes(2, "big") for one in (*names, held)]
    return b"".join((sizes[0], names[0], sizes[1], names[1], sizes[2], *held))


def read_entry(accounts: Sequence[int] | memoryview, place: int) -> Holder:
    """Read a customer's entry; raise InputError if the file ends in it."""
    try:
        return _entry(memoryview(accounts), place)  # type: ignore[arg-type]  # bytes or a view of them
    except (UnicodeDecodeError, IndexError) as error:
        raise InputError(f"accounts cannot be read at {place}") from error


def _entry(data: memoryview, place: int) -> Holder:
    account, place = _text(data, place)
    identifier, place = _text(data, place)
    count, place = _number(data, place, 2)
    holdings = []
    for _ in range(count):
        packed, place = _number(data, place, 18)
        holdings.append((packed >> 128, packed & (1 << 128) - 1))
    return Holder(account, identifier, tuple(holdings))


def _text(data: memoryview, place: int) -> tuple[str, int]:
    size, place = _number(data, place, 2)
    return str(_piece(data, place, size), "utf-8"), place + size


def _number(data: memoryview, place: int, size: int) -> tuple[int, int]:
    return int.from_bytes(_piece(data, place, size), "big"), place + size


def _piece(data: memoryview, place: int, size: int) -> memoryview:
    piece = data[place : place + size]
    if len(piece) != size:
        raise IndexError(place)
    return piece
