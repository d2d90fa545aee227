"""An observation: the time it is about and every source's log, as files. Pure.

    observation.json                                   {"asOf": "2026-11-30T15:00:00Z", "version":
    "v0"} chains/<chain id with - for :>/<source name>.jsonl  one log a source, form in
    `chains.evidence`

`recheck` turns it into a snapshot with nothing but the plan; a run, an offline assessment and a
verifier call the same function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.statement import canonical
from chains.errors import ChainError
from chains.evidence import ChainEvidence
from chains.families import FAMILIES
from chains.recording import decode_log, encode_log
from chains.snapshot import Snapshot
from config.errors import InputError
from config.jsontext import parse_json
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chains.evidence import ChainPlan, SourceLog
    from config.caip import ChainId

HEAD = "observation.json"
CHAINS = "chains/"


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that was asked and answered."""

    as_of: int
    """Unix seconds the statement is about."""
    chains: tuple[ChainEvidence, ...]
    """In the order of chain identifiers."""


def encode_observation(observation: Observation) -> dict[str, bytes]:
    """Write an observation as named files."""
    head = {"asOf": format_time(observation.as_of), "version": "v0"}
    files = {HEAD: canonical(head)}
    for chain in observation.chains:
        for log in chain.logs:
            files[log_name(chain.chain, log.name)] = encode_log(chain.chain, log)
    return files


def log_name(chain: ChainId, source: str) -> str:
    """Give the name of a source's log."""
    return f"{CHAINS}{chain.replace(':', '-')}/{source}.jsonl"


def decode_observation(files: Mapping[str, bytes]) -> Observation:
    """Read an observation.

    Args:
        files: name to bytes; names that belong to no observation are an error.

    Raises:
        InputError: the head is missing or wrong.
        ChainError: a log is not what `encode_log` writes, or lies under another name than its own.
    """
    logs: dict[ChainId, list[SourceLog]] = {}
    for name in sorted(files):
        if name == HEAD:
            continue
        chain, log = decode_log(files[name], name)
        if log_name(chain, log.name) != name:
            raise ChainError(f"{name}: holds the log of {chain} from {log.name}")
        logs.setdefault(chain, []).append(log)
    chains = tuple(ChainEvidence(chain, tuple(logs[chain])) for chain in sorted(logs))
    return Observation(_head(files), chains)


def _head(files: Mapping[str, bytes]) -> int:
    if HEAD not in files:
        raise InputError(f"{HEAD} is missing", "is this a folder that `attest observe` wrote?")
    match parse_json(files[HEAD], HEAD):
        case {"asOf": str(time), "version": "v0", **rest} if not rest:
            as_of = parse_time(time)
        case _:
            raise InputError(f"{HEAD}: not an observation of this version")
    if canonical({"asOf": format_time(as_of), "version": "v0"}) != files[HEAD]:
        raise InputError(f"{HEAD}: not in canonical form (RFC 8785)")
    return as_of


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
