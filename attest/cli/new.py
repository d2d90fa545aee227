"""attest new: write a commented set of input files to start from."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to write; must not exist or be empty.")],
    as_json: JSON = False,
) -> None:
    """Write a commented declaration and its files, to be filled in."""
    from importlib import resources

    from attest.cli.console import give, give_json
    from attest.disk import refuse_existing, write_folder

    refuse_existing(folder)
    template = resources.files("config") / "template"
    files = {name: item.read_bytes() for name, item in _files(template)}
    write_folder(folder, dict(sorted(files.items())))
    written = [str(folder / name) for name in sorted(files)]
    if as_json:
        give_json({"files": written})
        return
    for path in written:
        give(path)


def _files(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    """Give every file below a folder of the package, with its path there."""
    for item in folder.iterdir():
        if item.is_file():
            yield f"{path}{item.name}", item
        else:
            yield from _files(item, f"{path}{item.name}/")
