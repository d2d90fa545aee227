"""Earlier statements that a declaration names: carried forward, linked to, or superseded.

    [[carried]]
    folder = "earlier/0006"

    [previous]
    folder = "earlier/0006"

    [supersedes]
    folder = "former/0007"

    [[restated]]
    input = "liabilities.csv"
    revision = 2
    reason = "withdrawals of 30 November were booked twice"
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

A folder is what `attest carry` writes. `sealed = true` says that the statement keeps the digests of
its files apart (`attest.sealing`), and that their list lies in the folder. `[[restated]]` goes with
`[supersedes]`: it names, by its path in the superseded statement, each input that is another one
now, and the digest it had there.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass

from config.strict import STRICT
from config.text import MAX_PLAIN, PLAIN

MAX_CARRIED = 24
"""Statements whose controls are carried forward: two years of monthly ones."""
MAX_REVISION = 1000
STATEMENT_FILES = ("payload.json", "envelope.dsse.json", "signer.pub.pem")
"""A statement, the envelope around it, and the key that signed it."""
CARRIED_FILES = (*STATEMENT_FILES, "claims.csv", "challenges.json")
"""What lies in the folder of a carried statement."""
SEALED = "sealed.json"
"""The list of files that a statement seals, where it does."""

Reason = Annotated[str, StringConstraints(max_length=MAX_PLAIN, pattern=PLAIN)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Carried:
    """An earlier statement whose controls are carried forward."""

    folder: str
    """Beside the declaration, as a path of [inputs]; it holds `CARRIED_FILES`."""
    sealed: bool = False

    def paths(self) -> tuple[str, ...]:
        """Give the path of each of its files."""
        return _within(self.folder, CARRIED_FILES, sealed=self.sealed)


@dataclass(frozen=True, slots=True, config=STRICT)
class Previous:
    """The statement of the series before this one."""

    folder: str
    """Beside the declaration; of its files those of `STATEMENT_FILES` are read."""
    sealed: bool = False

    def paths(self) -> tuple[str, ...]:
        """Give the path of each file that is read."""
        return _within(self.folder, STATEMENT_FILES, sealed=self.sealed)


@dataclass(frozen=True, slots=True, config=STRICT)
class Superseded:
    """The statement for the same time that this one takes the place of."""

    folder: str
    """Beside the declaration; of its files those of `STATEMENT_FILES` are read."""
    sealed: bool = False

    def paths(self) -> tuple[str, ...]:
        """Give the path of each file that is read."""
        return _within(self.folder, STATEMENT_FILES, sealed=self.sealed)


@dataclass(frozen=True, slots=True, config=STRICT)
class Restated:
    """An input that is another one than in the superseded statement."""

    input: str
    """Its path in that statement."""
    revision: Annotated[int, Field(ge=2, le=MAX_REVISION)]
    """2 for the first restatement."""
    reason: Reason
    sha256: Digest
    """The digest that the superseded statement gives it."""


def _within(folder: str, names: tuple[str, ...], *, sealed: bool) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in (*names, *((SEALED,) if sealed else ())))
