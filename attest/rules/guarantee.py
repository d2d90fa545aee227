"""Rules about the entity's own assets held against customers' online ones.

same_kind/1: as much of each instrument is held for the purpose as is online.
unmatched/1: the value of what is online and not matched in kind is nothing.
apart/1: accounts of one owner hold nothing of another, and are kept as they must be.

A quantity is matched by the same kind alone: a surplus of one instrument matches no other, and
money matches none.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result
from attest.rules.figures import CHAIN, Figure, figures_as_facts, table_as_facts, write_money
from attest.rules.holding import part_of, unread
from attest.rules.prices import stated_prices
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.caip import AccountId, InstrumentId

OWNERS = ("customer", "guarantee", "house", "reserve")
METHODS = ("hot", "warm", "cold", "unknown")


def same_kind(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge each instrument of which anything is online. Takes no parameters."""
    del parameters
    online, own = part_of(case, "online"), part_of(case, "guarantee")
    found = tuple(
        _matched(case, name, units, own.get(name, 0)) for name, units in online.items() if units
    )
    if found or unread(case, "online"):
        return found or (Result("unknown", "", _unread(case)),)
    return (Result("not_applicable", "", "nothing of customers' is kept online"),)


def explain_same_kind(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    del parameters
    return "guarantee >= online, for each instrument", ("accounts: online", "accounts: guarantee")


def _matched(case: Case, name: InstrumentId, online: int, own: int) -> Result:
    decimals = case.inputs.registry.instrument(name).decimals
    left, right, gap = (format_decimal(one, decimals) for one in (online, own, online - own))
    word = f"short by {gap}" if own < online else "matched"
    facts = {
        "online": str(online),
        "guarantee": str(own),
        "distance": str(own - online),
        "decimals": str(decimals),
        **figures_as_facts(
            (
                Figure("online", f"{left} {name}", CHAIN, "accounts.csv, custody.toml"),
                Figure("guarantee", f"{right} {name}", CHAIN, "accounts.csv, allocations.csv"),
            )
        ),
    }
    text = f"{name}: {left} is online, {right} is held against it, {word}"
    if own >= online and unread(case, "online"):
        return Result("unknown", name, f"{text}; {_unread(case)}", facts)
    if own < online and unread(case, "guarantee"):
        text = f"{text}; accounts of guarantee assets were not read"
        return Result("unknown", name, text, facts)
    return Result("pass" if own >= online else "breach", name, text, facts)


def _unread(case: Case) -> str:
    return f"{len(unread(case, 'online'))} accounts that may be online were not read"


def unmatched(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the value that no asset of the same kind stands against.

    Parameters: `currency`, `price_basis`. Only what is unmatched needs a price.
    """
    prices = stated_prices(case, parameters)
    online, own = part_of(case, "online"), part_of(case, "guarantee")
    left = {name: max(0, units - own.get(name, 0)) for name, units in online.items()}
    exposed = {name: units for name, units in left.items() if units}
    missing = prices.missing(exposed)
    if missing:
        text = f"unmatched, without a {prices.basis} price in {prices.currency}: {missing}"
        return (Result("unknown", prices.currency, text, {"missing": " ".join(missing)}),)
    value = prices.total(exposed)
    figures = (Figure("online, unmatched", f"{write_money(value)} {prices.currency}", CHAIN, ""),)
    facts = {
        "currency": prices.currency,
        "unmatched": write_money(value),
        "limit": "0",
        "distance": write_money(-value),
        **figures_as_facts((*figures, *prices.figures(exposed))),
        **table_as_facts(
            "instruments",
            {
                str(name): {
                    "online": _display(case, name, online[name]),
                    "guarantee": _display(case, name, own.get(name, 0)),
                    "unmatched": _display(case, name, left[name]),
                    "unmatched value": write_money(
                        prices.value(name, left[name]) if left[name] else Fraction()
                    ),
                }
                for name in online
            },
        ),
    }
    text = f"online, and matched by no asset of its kind: {write_money(value)} {prices.currency}"
    if not value and unread(case, "online"):
        return (Result("unknown", prices.currency, f"{text}; {_unread(case)}", facts),)
    return (Result("breach" if value else "pass", prices.currency, text, facts),)


def explain_unmatched(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    currency, basis = parameters.text("currency"), parameters.text("price_basis")
    test = f"sum(max(0, online - guarantee) * price) <= 0, in {currency}"
    return test, ("accounts: online", "accounts: guarantee", f"prices in {currency}, {basis}")


def apart(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge the accounts of an owner.

    Parameters: `owner`, and `methods` by which they may be kept. An account that is `mixed` holds
    the owner's with others' wherever an allocation gives him a part of it, or nothing is allocated.
    """
    owner = parameters.word("owner", OWNERS)
    methods = parameters.words_of("methods", METHODS)
    rows = {one.id: one for one in sorted(case.inputs.accounts.rows, key=lambda row: row.id)}
    twice = {one.account for one in case.inputs.accounts.duplicates}
    owners: dict[AccountId, set[str]] = {}
    for position in case.positions:
        if position.account in rows and position.units:
            owners.setdefault(position.account, set()).add(position.owner)
    own = [one for one in rows.values() if one.owner == owner or _has(owners, one.id, owner)]
    if not own:
        return (Result("not_applicable", "", f"no account holds what is owned by: {owner}"),)
    shared = [one.id for one in own if one.id in twice or owners.get(one.id, {owner}) != {owner}]
    wrong = [one.id for one in own if one.method not in methods]
    return _apart(owner, len(own), {"shared": shared, "method": wrong})


def _has(owners: dict[AccountId, set[str]], account: AccountId, owner: str) -> bool:
    """Tell whether an account holds what is an owner's, or may be a customer's."""
    held = owners.get(account, set())
    return owner in held or (owner == "customer" and bool(held & {"mixed", "unallocated"}))


def _apart(owner: str, count: int, found: dict[str, list[AccountId]]) -> tuple[Result, ...]:
    words = {"shared": "hold another owner's too", "method": "are kept as they must not be"}
    counts = Counter({word: len(accounts) for word, accounts in found.items()})
    facts = {"accounts": str(count), **{word: str(number) for word, number in counts.items()}}
    results = tuple(
        Result(
            "breach",
            owner,
            f"{len(accounts)} of {count} accounts of owner {owner} {words[word]}",
            {**facts, "first": " ".join(accounts[:NAMED])},
        )
        for word, accounts in found.items()
        if accounts
    )
    text = f"{count} accounts of owner {owner} hold nothing of another"
    return results or (Result("pass", owner, text, facts),)


def explain_apart(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    """Give the test and the inputs in words."""
    methods = " or ".join(parameters.words("methods"))
    owner = parameters.text("owner")
    test = f"every account with assets of owner {owner} has them alone, and is kept {methods}"
    return test, ("accounts", "allocations")


def _display(case: Case, name: InstrumentId, units: int) -> str:
    return format_decimal(units, case.inputs.registry.instrument(name).decimals)
