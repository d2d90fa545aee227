"""A customer's proof out of the private folder, without holding a tree in memory.

His record is found by halving the customers, a leaf by halving the order of its tree; the block it
stands in is hashed again, and what lies above is read. Every proof is checked, as its customer
would, before it is given.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from heapq import nsmallest
from typing import TYPE_CHECKING

from attest.liabilities.accounts import HASH, INDEX, account_hash, read_entry, read_record
from attest.liabilities.checking import line_of
from attest.liabilities.header import rules_in
from attest.liabilities.store import (
    BLOCK,
    COMMITMENT,
    CUSTOMERS,
    ORDER,
    accounts_name,
    leaves_name,
    order_name,
    upper_name,
    view,
)
from attest.statement import canonical
from config.errors import InputError
from proofs.liabilities.commitment import Refused, read_commitment
from proofs.liabilities.encoding import RECORD, leaf, salt
from proofs.liabilities.inclusion import Claimant, Inclusion, Share, check, inclusion_document
from proofs.liabilities.keyed import begun
from proofs.liabilities.shares import draws_of, split
from proofs.liabilities.tree import levels_over, path_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from attest.liabilities.accounts import Found
    from proofs.liabilities.commitment import Commitment, Tree
    from proofs.liabilities.leaves import Holder
    from proofs.liabilities.shares import Splitting

NEAR_BLOCKS = 64
"""Blocks whose nodes are kept at hand: a hundred megabytes at most."""
OPEN_FILES = 256
"""Files of accounts that are kept open."""


def open_prover(folder: Path) -> Prover:
    """Open a private folder.

    Raises:
        InputError: it is none, or it is damaged.
    """
    path = folder / COMMITMENT
    try:
        commitment = read_commitment(bytes(view(path)), COMMITMENT)
    except Refused as refused:
        raise _damaged(folder, refused.reason) from refused
    rules = tuple(rule.splitting for rule in rules_in(commitment.header))
    return Prover(folder, commitment, rules)


def proof_bytes(inclusion: Inclusion) -> bytes:
    """Write proof.json."""
    return canonical(inclusion_document(inclusion))


class Prover:
    """A private folder, opened to give proofs."""

    def __init__(self, folder: Path, commitment: Commitment, rules: tuple[Splitting, ...]) -> None:
        """Open a folder.

        Args:
            folder: what `commit` wrote.
            commitment: its commitment.
            rules: how balances are split, one an asset.
        """
        self._folder, self._commitment, self._rules = folder, commitment, rules
        self._customers = view(folder / CUSTOMERS)
        if len(self._customers) % INDEX:
            raise InputError(f"file is cut: {folder / CUSTOMERS}")
        self._trees = tuple(_StoredTree(folder, tree) for tree in commitment.trees)
        self._accounts = lru_cache(OPEN_FILES)(lambda part: view(folder / accounts_name(part)))

    @property
    def trees(self) -> tuple[Tree, ...]:
        """The commitment's trees."""
        return self._commitment.trees

    def __len__(self) -> int:
        """Count the customers."""
        return len(self._customers) // INDEX

    def hash_at(self, place: int) -> bytes | None:
        """Give what the customer at a place is found by; None after the last."""
        return bytes(self._customers[place * INDEX :][:HASH]) or None

    def owed_at(self, place: int) -> dict[str, int]:
        """Give what the customer at a place is owed, in base units by instrument."""
        trees = self._commitment.trees
        return {trees[asset].instrument: owed for asset, owed in self.found(place)[0].holdings}

    def found(self, place: int) -> tuple[Holder, Found]:
        """Give the customer whose record stands at a place."""
        record = bytes(self._customers[place * INDEX : (place + 1) * INDEX])
        found = read_record(record)
        holder = read_entry(self._accounts(found.part), found.place)
        if account_hash(holder.account) != record[:HASH]:
            raise InputError(f"the customers and their accounts differ: {self._folder}")
        return holder, found

    def find(self, account: str) -> tuple[Holder, Found]:
        """Find a customer; raise InputError if there is none of this account."""
        wanted = account_hash(account)
        place = _first(self._customers, INDEX, wanted)
        if place == len(self) or bytes(self._customers[place * INDEX :][:HASH]) != wanted:
            raise InputError("no customer of this account in the commitment", "check its spelling")
        return self.found(place)

    def lines(self, places: Iterable[int]) -> Iterator[bytes]:
        """Give, of customers who are owed something, what each checks his proof with, and it."""
        for holder, found in map(self.found, places):
            if holder.holdings:
                yield line_of(holder, found, self.prove(holder, found))

    def drawn(self, seed: str, count: int) -> tuple[int, ...]:
        """Draw customers who are owed something, by where SHA-256 of seed and record puts them.

        Whoever rebuilds the folder draws the same ones, so that nobody chooses whose proofs are
        looked at; the seed is to be fixed after the commitment was published.
        """
        owed = (place for place in range(len(self)) if self.found(place)[0].holdings)
        head = f"{seed}\n".encode()
        ranked = ((sha256(head + (self.hash_at(place) or b"")).digest(), place) for place in owed)
        return tuple(sorted(place for _, place in nsmallest(count, ranked)))

    def prove(self, holder: Holder, found: Found) -> Inclusion:
        """Make a customer's proof, and check it.

        Raises:
            InputError: nothing is owed to him; or the folder is damaged.
        """
        if not holder.holdings:
            what = "nothing is owed to this customer, so there is nothing to prove"
            raise InputError(what, "the commitment has no leaf of his")
        draws = draws_of(begun(found.key), self._commitment.snapshot)
        shares = tuple(
            self._share(found, asset, number, amount)
            for asset, owed in holder.holdings
            for number, amount in enumerate(split(owed, draws, asset, self._rules[asset]))
        )
        inclusion = Inclusion(self._commitment, shares)
        claimant = Claimant(found.customer, found.key, self._commitment.digest)
        try:
            check(inclusion, claimant)
        except Refused as refused:
            raise _damaged(self._folder, refused.reason) from refused
        return inclusion

    def _share(self, found: Found, asset: int, number: int, amount: int) -> Share:
        snapshot = self._commitment.snapshot
        hidden = salt(found.key, snapshot, asset, number)
        numbers = asset.to_bytes(2, "big") + number.to_bytes(2, "big")
        record = leaf(snapshot, found.customer, hidden, numbers + amount.to_bytes(16, "big"))
        tree = self._trees[asset]
        position = tree.position(hidden, record)
        if position is None:
            raise _damaged(self._folder, f"a leaf of asset {asset} is missing")
        return Share(asset, number, amount, position, tree.path(position))


