"""What a ledger comes to: totals by instrument and kind, and where its customers' rows lie.

Owed are balance, collateral and pending. A debt is never taken from what another customer, or the
same one, is owed: it stands in the totals and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.liabilities import OWED_KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from config.books.liabilities import LedgerKind
    from config.caip import InstrumentId


@dataclass(frozen=True, slots=True)
class AssetTotals:
    """One instrument of a ledger; amounts are its base units."""

    instrument: InstrumentId
    decimals: int
    """Decimal places in which it is stated."""
    kinds: tuple[tuple[LedgerKind, int], ...]
    """The total of each kind that occurs, also of zero, in the order of LEDGER_KINDS."""
    holders: int
    """Customers who are owed more than zero."""
    debtors: int
    """Customers with a debt above zero."""
    margined: int
    """Customers with collateral above zero."""
    largest: int
    """The most that one customer is owed."""

    @property
    def owed(self) -> int:
        """Sum what customers are owed, gross: no debt is taken off."""
        return sum(total for kind, total in self.kinds if kind in OWED_KINDS)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger that was read whole, without a fault."""

    customers: int
    """Rows of the customers file."""
    assets: tuple[AssetTotals, ...]
    """By instrument, every one that occurs; a place in it is the asset's number in the parts."""
    parts: tuple[Path, ...]
    """Parquet files with a row for each customer (`config.ledger.parts`)."""
    repeated_identifiers: int
    """Customers whose identifier another one has before them; allowed, and worth a look."""
