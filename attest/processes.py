"""Work over all cores: a run of tasks to their answers, in order, the same as one process gives.

    begin() -> work          in each process, once
    work(task) -> answer     for each task, in some process

A process has one task at a time and is handed the next when it answers, so that no more is on its
way than there are processes, and neither side ever writes to one that does not read.

- The first fault in the tasks' order is the one that is told, as it is for one process.
- A process that ends early ends the command (`MachineError`); no task is ever left out.
- A process holds no pipe but its own end of one: when the command ends, however it does, it reads
  that end and stops. Control-C is the command's alone to answer.
- A process is forked where the system counts one thread in this one, so that no lock can be held by
  another; it then shares what `begin` knows. Everywhere else it is started afresh.

Chosen: processes on pipes of our own, a page of code. Refused: `concurrent.futures`, whose threads
and queues have more ways to stand still, and which leaves its processes behind when it is killed.
"""

from __future__ import annotations

import gc
import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

from attest.collecting import collect_seldom
from attest.errors import MachineError
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

MAX_PROCESSES = 64
"""A bound on memory; giving out tasks and collecting the answers is this process's alone."""

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Begin: TypeAlias = "Callable[[], Callable[[Task], Answer]]"
"""Gives what answers a task. It crosses to a process that is started afresh: it is no closure."""


@dataclass(frozen=True, slots=True)
class Team(Generic[Task, Answer]):
    """Processes that are to share some work."""

    begin: Begin[Task, Answer]
    processes: int
    purpose: str
    """What they are for, in words that follow `a process that`."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """An InputError on its way between processes."""

    what: str
    hint: str


def cores() -> int:
    """Count the cores this process may use, at most `MAX_PROCESSES`."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MAX_PROCESSES)
    return min(os.cpu_count() or 1, MAX_PROCESSES)


def share_out(team: Team[Task, Answer], tasks: Iterator[Task]) -> Iterator[Answer]:
    """Do tasks in several processes, and give their answers in the order of the tasks.

    Args:
        team: the processes; one alone does the work here.
        tasks: one is taken when a process is idle.

    Raises:
        InputError: the first fault, in the order of the tasks.
        MachineError: a process ended early, or could not be started.
    """
    with at_work(team) as do:
        yield from do(tasks)


@contextmanager
def at_work(team: Team[Task, Answer]) -> Iterator[Callable[[Iterator[Task]], Iterator[Answer]]]:
    """Give what does tasks as `share_out` does, any number of times with the same processes."""
    if team.processes == 1:
        yield partial(map, team.begin())
        return
    with _started(team) as idle:
        yield lambda tasks: _in_order(_answers(team.purpose, tasks, idle))


def apart(team: Team[Task, Answer], task: Task) -> Answer:
    """Do one task in a process of its own, so that what it loads and starts ends with it.

    Raises:
        InputError: the work's fault.
        MachineError: the process ended early, or could not be started.
    """
    with _started(replace(team, processes=1)) as idle:
        (answer,) = _in_order(_answers(team.purpose, iter((task,)), idle))
        return cast("Answer", answer)


def _in_order(answers: Iterator[tuple[int, Answer | _Fault]]) -> Iterator[Answer]:
    """Put answers in the order of their tasks; raise the first fault among them."""
    kept: dict[int, Answer | _Fault] = {}
    due = 0
    for number, given in answers:
        kept[number] = given
        while due in kept:
            answer = kept.pop(due)
            due += 1
            if isinstance(answer, _Fault):
                raise InputError(answer.what, answer.hint)
            yield answer


def _answers(
    purpose: str, tasks: Iterator[object], idle: list[Connection]
) -> Iterator[tuple[int, Any]]:
    """Give out tasks, and give the answers as they come, each with its task's number."""
    busy: dict[Connection, int] = {}
    numbered = enumerate(tasks)
    come: list[tuple[int, Any]] = []
    faulty = False
    while True:
        while idle and not faulty and (given := next(numbered, None)) is not None:
            number, task = given
            _send(purpose, idle[-1], task)
            busy[idle.pop()] = number
        # The processes are at work again; until one answers there is time for what came.
        yield from come
        come.clear()
        if not busy:
            return
        for connection in cast("list[Connection]", wait(list(busy))):
            answer = _received(purpose, connection)
            come.append((busy.pop(connection), answer))
            idle.append(connection)
            # Tasks before this one are already given out, so their faults still come in.
            faulty = faulty or isinstance(answer, _Fault)


def _send(purpose: str, connection: Connection, task: object) -> None:
    try:
        connection.send(task)
    except OSError as error:
        raise _ended(purpose) from error


def _received(purpose: str, connection: Connection) -> Any:  # noqa: ANN401 - what the work gives
    try:
        return connection.recv()
    except (EOFError, OSError) as error:
        raise _ended(purpose) from error


def _ended(purpose: str) -> MachineError:
    what = f"a process that {purpose} ended before its answer"
    return MachineError(what, "look for a lack of memory, then try again")


@contextmanager
def _started(team: Team[Task, Answer]) -> Iterator[list[Connection]]:
    """Start processes that know their work; end them whatever happens."""
    started: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        # One after another, so that a fault leaves in the list what was begun.
        started.extend(_begin(team, pipes) for _ in range(team.processes))
        yield list(pipes)
    finally:
        # Killed before it reads that there is no more: what a library says at its end is no news.
        for process in started:
            process.kill()
            process.join()
        for pipe in pipes:
            pipe.close()


def _begin(team: Team[Task, Answer], pipes: list[Connection]) -> BaseProcess:
    """Start one process; put this side's end of its pipe to the others."""
    fork = start_method() == "fork"
    context: ForkContext | SpawnContext = get_context("fork") if fork else get_context("spawn")
    try:
        ours, theirs = context.Pipe()
        pipes.append(ours)
        # What is forked holds this side's ends too, and closes them.
        inherited = tuple(pipes) if fork else ()
        process = context.Process(target=_serve, args=(theirs, inherited, team.begin), daemon=True)
        process.start()
        theirs.close()
    except OSError as error:
        what = f"process {len(pipes)} that {team.purpose} could not be started: {error.strerror}"
        raise MachineError(what, "raise the limits on processes and open files") from error
    return process


def start_method() -> Literal["fork", "spawn"]:
    """Give how processes can be started safely from this one."""
    try:
        threads = tuple(Path("/proc/self/task").iterdir())
    except OSError:
        return "spawn"
    return "fork" if len(threads) == 1 else "spawn"


def _serve(
    connection: Connection, inherited: tuple[Connection, ...], begin: Begin[Any, Any]
) -> None:
    """Answer task after task until the other side ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for pipe in inherited:
        pipe.close()
    # What is there now stays, and what a task makes is in no cycle.
    gc.freeze()
    collect_seldom()
    work = begin()
    try:
        while True:
            connection.send(_answer(work, connection.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(work: Callable[[Task], Answer], task: Task) -> Answer | _Fault:
    try:
        return work(task)
    except InputError as error:
        return _Fault(error.what, error.hint)
