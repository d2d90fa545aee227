"""attest liabilities prove: a customer's proof, or those of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.liabilities.options import FOLDER  # noqa: TC001 - typer reads them at run time
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.liabilities.proving import Prover

CUSTOMER = Annotated[
    str | None, typer.Option("--customer", metavar="ACCOUNT", help="Whose proof it is.")
]
ALL = Annotated[bool, typer.Option("--all", help="Prove for every customer: a line of JSON each.")]
OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="File to write; must not exist.")]
KEY_OUT = Annotated[
    Path | None,
    typer.Option("--key-out", help="Write the customer's key too, which he is given once."),
]


def prove(
    folder: FOLDER,
    output: OUTPUT,
    customer: CUSTOMER = None,
    everyone: ALL = False,
    key_out: KEY_OUT = None,
) -> None:
    """Write the proof that a customer is in the commitment with all that he is owed.

    He checks it with his account number, the identifier he gave, his key, and the set hash as it
    was published. With --all each line holds these three and the proof: it is for the exchange's
    own servers, and as secret as the folder.
    """
    from attest.cli.console import say
    from attest.disk import refuse_file, write_new
    from attest.liabilities.proving import open_prover, proof_bytes
    from attest.liabilities.store import PRIVATE

    if (customer is None) != everyone or (key_out is not None and everyone):
        raise InputError("--customer ACCOUNT and --all exclude each other", "give one of them")
    for file in (output, key_out):
        if file is not None:
            refuse_file(file)
    prover = open_prover(folder)
    if customer is None:
        _prove_all(prover, output)
        return
    holder, found = prover.find(customer)
    write_new(output, proof_bytes(prover.prove(holder, found)), PRIVATE)
    if key_out is not None:
        write_new(key_out, f"{found.key.hex()}\n".encode(), PRIVATE)
        say(f"key: {key_out}; give it to the customer once, and to nobody else")
    say(f"proof: {output}")


def _prove_all(prover: Prover, output: Path) -> None:
    from attest.cli.console import say
    from attest.cli.load import surroundings
    from attest.liabilities.store import write_lines

    progress, total = surroundings().progress, len(prover)

    def told() -> Iterator[bytes]:
        for done, line in enumerate(prover.lines(), 1):
            yield line
            progress("proofs", done, total)

    count = write_lines(output, told())
    say(f"proofs: {output}, {count} of {total} customers; nothing is owed to the others")
