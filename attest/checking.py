"""Claims over all cores: a file of claims to its controls, in order, the same as one process gives.

    claims.csv -> runs of whole rows -> read and checked, each in some process -> in file order

Checking is pure (`proofs.check`); only who does it is decided here. A small file is checked where
it is. A large one is cut into runs that processes share (`attest.processes`). Answers come back as
plain tuples.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from attest.processes import Team, cores, share_out
from chains.families import ChainAddresses
from config.claims import Reading, open_claims, read_claims
from config.csvrows import cut_run
from proofs.check import judge
from proofs.claimed import Grounds
from proofs.control import Control
from proofs.schemes import SCHEMES
from proofs.verified import Verified

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.challenges import Challenges
    from config.csvrows import Run
    from config.registry import Network, Registry
    from proofs.facts import Facts

SMALL = 1024 * 1024
"""Bytes of a file that is checked where it is: some thousands of rows, a fraction of a second."""
RUN_SIZE = 256 * 1024
"""Characters given out at once, the rest of a row apart: a tenth of a second's work. Of longer runs
some processes would end late, of shorter ones the handing over would be felt."""

_CELLS = attrgetter(*(field.name for field in fields(Control)))


@dataclass(frozen=True, slots=True)
class Trial:
    """What every claim of a file is judged by."""

    registry: Registry
    network: Network | None = None
    """The declaration's; None where claims are given alone."""
    challenges: Challenges | None = None
    as_of: int | None = None
    """Unix seconds against which a challenge's expiry is measured; None: not measured."""
    facts: Facts | None = None
    """What the chains said; None where no chain was read."""
    carried: str = ""
    """SHA-256 of the earlier statement's payload whose claims these are; empty for none."""


_Columns: TypeAlias = "list[tuple[Any, ...]]"
"""A run's controls field by field: a few long tuples cross faster than many short ones."""


def check_file(
    data: bytes, name: str, trial: Trial, processes: int | None = None
) -> tuple[Control, ...]:
    """Read claims.csv and judge every row.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        trial: what the claims are judged by.
        processes: how many to share the rows among; None: one a core, or this one for a small file.

    Returns:
        One control a row, in order: what `parse_claims` and `check` give.

    Raises:
        InputError: the first fault of the file, as `parse_claims` says.
        MachineError: a process ended early.
    """
    runs = cut_run(open_claims(data, name), RUN_SIZE)
    if processes is None:
        processes = 1 if len(data) <= SMALL else cores()
    if processes == 1:
        verified = Verified()
        return tuple(control for run in runs for control in _judge(run, trial, verified))
    team = Team(partial(_begin, trial), processes, "checks claims")
    return tuple(
        Control(*cells) for answer in share_out(team, runs) for cells in zip(*answer, strict=True)
    )


def reading_of(trial: Trial) -> Reading:
    """Give what the rows of a trial's file are read by."""
    return Reading(trial.registry, ChainAddresses(), SCHEMES, trial.network)


def _judge(run: Run, trial: Trial, verified: Verified) -> tuple[Control, ...]:
    """Read and judge the rows of a run; raise InputError."""
    grounds = Grounds(
        trial.registry, trial.challenges, trial.as_of, trial.facts, carried=trial.carried
    )
    # Row by row: what reading a row has worked out is at hand when it is checked.
    claims = read_claims(run, reading_of(trial))
    return tuple([judge(claim, grounds, verified) for claim in claims])


def _begin(trial: Trial) -> Callable[[Run], _Columns]:
    """Give what answers a run, with a memory of its own of what was verified."""
    verified = Verified()
    return lambda run: list(zip(*map(_CELLS, _judge(run, trial, verified)), strict=True))
