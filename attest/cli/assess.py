"""attest assess: judge a stored observation, offline, and write a draft to be signed elsewhere."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import COMMITMENT, DECLARATION  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from attest.content import Files
    from attest.inputs import Criteria
    from attest.pipeline import Work


def assess(
    declaration: DECLARATION,
    snapshot: Annotated[Path, typer.Option("--snapshot", help="Folder that observe wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Draft folder to write.")],
    commitment: COMMITMENT = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the predicate.")] = False,
) -> int:
    """Reconcile and judge an observation; write an unsigned draft."""
    from attest.bundle import draft
    from attest.cli.load import gather
    from attest.cli.show import exit_of, show
    from attest.disk import read_observation, refuse_existing, write_folder

    refuse_existing(output)
    files, criteria = gather(declaration, commitment)
    work = work_on(files, read_observation(snapshot), criteria)
    write_folder(output, draft(work))
    show(work.predicate, as_json=as_json)
    return exit_of(work.predicate)


def work_on(files: Files, observation: Files, criteria: Criteria) -> Work:
    """Do the pure half on inputs and an observation's files."""
    from attest.cli.load import tool
    from attest.pipeline import EVIDENCE, work_through

    evidence = {EVIDENCE + name: data for name, data in observation.items()}
    return work_through({**files, **evidence}, criteria, tool())
