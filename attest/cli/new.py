"""attest new: write a commented set of input files to start from."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation at run time
from typing import Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads them at run time


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
    files = {item.name: item.read_bytes() for item in template.iterdir() if item.is_file()}
    write_folder(folder, dict(sorted(files.items())))
    written = [str(folder / name) for name in sorted(files)]
    if as_json:
        give_json({"files": written})
        return
    for path in written:
        give(path)
