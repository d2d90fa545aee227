"""Rules about age: liabilities and prices must be of the time the statement is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import Result
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.books.liabilities import Liability
    from config.books.prices import Price
    from config.challenges import Challenges


def stale_liabilities(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """stale_liabilities/1: totals are of the statement's time. Parameters: `maximum_seconds`."""
    maximum = parameters.whole("maximum_seconds")
    if not case.inputs.books.liabilities:
        return (Result("not_applicable", "", "no liabilities were given"),)
    return _stale(
        case,
        maximum,
        "liability",
        {_named(one): one.as_of for one in case.inputs.books.liabilities},
    )


def _named(liability: Liability) -> str:
    """Name a total by its instrument, and its kind where that is not what customers hold."""
    plain = liability.kind == "balance"
    return liability.instrument if plain else f"{liability.instrument} {liability.kind}"


def stale_price(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """stale_price/1: each price is of the statement's time. Parameters: `maximum_seconds`."""
    maximum = parameters.whole("maximum_seconds")
    if not case.inputs.books.prices:
        return (Result("not_applicable", "", "no prices were given"),)
    return _stale(
        case,
        maximum,
        "price",
        {_price_name(one): one.as_of for one in case.inputs.books.prices},
    )


def _price_name(price: Price) -> str:
    """Name a price by its pair, and its basis where that is not the price of the moment."""
    pair = f"{price.instrument}/{price.currency}"
    return pair if price.basis == "spot" else f"{pair} {price.basis}"


def stale_challenge(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """stale_challenge/1: the texts signed were issued near the time, and not for ever.

    Parameters: `maximum_seconds`, for the distance of issue and of expiry from the time. Texts of a
    statement that is carried forward are measured from its own time: one that was valid for a year
    would let a claim be called received at the end of it.
    """
    maximum = parameters.whole("maximum_seconds")
    issued, carried = case.inputs.challenges, case.inputs.carried
    if issued is None:
        own = Result("not_applicable", "", "no challenge was issued")
    else:
        own = _texts("", issued, case.as_of, maximum)
    return (own, *(_texts(one.digest, one.challenges, one.as_of, maximum) for one in carried))


def _texts(subject: str, issued: Challenges, as_of: int, maximum: int) -> Result:
    times = (parse_time(issued.issuedAt), parse_time(issued.expiresAt))
    distance = max(abs(one - as_of) for one in times)
    anchors = f"{len(issued.anchors)} blocks named" if issued.anchors else "no block named"
    text = f"issued {issued.issuedAt}, expires {issued.expiresAt}, {anchors}"
    facts = {"distance_seconds": str(distance), "maximum_seconds": str(maximum)}
    return Result("pass" if distance <= maximum else "breach", subject, text, facts)


def _stale(case: Case, maximum: int, what: str, times: dict[str, int]) -> tuple[Result, ...]:
    stale = tuple(
        Result(
            "breach",
            subject,
            f"{what} is of {format_time(stated)}, {abs(stated - case.as_of)} seconds "
            f"from {format_time(case.as_of)}",
            {"age_seconds": str(case.as_of - stated), "maximum_seconds": str(maximum)},
        )
        for subject, stated in times.items()
        if abs(case.as_of - stated) > maximum
    )
    plural = {"liability": "liabilities", "price": "prices"}[what]
    return stale or (Result("pass", "", f"{len(times)} {plural}, each within {maximum} seconds"),)
