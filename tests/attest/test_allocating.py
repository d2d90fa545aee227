from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.allocating import Part, index_allocations, misallocations
from config.accounts import Accounts
from config.books.allocations import Allocation
from config.caip import AccountId, AssetId

if TYPE_CHECKING:
    from attest.pipeline import Work
    from config.accounts import Owner
    from config.books.allocations import Encumbrance

ACCOUNT, ASSET = AccountId("eip155:1:0x1"), AssetId("eip155:1/slip44:60")
HELD = ACCOUNT, ASSET


def nobody(units: int) -> Part:
    return Part("unallocated", "undeclared", units)


def row(
    owner: Owner, units: int, tie: Encumbrance = "free", until: int | None = None
) -> Allocation:
    return Allocation(ACCOUNT, ASSET, owner, tie, units, until, "", 2)


def divided(owner: Owner, units: int, *rows: Allocation) -> tuple[Part, ...]:
    return index_allocations(rows).parts(HELD, owner, units)


def test_an_account_without_rows_is_whole() -> None:
    assert (Part("customer", "free", 7),) == divided("customer", 7)
    assert (Part("mixed", "free", 7),) == divided("mixed", 7)


def test_without_a_file_nothing_is_said_of_encumbrances() -> None:
    assert (Part("customer", "undeclared", 7),) == index_allocations(None).parts(
        HELD, "customer", 7
    )


def test_a_mixed_account_is_divided_among_owners_and_encumbrances() -> None:
    rows = row("customer", 5), row("customer", 1, "staked"), row("house", 4)

    assert (
        Part("customer", "free", 5),
        Part("customer", "staked", 1),
        Part("house", "free", 4),
    ) == divided("mixed", 10, *rows)


def test_what_is_left_over_covers_nobody() -> None:
    assert (Part("customer", "free", 5), nobody(2)) == divided("mixed", 7, row("customer", 5))


@pytest.mark.parametrize(
    ("owner", "rows"),
    [
        ("mixed", (row("customer", 8),)),
        ("mixed", (row("customer", 4), row("house", 4))),
        ("house", (row("customer", 7),)),
        ("customer", (row("customer", 6), row("house", 1))),
    ],
)
def test_rows_that_cannot_be_right_allocate_nothing(
    owner: Owner, rows: tuple[Allocation, ...]
) -> None:
    assert (nobody(7),) == divided(owner, 7, *rows)


@given(
    st.integers(0, 30),
    st.sampled_from(["customer", "house", "mixed"]),
    st.lists(
        st.tuples(
            st.sampled_from(["customer", "house"]),
            st.sampled_from(["free", "staked", "lent"]),
            st.integers(0, 12),
        ),
        max_size=5,
    ),
)
def test_parts_always_add_up_to_what_is_held(
    units: int, owner: Owner, stated: list[tuple[Owner, Encumbrance, int]]
) -> None:
    rows = [row(whose, given, tie, number) for number, (whose, tie, given) in enumerate(stated)]
    parts = divided(owner, units, *rows)
    customers = sum(part.units for part in parts if part.owner == "customer")
    stated_customers = sum(one.units for one in rows if one.owner == "customer")

    assert units == sum(part.units for part in parts)
    assert len(parts) == len({(part.owner, part.tie) for part in parts})
    assert not rows or customers <= stated_customers


@given(st.integers(1, 20), st.data())
def test_splitting_and_reordering_rows_changes_nothing(units: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, units))
    one = divided("mixed", units + 3, row("customer", units, "staked"), row("house", 3))
    split = row("customer", cut, "staked", 1), row("customer", units - cut, "staked", 2)
    other = divided("mixed", units + 3, row("house", 3), *split)

    assert sorted(one, key=str) == sorted(other, key=str)


def test_every_account_that_does_not_add_up_is_named(work: Work) -> None:
    snapshot = work.case.snapshot
    held = next(one for chain in snapshot.chains for one in chain.balances if one.units)
    account = next(one for one in work.inputs.accounts.rows if one.id == held.account)
    stranger = replace(row("customer", 1), account=AccountId("eip155:31337:0x2"))
    own = replace(row("customer", 0), account=held.account, asset=held.asset)

    def faults(owner: Owner, *rows: Allocation) -> list[tuple[str, int, int | None]]:
        accounts = Accounts((replace(account, owner=owner),), ())
        found = misallocations(index_allocations(rows), accounts, snapshot)
        return [(one.fault, one.stated, one.held) for one in found]

    exact = replace(own, units=held.units)
    more, less = replace(own, units=held.units + 1), replace(own, units=held.units - 1)
    assert [] == faults("mixed", exact)
    assert [] == faults("customer", exact)
    assert [("more_than_held", held.units + 1, held.units)] == faults("mixed", more)
    assert [("less_than_held", held.units - 1, held.units)] == faults("mixed", less)
    assert [("owner_differs", held.units, held.units)] == faults("house", exact)
    assert [("not_declared", 1, None)] == faults("mixed", stranger)
