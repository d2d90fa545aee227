"""Rules about other entities: accounts that they publish too, and coins sent on to and from them.

They need a list of the addresses that others publish (`[inputs] others`). Where coins of the same
reserve are shown by two entities, both show them at their own time: they stand in two lists, or
they move between two entities around the time. An address that no list has is nobody's here, so a
pass says nothing of those.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result, write_ratio
from attest.rules.movements import NO_WINDOW, readings_of, total, units_at_pin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from chains.snapshot import WindowReading
    from config.caip import AssetId, InstrumentId

NO_LIST = "the declaration names no addresses of other entities"


def claimed_elsewhere(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """claimed_elsewhere/1: no declared account, derived or not, is published by another entity.

    Takes no parameters. An account is compared as a whole, its chain too.
    """
    del parameters
    listed = case.inputs.books.others
    if listed is None:
        return (Result("not_applicable", "", NO_LIST),)
    declared = {account.id for account in case.inputs.accounts.rows}
    found = [one for one in listed if one.account in declared]
    facts = {"listed": str(len(listed)), "claimed": str(len(found))}
    if not found:
        return (Result("pass", "", "no declared account is published by another entity", facts),)
    counts = Counter(one.entity for one in found)
    named = [f"{entity} {count}" for entity, count in counts.most_common(NAMED)]
    accounts = [one.account for one in found[:NAMED]]
    text = f"declared accounts that other entities publish: {len(found)} ({'; '.join(named)})"
    more = {"entities": "; ".join(named), "first": " ".join(accounts)}
    return (Result("breach", "", text, {**facts, **more}),)


def sent_on(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """sent_on/1: no large part of an instrument went to or came from other entities in the window.

    Parameters: `limit`, as a ratio of what is held at the block. What went and what came are added:
    coins that were lent and given back passed twice. What is seen can breach the limit even where
    not all is known; it can keep to it only where all is.
    """
    limit = parameters.ratio("limit")
    if case.inputs.books.others is None:
        return (Result("unknown", "", f"not known: {NO_LIST}"),)
    readings, instruments = readings_of(case), case.instruments
    if not readings:
        return (Result("unknown", "", NO_WINDOW),)
    grouped: dict[InstrumentId, list[WindowReading]] = {}
    for one in readings:
        instrument = instruments.get(one.asset)
        if instrument is not None:
            grouped.setdefault(instrument, []).append(one)
    passed = _passed(case)
    return tuple(
        _sent_on(case, name, grouped[name], passed, limit) for name in sorted(grouped)
    ) or (Result("not_applicable", "", "nothing is held"),)


def _passed(case: Case) -> Mapping[AssetId, tuple[int, int]]:
    """Add up by asset what was seen to go to others and to come from them."""
    found: dict[AssetId, tuple[int, int]] = {}
    for one in (flow for chain in case.snapshot.chains for flow in chain.flows):
        sent, received = found.get(one.asset, (0, 0))
        found[one.asset] = sent + one.sent, received + one.received
    return found


def _sent_on(
    case: Case,
    instrument: InstrumentId,
    readings: list[WindowReading],
    passed: Mapping[AssetId, tuple[int, int]],
    limit: Fraction,
) -> Result:
    at = units_at_pin(case)
    unheld = sum((one.account, one.asset) not in at for one in readings)
    if unheld:
        text = f"{instrument}: not known of {unheld} of {len(readings)} balances what they hold"
        return Result("unknown", instrument, text, {"unread": str(unheld)})
    assets = {one.asset for one in readings}
    held = total(case, ((one.asset, at[one.account, one.asset]) for one in readings))
    sent, received = (
        total(case, ((asset, passed[asset][side]) for asset in assets & passed.keys()))
        for side in (0, 1)
    )
    unread = sum(None in (one.to_others, one.from_others) for one in readings)
    text = (
        f"{instrument}: {write_ratio(sent)} went to other entities in the window and "
        f"{write_ratio(received)} came from them, of {write_ratio(held)} held"
    )
    facts = {
        "held": write_ratio(held),
        "sent": write_ratio(sent),
        "received": write_ratio(received),
        "limit": write_ratio(limit),
        "unread": str(unread),
    }
    if sent + received > limit * held:
        return Result("breach", instrument, text, facts)
    if unread:
        text = f"{text}; not all is known of {unread} of {len(readings)} balances"
        return Result("unknown", instrument, text, facts)
    return Result("pass", instrument, text, facts)
