"""attest import: turn what a publisher has out into accounts.csv and claims.csv."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from attest.imports.entries import Reading
    from attest.imports.tables import Tables

LISTED = 50
"""Refused rows shown to people; all of them are in refused.csv and in the JSON."""


def import_(
    kind: Annotated[
        str, typer.Argument(metavar="FORMAT", help="okx, bitmex or bitfinex: whose file it is.")
    ],
    file: Annotated[Path, typer.Argument(help="The file, as it was published.")],
    folder: Annotated[
        Path, typer.Option("-o", "--output", help="Folder to write; must not exist or be empty.")
    ],
    as_json: JSON = False,
) -> int:
    """Import a published list of addresses as accounts.csv and claims.csv.

    Nothing is verified: attest control does that. Exits with 2 if a row was refused.
    """
    from attest.cli.console import give_json
    from attest.disk import refuse_existing, write_folder
    from attest.imports.tables import tables
    from config.errors import InputError

    refuse_existing(folder)
    reading, limits = _read(kind, file)
    written = tables(reading)
    if reading.entries:
        write_folder(folder, written.files)
    if as_json:
        give_json(_document(kind, file, folder, reading, written, limits))
    else:
        _show(kind, reading, written, limits)
    if not reading.entries:
        raise InputError(
            f"{file.name}: nothing was imported: {reading.rows} rows read, all of them refused",
            "the reasons are listed; nothing was written",
        )
    return 2 if reading.refusals else 0


def _read(kind: str, file: Path) -> tuple[Reading, tuple[str, ...]]:
    """Read the file as its format; give what the format cannot prove too."""
    from attest.disk import read_file
    from attest.imports.entries import MAX_BYTES, Known
    from attest.imports.formats import reader
    from chains.families import ChainAddresses
    from config.registry_files import load_registry
    from proofs.schemes import SCHEMES

    read, limits = reader(kind)
    known = Known(load_registry(), ChainAddresses(), SCHEMES)
    return read(read_file(file, MAX_BYTES), file.name, known), limits


def _reasons(reading: Reading) -> dict[str, int]:
    """Count refused rows by reason, the most frequent first."""
    from collections import Counter

    return dict(Counter(one.reason for one in reading.refusals).most_common())


def _document(
    kind: str, file: Path, folder: Path, reading: Reading, written: Tables, limits: tuple[str, ...]
) -> dict[str, object]:
    from attest.imports.tables import REFUSED, refused_rows

    names = tuple(written.files) if reading.entries else ()
    return {
        "format": kind,
        "source": file.name,
        "rows": {
            "read": reading.rows,
            "imported": len(reading.entries),
            "refused": len(reading.refusals),
        },
        "left_out": reading.left_out,
        "accounts": written.accounts,
        "claims": written.claims,
        "unclaimed": written.unclaimed,
        "reasons": _reasons(reading),
        "refused": [dict(zip(REFUSED, row, strict=True)) for row in refused_rows(reading)],
        "not_proved": list(limits),
        "files": [str(folder / name) for name in names],
    }


def _show(kind: str, reading: Reading, written: Tables, limits: tuple[str, ...]) -> None:
    from attest.cli.console import give, table
    from attest.imports.tables import REFUSED, refused_rows

    counts = {
        "rows read": reading.rows,
        "rows imported": len(reading.entries),
        "rows refused": len(reading.refusals),
        **{f"refused: {reason}": count for reason, count in _reasons(reading).items()},
        "lines of totals, left out": reading.left_out,
        "accounts": written.accounts,
        "accounts without a claim": written.unclaimed,
        "claims": written.claims,
    }
    table("Import", ("what", "count"), [(what, str(count)) for what, count in counts.items()])
    refused = refused_rows(reading)
    if refused:
        rows = [(str(line), reason, text) for line, reason, text in refused[:LISTED]]
        table("Refused rows", REFUSED, rows)
    if len(refused) > LISTED:
        give(f"{len(refused) - LISTED} more refused rows are in refused.csv")
    give(f"what the format {kind} cannot prove:")
    for limit in limits:
        give(f"- {limit}")
