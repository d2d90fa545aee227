"""Which sources speak for which block, and what each of them says of the coins there. Pure.

Nodes scan, index servers replay histories, and both are put together here: votes on one block. If
there is a node among the sources, its scan makes the pin, and the servers are heard at that block;
a node that does not speak is no reason to let servers make the pin alone. Servers alone are heard
at a past block (`chains.utxo.past`).

An index server speaks for a block by headers that link and bear their work
(`chains.utxo.history.voice`), and by its word that it still has that block after everything else
was asked: the last question of its log.

A block at or before a moment is the last such block if its median time is not later than the
moment, and that of the block after it is. The headers of every speaking server must show so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chains.errors import ChainError
from chains.evidence import Exchange
from chains.index import question_key
from chains.quorum import MALFORMED, NOT_READ, Agreement, Vote, agree
from chains.snapshot import Pin
from chains.utxo.history.voice import HistoryVoice
from chains.utxo.indexers import INDEXERS
from chains.utxo.past import (
    Spans,
    final_height,
    find_spans,
    lowest_tip,
    require_tip,
    told_time,
)
from chains.utxo.pin import Voice, header_vote, require_agreement, scan_vote

if TYPE_CHECKING:
    from chains.evidence import ChainPlan
    from chains.index import IndexedLog
    from chains.utxo.history.reach import Span
    from config.registry import UtxoFormat

AnyVoice: TypeAlias = "Voice | HistoryVoice"


@dataclass(frozen=True, slots=True)
class Block:
    """A block as one source has it."""

    height: int
    block_hash: str
    median_time: int
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What one source says of the pin."""

    voice: AnyVoice
    block: Block
    depth: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """The pin, and the sources that speak for it."""

    pin: Pin
    voices: tuple[AnyVoice, ...]
    """In declaration order."""
    spans: Spans | None
    """The blocks at which index servers are heard; None without any."""


def hear(
    plan: ChainPlan, form: UtxoFormat, scripts: tuple[str, ...], logs: tuple[IndexedLog, ...]
) -> Hearing:
    """Find the pin, and who speaks for it.

    Args:
        plan: gives quorum, depth and moment.
        form: the chain's rules.
        scripts: all output scripts of the plan in hex, in its order.
        logs: one a source.

    Raises:
        ChainError: there is no pin; UnsettledPin if that may pass.
    """
    nodes = {log.name: _node(plan, form, scripts, log) for log in logs if not is_indexer(log)}
    spoken = [vote.value.block.height for vote in nodes.values() if vote.value is not None]
    if nodes and not spoken:
        require_agreement(plan, tuple(as_text(vote) for vote in nodes.values()))
    servers = tuple(log for log in logs if is_indexer(log))
    spans = spans_of(plan, servers, spoken[0] if spoken else None) if servers else None
    votes = tuple(
        nodes[log.name]
        if log.name in nodes or spans is None
        else _server(form, scripts, spans, log)
        for log in logs
    )
    agreement = require_agreement(plan, tuple(as_text(vote) for vote in votes))
    told = [vote.value for vote in votes if vote.value is not None]
    voices = tuple(one.voice for one in told if one.voice.log.name in agreement.sources)
    block = told[0].block
    if spoken:
        depth = min(one.depth for one in told if isinstance(one.voice, Voice))
    else:
        tip = require_tip(plan, servers)
        _require_last(plan, voices, block, final_height(plan, tip))
        depth = tip - block.height + 1
    pin = Pin(plan.chain.id, block.height, block.block_hash, block.median_time, depth)
    return Hearing(pin, voices, spans)


def is_indexer(log: IndexedLog) -> bool:
    """Tell whether a log is of an index server."""
    return log.log.protocol in INDEXERS


def spans_of(plan: ChainPlan, servers: tuple[IndexedLog, ...], pinned: int | None) -> Spans:
    """Find in the servers' logs at which blocks they are heard.

    Args:
        plan: gives depth, `as_of` and window.
        servers: their logs.
        pinned: the height of the pin that nodes have made, if there are any.

    Raises:
        ChainError: no such block.
    """
    tip = require_tip(plan, servers) if pinned is None else lowest_tip(servers)
    return find_spans(plan, tip, pinned, tuple(told_time(log) for log in servers))


