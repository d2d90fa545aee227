"""attest carry: take the controls of an earlier bundle along into the next statement."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time


def carry(
    bundle: Annotated[Path, typer.Argument(help="The earlier bundle, a folder.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Folder to write, beside the new declaration."),
    ],
    as_json: JSON = False,
) -> None:
    """Write the folder that carries an earlier statement's proofs, and print its table.

    The next statement judges them again by the texts of then and the chains of today; how old they
    may be is a rule. Only that the bundle hangs together is checked here: verify it first.
    """
    from attest import bundle as bundles
    from attest.cli.console import give, give_json
    from attest.disk import read_folder, refuse_existing, write_folder

    refuse_existing(output)
    files = read_folder(bundle)
    predicate = bundles.take_apart(files).predicate
    write_folder(output, bundles.carry(files))
    folder = _beside_declaration(output)
    if as_json:
        give_json(
            {
                "folder": folder,
                "network": predicate.network,
                "asOf": predicate.as_of.time,
                "claims": predicate.control.claims,
            }
        )
        return
    marker = "TEST NETWORK, " if predicate.network == "test" else ""
    give(f"# {marker}controls of the statement about {predicate.as_of.time}")
    give("[[carried]]")
    give(f'folder = "{folder}"')


def _beside_declaration(output: Path) -> str:
    """Give the folder's path from the nearest folder above that holds a declaration."""
    above = output.absolute().parents
    root = next((one for one in above if (one / "declaration.toml").is_file()), above[0])
    return output.absolute().relative_to(root).as_posix()
