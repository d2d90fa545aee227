"""loss_replay/1: a loss of the past, replayed on what the entity holds for customers today.

What is lost is said as `attest.rules.stress.scenario` says, what it comes to is reckoned by
`attest.rules.stress.outcome`.

Where two instruments have the largest value, the one that leaves more uncovered is lost. Where an
instrument has no price, it may be the largest, and what hangs on it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import Result
from attest.rules.prices import prices_in
from attest.rules.stress.harm import NOTHING, Harm, guarantee_of, harm_of, no_price, one_of
from attest.rules.stress.outcome import explained, kinds_lost, outcome_of, result_of
from attest.rules.stress.scenario import lost_in, money_of, scenario_of

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from attest.rules.stress.scenario import Scenario


def loss_replay(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge a loss of the past.

    Parameters: `base`, `tier`, `peril`, one of `fraction`, `quantity` and `amount`, and
    `instrument` or `amount_currency` where the base has one, as of `attest.rules.stress.scenario`;
    `currency`; `grades` of the reserve and of policies; `maximum_days` of the reserve.
    """
    scenario, prices = scenario_of(parameters), prices_in(case, parameters.text("currency"))
    harm = _harm(case, parameters, scenario, prices)
    facts = {"base": scenario.base, "lost": scenario.words}
    outcome = outcome_of(case, parameters, prices, harm, scenario.loss)
    if harm.gross == NOTHING:
        text = f"customers have nothing that is lost here: {scenario.words}"
        return (Result("not_applicable", prices.currency, text, facts),)
    return (result_of(case, parameters, outcome, facts),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs of such a rule in words."""
    scenario = scenario_of(parameters)
    if scenario.base == "money":
        return explained(parameters, scenario.words, scenario.loss, ())
    inputs: tuple[str, ...] = ("accounts: held",)
    if scenario.loss.tier == "online":
        inputs += ("accounts: guarantee",)
    return explained(parameters, kinds_lost(scenario.words, scenario.loss), scenario.loss, inputs)


def _harm(case: Case, parameters: Parameters, scenario: Scenario, prices: Prices) -> Harm:
    if scenario.base == "money":
        value, currency = money_of(case, parameters, prices), parameters.text("amount_currency")
        lacking = tuple(no_price(one, prices) for one in prices.missing([currency]))
        return Harm(value, value, {}, (currency,), lacking)
    guarantee = guarantee_of(case, scenario.loss.tier)
    harms = [harm_of(case, lost, guarantee, prices) for lost in lost_in(case, parameters, prices)]
    if not harms:
        return Harm(NOTHING, NOTHING, {})
    if all(one.gross.exact is not None for one in harms):
        return max(harms, key=lambda one: one.uncovered.lower)
    return one_of(harms)
