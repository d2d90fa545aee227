"""Faults of earlier versions that are mended: their statements no longer come out byte for byte.

The promise: a statement that verified once verifies for ever, with the same verdict. It is kept by
leaving rule kinds and report forms as they are and adding new ones. Where a version said something
wrong, and only then, a row here names what, and its statements become `indeterminate: fixed_since`:
neither valid, since a number in them was wrong, nor invalid, since nobody changed them.

A signer may write any version into a statement. That can only make what is invalid indeterminate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attest.frame_records import Tool

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mended:
    """A fault, and the first version without it."""

    since: str
    what: str


MENDED: tuple[Mended, ...] = ()
"""None yet."""


def faults_of(tool: Tool, mended: tuple[Mended, ...] = MENDED) -> tuple[Mended, ...]:
    """Give the faults that the version which made a statement had and this one has not."""
    made = _parts(tool.version)
    return () if made is None else tuple(one for one in mended if made < (_parts(one.since) or ()))


def _parts(version: str) -> tuple[int, ...] | None:
    """Give the numbers of a version without its last zeros: 1.2 and 1.2.0 are one."""
    if not _VERSION.fullmatch(version):
        return None
    numbers = [int(one) for one in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
