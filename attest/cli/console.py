"""What the command line prints. stdout is the product, stderr the talk.

Rules: errors are `error: <what>` and `hint: <what to do>`, lower case, no full stop; progress is a
bar on a terminal and plain lines otherwise; text that came from a file shows with its control
characters replaced, so that a name cannot move the cursor or forge a line.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from config.errors import AttestError

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
PLAIN_EVERY = 20
"""Plain progress lines for one stage, at most about this many."""


def clean(text: str) -> str:
    """Replace control and direction characters."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str) -> None:
    """Print a line of talk to stderr."""
    print(clean(text), file=sys.stderr)


def give(text: str) -> None:
    """Print a line of the product to stdout."""
    print(clean(text))


def give_json(document: object) -> None:
    """Print a document as JSON to stdout."""
    print(json.dumps(document, indent=2, ensure_ascii=True))


def complain(error: AttestError) -> None:
    """Print an error and its hint to stderr."""
    say(f"error: {error.what}")
    if error.hint:
        say(f"hint: {error.hint}")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to stdout: drawn on a terminal, tab-separated lines otherwise.

    A tab inside a cell is a space, or it would begin a cell of its own.
    """
    listed = [[clean(cell).replace("\t", " ") for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (columns, *listed):
            print("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, title_justify="left")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in listed:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


class Progress:
    """Says what is going on: one stage at a time, how much is done, how fast, how long it takes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start silent.

        Args:
            clock: gives seconds that never go back.
        """
        self._clock = clock
        self._stage = ""
        self._began = (0.0, 0)
        self._step = -1

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report a stage; total 0 means that the amount is not known."""
        entered = stage != self._stage
        if entered:
            self._stage, self._step, self._began = stage, -1, (self._clock(), done)
        step = PLAIN_EVERY * done // total if total else 0
        moved, self._step = entered or step != self._step, step
        if sys.stderr.isatty():
            end = "\n" if total and done >= total else ""
            text = clean(f"{stage}{self._amount(done, total)}")
            print(f"\r\x1b[2K{text}", end=end, file=sys.stderr, flush=True)
        elif moved:
            say(f"{stage}{self._amount(done, total)}")

    def _amount(self, done: int, total: int) -> str:
        """Write how much is done and, once a pace can be seen, the rate and the time left."""
        if not total:
            return ""
        part = f" {done}/{total} {100 * done // total}%"
        since, first = self._began
        seconds, new = self._clock() - since, done - first
        if seconds < 1 or new < 1:
            return part
        left = (total - done) * seconds / new
        return f"{part}, {new / seconds:.0f}/s" + (f", {left:.0f} s left" if done < total else "")
