"""attest challenge: issue the texts that the accounts' keys shall sign."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.observe import DECLARATION  # noqa: TC001 - the same
from attest.cli.sign import PASSPHRASE_ENV  # noqa: TC001 - the same

if TYPE_CHECKING:
    from config.challenges import Anchor
    from config.declaration import Declaration
    from config.registry import Registry

DAY = 86_400
DEFAULT_DAYS = 14


def challenge(
    declaration: DECLARATION,
    output: Annotated[Path, typer.Option("-o", "--output", help="challenges.json to write.")],
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The issuer's key; without it the file is unsigned."),
    ] = None,
    issuer: Annotated[
        str | None,
        typer.Option("--issuer", help="Who asks for the signatures; the entity itself by default."),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, help="How long the texts are valid.")
    ] = DEFAULT_DAYS,
    anchor: Annotated[
        list[str] | None,
        typer.Option("--anchor", metavar="'CHAIN HEIGHT HASH'", help="A recent block, repeatable."),
    ] = None,
    no_anchor: Annotated[
        bool, typer.Option("--no-anchor", help="Name no block: the texts could be signed ahead.")
    ] = False,
    passphrase_env: PASSPHRASE_ENV = None,
) -> None:
    """Issue one text for each declared account, with a new nonce and a recent block.

    The block is taken from the declared sources unless --anchor gives it.
    """
    import secrets
    import time

    from attest.challenges import NONCE_BYTES, issue, write_challenges
    from attest.cli.console import say
    from attest.cli.load import declaration_of, signing_key
    from attest.disk import read_file, write_new
    from chains.families import ChainAddresses
    from config.accounts import parse_accounts
    from config.registry import load_registry

    registry = load_registry()
    declared = declaration_of(declaration)
    name = declared.inputs.accounts
    data = read_file(declaration.parent / name)
    network = declared.attestation.network
    accounts = parse_accounts(data, name, registry, ChainAddresses(), network)
    stated = tuple(_anchor(text, registry) for text in anchor or ())
    anchors = stated if stated or no_anchor else _heads(declared, declaration.parent, registry)
    signer = signing_key(key, passphrase_env) if key is not None else None
    now = int(time.time())
    issued = issue(
        declared.entity,
        accounts,
        issuer or declared.entity.name,
        anchors,
        secrets.token_bytes(NONCE_BYTES),
        (now, now + days * DAY),
    )
    write_new(output, write_challenges(issued, signer))
    say(f"{len(issued.texts)} texts, valid until {issued.expiresAt}")


def _anchor(text: str, registry: Registry) -> Anchor:
    from config.challenges import Anchor
    from config.errors import InputError

    try:
        chain, height, digest = text.split()
        return Anchor(registry.chain(chain).id, height, digest)
    except ValueError as error:
        hint = "write --anchor 'bitcoin 925000 0000…'"
        raise InputError(f"anchor not understood: {text!r}", hint) from error


def _heads(declared: Declaration, folder: Path, registry: Registry) -> tuple[Anchor, ...]:
    """Ask the first source of every declared chain for its newest block."""
    import os
    import time

    from attest.disk import read_observation
    from attest.observe import open_tables
    from chains.blocks import BLOCKS
    from chains.errors import ChainError
    from config.challenges import Anchor
    from config.declaration import sources_by_chain

    hint = "give --anchor 'CHAIN HEIGHT HASH', or --no-anchor"
    tables = sources_by_chain(declared.sources, registry)
    opened = open_tables(tables, registry, folder, os.environ, time.sleep, read_observation)
    found = []
    for chain, sources in opened.items():
        head = BLOCKS[registry.chain(chain).family].head(sources[0])
        if head is None:
            raise ChainError(f"no newest block of {registry.chain(chain).name}", hint)
        found.append(Anchor(chain, str(head[0]), head[1]))
    if not found:
        raise ChainError("the declaration has no sources to take a recent block from", hint)
    return tuple(found)
