"""The numbers behind a finding, as tables for people, whatever order its facts stand in.

A fact whose name has two slashes is the cell of a table (`attest.rules.figures`). Everything else
is a line; where `decimals` is one of them, whole numbers are base units, and are shown in display
units. Known names stand first, in the order of `LINES` and `COLUMNS`; the rest by their names, so
that a statement read from its payload gives the same report as one that was just made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.wording import GRADES, STATUSES
from config.amount import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attest.findings import Finding

RULE = ("status", "reference", "source_grade", "formula")
"""What a rule is; the rest is what came of it."""
LINES = ("held", "needed", "value", "share", "limit", "limit_value", "distance", "currency")
COLUMNS = ("value", "grade", "source", "share")
TABLES = ("inputs", "instruments")
_WHOLE = re.compile(r"-?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its name, columns and rows, the row's name first."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a finding's facts say."""

    lines: tuple[tuple[str, str], ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule that judged: whether it is law, how that is known, what it tests."""

    rule: str
    status: str
    reference: str
    known: str
    test: str


def judges(findings: Iterable[Finding]) -> tuple[Judge, ...]:
    """List the rules that say of themselves what they are, each once, in the order of findings."""
    found = {
        f"{one.pack}/{one.code}": one.facts for one in findings if set(RULE) <= one.facts.keys()
    }
    return tuple(
        Judge(
            rule,
            STATUSES.get(facts["status"], facts["status"]),
            facts["reference"],
            GRADES.get(facts["source_grade"], facts["source_grade"]),
            facts["formula"],
        )
        for rule, facts in found.items()
    )


def has_numbers(finding: Finding) -> bool:
    """Tell whether a finding lists what it was given."""
    return any("/" in name for name in finding.facts)


def numbers_of(finding: Finding) -> Numbers:
    """Arrange a finding's facts, but for those of its rule."""
    cells: dict[str, dict[str, dict[str, str]]] = {}
    lines = {}
    for name, text in finding.facts.items():
        parts = name.split("/")
        if len(parts) == 3:  # noqa: PLR2004 - table, row and column
            cells.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = text
        elif name not in RULE:
            lines[name] = text
    return Numbers(
        _lines(lines), tuple(_grid(name, cells[name]) for name in _ordered(cells, TABLES))
    )


def _lines(lines: dict[str, str]) -> tuple[tuple[str, str], ...]:
    decimals = int(lines.pop("decimals", "0"))
    return tuple((_word(name), _shown(lines[name], decimals)) for name in _ordered(lines, LINES))


def _shown(text: str, decimals: int) -> str:
    """Write a whole number of base units in display units."""
    whole = decimals and _WHOLE.fullmatch(text)
    return format_decimal(int(text), decimals) if whole else text


def _grid(name: str, rows: dict[str, dict[str, str]]) -> Grid:
    columns = _ordered({column for cells in rows.values() for column in cells}, COLUMNS)
    return Grid(
        _word(name),
        columns,
        tuple((row, *(rows[row].get(one, "") for one in columns)) for row in sorted(rows)),
    )


def _ordered(names: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """Give names in the known order, then the others by themselves."""
    there = set(names)
    return (*(one for one in known if one in there), *sorted(there - set(known)))


def _word(name: str) -> str:
    return name.replace("_", " ").capitalize()
