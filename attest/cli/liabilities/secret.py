"""attest liabilities secret: a new master secret."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer


def secret(
    file: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
) -> None:
    """Write a new master secret of 32 random bytes, in hex, that its owner alone can read.

    Every customer's key follows from it. Keep it apart from the ledger: who has both can rebuild
    the commitment, and who has it alone can test guesses of accounts and balances.
    """
    import secrets

    from attest.cli.console import say
    from attest.disk import write_new

    write_new(file, f"{secrets.token_hex(32)}\n".encode(), 0o600)
    say(f"secret: {file}; keep it apart from the ledger, and a copy of it")
