"""price_feed/1: declared prices are near what price feeds said at the pinned block.

    test   |price - feed| <= tolerance * feed

A pair is held against its own feed, else against two that share a currency: btc/jpy against
BTC / USD over JPY / USD. Where the second has no feed the declared price of the dollar in that
currency takes its place, which is then declared and not checked.

The feed is another's word, recorded and never the source of a figure: whatever it says, every value
in money stays that of the declared table. A feed that was not read, is stale or says what no price
can be makes no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.feeds import asked_feeds, feed_rounds
from attest.rules.case import Result, write_ratio
from attest.rules.figures import Figure, figures_as_facts, write_money
from attest.rules.prices import prices_in
from config.caip import chain_of_account
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.feeds import Fault, Round
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.books.prices import Price

PIVOT = "usd"
MAX_TIME = 253_402_300_799
"""The end of the year 9999: what a contract says of a later time is shown as a number."""
FAULTS: Mapping[Fault, str] = {
    "not_read": "was not read",
    "malformed": "answered in another form",
    "other_feed": "is of other decimals or another pair than the registry says",
    "not_positive": "is not above zero",
    "of_after_the_block": "is of a time after the block",
    "stale": "is older than its heartbeat",
}


@dataclass(frozen=True, slots=True)
class _Leg:
    """What is known of one side of a pair, in the currency both share."""

    price: Fraction | None
    """None: not known."""
    figures: tuple[Figure, ...] = ()
    why: str = ""


def price_feed(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each declared spot price. Parameters: `tolerance`, as a ratio of what a feed says."""
    tolerance = parameters.ratio("tolerance")
    if not case.inputs.declaration.attestation.price_feeds:
        return (Result("not_applicable", "", "the declaration does not ask for price feeds"),)
    spot = [one for one in case.inputs.books.prices if one.basis == "spot"]
    rounds = feed_rounds(asked_feeds(case.inputs), case.snapshot)
    told = {one.feed.pair: one for one in rounds}
    return tuple(_judge(case, row, told, tolerance) for row in spot) or (
        Result("not_applicable", "", "no spot prices were given"),
    )


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    tolerance = write_money(parameters.ratio("tolerance"))
    test = f"|price - feed| <= {tolerance} * feed, for each spot price that has a feed"
    return test, ("prices, spot", "price feeds at the pinned block")


def _judge(case: Case, row: Price, told: Mapping[str, Round], tolerance: Fraction) -> Result:
    """Judge one declared price."""
    pair = f"{row.instrument}/{row.currency}"
    legs = _legs(case, row, told)
    own = prices_in(case, row.currency)
    facts = figures_as_facts(
        (*own.figures([row.instrument]), *(figure for leg in legs for figure in leg.figures))
    )
    if not legs:
        return Result("not_applicable", pair, "no price feed of it is known", facts)
    faults = [leg.why for leg in legs if leg.price is None]
    if faults:
        return Result("unknown", pair, f"not known: {'; '.join(faults)}", facts)
    first, *others = (leg.price for leg in legs if leg.price is not None)
    feed = first / others[0] if others else first
    return _compared(pair, own.price(row.instrument), feed, tolerance, facts)


def _compared(
    pair: str, price: Fraction, feed: Fraction, tolerance: Fraction, facts: dict[str, str]
) -> Result:
    apart = abs(price - feed)
    room = tolerance * feed - apart
    text = (
        f"{pair}: declared {write_money(price)}, by price feeds {write_money(feed)}; "
        f"{write_ratio(apart / feed)} apart, at most {write_ratio(tolerance)} is allowed"
    )
    numbers = {
        "price": write_money(price),
        "feed": write_money(feed),
        "apart": write_ratio(apart / feed),
        "limit": write_ratio(tolerance),
        "limit_value": write_money(tolerance * feed),
        "distance": write_money(room),
        "currency": pair.partition("/")[2],
    }
    return Result("pass" if room >= 0 else "breach", pair, text, {**numbers, **facts})


def _legs(case: Case, row: Price, told: Mapping[str, Round]) -> tuple[_Leg, ...]:
    """Give what a price is held against: one feed, or two of which the first is divided."""
    direct = told.get(f"{row.instrument}/{row.currency}")
    if direct is not None:
        return (_of(direct),)
    first, second = (_side(name, told) for name in (row.instrument, row.currency))
    if first is None:
        return ()
    if second is None and row.instrument != PIVOT:
        second = _declared(case, row.currency)
    return () if second is None else (first, second)


def _side(name: str, told: Mapping[str, Round]) -> _Leg | None:
    """Give what a feed says of one side in dollars; None: it has none."""
    if name == PIVOT:
        return _Leg(Fraction(1))
    found = told.get(f"{name}/{PIVOT}")
    return None if found is None else _of(found)


def _declared(case: Case, currency: str) -> _Leg | None:
    """Give what a currency is in dollars by the declared price of the dollar."""
    prices = prices_in(case, currency)
    if PIVOT not in prices.rows or not prices.price(PIVOT):
        return None
    return _Leg(1 / prices.price(PIVOT), prices.figures([PIVOT]))


def _of(found: Round) -> _Leg:
    feed = found.feed
    name = f"feed of {feed.instrument} in {feed.currency}"
    if found.pin is None or found.number is None or found.updated is None or found.age is None:
        value, where = "not known", str(chain_of_account(feed.contract))
    else:
        value = FAULTS[found.fault] if found.fault else ""
        at = _time(found.updated)
        where = (
            f"{found.pin.chain}, block {found.pin.height}, round {found.number} of {at}, "
            f"{found.age} seconds before the block"
        )
    if found.price is not None:
        value = f"{write_money(found.price)} {feed.currency}"
    why = f"{name} {FAULTS[found.fault]}" if found.fault else ""
    grade = "chain" if found.price is not None else "none"
    return _Leg(found.price, (Figure(name, value, grade, where),), why)


def _time(seconds: int) -> str:
    return format_time(seconds) if seconds <= MAX_TIME else str(seconds)
