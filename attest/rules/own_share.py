"""own_token_share/1: how much of what is held for customers the entity issues itself.

    share = own / (own + other)

`own` is the value of all held for customers, maybe or surely, in assets that the entity issues, as
`own_token/1` decides. `other` is the value of what is held for customers and not refuted in any
other asset. Neither a vague owner nor a failed proof lowers the share.

A balance that was not read and an asset without a price take away an end: there could be any value
of own ones, and of others. The rule is answered where the answer does not hang on it. Where no own
asset is held no price is wanted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from attest.rules.assets import is_own
from attest.rules.case import Result, write_ratio
from attest.rules.figures import Figure, figures_as_facts, write_money
from attest.rules.holding import MAYBE_CUSTOMERS
from attest.rules.prices import prices_in, spot_currencies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.lines import Line
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.rules.prices import Prices

GRADE = "chain; owner declared"


@dataclass(frozen=True, slots=True)
class _Held:
    """Display units of each asset, by the name under which the table would price it."""

    own: Mapping[str, Fraction]
    other: Mapping[str, Fraction]
    own_unread: int
    """Balances that could not be read."""
    other_unread: int


def own_token_share(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the value in each currency of the price table. Parameters: `limit`, as a ratio."""
    limit, held = parameters.ratio("limit"), _held(case)
    if not held.own:
        text = "nothing is held for customers in assets that the entity issues itself"
        if not held.own_unread:
            return (Result("pass", "", text),)
        unread = str(held.own_unread)
        text = f"{text}, as far as is known: {unread} balances of such were not read"
        return (Result("unknown", "", text, {"unread": unread}),)
    found = tuple(_judge(prices_in(case, money), held, limit) for money in spot_currencies(case))
    text = f"no spot prices were given, and own assets are held: {', '.join(sorted(held.own))}"
    return found or (Result("unknown", "", text),)


def explain(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    limit = parameters.ratio("limit")
    test = (
        f"{limit.denominator} * sum(own * price) <= {limit.numerator} * "
        "(sum(own * price) + sum(other * price)), in each currency"
    )
    return test, ("accounts: held", "declaration: own_assets", "prices, spot")


def _held(case: Case) -> _Held:
    own: defaultdict[str, Fraction] = defaultdict(Fraction)
    other: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line in case.lines:
        if not line.units or line.key.owner not in MAYBE_CUSTOMERS:
            continue
        asset = case.inputs.registry.asset(line.key.asset)
        chosen = own if is_own(case, asset) else other if _counts(line) else None
        if chosen is not None:
            chosen[line.key.instrument or line.key.asset] += Fraction(
                line.units, 10**asset.decimals
            )
    return _Held(own, other, *_unread(case))


def _unread(case: Case) -> tuple[int, int]:
    """Count the balances that were not read and may be customers': own assets, and others."""
    owners = {one.id: one.owner for one in case.inputs.accounts.rows}
    issued = Counter(
        is_own(case, case.inputs.registry.asset(one.asset))
        for chain in case.snapshot.chains
        for one in chain.failures
        if owners.get(one.account) in MAYBE_CUSTOMERS
    )
    return issued[True], issued[False]


def _counts(line: Line) -> bool:
    return line.key.owner == "customer" and line.key.band != "none"


def _judge(prices: Prices, held: _Held, limit: Fraction) -> Result:
    """Judge the share in one currency."""
    own_missing, other_missing = prices.missing(held.own), prices.missing(held.other)
    own, other = (_value(part, prices) for part in (held.own, held.other))
    whole = own + other
    status = _status(
        met=own <= limit * whole,
        own_sure=not own_missing and not held.own_unread,
        other_sure=not other_missing and not held.other_unread,
    )
    share = write_ratio(own / whole) if whole else "none"
    text = (
        f"{share} of what is held for customers is issued by the entity itself, by value in "
        f"{prices.currency}; at most {write_ratio(limit)} is allowed"
    )
    facts = _facts(prices, (own, whole), limit, held)
    if missing := sorted({*own_missing, *other_missing}):
        text = f"{text}; without price: {', '.join(missing)}"
        facts["missing"] = " ".join(missing)
    if unread := held.own_unread + held.other_unread:
        text, facts["unread"] = f"{text}; {unread} balances were not read", str(unread)
    return Result(status, prices.currency, text, facts)


def _status(*, met: bool, own_sure: bool, other_sure: bool) -> Literal["pass", "breach", "unknown"]:
    """Judge what is known: more of own assets turns a pass, more of others a breach."""
    if met:
        return "pass" if own_sure else "unknown"
    return "breach" if other_sure else "unknown"


def _value(held: Mapping[str, Fraction], prices: Prices) -> Fraction:
    lacking = prices.missing(held)
    return sum(
        (amount * prices.price(name) for name, amount in held.items() if name not in lacking),
        Fraction(),
    )


def _facts(
    prices: Prices, amounts: tuple[Fraction, Fraction], limit: Fraction, held: _Held
) -> dict[str, str]:
    own, whole = amounts
    used = (
        Figure("own", f"{write_money(own)} {prices.currency}", GRADE, "accounts.csv"),
        Figure("held", f"{write_money(whole)} {prices.currency}", GRADE, "accounts.csv"),
        *prices.figures((*held.own, *held.other)),
    )
    return {
        "currency": prices.currency,
        "own": write_money(own),
        "held": write_money(whole),
        "share": write_ratio(own / whole) if whole else "none",
        "limit": write_ratio(limit),
        "limit_value": write_money(limit * whole),
        "distance": write_money(limit * whole - own),
        **figures_as_facts(used),
    }
