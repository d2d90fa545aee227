"""Building the trees: which tasks there are, in which order, and what comes of them.

    parts -> runs of shares -> count -> runs of pads -> sort every range -> hash every block -> top

The driver holds counts and the tops of blocks, and nothing of a customer. Tasks of a stage are
independent; the next stage needs all of them. What does them is handed in: processes of this
machine, or machines of a cluster. The result does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from attest.liabilities.accounts import INDEX
from attest.liabilities.rules import height_of
from attest.liabilities.store import (
    BLOCK,
    CUSTOMERS,
    ORDER,
    leaves_name,
    order_name,
    reserve,
    upper_name,
    write_private,
)
from attest.liabilities.tasks import (
    BlockTask,
    BuildPlan,
    Counted,
    PadTask,
    PartTask,
    Slice,
    SortTask,
    begin,
)
from attest.processes import Team, at_work
from config.errors import InputError
from proofs.liabilities.commitment import Tree, tree_of
from proofs.liabilities.encoding import MAX_HEIGHT, RECORD
from proofs.liabilities.leaves import ENTRY
from proofs.liabilities.tree import levels_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from attest.liabilities.tasks import Answer, Task
    from config.ledger.totals import Ledger

    Run: TypeAlias = Callable[[Iterator[Task]], Iterator[Answer]]
    Crew: TypeAlias = Callable[[BuildPlan], AbstractContextManager[Run]]
    Progress: TypeAlias = Callable[[str, int, int], None]

RANGE = 17
"""A range has about 2^17 leaves: some tens of megabytes while it is put in order."""
PADS = 1 << 15
"""Pads of all trees with so many numbers are one task."""
BLOCKS = 1 << 16
"""Leaves that are hashed in one task, sixteen blocks."""


@dataclass(frozen=True, slots=True)
class Builder:
    """What does the work, and how it is told."""

    crew: Crew
    """Is ready for the stages of one build."""
    progress: Progress
    apart: bool = True
    """Whether the ledger is read in a process of its own, which a small one is not worth."""


def local_crew(processes: int) -> Crew:
    """Give processes of this machine; one alone does the work in this one."""
    return partial(_processes, processes)


def _processes(processes: int, plan: BuildPlan) -> AbstractContextManager[Run]:
    return at_work(Team(partial(begin, plan), processes, "builds trees"))


def bits_of(ledger: Ledger, shares: tuple[int, ...]) -> tuple[int, ...]:
    """Choose how many leading bits make a range, one figure a table.

    Args:
        ledger: what was read.
        shares: how many leaves each tree has, about.
    """
    return tuple(max(0, height_of(one) - RANGE) for one in (*shares, ledger.customers))


def build(
    plan: BuildPlan, ledger: Ledger, least_heights: tuple[int, ...], builder: Builder
) -> tuple[Tree, ...]:
    """Build all trees in the private folder.

    Args:
        plan: what every task knows.
        ledger: what was read, with its parts.
        least_heights: of each tree.
        builder: what does the work.

    Returns:
        One tree an asset, in order.

    Raises:
        InputError: a balance or file is refused; or a tree's total is not the ledger's.
    """
    with builder.crew(plan) as run:
        return _built(_Work(plan, ledger, run, builder.progress), least_heights)


def _built(work: _Work, least_heights: tuple[int, ...]) -> tuple[Tree, ...]:
    plan, ledger = work.plan, work.ledger
    runs = work.stage("shares", [PartTask(run, part) for run, part in enumerate(ledger.parts)])
    counted = [one for one in runs if isinstance(one, Counted)]
    shares = tuple(sum(sum(run.counts[asset]) for run in counted) for asset in work.assets)
    heights = tuple(map(_height, shares, least_heights))
    needs = tuple((1 << height) - count for height, count in zip(heights, shares, strict=True))
    padded = work.stage("pads", _pad_tasks(len(counted), needs))
    counted += [one for one in padded if isinstance(one, Counted)]
    _reserve(plan.folder, heights, ledger.customers)
    work.stage("order", _sort_tasks(plan, counted))
    tops = work.stage("nodes", [task for a, h in enumerate(heights) for task in _block_tasks(a, h)])
    return _trees(work, heights, [one for one in tops if isinstance(one, bytes)])


@dataclass(frozen=True, slots=True)
class _Work:
    plan: BuildPlan
    ledger: Ledger
    run: Run
    progress: Progress

    @property
    def assets(self) -> range:
        return range(len(self.ledger.assets))

    def stage(self, name: str, tasks: list[Task]) -> list[Answer]:
        """Do the tasks of a stage and give their answers in order."""
        answers: list[Answer] = []
        for answer in self.run(iter(tasks)):
            answers.append(answer)
            self.progress(name, len(answers), len(tasks))
        return answers


def _height(leaves: int, least: int) -> int:
    height = height_of(leaves, least)
    if height > MAX_HEIGHT:
        raise InputError(f"a tree of height {height}", f"at most {MAX_HEIGHT} is allowed")
    return height


def _pad_tasks(first_run: int, needs: tuple[int, ...]) -> list[Task]:
    starts = range(0, max(needs), PADS)
    return [
        PadTask(run, start, min(start + PADS, max(needs)), needs)
        for run, start in enumerate(starts, first_run)
    ]


def _reserve(folder: Path, heights: tuple[int, ...], customers: int) -> None:
    """Make the files that are written in ranges."""
    try:
        reserve(folder / CUSTOMERS, customers * INDEX)
        for asset, height in enumerate(heights):
            reserve(folder / leaves_name(asset), RECORD << height)
            reserve(folder / order_name(asset), ORDER << height)
    except OSError as error:
        raise InputError(f"file cannot be written: {error.filename}: {error.strerror}") from error


def _sort_tasks(plan: BuildPlan, runs: list[Counted]) -> list[Task]:
    """Find where each range of each table lies in every run, and where it begins when sorted."""
    slices: list[list[list[Slice]]] = [[[] for _ in range(1 << bits)] for bits in plan.bits]
    counts = [[0] * (1 << bits) for bits in plan.bits]
    for run in runs:
        place = 0
        for table, ranges in enumerate(run.counts):
            size = INDEX if table == len(plan.bits) - 1 else ENTRY
            for value, count in enumerate(ranges):
                slices[table][value].append(Slice(run.run, place, count * size))
                counts[table][value] += count
                place += count * size
    return [
        SortTask(table, sum(counts[table][:value]), tuple(one for one in found if one.size))
        for table, ranges in enumerate(slices)
        for value, found in enumerate(ranges)
        if counts[table][value]
    ]


def _block_tasks(asset: int, height: int) -> list[Task]:
    size = min(1 << height, BLOCKS)
    return [BlockTask(asset, first, size) for first in range(0, 1 << height, size)]


def _trees(work: _Work, heights: tuple[int, ...], tops: list[bytes]) -> tuple[Tree, ...]:
    """Join the tops of blocks, asset after asset."""
    left = iter(tops)
    trees = []
    for asset, height in enumerate(heights):
        blocks = b"".join(next(left) for _ in _block_tasks(asset, height))
        trees.append(_tree(work, asset, height, blocks))
    return tuple(trees)


def _tree(work: _Work, asset: int, height: int, blocks: bytes) -> Tree:
    """Hash the upper levels, keep them, and hold the total to the ledger's."""
    totals = work.ledger.assets[asset]
    low = min(height, BLOCK)
    levels = levels_over(blocks, low, 0, height - low)
    try:
        write_private(work.plan.folder / upper_name(asset), levels)
    except OSError as error:
        raise InputError(f"file cannot be written: {error.filename}: {error.strerror}") from error
    top = levels[-1]
    total = int.from_bytes(top[32:], "big")
    if total != totals.owed:
        what = f"{totals.instrument}: the ledger sums to {totals.owed}, its tree to {total}"
        raise InputError(what, "nothing was written; the program or the machine is at fault")
    empty = Tree(asset, totals.instrument, totals.decimals, height, top[:32], total, b"")
    return tree_of(work.plan.kernel.snapshot, empty)
