"""Asking nodes of the Bitcoin Core family: one scan each, in step, held until it is deep.

1. Each node is asked which chain it follows and for one scan of all scripts, at its own tip.
2. Nodes whose tips differ are scanned again, those that lag first, until all name one block.
3. The coins too young to tell are asked about, at once, while most are still unspent.
4. The reading is held until every node says that the block is deep enough. If the block leaves the
   best chain meanwhile, everything starts over.
5. The transactions of a plan's questions are asked about last: what was mined during the wait lies
   above the pin, and can be seen only now.

A plan without accounts has nothing to scan, and its block is deep at once (`chains.utxo.standing`).

Of coins a past block cannot be asked for: `scantxoutset` reads the tip alone, and only waiting
makes a tip deep. Undoing blocks on the node was refused, because it disturbs a node that others
use; so was counting only coins below a depth, because it hides spends instead of waiting for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import Call, Exchange, SourceLog
from chains.index import index_log, question_key
from chains.quorum import Vote
from chains.utxo.calls import SCAN_STATUS, identity_calls, scan_call
from chains.utxo.coinbase import immature
from chains.utxo.depth import wait_for_depth
from chains.utxo.pin import require_agreement, scan_vote
from chains.utxo.standing import ask_standing
from chains.utxo.transactions import ask_transactions

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Source
    from chains.utxo.answers import Scan
    from chains.utxo.task import Task
    from config.registry import UtxoFormat

MAX_STARTS = 5
"""Readings begun before giving up because the pinned block left the best chain each time."""

MAX_ROUNDS = 20
"""Scans of a node that lags before giving up; a scan of a main network takes minutes."""

ROUND_SECONDS = 15.0
"""Pause between such scans: blocks travel between nodes in seconds."""

MAX_SCAN_TRIES = 120
"""Tries while a node is busy with somebody else's scan: half an hour."""

BUSY_SECONDS = 15.0
"""Pause between such tries."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What nodes were asked and answered, and where they stand."""

    logs: tuple[SourceLog, ...]
    scan: Scan
    """Of the first node that speaks; the others have the same block."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A node, what it was asked and answered so far, and its scan as recheck reads it."""

    source: Source
    exchanges: tuple[Exchange, ...]
    vote: Vote[Scan]

    def log(self) -> SourceLog:
        source = self.source
        return SourceLog(source.name, source.operator, self.exchanges, source.protocol)


def scan_all(task: Task, nodes: tuple[Source, ...]) -> Scanned:
    """Scan every node at one block, and hold the reading until that is deep enough.

    Raises:
        ChainError: a node follows another chain, too few operators agree on a block within the
            limits, or the block left the best chain too often.
    """
    for _ in range(MAX_STARTS):
        readings = tuple(_with_coinbase(task.form, one) for one in _in_step(task, nodes))
        held = _held(task, readings)
        if held is not None:
            scans = (reading.vote.value for reading in held)
            scan = next(scan for scan in scans if scan is not None)
            told = (_with_transactions(task.plan, reading) for reading in held)
            return Scanned(tuple(reading.log() for reading in told), scan)
    raise ChainError(
        f"{task.name}: the pinned block left the best chain in each of {MAX_STARTS} readings",
        "wait until the network is calm, or ask for more depth",
    )


def _in_step(task: Task, sources: tuple[Source, ...]) -> tuple[_Reading, ...]:
    """Scan until all nodes that answer name one block."""
    name, around = task.name, task.around
    readings: list[_Reading] = []
    for number, source in enumerate(sources):
        around.progress(f"{name}: scanning", number, len(sources))
        readings.append(_scanned(task, source))
    for _ in range(MAX_ROUNDS):
        votes = tuple(reading.vote for reading in readings)
        behind = _behind(votes)
        if not behind:
            _require_voices(task.plan, votes)
            around.progress(f"{name}: scanning", len(sources), len(sources))
            return tuple(readings)
        around.pause(ROUND_SECONDS)
        for index in behind:
            readings[index] = _scanned(task, sources[index])
    said = ", ".join(f"{vote.source} is at {vote.said}" for vote in votes)
    raise ChainError(f"{name}: sources not in step after {MAX_ROUNDS} scans: {said}")


