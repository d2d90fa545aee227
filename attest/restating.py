"""Restatement: a statement for a time that an earlier one was about, and what differs.

Every input of the superseded statement must be the same file here, or be named in `[[restated]]`
with the digest it had, a revision and a reason. What differs and is not named was restated
silently; what is named and does not differ, or never stood there, is a wrong reason. The
declaration and the link to the statement before are others each time, and are not asked for. Salts
are: were their path excused, a ledger could be moved there. A correction keeps the secret of what
it corrects, or names it.

What came of it is shown by instrument, from the earlier statement's own figures: nothing of them is
believed, and nothing here rests on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from attest.earlier import Stated, read_stated
from config.earlier import SEALED, STATEMENT_FILES
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.declaration import Declaration
    from config.earlier import Restated

Change: TypeAlias = Literal[
    "named",  # it differs, and the declaration says why
    "silent",  # it differs, and nobody says so
    "unchanged",  # it is named, and is the same file
    "not_there",  # it is named, with a digest that the superseded statement does not give it
]
DECLARATION = "declaration.toml"
PAYLOAD = STATEMENT_FILES[0]
LINK_FILES = (*STATEMENT_FILES, SEALED)
_UNITS = re.compile(r"-?(?:0|[1-9][0-9]{0,80})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Supersession:
    """The statement that this one takes the place of."""

    folder: str
    stated: Stated
    restated: tuple[Restated, ...]


@dataclass(frozen=True, slots=True)
class InputChange:
    """An input that differs from the superseded statement's, or is said to."""

    input: str
    change: Change
    former: str
    """SHA-256 there; empty if it did not stand there."""


@dataclass(frozen=True, slots=True)
class Former:
    """What the superseded statement said of an instrument, in base units; None: nothing."""

    owed: int | None
    difference: int | None


def read_superseded(declaration: Declaration, data: Mapping[str, bytes]) -> Supersession | None:
    """Read the statement that a declaration supersedes, if it names one.

    Args:
        declaration: the declaration.
        data: the files of earlier statements, by path.

    Raises:
        InputError: what `attest.earlier` refuses; a statement of another series, or whose place in
            it is not before this one's.
    """
    named = declaration.supersedes
    if named is None:
        return None
    files = {path.removeprefix(f"{named.folder}/"): data[path] for path in named.paths()}
    own = declaration.attestation
    stated = read_stated(named.folder, files, declaration.entity, own.network)
    where = f"{named.folder}/payload.json"
    if stated.series != own.series:
        found = f"of series {stated.series!r}, the declaration says {own.series!r}"
        raise InputError.at(where, "predicate.series", found)
    if stated.sequence >= own.sequence:
        found = f"number {stated.sequence}, this one is {own.sequence}"
        raise InputError.at(where, "predicate.series", found, "a correction takes the next number")
    return Supersession(named.folder, stated, declaration.restated)


def refuse_other_time(superseded: Supersession | None, as_of: int) -> None:
    """Refuse to take the place of a statement for another time; raise InputError."""
    if superseded is not None and superseded.stated.as_of != as_of:
        then = format_time(superseded.stated.as_of)
        found = f"about {then}, this statement about {format_time(as_of)}"
        raise InputError.at(f"{superseded.folder}/payload.json", "predicate.asOf", found)


def changes(superseded: Supersession, own: Mapping[str, str]) -> tuple[InputChange, ...]:
    """List every input that differs or is said to, by path.

    Args:
        superseded: the earlier statement, and what is named.
        own: SHA-256 of each input of this statement, by path.
    """
    former, named = superseded.stated.inputs, {one.input: one for one in superseded.restated}
    found = []
    for path in sorted({*former, *named} - {DECLARATION, *_link_in(superseded.stated)}):
        there, row = former.get(path, ""), named.get(path)
        same = bool(there) and own.get(path) == there
        if row is not None and row.sha256 != there:
            found.append(InputChange(path, "not_there", there))
        elif row is not None:
            found.append(InputChange(path, "unchanged" if same else "named", there))
        elif not same:
            found.append(InputChange(path, "silent", there))
    return tuple(found)


def _link_in(stated: Stated) -> frozenset[str]:
    """Give the files by which a statement names the one before it: that is another one here.

    They are where the payload lies whose digest the statement itself names.
    """
    folders = (
        path.removesuffix(PAYLOAD)
        for path, digest in stated.inputs.items()
        if path.endswith(f"/{PAYLOAD}") and digest == stated.previous
    )
    return frozenset(f"{folder}{name}" for folder in folders for name in LINK_FILES)


def former_figures(superseded: Supersession) -> dict[str, Former]:
    """Give what the superseded statement said of each instrument, as far as it can be read."""
    found: dict[str, Former] = {}
    for one in superseded.stated.comparison:
        match one:
            case {"instrument": str(name), "owed": owed, "difference": difference}:
                found[name] = Former(units_of(owed), units_of(difference))
    return found


def units_of(text: object) -> int | None:
    """Read an amount of an earlier statement; None if it is none."""
    return int(text) if isinstance(text, str) and _UNITS.fullmatch(text) else None
