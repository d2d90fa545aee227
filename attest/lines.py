"""Lines: what is held, summed over accounts that are alike in everything a reader may ask for.

Amounts of two assets are added only as the instrument that both of them are, each converted exactly
or rounded down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from attest.positions import Band

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.allocating import Belonging, Tie
    from attest.positions import Basis, Position
    from chains.snapshot import EvidenceClass
    from config.accounts import Method
    from config.caip import AssetId
    from config.registry import Registry


@dataclass(frozen=True, slots=True, order=True)
class LineKey:
    """In what the accounts of a line are alike."""

    instrument: str
    """Empty for an asset that counts for nothing owed."""
    asset: AssetId
    method: Method
    holder: str
    owner: Belonging
    tie: Tie
    band: Band
    evidence: EvidenceClass
    basis: Basis
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


BANDS: tuple[Band, ...] = get_args(Band)


def lines(found: tuple[Position, ...]) -> tuple[Line, ...]:
    """Sum positions into lines, sorted by what the accounts are alike in."""
    alike: dict[LineKey, list[Position]] = {}
    for position in found:
        alike.setdefault(_key(position), []).append(position)
    return tuple(
        Line(
            key,
            sum(one.units for one in alike[key]),
            sum(one.immature for one in alike[key]),
            len(alike[key]),
        )
        for key in sorted(alike)
    )


def _key(position: Position) -> LineKey:
    return LineKey(
        position.instrument or "",
        position.asset,
        position.method,
        position.holder,
        position.owner,
        position.tie,
        position.band,
        position.evidence,
        position.basis,
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
