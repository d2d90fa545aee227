"""The tasks of a build on a Ray cluster: the same tasks, the same files, the same root.

The machines share the folder that is built, at the same path: a network file system. Ray is an
extra (`cluster`), and pays where several machines do the work; on one the processes of
`attest.processes` are faster to start.

A task that raises ends the build with its fault; Ray's own errors are told as a `MachineError`.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from attest.errors import MachineError
from attest.liabilities.tasks import do_task
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.liabilities.build import Crew, Run
    from attest.liabilities.tasks import Answer, BuildPlan, Task

AHEAD = 2
"""Tasks given out for each processor: one is at work, one waits for it."""
HINT = "see `ray status`, and whether all machines see the folder at the same path"


@contextmanager
def ray_cluster(address: str) -> Iterator[Crew]:
    """Give what does tasks on a cluster.

    Args:
        address: of its head, `auto` for the one that this machine is part of, or `local` for a
            cluster of this machine alone.

    Raises:
        MachineError: Ray is not installed, or the cluster does not answer.
    """
    ray = _ray()
    try:
        ray.init(
            address=None if address == "local" else address,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise MachineError(f"no cluster answers: {address}", HINT) from error
    try:
        yield partial(_crew, ray)
    finally:
        ray.shutdown()


@contextmanager
def _crew(ray: Any, plan: BuildPlan) -> Iterator[Run]:  # noqa: ANN401 - Ray has no types
    yield partial(_run, ray, ray.put(plan))


def _run(ray: Any, known: object, tasks: Iterator[Task]) -> Iterator[Answer]:  # noqa: ANN401 - Ray has no types
    """Give the answers in the order of the tasks; the plan is known to the cluster."""
    remote = ray.remote(_done)
    ahead = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: deque[Any] = deque()
    for task in tasks:
        waiting.append(remote.remote(known, task))
        if len(waiting) >= ahead:
            yield _taken(ray, waiting.popleft())
    while waiting:
        yield _taken(ray, waiting.popleft())


def _done(plan: BuildPlan, task: Task) -> Answer | tuple[str, str]:
    """Do a task in a worker; a fault comes back as what it says."""
    try:
        return do_task(plan, task)
    except InputError as error:
        return error.what, error.hint


def _taken(ray: Any, reference: object) -> Answer:  # noqa: ANN401 - Ray has no types
    try:
        answer: Answer | tuple[str, str] = ray.get(reference)
    except ray.exceptions.RayError as error:
        raise MachineError("a machine of the cluster did not end its task", HINT) from error
    if isinstance(answer, tuple):
        raise InputError(*answer)
    return answer


def _ray() -> Any:  # noqa: ANN401 - Ray has no types
    try:
        import ray  # noqa: PLC0415 - an extra, half a gigabyte
    except ImportError as error:
        hint = "pip install 'custody-attest[cluster]'"
        raise MachineError("Ray is not installed", hint) from error
    return ray
