"""The example read from its recording, and judged again with files that somebody changed.

    exchange = open_exchange()             inputs and evidence by bundle name
    work = judged(exchange, files)         worked through, as `attest run` and a verifier do
    told(work)                             {"coverage usdt": "pass", ...}: every finding's status

Files that change what is asked of the chains are judged with the same evidence: an answer that is
not in it is a failed read, as in a reading from the recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from attest.cli.load import gather, tool
from attest.disk import read_observation
from attest.inputs import Criteria, parse_inputs
from attest.observation import encode_observation
from attest.observe import Machine, observe, open_tables
from attest.pipeline import EVIDENCE, Work, work_through
from attest.plan import plan_chains
from chains.evidence import Surroundings
from config.declaration import sources_by_chain

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parents[3] / "config" / "examples" / "exchange-at-scale"
WORST = ("fail", "warn", "unknown", "pass", "not_applicable")
"""Of several results of one rule about one instrument, which is told."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The example, whole."""

    files: Mapping[str, bytes]
    """Inputs and evidence, by bundle name."""
    criteria: Criteria


@cache
def open_exchange() -> Exchange:
    """Read the example; its evidence is observed from its recording once."""
    files, criteria = gather(FOLDER / "declaration.toml")
    return Exchange({**files, **observed(files, criteria)}, criteria)


def observed(files: Mapping[str, bytes], criteria: Criteria) -> dict[str, bytes]:
    """Read the chains for some inputs, from the recording; give the evidence by bundle name."""
    inputs = parse_inputs(files, criteria)
    as_of = inputs.declaration.as_of
    if as_of is None:
        raise ValueError("the declaration states no time")
    machine = Machine({}, lambda _seconds: None, lambda: 0.0, read_observation)
    tables = sources_by_chain(inputs.declaration.sources, inputs.registry)
    sources = open_tables(tables, inputs.registry, FOLDER, machine)
    around = Surroundings(lambda _seconds: None, lambda _stage, _done, _total: None)
    found = observe(plan_chains(inputs, as_of), sources, as_of, around)
    return {EVIDENCE + one: bytes(data) for one, data in encode_observation(found).items()}


def judged(exchange: Exchange, files: Mapping[str, bytes]) -> Work:
    """Work through files of the example, which may be changed."""
    return work_through(files, exchange.criteria, tool())


def told(work: Work) -> dict[str, str]:
    """Give every rule's status, by instrument where it is about one."""
    instruments = {row.id for row in work.inputs.registry.instruments}
    found: dict[str, str] = {}
    for finding in work.predicate.findings.in_force:
        about = finding.subject if finding.subject in instruments else ""
        key = f"{finding.code} {about}".strip()
        found[key] = min(found.get(key, finding.status), finding.status, key=WORST.index)
    return found


def figures(work: Work) -> dict[str, tuple[str | None, str | None]]:
    """Give each instrument's difference, and what of it is unexplained."""
    return {one.instrument: (one.difference, one.unexplained) for one in work.predicate.comparison}
