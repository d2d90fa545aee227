"""attest witness: an auditor's signed word that he watched an account's key being used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads it at run time

if TYPE_CHECKING:
    from config.challenges import Challenges
    from config.registry import Registry

CHALLENGES = Annotated[Path, typer.Argument(help="The challenges.json that was issued.")]
ACCOUNTS = Annotated[list[str], typer.Argument(help="The account, or several of one ceremony.")]
KEY = Annotated[str, typer.Option("--key", metavar="KEY", help="The witness's own key.")]
NAME = Annotated[str, typer.Option("--witness", help="The witness's name.")]
HELD_AT = Annotated[
    str, typer.Option("--held-at", metavar="TIME", help="When it was, RFC 3339 with an offset.")
]
WHAT = Annotated[
    str,
    typer.Option("--what", help="transaction_signed, message_signed or device_opened."),
]
PLACE = Annotated[str | None, typer.Option("--place", help="Where it was held.")]
SIGNER = Annotated[
    str,
    typer.Option("--signer", metavar="PATH", help="Extended keys: the key that was used, as 0/5."),
]
OUTPUT = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="claims.csv to add the row to; stdout without it."),
]


def witness(
    challenges: CHALLENGES,
    accounts: ACCOUNTS,
    key: KEY,
    witness: NAME,
    held_at: HELD_AT,
    what: WHAT,
    place: PLACE = None,
    signer: SIGNER = "",
    output: OUTPUT = None,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
) -> None:
    """Sign that the key of an account was used before the witness, and write the claim's row.

    The row is of the text that was issued for the first account. It gives the band attested: a
    witness's word, which counts for nobody who does not trust the witness's key.
    """
    from attest.cli.console import give, say
    from attest.cli.load import signing_key
    from attest.disk import read_file, write_over
    from attest.witnessing import Watched, add_row, witness_row
    from config.registry_files import load_registry
    from config.times import parse_time

    registry, issued = load_registry(), _issued(challenges)
    watched = Watched(" ".join(accounts), witness, parse_time(held_at), what, place, signer)
    own = signing_key(key, passphrase_env, public)
    row = witness_row(watched, issued, registry, own)
    there = read_file(output) if output is not None and output.exists() else None
    name = "claims.csv" if output is None else output.name
    file = add_row(there, name, row, issued, registry)
    if _is_test(row["account"], registry):
        say("TEST NETWORK")
    if output is None:
        for line in file.decode().splitlines():
            give(line)
        return
    write_over(output, file)
    give(f"{output}: 1 row added, witnessed, {row['account']}")


def _issued(path: Path) -> Challenges:
    from attest.challenges import check_signature
    from attest.disk import read_file
    from config.challenges import parse_challenges
    from proofs.challenge import check_texts

    issued = parse_challenges(read_file(path), path.name)
    check_texts(issued, path.name)
    check_signature(issued)
    return issued


def _is_test(account: str, registry: Registry) -> bool:
    tests = tuple(f"{one.id}:" for one in registry.chains if one.network == "test")
    return account.startswith(tests)
