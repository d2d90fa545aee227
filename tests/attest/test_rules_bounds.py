"""Amounts between two ends: bounds hold what they are of, and no verdict is rash."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from attest.rules.bounds import (
    NOTHING_KNOWN,
    Bounds,
    compare,
    each,
    either,
    exactly,
    largest,
    short_of,
    smallest,
    total,
)

AMOUNT = st.fractions(0, 1000)


@st.composite
def known(draw: st.DrawFn) -> tuple[Fraction, Bounds]:
    """Draw an amount and bounds that hold it."""
    amount, below = draw(AMOUNT), draw(st.fractions(0, 1))
    above = draw(st.none() | st.fractions(0, 100))
    return amount, Bounds(amount * below, None if above is None else amount + above)


MANY = st.lists(known(), min_size=1, max_size=4)


def holds(bounds: Bounds, amount: Fraction) -> bool:
    return bounds.lower <= amount and (bounds.upper is None or amount <= bounds.upper)


@given(MANY)
def test_bounds_of_what_is_made_of_amounts_hold_it(many: list[tuple[Fraction, Bounds]]) -> None:
    amounts, bounds = [one for one, _ in many], [one for _, one in many]

    assert holds(total(bounds), sum(amounts, Fraction()))
    assert holds(largest(bounds), max(amounts))
    assert holds(smallest(bounds), min(amounts))
    assert holds(each(bounds[0], lambda one: one / 3), amounts[0] / 3)
    assert holds(either(amounts), amounts[-1])
    lacking = max(Fraction(), amounts[0] - amounts[-1])
    assert holds(short_of(bounds[0], bounds[-1]), lacking)


@given(known(), known())
def test_a_verdict_is_that_of_the_amounts_or_unknown(
    held: tuple[Fraction, Bounds], needed: tuple[Fraction, Bounds]
) -> None:
    truth = "pass" if held[0] >= needed[0] else "breach"

    assert compare(held[1], needed[1]) in {truth, "unknown"}
    assert compare(exactly(held[0]), exactly(needed[0])) == truth


@given(known())
def test_nothing_known_is_never_enough_and_never_too_little(one: tuple[Fraction, Bounds]) -> None:
    _, bounds = one

    assert compare(bounds, NOTHING_KNOWN) == "unknown"
    met = compare(NOTHING_KNOWN, bounds)
    assert met == ("pass" if bounds.upper == 0 else "unknown")


def test_an_amount_is_exact_where_both_ends_meet() -> None:
    assert exactly(Fraction(3)).exact == 3
    assert Bounds(Fraction(3), Fraction(4)).exact is None
    assert NOTHING_KNOWN.exact is None
