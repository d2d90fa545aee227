"""coverage/2: what customers are owed of each instrument is held in that instrument.

coverage/3: the same, with how each amount is known, and the distance to the limit.
held_not_owed/1: what is held for customers is owed to them.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from attest.allocating import BELONGINGS
from attest.lines import BANDS
from attest.positions import BASES
from attest.reckoning import TABLE, Counting, reckon
from attest.rules.case import Result, write_ratio
from attest.rules.figures import CHAIN, Figure, figures_as_facts
from attest.rules.holding import owed_grade
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.reckoning import Reckoning
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters


def coverage(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each instrument that is owed, without netting across instruments.

    Parameters: `bands` and `owners` that count, `bases` on which an attested amount counts,
    `minimum` as a ratio of what is owed.
    """
    counting = Counting(
        parameters.words_of("bands", BANDS),
        parameters.words_of("owners", BELONGINGS),
        parameters.words_of("bases", BASES),
    )
    minimum = parameters.ratio("minimum")
    if not case.inputs.books.owed():
        if case.compares:
            return (Result("unknown", "", "no liabilities were given"),)
        return (Result("not_applicable", "", "the declared scope has no comparison"),)
    reckoned = reckon(case.material, counting)
    judged = [one for one in reckoned if one.owed is not None and one.instrument not in case.out]
    if not judged:
        return (Result("unknown", "", "every instrument that is owed is left out"),)
    return tuple(_judge(case, one, minimum) for one in judged)


def graded_coverage(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """coverage/3: judge as coverage/2 does, and say how each amount is known.

    Parameters: as of coverage/2.
    """
    grade, registry = owed_grade(case), case.inputs.registry
    decimals = {str(row.id): row.decimals for row in registry.instruments}
    return tuple(
        replace(one, facts=_graded(one, decimals[one.subject], grade)) if one.facts else one
        for one in coverage(case, parameters)
    )


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    least = parameters.ratio("minimum")
    test = (
        f"{least.denominator} * (held + signed by custodians - borrowed + items) >= "
        f"{least.numerator} * owed, for each instrument"
    )
    return test, ("accounts", "custody", "liabilities", "reserves", "reconciling")


def _graded(result: Result, decimals: int, owed: str) -> dict[str, str]:
    """Give the facts of a result with those of its inputs."""
    facts, name = result.facts, result.subject
    inputs = (
        ("owed", owed, "liabilities.csv, or the commitment"),
        ("counted", CHAIN, "accounts.csv, allocations.csv"),
        ("attested", "signed", "custody.toml"),
        ("borrowed", "declared; debt tokens by chain", "reserves.toml"),
        ("items", "chain", "reconciling.csv"),
    )
    figures = (
        Figure(key, f"{format_decimal(int(facts[key]), decimals)} {name}", grade, source)
        for key, grade, source in inputs
    )
    needed = Fraction(facts["minimum"]) * int(facts["owed"])
    distance = floor(int(facts["owed"]) + int(facts["difference"]) - needed)
    return {
        **facts,
        "distance": str(distance),
        "decimals": str(decimals),
        **figures_as_facts(figures),
    }


def held_not_owed(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """held_not_owed/1: name every instrument held for customers of which nothing is stated as owed.

    Takes no parameters; counts what the table of the report counts. A ledger from which an
    instrument was left out looks like this.
    """
    del parameters
    if not case.inputs.books.owed():
        return (Result("not_applicable", "", "no liabilities were given"),)
    found = [one for one in reckon(case.material, TABLE) if one.owed is None and one.counted]
    return tuple(
        Result(
            "breach",
            one.instrument,
            f"{_display(case, one)} is held for customers, and nothing is stated as owed",
            {"counted": str(one.counted)},
        )
        for one in found
    ) or (Result("pass", "", "of everything held for customers it is stated what is owed"),)


def _display(case: Case, one: Reckoning) -> str:
    decimals = case.inputs.registry.instrument(one.instrument).decimals
    return f"{format_decimal(one.counted, decimals)} {one.instrument}"


def _judge(case: Case, one: Reckoning, minimum: Fraction) -> Result:
    owed, gap = one.owed or 0, one.adjusted or 0
    needed = minimum * owed
    decimals = case.inputs.registry.instrument(one.instrument).decimals
    word = f"short by {format_decimal(-gap, decimals)}" if gap < 0 else "covered"
    text = (
        f"{one.instrument}: owed {format_decimal(owed, decimals)}, "
        f"held {format_decimal(owed + gap, decimals)}, {word}"
    )
    facts = {
        "owed": str(owed),
        "counted": str(one.counted),
        "attested": str(one.attested),
        "borrowed": str(one.borrowed),
        "items": str(one.timing),
        "difference": str(gap),
        "coverage": write_ratio(Fraction(one.held, owed)) if owed else "",
        "minimum": write_ratio(minimum),
        **{f"held_{band}": str(units) for band, units in one.shown},
    }
    if owed + gap >= needed:
        return Result("pass", one.instrument, text, facts)
    if one.unvouched and owed + gap + one.unvouched >= needed:
        stated = format_decimal(one.unvouched, decimals)
        text = f"{text}, without {stated} over signatures of keys that are not trusted here"
        return Result("unknown", one.instrument, text, {**facts, "unvouched": str(one.unvouched)})
    return Result("breach", one.instrument, text, facts)
