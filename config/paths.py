"""Paths of files beside a declaration, or in folders below it.

    books/documents/acme-2026-11.pdf

A bundle carries every file under the path by which it was named, so a path is one that every disk
and archive takes: letters, digits and `. _ @ + -`, with `/` between folders. It never leads out of
the folder, and no two files have paths that differ only in case. Refused: cleaning a path up. Two
spellings of one path would be two names of one file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PATH = 200
OWN_NAME = "declaration.toml"
"""The declaration's own name in a bundle, whatever it is called on disk."""

# The names that a bundle can carry, which is narrower than what a disk allows.
_PATH = re.compile(
    r"[A-Za-z0-9._@+-][A-Za-z0-9._@+ -]*(/[A-Za-z0-9._@+-][A-Za-z0-9._@+ -]*)*", re.ASCII
)


def check_path(path: str) -> None:
    """Refuse what is not a plain path beside the declaration; raise InputError."""
    dots = any(set(part) == {"."} for part in path.split("/"))
    if dots or len(path) > MAX_PATH or not _PATH.fullmatch(path):
        hint = "write letters, digits and . _ @ + - with / between folders, such as in/a.csv"
        raise InputError(f"not a path beside the declaration: {shown(path)}", hint)


def refuse_shared(paths: Iterable[str]) -> None:
    """Refuse one path for two files, also where only the case differs; raise InputError."""
    seen = {OWN_NAME}
    for path in paths:
        if path.casefold() in seen:
            hint = "a bundle carries each file under its own name"
            raise InputError(f"one path for two files: {path!r}", hint)
        seen.add(path.casefold())


def refuse_within(paths: Iterable[str], folders: Iterable[str]) -> None:
    """Refuse a path in a folder whose files another command writes; raise InputError."""
    heads = tuple(f"{folder.casefold()}/" for folder in folders)
    for path in paths:
        if path.casefold().startswith(heads):
            hint = "only what attest carry writes lies there"
            raise InputError(f"in the folder of an earlier statement: {path!r}", hint)
