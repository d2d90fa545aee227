from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.items import CheckedItem
from attest.lines import lines
from attest.positions import Band
from attest.reckoning import TABLE, Counting, Material, Reckoning, reckon
from config.accounts import Method
from config.books.books import Books
from config.books.liabilities import Liability
from config.books.reconciling import ReconcilingItem
from config.caip import AccountId, ChainId
from tests.attest.held import ETH, NATIVE, position
from tests.config.known import REGISTRY

if TYPE_CHECKING:
    from attest.allocating import Belonging, Tie
    from attest.items import ItemReason
    from attest.positions import Position
    from config.books.reconciling import ItemKind


def item(kind: ItemKind, units: int, reason: ItemReason = "") -> CheckedItem:
    row = ReconcilingItem(
        2, kind, ETH, units, ChainId("eip155:31337"), ("0x",), AccountId("eip155:31337:0x1"), ""
    )
    return CheckedItem(row, "contradicted" if reason else "confirmed", reason)


def owed(**kinds: int) -> Books:
    return Books(tuple(Liability(ETH, units, 0, kind) for kind, units in kinds.items()))  # type: ignore[arg-type]


def reckoned(
    *held: Position,
    books: Books,
    items: tuple[CheckedItem, ...] = (),
    borrowed: int = 0,
    counting: Counting = TABLE,
) -> Reckoning:
    loans = {ETH: borrowed} if borrowed else {}
    (one,) = reckon(Material(lines(held), books, REGISTRY, items, loans), counting)
    return one


def test_what_is_owed_is_gross_and_a_debt_is_no_part_of_it() -> None:
    one = reckoned(position(200), books=owed(balance=100, collateral=20, pending=3, debt=90))

    assert (123, 77) == (one.owed, one.adjusted)
    assert {"balance": 100, "collateral": 20, "pending": 3, "debt": 90} == dict(one.ledger)


def test_a_debt_alone_is_no_obligation() -> None:
    one = reckoned(position(5), books=owed(debt=90))

    assert (None, None, None) == (one.owed, one.raw, one.adjusted)


def test_what_the_entity_borrowed_is_not_its_customers() -> None:
    one = reckoned(position(100), books=owed(balance=100), borrowed=30)

    assert (70, -30) == (one.available, one.adjusted)


@pytest.mark.parametrize(
    ("basis", "counts"),
    [("signed", 40), ("unvouched", 0), ("stated", 0), ("witness", 0), ("", 0)],
)
def test_a_third_partys_word_counts_over_a_signature_alone(basis: str, counts: int) -> None:
    held = position(40, band="attested", basis=basis, holder="acme")
    one = reckoned(position(60), held, books=owed(balance=100))

    assert (counts, 60 + counts - 100) == (one.attested, one.adjusted)
    assert one.unvouched == (40 if basis == "unvouched" else 0)


@pytest.mark.parametrize(
    ("kind", "raw", "adjusted", "unexplained"),
    [
        ("withdrawal", 10, 3, 3),
        ("deposit", 10, 3, 3),
        ("transfer", 10, 17, 17),
        ("fee", 10, 10, 17),
    ],
)
def test_a_confirmed_item_does_what_its_kind_says(
    kind: ItemKind, raw: int, adjusted: int, unexplained: int
) -> None:
    one = reckoned(position(110), books=owed(balance=100), items=(item(kind, 7),))

    assert (raw, adjusted, unexplained) == (one.raw, one.adjusted, one.unexplained)


def test_an_item_that_is_not_confirmed_is_counted_nowhere_and_shown() -> None:
    items = item("transfer", 7, "amount_differs"), item("transfer", 5)
    one = reckoned(position(100), books=owed(balance=100), items=items)

    assert 5 == one.adjusted
    (total,) = one.items
    assert (5, 1, 7, 1) == (
        total.confirmed,
        total.confirmed_rows,
        total.other,
        total.other_rows,
    )


