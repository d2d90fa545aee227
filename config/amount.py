"""Amounts: whole base units with their asset, and exact decimal text.

Money is an `int` of base units (satoshi, wei). It is never a float, and amounts of two assets are
never added. Text in input is decimal in display units; it converts exactly or is refused, so `0.1`
of an asset with eight decimals is 10000000 and `0.123456789` of it is an error, not a rounding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError, shown

if TYPE_CHECKING:
    from config.caip import AssetId

MAX_DIGITS = 60
"""More digits than 2**192 has: no supply is larger, and int() stays cheap on hostile text."""

_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of one asset."""

    asset: AssetId
    units: int
    """Whole base units; never negative on input, negative only as a difference."""

    def __add__(self, other: Amount) -> Amount:
        """Add two amounts of the same asset; raise ValueError for two assets."""
        if self.asset != other.asset:
            raise ValueError(f"amounts of two assets added: {self.asset} and {other.asset}")
        return Amount(self.asset, self.units + other.units)


def parse_decimal(text: str, decimals: int) -> int:
    """Turn display units into base units, exactly.

    Args:
        text: ASCII digits with at most one point; no sign, exponent, spaces or leading zeros.
        decimals: how many decimal places the asset has.

    Returns:
        Whole base units, zero or more.

    Raises:
        InputError: the text is not such a number, or has more decimal places than the asset.
    """
    match = _DECIMAL.fullmatch(text) if len(text) <= MAX_DIGITS else None
    if match is None:
        raise InputError(
            f"amount not understood: {shown(text, MAX_DIGITS)}",
            "write plain digits with at most one point, such as 1234.5; no sign, exponent or comma",
        )
    whole, fraction = match[1], match[2] or ""
    if len(fraction) > decimals:
        raise InputError(
            f"too many decimals: {text!r} has {len(fraction)}, at most {decimals} allowed",
            "an amount is taken exactly or not at all: state it in fewer places",
        )
    return int(whole + fraction.ljust(decimals, "0"))


def format_decimal(units: int, decimals: int) -> str:
    """Write base units as display units, exactly, without trailing zeros.

    Args:
        units: base units, may be negative (a difference).
        decimals: decimal places of the asset.
    """
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
