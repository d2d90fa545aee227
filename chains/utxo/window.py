"""What accounts held and did around the pin, from index servers' histories. Pure.

    window's first block .. pin .. window's last block

Both balances are replayed at their blocks, and the flows are of the blocks after the first up to
the last one known: the window's last block, or the pin. Every number is agreed on by the rule of
balances, among servers alone: a node of the Bitcoin Core family knows what is unspent, and not what
has moved. What is not agreed on is None.

What went to and came from addresses of others is a part of these flows
(`chains.utxo.counterparties`). Its sums are known if both outer blocks are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.quorum import Agreement, Vote, agree
from chains.snapshot import CounterpartyFlow, WindowBlock, WindowReading
from chains.utxo.coins import silence
from chains.utxo.counterparties import Moved, moved, passage_of
from chains.utxo.history.replay import Flow, flows
from chains.utxo.history.voice import HistoryVoice
from chains.utxo.voices import history_vote, last_of
from config.caip import account_id, address_of, chain_of_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chains.evidence import ChainPlan
    from chains.index import IndexedLog, T
    from chains.utxo.counterparties import Amounts
    from chains.utxo.history.reach import Span
    from chains.utxo.voices import Hearing
    from config.registry import UtxoFormat


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of the window."""

    blocks: tuple[WindowBlock, ...] = ()
    readings: tuple[WindowReading, ...] = ()
    flows: tuple[CounterpartyFlow, ...] = ()

    @property
    def unread(self) -> int:
        """How many balances have no flows."""
        return sum(reading.transactions is None for reading in self.readings)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A block at which the window begins or ends, or the pin, and the servers heard there."""

    height: int
    block: WindowBlock | None
    voices: tuple[HistoryVoice, ...]
    held: tuple[Mapping[str, int], ...]
    """By voice, base units of each script that holds any."""


def read_window(
    plan: ChainPlan, form: UtxoFormat, scripts: Mapping[str, str], hearing: Hearing
) -> Window:
    """Give the flows and the outer balances of every planned account.

    Args:
        plan: gives the window and the quorum.
        form: the chain's rules.
        scripts: the output script of each address of the plan, in its order.
        hearing: the pin's.
    """
    if plan.window is None:
        return Window()
    servers = tuple(voice for voice in hearing.voices if isinstance(voice, HistoryVoice))
    before = after = None
    if hearing.spans is not None and servers:
        logs, every = tuple(voice.log for voice in servers), tuple(scripts.values())
        first, last = plan.window
        before = _edge(plan, form, every, hearing.spans.before, first, logs)
        after = _edge(plan, form, every, hearing.spans.after, last, logs)
    end = after or _Edge(hearing.pin.height, None, servers, ())
    readings = tuple(
        _reading(plan, account.address, scripts[account.address], before, after, end)
        for account in plan.accounts
        if plan.chain.native in account.assets
    )
    edges = (edge.block for edge in (before, after) if edge is not None)
    window = Window(tuple(block for block in edges if block is not None), readings)
    if not plan.others or before is None or before.height > end.height:
        return window
    return _with_others(plan, scripts, before, end, window)


def _with_others(
    plan: ChainPlan, scripts: Mapping[str, str], before: _Edge, end: _Edge, window: Window
) -> Window:
    """Add what moved between the accounts and others; sums only up to the window's last block."""
    passages = (passage_of(plan, scripts, voice, before.height) for voice in end.voices)
    told = [moved(passage) for passage in passages]
    readings: list[WindowReading] = []
    flows: list[CounterpartyFlow] = []
    for one in window.readings:
        script = scripts[address_of(one.account)]
        sent, came, all_came = _agreed_moves(
            plan, end, script, [of.get(script, Moved()) for of in told]
        )
        known = came if all_came is None else all_came
        flows += _flows_of(one, dict(sent or ()), dict(known or ()))
        sums = (None, None) if end.block is None else (_sum(sent), _sum(all_came))
        readings.append(replace(one, to_others=sums[0], from_others=sums[1]))
    return replace(window, readings=tuple(readings), flows=tuple(sorted(flows, key=_place)))


