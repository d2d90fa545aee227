"""Everything the entity reports that no chain can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.liabilities import OWED_KINDS

if TYPE_CHECKING:
    from config.books.allocations import Allocation
    from config.books.assets import OwnAssets
    from config.books.custody import Custody
    from config.books.facts import Facts
    from config.books.liabilities import LedgerKind, Liability
    from config.books.others import Other
    from config.books.prices import Price
    from config.books.reconciling import ReconcilingItem
    from config.books.reserves import Reserves
    from config.books.sample import SampleRow
    from config.caip import InstrumentId


@dataclass(frozen=True, slots=True)
class Books:
    """The books of a declaration; an empty tuple is a file that is not there, unless it says so."""

    liabilities: tuple[Liability, ...] = ()
    prices: tuple[Price, ...] = ()
    reconciling: tuple[ReconcilingItem, ...] = ()
    allocations: tuple[Allocation, ...] | None = None
    """None: nothing is said of encumbrances."""
    custody: Custody | None = None
    reserves: Reserves | None = None
    facts: Facts | None = None
    own: OwnAssets | None = None
    """Assets and instruments of the entity's own file, and what it leaves out."""
    trace: tuple[SampleRow, ...] = ()
    """Deposits and withdrawals to be traced to declared accounts."""
    others: tuple[Other, ...] | None = None
    """None: no addresses of other entities are known."""

    def owed(self) -> dict[InstrumentId, int]:
        """Give what customers are owed of each instrument, gross, in base units."""
        found: dict[InstrumentId, int] = {}
        for one in self.liabilities:
            if one.kind in OWED_KINDS:
                found[one.instrument] = found.get(one.instrument, 0) + one.units
        return found

    def by_kind(self, instrument: InstrumentId) -> dict[LedgerKind, int]:
        """Give an instrument's totals by ledger kind, those that are stated."""
        return {one.kind: one.units for one in self.liabilities if one.instrument == instrument}
