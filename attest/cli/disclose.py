"""attest disclose: copies of a bundle that leave files out, and single accounts opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time

app = typer.Typer(
    help="Show a statement without its rows, or one row of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
BUNDLE = Annotated[Path, typer.Argument(help="The bundle folder.")]
OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="What to write; must not be there.")]


@app.callback()
def disclose() -> None:
    """Show a statement without its rows, or one row of it."""


@app.command("salts")
def salts(
    file: Annotated[Path, typer.Argument(help="File to write, for [inputs] salts.")],
) -> None:
    """Make the secret by which the next statement seals its rows. A new one for each statement.

    It goes into the whole bundle, so that the statement can be made again, and into no public copy.
    """
    import secrets

    from attest.cli.console import give
    from attest.disk import write_new
    from attest.sealing import SECRET_BYTES

    write_new(file, f"{secrets.token_hex(SECRET_BYTES)}\n".encode(), 0o600)
    give(str(file))


@app.command("copy")
def copy(
    bundle: BUNDLE,
    output: OUTPUT,
    profile: Annotated[str, typer.Option("--profile", help="full, regulator or public.")],
    as_json: JSON = False,
) -> None:
    """Write a copy of a bundle that leaves out what its profile withholds.

    The statement and every signature stay the same bytes. What is left out is listed by name, and
    caps the level that the copy can reach. Of a public copy each total of few accounts is named on
    stderr: it can lead to them, and nothing hides it.
    """
    from attest.apart import take_apart
    from attest.bundle import disclosed
    from attest.cli.console import give, give_json, say
    from attest.disclosing import PROFILES
    from attest.disk import read_folder, refuse_existing, write_folder
    from attest.sealing import few
    from config.errors import InputError

    chosen = next((one for one in PROFILES if one == profile), None)
    if chosen is None:
        raise InputError(f"unknown profile: {profile[:100]!r}", f"one of: {', '.join(PROFILES)}")
    refuse_existing(output)
    made = disclosed(read_folder(bundle), chosen)
    write_folder(output, made)
    parts = take_apart(made)
    found = few(parts.predicate) if parts.profile == "public" else ()
    if as_json:
        give_json({"profile": parts.profile, "withheld": list(parts.withheld), "few": list(found)})
        return
    for total in found:
        say(f"note: {total}, and can lead to them")
    for name in parts.withheld:
        give(name)


@app.command("open")
def open_(
    bundle: BUNDLE,
    account: Annotated[str, typer.Option("--account", help="As report/accounts.csv writes it.")],
    output: OUTPUT,
) -> None:
    """Write what shows one account of a sealed statement, and nothing of the others."""
    from attest.apart import take_apart
    from attest.cli.console import give
    from attest.disk import read_folder, write_new
    from attest.opening import open_account

    files = read_folder(bundle)
    write_new(output, open_account(files, take_apart(files), account))
    give(str(output))


@app.command("check")
def check(
    opening: Annotated[Path, typer.Argument(help="What `attest disclose open` wrote.")],
    bundle: Annotated[Path, typer.Option("--bundle", help="The bundle, or any copy of it.")],
    as_json: JSON = False,
) -> int:
    """Check that the rows of an opening are of a statement. Verify the bundle itself besides.

    Exit 1 if a row is not of it, 3 if the opening or the bundle cannot be read.
    """
    from attest.apart import take_apart
    from attest.cli.console import complain, give_json, table
    from attest.disk import read_file, read_folder
    from attest.errors import InvalidOpening
    from attest.opening import MAX_OPENING, check_opening

    parts = take_apart(read_folder(bundle))
    try:
        rows = check_opening(read_file(opening, MAX_OPENING), parts)
    except InvalidOpening as fault:
        complain(fault)
        return 1
    if as_json:
        about = {"payloadSha256": parts.digest, "signedBy": parts.signer.key.keyid}
        give_json({**about, "rows": list(rows)})
        return 0
    table("Rows", tuple(rows[0]), [tuple(row.values()) for row in rows])
    return 0
