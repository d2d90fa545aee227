"""A case: a base, what is changed in it, what the verifier trusts, and what he must find.

What is expected is written down by hand in the tables, never taken from a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Files = dict[str, bytes]
TODAY = "2027-06-01T00:00:00Z"
"""When cases are judged that say nothing else: after every token was made."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A verdict."""

    authenticity: str
    outcome: str
    level: str | None
    exit: int
    reasons: tuple[str, ...] = ()
    """Codes, in order."""
    differences: tuple[str, ...] = ()
    """Codes that must be among them."""
    anchors: str = "unconfirmed"
    """Of every chain that the verdict names."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The verifier's own file is refused: how the message begins. Exit 3."""

    message: str


def unchanged(files: Files) -> Files:
    return files


@dataclass(frozen=True, slots=True)
class Case:
    """A case; what is not given is as in most."""

    name: str
    what: str
    """One sentence."""
    expected: Expected | Refused
    base: str = "main"
    edit: Callable[[Files], Files] = unchanged
    trust: str | None = None
    """Text of trust.toml; None: no trust is given at all."""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """Files beside trust.toml."""
    today: str = TODAY
    allow_test: bool = False
    previous: str | None = None
    authenticity_only: bool = False


def valid(
    *,
    reasons: tuple[str, ...] = (),
    differences: tuple[str, ...] = (),
    anchors: str = "unconfirmed",
) -> Expected:
    """Authentic, passed, and made again from its evidence."""
    return Expected("valid", "pass", "L3", 0, reasons, differences, anchors)


def short(level: str, *reasons: str, differences: tuple[str, ...] = ()) -> Expected:
    """Authentic, and below the level that is required."""
    codes = (*reasons, "level_not_reached")
    return Expected("valid", "pass", level, 2, codes, differences)


def undecided(*reasons: str, differences: tuple[str, ...] = ()) -> Expected:
    """Something is missing."""
    codes = (*reasons, "level_not_reached")
    return Expected("indeterminate", "pass", "L0", 2, codes, differences)


def invalid(*reasons: str, differences: tuple[str, ...] = ()) -> Expected:
    """The bundle hangs together, and something speaks against it."""
    return Expected("invalid", "unknown", "L0", 1, reasons, differences)


def broken(reason: str) -> Expected:
    """The bundle does not hang together."""
    return Expected("invalid", "unknown", None, 1, (reason,))


def fallen(reason: str) -> Expected:
    """Signed by whom the verifier trusts, and not what its evidence gives."""
    return Expected("invalid", "unknown", "L1", 1, (reason,))
