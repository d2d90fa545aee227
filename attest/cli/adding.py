"""Adding files to a bundle that lies on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from attest.content import Content, Files


def add_to(
    bundle: Path,
    files: Files,
    additions: Mapping[str, Content],
    replaced: frozenset[str] = frozenset(),
) -> None:
    """Write further files into a bundle, and what is derived from its files anew.

    Args:
        bundle: its folder.
        files: what was read there.
        additions: as for `attest.bundle.added`.
        replaced: likewise.

    Raises:
        InvalidEnvelope: the bundle does not hang together, before or after.
        InputError: a file of that name is there already, or the folder cannot be written.
    """
    from attest.bundle import added
    from attest.disk import add_files

    whole = added(files, additions, replaced=replaced)
    add_files(bundle, {name: data for name, data in whole.items() if files.get(name) != data})
