"""attest keys: make attestation keys, and show which key one is."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from attest.cli.options import JSON, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time

app = typer.Typer(
    help="Make and show attestation keys.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def keys() -> None:
    """Make and show attestation keys."""


@app.command("new")
def new(
    key: Annotated[
        Path, typer.Argument(help="Private key to write; KEY.pub is written beside it.")
    ],
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="p256 (the default) or ed25519.")
    ] = "p256",
    passphrase_env: PASSPHRASE_ENV = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Write the private key in the clear.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Make a key pair: KEY, encrypted unless told otherwise, and KEY.pub to hand out."""
    from attest.cli.console import give, give_json
    from attest.disk import refuse_file, write_new
    from attest.keys import load_public, new_key
    from config.errors import InputError

    if algorithm not in ("p256", "ed25519"):
        raise InputError(f"unknown algorithm: {algorithm!r}", "p256 or ed25519")
    public_path = Path(f"{key}.pub")
    for path in (key, public_path):
        refuse_file(path)
    passphrase = None if unencrypted else _passphrase(passphrase_env)
    private, public = new_key("p256" if algorithm == "p256" else "ed25519", passphrase)
    write_new(key, private, 0o600)
    write_new(public_path, public)
    keyid = load_public(public, str(public_path)).keyid
    if as_json:
        give_json({"keyid": keyid, "public": str(public_path), "algorithm": algorithm})
    else:
        give(f"{keyid}  {public_path}")


@app.command("show")
def show(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A public or private PEM file, or a pkcs11: URI.")
    ],
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> None:
    """Show a key's id (SHA-256 of its SPKI), its algorithm and its public key.

    With --public it is also held against that public key.
    """
    from attest.cli.console import give, give_json
    from attest.cli.load import shown_key

    shown = shown_key(key, passphrase_env, public)
    if as_json:
        document = {"keyid": shown.keyid, "algorithm": shown.algorithm, "pem": shown.pem.decode()}
        give_json(document)
        return
    give(f"key id: {shown.keyid}")
    give(f"algorithm: {shown.algorithm}")
    for line in shown.pem.decode().splitlines():
        give(line)


def _passphrase(variable: str | None) -> bytes:
    from attest.cli.load import from_environment
    from config.errors import InputError

    if variable is not None:
        return from_environment(variable)
    if not sys.stdin.isatty():
        hint = "give --passphrase-env NAME, or --unencrypted"
        raise InputError("no passphrase was given and there is no terminal to ask", hint)
    first = getpass.getpass("new passphrase: ")
    if not first or first != getpass.getpass("again: "):
        raise InputError("the passphrase is empty, or the two differ")
    return first.encode()


TRUSTED = Annotated[Path, typer.Option("--trust", help="Your trust.toml; made if there is none.")]
ROLES = Annotated[
    list[str] | None,
    typer.Option("--role", help="attester (the default), auditor, regulator, …; several."),
]
EXPECT = Annotated[
    str | None, typer.Option("--expect", metavar="KEYID", help="The key's id, as you were told it.")
]
NOT_BEFORE = Annotated[
    str | None, typer.Option("--not-before", metavar="TIME", help="When it begins to count.")
]
NOT_AFTER = Annotated[
    str | None, typer.Option("--not-after", metavar="TIME", help="When it ends to count.")
]


@app.command("enroll")
def enroll(
    key: Annotated[Path, typer.Argument(help="A public key that you were given.")],
    party: Annotated[str, typer.Option("--party", help="Whose it is.")],
    trust: TRUSTED,
    role: ROLES = None,
    expect: EXPECT = None,
    not_before: NOT_BEFORE = None,
    not_after: NOT_AFTER = None,
    as_json: JSON = False,
) -> None:
    """Write a party's key into your trust file, by its digest.

    A key counts for what it signs only because it stands in your own file: compare its id with the
    one that its holder gives you by another way, or give that one with --expect.
    """
    from attest.cli.console import give, give_json
    from attest.cli.verify import trust_of
    from attest.disk import read_file, write_over
    from attest.enrolling import Enrolment, enrolled
    from attest.keys import MAX_KEY_FILE, load_public
    from config.errors import InputError

    found = load_public(read_file(key, MAX_KEY_FILE), str(key))
    if expect is not None and expect.lower() != found.keyid:
        raise InputError(f"key is {found.keyid}, expected {expect[:100]}", "ask its holder again")
    stands = trust.exists()
    data, known = (read_file(trust), trust_of(trust, None)) if stands else (b"", None)
    whose = Enrolment(party, tuple(role or ("attester",)), not_before, not_after)
    write_over(trust, enrolled(data, trust.name, known, found, whose))
    if as_json:
        give_json({"keyid": found.keyid, "party": party, "roles": list(whose.roles)})
    else:
        give(f"{found.keyid}  {party}: {', '.join(whose.roles)}")
