"""Earlier statements that a declaration names: carried forward, or superseded by this one.

    [[carried]]
    folder = "earlier/0006"

    [supersedes]
    folder = "former/0007"

    [[restated]]
    input = "liabilities.csv"
    revision = 2
    reason = "withdrawals of 30 November were booked twice"
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

A folder is what `attest carry` writes. `[[restated]]` goes with `[supersedes]`: it names, by its
path in the superseded statement, each input that is another one now, and the digest it had there.
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

Reason = Annotated[str, StringConstraints(max_length=MAX_PLAIN, pattern=PLAIN)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Carried:
    """An earlier statement whose controls are carried forward."""

    folder: str
    """Beside the declaration, as a path of [inputs]; it holds `CARRIED_FILES`."""

    def paths(self) -> tuple[str, ...]:
        """Give the path of each of its files."""
        return tuple(f"{self.folder}/{name}" for name in CARRIED_FILES)


@dataclass(frozen=True, slots=True, config=STRICT)
class Superseded:
    """The statement for the same time that this one takes the place of."""

    folder: str
    """Beside the declaration; of its files those of `STATEMENT_FILES` are read."""

    def paths(self) -> tuple[str, ...]:
        """Give the path of each file that is read."""
        return tuple(f"{self.folder}/{name}" for name in STATEMENT_FILES)


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
