"""Every amount of a report is the sum of its rows: from account to line, band, figure and total."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from attest.cli.load import tool
from attest.pipeline import work_through
from tests.conftest import read_example

if TYPE_CHECKING:
    from attest.book_records import ComparisonRecord
    from attest.pipeline import Work

EFFECTS = {"withdrawal": -1, "deposit": -1, "transfer": 1, "fee": 0}


@pytest.fixture(scope="module", params=["exchange", "faulty"])
def made(request: pytest.FixtureRequest) -> Work:
    return work_through(*read_example(request.param), tool())


def rows(work: Work, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(bytes(work.subjects[name]).decode().splitlines()))


def test_holdings_are_the_sums_of_accounts(made: Work) -> None:
    alike = ("asset", "instrument", "method", "owner", "encumbrance", "band", "basis", "evidence")
    units: Counter[tuple[str, ...]] = Counter()
    accounts: Counter[tuple[str, ...]] = Counter()
    for row in rows(made, "report/accounts.csv"):
        if row["units"]:
            units[tuple(row[name] for name in alike)] += int(row["units"])
            accounts[tuple(row[name] for name in alike)] += 1
    stated: Counter[tuple[str, ...]] = Counter()
    counted: Counter[tuple[str, ...]] = Counter()
    for one in made.predicate.holdings:
        key = (
            one.asset,
            one.instrument or "",
            one.method,
            one.owner,
            one.encumbrance,
            one.band,
            one.basis,
            one.evidence_class,
        )
        stated[key] += int(one.amount)
        counted[key] += int(one.accounts)

    assert units == stated
    assert accounts == counted


def test_a_comparison_is_the_sum_of_holdings_obligations_and_items(made: Work) -> None:
    for one in made.predicate.comparison:
        own = [line for line in made.predicate.holdings if line.instrument == one.instrument]
        alike = [line for line in own if line.decimals == one.decimals]
        assert len(own) == len(alike)
        by_band = {
            band: str(sum(int(line.amount) for line in own if line.band == band))
            for band in one.held
        }
        counted = [
            line
            for line in own
            if line.owner == "customer" and line.band in ("controlled", "derived")
        ]
        assert by_band == one.held
        assert one.counted == str(sum(int(line.amount) for line in counted))
        assert one.counted == str(sum(int(asset.amount) for asset in one.assets))
        assert sum(map(int, one.bases.values())) == sum(
            int(line.amount) for line in own if line.owner == "customer" and line.basis
        )
        _check_difference(made, one)


def _check_difference(made: Work, one: ComparisonRecord) -> None:
    owed = [
        int(total.amount)
        for total in made.predicate.obligations
        if total.instrument == one.instrument and total.kind != "debt"
    ]
    assert one.owed == (str(sum(owed)) if owed else None)
    if one.owed is None:
        return
    raw = int(one.counted) + int(one.attested) - int(one.borrowed) - int(one.owed)
    effects = sum(int(item.effect) for item in one.items)
    fees = sum(int(item.confirmed) for item in one.items if item.kind == "fee")
    assert (str(raw), str(raw + effects), str(raw + effects + fees)) == (
        one.raw_difference,
        one.difference,
        one.unexplained,
    )
    for item in one.items:
        assert int(item.effect) == EFFECTS[item.kind] * int(item.confirmed)