class _StoredTree:
    """One tree on disk."""

    def __init__(self, folder: Path, tree: Tree) -> None:
        self._leaves = view(folder / leaves_name(tree.index))
        self._order = view(folder / order_name(tree.index))
        self._upper = view(folder / upper_name(tree.index))
        self._low = min(tree.height, BLOCK)
        self._height = tree.height
        sizes = (RECORD << tree.height, ORDER << tree.height)
        if (len(self._leaves), len(self._order)) != sizes:
            raise _damaged(folder, f"the leaves of asset {tree.index} are cut")
        self._block = lru_cache(NEAR_BLOCKS)(self._levels)

    def position(self, hidden: bytes, record: bytes) -> int | None:
        """Find the leaf that has some salt; None if there is none."""
        wanted = hidden[:ORDER]
        place = _first(self._order, ORDER, wanted)
        while bytes(self._order[place * ORDER : (place + 1) * ORDER]) == wanted:
            if self._leaves[place * RECORD : (place + 1) * RECORD] == record:
                return place
            place += 1
        return None

    def path(self, position: int) -> tuple[bytes, ...]:
        """Give the records beside the path from a leaf to the top."""
        block, inside = divmod(position, 1 << self._low)
        return path_in(self._block(block), inside) + self._above(block)

    def _levels(self, block: int) -> tuple[bytes, ...]:
        size = RECORD << self._low
        leaves = bytes(self._leaves[block * size : (block + 1) * size])
        return levels_over(leaves, 0, block << self._low, self._low)

    def _above(self, block: int) -> tuple[bytes, ...]:
        found, start = [], 0
        for level in range(self._low, self._height):
            place = start + (block ^ 1) * RECORD
            found.append(bytes(self._upper[place : place + RECORD]))
            start += RECORD << self._height - level
            block >>= 1
        return tuple(found)


def _first(records: memoryview, size: int, wanted: bytes) -> int:
    """Find the first record that does not begin with less, by halving."""
    low, high = 0, len(records) // size
    while low < high:
        middle = (low + high) // 2
        if bytes(records[middle * size : middle * size + len(wanted)]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def _damaged(folder: Path, what: str) -> InputError:
    hint = "build it again from the ledger and the secret; the same commitment comes of them"
    return InputError(f"the private folder is damaged: {folder}: {what} ({COMMITMENT})", hint)
