"""online_share/2: how much is kept where a thief can reach it.

Everything that is not cold, or not kept by the entity itself, counts as online, whatever it is
called. An online amount counts even where its proof of control is refuted, an offline one does not:
a failed proof must never lower the share. Nor must a vague word: what is mixed or allocated to
nobody may be a customer's where it is online, and is not taken for one's where it is offline.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attest.allocating import BELONGINGS
from attest.lines import in_instrument
from attest.rules.case import Result, write_ratio
from config.books.prices import PRICE_DECIMALS

if TYPE_CHECKING:
    from attest.lines import Line
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters


def online_share(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the share per instrument, or of the total value in each currency that has prices.

    Parameters: `aggregation` (`per_asset` or `total_value`), `limit` as a ratio, `owners` whose
    online holdings count, `offline_owners` whose offline ones do.
    """
    limit = parameters.ratio("limit")
    online, offline = (parameters.words_of(key, BELONGINGS) for key in ("owners", "offline_owners"))
    chosen = [
        line for line in case.lines if line.key.owner in (online if _online(line) else offline)
    ]
    if parameters.word("aggregation", ("per_asset", "total_value")) == "per_asset":
        return _per_asset(case, chosen, limit)
    spot = [price for price in case.inputs.books.prices if price.basis == "spot"]
    currencies = sorted({price.currency for price in spot})
    if not currencies:
        return (Result("not_applicable", "", "no prices were given"),)
    return tuple(_total(case, chosen, limit, currency) for currency in currencies)


def _online(line: Line) -> bool:
    return line.key.method != "cold" or line.key.holder != "self"


def _share(case: Case, own: list[Line]) -> tuple[int, int]:
    """Give online and total amounts of one instrument in its base units."""
    online = in_instrument((line for line in own if _online(line)), case.inputs.registry)
    offline = (line for line in own if not _online(line) and line.key.band != "none")
    return online, online + in_instrument(offline, case.inputs.registry)


def _per_asset(case: Case, chosen: list[Line], limit: Fraction) -> tuple[Result, ...]:
    results = []
    for instrument in sorted({line.key.instrument for line in chosen if line.key.instrument}):
        own = [line for line in chosen if line.key.instrument == instrument]
        online, total = _share(case, own)
        if total:
            results.append(_result(instrument, Fraction(online), Fraction(total), limit))
    return tuple(results) or (Result("not_applicable", "", "nothing is held"),)


def _total(case: Case, chosen: list[Line], limit: Fraction, currency: str) -> Result:
    prices = {
        str(price.instrument): price.scaled
        for price in case.inputs.books.prices
        if price.currency == currency and price.basis == "spot"
    }
    held = {line.key.instrument or line.key.asset for line in chosen if line.units}
    missing = sorted(name for name in held if name not in prices)
    if missing:
        text = f"no price in {currency} for: {', '.join(missing)}"
        return Result("unknown", currency, text, {"missing": " ".join(missing)})
    online = total = Fraction(0)
    for instrument in sorted(held):
        own = [line for line in chosen if line.key.instrument == instrument]
        decimals = case.inputs.registry.instrument(instrument).decimals + PRICE_DECIMALS
        part, whole = _share(case, own)
        online += Fraction(part * prices[instrument], 10**decimals)
        total += Fraction(whole * prices[instrument], 10**decimals)
    if not total:
        return Result("not_applicable", currency, "nothing is held")
    return _result(currency, online, total, limit)


def _result(subject: str, online: Fraction, total: Fraction, limit: Fraction) -> Result:
    share = online / total
    text = f"{subject}: {write_ratio(share)} is kept online, the limit is {write_ratio(limit)}"
    facts = {
        "online": write_ratio(online),
        "total": write_ratio(total),
        "share": write_ratio(share),
        "limit": write_ratio(limit),
    }
    return Result("pass" if share <= limit else "breach", subject, text, facts)
