"""A ledger read whole: totals, parts, and what is refused of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.ledger.arrow import read_part
from config.ledger.reader import read_ledger
from tests.config.known import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path


def test_a_small_ledger(tmp_path: Path) -> None:
    ledger, customers = tmp_path / "ledger.csv", tmp_path / "customers.csv"
    ledger.write_text(
        "customer,instrument,amount,kind\n1,btc,0.5,\n1,btc,0.25,collateral\n2,eth,3,debt\n"
    )
    customers.write_text("customer,identifier\n1,a@example.com\n2,b@example.com\n")
    (tmp_path / "scratch").mkdir()

    found = read_ledger(ledger, customers, REGISTRY, tmp_path / "scratch", lambda *_: None)

    assert 2 == found.customers
    assert [("btc", 75_000_000, 1, 0, 1), ("eth", 0, 0, 1, 0)] == [
        (one.instrument, one.owed, one.holders, one.debtors, one.margined) for one in found.assets
    ]
    assert [("1", "a@example.com", ((0, 75_000_000),)), ("2", "b@example.com", ())] == [
        row for part in found.parts for row in read_part(part)
    ]
