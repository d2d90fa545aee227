"""What accounts held and did around the pin, from index servers' histories. Pure.

    window's first block .. pin .. window's last block

Both balances are replayed at their blocks, and the flows are of the blocks after the first up to
the last one known: the window's last block, or the pin. Every number is agreed on by the rule of
balances, among servers alone: a node of the Bitcoin Core family knows what is unspent, and not what
has moved. What is not agreed on is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.quorum import Agreement, Vote, agree
from chains.snapshot import WindowBlock, WindowReading
from chains.utxo.coins import silence
from chains.utxo.history.replay import Flow, flows
from chains.utxo.history.voice import HistoryVoice
from chains.utxo.voices import history_vote, last_of
from config.caip import account_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.evidence import ChainPlan
    from chains.index import IndexedLog, T
    from chains.utxo.history.reach import Span
    from chains.utxo.voices import Hearing
    from config.registry import UtxoFormat


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of the window."""

    blocks: tuple[WindowBlock, ...] = ()
    readings: tuple[WindowReading, ...] = ()

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
    return Window(tuple(block for block in edges if block is not None), readings)


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


def _agreed(plan: ChainPlan, edge: _Edge, script: str, told: Callable[[int], T]) -> T | None:
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
