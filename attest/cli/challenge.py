"""attest challenge: issue the texts that the accounts' keys shall sign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import DECLARATION, JSON, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time

if TYPE_CHECKING:
    from config.accounts import Accounts
    from config.challenges import Anchor, Challenges
    from config.declaration import Declaration
    from config.registry import Registry

DAY = 86_400
DEFAULT_DAYS = 14


OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="challenges.json to write.")]
KEY = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="The issuer's key; without it it is unsigned."),
]
ISSUER = Annotated[
    str | None,
    typer.Option("--issuer", help="Who asks for the signatures; the entity itself by default."),
]
DAYS = Annotated[int, typer.Option("--days", min=1, max=366, help="How long the texts are valid.")]
ANCHOR = Annotated[
    list[str] | None,
    typer.Option("--anchor", metavar="'CHAIN HEIGHT HASH'", help="A recent block, repeatable."),
]
LINES = Annotated[
    Path | None,
    typer.Option(
        "--lines", help="Also write the one-line form of each text, for devices that show little."
    ),
]
NO_ANCHOR = Annotated[
    bool, typer.Option("--no-anchor", help="Name no block: the texts could be signed ahead.")
]
TYPED = Annotated[
    Path | None,
    typer.Option("--typed-data", metavar="DIR", help="Write each EVM text as typed data too."),
]


def challenge(
    declaration: DECLARATION,
    output: OUTPUT,
    key: KEY = None,
    issuer: ISSUER = None,
    days: DAYS = DEFAULT_DAYS,
    anchor: ANCHOR = None,
    no_anchor: NO_ANCHOR = False,
    lines: LINES = None,
    typed: TYPED = None,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> None:
    """Issue one text for each declared account, with a new nonce and a recent block.

    Of accounts in a group only those that the nonce draws get one. The block is taken from the
    declared sources unless --anchor gives it. Typed data is for wallets that sign with
    eth_signTypedData_v4; the claim's scheme is then eip712.
    """
    import secrets
    import time

    from attest.challenges import NONCE_BYTES, issue, write_challenges
    from attest.cli.load import declaration_of, optional_key, sample_size_of
    from attest.disk import refuse_file, write_new
    from config.registry_files import load_registry

    declared, registry, folder = declaration_of(declaration), load_registry(), declaration.parent
    accounts = _accounts(declared, folder, registry)
    anchors = () if no_anchor else _anchors(anchor or [], declared, folder, registry)
    signer = optional_key(key, passphrase_env, public)
    name = issuer or declared.entity.name
    now, nonce = int(time.time()), secrets.token_bytes(NONCE_BYTES)
    window, drawn = (now, now + days * DAY), sample_size_of(declared, folder)
    issued = issue(declared.entity, accounts, name, anchors, nonce, window, drawn)
    refuse_file(output)
    _write_forms(issued, typed, lines)
    write_new(output, write_challenges(issued, signer))
    _show(issued, declared.attestation.network, as_json=as_json)


def _write_forms(issued: Challenges, typed: Path | None, lines: Path | None) -> None:
    from attest.challenges import typed_files, write_lines
    from attest.disk import write_folder, write_new

    if typed is not None:
        write_folder(typed, typed_files(issued))
    if lines is not None:
        write_new(lines, write_lines(issued))


def _show(issued: Challenges, network: str, *, as_json: bool) -> None:
    from attest.cli.console import give, give_json

    count = str(len(issued.texts))
    if as_json:
        give_json({"network": network, "texts": count, "expiresAt": issued.expiresAt})
        return
    marker = "TEST NETWORK: " if network == "test" else ""
    give(f"{marker}{count} texts, valid until {issued.expiresAt}")


def _accounts(declared: Declaration, folder: Path, registry: Registry) -> Accounts:
    from attest.disk import read_file
    from chains.families import ChainAddresses
    from config.accounts import parse_accounts
    from config.books.assets import parse_own_assets, with_own_assets
    from config.books.cells import Reading

    name, own = declared.inputs.accounts, declared.inputs.assets
    network, addresses = declared.attestation.network, ChainAddresses()
    if own is not None:
        reading = Reading(registry, addresses, network)
        registry = with_own_assets(
            registry, parse_own_assets(read_file(folder / own), own, reading)
        )
    return parse_accounts(read_file(folder / name), name, registry, addresses, network)


def _anchors(
    stated: list[str], declared: Declaration, folder: Path, registry: Registry
) -> tuple[Anchor, ...]:
    if stated:
        return tuple(_anchor(text, registry) for text in stated)
    return _heads(declared, folder, registry)


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
    from attest.cli.load import sources_of
    from chains.blocks import BLOCKS
    from chains.errors import ChainError
    from config.challenges import Anchor
    from config.declaration import sources_by_chain

    hint = "give --anchor 'CHAIN HEIGHT HASH', or --no-anchor"
    tables = sources_by_chain(declared.sources, registry)
    opened = sources_of(tables, registry, folder)
    found = []
    for chain, sources in opened.items():
        blocks = BLOCKS.get(registry.chain(chain).family)
        head = None if blocks is None else blocks.head(sources[0])
        if head is None:
            raise ChainError(f"no newest block of {registry.chain(chain).name}", hint)
        found.append(Anchor(chain, str(head[0]), head[1]))
    if not found:
        raise ChainError("the declaration has no sources to take a recent block from", hint)
    return tuple(found)
