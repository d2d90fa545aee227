"""The second reader: what it may touch, and what it does not take for an amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from config.errors import InputError
from config.ledger import duck
from config.ledger.columns import ledger_shape
from config.ledger.duck import second_totals
from config.ledger.sources import open_source
from tests.config.ledger.ledgers import INSTRUMENTS, write_csv

if TYPE_CHECKING:
    from pathlib import Path

LONG = ("customer", "instrument", "amount")
BTC = next(at for at, row in enumerate(INSTRUMENTS.instruments) if row.id == "btc")


def totals_of(ledger: Path) -> dict[tuple[int, int], tuple[int, int]]:
    source = open_source(ledger)
    shape = ledger_shape(source.header, source.name, INSTRUMENTS)
    return second_totals(source, shape, INSTRUMENTS, ledger.parent, threads=1)


def test_amounts_of_several_lengths_are_added_exactly(tmp_path: Path) -> None:
    rows = [
        ("1", "btc", "1"),
        ("2", "btc", "0.5"),
        ("3", "btc", "0.00000001"),
        ("4", "btc", "1.50"),
    ]

    assert {(BTC, 0): (4, 300_000_001)} == totals_of(write_csv(tmp_path / "l", LONG, rows))


@pytest.mark.parametrize(
    ("instrument", "amount"),
    [
        ("btc", "1_000"),
        ("btc", " 5"),
        ("btc", "-5"),
        ("btc", "1e3"),
        ("btc", "5."),
        ("btc", ""),
        ("btc", "0.123456789"),
        ("xyz", "1"),
        ("btc", "1" * 60),
    ],
)
def test_it_looks_at_amounts_itself(tmp_path: Path, instrument: str, amount: str) -> None:
    rows = [("1", instrument, amount), ("2", "btc", "1")]
    ledger = write_csv(tmp_path / "l", LONG, rows)

    with pytest.raises(InputError, match="second reader"):
        totals_of(ledger)


def test_it_opens_no_other_file_and_cannot_be_told_to(tmp_path: Path) -> None:
    mine = write_csv(tmp_path / "mine.csv", LONG, [("1", "btc", "1")])
    other = write_csv(tmp_path / "other.csv", LONG, [("1", "btc", "2")])

    with duck._connected("l", [mine], tmp_path, 1) as connection:  # noqa: SLF001 - the one door
        assert 1 == len(connection.execute("FROM read_csv($path)", {"path": str(mine)}).fetchall())
        for query in (
            "FROM read_csv($path)",
            "COPY (SELECT 1) TO $path",
            "ATTACH $path AS other",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            given = {"path": str(other)} if "$path" in query else {}
            with pytest.raises(duckdb.Error):
                connection.execute(query, given)
