"""A customer's shares, and the pads between them, as leaves to be put in order: the hot loop.

    entry = salt (32) || leaf (32) || amount (16)        80 bytes

Leaves of an asset stand in the order of their salts, which nobody can foresee and which is another
one for each snapshot. `tests/proofs/liabilities` hold the loop to the words of `encoding`, which
says the same more slowly.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from hmac import digest as hmac
from typing import TYPE_CHECKING, NamedTuple

from proofs.liabilities.encoding import (
    customer_id,
    customer_key,
    pad_id,
    tagged,
)
from proofs.liabilities.shares import split, split_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proofs.liabilities.encoding import CustomerId, CustomerKey, SnapshotHash
    from proofs.liabilities.shares import Splitting

ENTRY = 80
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
    """A customer, with what he is owed. There are millions: a tuple is made in half the time."""

    account: str
    identifier: str
    holdings: tuple[tuple[int, int], ...]
    """Index of an asset, and base units of it, 1 or more; each asset once."""


def shares_of(
    kernel: Kernel, holder: Holder, entries: Sequence[list[bytes]]
) -> tuple[CustomerId, CustomerKey]:
    """Add a customer's shares to the entries of their assets, and give his id and key.

    Raises:
        InputError: a text that has no id, or a balance of too many shares.
    """
    customer = customer_id(holder.account, holder.identifier)
    key = customer_key(kernel.master, customer)
    cuts, snapshot = split_key(key, kernel.snapshot), kernel.snapshot
    salted, hashed = b"polv1/salt" + snapshot, _LEAF + snapshot + customer
    for asset, amount in holder.holdings:
        put, place = entries[asset].append, asset << 144
        for share in split(amount, cuts, asset, kernel.rules[asset]):
            # u16 asset, u16 split, u128 amount.
            numbers = (place | share).to_bytes(20, "big")
            hidden = hmac(key, salted + numbers[:4], "sha256")
            put(hidden + sha256(hashed + hidden + numbers).digest() + numbers[4:])
            place += 1 << 128
    return customer, key


def pads_of(
    kernel: Kernel, counter: int, assets: Iterable[int], entries: Sequence[list[bytes]]
) -> None:
    """Add the pad of a number to the entries of every asset that needs so many."""
    name = pad_id(kernel.master, kernel.snapshot, counter)
    key = customer_key(kernel.master, name)
    salted, hashed = b"polv1/salt" + kernel.snapshot, _LEAF + kernel.snapshot + name
    for asset in assets:
        numbers = asset.to_bytes(2, "big") + _NOUGHT
        hidden = hmac(key, salted + numbers[:4], "sha256")
        entries[asset].append(hidden + sha256(hashed + hidden + numbers).digest() + numbers[4:])


_LEAF = tagged("polv1/leaf")
_NOUGHT = bytes(18)
