"""The arguments and options that commands on a ledger share."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attest.liabilities.build import Builder
    from attest.liabilities.committing import Sheets
    from attest.liabilities.rebuilding import Difference
    from config.ledger.faults import RefusedLedger
    from config.ledger.totals import Ledger
    from proofs.liabilities.commitment import Commitment

LEDGER = Annotated[
    Path, typer.Argument(help="The ledger, CSV or Parquet: customer,instrument,amount[,kind].")
]
CUSTOMERS = Annotated[
    Path, typer.Option("--customers", help="CSV or Parquet: customer,identifier.")
]
SECRET = Annotated[Path, typer.Option("--secret", help="The master secret of 32 bytes.")]
ASSETS = Annotated[
    Path | None, typer.Option("--assets", help="assets.toml, where there are tokens of one's own.")
]
JOBS = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes; one a core if left out.")
]
RAY = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Build on a Ray cluster: its head's address, `auto`, or `local`. All machines must "
        "see the output folder at the same path.",
    ),
]
FOLDER = Annotated[Path, typer.Argument(help="The private folder that commit wrote.")]

MAX_SECRET = 200
"""Bytes: 64 digits and a line end."""


def sheets(ledger: Path, customers: Path, assets: Path | None, *, test: bool) -> Sheets:
    """Name a ledger's files, with the registry of the network and the tokens of one's own."""
    from attest.cli.load import reading_of
    from attest.liabilities.committing import Sheets

    return Sheets(ledger, customers, reading_of(assets, test=test).registry)


@contextmanager
def builder(jobs: int | None, ray: str | None = None) -> Iterator[Builder]:
    """Give processes of this machine, or a cluster."""
    from attest.cli.load import surroundings
    from attest.liabilities.build import Builder, local_crew
    from attest.processes import cores

    progress = surroundings().progress
    if ray is not None:
        from attest.liabilities.cluster import ray_cluster

        with ray_cluster(ray) as crew:
            yield Builder(crew, progress)
        return
    yield Builder(local_crew(jobs or cores()), progress)


def master(file: Path) -> bytes:
    """Read the master secret."""
    from attest.disk import read_file
    from attest.liabilities.header import read_secret

    return read_secret(read_file(file, MAX_SECRET), file.name)


def made(
    files: Sheets,
    secret: bytes,
    header: Callable[[Ledger], dict[str, object]],
    output: Path,
    work: Builder,
) -> Commitment:
    """Build a commitment; print every refused row that is named, a line each, before it raises."""
    from attest.liabilities.committing import commit_ledger

    with _faults_listed():
        return commit_ledger(files, secret, header, output, work)


def rebuilt(
    published: Commitment, files: Sheets, secret: bytes, output: Path | None, work: Builder
) -> tuple[Difference, ...]:
    """Build a published commitment again, in a folder that is kept only if one is named."""
    from attest.disk import refuse_existing
    from attest.liabilities.rebuilding import rebuild
    from attest.liabilities.store import scratch_folder

    with _faults_listed(), scratch_folder() as scratch:
        if output is not None:
            refuse_existing(output)
        return rebuild(published, files, secret, output or scratch / "rebuilt", work)


@contextmanager
def _faults_listed() -> Iterator[None]:
    """Print every refused row that is named, a line each, before the error goes on."""
    from config.ledger.faults import RefusedLedger

    try:
        yield
    except RefusedLedger as refused:
        _list_faults(refused)
        raise


def _list_faults(refused: RefusedLedger) -> None:
    from attest.cli.console import say

    for fault in refused.faults:
        say(f"refused: {fault}")
    left = refused.count - len(refused.faults)
    if left:
        say(f"refused: {left} more")
