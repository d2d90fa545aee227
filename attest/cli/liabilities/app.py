"""attest liabilities: what customers are owed, committed to so that each of them can check it."""

from __future__ import annotations

import typer

from attest.cli.liabilities import check, check_published, commit, page, prove, rebuild, secret

app = typer.Typer(
    help="Commit to what customers are owed, and prove and check each one's part of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("secret")(secret.secret)
app.command("commit")(commit.commit)
app.command("prove")(prove.prove)
app.command("check")(check.check)
app.command("check-all")(check.check_all)
app.command("rebuild")(rebuild.rebuild)
app.command("compare")(rebuild.compare)
app.command("page")(page.page)
app.command("check-published")(check_published.check_published)
