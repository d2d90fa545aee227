"""attest liabilities prove: a customer's proof, or those of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.liabilities.options import FOLDER  # noqa: TC001 - typer reads them at run time
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attest.liabilities.proving import Prover

CUSTOMER = Annotated[
    str | None, typer.Option("--customer", metavar="ACCOUNT", help="Whose proof it is.")
]
ALL = Annotated[bool, typer.Option("--all", help="Prove for every customer: a line of JSON each.")]
SAMPLE = Annotated[
    int | None,
    typer.Option("--sample", min=1, help="Prove for so many customers that --seed draws."),
]
SEED = Annotated[
    str | None,
    typer.Option("--seed", help="What the sample is drawn by, fixed after the set was published."),
]
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
    sample: SAMPLE = None,
    seed: SEED = None,
    key_out: KEY_OUT = None,
) -> None:
    """Write the proof that a customer is in the commitment with all that he is owed.

    He checks it with his account number, the identifier he gave, his key, and the set hash as it
    was published. With --all and --sample each line holds account, identifier, key and proof: it is
    as secret as the folder. An auditor who rebuilt the folder draws the same sample.
    """
    from attest.disk import refuse_file
    from attest.liabilities.proving import open_prover

    if [customer is not None, everyone, sample is not None].count(True) != 1:
        raise InputError("whose proof is not said", "give one of --customer, --all and --sample")
    if (sample is None) != (seed is None) or (key_out is not None and customer is None):
        hint = "--seed goes with --sample, --key-out with --customer"
        raise InputError("options that do not go together", hint)
    for file in (output, key_out):
        if file is not None:
            refuse_file(file)
    prover = open_prover(folder)
    if customer is not None:
        _prove_one(prover, customer, output, key_out)
    elif sample is not None and seed is not None:
        _prove_many(prover, prover.drawn(seed, sample), output)
    else:
        _prove_many(prover, range(len(prover)), output)


def _prove_one(prover: Prover, customer: str, output: Path, key_out: Path | None) -> None:
    from attest.cli.console import say
    from attest.disk import write_new
    from attest.liabilities.proving import proof_bytes
    from attest.liabilities.store import PRIVATE

    holder, found = prover.find(customer)
    write_new(output, proof_bytes(prover.prove(holder, found)), PRIVATE)
    if key_out is not None:
        write_new(key_out, f"{found.key.hex()}\n".encode(), PRIVATE)
        say(f"key: {key_out}; give it to the customer once, and to nobody else")
    say(f"proof: {output}")


def _prove_many(prover: Prover, places: Sequence[int], output: Path) -> None:
    from attest.cli.console import say
    from attest.cli.load import surroundings
    from attest.liabilities.store import write_lines

    progress, total = surroundings().progress, len(places)

    def told() -> Iterator[bytes]:
        for done, line in enumerate(prover.lines(places), 1):
            yield line
            progress("proofs", done, total)

    count = write_lines(output, told())
    say(f"proofs: {output}, of {count} customers")
