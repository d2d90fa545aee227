"""domain_replay/1: the loss of everything that one signing domain can sign for, or a part of it.

The domain is the one whose loss leaves most uncovered; without guarantee assets that is the one of
the largest value. What the loss comes to is reckoned by `attest.rules.stress.outcome`.

Chosen: accounts that state no domain are one of their own, and may belong to any other besides, so
that an empty cell never makes a loss smaller.
Refused: a base of loss_replay/1. A domain may be one account, whose amounts a sealed statement
shows to nobody; the other bases are totals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from attest.rules.bounds import Bounds, largest
from attest.rules.case import Result
from attest.rules.figures import write_known
from attest.rules.holding import UNNAMED
from attest.rules.prices import prices_in
from attest.rules.stress.harm import Harm, guarantee_of, harm_of, share_of
from attest.rules.stress.holdings import NOT_STATED, Holdings, holdings_by_domain, together
from attest.rules.stress.outcome import explained, kinds_lost, outcome_of, result_of
from attest.rules.stress.scenario import fraction_of, loss_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters


def domain_replay(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the loss of one signing domain.

    Parameters: `fraction` of what it signs for; `tier`, `peril`, `currency`, `grades` and
    `maximum_days` as of loss_replay/1.
    """
    loss, fraction = loss_of(parameters), fraction_of(parameters)
    prices = prices_in(case, parameters.text("currency"))
    guarantee = guarantee_of(case, loss.tier)

    def harm(holdings: Holdings) -> Harm:
        return harm_of(case, share_of(holdings, fraction), guarantee, prices)

    # Without any domain, nothing is lost; the parameters are read all the same.
    domains = holdings_by_domain(case, loss.tier) or {NOT_STATED: Holdings({}, 0)}
    harms = {name: harm(one) for name, one in domains.items()}
    worst = max(harms, key=lambda name: (harms[name].uncovered.lower, harms[name].gross.lower))
    found = replace(
        harms[worst],
        uncovered=_most(domains, harm),
        lacking=_lacking(harms),
    )
    outcome = outcome_of(case, parameters, prices, found, loss)
    if not fraction or not any(one.amounts or one.unread for one in domains.values()):
        text = "customers have nothing that is lost here"
        return (Result("not_applicable", prices.currency, text),)
    facts = {
        "signing_domain": worst or UNNAMED,
        "domains": str(len(domains)),
        "lost": f"{parameters.text('fraction')} * one signing domain",
    }
    if NOT_STATED in harms:
        facts["domain_not_stated"] = write_known(harms[NOT_STATED].gross)
    return (result_of(case, parameters, outcome, facts),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs of such a rule in words."""
    fraction_of(parameters)
    loss = loss_of(parameters)
    term = kinds_lost(f"{parameters.text('fraction')} * held", loss)
    inputs = ("accounts: held", "accounts: signing_domain")
    return explained(parameters, f"for each signing domain, {term}", loss, inputs)


def _lacking(harms: Mapping[str, Harm]) -> tuple[str, ...]:
    words = dict.fromkeys(word for one in harms.values() for word in one.lacking)
    if NOT_STATED in harms and len(harms) > 1:
        words["the signing domain of every account"] = None
    return tuple(words)


def _most(domains: Mapping[str, Holdings], harm: Callable[[Holdings], Harm]) -> Bounds:
    """Give what is known of the most that the loss of one domain leaves uncovered."""
    nameless = domains.get(NOT_STATED)
    least = [harm(one).uncovered for one in domains.values()]
    if nameless is None or len(domains) == 1:
        return largest(least)
    most = [
        harm(together(one, nameless)).uncovered
        for name, one in domains.items()
        if name != NOT_STATED
    ]
    return Bounds(largest(least).lower, largest(most).upper)
