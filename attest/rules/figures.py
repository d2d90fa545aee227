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
