"""past_losses/1: which losses of the past the entity would have outlived, taken as money.

    value     = amount in the rule's currency, by the declared price of the event's currency
    shortfall = max(0, value - reserve - paid)
    test      : shortfall = 0, for each event

An event is a text of words: day, currency, amount, how the coins were kept, peril, and name.

    2018-01-26 jpy 58000000000 online theft Coincheck

No guarantee asset stands against money, and no event is made smaller for a small entity.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.rules.accrual import HELD
from attest.rules.bounds import NOTHING_KNOWN, exactly
from attest.rules.case import Result
from attest.rules.figures import figures_as_facts, table_as_facts, write_known
from attest.rules.insured import TIERS, Loss
from attest.rules.prices import prices_in
from attest.rules.stress.cover import cover_of, reserve_of
from attest.rules.stress.scenario import PERILS
from config.amount import parse_decimal
from config.errors import InputError
from config.times import parse_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.rules.bounds import Bounds
    from attest.rules.case import Case
    from attest.rules.figures import Figure
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices
    from attest.rules.stress.cover import Cover

Verdict: TypeAlias = Literal["pass", "breach", "unknown"]
WORDS = 6
VERDICTS: Mapping[Verdict, str] = {"breach": "shortfall", "unknown": "not known", "pass": "covered"}
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Event:
    """A loss of the past."""

    day: str
    currency: str
    amount: str
    loss: Loss
    name: str

    @property
    def row(self) -> str:
        """Name it in a table."""
        return f"{self.day} {self.name}"


@dataclass(frozen=True, slots=True)
class _Judged:
    """An event with what it would come to."""

    event: Event
    value: Bounds
    cover: Cover

    @property
    def verdict(self) -> Verdict:
        """Tell whether all of it would be paid."""
        return self.cover.judge(self.value)

    @property
    def cells(self) -> dict[str, str]:
        """Give its row of the table."""
        return {
            "loss": f"{self.event.amount} {self.event.currency}",
            "value": write_known(self.value),
            "kept": self.event.loss.tier,
            "peril": self.event.loss.peril,
            "paid": write_known(self.cover.paid(self.value)),
            "shortfall": write_known(self.cover.shortfall(self.value)),
            "result": VERDICTS[self.verdict],
        }


def past_losses(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge every event by what the entity has today.

    Parameters: `events`; `currency`; `grades` of the reserve and of policies; `maximum_days` of the
    reserve.
    """
    events, prices = _events(parameters), prices_in(case, parameters.text("currency"))
    reserve = reserve_of(case, prices, parameters)
    covers = {
        loss: cover_of(case, prices, loss, reserve, parameters)
        for loss in dict.fromkeys(one.loss for one in events)
    }
    judged = [_Judged(one, _value(case, one, prices), covers[one.loss]) for one in events]
    currencies = [one.currency for one in events]
    lacking = prices.missing(currencies)
    counts = Counter(one.verdict for one in judged)
    facts = {
        "currency": prices.currency,
        "reserve": write_known(reserve.bounds),
        "events": str(len(events)),
        **{word.replace(" ", "_"): str(counts[verdict]) for verdict, word in VERDICTS.items()},
        **({"missing": " ".join(lacking)} if lacking else {}),
        **figures_as_facts(
            (*prices.figures(currencies), *reserve.figures, *_policies(covers)),
        ),
        **table_as_facts("events", {one.event.row: one.cells for one in judged}),
    }
    word = f"; no spot price in {prices.currency} for: {', '.join(lacking)}" if lacking else ""
    text = (
        f"of {len(events)} past losses {counts['pass']} would have been covered, "
        f"{counts['breach']} not, {counts['unknown']} are not known{word}"
    )
    worst = next(verdict for verdict in VERDICTS if counts[verdict])
    return (Result(worst, prices.currency, text, facts),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    events, currency = _events(parameters), parameters.text("currency")
    kinds = sorted({f"insurance {one.loss.tier} {one.loss.peril}" for one in events})
    test = f"loss <= liability_reserve + paid by policies, for each of {len(events)} events"
    return f"{test}, in {currency}", (HELD, *kinds, f"prices in {currency}, spot")


def _events(parameters: Parameters) -> tuple[Event, ...]:
    found = tuple(_event(parameters, text) for text in parameters.words("events"))
    twice = [row for row, count in Counter(one.row for one in found).items() if count > 1]
    if twice:
        raise InputError(f"parameter {parameters.rule}.events: an event is twice: {twice[0]!r}")
    return found


def _event(parameters: Parameters, text: str) -> Event:
    match text.split(" ", WORDS - 1):
        case [day, currency, amount, tier, peril, name] if (
            tier in TIERS and peril in PERILS and name.strip() and "/" not in name
        ):
            parse_date(day)
            loss = Loss(tier, peril)
            return Event(day, currency, amount, loss, name)
    what = f"parameter {parameters.rule}.events: not understood: {text!r:.120}"
    raise InputError(what, "such as 2018-01-26 jpy 58000000000 online theft Coincheck")


def _value(case: Case, event: Event, prices: Prices) -> Bounds:
    row = case.inputs.registry.instrument(event.currency)
    units = parse_decimal(event.amount, row.decimals)
    return NOTHING_KNOWN if prices.missing([row.id]) else exactly(prices.value(row.id, units))


def _policies(covers: Mapping[Loss, Cover]) -> list[Figure]:
    """Give what policies answer for each kind of loss."""
    return [
        replace(figure, name=f"{figure.name}, {loss.tier} {loss.peril}")
        for loss, cover in covers.items()
        for figure in cover.figures
    ]
