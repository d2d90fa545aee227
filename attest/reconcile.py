"""Reconciliation: what is held against what is owed, instrument by instrument.

A surplus of one instrument never covers a shortfall of another, and amounts of two assets are added
only as the instrument both of them are, each converted exactly or rounded down. A `Line` is a sum
over accounts that are alike in everything a reader may ask for; an instrument's `Comparison` counts
the bands and owners that the coverage rule names and shows the rest beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from attest.positions import Band

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.positions import Position
    from chains.snapshot import EvidenceClass
    from config.accounts import Method, Owner
    from config.books.books import Books
    from config.caip import AssetId, InstrumentId
    from config.registry import Registry


@dataclass(frozen=True, slots=True, order=True)
class LineKey:
    """In what the accounts of a line are alike."""

    instrument: str
    """Empty for an asset that counts for nothing owed."""
    asset: AssetId
    method: Method
    holder: str
    owner: Owner
    band: Band
    evidence: EvidenceClass
    wrapped: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The sum over accounts that are alike."""

    key: LineKey
    units: int
    """Base units of the asset."""
    immature: int
    """Base units of coinbase outputs that cannot be spent yet; not in `units`."""
    accounts: int
    """How many accounts, those with a zero balance included."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One instrument: owed and held, in the instrument's base units."""

    instrument: InstrumentId
    owed: int | None
    """None if the books do not state it."""
    counted: int
    """Held in the bands and by the owners that the coverage rule counts."""
    shown: tuple[tuple[str, int], ...]
    """Held in every band, by whatever owner: band and amount, best band first."""

    @property
    def difference(self) -> int | None:
        """Counted holdings less what is owed; None if that is not stated."""
        return None if self.owed is None else self.counted - self.owed


BANDS: tuple[Band, ...] = get_args(Band)


def lines(found: tuple[Position, ...]) -> tuple[Line, ...]:
    """Sum positions into lines, sorted by what the accounts are alike in."""
    units: Counter[LineKey] = Counter()
    immature: Counter[LineKey] = Counter()
    accounts: Counter[LineKey] = Counter()
    for position in found:
        key = _key(position)
        units[key] += position.units
        immature[key] += position.immature
        accounts[key] += 1
    return tuple(Line(key, units[key], immature[key], accounts[key]) for key in sorted(accounts))


def _key(position: Position) -> LineKey:
    return LineKey(
        position.instrument or "",
        position.asset,
        position.method,
        position.holder,
        position.owner,
        position.band,
        position.evidence,
        position.wrapped,
    )


def in_instrument(chosen: Iterable[Line], registry: Registry) -> int:
    """Add lines of one instrument in its base units.

    Each asset is summed first and converted once. An asset with more decimals than its instrument
    is rounded down, so that rounding never makes a holding larger.
    """
    by_asset: Counter[AssetId] = Counter()
    target = 0
    for line in chosen:
        by_asset[line.key.asset] += line.units
        target = registry.instrument(line.key.instrument).decimals
    return sum(
        units * 10**target // 10 ** registry.asset(asset).decimals
        for asset, units in by_asset.items()
    )


def compare(
    summed: tuple[Line, ...],
    books: Books,
    registry: Registry,
    bands: tuple[str, ...],
    owners: tuple[str, ...],
) -> tuple[Comparison, ...]:
    """Compare every instrument that is held or owed, in the order of instrument names.

    Args:
        summed: all lines.
        books: what is owed.
        registry: decimals of assets and instruments.
        bands: the bands that count.
        owners: the owners whose holdings count.
    """
    owed = books.owed()
    held = {line.key.instrument for line in summed if line.key.instrument}
    return tuple(
        _compare(registry.instrument(name).id, owed, summed, registry, bands, owners)
        for name in sorted(held | set(owed))
    )


def _compare(
    instrument: InstrumentId,
    owed: dict[InstrumentId, int],
    summed: tuple[Line, ...],
    registry: Registry,
    bands: tuple[str, ...],
    owners: tuple[str, ...],
) -> Comparison:
    own = [line for line in summed if line.key.instrument == instrument]
    counted = [line for line in own if line.key.band in bands and line.key.owner in owners]
    shown = tuple(
        (band, in_instrument((line for line in own if line.key.band == band), registry))
        for band in BANDS
    )
    return Comparison(instrument, owed.get(instrument), in_instrument(counted, registry), shown)
