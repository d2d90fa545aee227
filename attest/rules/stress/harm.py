"""What a loss of coins leaves uncovered, instrument by instrument.

    uncovered = sum over instruments of max(0, lost - guarantee) * price

Guarantee assets stand against what is kept online, so they count for losses of that alone, and each
for its own kind. Nothing is rounded: a part of a base unit stays a ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.bounds import NOTHING_KNOWN, Bounds, each, exactly, short_of, total
from attest.rules.figures import write_known
from attest.rules.holding import part_of, unread
from attest.rules.parameters import RATIO_DECIMALS
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attest.rules.case import Case
    from attest.rules.insured import Tier
    from attest.rules.prices import Prices
    from attest.rules.stress.holdings import Amounts, Holdings
    from config.caip import InstrumentId

NOTHING = exactly(Fraction())


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lost of each instrument, in base units."""

    amounts: Mapping[InstrumentId, Bounds]
    more: bool = False
    """Whether others may be lost too, because accounts were not read."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The assets that stand against a loss, in base units."""

    amounts: Amounts
    more: bool = False
    """Whether there may be others, because accounts were not read."""

    def of(self, name: InstrumentId) -> Bounds:
        """Give what is known of those of one kind."""
        units = Fraction(self.amounts.get(name, 0))
        return Bounds(units, None if self.more else units)


@dataclass(frozen=True, slots=True)
class Harm:
    """A loss in money of one currency."""

    gross: Bounds
    uncovered: Bounds
    """What no asset of the same kind stands against."""
    rows: Mapping[str, Mapping[str, str]]
    """Each instrument that is lost."""
    money: tuple[str, ...] = ()
    """The currency of a loss that is none of coins."""
    lacking: tuple[str, ...] = ()
    """What would have to be known to know the loss, in words."""


def guarantee_of(case: Case, tier: Tier) -> Guarantee:
    """Give the assets that stand against a loss of what was kept in one way."""
    if tier != "online":
        return Guarantee({})
    return Guarantee(part_of(case, "guarantee"), bool(unread(case, "guarantee")))


def share_of(holdings: Holdings, fraction: Fraction) -> Lost:
    """Give the loss of a fraction of everything that is held together."""
    open_ended = bool(holdings.unread)
    amounts = {name: fraction * units for name, units in holdings.amounts.items()}
    return Lost(
        {name: Bounds(lost, None if open_ended else lost) for name, lost in amounts.items()},
        open_ended,
    )


def harm_of(case: Case, lost: Lost, guarantee: Guarantee, prices: Prices) -> Harm:
    """Value a loss and what of it is uncovered.

    Args:
        case: what is judged.
        lost: what is lost.
        guarantee: what stands against it.
        prices: give the values; an instrument without one has none.
    """
    left = {name: short_of(one, guarantee.of(name)) for name, one in lost.amounts.items()}
    rows = {
        str(name): {
            "lost": _units(case, name, one),
            "guarantee": _units(case, name, guarantee.of(name)),
            "uncovered": _units(case, name, left[name]),
            "lost value": write_known(_value(name, one, prices)),
            "uncovered value": write_known(_value(name, left[name], prices)),
        }
        for name, one in lost.amounts.items()
    }
    return Harm(
        _sum(lost.amounts, lost, prices),
        _sum(left, lost, prices),
        rows,
        lacking=_lacking(lost, guarantee, prices),
    )


def one_of(harms: Sequence[Harm]) -> Harm:
    """Give what is known of a loss that is one of these, at least one, nobody knows which."""
    rows = {name: row for one in harms for name, row in one.rows.items()}
    gross, uncovered = [one.gross for one in harms], [one.uncovered for one in harms]
    words = dict.fromkeys(word for one in harms for word in one.lacking)
    return Harm(_hull(gross), _hull(uncovered), rows, lacking=tuple(words))


def no_price(name: str, prices: Prices) -> str:
    """Say that an instrument has no price."""
    return f"a {prices.basis} price of {name} in {prices.currency}"


def _lacking(lost: Lost, guarantee: Guarantee, prices: Prices) -> tuple[str, ...]:
    open_ended = lost.more or any(one.exact is None for one in lost.amounts.values())
    return (
        *(no_price(name, prices) for name in prices.missing(lost.amounts)),
        *(("accounts that were not read",) if open_ended else ()),
        *(("accounts of guarantee assets that were not read",) if guarantee.more else ()),
    )


def _hull(amounts: Sequence[Bounds]) -> Bounds:
    uppers = [one.upper for one in amounts]
    known = [upper for upper in uppers if upper is not None]
    lower = min(one.lower for one in amounts)
    return Bounds(lower, max(known) if len(known) == len(uppers) else None)


def _sum(amounts: Mapping[InstrumentId, Bounds], lost: Lost, prices: Prices) -> Bounds:
    found = total(_value(name, one, prices) for name, one in amounts.items())
    return Bounds(found.lower, None) if lost.more else found


def _value(name: InstrumentId, units: Bounds, prices: Prices) -> Bounds:
    """Give the value of units; that of none is nothing by any price."""
    if units.exact == 0:
        return NOTHING
    if prices.missing([name]):
        return NOTHING_KNOWN
    return each(units, lambda one: prices.value(name, one))


def _units(case: Case, name: InstrumentId, units: Bounds) -> str:
    """Write base units as display units, exactly where a fraction has no more places than read."""
    if units.exact is None:
        return "not known"
    scaled = units.exact * pow(10, RATIO_DECIMALS)
    decimals = case.inputs.registry.instrument(name).decimals
    return format_decimal(scaled.numerator // scaled.denominator, decimals + RATIO_DECIMALS)
