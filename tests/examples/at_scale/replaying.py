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
from attest.observation import decode_observation
from attest.pipeline import EVIDENCE, observation_files, work_through

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.inputs import Criteria
    from attest.observation import Observation
    from attest.pipeline import Work

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
    """Read the example; a reading from its recording gives the same evidence again."""
    files, criteria = gather(FOLDER / "declaration.toml")
    recording = read_observation(FOLDER / "recording")
    evidence = {EVIDENCE + name: bytes(data) for name, data in recording.items()}
    return Exchange({**files, **evidence}, criteria)


@cache
def _observed() -> Observation:
    return decode_observation(observation_files(open_exchange().files))


def judged(exchange: Exchange, files: Mapping[str, bytes]) -> Work:
    """Work through files of the example, which may be changed; its evidence is parsed once."""
    same = observation_files(exchange.files) == observation_files(files)
    observed = _observed() if same else None
    return work_through(files, exchange.criteria, tool(), observed=observed)


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
