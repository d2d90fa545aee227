"""attest sign: sign a draft, on a machine that needs nothing but the draft and the key."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation at run time
from typing import Annotated

import typer

from attest.cli.options import JSON, KEY, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time

LABEL = Annotated[
    str | None,
    typer.Option("--as", metavar="LABEL", help="Sign a bundle once more, under this label."),
]


def sign(
    draft: Annotated[Path, typer.Argument(help="Draft folder that assess wrote, or a bundle.")],
    key: KEY,
    output: Annotated[Path, typer.Option("-o", "--output", help="Bundle folder to write.")],
    label: LABEL = None,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> None:
    """Check a draft's files against its statement, sign it, and write the bundle.

    With --as, the folder is a bundle that is signed already, and a further party signs the same
    statement: for where several must.
    """
    from attest import bundle
    from attest.apart import take_apart
    from attest.cli.console import give, give_json
    from attest.cli.load import signing_key
    from attest.disk import read_folder, refuse_existing, write_folder

    refuse_existing(output)
    signer = signing_key(key, passphrase_env, public)
    found = read_folder(draft)
    files = bundle.sign(found, signer) if label is None else bundle.cosign(found, signer, label)
    write_folder(output, files)
    predicate = take_apart(files).predicate
    if as_json:
        give_json(
            {
                "bundle": str(output),
                "keyid": signer.public.keyid,
                "network": predicate.network,
                "outcome": predicate.outcome,
            }
        )
        return
    marker = "TEST NETWORK " if predicate.network == "test" else ""
    give(f"{marker}outcome: {predicate.outcome}")
    give(f"signed with key {signer.public.keyid}")
