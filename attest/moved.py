"""What a transaction did to one instrument, seen from the declared accounts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from config.caip import account_id, address_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from chains.movement import Entry, Movement
    from config.caip import AccountId, AssetId, ChainId
    from config.registry import Registry


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement, of one instrument's assets alone."""

    movement: Movement
    chain: ChainId
    decimals: Mapping[AssetId, int]
    """The assets of the chain that are the instrument."""
    declared: Collection[AccountId]

    @property
    def debits(self) -> tuple[Entry, ...]:
        """What left an address."""
        return tuple(one for one in self.movement.debits if one.asset in self.decimals)

    @property
    def credits(self) -> tuple[Entry, ...]:
        """What reached one."""
        return tuple(one for one in self.movement.credits if one.asset in self.decimals)

    @property
    def to_others(self) -> tuple[Entry, ...]:
        """What reached an address that is not declared."""
        return tuple(one for one in self.credits if not self.ours(one))

    def ours(self, entry: Entry) -> bool:
        """Tell whether an entry is of a declared account."""
        return account_id(self.chain, entry.address) in self.declared

    def reached(self, account: AccountId) -> tuple[Entry, ...]:
        """Give what reached an account."""
        return tuple(one for one in self.credits if one.address == address_of(account))

    def total(self, entries: Iterable[Entry]) -> Fraction:
        """Add entries in display units of the instrument, exactly."""
        units = (Fraction(one.units, 10 ** self.decimals[one.asset]) for one in entries)
        return sum(units, Fraction(0))


def decimals_of(registry: Registry, chain: ChainId, instrument: str) -> dict[AssetId, int]:
    """Give the assets of a chain that are an instrument, with their decimals."""
    assets = registry.assets_on(chain)
    return {row.id: row.decimals for row in assets if row.instrument == instrument}