def _agreed_moves(
    plan: ChainPlan, end: _Edge, script: str, on: Sequence[Moved]
) -> tuple[Amounts | None, Amounts | None, Amounts | None]:
    """Give what an account sent to others, what was seen to come, and that if it is all of it."""
    return (
        _agreed(plan, end, script, lambda at: on[at].sent),
        _agreed(plan, end, script, lambda at: on[at].received),
        _agreed(plan, end, script, lambda at: on[at].all_received),
    )


def _flows_of(
    reading: WindowReading, sent: Mapping[str, int], received: Mapping[str, int]
) -> Iterator[CounterpartyFlow]:
    chain = chain_of_account(reading.account)
    for other in {**sent, **received}:
        amounts = sent.get(other, 0), received.get(other, 0)
        yield CounterpartyFlow(reading.account, reading.asset, account_id(chain, other), *amounts)


def _sum(amounts: Amounts | None) -> int | None:
    return None if amounts is None else sum(units for _, units in amounts)


def _place(flow: CounterpartyFlow) -> tuple[str, str, str]:
    return flow.account, flow.asset, flow.other


def _edge(
    plan: ChainPlan,
    form: UtxoFormat,
    scripts: tuple[str, ...],
    span: Span | None,
    moment: int,
    logs: tuple[IndexedLog, ...],
) -> _Edge | None:
    """Hear the servers at one of the window's blocks; None if they do not agree on it."""
    if span is None:
        return None
    votes = tuple(history_vote(form, scripts, span, log) for log in logs)
    agreement = last_of(plan, moment, votes)
    if agreement is None:
        return None
    voices = tuple(vote.value for vote in votes if vote.value is not None)
    found = agreement.value
    block = WindowBlock(moment, found.height, found.block_hash, found.median_time)
    return _Edge(found.height, block, voices, tuple(_held(voice) for voice in voices))


def _held(voice: HistoryVoice) -> dict[str, int]:
    """Add up the coins of each script."""
    found: dict[str, int] = {}
    for unspent in voice.scan.unspents:
        found[unspent.script] = found.get(unspent.script, 0) + unspent.units
    return found


def _reading(
    plan: ChainPlan,
    address: str,
    script: str,
    before: _Edge | None,
    after: _Edge | None,
    end: _Edge,
) -> WindowReading:
    """Put together what is agreed on of one account."""
    flow = None
    if before is not None and before.height <= end.height:
        start = before.height
        flow = _agreed(plan, end, script, lambda at: _flow(end.voices[at], script, start))
    return WindowReading(
        account_id(plan.chain.id, address),
        plan.chain.native,
        before=_balance(plan, before, script),
        after=_balance(plan, after, script),
        received=None if flow is None else flow.received,
        spent=None if flow is None else flow.spent,
        transactions=None if flow is None else flow.transactions,
    )


def _balance(plan: ChainPlan, edge: _Edge | None, script: str) -> int | None:
    if edge is None:
        return None
    return _agreed(plan, edge, script, lambda at: edge.held[at].get(script, 0))


def _agreed(plan: ChainPlan, edge: _Edge, script: str, told: Callable[[int], T | None]) -> T | None:
    """Give what the servers that speak of a script agree on; `told` gives it by their place."""
    votes = []
    for at, voice in enumerate(edge.voices):
        said = silence(voice, script)
        value = told(at) if said is None else None
        votes.append(Vote(voice.log.name, voice.log.log.operator, value, said or ""))
    agreement = agree(votes, plan.quorum)
    return agreement.value if isinstance(agreement, Agreement) else None


def _flow(voice: HistoryVoice, script: str, start: int) -> Flow:
    """Add up what moved on a script after a height, as one server shows it."""
    replayed = voice.replayed
    history = replayed.histories[script]
    return flows(script, start, voice.scan.height, history, replayed.transactions)
