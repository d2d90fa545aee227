"""Rules about a reserve that is planned and has no figures yet; whoever asks supplies them.

reserve_proposal/1:

    required = min(cap, max(floor, volume_rate * peak volume, custody_rate * offline_held))
    credit   = min(what policies pay for a theft of what is offline, insurance_share * required)
    test     : liability_reserve + credit >= required

reserve_sensitivity/1: the same for every combination of several figures.

The peak volume is the sum over the bases of the largest of three fiscal years. A parameter that is
empty is not set, and what hangs on it is not known. Nothing here is law: the form is an inference
from what is published, and says so in its pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from attest.rules.accrual import HELD, volumes_of
from attest.rules.amounts import GRADES, Counted, amount_of, held_term
from attest.rules.bounds import (
    NOTHING_KNOWN,
    Bounds,
    compare,
    each,
    exactly,
    largest,
    short_of,
    smallest,
    total,
)
from attest.rules.case import Result
from attest.rules.figures import figures_as_facts, table_as_facts, write_distance, write_known
from attest.rules.parameters import RATIO_DECIMALS
from attest.rules.prices import prices_in
from config.amount import parse_decimal
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.rules.case import Case
    from attest.rules.figures import Figure
    from attest.rules.parameters import Parameters

FIGURES = ("volume_rate", "custody_rate", "floor", "cap", "insurance_share")
INSURED = "insurance offline theft"
OFFLINE = "part offline_held"
MAX_ROWS = 256
"""Combinations in one table: a reader looks through no more."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the planned reserve is reckoned from, in money of one currency."""

    currency: str
    volume: Bounds
    offline: Bounds
    policies: Bounds
    reserve: Bounds
    inputs: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What comes of it under certain figures."""

    required: Bounds
    credit: Bounds
    held: Bounds

    @property
    def gap(self) -> Bounds:
        """What is lacking."""
        return short_of(self.required, self.held)


def reserve_proposal(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the reserve by the figures that are set.

    Parameters: `currency`; `bases` of volume; `grades` and `maximum_days` of the reserve; the
    figures `volume_rate`, `custody_rate`, `floor`, `cap` and `insurance_share`, each decimal text
    or empty.
    """
    ground = _ground(case, parameters)
    stated = {name: _figure(parameters, name) for name in FIGURES}
    planned = _plan(ground, stated)
    unset = [name for name, bounds in stated.items() if bounds == NOTHING_KNOWN]
    facts = {
        "currency": ground.currency,
        **{name: write_known(bounds) for name, bounds in stated.items()},
        "volume": write_known(ground.volume),
        "offline": write_known(ground.offline),
        **_outcome(planned),
        "distance": write_distance(planned.held, planned.required),
        **figures_as_facts(ground.inputs),
    }
    if unset:
        facts["unset"] = " ".join(unset)
    word = f"; not set: {', '.join(unset)}" if unset else ""
    text = (
        f"not law: required {write_known(planned.required)}, insurance takes the place of "
        f"{write_known(planned.credit)}, the gap is {write_known(planned.gap)}, in "
        f"{ground.currency}{word}"
    )
    return (Result(compare(planned.held, planned.required), ground.currency, text, facts),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    set_to = {name: parameters.text(name) or f"{name} (not set)" for name in FIGURES}
    bases = tuple(f"fact trading_volume {base}" for base in parameters.words("bases"))
    test = (
        "liability_reserve + min(insurance, {insurance_share} * required) >= required; required = "
        "min({cap}, max({floor}, {volume_rate} * peak volume, {custody_rate} * offline_held))"
    ).format(**set_to)
    inputs = (*bases, OFFLINE, HELD, INSURED, f"prices in {parameters.text('currency')}, spot")
    return f"{test}, in {parameters.text('currency')}", inputs


def reserve_sensitivity(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Reckon the planned reserve for every combination of some figures.

    Parameters: as of reserve_proposal/1, but each figure is a list.
    """
    ground, rows = _ground(case, parameters), {}
    plans = [(chosen, _plan(ground, chosen)) for chosen in _combinations(parameters)]
    for chosen, planned in plans:
        name = " ".join(f"{key} {write_known(bounds)}" for key, bounds in chosen.items())
        rows[name] = _outcome(planned)
    verdicts = [compare(planned.held, planned.required) for _, planned in plans]
    lacking, unknown = verdicts.count("breach"), verdicts.count("unknown")
    text = f"not law: {lacking} of {len(plans)} combinations leave a gap"
    if unknown:
        text += f", {unknown} are not known"
    facts = {
        "currency": ground.currency,
        "combinations": str(len(plans)),
        "gaps": str(lacking),
        "unknown": str(unknown),
        **figures_as_facts(ground.inputs),
        **table_as_facts("combinations", rows),
    }
    worst = min(verdicts, key=("breach", "unknown", "pass").index)
    return (Result(worst, ground.currency, text, facts),)


def explain_sensitivity(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    count = len(_combinations(parameters))
    bases = tuple(f"fact trading_volume {base}" for base in parameters.words("bases"))
    inputs = (*bases, OFFLINE, HELD, INSURED, f"prices in {parameters.text('currency')}, spot")
    return f"reserve_proposal for each of {count} combinations of figures", inputs


def _combinations(parameters: Parameters) -> list[dict[str, Bounds]]:
    lists = [parameters.words(name) for name in FIGURES]
    # A pack may be another's: its combinations are counted before one of them is made.
    count = prod(len(one) for one in lists)
    if count > MAX_ROWS:
        what = f"parameter {parameters.rule}: {count} combinations, the limit is {MAX_ROWS}"
        raise InputError(what)
    return [
        {name: _read(text) for name, text in zip(FIGURES, chosen, strict=True)}
        for chosen in product(*lists)
    ]


def _ground(case: Case, parameters: Parameters) -> Ground:
    prices = prices_in(case, parameters.text("currency"))
    grades, maximum = parameters.words_of("grades", GRADES), parameters.whole("maximum_days")
    strict = Counted(prices, parameters.calendar, grades, maximum)
    plain = Counted(prices, parameters.calendar, (), maximum)
    volumes = [
        volumes_of(case, base, parameters.calendar, prices) for base in parameters.words("bases")
    ]
    offline, reserve, policies = (
        amount_of(case, held_term(words), how)
        for words, how in ((OFFLINE, plain), (HELD, strict), (INSURED, strict))
    )
    amounts = (offline, reserve, policies)
    return Ground(
        prices.currency,
        total(one.peak for one in volumes),
        offline.bounds,
        policies.bounds,
        reserve.bounds,
        (
            *(figure for one in volumes for figure in one.figures),
            *(figure for one in amounts for figure in one.figures),
        ),
    )


def _plan(ground: Ground, figures: Mapping[str, Bounds]) -> Planned:
    by_volume = _product(figures["volume_rate"], ground.volume)
    by_custody = _product(figures["custody_rate"], ground.offline)
    needed = largest([figures["floor"], by_volume, by_custody])
    required = smallest([needed, figures["cap"]])
    credit = smallest([ground.policies, _product(figures["insurance_share"], required)])
    return Planned(required, credit, total([ground.reserve, credit]))


def _product(rate: Bounds, amount: Bounds) -> Bounds:
    """Multiply a rate that is exact or not known."""
    return NOTHING_KNOWN if rate.exact is None else each(amount, lambda one: one * rate.lower)


def _figure(parameters: Parameters, name: str) -> Bounds:
    text = parameters.text(name)
    return exactly(parameters.ratio(name)) if text else NOTHING_KNOWN


def _read(text: str) -> Bounds:
    return exactly(Fraction(parse_decimal(text, RATIO_DECIMALS), 10**RATIO_DECIMALS))


def _outcome(planned: Planned) -> dict[str, str]:
    return {
        "required": write_known(planned.required),
        "credit": write_known(planned.credit),
        "held": write_known(planned.held),
        "gap": write_known(planned.gap),
    }
