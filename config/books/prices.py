"""prices.csv: what one display unit of an instrument was worth.

    instrument,currency,price,as_of,source        btc,jpy,14250000.5,2026-12-01T00:00:00+09:00,acme
    index

A price is kept as an integer and a count of decimals, never a float. An instrument may stand once a
currency; its price in itself is 1 or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.books.cells import MAX_BYTES, read_amount, read_instrument, read_time, refuse_twice
from config.csvrows import parse_rows
from config.text import decode

if TYPE_CHECKING:
    from config.caip import InstrumentId
    from config.csvrows import Row
    from config.registry import Registry

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


def parse_prices(data: bytes, name: str, registry: Registry) -> tuple[Price, ...]:
    """Read prices.csv; raise InputError for anything not exact, unknown or stated twice."""
    columns = ("instrument", "currency", "price", "as_of", "source")
    rows = parse_rows(decode(data, name, MAX_BYTES), name, columns)
    prices = tuple(_price(row, registry) for row in rows)
    refuse_twice(rows, "instrument", [(one.instrument, one.currency) for one in prices])
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
    return Price(instrument.id, currency.id, scaled, read_time(row, "as_of"), row.plain("source"))
