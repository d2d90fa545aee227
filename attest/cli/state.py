"""attest state: a third party signs what an exchange's books say of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from attest.third_party import Row
    from config.books.parties import Party

FILE = Annotated[
    Path,
    typer.Argument(help="custody.toml, reserves.toml or facts.toml, as the exchange gave it."),
]
PARTY = Annotated[str, typer.Option("--party", help="Who states: a name of the file.")]
ENTITY = Annotated[
    str, typer.Option("--entity", help="Whom it is stated for: the exchange's LEI, or its name.")
]
ROOT = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="Folder of the declaration, in which paths begin; the file's own if left out.",
    ),
]
ASSETS = Annotated[
    Path | None, typer.Option("--assets", help="assets.toml of the exchange, where it has one.")
]
KEY = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="The party's key; without it nothing is signed."),
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Folder to write; must not exist or be empty."),
]
ALLOW_TEST = Annotated[bool, typer.Option("--allow-test", help="The file is about test networks.")]


def state(
    file: FILE,
    party: PARTY,
    entity: ENTITY,
    root: ROOT = None,
    assets: ASSETS = None,
    key: KEY = None,
    output: OUTPUT = None,
    allow_test: ALLOW_TEST = False,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> None:
    """Show what a file says of a party, and sign each row that names a path for its signature.

    Without --key the rows are shown and nothing is written: read them first. Envelopes are written
    under the paths that the rows name; the exchange lays them beside its declaration.
    """
    from attest.cli.load import optional_key, reading_of
    from attest.disk import refuse_existing, write_folder
    from attest.stating import party_of, read_stated, signable
    from attest.third_party import check_entity, sign_row
    from config.errors import InputError

    if (key is None) != (output is None):
        raise InputError("--key and -o go together", "leave both out to look at the rows")
    check_entity(entity)
    if output is not None:
        refuse_existing(output)
    stated = read_stated(_bytes(file), file.name, reading_of(assets, test=allow_test))
    signer, rows = party_of(stated, party), signable(stated, party)
    own = optional_key(key, passphrase_env, public)
    if own is not None and output is not None:
        folder = root or file.parent
        _check_key(folder, signer, own.public.keyid)
        documents = _documents(folder, rows)
        write_folder(output, {path: sign_row(row, entity, documents, own) for path, row in rows})
    _show(entity, rows, output, test=allow_test, as_json=as_json)


def _bytes(file: Path) -> bytes:
    from attest.disk import read_file
    from config.books.cells import MAX_BYTES

    return read_file(file, MAX_BYTES)


def _check_key(folder: Path, party: Party, keyid: str) -> None:
    """Refuse to sign with another key than the file names for the party: it would not verify."""
    from attest.disk import read_file
    from attest.keys import MAX_KEY_FILE, load_public
    from config.errors import InputError

    # A row that is signed is of a party with a key: the file is refused otherwise.
    path = party.key or ""
    named = load_public(read_file(folder / path, MAX_KEY_FILE), path)
    if named.keyid != keyid:
        hint = "the exchange must name the public key of the key that signs"
        raise InputError(f"{path}: key is {named.keyid}, signing is {keyid}", hint)


def _documents(folder: Path, rows: tuple[tuple[str, Row], ...]) -> dict[str, bytes]:
    from attest.disk import read_file
    from config.books.document import MAX_DOCUMENT

    named = {row.document.file for _, row in rows if row.document is not None}
    return {path: read_file(folder / path, MAX_DOCUMENT) for path in named if path is not None}


def _show(
    entity: str,
    rows: tuple[tuple[str, Row], ...],
    output: Path | None,
    *,
    test: bool,
    as_json: bool,
) -> None:
    from attest.cli.console import give, give_json, table
    from attest.stating import words_of
    from attest.third_party import fields_of

    if as_json:
        give_json(
            {
                "network": "test" if test else "main",
                "signed": output is not None,
                "rows": [
                    {
                        "row": row.where,
                        "signature": path,
                        "words": words_of(row),
                        "fields": fields_of(row, entity),
                    }
                    for path, row in rows
                ],
            }
        )
        return
    said = [(row.where, words_of(row), path) for path, row in rows]
    table("Statements", ("row", "what is stated", "signature"), said)
    marker = "TEST NETWORK: " if test else ""
    done = "signed" if output is not None else "not signed, nothing is written"
    give(f"{marker}rows for {entity}: {len(rows)}, {done}")
