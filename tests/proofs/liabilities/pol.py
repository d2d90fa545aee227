"""Small trees, made the slow way, straight from the words of the encoding."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from proofs.liabilities.commitment import Commitment, Tree, commit, header_hash, tree_of
from proofs.liabilities.encoding import customer_id, customer_key, leaf, node, salt
from proofs.liabilities.inclusion import Claimant, Inclusion, Share

VECTOR = json.loads(
    (Path(__file__).parents[2] / "vectors/polv1/two-customers.json").read_text(encoding="utf-8")
)
MASTER = bytes.fromhex(VECTOR["master"])


@dataclass(frozen=True)
class Slot:
    """One leaf to be: who, which asset and share, and how much."""

    account: str
    identifier: str
    amount: int
    asset: int = 0
    split: int = 0


ALICE = Slot("1001", "alice@example.com", 70)
BOB = Slot("1002", "bob@example.com", 50)


def record(slot: Slot, header: dict[str, object]) -> bytes:
    customer = customer_id(slot.account, slot.identifier)
    snapshot, key = header_hash(header), customer_key(MASTER, customer)
    hidden = salt(key, snapshot, slot.asset, slot.split)
    numbers = slot.asset.to_bytes(2, "big") + slot.split.to_bytes(2, "big")
    return leaf(snapshot, customer, hidden, numbers + slot.amount.to_bytes(16, "big"))


def levels(slots: tuple[Slot, ...], header: dict[str, object]) -> list[list[bytes]]:
    found = [[record(slot, header) for slot in slots]]
    while len(found[-1]) > 1:
        below = found[-1]
        found.append(
            [
                node(len(found), place // 2, below[place] + below[place + 1])
                for place in range(0, len(below), 2)
            ]
        )
    return found


@dataclass(frozen=True)
class Grown:
    """A set whose every level is at hand."""

    commitment: Commitment
    trees: tuple[list[list[bytes]], ...]
    slots: tuple[tuple[Slot, ...], ...]

    def share(self, asset: int, position: int) -> Share:
        slot, tree = self.slots[asset][position], self.trees[asset]
        siblings = tuple(
            level[(position >> step) ^ 1] for step, level in enumerate(tree) if len(level) > 1
        )
        return Share(asset, slot.split, slot.amount, position, siblings)

    def proof(self, slot: Slot) -> Inclusion:
        shares = [
            self.share(asset, position)
            for asset, slots in enumerate(self.slots)
            for position, one in enumerate(slots)
            if (one.account, one.identifier) == (slot.account, slot.identifier)
        ]
        return Inclusion(self.commitment, tuple(shares))

    def claimant(self, slot: Slot) -> Claimant:
        customer = customer_id(slot.account, slot.identifier)
        return Claimant(customer, customer_key(MASTER, customer), self.commitment.digest)


def grow(*slots: tuple[Slot, ...], header: dict[str, object] | None = None) -> Grown:
    head = {} if header is None else header
    trees = tuple(levels(one, head) for one in slots)
    made = tuple(
        tree_of(
            header_hash(head),
            Tree(
                asset,
                f"coin{asset}",
                8,
                len(tree) - 1,
                tree[-1][0][:32],
                sum(one.amount for one in slots[asset]),
                b"",
            ),
        )
        for asset, tree in enumerate(trees)
    )
    return Grown(commit(head, made), trees, slots)
