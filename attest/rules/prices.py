"""Prices of the declared table, in one currency and basis, and nothing else that values anything.

Every figure in money is a sum of base units times a price of `prices.csv`, exactly, as a ratio. One
currency is turned into another by a row of the same table (`usd,jpy,150,…`), at spot. What has no
price has no value: it is named as missing, and is never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, get_args

from attest.rules.figures import Figure
from config.amount import format_decimal
from config.books.prices import PRICE_DECIMALS, Basis
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.books.prices import Price
    from config.caip import InstrumentId

BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True)
class Prices:
    """What instruments are worth in one currency."""

    currency: InstrumentId
    basis: Basis
    scaled: Mapping[str, int]
    """Price of one display unit of each instrument that has one, times 10**PRICE_DECIMALS."""
    rows: Mapping[str, Price]
    """By instrument."""
    decimals: Mapping[str, int]
    """Of each instrument known."""

    def missing(self, instruments: Iterable[str]) -> tuple[str, ...]:
        """Name the instruments that have no price, sorted."""
        return tuple(sorted({one for one in instruments if one not in self.scaled}))

    def value(self, instrument: str, units: int | Fraction) -> Fraction:
        """Give the value of base units of an instrument that has a price, in units of currency."""
        places = self.decimals[instrument] + PRICE_DECIMALS
        return Fraction(units) * Fraction(self.scaled[instrument], pow(10, places))

    def total(self, amounts: Mapping[InstrumentId, int]) -> Fraction:
        """Add up the value of amounts that all have a price, or are zero."""
        return sum(
            (self.value(name, units) for name, units in amounts.items() if units), Fraction()
        )

    def price(self, instrument: str) -> Fraction:
        """Give the price of one display unit of an instrument that has one."""
        return self.value(instrument, 10 ** self.decimals[instrument])

    def figures(self, instruments: Iterable[str]) -> tuple[Figure, ...]:
        """Say by which prices instruments are valued, with source and age."""
        found = (self.rows.get(name) for name in sorted(set(instruments)))
        return tuple(self._figure(row) for row in found if row is not None)

    def _figure(self, row: Price) -> Figure:
        at = f"prices.csv, {row.source}, {row.basis}, as of {format_time(row.as_of)}"
        price = format_decimal(row.scaled, PRICE_DECIMALS)
        return Figure(f"price of {row.instrument}", f"{price} {self.currency}", "declared", at)


def prices_in(case: Case, currency: str, basis: Basis = "spot") -> Prices:
    """Give the prices of a case in a currency.

    Raises:
        InputError: the registry does not know the currency.
    """
    known = case.inputs.registry.instrument(currency)
    rows = {
        str(one.instrument): one
        for one in case.inputs.books.prices
        if (one.currency, one.basis) == (known.id, basis)
    }
    return Prices(
        known.id,
        basis,
        {**{name: row.scaled for name, row in rows.items()}, str(known.id): 10**PRICE_DECIMALS},
        rows,
        {str(row.id): row.decimals for row in case.inputs.registry.instruments},
    )


def spot_currencies(case: Case) -> tuple[str, ...]:
    """Name the currencies in which the table has a price of the moment, sorted."""
    return tuple(sorted({one.currency for one in case.inputs.books.prices if one.basis == "spot"}))


def stated_prices(case: Case, parameters: Parameters) -> Prices:
    """Give the prices that a rule's `currency` and `price_basis` ask for."""
    basis: Basis = "avg_1y" if parameters.word("price_basis", BASES) == "avg_1y" else "spot"
    return prices_in(case, parameters.text("currency"), basis)
