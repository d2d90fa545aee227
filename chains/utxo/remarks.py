"""What balances alone do not show: how sources know what they say, and what lies beyond. Pure.

An index server's word that a coin is unspent is its word, however well its blocks are checked; what
was not checked even of the blocks is named source by source. Addresses after a stated last index
are no accounts of the declaration: what they hold is named, and counted nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.snapshot import Remark
from chains.utxo.history.voice import HistoryVoice
from config.caip import account_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chains.evidence import ChainPlan
    from chains.snapshot import Balance, RemarkCode
    from chains.utxo.coins import Listings
    from chains.utxo.history.voice import Checks
    from chains.utxo.voices import Hearing
    from chains.utxo.window import Window


def remarks_of(
    hearing: Hearing,
    balances: Sequence[Balance],
    window: Window,
) -> tuple[Remark, ...]:
    """Give every remark on how a reading came to what it says.

    Args:
        hearing: who speaks for the pin.
        balances: what was read.
        window: what was read around the pin.
    """
    found = list(_on_sources(hearing, balances))
    if window.unread:
        found.append(Remark("flows_not_read", "", window.unread))
    return tuple(found)


def _on_sources(hearing: Hearing, balances: Sequence[Balance]) -> Iterator[Remark]:
    servers = [voice for voice in hearing.voices if isinstance(voice, HistoryVoice)]
    if len(servers) == len(hearing.voices):
        yield Remark("no_node", "", len(balances))
    for voice in servers:
        name = voice.log.name
        spoken = sum(name in balance.sources for balance in balances)
        for code in _unchecked(voice.checks):
            yield Remark(code, name, spoken)


def _unchecked(checks: Checks) -> Iterator[RemarkCode]:
    if checks.linked != "all":
        yield "headers_not_linked"
    if checks.work == "unchecked":
        yield "work_unchecked"
    if not checks.targets:
        yield "targets_unchecked"
    if checks.anchor is None:
        yield "known_block_not_met"


def held_beyond(
    plan: ChainPlan, scripts: Mapping[str, str], listings: Listings
) -> tuple[Remark, ...]:
    """Name what lies after a stated last index; an address that is declared too is an account."""
    if not plan.margin:
        return ()
    declared = {account.address for account in plan.accounts}
    found, unread = [], 0
    for one in plan.margin:
        decided = listings.decide(scripts[one.address])
        if one.address in declared:
            continue
        if not isinstance(decided.known, tuple):
            unread += 1
        elif decided.coins:
            held = sum(coin.units for coin in decided.coins)
            where = f"index {one.index}, {account_id(plan.chain.id, one.address)}"
            found.append(Remark("beyond_last_index", "", 1, f"{where}: {held} base units"))
    if unread:
        found.append(Remark("margin_not_read", "", unread))
    return tuple(found)
