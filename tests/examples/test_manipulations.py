"""What comes of changing the example's files: the outcome, and every status that is then another.

A row is a change, the outcome, and what changes: rule and instrument, the status before and after.
What is not in a row stays as it was; an empty row gains nothing and loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from config.errors import AttestError
from tests.examples.at_scale import manipulations as change
from tests.examples.at_scale.altering import Files
from tests.examples.at_scale.replaying import figures, judged, open_exchange, told

if TYPE_CHECKING:
    from attest.pipeline import Work

Changed = dict[str, tuple[str | None, str | None]]
Row = tuple[Callable[[Files], Files], str, Changed]

PASS_FAIL, PASS_WARN = ("pass", "fail"), ("pass", "warn")
UNPROVED: Changed = {"unproved_control": PASS_WARN}
SHORT_USDT: Changed = {
    "coverage usdt": PASS_FAIL,
    "free_coverage usdt": PASS_WARN,
    "unexplained usdt": PASS_WARN,
}
SHORT_USDC: Changed = {"coverage usdc": PASS_FAIL, "unexplained usdc": PASS_WARN}
SHORT_ETH: Changed = {"coverage eth": PASS_FAIL, "unexplained eth": PASS_WARN}
NO_POINTS: Changed = {
    "coverage gamepoint": PASS_FAIL,
    "free_coverage gamepoint": PASS_WARN,
    "unexplained gamepoint": PASS_WARN,
    "own_assets": PASS_FAIL,
    "reconciling_items gamepoint": (None, "warn"),
    "in_and_out gamepoint": ("pass", None),
    "online_share_per_asset gamepoint": ("pass", None),
}

CHANGES: tuple[Row, ...] = (
    # What accounts are called.
    (change.hot_called_warm, "pass", {}),
    (change.hot_called_cold, "pass", {"cold_moved": ("unknown", "warn")}),
    (change.account_twice, "fail", {"duplicate_account": PASS_FAIL}),
    (
        change.reserve_called_customers,
        "pass",
        {"unexplained eth": PASS_WARN, "unexplained usdt": PASS_WARN},
    ),
    (change.witnessed_called_customers, "pass", {}),
    (change.other_parent, "fail", {**SHORT_USDT, **UNPROVED, "forwarders": PASS_WARN}),
    # The recording says nothing of debt tokens at the pool, so one read fails besides.
    (
        change.pool_declared,
        "fail",
        {**UNPROVED, "pools": PASS_FAIL, "failed_read": ("pass", "unknown")},
    ),
    # What is claimed.
    (change.claim_gone, "pass", {**UNPROVED, "sampled_control": PASS_WARN}),
    (
        change.claim_failing,
        "fail",
        {**UNPROVED, "refuted_control": PASS_FAIL, "sampled_control": PASS_WARN},
    ),
    (
        change.claim_backdated,
        "fail",
        {**SHORT_ETH, **SHORT_USDT, **UNPROVED, "received_at": ("not_applicable", "fail")},
    ),
    (change.transfer_unclaimed, "pass", {"cold_moved": ("unknown", "warn")}),
    (
        change.carried_left_out,
        "fail",
        {**SHORT_ETH, **SHORT_USDT, "reconciling_items usdt": (None, "warn")},
    ),
    # Whose a balance is.
    (change.allocation_raised, "fail", {**SHORT_USDT, "over_allocated": PASS_FAIL}),
    (change.houses_part_given_away, "pass", {"unexplained usdt": PASS_WARN}),
    (change.whole_wallet_given_away, "fail", {"over_allocated": PASS_FAIL}),
    (change.houses_part_left_out, "pass", {"unallocated": PASS_WARN}),
    (change.staked_part_left_out, "fail", {**SHORT_ETH, "unallocated": PASS_WARN}),
    (change.part_split, "pass", {}),
    (change.rows_reordered, "pass", {}),
    # What is borrowed, and owed.
    (change.borrowing_left_out, "fail", {"undeclared_debt usdt": PASS_FAIL}),
    (change.debt_token_left_out, "pass", {}),
    (
        change.debt_hidden,
        "pass",
        {
            "unexplained usdt": PASS_WARN,
            "undeclared_debt usdt": ("pass", None),
            "undeclared_debt": (None, "not_applicable"),
        },
    ),
    (change.customers_debt_netted, "pass", {"unexplained usdt": PASS_WARN}),
    (change.collateral_left_out, "pass", {"unexplained eth": PASS_WARN}),
    (
        change.instrument_left_out,
        "pass",
        {
            "coverage usdc": ("pass", None),
            "free_coverage usdc": ("warn", None),
            "unexplained usdc": ("pass", None),
            "held_not_owed usdc": (None, "warn"),
            "held_not_owed": ("pass", None),
        },
    ),
    (
        change.token_moved_out,
        "pass",
        {
            "coverage usdc": ("pass", None),
            "free_coverage usdc": ("warn", None),
            "unexplained usdc": ("pass", None),
            "instrument_scope usdc": (None, "warn"),
        },
    ),
    # What custodians state.
    (change.custodians_amount_swapped, "fail", {**SHORT_USDC, "statements": PASS_FAIL}),
    (
        change.pool_claimed_twice,
        "fail",
        {
            **SHORT_USDC,
            "pools": PASS_FAIL,
            "online_share_per_asset usdc": PASS_WARN,
            "online_share_total jpy": PASS_WARN,
        },
    ),
    (change.statement_of_last_month, "fail", {"stale_custody": PASS_FAIL}),
    (change.statement_redated, "fail", {**SHORT_USDC, "statements": PASS_FAIL}),
    # The entity's own token.
    (
        change.decimals_changed,
        "fail",
        {**NO_POINTS, "online_share_total jpy": ("pass", "unknown")},
    ),
    # Without code there is no balance to read, also after the last index of the deposits.
    (
        change.contract_replaced,
        "fail",
        {**NO_POINTS, "failed_read": ("pass", "unknown"), "beyond_last_index": PASS_WARN},
    ),
    # Reconciling items.
    (change.item_doubled_elsewhere, "pass", {}),
    (change.false_item_raised, "pass", {}),
    (change.transfer_raised, "fail", SHORT_ETH),
    (change.deposit_left_out, "pass", {"unexplained eth": PASS_WARN}),
    (change.gap_filled_by_a_stranger, "fail", SHORT_ETH),
)
REFUSED: tuple[tuple[Callable[[Files], Files], str], ...] = (
    (change.pool_declared_unsigned, "not the digest of the declared accounts with their groups"),
    (change.item_doubled, "stated twice"),
)


@pytest.fixture(scope="module")
def untouched() -> Work:
    exchange = open_exchange()
    return judged(exchange, exchange.files)


def named(row: Row) -> str:
    return row[0].__name__


@pytest.mark.parametrize("row", CHANGES, ids=named)
def test_a_change_changes_this_and_nothing_else(row: Row, untouched: Work) -> None:
    manipulate, outcome, changed = row
    exchange = open_exchange()
    work = judged(exchange, manipulate(dict(exchange.files)))
    before, after = told(untouched), told(work)
    differs = {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }

    assert (outcome, changed) == (work.predicate.outcome, differs)
    # Nobody's change is silent: the statement is another one, over other digests.
    assert work.payload != untouched.payload
    if not changed:
        assert figures(untouched) == figures(work)


@pytest.mark.parametrize(
    ("manipulate", "why"), REFUSED, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_change_that_no_file_may_have_is_refused(
    manipulate: Callable[[Files], Files], why: str
) -> None:
    exchange = open_exchange()

    with pytest.raises(AttestError, match=why):
        judged(exchange, manipulate(dict(exchange.files)))
