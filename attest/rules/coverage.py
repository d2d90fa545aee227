"""coverage/1: what customers are owed of each instrument is held in that instrument."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attest.reconcile import compare
from attest.rules.case import Result, write_ratio
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.reconcile import Comparison
    from attest.rules.case import Case, Parameters


def coverage(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each instrument that is owed, without netting across instruments.

    Parameters: `bands` and `owners` that count, `minimum` as a ratio of what is owed.
    """
    bands, owners = parameters.words("bands"), parameters.words("owners")
    minimum = parameters.ratio("minimum")
    if not case.inputs.books.liabilities:
        if case.compares:
            return (Result("unknown", "", "no liabilities were given"),)
        return (Result("not_applicable", "", "the declared scope has no comparison"),)
    compared = compare(case.lines, case.inputs.books, case.inputs.registry, bands, owners)
    return tuple(_judge(case, one, minimum) for one in compared if one.owed is not None)


def _judge(case: Case, one: Comparison, minimum: Fraction) -> Result:
    owed = one.owed or 0
    needed = minimum * owed
    covered = one.counted >= needed
    decimals = case.inputs.registry.instrument(one.instrument).decimals
    gap = one.counted - owed
    word = f"short by {format_decimal(-gap, decimals)}" if gap < 0 else "covered"
    text = (
        f"{one.instrument}: owed {format_decimal(owed, decimals)}, "
        f"counted {format_decimal(one.counted, decimals)}, {word}"
    )
    facts = {
        "owed": str(owed),
        "counted": str(one.counted),
        "difference": str(gap),
        "coverage": write_ratio(Fraction(one.counted, owed)) if owed else "",
        "minimum": write_ratio(minimum),
        **{f"held_{band}": str(units) for band, units in one.shown},
    }
    return Result("pass" if covered else "breach", one.instrument, text, facts)
