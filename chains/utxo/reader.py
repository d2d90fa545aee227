"""Reading a chain of the Bitcoin family: the one module here that asks sources.

1. Each source is asked which chain it follows and for one scan of all scripts, at its own tip.
2. Sources whose tips differ are scanned again, those that lag first, until all name one block.
3. The coins too young to tell are asked about, at once, while most are still unspent.
4. The reading is held until every source says that the block is deep enough. If the block leaves
   the best chain meanwhile, everything starts over.

A past block cannot be asked for: `scantxoutset` reads the tip alone, and only waiting makes a tip
deep. Undoing blocks on the node was refused, because it disturbs a node that others use; so was
counting only coins below a depth, because it hides spends instead of waiting for them. The plan's
`as_of` is therefore not aimed at: the pin's time is recorded, and its distance judged elsewhere.

Progress is judged by the same functions that `recheck` uses, and evidence holds the final reading
alone, so `recheck(plan, read(...))` sees what was seen here. Every repetition has a named limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chains.errors import ChainError
from chains.evidence import Call, ChainEvidence, Exchange, SourceLog
from chains.index import index_log, question_key
from chains.quorum import Vote
from chains.utxo.calls import SCAN_STATUS, identity_calls, scan_call, scripts_of
from chains.utxo.coinbase import immature
from chains.utxo.depth import wait_for_depth
from chains.utxo.pin import form_of, require_agreement, scan_vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ChainPlan, Source, Surroundings
    from chains.utxo.answers import Scan
    from config.registry import UtxoFormat

MAX_STARTS = 5
"""Readings begun before giving up because the pinned block left the best chain each time."""

MAX_ROUNDS = 20
"""Scans of a source that lags before giving up; a scan of a main network takes minutes."""

ROUND_SECONDS = 15.0
"""Pause between such scans: blocks travel between nodes in seconds."""

MAX_SCAN_TRIES = 120
"""Tries while a node is busy with somebody else's scan: half an hour."""

BUSY_SECONDS = 15.0
"""Pause between such tries."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A plan with what follows from it, worked out once."""

    plan: ChainPlan
    form: UtxoFormat
    scripts: tuple[str, ...]
    around: Surroundings


@dataclass(frozen=True, slots=True)
class _Reading:
    """A source and what it was asked and answered so far."""

    source: Source
    exchanges: tuple[Exchange, ...]

    def log(self) -> SourceLog:
        return SourceLog(self.source.name, self.source.operator, self.exchanges)


def read(plan: ChainPlan, sources: Sequence[Source], around: Surroundings) -> ChainEvidence:
    """Gather evidence of a plan; it may take as long as the plan's depth takes to grow.

    Args:
        plan: what to read.
        sources: nodes of the Bitcoin Core family that serve `scantxoutset`, with different names.
        around: pauses and progress.

    Raises:
        ChainError: no pin can be made: a source follows another chain, or too few operators agree
            on a block within the limits.
        InputError: the plan names an address that is not one.
    """
    names = [source.name for source in sources]
    if not names or len(set(names)) != len(names):
        raise ChainError(f"{plan.chain.name}: no source, or two of one name: {names}")
    task = _Task(plan, form_of(plan), tuple(scripts_of(plan).values()), around)
    for _ in range(MAX_STARTS):
        readings = _with_coinbase(task, _in_step(task, tuple(sources)))
        held = _held(task, readings)
        if held is not None:
            return ChainEvidence(plan.chain.id, tuple(reading.log() for reading in held))
    raise ChainError(
        f"{plan.chain.name}: the pinned block left the best chain in each of {MAX_STARTS} readings",
        "wait until the network is calm, or ask for more depth",
    )


def _in_step(task: _Task, sources: tuple[Source, ...]) -> tuple[_Reading, ...]:
    """Scan until all sources that answer name one block."""
    name, around = task.plan.chain.name, task.around
    readings: list[_Reading] = []
    for number, source in enumerate(sources):
        around.progress(f"{name}: scanning", number, len(sources))
        readings.append(_scanned(task, source))
    for _ in range(MAX_ROUNDS):
        votes = _scan_votes(task, tuple(readings))
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


def _scanned(task: _Task, source: Source) -> _Reading:
    """Ask a source for its identity and a scan, waiting while its node is busy with another."""
    identity = source.ask([call for call, _ in identity_calls(task.form)])
    call = scan_call(task.scripts)
    exchange = source.ask([call])[0]
    for _ in range(MAX_SCAN_TRIES):
        if exchange.error != "rpc_error" or not _is_busy(source):
            break
        task.around.pause(BUSY_SECONDS)
        exchange = source.ask([call])[0]
    return _Reading(source, (*identity, exchange))


def _is_busy(source: Source) -> bool:
    """Tell whether the node is busy with a scan, which is the one error of a scan that passes."""
    status = source.ask([SCAN_STATUS])[0]
    return status.error is None and status.result is not None


def _scan_votes(task: _Task, readings: tuple[_Reading, ...]) -> tuple[Vote[Scan], ...]:
    """Decode the scans as recheck does."""
    return tuple(
        scan_vote(task.form, index_log(reading.log()), task.scripts) for reading in readings
    )


def _behind(votes: tuple[Vote[Scan], ...]) -> tuple[int, ...]:
    """Give the places of the sources to scan again: the lower ones, or all if the tip is forked."""
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


def _with_coinbase(task: _Task, readings: tuple[_Reading, ...]) -> tuple[_Reading, ...]:
    """Ask each source about the coins that it does not tell to be of a coinbase or not."""
    votes = _scan_votes(task, readings)
    return tuple(
        _asked(task.form, reading, vote.value) if vote.value is not None else reading
        for reading, vote in zip(readings, votes, strict=True)
    )


def _asked(form: UtxoFormat, reading: _Reading, scan: Scan) -> _Reading:
    """Ask what recheck would miss, which is known after at most three rounds a coin."""
    while True:
        log = index_log(reading.log())
        told = (immature(form, scan, unspent, log) for unspent in scan.unspents)
        calls = {question_key(call): call for call in told if isinstance(call, Call)}
        if not calls:
            return reading
        exchanges = reading.source.ask(tuple(calls.values()))
        reading = _Reading(reading.source, reading.exchanges + exchanges)


def _held(task: _Task, readings: tuple[_Reading, ...]) -> tuple[_Reading, ...] | None:
    """Hold the reading until the pin is deep enough; None if it left the best chain."""
    votes = _scan_votes(task, readings)
    speaking = {vote.source: vote.value.block_hash for vote in votes if vote.value is not None}
    asked = tuple(reading.source for reading in readings if reading.source.name in speaking)
    pin = next(iter(speaking.values()))
    headers = wait_for_depth(task.plan, asked, pin, task.around)
    if headers is None:
        return None
    found = {source.name: header for source, header in zip(asked, headers, strict=True)}
    return tuple(
        _Reading(reading.source, (*reading.exchanges, found[reading.source.name]))
        if reading.source.name in found
        else reading
        for reading in readings
    )
