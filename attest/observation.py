"""An observation: the time it is about and every source's log, as files. Pure.

    observation.json        {"asOf": "2026-11-30T15:00:00Z", "version": "v0"}
    chains/<chain>/<source>.jsonl    one log a source (`chains.evidence`); `-` for `:` in the chain
    chains/<chain>/state.nodes       the nodes of its state proofs, if any (`chains.evm.nodes`)
    pins.json                        what it is about, for people (`attest.pins`); not read here

`recheck` turns it into a snapshot with nothing but the plan; a run, an offline assessment and a
verifier call the same function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.pins import PINS
from attest.statement import canonical
from chains.backoff import AGAIN
from chains.errors import ChainError
from chains.evidence import ChainEvidence, Exchange
from chains.families import FAMILIES
from chains.recording import decode_log, encode_log
from chains.sharing import Shared
from chains.snapshot import Snapshot
from config.errors import InputError
from config.jsontext import parse_json
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from attest.content import Content, Files
    from chains.evidence import ChainPlan, Column, SourceLog
    from config.caip import ChainId

HEAD = "observation.json"
CHAINS = "chains/"
NODES = "state.nodes"


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was asked and answered."""

    as_of: int
    """Unix seconds the statement is about."""
    chains: tuple[ChainEvidence, ...]
    """In the order of chain identifiers."""


def encode_observation(observation: Observation) -> dict[str, Content]:
    """Write an observation as named files."""
    head = {"asOf": format_time(observation.as_of), "version": "v0"}
    files: dict[str, Content] = {HEAD: canonical(head)}
    for chain in observation.chains:
        for log in chain.logs:
            files[log_name(chain.chain, log.name)] = encode_log(chain.chain, log)
        if chain.nodes:
            files[nodes_name(chain.chain)] = chain.nodes
    return files


def log_name(chain: ChainId, source: str) -> str:
    """Give the name of a source's log."""
    return f"{CHAINS}{chain.replace(':', '-')}/{source}.jsonl"


def nodes_name(chain: ChainId) -> str:
    """Give the name of a chain's node store."""
    return f"{CHAINS}{chain.replace(':', '-')}/{NODES}"


def decode_observation(files: Files) -> Observation:
    """Read an observation.

    Args:
        files: name to bytes; names that belong to no observation are an error.

    Raises:
        InputError: the head is missing or wrong.
        ChainError: a log is not what `encode_log` writes, or lies under another name than its own.
    """
    logs: dict[ChainId, list[SourceLog]] = {}
    shared = Shared()
    for name in sorted(files):
        if name in {HEAD, PINS} or name.endswith(f"/{NODES}"):
            continue
        chain, log = decode_log(bytes(files[name]), name, shared)
        if log_name(chain, log.name) != name:
            raise ChainError(f"{name}: holds the log of {chain} from {log.name}")
        logs.setdefault(chain, []).append(log)
    stores = {name: data for name, data in files.items() if name.endswith(f"/{NODES}")}
    chains = tuple(
        ChainEvidence(chain, tuple(logs[chain]), stores.pop(nodes_name(chain), b""))
        for chain in sorted(logs)
    )
    if stores:
        raise ChainError(f"nodes of a chain of which there is no log: {', '.join(sorted(stores))}")
    return Observation(_head(files), chains)


def _head(files: Files) -> int:
    if HEAD not in files:
        raise InputError(f"{HEAD} is missing", "is this a folder that `attest observe` wrote?")
    match parse_json(bytes(files[HEAD]), HEAD):
        case {"asOf": str(time), "version": "v0", **rest} if not rest:
            as_of = parse_time(time)
        case _:
            raise InputError(f"{HEAD}: not an observation of this version")
    if canonical({"asOf": format_time(as_of), "version": "v0"}) != files[HEAD]:
        raise InputError(f"{HEAD}: not in canonical form (RFC 8785)")
    return as_of


def unanswered(observation: Observation) -> int:
    """Count the questions that a source could not answer for now, so that asking again may help."""
    return sum(
        entry.error in AGAIN if isinstance(entry, Exchange) else _lacking(entry)
        for chain in observation.chains
        for log in chain.logs
        for entry in log.entries
    )


def _lacking(column: Column) -> int:
    return sum(code in AGAIN for _, code in column.errors)


def recheck(plans: tuple[ChainPlan, ...], observation: Observation) -> Snapshot:
    """Decode the evidence of every planned chain.

    Args:
        plans: what had to be read, from the inputs alone.
        observation: what was asked and answered.

    Raises:
        ChainError: a chain has no evidence, or its evidence gives no pin; or evidence is there of a
        chain
            that was not planned.
    """
    evidence = {chain.chain: chain for chain in observation.chains}
    planned = {plan.chain.id for plan in plans}
    for chain in evidence:
        if chain not in planned:
            raise ChainError(f"evidence of {chain}, where no account is declared")
    for plan in plans:
        if plan.chain.id not in evidence:
            raise ChainError(f"no evidence of {plan.chain.name}", "observe the chain again")
    return Snapshot(
        tuple(FAMILIES[plan.chain.family].recheck(plan, evidence[plan.chain.id]) for plan in plans)
    )