def history_vote(
    form: UtxoFormat, scripts: tuple[str, ...], span: Span, log: IndexedLog
) -> Vote[HistoryVoice]:
    """Give what an index server says of the scripts at a block; raise ChainError."""
    indexer = INDEXERS[log.log.protocol]
    return indexer.histories.history_voice(form, scripts, indexer.shown(log, span), log)


def last_of(
    plan: ChainPlan, moment: int, votes: tuple[Vote[HistoryVoice], ...]
) -> Agreement[Block] | None:
    """Give the block that enough servers show to be the last one at or before a moment."""
    for vote in votes:
        if vote.value is not None and not _is_last(vote.value, moment):
            return None
    found = agree(tuple(_on_block(vote) for vote in votes), plan.quorum)
    return found if isinstance(found, Agreement) else None


def as_text(vote: Vote[_Told]) -> Vote[str]:
    """Make hash, height and time one value, so that sources that differ in any of them disagree."""
    if vote.value is None:
        return Vote(vote.source, vote.operator, None, vote.said)
    block = vote.value.block
    said = f"{block.block_hash} at {block.height}, median time {block.median_time}"
    return Vote(vote.source, vote.operator, said, said)


def _node(
    plan: ChainPlan, form: UtxoFormat, scripts: tuple[str, ...], log: IndexedLog
) -> Vote[_Told]:
    scan = scan_vote(plan, form, log, scripts)
    vote = header_vote(plan, log, scan)
    if vote.value is None or scan.value is None:
        return Vote(vote.source, vote.operator, None, vote.said)
    header = vote.value
    block = Block(header.height, header.block_hash, header.median_time)
    told = _Told(Voice(log, scan.value), block, header.confirmations)
    return Vote(vote.source, vote.operator, told, vote.said)


def _server(
    form: UtxoFormat, scripts: tuple[str, ...], spans: Spans, log: IndexedLog
) -> Vote[_Told]:
    vote = history_vote(form, scripts, spans.pin, log)
    if vote.value is None:
        return Vote(vote.source, vote.operator, None, vote.said)
    said = _closing(log, vote.value.scan.height, vote.value.scan.block_hash)
    if said is not None:
        return Vote(vote.source, vote.operator, None, said)
    told = _Told(vote.value, _block(vote.value), vote.value.depth)
    return Vote(vote.source, vote.operator, told, vote.said)


def _closing(log: IndexedLog, height: int, block_hash: str) -> str | None:
    """Check the last question of a log: which block the server has at the pin's height now.

    Returns:
        None if it is the pin, else what the server said.
    """
    indexer = INDEXERS[log.log.protocol]
    entries = log.log.entries
    last = entries[-1] if entries else None
    call = indexer.hash_call(height)
    if not isinstance(last, Exchange) or question_key(last.call) != question_key(call):
        return NOT_READ
    vote = log.vote(call, indexer.read_block, str)
    if vote.value is None:
        return vote.said
    return None if vote.value == block_hash else MALFORMED


def _block(voice: HistoryVoice) -> Block:
    return Block(voice.scan.height, voice.scan.block_hash, voice.median_time)


def _on_block(vote: Vote[HistoryVoice]) -> Vote[Block]:
    value = None if vote.value is None else _block(vote.value)
    return Vote(vote.source, vote.operator, value, vote.said)


def _is_last(voice: HistoryVoice, moment: int) -> bool:
    after = voice.next_median_time
    return voice.median_time <= moment and after is not None and after > moment


def _require_last(plan: ChainPlan, voices: tuple[AnyVoice, ...], block: Block, final: int) -> None:
    """Refuse a pin that the servers' own headers do not show to be the one asked for."""
    as_of = plan.as_of
    if as_of is None:
        return
    # A pin that is as high as the depth allows is the right one, whatever comes after it.
    later = [] if block.height >= final else [_after(voice) for voice in voices]
    if block.median_time > as_of or any(time is None or time <= as_of for time in later):
        raise ChainError(
            f"{plan.chain.name} has no pin: block {block.height} of {block.median_time} "
            f"is not the last one at or before {as_of} (unix seconds)"
        )


def _after(voice: AnyVoice) -> int | None:
    """Give the median time of the block after a server's pin."""
    return voice.next_median_time if isinstance(voice, HistoryVoice) else None
