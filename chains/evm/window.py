"""What accounts held around the pin, and how many transactions they had sent. Pure.

    window's first block .. pin .. window's last block

Balances are read at both outer blocks, nonces there and at the pin. Such calls show what an account
has at a block, not what it received and spent between two: flows are None on EVM chains, and
`flows_not_read` says so of every balance. Only what went to and came from addresses of others is
read, of tokens (`chains.evm.counterparties`); its sums are known if both outer blocks are. A
reserve that was borrowed is seen by its balances, a cold wallet that moved by its nonce. The nonce
of a contract counts the contracts it created alone.

Every number is agreed on by the rule of the pin's balances, and is None where it is not. Where the
window's block is the pin itself, what it held is what the pin says. Balances of the window are not
proved, and code is not asked for: an address without code gives no word that could be a balance.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from chains.evm.counterparties import Flows, agree_on_flows
from chains.evm.edges import edge_at, edge_at_pin, window_logs
from chains.evm.hearing import Unknown, hear_counts
from chains.evm.state import readable_assets
from chains.evm.transfer_search import search_of
from chains.snapshot import Remark, WindowBlock, WindowReading
from config.caip import account_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chains.evidence import ChainEvidence, ChainPlan, PlannedAccount
    from chains.evm.edges import Edge
    from chains.evm.hearing import Hearing
    from chains.evm.pin import Settled
    from chains.evm.transfer_search import Search
    from chains.snapshot import Balance, CounterpartyFlow
    from config.caip import AccountId, AssetId

Held: TypeAlias = "Mapping[tuple[AccountId, AssetId], int]"
"""Base units by account and asset."""

NO_FLOWS = "on EVM chains balances and nonces alone are read"


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of the window."""

    blocks: tuple[WindowBlock, ...] = ()
    readings: tuple[WindowReading, ...] = ()
    remarks: tuple[Remark, ...] = ()
    flows: tuple[CounterpartyFlow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What is heard at one of the three blocks."""

    known: bool = False
    """Whether it is known which block it is."""
    hearing: Hearing | None = None
    """None if the sources do not agree on the block."""
    held: Held | None = None
    """The pin's own balances, where this is the pin."""

    def nonce(self, address: str) -> int | None:
        return None if self.hearing is None else self.hearing.nonce(address)

    def units(self, account: AccountId, address: str, asset: AssetId) -> int | None:
        if self.held is not None:
            return self.held.get((account, asset))
        if self.hearing is None or asset not in self.hearing.readable:
            return None
        found = self.hearing.agreed(asset, address)
        return None if isinstance(found, Unknown) else found[0]


def read_window(
    plan: ChainPlan, settled: Settled, evidence: ChainEvidence, balances: Iterable[Balance]
) -> Window:
    """Give what was held and sent around the pin, one reading a planned balance.

    Args:
        plan: gives the window, the accounts and the quorum.
        settled: the pin.
        evidence: all that was recorded.
        balances: the pin's.
    """
    if plan.window is None or not plan.accounts:
        return Window()
    logs = window_logs(settled, evidence.logs)
    held = {(one.account, one.asset): one.units for one in balances}
    pinned = edge_at_pin(plan, settled, logs)
    hearing = None if pinned is None else hear_counts(plan, pinned, {})
    at = _Look(known=True, hearing=hearing, held=held)
    edges = tuple(edge_at(plan, settled, logs, moment) for moment in plan.window)
    before, after = (_look(plan, settled, edge, at) for edge in edges)
    found = (_readings(plan, account, before, at, after) for account in plan.accounts)
    readings = tuple(reading for of in found for reading in of)
    search = search_of(plan, edges[0], edges[1] or pinned)
    flows = _flows(plan, settled, evidence, search)
    if edges[1] is not None:
        readings = _with_sums(readings, flows)
    blocks = tuple(
        WindowBlock(moment, edge.header.height, edge.header.block_hash, edge.header.time)
        for moment, edge in zip(plan.window, edges, strict=True)
        if edge is not None
    )
    remarks = (*_remarks(readings, before, at, after), *_on_flows(readings, search, flows))
    return Window(blocks, readings, remarks, flows.flows)


def _look(plan: ChainPlan, settled: Settled, edge: Edge | None, at: _Look) -> _Look:
    """Hear the sources at one of the window's blocks, which may be the pin."""
    if edge is None:
        return _Look()
    if edge.header.height == settled.header.height:
        return at
    return _Look(known=True, hearing=hear_counts(plan, edge, readable_assets(plan)))


def _readings(
    plan: ChainPlan, account: PlannedAccount, before: _Look, at: _Look, after: _Look
) -> Iterator[WindowReading]:
    """Put together what is known of one account."""
    address, name = account.address, account_id(plan.chain.id, account.address)
    nonces = [look.nonce(address) for look in (before, at, after)]
    for asset in account.assets:
        yield WindowReading(
            name,
            asset,
            before=before.units(name, address, asset),
            after=after.units(name, address, asset),
            nonce_before=nonces[0],
            nonce_at=nonces[1],
            nonce_after=nonces[2],
        )


def _flows(
    plan: ChainPlan, settled: Settled, evidence: ChainEvidence, search: Search | None
) -> Flows:
    if search is None:
        return Flows()
    standing = (log for log in evidence.logs if log.name in settled.voices)
    return agree_on_flows(plan, search, standing)


def _with_sums(readings: Iterable[WindowReading], flows: Flows) -> tuple[WindowReading, ...]:
    """Add up by account what went to and came from others, of tokens of which it is known."""
    sent: Counter[tuple[AccountId, AssetId]] = Counter()
    received: Counter[tuple[AccountId, AssetId]] = Counter()
    for one in flows.flows:
        sent[one.account, one.asset] += one.sent
        received[one.account, one.asset] += one.received
    return tuple(
        replace(
            one,
            to_others=sent[one.account, one.asset],
            from_others=received[one.account, one.asset],
        )
        if one.asset in flows.known
        else one
        for one in readings
    )


def _on_flows(
    readings: Iterable[WindowReading], search: Search | None, flows: Flows
) -> Iterator[Remark]:
    """Say of how many balances of tokens it is not known what moved between them and others."""
    unknown = set() if search is None else {*search.contracts.values()} - flows.known
    count = sum(one.asset in unknown for one in readings)
    if count:
        said = ", ".join(flows.silent) or "sources differ, or are too few"
        yield Remark("flows_not_read", "", count, f"transfers from and to others: {said}")


def _remarks(
    readings: Sequence[WindowReading], before: _Look, at: _Look, after: _Look
) -> Iterator[Remark]:
    """Say what is not known, and which sources answered from another block."""
    if readings:
        yield Remark("flows_not_read", "", len(readings), NO_FLOWS)
    parts = (
        ("the window's first block", before, [(one.before, one.nonce_before) for one in readings]),
        ("the pinned block", at, [(one.nonce_at,) for one in readings]),
        ("the window's last block", after, [(one.after, one.nonce_after) for one in readings]),
    )
    for name, look, values in parts:
        unread = sum(None in told for told in values)
        if unread:
            detail = f"at {name}" if look.known else f"{name} is not known"
            yield Remark("window_not_read", "", unread, detail)
    for source, count in _strayed((before, at, after)).items():
        yield Remark("wrong_state", source, count, "around the pinned block")


def _strayed(looks: Iterable[_Look]) -> Counter[str]:
    """Count by source the sweeps that were not answered from the block they were asked at."""
    hearings = {id(look.hearing): look.hearing for look in looks if look.hearing is not None}
    return Counter(
        voice.log.name
        for hearing in hearings.values()
        for voice in hearing.voices
        for code in voice.remarks
        if code == "wrong_state"
    )
