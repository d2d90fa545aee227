"""What customers are owed, and the prices used: liabilities.csv and prices.csv.

    instrument,amount,as_of                       btc,1234.5,2026-12-01T00:00:00+09:00
    instrument,currency,price,as_of,source        btc,jpy,14250000.5,2026-12-01T00:00:00+09:00,acme
    index

Amounts are display units of the instrument, exact or refused. A price is kept as an integer and a
count of decimals, never a float. An instrument may stand once in liabilities.csv and once a
currency in prices.csv: a second row is refused, because nobody could say which one counts. The
price of an instrument in itself is 1 or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.amount import parse_decimal
from config.csvrows import Row, parse_rows
from config.errors import InputError
from config.text import decode
from config.times import parse_time

if TYPE_CHECKING:
    from config.caip import InstrumentId
    from config.registry import Instrument, Registry

MAX_BYTES = 4 * 1024 * 1024
"""Twenty thousand instruments at 200 bytes a row: more than any exchange lists."""
PRICE_DECIMALS = 18
"""Finest price accepted: a token may be worth less than 10**-12 yen."""


@dataclass(frozen=True, slots=True)
class Liability:
    """What customers are owed of one instrument, by the entity's own total."""

    instrument: InstrumentId
    units: int
    """Base units of the instrument."""
    as_of: int
    """Unix seconds."""


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


@dataclass(frozen=True, slots=True)
class Books:
    """Everything the entity reports that no chain can say."""

    liabilities: tuple[Liability, ...]
    prices: tuple[Price, ...]


def parse_liabilities(data: bytes, name: str, registry: Registry) -> tuple[Liability, ...]:
    """Read liabilities.csv; raise InputError for anything not exact, unknown or stated twice."""
    rows = parse_rows(decode(data, name, MAX_BYTES), name, ("instrument", "amount", "as_of"))
    liabilities = tuple(_liability(row, registry) for row in rows)
    _refuse_twice(rows, tuple(one.instrument for one in liabilities))
    return liabilities


def parse_prices(data: bytes, name: str, registry: Registry) -> tuple[Price, ...]:
    """Read prices.csv; raise InputError for anything not exact, unknown or stated twice."""
    columns = ("instrument", "currency", "price", "as_of", "source")
    rows = parse_rows(decode(data, name, MAX_BYTES), name, columns)
    prices = tuple(_price(row, registry) for row in rows)
    _refuse_twice(rows, tuple((one.instrument, one.currency) for one in prices))
    return prices


def _liability(row: Row, registry: Registry) -> Liability:
    instrument = _instrument(row, "instrument", registry)
    return Liability(instrument.id, _decimal(row, "amount", instrument.decimals), _time(row))


def _price(row: Row, registry: Registry) -> Price:
    instrument = _instrument(row, "instrument", registry)
    currency = _instrument(row, "currency", registry)
    scaled = _decimal(row, "price", PRICE_DECIMALS)
    if not scaled:
        raise row.error("price", "price is zero", "leave the row out if the price is not known")
    if not row["source"]:
        raise row.error("source", "empty", "name where the price was taken from")
    if instrument == currency and scaled != 10**PRICE_DECIMALS:
        raise row.error("price", f"{instrument.id} in {currency.id} is 1, met {row['price']!r}")
    return Price(instrument.id, currency.id, scaled, _time(row), row.plain("source"))


def _instrument(row: Row, column: str, registry: Registry) -> Instrument:
    try:
        return registry.instrument(row[column])
    except InputError as error:
        raise row.restated(column, error) from error


def _decimal(row: Row, column: str, decimals: int) -> int:
    try:
        return parse_decimal(row[column], decimals)
    except InputError as error:
        raise row.restated(column, error) from error


def _time(row: Row) -> int:
    try:
        return parse_time(row["as_of"])
    except InputError as error:
        raise row.restated("as_of", error) from error


def _refuse_twice(rows: tuple[Row, ...], keys: tuple[object, ...]) -> None:
    lines: dict[object, int] = {}
    for row, key in zip(rows, keys, strict=True):
        first = lines.setdefault(key, row.line)
        if first != row.line:
            what = f"stated twice: {row['instrument']!r}, first on line {first}"
            raise row.error("instrument", what)
