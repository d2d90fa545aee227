"""Claims over all cores: a file of claims to its controls, in order, the same as one process gives.

    claims.csv -> runs of whole rows -> read and checked, each in some process -> in file order

Checking is pure (`proofs.check`); only who does it is decided here. A small file is checked where
it is. A large one is cut into runs and given out: a process has one run at a time and is handed the
next when it answers, so that no more text is on its way than there are processes, and neither side
ever writes to one that does not read. Answers come back as plain tuples and are put in file order.

- The first fault in file order is the one that is told, as it is for one process.
- A process that ends early ends the command (`MachineError`); no row is ever left out.
- A process holds no pipe but its own end of one: when the command ends, however it does, it reads
  that end and stops. Control-C is the command's alone to answer.
- A process is forked where the system counts one thread in this one, so that no lock can be held by
  another; it then shares the registry and the facts. Everywhere else it is started afresh.

Chosen: processes on pipes of our own, a page of code. Refused: `concurrent.futures`, whose threads
and queues have more ways to stand still, and which leaves its processes behind when it is killed.
"""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, fields
from multiprocessing import get_context
from multiprocessing.connection import wait
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from attest.collecting import collect_seldom
from attest.errors import MachineError
from chains.families import ChainAddresses
from config.claims import Reading, open_claims, read_claims
from config.csvrows import cut_run
from config.errors import InputError
from proofs.check import judge
from proofs.claimed import Grounds
from proofs.control import Control
from proofs.schemes import SCHEMES
from proofs.verified import Verified

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from config.challenges import Challenges
    from config.csvrows import Run
    from config.registry import Network, Registry
    from proofs.facts import Facts

SMALL = 1024 * 1024
"""Bytes of a file that is checked where it is: some thousands of rows, a fraction of a second."""
RUN_SIZE = 256 * 1024
"""Characters given out at once, the rest of a row apart: a tenth of a second's work. Of longer runs
some processes would end late, of shorter ones the handing over would be felt."""
MAX_PROCESSES = 64
"""A bound on memory; cutting the file and collecting the answers is this process's alone."""

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


@dataclass(frozen=True, slots=True)
class _Fault:
    """An InputError on its way between processes."""

    what: str
    hint: str


_Columns: TypeAlias = "list[tuple[Any, ...]]"
"""A run's controls field by field: a few long tuples cross faster than many short ones."""
_Answer: TypeAlias = "_Columns | _Fault"


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
        processes = 1 if len(data) <= SMALL else min(cores(), MAX_PROCESSES)
    if processes == 1:
        verified = Verified()
        return tuple(control for run in runs for control in _judge(run, trial, verified))
    with _started(trial, processes) as idle:
        answers = _shared_out(runs, idle)
    return tuple(control for answer in answers for control in answer)


def cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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


def _shared_out(runs: Iterator[Run], idle: list[Connection]) -> list[tuple[Control, ...]]:
    """Give out runs and collect the answers in file order; raise the first fault."""
    answers: dict[int, tuple[Control, ...] | _Fault] = {}
    come: list[tuple[int, _Answer]] = []
    busy: dict[Connection, int] = {}
    numbered = enumerate(runs)
    faulty = False
    while True:
        while idle and not faulty and (given := next(numbered, None)) is not None:
            number, run = given
            _send(idle[-1], run)
            busy[idle.pop()] = number
        # The processes are at work again; until one answers there is time for what came.
        answers.update({number: _controls(answer) for number, answer in come})
        come.clear()
        if not busy:
            break
        for connection in cast("list[Connection]", wait(list(busy))):
            answer = _received(connection)
            come.append((busy.pop(connection), answer))
            idle.append(connection)
            # Runs before this one are already given out, so their faults still come in.
            faulty = faulty or isinstance(answer, _Fault)
    return [_accepted(answers[number]) for number in sorted(answers)]


def _controls(answer: _Answer) -> tuple[Control, ...] | _Fault:
    if isinstance(answer, _Fault):
        return answer
    return tuple([Control(*cells) for cells in zip(*answer, strict=True)])


def _accepted(answer: tuple[Control, ...] | _Fault) -> tuple[Control, ...]:
    if isinstance(answer, _Fault):
        raise InputError(answer.what, answer.hint)
    return answer


def _send(connection: Connection, run: Run) -> None:
    try:
        connection.send(run)
    except OSError as error:
        raise _ended() from error


def _received(connection: Connection) -> _Answer:
    try:
        answer: _Answer = connection.recv()
    except (EOFError, OSError) as error:
        raise _ended() from error
    return answer


def _ended() -> MachineError:
    what = "a process that checks claims ended before its answer"
    return MachineError(what, "look for a lack of memory, then try again")


@contextmanager
def _started(trial: Trial, processes: int) -> Iterator[list[Connection]]:
    """Start processes that know the trial; end them whatever happens."""
    started: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        # One after another, so that a fault leaves in the list what was begun.
        started.extend(_begin(trial, pipes) for _ in range(processes))
        yield list(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.kill()
            process.join()


def _begin(trial: Trial, pipes: list[Connection]) -> BaseProcess:
    """Start one process; put this side's end of its pipe to the others."""
    fork = start_method() == "fork"
    context: ForkContext | SpawnContext = get_context("fork") if fork else get_context("spawn")
    try:
        ours, theirs = context.Pipe()
        pipes.append(ours)
        # What is forked holds this side's ends too, and closes them.
        inherited = tuple(pipes) if fork else ()
        process = context.Process(target=_serve, args=(theirs, inherited, trial), daemon=True)
        process.start()
        theirs.close()
    except OSError as error:
        what = f"process {len(pipes)} to check claims could not be started: {error.strerror}"
        raise MachineError(what, "raise the limits on processes and open files") from error
    return process


def start_method() -> Literal["fork", "spawn"]:
    """Give how processes can be started safely from this one."""
    try:
        threads = tuple(Path("/proc/self/task").iterdir())
    except OSError:
        return "spawn"
    return "fork" if len(threads) == 1 else "spawn"


def _serve(connection: Connection, inherited: tuple[Connection, ...], trial: Trial) -> None:
    """Answer run after run until the other side ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for pipe in inherited:
        pipe.close()
    # What is there now stays, and what a row makes is in no cycle.
    gc.freeze()
    collect_seldom()
    verified = Verified()
    try:
        while True:
            connection.send(_answer(connection.recv(), trial, verified))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(run: Run, trial: Trial, verified: Verified) -> _Answer:
    try:
        return list(zip(*map(_CELLS, _judge(run, trial, verified)), strict=True))
    except InputError as error:
        return _Fault(error.what, error.hint)
