"""Small ledgers on disk, and the same commitment made the slow way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.liabilities.build import Builder, local_crew
from attest.liabilities.committing import Sheets, Wish, commit_ledger, header_for
from attest.liabilities.header import Edition, rules_in
from config.registry_files import load_registry
from proofs.liabilities.commitment import Tree, commit, header_hash, tree_of
from proofs.liabilities.encoding import (
    CustomerId,
    customer_id,
    customer_key,
    leaf,
    node,
    pad_id,
    salt,
)
from proofs.liabilities.keyed import begun
from proofs.liabilities.shares import draws_of, split

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.ledger.totals import Ledger
    from proofs.liabilities.commitment import Commitment

MASTER = bytes(range(32))
REGISTRY = load_registry()
PINS: dict[str, object] = {
    "asOf": "2026-11-30T15:00:00Z",
    "entity": "Example Exchange",
    "network": "main",
    "pins": [{"chain": "eip155:1", "height": "19", "blockHash": "0x" + "11" * 32}],
}
Holdings = dict[str, dict[str, int]]
"""What customers are owed: account, instrument, base units."""


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Written:
    """A ledger on disk."""

    sheets: Sheets
    identifiers: dict[str, str]


def write(folder: Path, holdings: Holdings) -> Written:
    """Write a ledger of amounts in base units, and its customers."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["customer,instrument,amount"]
    for account, held in holdings.items():
        for name, units in held.items():
            digits = str(units).rjust(REGISTRY.instrument(name).decimals + 1, "0")
            places = len(digits) - REGISTRY.instrument(name).decimals
            rows.append(f"{account},{name},{digits[:places]}.{digits[places:]}".rstrip("."))
    identifiers = {account: f"{account.lower()}@example.com" for account in holdings}
    people = ["customer,identifier", *(f"{one},{mail}" for one, mail in identifiers.items())]
    (folder / "ledger.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "customers.csv").write_text("\n".join(people) + "\n", encoding="utf-8")
    sheets = Sheets(folder / "ledger.csv", folder / "customers.csv", REGISTRY)
    return Written(sheets, identifiers)


def committed(
    written: Written,
    place: Path,
    wish: Wish | None = None,
    processes: int = 1,
    edition: Edition | None = None,
) -> Commitment:
    """Commit to a ledger."""

    def header(ledger: Ledger) -> dict[str, object]:
        return header_for(ledger, PINS, edition or Edition(), wish or Wish())

    builder = Builder(local_crew(processes), quiet, apart=processes > 1)
    return commit_ledger(written.sheets, MASTER, header, place, builder)


def slowly(
    header: dict[str, object], holdings: Holdings, identifiers: Mapping[str, str]
) -> Commitment:
    """Make the commitment under a header straight from the words of the encoding."""
    snapshot = header_hash(header)
    names = sorted({name for held in holdings.values() for name in held})
    trees = []
    for asset, name in enumerate(names):
        rule = rules_in(header)[asset]
        leaves: list[tuple[bytes, bytes]] = []

        def put(
            who: CustomerId, number: int, amount: int, to: list[tuple[bytes, bytes]], a: int
        ) -> None:
            key = customer_key(MASTER, who)
            hidden = salt(key, snapshot, a, number)
            place = a.to_bytes(2, "big") + number.to_bytes(2, "big")
            to.append((hidden, leaf(snapshot, who, hidden, place + amount.to_bytes(16, "big"))))

        for account, held in holdings.items():
            if held.get(name):
                who = customer_id(account, identifiers[account])
                draws = draws_of(begun(customer_key(MASTER, who)), snapshot)
                for number, share in enumerate(split(held[name], draws, asset, rule.splitting)):
                    put(who, number, share, leaves, asset)
        height = rule.least_height
        while 1 << height < len(leaves):
            height += 1
        for counter in range((1 << height) - len(leaves)):
            put(pad_id(MASTER, snapshot, counter), 0, 0, leaves, asset)
        level = [record for _, record in sorted(leaves)]
        for up in range(1, height + 1):
            level = [
                node(up, place, level[2 * place] + level[2 * place + 1])
                for place in range(len(level) // 2)
            ]
        total = sum(held.get(name, 0) for held in holdings.values())
        decimals = REGISTRY.instrument(name).decimals
        empty = Tree(asset, name, decimals, height, level[0][:32], total, b"")
        trees.append(tree_of(snapshot, empty))
    return commit(header, tuple(trees))