def _scanned(task: Task, source: Source) -> _Reading:
    """Ask a node for its identity and a scan, or where it stands if there is nothing to scan."""
    identity = source.ask([call for call, _ in identity_calls(task.form)])
    told = (_scan(task, source),) if task.scripts else ask_standing(task.plan, source)
    exchanges = (*identity, *told)
    log = SourceLog(source.name, source.operator, exchanges, source.protocol)
    vote = scan_vote(task.plan, task.form, index_log(log), task.scripts)
    return _Reading(source, exchanges, vote)


def _scan(task: Task, source: Source) -> Exchange:
    """Ask a node for a scan, waiting while it is busy with another."""
    call = scan_call(task.scripts)
    exchange = source.ask([call])[0]
    for _ in range(MAX_SCAN_TRIES):
        if exchange.error != "rpc_error" or not _is_busy(source):
            break
        task.around.pause(BUSY_SECONDS)
        exchange = source.ask([call])[0]
    return exchange


def _is_busy(source: Source) -> bool:
    """Tell whether the node is busy with a scan, which is the one error of a scan that passes."""
    status = source.ask([SCAN_STATUS])[0]
    return status.error is None and status.result is not None


def _behind(votes: tuple[Vote[Scan], ...]) -> tuple[int, ...]:
    """Give the places of the nodes to scan again: the lower ones, or all if the tip is forked."""
    scans = [(place, vote.value) for place, vote in enumerate(votes) if vote.value is not None]
    if len({scan.block_hash for _, scan in scans}) < 2:  # noqa: PLR2004 - one block is agreement
        return ()
    highest = max(scan.height for _, scan in scans)
    lower = tuple(place for place, scan in scans if scan.height < highest)
    return lower or tuple(place for place, _ in scans)


def _require_voices(plan: ChainPlan, votes: tuple[Vote[Scan], ...]) -> None:
    """Fail before the long wait if recheck would fail after it."""
    blocks = tuple(
        Vote(vote.source, vote.operator, vote.value.block_hash if vote.value else None, vote.said)
        for vote in votes
    )
    require_agreement(plan, blocks)


def _with_coinbase(form: UtxoFormat, reading: _Reading) -> _Reading:
    """Ask a node about the coins that it does not tell to be of a coinbase or not.

    Nothing is asked that recheck would not miss; it is known after at most three rounds a coin.
    """
    scan, asked = reading.vote.value, SourceLog(reading.source.name, reading.source.operator, ())
    while scan is not None:
        log = index_log(asked)
        told = (immature(form, scan, unspent, log) for unspent in scan.unspents)
        calls = {question_key(call): call for call in told if isinstance(call, Call)}
        if not calls:
            break
        exchanges = reading.source.ask(tuple(calls.values()))
        asked = replace(asked, entries=asked.entries + exchanges)
    return replace(reading, exchanges=reading.exchanges + asked.exchanges)


def _held(task: Task, readings: tuple[_Reading, ...]) -> tuple[_Reading, ...] | None:
    """Hold the reading until the pin is deep enough; None if it left the best chain."""
    speaking = [reading for reading in readings if reading.vote.value is not None]
    asked = tuple(reading.source for reading in speaking)
    pin = next(one.vote.value.block_hash for one in speaking if one.vote.value is not None)
    headers = wait_for_depth(task.plan, asked, pin, task.around)
    if headers is None:
        return None
    found = {source.name: header for source, header in zip(asked, headers, strict=True)}
    return tuple(
        _Reading(reading.source, (*reading.exchanges, found[reading.source.name]), reading.vote)
        if reading.source.name in found
        else reading
        for reading in readings
    )


def _with_transactions(plan: ChainPlan, reading: _Reading) -> _Reading:
    """Ask a node that speaks for the transactions that questions are about."""
    if reading.vote.value is None:
        return reading
    known = frozenset(one.call for one in reading.exchanges)
    asked = ask_transactions(plan, reading.source, known)
    return replace(reading, exchanges=reading.exchanges + asked)
