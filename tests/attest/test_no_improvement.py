"""No other word for a holding, no split and no order of rows makes any result better."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attest.lines import lines
from attest.positions import Band, Position
from attest.rules.books import free_coverage
from attest.rules.coverage import coverage
from attest.rules.exposure import online_share
from attest.rules.parameters import Parameters
from config.books.books import Books
from config.books.liabilities import Liability
from config.caip import AccountId
from tests.attest.held import AS_OF, ETH, parameters, position

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.rules.case import Case, Result

BOOKS = Books((Liability(ETH, 500, AS_OF),), allocations=())
COVERAGE, ONLINE = parameters("coverage"), parameters("online_share_per_asset")
RANK = {"pass": 0, "not_applicable": 0, "unknown": 1, "breach": 2}
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)

HELD = st.builds(
    lambda units, number, band, owner, method, holder, tie: position(
        units,
        account=AccountId(f"eip155:31337:0x{number:040x}"),
        band=band,
        owner=owner,
        method=method,
        holder=holder,
        tie=tie,
    ),
    st.integers(0, 400),
    st.integers(0, 9),
    st.sampled_from(get_args(Band)),
    st.sampled_from(["customer", "house", "mixed", "unallocated"]),
    st.sampled_from(["hot", "warm", "cold", "unknown"]),
    st.sampled_from(["self", "acme"]),
    st.sampled_from(["free", "staked", "undeclared"]),
)
MANY = st.lists(HELD, min_size=1, max_size=7)


def share(results: tuple[Result, ...]) -> Fraction:
    return max((Fraction(one.facts["share"]) for one in results if one.facts), default=Fraction())


def gap(results: tuple[Result, ...]) -> int:
    return min(int(one.facts["difference"]) for one in results)


@pytest.fixture
def judged(case: Callable[..., Case]) -> Callable[..., tuple[tuple[Result, ...], ...]]:
    """Give what coverage, online share and free coverage say of some positions."""
    made = case(books=BOOKS)

    def judge(*held: Position) -> tuple[tuple[Result, ...], ...]:
        one = replace(made, positions=held, lines=lines(held))
        free = free_coverage(one, Parameters("", {}))
        return coverage(one, COVERAGE), online_share(one, ONLINE), free

    return judge


def not_better(
    before: tuple[tuple[Result, ...], ...], after: tuple[tuple[Result, ...], ...]
) -> None:
    assert gap(after[0]) <= gap(before[0])
    assert share(after[1]) >= share(before[1])
    for one, other in zip(before, after, strict=True):
        assert max(RANK[result.status] for result in other) >= max(
            RANK[result.status] for result in one
        )


@SHARED
@given(held=MANY, method=st.sampled_from(["hot", "warm", "unknown"]))
def test_another_word_for_online_changes_nothing(
    judged: Callable[..., tuple[tuple[Result, ...], ...]], held: list[Position], method: str
) -> None:
    online = replace(held[0], method="hot")
    renamed = replace(online, method=method)  # type: ignore[arg-type]

    assert judged(online, *held[1:]) == judged(renamed, *held[1:])


@SHARED
@given(held=MANY, method=st.sampled_from(["hot", "warm", "unknown", "cold"]))
def test_nothing_is_better_than_cold_and_self(
    judged: Callable[..., tuple[tuple[Result, ...], ...]], held: list[Position], method: str
) -> None:
    best = replace(held[0], method="cold", holder="self")
    other = replace(best, method=method, holder="acme")  # type: ignore[arg-type]

    not_better(judged(best, *held[1:]), judged(other, *held[1:]))


@SHARED
@given(held=MANY, owner=st.sampled_from(["mixed", "unallocated"]), cold=st.booleans())
def test_a_vaguer_owner_is_no_better(
    judged: Callable[..., tuple[tuple[Result, ...], ...]],
    held: list[Position],
    owner: str,
    *,
    cold: bool,
) -> None:
    held = [*held, position(50, method="hot")]
    mine = replace(held[0], owner="customer", units=held[0].units + 1)
    if cold:  # else drawn too seldom to be seen
        mine = replace(mine, method="cold", holder="self", band="controlled")
    vague = replace(mine, owner=owner)  # type: ignore[arg-type]
    house = replace(mine, owner="house")

    not_better(judged(mine, *held[1:]), judged(vague, *held[1:]))
    not_better(judged(house, *held[1:]), judged(vague, *held[1:]))


@SHARED
@given(held=MANY, tie=st.sampled_from(["staked", "undeclared"]))
def test_no_encumbrance_is_better_than_none(
    judged: Callable[..., tuple[tuple[Result, ...], ...]], held: list[Position], tie: str
) -> None:
    free = replace(held[0], tie="free")
    tied = replace(free, tie=tie)  # type: ignore[arg-type]

    not_better(judged(free, *held[1:]), judged(tied, *held[1:]))


@SHARED
@given(held=MANY, cut=st.integers(0, 400), random=st.randoms())
def test_splits_and_orders_change_nothing(
    judged: Callable[..., tuple[tuple[Result, ...], ...]],
    held: list[Position],
    cut: int,
    random: object,
) -> None:
    first = held[0]
    part = min(cut, first.units)
    pieces = [replace(first, units=part), replace(first, units=first.units - part), *held[1:]]
    random.shuffle(pieces)  # type: ignore[attr-defined]

    assert judged(*held) == judged(*pieces)
