"""From an exchange's ledger to the commitment that it publishes, and to the folder that it keeps.

    ledger + customers -> read and refused or grouped -> header -> trees -> commitment.json

An auditor who is given ledger and secret calls the same function with the published header, and
gets the same bytes or a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from attest.liabilities.build import bits_of, build
from attest.liabilities.header import Rule, build_header, rules_in
from attest.liabilities.rules import splitting_of
from attest.liabilities.store import COMMITMENT, private_folder, spill_folder, write_private
from attest.liabilities.tasks import BuildPlan
from attest.processes import Team, apart
from attest.statement import canonical
from config.errors import InputError
from config.ledger.faults import RefusedLedger
from proofs.liabilities.commitment import commit, commitment_document, header_hash
from proofs.liabilities.leaves import Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from attest.liabilities.build import Builder, Progress
    from attest.liabilities.header import Edition
    from config.ledger.faults import Fault
    from config.ledger.totals import Ledger
    from config.registry import Registry
    from proofs.liabilities.commitment import Commitment


@dataclass(frozen=True, slots=True)
class Sheets:
    """The files of a ledger, and what they are read by."""

    ledger: Path
    customers: Path
    registry: Registry


@dataclass(frozen=True, slots=True)
class Wish:
    """What the exchange asks for; None and nothing: what is chosen for it."""

    count: int | None = None
    """Shares of every balance."""
    caps: Mapping[str, int] | None = None
    """Largest share in base units, by instrument."""
    least_height: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows of a ledger that were refused, on their way between processes."""

    faults: tuple[Fault, ...]
    count: int


def commit_ledger(
    sheets: Sheets,
    master: bytes,
    header: Callable[[Ledger], dict[str, object]],
    place: Path,
    builder: Builder,
) -> Commitment:
    """Build a commitment, and write the private folder.

    Args:
        sheets: the ledger.
        master: the secret of 32 bytes.
        header: makes the header once the ledger was read.
        place: where the folder goes; it must not exist.
        builder: what does the work.

    Raises:
        RefusedLedger: rows of the ledger are refused; all are named.
        InputError: another fault of a file.
    """
    with private_folder(place) as folder, spill_folder(folder) as spill:
        ledger = _read(sheets, spill, builder)
        head = header(ledger)
        rules = rules_in(head)
        kernel = Kernel(master, header_hash(head), tuple(rule.splitting for rule in rules))
        parted = zip(ledger.assets, kernel.rules, strict=True)
        expected = tuple(one.holders * rule.count for one, rule in parted)
        plan = BuildPlan(kernel, folder, spill, bits_of(ledger, expected))
        heights = tuple(rule.least_height for rule in rules)
        made = commit(head, build(plan, ledger, heights, builder))
        write_private(folder / COMMITMENT, [canonical(commitment_document(made))])
    return made


def header_for(
    ledger: Ledger, pins: dict[str, object], edition: Edition, wish: Wish
) -> dict[str, object]:
    """Make the header of a new commitment."""
    caps = wish.caps or {}
    unknown = sorted(set(caps) - {one.instrument for one in ledger.assets})
    if unknown:
        raise InputError(f"cap of an instrument that the ledger does not hold: {unknown[0]}")
    rules = tuple(
        Rule(splitting_of(one, wish.count, caps.get(one.instrument)), wish.least_height)
        for one in ledger.assets
    )
    return build_header(pins, ledger.assets, rules, edition)


def _read(sheets: Sheets, spill: Path, builder: Builder) -> Ledger:
    """Read the ledger in a process of its own, whose libraries keep threads and memory."""
    if not builder.apart:
        return _read_here(sheets, builder.progress, spill)
    begin = partial(_begin, sheets, builder.progress)
    answer = apart(Team(begin, 1, "reads the ledger"), spill)
    if isinstance(answer, Refusal):
        raise RefusedLedger(answer.faults, answer.count)
    return answer


def _begin(sheets: Sheets, progress: Progress) -> Callable[[Path], Ledger | Refusal]:
    return partial(_answer, sheets, progress)


def _answer(sheets: Sheets, progress: Progress, spill: Path) -> Ledger | Refusal:
    try:
        return _read_here(sheets, progress, spill)
    except RefusedLedger as refused:
        return Refusal(refused.faults, refused.count)


def _read_here(sheets: Sheets, progress: Progress, spill: Path) -> Ledger:
    from config.ledger.reader import read_ledger

    return read_ledger(sheets.ledger, sheets.customers, sheets.registry, spill, progress)
