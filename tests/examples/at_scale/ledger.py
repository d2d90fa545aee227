"""What customers are owed, so that the books close to the unit, and the reconciling items.

    owed = counted on chain + stated over signatures - borrowed - withdrawals - deposits + transfers

Counted is what the nodes themselves say of customers' addresses, and customers' parts of mixed
ones. Fees are paid by accounts of the house: they are confirmed and count nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.amount import format_decimal
from tests.examples import make
from tests.examples.at_scale import coins
from tests.examples.at_scale.papers import ALLOCATED, BORROWED, STATEMENTS
from tests.examples.at_scale.wallets import (
    ETHER,
    POINT,
    TOKEN,
    UTXO,
    by_label,
    deposit_address,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.examples.at_scale.coins import Withdrawal
    from tests.examples.at_scale.wallets import Wallet
    from tests.nodes.anvil import Anvil

UNITS: Mapping[str, int] = {"eth": 18, "usdt": 6, "usdc": 6, "ltc": 8, "gp": 18}
"""Decimals of the assets on their chains."""
INSTRUMENTS: Mapping[str, str] = {
    "eth": "eth",
    "usdt": "usdt",
    "usdc": "usdc",
    "ltc": "ltc",
    "gp": "gamepoint",
}
PARTS: Mapping[str, Mapping[str, str]] = {
    # What is owed besides balances, by the ledger.
    "eth": {"pending": "12", "collateral": "20"},
    "usdt": {"pending": "8000", "debt": "15000"},
    "usdc": {"collateral": "10000"},
    "ltc": {"pending": "5"},
    "gp": {"pending": "300"},
}
OUT_OF_SCOPE = ("xrp", "250000")
EFFECTS: Mapping[str, int] = {"withdrawal": -1, "deposit": -1, "transfer": 1, "fee": 0}


@dataclass(frozen=True, slots=True)
class Item:
    """A row of reconciling.csv, and whether it is true."""

    kind: str
    asset: str
    units: int
    txid: str
    account: str
    note: str
    true: bool = True

    @property
    def row(self) -> tuple[str, ...]:
        """The row's cells."""
        amount = format_decimal(self.units, UNITS[self.asset])
        return (self.kind, INSTRUMENTS[self.asset], amount, self.txid, self.account, self.note)


def items(
    moved: Mapping[str, str],
    received: Sequence[str],
    waiting: Sequence[Withdrawal],
    node: Anvil,
) -> tuple[Item, ...]:
    """Give the reconciling items: seventeen are true, three are not."""
    return (
        *_withdrawals(moved, waiting),
        *_deposits(moved, received),
        *_transfers(moved),
        *(
            Item(
                "fee",
                "eth",
                _fee(node, moved[f"fee {at}"]),
                moved[f"fee {at}"],
                by_label(f"house {at}").account,
                "paid to the network by the house",
            )
            for at in (1, 2)
        ),
    )


