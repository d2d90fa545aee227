"""domain_share/1: how much of what is kept offline for customers one signing domain can move.

    share of a domain = may lie under it / (may lie under it + is shown to lie under the others)

A signing domain is whatever is lost as one: a signing service, a set of devices, a vault and its
staff. It is declared (accounts.csv `signing_domain`), and names that differ in case alone are one.
Under the judged domain counts all that may lie there, of the others what is shown alone, so that no
failed proof, vague owner or strange address lowers a share.

Accounts that state no domain could all be under one, and are judged as one, `not stated`. They
could as well be under any that is named: where that would turn the answer it is unknown. Where
nothing at all states a domain nothing is known.

Chosen: each instrument, and the value of all in each currency of the price table; a vault may hold
all of a small instrument, and little of the whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result, write_ratio
from attest.rules.figures import Figure, figures_as_facts, table_as_facts, write_money
from attest.rules.holding import MAYBE_CUSTOMERS, SHOWN, UNNAMED, signing_domains, unread
from attest.rules.prices import prices_in, spot_currencies
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.positions import Position
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from config.caip import AssetId, InstrumentId

GRADE = "chain; method, holder, owner and signing domain declared"


@dataclass(frozen=True, slots=True)
class _Domain:
    """What lies under a signing domain, offline and for customers, in base units."""

    name: str
    maybe: Mapping[InstrumentId, Fraction]
    shown: Mapping[InstrumentId, Fraction]


@dataclass(frozen=True, slots=True)
class _Weight:
    """The same of one instrument, or in money."""

    name: str
    maybe: Fraction
    shown: Fraction


@dataclass(frozen=True, slots=True)
class _Share:
    """A domain's part of the whole that it is measured against."""

    name: str
    part: Fraction
    whole: Fraction

    @property
    def ratio(self) -> Fraction:
        return self.part / self.whole if self.whole else Fraction()


