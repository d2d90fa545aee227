"""Customers' shares, and the pads between them, as leaves to be put in order: the hot loop.

    entry = salt (32) || leaf (32) || amount (16)        80 bytes

Leaves of an asset stand in the order of their salts, which nobody can foresee and which is another
one for each snapshot. `tests/proofs/liabilities` hold the loop to the words of `encoding`, which
says the same more slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from proofs.liabilities.encoding import PAD, RECORD, SALT, SIZE, USER, customer_id, leaf_head
from proofs.liabilities.keyed import begun, ended
from proofs.liabilities.shares import draws_of, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.liabilities.encoding import SnapshotHash
    from proofs.liabilities.shares import Splitting

ENTRY = SIZE + RECORD
"""Bytes of a leaf that is to be put in order."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """What every leaf of a set is made with."""

    master: bytes
    """The secret of 32 bytes."""
    snapshot: SnapshotHash
    rules: tuple[Splitting, ...]
    """How balances are split, one an asset."""


class Holder(NamedTuple):
    """A customer, with what he is owed."""

    account: str
    identifier: str
    holdings: tuple[tuple[int, int], ...]
    """Index of an asset, and base units of it, 1 or more; each asset once."""


Row: TypeAlias = "tuple[str, str, tuple[tuple[int, int], ...]]"
"""A holder without a name: there are millions, and a plain tuple is made in a third of the time."""
Tables: TypeAlias = "list[list[bytes]]"
"""Entries, by asset."""


def leaves_of(kernel: Kernel, holders: Iterable[Row]) -> tuple[Tables, list[bytes]]:
    """Give the shares of some customers.

    Args:
        kernel: what they are made with.
        holders: the customers.

    Returns:
        The entries by asset, and of each customer his id and key, 64 bytes.

    Raises:
        InputError: a text that has no id, or a balance of too many shares.
        OverflowError: a balance below zero, or of 2^128 base units or more.
    """
    tables: Tables = [[] for _ in kernel.rules]
    words = [_words(kernel, asset, 0, rule.count) for asset, rule in enumerate(kernel.rules)]
    named, names = list(zip(tables, words, kernel.rules, strict=True)), []
    users, head = begun(kernel.master, USER), leaf_head(kernel.snapshot)
    for account, identifier, holdings in holders:
        customer = customer_id(account, identifier)
        key = ended(users, customer)
        names.append(customer + key)
        keyed, hashed = begun(key), head + customer
        draws = draws_of(keyed, kernel.snapshot)
        for asset, amount in holdings:
            table, known, rule = named[asset]
            shares = split(amount, draws, asset, rule)
            if len(shares) > len(known):
                known += _words(kernel, asset, len(known), len(shares))
            for share, (salted, place) in zip(shares, known, strict=False):
                hidden, value = ended(keyed, salted), share.to_bytes(16, "big")
                table.append(hidden + sha256(hashed + hidden + place + value).digest() + value)
    return tables, names


def pads_of(kernel: Kernel, first: int, end: int, needs: Iterable[int]) -> Tables:
    """Give the pads of some numbers, as many as each asset needs.

    Args:
        kernel: what they are made with.
        first: the first number.
        end: after the last.
        needs: by asset: it has the pads of all numbers below this.
    """
    tables: Tables = []
    wanted = []
    for asset, need in enumerate(needs):
        ((salted, place),) = _words(kernel, asset, 0, 1)
        tables.append([])
        wanted.append((need, tables[-1], salted, place + _NOUGHT))
    users, head = begun(kernel.master, USER), leaf_head(kernel.snapshot)
    pads = begun(kernel.master, PAD + kernel.snapshot)
    for number in range(first, end):
        name = ended(pads, number.to_bytes(8, "big"))
        keyed, hashed = begun(ended(users, name)), head + name
        for need, table, salted, rest in wanted:
            if number < need:
                hidden = ended(keyed, salted)
                table.append(hidden + sha256(hashed + hidden + rest).digest() + _NOUGHT)
    return tables


def _words(kernel: Kernel, asset: int, first: int, end: int) -> list[tuple[bytes, bytes]]:
    """Give the message of each split's salt, and its place: u16 asset, u16 split."""
    places = [(asset << 16 | number).to_bytes(4, "big") for number in range(first, end)]
    return [(SALT + kernel.snapshot + place, place) for place in places]


_NOUGHT = bytes(16)