def _withdrawals(moved: Mapping[str, str], waiting: Sequence[Withdrawal]) -> tuple[Item, ...]:
    hot, other = by_label("hot 1").account, by_label("hot 2").account
    note = "debited at the time, mined after it"
    rows = (
        ("withdrawal 1", "eth", 3 * ETHER, hot),
        ("withdrawal 2", "eth", 15 * ETHER // 10, other),
        ("withdrawal 3", "usdt", 2_500 * TOKEN, hot),
        ("withdrawal 4", "usdc", 1_000 * TOKEN, other),
        ("withdrawal 5", "gp", 1_200 * POINT, hot),
    )
    false = Item(
        "withdrawal", "eth", ETHER // 2, moved["withdrawal false"], other, note, true=False
    )
    return (
        *(Item("withdrawal", one[1], one[2], moved[one[0]], one[3], note) for one in rows),
        *(
            Item("withdrawal", "ltc", one.units, one.txid, by_label(one.label).account, note)
            for one in waiting
        ),
        false,
    )


def _deposits(moved: Mapping[str, str], received: Sequence[str]) -> tuple[Item, ...]:
    note = "mined before the time, credited after it"
    rows = (
        ("deposit 1", "eth", 125 * ETHER // 100, 17),
        ("deposit 2", "usdt", 800 * TOKEN, 18),
        ("deposit 3", "eth", 4 * ETHER // 10, 19),
    )
    held = by_label("coin deposits").held
    account = f"anvil:{deposit_address(20)}"
    off = 75 * ETHER // 100 + 1
    return (
        *(
            Item("deposit", asset, units, moved[name], f"anvil:{deposit_address(index)}", note)
            for name, asset, units, index in rows
        ),
        *(
            Item("deposit", "ltc", units, txid, f"{UTXO.name}:{held[index][0]}", note)
            for (index, units), txid in zip(coins.DEPOSITS, received, strict=True)
        ),
        Item("deposit", "eth", off, moved["deposit false"], account, note, true=False),
    )


def _transfers(moved: Mapping[str, str]) -> tuple[Item, ...]:
    cold, second = by_label("cold 1").account, by_label("cold 2").account
    note = "on its way between two wallets at the time"
    rows = (
        ("1", "eth", 2 * ETHER, cold, True),
        ("2", "usdt", 5_000 * TOKEN, cold, True),
        ("false", "eth", ETHER, second, False),
    )
    return tuple(
        Item(
            "transfer", asset, units, f"{moved[f'out {at}']} {moved[f'back {at}']}", to, note, true
        )
        for at, asset, units, to, true in rows
    )


def _fee(node: Anvil, txid: str) -> int:
    receipt = node.ask("eth_getTransactionReceipt", txid)
    return int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)


def owed(
    everything: Sequence[Wallet], held: Mapping[tuple[str, str], int], listed: Sequence[Item]
) -> dict[str, int]:
    """Give what customers are owed of each asset, in its base units."""
    return {
        symbol: _counted(symbol, everything, held)
        + sum(one.units for one in STATEMENTS if one.signed and one.symbol == symbol)
        - BORROWED.get(symbol, 0)
        + sum(EFFECTS[one.kind] * one.units for one in listed if one.true and one.asset == symbol)
        for symbol in UNITS
    }


def _counted(symbol: str, everything: Sequence[Wallet], held: Mapping[tuple[str, str], int]) -> int:
    """Sum what customers' addresses hold, and customers' parts of mixed ones."""
    whole = (
        held.get((address, symbol), 0)
        for one in everything
        if one.owner == "customer"
        for address, _ in one.held
    )
    parts = (
        units
        for label, asset, owner, _, units in ALLOCATED
        if (asset, owner) == (symbol, "customer") and by_label(label).owner == "mixed"
    )
    return sum(whole) + sum(parts)


def write(
    folder: Path,
    everything: Sequence[Wallet],
    held: Mapping[tuple[str, str], int],
    listed: Sequence[Item],
    as_of: str,
) -> None:
    """Write liabilities.csv and reconciling.csv."""
    rows = []
    for symbol, units in owed(everything, held, listed).items():
        name, decimals = INSTRUMENTS[symbol], UNITS[symbol]
        parts = PARTS[symbol]
        apart = sum(int(text) for kind, text in parts.items() if kind != "debt")
        balance = format_decimal(units - apart * 10**decimals, decimals)
        rows.append((name, balance, as_of, "balance"))
        rows += [(name, text, as_of, kind) for kind, text in parts.items()]
    rows.append((*OUT_OF_SCOPE, as_of, "balance"))
    columns = ("instrument", "amount", "as_of", "kind")
    (folder / "books/liabilities.csv").write_text(make.table(columns, rows))
    table = make.table(
        ("kind", "instrument", "amount", "txid", "account", "note"), [one.row for one in listed]
    )
    (folder / "books/reconciling.csv").write_text(table)
