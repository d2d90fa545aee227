"""A build as tasks that any process, on any machine that sees the same folders, can do.

    part    customers of one file -> their shares, sorted, in a run of its own
    pad     pads of some numbers  -> the same
    sort    one range of one tree or of the customers, from all runs -> its place in the folder
    block   leaves that stand together -> the nodes over each 4,096 of them

Leaves stand in the order of their salts, which are spread evenly: a range is what begins with the
same bits, so that each is small, whatever the number of customers. A run holds, table after table,
range after range, what a task made; tables are the trees, and after them the customers.

An answer is small. What is large goes by way of files, and every file has one writer.

pyarrow is imported by the process that does a task: it starts a thread, and the build forks its
processes, which is several times as fast as starting them afresh, only while there is one.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeAlias

from attest.liabilities.accounts import INDEX, write_entry, write_record
from attest.liabilities.store import (
    BLOCK,
    CUSTOMERS,
    ORDER,
    accounts_name,
    leaves_name,
    order_name,
    read_at,
    write_at,
    write_private,
)
from config.errors import InputError
from proofs.liabilities.encoding import RECORD, SIZE
from proofs.liabilities.leaves import ENTRY, Kernel, leaves_of, pads_of
from proofs.liabilities.tree import levels_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What every task of a build knows."""

    kernel: Kernel
    folder: Path
    """The private folder."""
    spill: Path
    bits: tuple[int, ...]
    """Leading bits that make a range, one a table: the trees, then the customers."""


@dataclass(frozen=True, slots=True)
class PartTask:
    """Make the shares of one part's customers."""

    run: int
    part: Path


@dataclass(frozen=True, slots=True)
class PadTask:
    """Make pads."""

    run: int
    first: int
    """The first number."""
    end: int
    """After the last."""
    needs: tuple[int, ...]
    """How many pads each tree needs."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A run was written."""

    run: int
    counts: tuple[tuple[int, ...], ...]
    """Entries of each range of each table."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a run."""

    run: int
    place: int
    """Bytes before it."""
    size: int


@dataclass(frozen=True, slots=True)
class SortTask:
    """Put a range of a table in order."""

    table: int
    first: int
    """Place of the range's first entry in the table."""
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class BlockTask:
    """Hash leaves up to their blocks' tops."""

    asset: int
    first: int
    """The first leaf."""
    leaves: int
    """How many, a multiple of a block; or all of a tree that is smaller."""


Task: TypeAlias = "PartTask | PadTask | SortTask | BlockTask"
Answer: TypeAlias = "Counted | bytes"
"""A run's counts, or the tops of blocks; a sort answers nothing."""


def begin(plan: BuildPlan) -> Callable[[Task], Answer]:
    """Give what does a task."""
    return partial(do_task, plan)


def do_task(plan: BuildPlan, task: Task) -> Answer:
    """Do one task.

    Raises:
        InputError: a customer's text or balance is refused, or a file cannot be read or written.
    """
    try:
        match task:
            case PartTask():
                return _part(plan, task)
            case PadTask():
                return _pads(plan, task)
            case SortTask():
                return _sort(plan, task)
            case BlockTask():
                return _blocks(plan, task)
    except OSError as error:
        raise InputError(f"file cannot be written: {error.filename}: {error.strerror}") from error


def run_name(run: int) -> str:
    """Give the name of a run."""
    return f"run-{run:06d}"


def _part(plan: BuildPlan, task: PartTask) -> Counted:
    from config.ledger.arrow import read_part

    holders = list(read_part(task.part))
    tables, names = leaves_of(plan.kernel, holders)
    written = list(map(write_entry, holders))
    places = accumulate(map(len, written), initial=0)
    index = [
        write_record(holder[0], name, task.run, place)
        for holder, name, place in zip(holders, names, places, strict=False)
    ]
    write_private(plan.folder / accounts_name(task.run), written)
    return _write_run(plan, task.run, [*tables, index])


def _pads(plan: BuildPlan, task: PadTask) -> Counted:
    return _write_run(plan, task.run, [*pads_of(plan.kernel, task.first, task.end, task.needs), []])


def _write_run(plan: BuildPlan, run: int, tables: Sequence[list[bytes]]) -> Counted:
    from attest.liabilities.ordering import in_order

    sizes = (*(ENTRY for _ in tables[1:]), INDEX)
    ordered = [in_order(b"".join(table), size) for table, size in zip(tables, sizes, strict=True)]
    write_private(plan.spill / run_name(run), ordered)
    counts = zip(ordered, sizes, plan.bits, strict=True)
    return Counted(run, tuple(_counts(table, size, bits) for table, size, bits in counts))


def _counts(table: bytes, size: int, bits: int) -> tuple[int, ...]:
    """Count what begins with each value of some leading bits."""
    starts = [(value << 32 - bits).to_bytes(4, "big") for value in range(1, 1 << bits)]
    places = range(0, len(table), size)

    def begins(place: int) -> bytes:
        return table[place : place + 4]

    found = [0, *(bisect_left(places, start, key=begins) for start in starts), len(places)]
    return tuple(end - start for start, end in pairwise(found))


def _sort(plan: BuildPlan, task: SortTask) -> bytes:
    from attest.liabilities.ordering import column_of, in_order

    data = b"".join(
        read_at(plan.spill / run_name(one.run), one.place, one.size) for one in task.slices
    )
    if task.table == len(plan.bits) - 1:
        write_at(plan.folder / CUSTOMERS, task.first * INDEX, in_order(data, INDEX))
        return b""
    entries = in_order(data, ENTRY)
    leaves, order = column_of(entries, ENTRY, SIZE, ENTRY), column_of(entries, ENTRY, 0, ORDER)
    write_at(plan.folder / leaves_name(task.table), task.first * RECORD, leaves)
    write_at(plan.folder / order_name(task.table), task.first * ORDER, order)
    return b""


def _blocks(plan: BuildPlan, task: BlockTask) -> bytes:
    """Give the top of each block; of a small tree its own."""
    path, size = plan.folder / leaves_name(task.asset), min(task.leaves, 1 << BLOCK)
    height = size.bit_length() - 1
    leaves = read_at(path, task.first * RECORD, task.leaves * RECORD)
    return b"".join(
        levels_over(
            leaves[place * RECORD : (place + size) * RECORD], 0, task.first + place, height
        )[-1]
        for place in range(0, task.leaves, size)
    )
