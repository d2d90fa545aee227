"""attest liabilities commit: build the trees over a ledger, and write the private folder."""

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
from config.errors import InputError, shown

if TYPE_CHECKING:
    from config.ledger.totals import Ledger
    from config.registry import Registry
    from proofs.liabilities.commitment import Commitment

SNAPSHOT = Annotated[Path, typer.Option("--snapshot", help="Folder that `attest observe` wrote.")]
OUTPUT = Annotated[
    Path, typer.Option("-o", "--output", help="Private folder to write; must not exist.")
]
SHARES = Annotated[
    int | None,
    typer.Option(
        "--shares",
        min=1,
        max=64,
        help="Parts into which every balance is cut; 2 to 4, as the trees have room, if left out.",
    ),
]
CAP = Annotated[
    list[str] | None,
    typer.Option(
        "--cap",
        metavar="INSTRUMENT=AMOUNT",
        help="The largest part of a balance; chosen by the balances if left out. May be repeated.",
    ),
]
MAX_PINS = 1024 * 1024
"""Bytes: a block a chain."""
HEIGHT = Annotated[
    int,
    typer.Option("--height", min=0, max=40, help="Least height of every tree; hides growth."),
]
REVISION = Annotated[int, typer.Option("--revision", min=1, help="1, unless it corrects another.")]
SUPERSEDES = Annotated[
    str | None,
    typer.Option("--supersedes", metavar="SET", help="Set hash of the commitment it corrects."),
]


def commit(
    ledger: LEDGER,
    customers: CUSTOMERS,
    snapshot: SNAPSHOT,
    secret: SECRET,
    output: OUTPUT,
    shares: SHARES = None,
    cap: CAP = None,
    height: HEIGHT = 0,
    revision: REVISION = 1,
    supersedes: SUPERSEDES = None,
    assets: ASSETS = None,
    jobs: JOBS = None,
    ray: RAY = None,
    as_json: JSON = False,
) -> None:
    """Commit to what every customer is owed, at the blocks of an observation.

    The folder that is written is private: it holds every balance. Publish its commitment.json, or
    the set hash in it, and give it to `attest assess --commitment`.
    """
    from attest.cli.liabilities.options import builder, made, master, sheets
    from attest.disk import read_file, refuse_existing
    from attest.liabilities.committing import Wish, header_for
    from attest.liabilities.header import Edition, check_edition, read_pins
    from attest.pins import PINS

    refuse_existing(output)
    edition = Edition(revision, supersedes)
    check_edition(edition)
    pins = read_pins(read_file(snapshot / PINS, MAX_PINS), PINS)
    files = sheets(ledger, customers, assets, test=pins["network"] == "test")
    wish = Wish(shares, _caps(cap or [], files.registry), height)

    def header(found: Ledger) -> dict[str, object]:
        return header_for(found, pins, edition, wish)

    with builder(jobs, ray) as work:
        commitment = made(files, master(secret), header, output, work)
    show_commitment(commitment, output, as_json=as_json)


def show_commitment(made: Commitment, output: Path | None, *, as_json: bool) -> None:
    """Print a commitment's totals and its set hash."""
    from attest.cli.console import give, give_json, say, table
    from config.amount import format_decimal
    from proofs.liabilities.commitment import commitment_document

    if output is not None:
        say(f"private folder: {output}")
    if as_json:
        give_json(commitment_document(made))
        return
    rows = [
        (tree.instrument, format_decimal(tree.total, tree.decimals), str(tree.height))
        for tree in made.trees
    ]
    marker = "TEST NETWORK: " if made.header.get("network") == "test" else ""
    table("Owed to customers", ("instrument", "total", "height"), rows)
    give(f"{marker}set {made.digest.hex()}")


def _caps(texts: list[str], registry: Registry) -> dict[str, int]:
    """Read `btc=10` into base units; raise InputError."""
    from config.amount import parse_decimal

    caps: dict[str, int] = {}
    for text in texts:
        name, equals, amount = text.partition("=")
        if not equals or name in caps:
            raise InputError(f"cap not understood: {shown(text)}", "write each once: btc=10")
        instrument = registry.instrument(name)
        caps[name] = parse_decimal(amount, instrument.decimals)
        if not caps[name]:
            raise InputError(f"cap of nothing: {shown(text)}")
    return caps
