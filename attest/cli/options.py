"""The arguments and options that several commands share, each with its one help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DECLARATION = Annotated[Path, typer.Argument(help="The declaration, a TOML file.")]
JSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
KEY = Annotated[
    str,
    typer.Option(
        "--key", metavar="KEY", help="The attestation key: a PEM file, or a URI such as pkcs11:…"
    ),
]
PUBLIC = Annotated[
    Path | None,
    typer.Option(
        "--public", metavar="KEY.pub", help="The public key it must have; services need it."
    ),
]
PASSPHRASE_ENV = Annotated[
    str | None,
    typer.Option(
        "--passphrase-env", metavar="NAME", help="Variable that holds the passphrase, or the PIN."
    ),
]
AT = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="The time it is about, RFC 3339 with an offset."),
]
COMMITMENT = Annotated[
    Path | None,
    typer.Option(
        "--commitment", help="commitment.json of `attest liabilities commit`, at the same blocks."
    ),
]
