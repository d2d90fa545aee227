"""attest carry: take the controls of an earlier bundle along into the next statement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time

if TYPE_CHECKING:
    from attest.predicate import Predicate


BUNDLE = Annotated[Path, typer.Argument(help="The earlier bundle, a folder.")]
OUTPUT = Annotated[
    Path, typer.Option("-o", "--output", help="Folder to write, beside the new declaration.")
]
PREVIOUS = Annotated[
    bool, typer.Option("--previous", help="Link to it as the statement before: carry no proofs.")
]


def carry(
    bundle: BUNDLE, output: OUTPUT, previous: PREVIOUS = False, as_json: JSON = False
) -> None:
    """Write the folder that carries an earlier statement's proofs, and print its table.

    The next statement judges them again by the texts of then and the chains of today; how old they
    may be is a rule. Only that the bundle hangs together is checked here: verify it first. With
    --previous it takes what a link needs; a folder with proofs can be linked to as well.
    """
    from attest import bundle as bundles
    from attest.apart import take_apart
    from attest.disk import read_folder, refuse_existing, write_folder
    from config.earlier import SEALED

    refuse_existing(output)
    files = read_folder(bundle)
    predicate = take_apart(files).predicate
    carried = bundles.carry(files, linked=previous)
    write_folder(output, carried)
    lines = [f'folder = "{_beside_declaration(output)}"']
    lines += ["sealed = true"] if SEALED in carried else []
    _show(predicate, "[previous]" if previous else "[[carried]]", lines, as_json=as_json)


def _show(predicate: Predicate, table: str, lines: list[str], *, as_json: bool) -> None:
    from attest.cli.console import give, give_json

    if as_json:
        give_json(
            {
                "folder": lines[0].removeprefix('folder = "').removesuffix('"'),
                "network": predicate.network,
                "asOf": predicate.as_of.time,
                "claims": predicate.control.claims,
            }
        )
        return
    marker = "TEST NETWORK, " if predicate.network == "test" else ""
    what = "the statement" if table == "[previous]" else "controls of the statement"
    give(f"# {marker}{what} about {predicate.as_of.time}")
    for line in (table, *lines):
        give(line)


def _beside_declaration(output: Path) -> str:
    """Give the folder's path from the nearest folder above that holds a declaration."""
    above = output.absolute().parents
    root = next((one for one in above if (one / "declaration.toml").is_file()), above[0])
    return output.absolute().relative_to(root).as_posix()
