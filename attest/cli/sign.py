"""attest sign: sign a draft, on a machine that needs nothing but the draft and the key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

KEY = Annotated[Path, typer.Option("--key", help="The attestation key, a PEM file.")]
PASSPHRASE_ENV = Annotated[
    str | None,
    typer.Option("--passphrase-env", metavar="NAME", help="Variable that holds the passphrase."),
]


def sign(
    draft: Annotated[Path, typer.Argument(help="Draft folder that assess wrote.")],
    key: KEY,
    output: Annotated[Path, typer.Option("-o", "--output", help="Bundle folder to write.")],
    passphrase_env: PASSPHRASE_ENV = None,
) -> None:
    """Check a draft's files against its statement, sign it, and write the bundle."""
    from attest import bundle
    from attest.cli.console import say
    from attest.cli.load import signing_key
    from attest.disk import read_folder, refuse_existing, write_folder

    refuse_existing(output)
    signer = signing_key(key, passphrase_env)
    write_folder(output, bundle.sign(read_folder(draft), signer))
    say(f"signed with key {signer.public.keyid}")
