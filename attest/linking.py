"""The link of a series: each statement names the payload of the one before it.

    [previous]
    folder = "earlier/0006"

The link is the SHA-256 of the earlier payload; envelopes and signatures can be spelled in more than
one way and are never linked to. A link shows that the earlier statement was there when this one was
made. It does not show that the tail of a series was not made anew: whoever holds the keys can sign
all of it again. For that a reader keeps the last digest he saw (`attest verify --expect-previous`),
or a log with witnesses (`attest.history`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.earlier import Stated, read_stated
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.declaration import Declaration


def read_previous(declaration: Declaration, data: Mapping[str, bytes]) -> Stated | None:
    """Read the statement before this one, if the declaration names one.

    Args:
        declaration: the declaration.
        data: the files of earlier statements, by path.

    Raises:
        InputError: what `attest.earlier` refuses; a statement of another series, or not of the
            number before this one's.
    """
    named = declaration.previous
    if named is None:
        return None
    files = {path.removeprefix(f"{named.folder}/"): data[path] for path in named.paths()}
    own, where = declaration.attestation, f"{named.folder}/payload.json"
    stated = read_stated(named.folder, files, declaration.entity, own.network)
    if stated.series != own.series:
        found = f"of series {stated.series!r}, the declaration says {own.series!r}"
        raise InputError.at(where, "predicate.series", found)
    if stated.sequence != own.sequence - 1:
        found = f"number {stated.sequence}, this one is {own.sequence}"
        raise InputError.at(where, "predicate.series", found, "a series counts on by one")
    return stated


def refuse_earlier_time(previous: Stated | None, as_of: int) -> None:
    """Refuse a series that goes back in time; raise InputError."""
    if previous is not None and previous.as_of > as_of:
        then = format_time(previous.as_of)
        found = f"the statement before this one is about {then}, this one about"
        raise InputError(f"{found} {format_time(as_of)}")
