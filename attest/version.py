"""Name and version of this program, as they stand in what it makes."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

TOOL_NAME = "custody-attest"
PACKAGES = ("config", "chains", "proofs", "attest")
LEFT_OUT = ("__pycache__", "examples")
"""What the interpreter makes, and what is no part of the program."""


def tool_version() -> str:
    """Give the version of the installed distribution."""
    return metadata.version(TOOL_NAME)


@cache
def source_digest() -> str:
    """Give the SHA-256 over the program's own files, hex, read as they are installed.

    It is over a line for each file, sorted, as `sha256sum` writes them: digest, two spaces, path.
    """
    lines = sorted(
        f"{path}\0{hashlib.sha256(file.read_bytes()).hexdigest()}"
        for package in PACKAGES
        for path, file in _files(package, resources.files(package))
    )
    listed = (f"{digest}  {path}\n" for path, _, digest in (one.partition("\0") for one in lines))
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def _files(name: str, folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_file():
            yield path, entry
        elif entry.name not in LEFT_OUT:
            yield from _files(path, entry)
