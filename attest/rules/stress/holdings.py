"""What customers could lose, by how it is kept and by who signs for it.

A coin whose control was not shown can be stolen as well, and so can one of which nobody says whose
it is. So everything that may be customers' is here (`held` of `attest.rules.holding`), whatever was
shown: `online` is its part of that name, `offline` is the rest, `both` is all of it.

Who can sign for an account is its declared signing domain. What a custodian states is in a domain
of that custodian's. Accounts that name no domain are together in one that is not stated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from attest.lines import lines
from attest.rules.holding import PARTS, part_of, signing_domains, unread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.lines import Line
    from attest.positions import Position
    from attest.rules.case import Case
    from attest.rules.holding import Part
    from attest.rules.insured import Tier
    from config.caip import AccountId, InstrumentId

Amounts: TypeAlias = "Mapping[InstrumentId, int]"
NOT_STATED = ""
"""The domain of accounts that name none."""
_UNREAD: Mapping[Tier, Part] = {"online": "online", "offline": "offline", "both": "held"}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What could be lost together."""

    amounts: Amounts
    """Base units of each instrument, above zero."""
    unread: int
    """Accounts that may belong to it and were not read."""


def holdings_of(case: Case, tier: Tier) -> Holdings:
    """Give what may be customers' and is kept in one way."""
    return Holdings(_amounts(case, case.lines, tier), len(_unread(case, tier)))


def holdings_by_domain(case: Case, tier: Tier) -> dict[str, Holdings]:
    """Give the same of each signing domain that has anything, sorted by name."""
    domains = signing_domains(case)
    missing = Counter(domains[account] for account in _unread(case, tier))
    found: defaultdict[str, list[Position]] = defaultdict(list)
    for one in case.positions:
        found[_domain(one, domains)].append(one)
    all_of = {
        name: Holdings(_amounts(case, lines(tuple(found.get(name, ()))), tier), missing[name])
        for name in sorted({*found, *missing})
    }
    return {name: one for name, one in all_of.items() if one.amounts or one.unread}


def together(first: Holdings, second: Holdings) -> Holdings:
    """Add what is held in two domains."""
    amounts = Counter(first.amounts) + Counter(second.amounts)
    return Holdings(dict(sorted(amounts.items())), first.unread + second.unread)


def _domain(one: Position, domains: Mapping[AccountId, str]) -> str:
    if one.account in domains:
        return domains[one.account]
    return NOT_STATED if one.holder == "self" else f"custodian {one.holder}"


def _unread(case: Case, tier: Tier) -> tuple[AccountId, ...]:
    return unread(case, _UNREAD[tier])


def _amounts(case: Case, chosen: tuple[Line, ...], tier: Tier) -> Amounts:
    kept = tuple(line for line in chosen if tier in {"both", _kept(line)})
    found = part_of(replace(case, lines=kept), "held")
    return {name: units for name, units in found.items() if units}


def _kept(line: Line) -> str:
    return "online" if PARTS["online"](line) else "offline"
