"""Drawing a sample that anybody can draw again.

The rows of a file are put in order by the SHA-256 of the seed, a line feed and the row's one form
(`config.books.sample`), and the first are taken. So seed, file and count give the sample; the order
of the file, and rows that are not drawn, play no part.

A seed is worth as much as nobody knew it when the file was made: the auditor gives his once he has
the file, or its digest. The challenge's nonce, which stands in where he gives none, is known to the
entity before, who could try out references until a row is not drawn; the result says which it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Literal

from attest.plan import seed_of
from config.books.sample import whole
from config.errors import InputError, shown
from config.text import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from attest.inputs import Inputs
    from config.books.sample import SampleRow


@dataclass(frozen=True, slots=True)
class Seed:
    """What a drawing follows from."""

    text: str
    origin: Literal["given", "challenge"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The rows that are traced."""

    rows: tuple[SampleRow, ...]
    """By digest if they were drawn, else in the order of the file."""
    total: int
    """Rows of the file."""
    seed: Seed | None
    """None: nothing was drawn, every row is traced."""


def choose_seed(given: str | None, inputs: Inputs) -> Seed:
    """Give the auditor's own seed, else the challenge's.

    Raises:
        InputError: there is neither, or it is not plain text.
    """
    if given is not None:
        if not is_plain(given):
            raise InputError(f"seed is not plain text: {shown(given)}", "give words or digits")
        return Seed(given, "given")
    issued = seed_of(inputs)
    if issued is None:
        hint = "give --seed TEXT, or name challenges in the declaration"
        raise InputError("a sample is to be drawn, and there is no seed", hint)
    return Seed(issued, "challenge")


def draw(rows: Iterable[SampleRow], name: str, count: int, seed: Seed) -> Drawn:
    """Draw some rows, or all if there are no more; of the others none is kept.

    Args:
        rows: of the file, one after another.
        name: the file's name, for messages.
        count: how many to draw.
        seed: what the order follows from.

    Raises:
        InputError: a row is refused, or more are drawn than can be traced.
    """
    met = _Counted(rows)
    found = nsmallest(count, met, key=lambda row: digest_of(row, seed))
    return Drawn(whole(found, name), met.count, seed)


def take_all(rows: Iterable[SampleRow], name: str) -> Drawn:
    """Take every row; raise InputError as above."""
    found = whole(rows, name)
    return Drawn(found, len(found), None)


def digest_of(row: SampleRow, seed: Seed) -> bytes:
    """Give what a row is put in order by."""
    return hashlib.sha256(f"{seed.text}\n{row.text}".encode()).digest()


class _Counted:
    """Rows that pass by, and how many they were."""

    def __init__(self, rows: Iterable[SampleRow]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[SampleRow]:
        for row in self._rows:
            self.count += 1
            yield row
