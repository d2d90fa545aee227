"""attest log: the log of payload digests, its proofs, and its witnesses."""

from __future__ import annotations

import typer

from attest.cli.log import check, cosign, make, prove

app = typer.Typer(
    help="Keep a log of what was attested, prove from it, and witness it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("new")(make.new)
app.command("append")(make.append)
app.command("key")(make.key)
app.command("prove")(prove.prove)
app.command("consistency")(prove.consistency)
app.command("check")(check.check)
app.command("cosign")(cosign.cosign)
