"""What can come between a reader and its sources: something that happens first, or the end."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from chains.evm.reader import read
from chains.journal import Journal, JournaledSource
from tests.chains.evm.fakechain import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chains.evidence import Call, ChainEvidence, ChainPlan, Column, Exchange, Source, Sweep


class Between:
    """A source before each of whose questions something happens."""

    def __init__(self, source: Source, happens: Callable[[Sweep | None], object]) -> None:
        """Stand before a source; what happens is told the sweep, or None before single calls."""
        self.name = source.name
        self.operator = source.operator
        self.protocol = source.protocol
        self._source = source
        self._happens = happens

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        self._happens(None)
        return self._source.ask(calls)

    def sweep(self, sweep: Sweep) -> Column:
        self._happens(sweep)
        return self._source.sweep(sweep)


def killed_at(source: Source, left: int) -> Between:
    """Give a source that answers so many questions, and is killed at the next one."""
    asked: list[Sweep | None] = []

    def count(sweep: Sweep | None) -> None:
        asked.append(sweep)
        if len(asked) > left:
            raise KeyboardInterrupt

    return Between(source, count)


def kills_survived(
    plan: ChainPlan,
    fresh: Callable[[], Sequence[Source]],
    whole: ChainEvidence,
    most: int,
    least: int = 0,
) -> int:
    """Kill a reading at every question in turn, and go on with it; count those that were killed.

    Args:
        plan: what is read.
        fresh: gives the sources as they are at the beginning.
        whole: what an undisturbed reading gives, and each of these must.
        most: how many questions, at least as many as there are.
        least: the first question at which it is killed.
    """
    kills = 0
    for left in range(least, most):
        files = [BytesIO() for _ in whole.logs]
        for first in (True, False):
            for file in files:
                file.seek(0)
            journaled = [
                JournaledSource(
                    killed_at(source, left) if first else source,
                    Journal(file, "journal", lambda _file: None),
                )
                for source, file in zip(fresh(), files, strict=True)
            ]
            try:
                evidence = read(plan, journaled, World().around)
            except KeyboardInterrupt:
                kills += 1
        assert evidence == whole
    return kills
