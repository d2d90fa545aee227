"""The numbers behind a result, as facts: inputs with their grade, tables, money.

A finding's facts are text by name, and some of them are cells of a table. Such a name has three
parts, `table/row/column`:

    inputs/price of btc/value     15000000 jpy
    inputs/price of btc/grade     declared
    instruments/btc/online        400

Row names are identifiers or closed words, none of which holds a slash. In tables, amounts are
display units of their instrument, exact; money is written in units of its currency to twelve
places, rounded down. What is compared is never rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.rules.parameters import RATIO_DECIMALS
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction

    from attest.rules.bounds import Bounds

INPUTS = "inputs"
CHAIN = "chain; method, holder and owner declared"
"""The grade of what is held: the balance by the evidence, whose it is and how kept by a word."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One input of a rule: what was taken, how well it is known, and from where."""

    name: str
    """What it is, such as `price of btc`."""
    value: str
    grade: str
    """`chain`, `declared`, `document`, `signed`, or `none` where it is not stated."""
    source: str
    """The file it stands in, and its place there."""


def figures_as_facts(figures: Iterable[Figure]) -> dict[str, str]:
    """Write inputs as cells of the table of inputs, in their order."""
    return {
        f"{INPUTS}/{one.name}/{column}": text
        for one in figures
        for column, text in (("value", one.value), ("grade", one.grade), ("source", one.source))
    }


def table_as_facts(table: str, rows: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Write rows as cells of a table, in their order."""
    return {
        f"{table}/{row}/{column}": text
        for row, cells in rows.items()
        for column, text in cells.items()
    }


def write_money(amount: Fraction) -> str:
    """Write money in units of its currency, rounded down after twelve places, also below zero."""
    scaled = amount.numerator * 10**RATIO_DECIMALS // amount.denominator
    return format_decimal(scaled, RATIO_DECIMALS)


def write_known(bounds: Bounds) -> str:
    """Write money that is known exactly, or that it is not."""
    return "not known" if bounds.exact is None else write_money(bounds.exact)


def write_between(bounds: Bounds) -> str:
    """Write money for people, with the ends it lies between where it is not known."""
    if bounds.exact is not None:
        return write_money(bounds.exact)
    if bounds.upper is None:
        return f"not known, at least {write_money(bounds.lower)}"
    return f"not known, from {write_money(bounds.lower)} to {write_money(bounds.upper)}"


def write_distance(held: Bounds, needed: Bounds) -> str:
    """Write by how much what is held is above what is needed, below zero if it is short."""
    if held.exact is None or needed.exact is None:
        return "not known"
    return write_money(held.exact - needed.exact)
