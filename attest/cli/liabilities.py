"""attest liabilities: what customers are owed, and the proofs of it."""

from __future__ import annotations

import typer

from attest.cli.check_published import check_published

app = typer.Typer(
    help="Check proofs of what customers are owed.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def liabilities() -> None:
    """Check proofs of what customers are owed."""


app.command("check-published")(check_published)