def test_free_holdings_are_known_only_if_something_was_said() -> None:
    books = owed(balance=100)
    tied, free = position(70, tie="staked"), position(50, tie="free")

    assert reckoned(tied, free, books=books).free is None
    one = reckoned(tied, free, books=replace(books, allocations=()), items=(item("deposit", 5),))
    assert (50, 45, 15) == (one.free, one.free_held, one.adjusted)


def test_the_unallocated_and_what_others_own_cover_nobody() -> None:
    one = reckoned(
        position(10),
        position(90, owner="unallocated"),
        position(80, owner="mixed"),
        books=owed(balance=100),
    )

    assert (10, -90) == (one.counted, one.adjusted)
    assert dict(one.shown)["controlled"] == 180


BANDS: st.SearchStrategy[Band] = st.sampled_from(get_args(Band))
OWNERS: st.SearchStrategy[Belonging] = st.sampled_from(
    ["customer", "house", "mixed", "unallocated"]
)
TIES: st.SearchStrategy[Tie] = st.sampled_from(["free", "staked", "undeclared"])
METHODS: st.SearchStrategy[Method] = st.sampled_from(get_args(Method))
HELD = st.builds(
    lambda units, band, owner, tie, method, n: position(
        units,
        band=band,
        owner=owner,
        tie=tie,
        method=method,
        account=AccountId(f"eip155:31337:0x{n:040x}"),
    ),
    st.integers(0, 1000),
    BANDS,
    OWNERS,
    TIES,
    METHODS,
    st.integers(0, 50),
)
ITEMS = st.builds(
    item,
    st.sampled_from(["withdrawal", "deposit", "transfer", "fee"]),
    st.integers(1, 50),
    st.sampled_from(["", "amount_differs"]),
)


@given(st.lists(HELD, max_size=8), st.lists(ITEMS, max_size=5), st.integers(0, 2000), st.randoms())
def test_every_figure_is_the_sum_of_its_rows_in_any_order(
    held: list[Position],
    items: list[CheckedItem],
    units: int,
    random: object,
) -> None:
    books = replace(owed(balance=units), allocations=())
    one = reckoned(*held, books=books, items=tuple(items))
    shuffled, moved = list(held), list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(moved)  # type: ignore[attr-defined]

    assert one == reckoned(*shuffled, books=books, items=tuple(moved))
    assert sum(part.units for part in held) == sum(amount for _, amount in one.shown)
    assert one.counted == sum(amount for _, amount in one.assets)
    assert one.counted == sum(
        part.units
        for part in held
        if part.owner == "customer" and part.band in ("controlled", "derived")
    )
    effects = {"withdrawal": -1, "deposit": -1, "transfer": 1, "fee": 0}
    assert one.timing == sum(
        effects[row.item.kind] * row.item.units for row in items if not row.reason
    )


@given(st.lists(HELD, min_size=1, max_size=6), st.integers(0, 999), st.data())
def test_splitting_a_balance_or_renaming_its_method_improves_nothing(
    held: list[Position], cut: int, data: st.DataObject
) -> None:
    first = held[0]
    part = min(cut, first.units)
    method = data.draw(METHODS)
    pieces = replace(first, units=part, method=method), replace(first, units=first.units - part)
    books = replace(owed(balance=500), allocations=())

    whole, split = reckoned(*held, books=books), reckoned(*pieces, *held[1:], books=books)
    assert whole == split


@given(st.lists(HELD, min_size=1, max_size=6), st.data())
def test_no_other_owner_band_or_encumbrance_is_better_than_a_free_customers(
    held: list[Position], data: st.DataObject
) -> None:
    best = replace(held[0], owner="customer", band="controlled", tie="free")
    other = replace(best, owner=data.draw(OWNERS), band=data.draw(BANDS), tie=data.draw(TIES))
    books = replace(owed(balance=500), allocations=())

    one, two = reckoned(best, *held[1:], books=books), reckoned(other, *held[1:], books=books)
    assert (two.adjusted or 0) <= (one.adjusted or 0)
    assert (two.free_held or 0) <= (one.free_held or 0)


def test_the_native_coin_is_in_units_of_its_instrument() -> None:
    assert ((NATIVE, 7),) == reckoned(position(7), books=Books()).assets
