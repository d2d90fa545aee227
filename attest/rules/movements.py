"""Rules about what moved around the pinned block: cold wallets, and coins that came for the day.

They need the readings of a window (`window_before`, `window_after`). Where the declaration asks for
none, or a balance or count at its edges is not known, the answer is unknown, and never that nothing
moved.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.exempt import Spent
from attest.rules.case import NAMED, Result, write_ratio
from config.caip import chain_of_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from chains.snapshot import WindowReading
    from config.caip import AccountId, AssetId, InstrumentId

NO_WINDOW = "not known: the declaration does not ask for movements before and after the time"


def cold_moved(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """cold_moved/1: no account declared cold sent anything in the window. Takes no parameters.

    A transaction that proves control by carrying the challenge is known by its identifier and does
    not count.
    """
    del parameters
    cold = {account.id for account in case.inputs.accounts.rows if account.method == "cold"}
    read = [one for one in readings_of(case) if one.account in cold]
    if not cold:
        return (Result("not_applicable", "", "no account is declared cold"),)
    if not read:
        return (Result("unknown", "", NO_WINDOW),)
    sent: dict[AccountId, int | None] = {}
    for one in read:
        sent[one.account] = _larger(sent.get(one.account, 0), _sent(one, case.exempt))
    moved = [account for account, count in sent.items() if count]
    unread = [account for account, count in sent.items() if count is None]
    text = f"{len(moved)} of {len(sent)} accounts declared cold sent something in the window"
    facts = {"cold": str(len(sent)), "moved": str(len(moved)), "first": " ".join(moved[:NAMED])}
    if moved:
        return (Result("breach", "", text, facts),)
    if unread:
        text = f"not known of {len(unread)} of {len(sent)} accounts declared cold"
        return (Result("unknown", "", text, {**facts, "unread": str(len(unread))}),)
    return (Result("pass", "", text, facts),)


def in_and_out(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """in_and_out/1: no large part of an instrument came before the block and left after it.

    Parameters: `limit`, as a ratio of what is held at the block. All declared accounts are taken
    together, so that what moves between them is neither.
    """
    limit = parameters.ratio("limit")
    readings, instruments = readings_of(case), case.instruments
    if not readings or case.window is None:
        return (Result("unknown", "", NO_WINDOW),)
    at = units_at_pin(case)
    grouped: dict[InstrumentId, list[WindowReading]] = {}
    for one in readings:
        instrument = instruments.get(one.asset)
        if instrument is not None:
            grouped.setdefault(instrument, []).append(one)
    return tuple(_in_and_out(case, name, grouped[name], at, limit) for name in sorted(grouped)) or (
        Result("not_applicable", "", "nothing is held"),
    )


def _in_and_out(
    case: Case,
    instrument: InstrumentId,
    readings: list[WindowReading],
    at: Mapping[tuple[str, str], int],
    limit: Fraction,
) -> Result:
    unread = sum(
        None in (one.before, one.after) or (one.account, one.asset) not in at for one in readings
    )
    if unread:
        text = f"{instrument}: not known of {unread} of {len(readings)} balances in the window"
        return Result("unknown", instrument, text, {"unread": str(unread)})
    before = total(case, ((one.asset, one.before) for one in readings))
    held = total(case, ((one.asset, at[one.account, one.asset]) for one in readings))
    after = total(case, ((one.asset, one.after) for one in readings))
    passing = max(Fraction(), min(held - before, held - after))
    share = passing / held if held else Fraction()
    text = f"{instrument}: {write_ratio(share)} of what is held came in the window and left in it"
    facts = {
        "before": write_ratio(before),
        "held": write_ratio(held),
        "after": write_ratio(after),
        "share": write_ratio(share),
        "limit": write_ratio(limit),
    }
    return Result("pass" if share <= limit else "breach", instrument, text, facts)


def total(case: Case, units: Iterable[tuple[AssetId, int | None]]) -> Fraction:
    """Add base units of an instrument's assets in its display units, exactly; None is nothing."""
    by_asset: Counter[AssetId] = Counter()
    for name, count in units:
        by_asset[name] += count or 0
    scales = ((10 ** case.inputs.registry.asset(name).decimals, name) for name in by_asset)
    return sum((Fraction(by_asset[name], scale) for scale, name in scales), Fraction())


def readings_of(case: Case) -> list[WindowReading]:
    """Give what is known of declared accounts; what others do at a custodian's pool is left out."""
    declared = {account.id for account in case.inputs.accounts.rows}
    return [
        one for chain in case.snapshot.chains for one in chain.window if one.account in declared
    ]


def units_at_pin(case: Case) -> dict[tuple[str, str], int]:
    """Give what every account held at the pin, with coins that cannot be spent yet."""
    return {
        (one.account, one.asset): one.units + one.immature
        for chain in case.snapshot.chains
        for one in chain.balances
    }


def _sent(one: WindowReading, exempt: Mapping[AccountId, Spent]) -> int | None:
    """Give how much an account sent: transactions on EVM chains, else base units; None: unknown."""
    known = exempt.get(one.account, Spent())
    if chain_of_account(one.account).startswith("eip155:"):
        if one.nonce_before is None or one.nonce_after is None:
            return None
        return max(0, one.nonce_after - one.nonce_before - known.transactions)
    return None if one.spent is None else max(0, one.spent - known.units)


def _larger(one: int | None, other: int | None) -> int | None:
    """Give the larger; what is not known is larger than nothing, and less than something."""
    if one is None or other is None:
        return one or other or None
    return max(one, other)