def domain_share(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each instrument, and the value of all. Parameters: `limit`, as a ratio."""
    limit, domains = parameters.ratio("limit"), _domains(case)
    names = sorted({name for one in domains for name in one.maybe})
    lacking = len(unread(case, "offline"))
    if not names:
        text = "nothing of customers' is kept offline"
        if lacking:
            text = f"not known: {lacking} accounts that are kept offline were not read"
        return (Result("unknown" if lacking else "not_applicable", "", text),)
    if {one.name for one in domains} == {UNNAMED}:
        text = "not known: no account that is kept offline states its signing domain"
        return (Result("unknown", "", text),)
    totals = (_total(case, domains, names, money, limit) for money in spot_currencies(case))
    found = (*(_one(case, domains, name, limit) for name in names), *totals)
    return tuple(_read_enough(result, lacking) for result in found)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    limit = parameters.ratio("limit")
    test = (
        f"{limit.denominator} * offline under one signing domain <= {limit.numerator} * offline, "
        "for each instrument and for sum(offline * price) in each currency"
    )
    return test, ("accounts: offline", "accounts: signing_domain", "prices, spot")


def _domains(case: Case) -> tuple[_Domain, ...]:
    """Give what lies under each domain, sorted by name, whatever states none as one of them."""
    stated = signing_domains(case)
    piles: defaultdict[str, Counter[tuple[InstrumentId, AssetId, bool]]] = defaultdict(Counter)
    for one in case.positions:
        if one.instrument is None or not one.units or not _may_be_offline(one):
            continue
        name = stated.get(one.account, "") or UNNAMED
        shown = one.owner == "customer" and one.band in SHOWN
        piles[name][one.instrument, one.asset, shown] += one.units
    scales = _scales(case, {(name, asset) for pile in piles.values() for name, asset, _ in pile})
    return tuple(_domain(key, piles[key], scales) for key in sorted(piles))


def _may_be_offline(one: Position) -> bool:
    return one.method == "cold" and one.holder == "self" and one.owner in MAYBE_CUSTOMERS


def _scales(
    case: Case, kinds: set[tuple[InstrumentId, AssetId]]
) -> dict[tuple[InstrumentId, AssetId], Fraction]:
    """Give how many base units of its instrument one of an asset is."""
    registry = case.inputs.registry
    return {
        (name, asset): Fraction(
            10 ** registry.instrument(name).decimals, 10 ** registry.asset(asset).decimals
        )
        for name, asset in kinds
    }


def _domain(
    name: str,
    pile: Mapping[tuple[InstrumentId, AssetId, bool], int],
    scales: Mapping[tuple[InstrumentId, AssetId], Fraction],
) -> _Domain:
    maybe: defaultdict[InstrumentId, Fraction] = defaultdict(Fraction)
    sure: defaultdict[InstrumentId, Fraction] = defaultdict(Fraction)
    for (instrument, asset, shown), units in pile.items():
        amount = units * scales[instrument, asset]
        maybe[instrument] += amount
        sure[instrument] += amount if shown else 0
    return _Domain(name, maybe, sure)


def _one(case: Case, domains: tuple[_Domain, ...], name: InstrumentId, limit: Fraction) -> Result:
    """Judge one instrument, in its base units."""
    decimals = case.inputs.registry.instrument(name).decimals
    found = [
        _Weight(one.name, one.maybe[name], one.shown[name]) for one in domains if name in one.maybe
    ]

    def written(units: Fraction) -> str:
        return f"{format_decimal(int(units), decimals)} {name}"

    return _judge(name, found, limit, written)


def _total(
    case: Case, domains: tuple[_Domain, ...], names: list[InstrumentId], money: str, limit: Fraction
) -> Result:
    """Judge the value of all instruments in one currency."""
    prices = prices_in(case, money)
    missing = prices.missing(names)
    if missing:
        text = f"no spot price in {money} for: {', '.join(missing)}"
        return Result("unknown", money, text, {"missing": " ".join(missing)})
    found = [_Weight(one.name, *_values(one, prices)) for one in domains]
    result = _judge(money, found, limit, lambda value: f"{write_money(value)} {money}")
    used = figures_as_facts(prices.figures(names))
    return replace(result, facts={"currency": money, **result.facts, **used})


def _values(one: _Domain, prices: Prices) -> tuple[Fraction, Fraction]:
    maybe, shown = (
        sum((prices.value(name, units) for name, units in part.items()), Fraction())
        for part in (one.maybe, one.shown)
    )
    return maybe, shown


def _judge(
    subject: str, found: list[_Weight], limit: Fraction, written: Callable[[Fraction], str]
) -> Result:
    """Judge the largest share, and what it could be with accounts that state no domain."""
    everything = sum((one.shown for one in found), Fraction())
    shares = sorted((_share((one,), everything) for one in found), key=_by_size)
    loose = tuple(one for one in found if one.name == UNNAMED)
    stated = [one for one in found if one.name != UNNAMED]
    worst = shares[0]
    could = max((_share((one, *loose), everything).ratio for one in stated), default=worst.ratio)
    text = (
        f"{subject}: {write_ratio(worst.ratio)} of what is kept offline lies under one signing "
        f"domain, {worst.name}; at most {write_ratio(limit)} is allowed"
    )
    facts = _facts(shares, limit, written)
    if worst.ratio > limit:
        return Result("breach", subject, text, facts)
    if could > limit:
        text = f"{text}; with accounts that state none it could be {write_ratio(could)}"
        return Result("unknown", subject, text, {**facts, "could_be": write_ratio(could)})
    return Result("pass", subject, text, facts)


def _share(chosen: tuple[_Weight, ...], everything: Fraction) -> _Share:
    """Give the share of some domains taken as one: all that may be theirs, of others the shown."""
    part = sum((one.maybe for one in chosen), Fraction())
    others = everything - sum((one.shown for one in chosen), Fraction())
    return _Share(chosen[0].name, part, part + others)


def _by_size(one: _Share) -> tuple[Fraction, str]:
    return -one.ratio, one.name


def _facts(
    shares: list[_Share], limit: Fraction, written: Callable[[Fraction], str]
) -> dict[str, str]:
    worst = shares[0]
    rows = {
        str(number): {"name": one.name, "under": written(one.part), "share": write_ratio(one.ratio)}
        for number, one in enumerate(shares[:NAMED], 1)
    }
    used = (
        Figure("under one domain", written(worst.part), GRADE, "accounts.csv"),
        Figure("offline", written(worst.whole), GRADE, "accounts.csv"),
    )
    return {
        "domain": worst.name,
        "share": write_ratio(worst.ratio),
        "limit": write_ratio(limit),
        "distance": write_ratio(limit - worst.ratio),
        "domains": str(len(shares)),
        **figures_as_facts(used),
        **table_as_facts("domains", rows),
    }


def _read_enough(result: Result, lacking: int) -> Result:
    """Give a result, or that it is not known where accounts that were not read could turn it."""
    if not lacking or result.status != "pass":
        return result
    text = f"{result.text}; {lacking} accounts that are kept offline were not read"
    return Result("unknown", result.subject, text, {**result.facts, "unread": str(lacking)})
