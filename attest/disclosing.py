"""Disclosure profiles: which files of a bundle a copy leaves out. The statement stays the same.

    full        nothing is left out
    regulator   without what the chains' nodes answered: every account, balance and book is there
    public      without what the statement seals: totals, findings and criteria

The profile is not signed. It stands in the manifest with the names of what is left out, and a copy
must leave out exactly what its profile says: a file that is missing for any other reason makes it
invalid. What is left out cannot be replayed, so both caps end at L2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from attest.names import MANIFEST
from attest.sealing import SEALED, is_sealed
from config.errors import InputError
from config.jsontext import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

Profile: TypeAlias = Literal["full", "regulator", "public"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
RAW = ("evidence/chains/", "evidence/observation.json")
"""What the nodes answered: the bulk of a bundle."""


def withheld_by(profile: Profile, names: Iterable[str], *, sealing: bool) -> tuple[str, ...]:
    """Give the names that a profile leaves out, sorted.

    Args:
        profile: of the copy.
        names: every file that the statement binds.
        sealing: whether the statement seals its rows.

    Raises:
        InputError: a public copy of a statement that seals nothing.
    """
    if profile == "public" and not sealing:
        hint = "name a file of salts in the declaration's [inputs] before the statement is made"
        raise InputError("the statement seals nothing: its digests would give files away", hint)
    if profile == "public":
        return tuple(sorted(name for name in names if is_sealed(name) or name == SEALED))
    raw = (name for name in names if name.startswith(RAW))
    return tuple(sorted(raw)) if profile == "regulator" else ()


def profile_in(manifest: bytes) -> Profile:
    """Read the profile that a manifest names; raise InputError."""
    document = parse_json(manifest, MANIFEST)
    met = document.get("disclosure") if isinstance(document, dict) else None
    found = next((one for one in PROFILES if one == met), None)
    if found is None:
        raise InputError(f"{MANIFEST}: no profile of these: {', '.join(PROFILES)}")
    return found
