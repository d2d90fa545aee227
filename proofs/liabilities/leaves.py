"""A customer's shares, and the pads between them, as leaves to be put in order.

    entry = salt (32) || leaf (32) || amount (16)        80 bytes

Leaves of an asset stand in the order of their salts, which nobody can foresee and which is another
one for each snapshot.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from proofs.liabilities.encoding import (
    SIZE,
    customer_id,
    customer_key,
    pad_id,
    tagged,
)
from proofs.liabilities.shares import split, split_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from proofs.liabilities.encoding import CustomerId, CustomerKey, SnapshotHash
    from proofs.liabilities.shares import Splitting

ENTRY = 80
"""Bytes of a leaf that is to be put in order."""
_LEAF = tagged("polv1/leaf")


@dataclass(frozen=True, slots=True)
class Kernel:
    """What every leaf of a set is made with."""

    master: bytes
    """The secret of 32 bytes."""
    snapshot: SnapshotHash
    rules: Sequence[Splitting]
    """How balances are split, one an asset."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer, with what he is owed."""

    account: str
    identifier: str
    holdings: tuple[tuple[int, int], ...]
    """Index of an asset, and base units of it, 1 or more; each asset once."""


def shares_of(kernel: Kernel, holder: Holder, entries: Mapping[int, list[bytes]]) -> CustomerKey:
    """Add a customer's shares to the entries of their assets, and give his key.

    Raises:
        InputError: a text that has no id, or a balance of too many shares.
    """
    customer = customer_id(holder.account, holder.identifier)
    key = customer_key(kernel.master, customer)
    cuts = split_key(key, kernel.snapshot)
    for asset, amount in holder.holdings:
        shares = split(amount, cuts, asset, kernel.rules[asset])
        entries[asset].extend(_entries(kernel.snapshot, customer, key, asset, shares))
    return key


def pads_of(
    kernel: Kernel, counter: int, assets: Iterable[int], entries: Mapping[int, list[bytes]]
) -> None:
    """Add the pad of a number to the entries of every asset that needs so many."""
    name = pad_id(kernel.master, kernel.snapshot, counter)
    key = customer_key(kernel.master, name)
    for asset in assets:
        entries[asset].extend(_entries(kernel.snapshot, name, key, asset, (0,)))


def _entries(
    snapshot: SnapshotHash,
    customer: CustomerId,
    key: CustomerKey,
    asset: int,
    shares: tuple[int, ...],
) -> list[bytes]:
    """Give salt, leaf and amount of each share of a balance."""
    salted, hashed = b"polv1/salt" + snapshot, _LEAF + snapshot + customer
    tree = asset.to_bytes(2, "big")
    found = []
    for number, share in enumerate(shares):
        place, amount = tree + number.to_bytes(2, "big"), share.to_bytes(16, "big")
        hidden = hmac.digest(key, salted + place, "sha256")
        found.append(hidden + sha256(hashed + hidden + place + amount).digest() + amount)
    return found


def record_of(entry: bytes) -> bytes:
    """Give the record that stands in the tree."""
    return entry[SIZE:]
