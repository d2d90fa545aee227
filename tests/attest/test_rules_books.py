"""Rules about the books and about what moved around the time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.allocating import Misallocation
from attest.exempt import Spent
from attest.items import CheckedItem
from attest.lines import lines
from attest.rules.books import (
    FAULTS,
    free_coverage,
    misallocated,
    reconciling_items,
    unexplained,
)
from attest.rules.case import NAMED, Case
from attest.rules.coverage import held_not_owed
from attest.rules.movements import cold_moved, in_and_out
from attest.rules.parameters import Parameters
from chains.snapshot import Balance, WindowReading
from config.books.assets import OutOfScope, OwnAssets
from config.books.books import Books
from config.books.liabilities import Liability
from config.books.reconciling import ReconcilingItem
from config.caip import AccountId, ChainId, InstrumentId
from config.errors import InputError
from tests.attest.held import AS_OF, ETH, NATIVE, parameters, position, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.allocating import Fault
    from attest.items import ItemReason

NONE = Parameters("", {})
OWED = Books((Liability(ETH, 100, AS_OF),))
ACCOUNT = AccountId("eip155:31337:0x1")


def item(units: int, reason: ItemReason = "", kind: str = "fee") -> CheckedItem:
    chain = ChainId("eip155:31337")
    row = ReconcilingItem(2, kind, ETH, units, chain, ("0x",), ACCOUNT, "")  # type: ignore[arg-type]
    return CheckedItem(row, "contradicted" if reason else "confirmed", reason)


def misallocation(fault: Fault, held: int | None = 7) -> Misallocation:
    return Misallocation(ACCOUNT, NATIVE, fault, 9, held, (2, 3))


def test_faults_belong_to_the_rule_that_names_them(case: Callable[..., Case]) -> None:
    faults: list[Fault] = list(FAULTS)
    found = tuple(misallocation(fault) for fault in faults)
    made = case(books=replace(OWED, allocations=()), misallocated=found)

    over = misallocated(made, parameters("over_allocated"))
    under = misallocated(made, parameters("unallocated"))
    assert set(FAULTS) == {one.facts["fault"] for one in (*over, *under)}
    assert ["less_than_held", "not_read"] == [one.facts["fault"] for one in under]
    assert "lines 2, 3: the rows give more than is held" in over[0].text


def test_many_misallocations_are_counted(case: Callable[..., Case]) -> None:
    found = (misallocation("more_than_held"),) * (NAMED + 5)
    made = case(books=replace(OWED, allocations=()), misallocated=found)
    results = misallocated(made, parameters("over_allocated"))

    assert (NAMED + 1, "and 5 more") == (len(results), results[-1].text)


def test_without_allocations_there_is_nothing_to_judge(case: Callable[..., Case]) -> None:
    rule = parameters("over_allocated")

    assert ["not_applicable"] == statuses(misallocated(case(), rule))
    assert ["pass"] == statuses(misallocated(case(books=replace(OWED, allocations=())), rule))
    with pytest.raises(InputError, match="some of more_than_held"):
        misallocated(case(), parameters("over_allocated", faults=("lost",)))


def test_free_coverage_is_apart(case: Callable[..., Case]) -> None:
    books = replace(OWED, allocations=())
    free, tied = position(99, tie="free"), position(50, tie="staked")

    assert ["not_applicable"] == statuses(free_coverage(case(free), NONE))
    (short,) = free_coverage(case(free, tied, books=books), NONE)
    assert ("breach", "0.990000000000") == (short.status, short.facts["coverage"])
    (full,) = free_coverage(case(free, position(1, tie="free"), tied, books=books), NONE)
    assert ("pass", "1.000000000000") == (full.status, full.facts["coverage"])


def test_items_that_are_not_confirmed_are_named(case: Callable[..., Case]) -> None:
    assert ["not_applicable"] == statuses(reconciling_items(case(), NONE))
    assert ["pass"] == statuses(reconciling_items(case(items=(item(1),)), NONE))
    summary, named = reconciling_items(case(items=(item(1), item(2, "wrong_side"))), NONE)
    assert "1 of 2 items are confirmed by their chains" == summary.text
    assert "fee on line 2 is contradicted" in named.text
    assert "it lies on the other side of the pinned block" in named.text


def test_an_item_that_is_true_and_counts_for_nothing_is_no_fault(
    case: Callable[..., Case],
) -> None:
    idle = CheckedItem(item(1).item, "confirmed", "account_not_counted")
    (summary,) = reconciling_items(case(items=(item(1), idle)), NONE)

    assert "pass" == summary.status
    assert summary.text.endswith("1 of them of accounts that count for nothing")


def test_an_instrument_left_out_is_neither_free_nor_unexplained(
    case: Callable[..., Case],
) -> None:
    out = OwnAssets((), (), (OutOfScope(ETH, "its chain is not read"),))
    books = replace(OWED, allocations=(), reconciling=(item(1).item,), own=out)
    made = case(position(1), books=books)

    assert ["not_applicable"] == statuses(free_coverage(made, NONE))
    assert ["not_applicable"] == statuses(unexplained(made, NONE))


@pytest.mark.parametrize(("fee", "status"), [(10, "pass"), (9, "breach"), (11, "breach")])
def test_what_is_left_unexplained_is_zero_to_the_unit(
    case: Callable[..., Case], fee: int, status: str
) -> None:
    rows = (item(fee).item,)
    made = case(position(90), books=replace(OWED, reconciling=rows), items=(item(fee),))
    (result,) = unexplained(made, NONE)

    assert (status, str(fee - 10)) == (result.status, result.facts["unexplained"])
    assert ["not_applicable"] == statuses(unexplained(case(position(90)), NONE))


def windowed(case: Callable[..., Case], *readings: WindowReading, **change: object) -> Case:
    """A case whose first account is read in a window, and is cold."""
    made = case(position(100, account=ACCOUNT))
    account = replace(made.inputs.accounts.rows[0], id=ACCOUNT, method="cold")
    chain = next(one for one in made.snapshot.chains if one.pin.chain == "eip155:31337")
    balance = Balance(ACCOUNT, NATIVE, 100, 0, "single", ())
    read = replace(chain, window=readings, balances=(balance,))
    stated = replace(made.inputs.declaration.attestation, window_before=10, window_after=10)
    inputs = replace(
        made.inputs,
        accounts=replace(made.inputs.accounts, rows=(account,)),
        declaration=replace(made.inputs.declaration, attestation=stated),
    )
    made = replace(
        made,
        inputs=inputs,
        snapshot=replace(made.snapshot, chains=(read,)),
        positions=(position(100, account=ACCOUNT),),
        lines=lines((position(100, account=ACCOUNT),)),
    )
    return replace(made, **change)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("before", "after", "exempt", "status"),
    [
        (4, 4, 0, "pass"),
        (4, 5, 0, "breach"),
        (4, 5, 1, "pass"),
        (4, 6, 1, "breach"),
        (None, 5, 0, "unknown"),
        (4, None, 0, "unknown"),
    ],
)
def test_a_cold_account_that_sent_is_named(
    case: Callable[..., Case], before: int | None, after: int | None, exempt: int, status: str
) -> None:
    reading = WindowReading(ACCOUNT, NATIVE, 1, 1, nonce_before=before, nonce_after=after)
    made = windowed(case, reading, exempt={ACCOUNT: Spent(exempt)})
    (result,) = cold_moved(made, NONE)

    assert status == result.status


def test_coins_of_a_cold_address_are_counted_in_units(case: Callable[..., Case]) -> None:
    address = AccountId("bip122:530827f38f93b43ed12af0b3ad25a288:x")
    made = windowed(case, WindowReading(address, NATIVE, spent=50))
    account = replace(made.inputs.accounts.rows[0], id=address)
    inputs = replace(made.inputs, accounts=replace(made.inputs.accounts, rows=(account,)))
    moved = replace(made, inputs=inputs)

    assert ["breach"] == statuses(cold_moved(moved, NONE))
    excused = replace(moved, exempt={address: Spent(1, 50)})
    assert ["pass"] == statuses(cold_moved(excused, NONE))
    assert ["breach"] == statuses(cold_moved(replace(moved, exempt={address: Spent(1, 49)}), NONE))


def test_without_a_window_nothing_is_known(case: Callable[..., Case]) -> None:
    made = windowed(case)

    assert ["unknown"] == statuses(cold_moved(made, NONE))
    assert ["unknown"] == statuses(in_and_out(made, parameters("in_and_out")))


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (100, 100, "pass"),
        (0, 100, "pass"),  # it came, and stayed
        (100, 0, "pass"),  # it was there, and left
        (90, 90, "pass"),
        (89, 89, "breach"),
        (0, 0, "breach"),
        (150, 0, "pass"),
        (None, 0, "unknown"),
        (0, None, "unknown"),
    ],
)
def test_coins_that_came_for_the_day_are_a_breach(
    case: Callable[..., Case], before: int | None, after: int | None, status: str
) -> None:
    made = windowed(case, WindowReading(ACCOUNT, NATIVE, before, after))

    assert [status] == statuses(in_and_out(made, parameters("in_and_out")))


def test_an_account_whose_balance_failed_is_not_taken_for_empty(case: Callable[..., Case]) -> None:
    made = windowed(case, WindowReading(AccountId("eip155:31337:0x2"), NATIVE, 0, 0))

    assert ["unknown"] == statuses(in_and_out(made, parameters("in_and_out")))


def test_an_instrument_left_out_of_the_ledger_is_named(case: Callable[..., Case]) -> None:
    usdt = InstrumentId("usdt")
    owed = Books((Liability(usdt, 1, AS_OF),))

    assert ["not_applicable"] == statuses(held_not_owed(case(position(5), books=Books()), NONE))
    assert ["pass"] == statuses(held_not_owed(case(position(5)), NONE))
    assert ["pass"] == statuses(held_not_owed(case(position(5, owner="house"), books=owed), NONE))
    (found,) = held_not_owed(case(position(5), books=owed), NONE)
    assert ("breach", "eth", "5") == (found.status, found.subject, found.facts["counted"])


def test_what_others_do_at_a_custodians_pool_is_not_the_entitys(
    case: Callable[..., Case],
) -> None:
    pool = WindowReading(AccountId("eip155:31337:0x9"), NATIVE, 0, 0, nonce_before=1, nonce_after=9)
    own = WindowReading(ACCOUNT, NATIVE, 100, 100, nonce_before=1, nonce_after=1)
    made = windowed(case, own, pool)

    assert ["pass"] == statuses(cold_moved(made, NONE))
    assert ["pass"] == statuses(in_and_out(made, parameters("in_and_out")))
