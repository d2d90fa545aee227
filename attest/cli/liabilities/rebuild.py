"""attest liabilities rebuild and compare: what an auditor does with ledger and secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.liabilities.options import (  # noqa: TC001 - typer reads them at run time
    ASSETS,
    CUSTOMERS,
    JOBS,
    LEDGER,
    RAY,
    SECRET,
)
from attest.cli.options import JSON  # noqa: TC001 - the same
from config.errors import InputError

if TYPE_CHECKING:
    from attest.liabilities.comparing import Comparison
    from attest.liabilities.rebuilding import Difference
    from proofs.liabilities.commitment import Commitment

PUBLISHED = Annotated[Path, typer.Argument(help="commitment.json, as it was published.")]
OUTPUT = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Keep the private folder here, to prove and compare by."),
]
OLD = Annotated[Path, typer.Argument(help="Private folder of the earlier commitment.")]
NEW = Annotated[Path, typer.Argument(help="Private folder of the later one.")]
FACTOR = Annotated[
    int, typer.Option("--factor", min=2, help="What so many times another balance is, jumped.")
]


def rebuild(
    published: PUBLISHED,
    ledger: LEDGER,
    customers: CUSTOMERS,
    secret: SECRET,
    output: OUTPUT = None,
    assets: ASSETS = None,
    jobs: JOBS = None,
    ray: RAY = None,
    as_json: JSON = False,
) -> int:
    """Build a published commitment again from the ledger and the secret, and compare every root.

    Exit code 0 if it is the same byte for byte, 1 if it is not, 3 if a file cannot be read.
    """
    from attest.cli.liabilities.options import builder, master, rebuilt, sheets

    commitment = published_commitment(published)
    files = sheets(ledger, customers, assets, test=commitment.header.get("network") == "test")
    if ray is not None and output is None:
        hint = "a cluster builds in a folder that all machines see: name it with -o"
        raise InputError("--ray without -o", hint)
    with builder(jobs, ray) as work:
        found = rebuilt(commitment, files, master(secret), output, work)
    _show(commitment, found, as_json=as_json)
    return 1 if found else 0


def compare(old: OLD, new: NEW, factor: FACTOR = 10, as_json: JSON = False) -> None:
    """Tell what became of customers between two commitments: counts and sums, no names.

    Both folders are of `rebuild -o` or of `commit`.
    """
    from attest.liabilities.comparing import compare as compare_folders
    from attest.liabilities.proving import open_prover

    before, after = open_prover(old), open_prover(new)
    decimals = {tree.instrument: tree.decimals for one in (before, after) for tree in one.trees}
    _show_compared(compare_folders(before, after, factor), decimals, as_json=as_json)


def published_commitment(file: Path) -> Commitment:
    """Read a published commitment; one that does not agree with itself cannot be rebuilt."""
    from attest.disk import read_file
    from proofs.liabilities.commitment import MAX_COMMITMENT, Refused, read_commitment

    try:
        return read_commitment(read_file(file, MAX_COMMITMENT), file.name)
    except Refused as refused:
        raise InputError(f"{file.name}: {refused.reason}: {refused.what}") from refused


def _show(commitment: Commitment, found: tuple[Difference, ...], *, as_json: bool) -> None:
    from attest.cli.console import give, give_json, table

    rows = [(one.what, one.published, one.rebuilt) for one in found]
    columns = ("what", "published", "rebuilt")
    if as_json:
        grade = "rebuilt" if not found else "declared"
        differences = [dict(zip(columns, row, strict=True)) for row in rows]
        give_json({"set": commitment.digest.hex(), "grade": grade, "differences": differences})
        return
    if rows:
        table("Differences", columns, rows)
        give("not rebuilt: the ledger and the secret do not give this commitment")
        return
    give(f"rebuilt: every root is the published one, set {commitment.digest.hex()}")


def _show_compared(found: Comparison, decimals: dict[str, int], *, as_json: bool) -> None:
    from dataclasses import asdict

    from attest.cli.console import give, give_json, table
    from config.amount import format_decimal

    told = {name: asdict(found.instruments[name]) for name in sorted(found.instruments)}
    for name, moved in told.items():
        for key in [key for key in moved if key.startswith("owed")]:
            moved[key] = format_decimal(moved[key], decimals[name])
    if as_json:
        customers = {
            key: value for key, value in asdict(found).items() if key.startswith("customers")
        }
        give_json({**customers, "instruments": told})
        return
    give(
        f"customers: {found.customers_before} before, {found.customers_after} after, "
        f"{found.customers_in_both} in both"
    )
    if told:
        names = list(next(iter(told.values())))
        rows = [(name, *(str(moved[name]) for moved in told.values())) for name in names]
        table("Between them", ("", *told), rows)
