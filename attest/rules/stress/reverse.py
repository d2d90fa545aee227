"""The smallest losses that would not be covered.

reverse_stress/1: of each instrument kept one way, or of all that is kept one way.
domain_reverse/1: of each signing domain, by the way its coins are kept.

    test : exposed < smallest, as of `attest.rules.stress.groups`

Where even all of a group is covered the rule is met.

Chosen: accounts that state no signing domain are a group of their own, and may belong to any other
besides: no domain is covered that would not be with them.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.accrual import HELD
from attest.rules.bounds import Bounds
from attest.rules.case import NAMED, Result, write_ratio
from attest.rules.figures import (
    figures_as_facts,
    table_as_facts,
    write_between,
    write_known,
    write_money,
)
from attest.rules.holding import UNNAMED
from attest.rules.insured import Loss
from attest.rules.prices import prices_in
from attest.rules.stress.cover import cover_of, reserve_of
from attest.rules.stress.groups import Coin, Ground, Group
from attest.rules.stress.harm import guarantee_of
from attest.rules.stress.holdings import (
    NOT_STATED,
    Holdings,
    holdings_by_domain,
    holdings_of,
    together,
)
from attest.rules.stress.outcome import held_figures, not_known
from attest.rules.stress.scenario import peril_of
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from attest.rules.case import Case
    from attest.rules.insured import Tier
    from attest.rules.parameters import Parameters

GROUPS = ("instrument", "tier")
WORST = ("breach", "unknown", "pass")

WAYS: tuple[Tier, ...] = ("online", "offline")
"""Each is searched by itself: guarantee assets stand against the one alone."""


def reverse_stress(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each group of holdings.

    Parameters: `by`, `instrument` or `tier`; `peril`; `currency`; `grades` of the reserve and of
    policies; `maximum_days` of the reserve.
    """
    alone = parameters.word("by", GROUPS) == "instrument"
    groups = _groups(case, parameters, _coins if alone else _tier)
    return tuple(_result(one) for one in groups) or (_nothing(),)


