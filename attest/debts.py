"""What the entity itself owes in an instrument: borrowed coins are not its customers'.

Debt tokens say it on chain: what a declared account holds of one, it owes. `[[borrowing]]` rows
say it in the books, and are to name all that is borrowed, debt tokens included. The larger of the
two is taken, so that neither a row left out nor a token left out lowers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.positions import Position
    from config.books.reserves import Reserves
    from config.caip import InstrumentId
    from config.registry import Registry


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed to lenders, in base units of an instrument."""

    on_chain: int
    """By debt tokens; rounded up."""
    declared: int
    """By the books."""

    @property
    def units(self) -> int:
        """Give what is subtracted."""
        return max(self.on_chain, self.declared)


def debts(
    positions: Iterable[Position], reserves: Reserves | None, registry: Registry
) -> Mapping[InstrumentId, Debt]:
    """Give the debts of each instrument in which there is one, in the order of their names."""
    tokens = {row.id: row for row in registry.assets if row.owes is not None}
    on_chain: dict[InstrumentId, int] = {}
    for one in positions:
        row = tokens.get(one.asset)
        if row is not None and row.owes is not None and one.units:
            decimals = registry.instrument(row.owes).decimals
            # Rounded up, as a holding is rounded down.
            units = -(-one.units * 10**decimals // 10**row.decimals)
            on_chain[row.owes] = on_chain.get(row.owes, 0) + units
    declared: dict[InstrumentId, int] = {}
    for borrowing in () if reserves is None else reserves.borrowings:
        name = borrowing.instrument
        declared[name] = declared.get(name, 0) + borrowing.units
    return {
        name: Debt(on_chain.get(name, 0), declared.get(name, 0))
        for name in sorted({*on_chain, *declared})
    }
