"""prices.csv: what one display unit of an instrument was worth.

    instrument,currency,price,as_of,source[,basis]
    btc,jpy,14250000.5,2026-12-01T00:00:00+09:00,acme index,spot

A price is kept as an integer and a count of decimals, never a float. `basis` is `spot`, the price
at `as_of` and the default, or `avg_1y`, the mean of the year that ends then, by which some laws
value holdings; a rule asks for one of them and never takes the other. An instrument may stand once
a currency and basis; its price in itself is 1 or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from config.books.cells import MAX_BYTES, read_amount, read_instrument, read_time, refuse_twice
from config.csvrows import parse_rows
from config.text import decode

if TYPE_CHECKING:
    from config.caip import InstrumentId
    from config.csvrows import Row
    from config.registry import Registry

Basis = Literal["spot", "avg_1y"]
BASES: tuple[Basis, ...] = get_args(Basis)
PRICE_DECIMALS = 18
"""Finest price accepted: a token may be worth less than 10**-12 yen."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one display unit of an instrument."""

    instrument: InstrumentId
    currency: InstrumentId
    scaled: int
    """Price times 10**PRICE_DECIMALS."""
    as_of: int
    """Unix seconds."""
    source: str
    basis: Basis = "spot"


def parse_prices(data: bytes, name: str, registry: Registry) -> tuple[Price, ...]:
    """Read prices.csv; raise InputError for anything not exact, unknown or stated twice."""
    columns = ("instrument", "currency", "price", "as_of", "source")
    rows = parse_rows(decode(data, name, MAX_BYTES), name, columns, ("basis",))
    prices = tuple(_price(row, registry) for row in rows)
    stated = [(one.instrument, one.currency, one.basis) for one in prices]
    refuse_twice(rows, "instrument", stated)
    return prices


def _price(row: Row, registry: Registry) -> Price:
    instrument = read_instrument(row, "instrument", registry)
    currency = read_instrument(row, "currency", registry)
    scaled = read_amount(row, "price", PRICE_DECIMALS)
    if not scaled:
        raise row.error("price", "price is zero", "leave the row out if the price is not known")
    if not row["source"]:
        raise row.error("source", "empty", "name where the price was taken from")
    if instrument == currency and scaled != 10**PRICE_DECIMALS:
        raise row.error("price", f"{instrument.id} in {currency.id} is 1, met {row['price']!r}")
    basis = cast("Basis", row.choice("basis", BASES)) if row["basis"] else "spot"
    as_of, source = read_time(row, "as_of"), row.plain("source")
    return Price(instrument.id, currency.id, scaled, as_of, source, basis)