def domain_reverse(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each signing domain; parameters as of reverse_stress/1, without `by`."""
    found = sorted(
        _groups(case, parameters, _domains),
        key=lambda one: (WORST.index(one.status), -one.exposed.lower, one.name),
    )
    results = tuple(_result(one) for one in found[:NAMED])
    if len(found) > NAMED:
        text = f"{len(found) - NAMED} other groups, none of them worse"
        results += (Result(found[NAMED].status, "others", text),)
    return results or (_nothing(),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    one = parameters.word("by", GROUPS) == "instrument"
    return _explained(parameters, "instrument, online and offline" if one else "tier", ())


def explain_domains(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    words = "signing domain, online and offline"
    return _explained(parameters, words, ("accounts: signing_domain",))


def _explained(
    parameters: Parameters, groups: str, inputs: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    currency, peril = parameters.text("currency"), peril_of(parameters)
    test = (
        "sum(max(0, held - guarantee) * price) < least L with L - paid(L) > liability_reserve, "
        f"guarantee for online alone, for each {groups}, in {currency}"
    )
    policies = (f"insurance {tier} {peril}" for tier in WAYS)
    accounts = ("accounts: held", "accounts: guarantee", *inputs)
    return test, (*accounts, HELD, *policies, f"prices in {currency}, spot")


def _groups(
    case: Case, parameters: Parameters, parts: Callable[[Ground], Iterable[Group]]
) -> list[Group]:
    prices, peril = prices_in(case, parameters.text("currency")), peril_of(parameters)
    reserve = reserve_of(case, prices, parameters)
    found: list[Group] = []
    for tier in WAYS:
        loss = Loss(tier, peril)
        cover = cover_of(case, prices, loss, reserve, parameters)
        inputs = (*reserve.figures, *cover.figures)
        ground = Ground(case, prices, loss, cover, guarantee_of(case, tier), inputs)
        found += parts(ground)
    return found


def _tier(ground: Ground) -> Iterable[Group]:
    holdings = holdings_of(ground.case, ground.loss.tier)
    if holdings.amounts or holdings.unread:
        harm = ground.harm(holdings)
        yield Group(ground.loss.tier, ground, harm, harm.uncovered, ground.step)


def _coins(ground: Ground) -> Iterable[Group]:
    holdings = holdings_of(ground.case, ground.loss.tier)
    for name, units in holdings.amounts.items():
        harm = ground.harm(Holdings({name: units}, holdings.unread))
        decimals = ground.case.inputs.registry.instrument(name).decimals
        step = None if ground.prices.missing([name]) else ground.prices.value(name, 1)
        coin = Coin(name, units, ground.guarantee.amounts.get(name, 0), decimals)
        yield Group(f"{name} {ground.loss.tier}", ground, harm, harm.uncovered, step, coin)
    if holdings.unread and not holdings.amounts:
        yield from _tier(ground)


def _domains(ground: Ground) -> Iterable[Group]:
    domains = holdings_by_domain(ground.case, ground.loss.tier)
    nameless = domains.get(NOT_STATED)
    for name, holdings in domains.items():
        harm = ground.harm(holdings)
        title = f"{name or UNNAMED} {ground.loss.tier}"
        group = Group(title, ground, harm, harm.uncovered, ground.step)
        if name != NOT_STATED and nameless is not None:
            most = ground.harm(together(holdings, nameless)).uncovered.upper
            group = replace(group, exposed=Bounds(group.exposed.lower, most), nameless=True)
        yield group


def _nothing() -> Result:
    return Result("not_applicable", "", "customers have nothing that could be lost")


def _result(group: Group) -> Result:
    ground, smallest, exposed = group.ground, group.smallest, group.exposed
    text = (
        f"{group.name}: beyond what is matched {write_between(exposed)} could be lost, and the "
        f"smallest loss that is not covered is {write_between(smallest)}, in "
        f"{ground.prices.currency}{not_known(group.lacking)}"
    )
    facts = {
        "tier": ground.loss.tier,
        "peril": ground.loss.peril,
        "currency": ground.prices.currency,
        "held": write_known(group.harm.gross),
        "exposed": write_known(exposed),
        "smallest": write_known(smallest),
        "share_of_exposed": _share(smallest.exact, exposed.exact),
        "distance": _distance(smallest.exact, exposed.exact),
        "reserve": write_known(ground.cover.reserve),
        "insurance": write_known(ground.cover.credit),
        **({"missing": "; ".join(group.lacking)} if group.lacking else {}),
        **_quantity(group),
        **figures_as_facts(
            (
                *held_figures(group.harm, ground.prices),
                *ground.prices.figures(group.harm.rows),
                *ground.inputs,
            )
        ),
        **table_as_facts("instruments", group.harm.rows),
    }
    return Result(group.status, group.name, text, facts)


def _quantity(group: Group) -> dict[str, str]:
    """Say of one instrument how much of it the smallest loss is, with what is matched of it."""
    coin, smallest = group.coin, group.smallest.exact
    if coin is None:
        return {}
    if group.step is None or smallest is None or group.ground.guarantee.more:
        return {"quantity": "not known", "share_of_held": "not known"}
    units = coin.guarantee + int(smallest / group.step)
    return {
        "quantity": format_decimal(units, coin.decimals),
        "share_of_held": write_ratio(Fraction(units, coin.held)),
    }


def _share(smallest: Fraction | None, exposed: Fraction | None) -> str:
    if smallest is None or exposed is None:
        return "not known"
    return write_ratio(smallest / exposed) if exposed else "none"


def _distance(smallest: Fraction | None, exposed: Fraction | None) -> str:
    if smallest is None or exposed is None:
        return "not known"
    return write_money(smallest - exposed)
