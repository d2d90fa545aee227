"""What a replayed loss comes to, and how it is told.

    gross     = sum of lost * price
    uncovered = sum of max(0, lost - guarantee) * price, guarantee for online losses alone
    available = reserve + sum of (limit - deductible) of the policies that answer
    cover     = available / uncovered
    shortfall = max(0, uncovered - reserve - paid)
    test      : shortfall = 0

Net assets are shown beside it and added to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.rules.accrual import HELD
from attest.rules.bounds import total
from attest.rules.case import Result, write_ratio
from attest.rules.figures import (
    CHAIN,
    Figure,
    figures_as_facts,
    table_as_facts,
    write_between,
    write_known,
    write_money,
)
from attest.rules.stated_facts import Asked, latest, written
from attest.rules.stress.cover import cover_of, reserve_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.rules.bounds import Bounds
    from attest.rules.case import Case
    from attest.rules.insured import Loss
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from attest.rules.stress.cover import Cover
    from attest.rules.stress.harm import Harm

FILES = "accounts.csv, custody.toml"
NET_ASSETS = Asked("net_assets")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a loss comes to."""

    prices: Prices
    harm: Harm
    cover: Cover
    loss: Loss
    inputs: tuple[Figure, ...]


def outcome_of(
    case: Case, parameters: Parameters, prices: Prices, harm: Harm, loss: Loss
) -> Outcome:
    """Hold a loss against what stands behind it, by `grades` and `maximum_days` of the rule."""
    reserve = reserve_of(case, prices, parameters)
    cover = cover_of(case, prices, loss, reserve, parameters)
    used = (*held_figures(harm, prices), *prices.figures((*harm.rows, *harm.money)))
    return Outcome(prices, harm, cover, loss, (*used, *reserve.figures, *cover.figures))


def result_of(
    case: Case, parameters: Parameters, outcome: Outcome, facts: Mapping[str, str]
) -> Result:
    """Tell what a loss comes to, after facts about the loss itself."""
    harm, cover, currency = outcome.harm, outcome.cover, outcome.prices.currency
    net = latest(case, NET_ASSETS, parameters.calendar)
    lacking = (*harm.lacking, *cover.lacking)
    text = (
        f"lost {write_between(harm.gross)}, uncovered by the same kind "
        f"{write_between(harm.uncovered)}, reserve {write_between(cover.reserve)}, paid by "
        f"policies {write_between(cover.paid(harm.uncovered))}, shortfall "
        f"{write_between(cover.shortfall(harm.uncovered))}, in {currency}{not_known(lacking)}"
    )
    every = {
        **facts,
        "tier": outcome.loss.tier,
        "peril": outcome.loss.peril,
        "currency": currency,
        **_amounts(harm, cover),
        **({"missing": "; ".join(lacking)} if lacking else {}),
        "net_assets": "not stated" if net.fact is None else written(net.fact),
        **figures_as_facts((*outcome.inputs, net.figure)),
        **table_as_facts("instruments", harm.rows),
    }
    return Result(cover.judge(harm.uncovered), currency, text, every)


def explained(
    parameters: Parameters, term: str, loss: Loss, inputs: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs of a replay in words, after what is lost of each instrument."""
    currency = parameters.text("currency")
    test = f"{term} <= liability_reserve + paid by policies, in {currency}"
    policies = f"insurance {loss.tier} {loss.peril}"
    return test, (*inputs, HELD, policies, "fact net_assets", f"prices in {currency}, spot")


def kinds_lost(words: str, loss: Loss) -> str:
    """Write what is uncovered of a loss of coins as a formula does."""
    matched = f"max(0, {words} - guarantee)" if loss.tier == "online" else words
    return f"sum({matched} * price)"


def held_figures(harm: Harm, prices: Prices) -> tuple[Figure, ...]:
    """Say from where it is known what could be lost."""
    if harm.money:
        return ()
    value = f"{write_between(harm.gross)} {prices.currency}"
    return (Figure("customers' holdings that are lost", value, CHAIN, FILES),)


def not_known(lacking: tuple[str, ...]) -> str:
    """End a sentence with what is lacking."""
    return f"; not known: {', '.join(lacking)}" if lacking else ""


def _amounts(harm: Harm, cover: Cover) -> dict[str, str]:
    uncovered, available = harm.uncovered, total([cover.reserve, cover.credit])
    left, reserve = cover.retained(uncovered).exact, cover.reserve.exact
    distance = None if left is None or reserve is None else reserve - left
    return {
        "gross": write_known(harm.gross),
        "uncovered": write_known(uncovered),
        "reserve": write_known(cover.reserve),
        "insurance": write_known(cover.credit),
        "available": write_known(available),
        "cover": _cover(available, uncovered),
        "paid": write_known(cover.paid(uncovered)),
        "shortfall": write_known(cover.shortfall(uncovered)),
        "distance": "not known" if distance is None else write_money(distance),
    }


def _cover(available: Bounds, uncovered: Bounds) -> str:
    if uncovered.exact == 0:
        return "none"
    if uncovered.exact is None or available.exact is None:
        return "not known"
    return write_ratio(available.exact / uncovered.exact)
