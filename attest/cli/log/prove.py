"""attest log prove, consistency: files for those who do not have the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attest.cli.log.files import FOLDER, ITEM  # noqa: TC001 - typer reads them at run time
from attest.cli.options import JSON  # noqa: TC001 - the same

OUTPUT = Annotated[Path, typer.Option("-o", "--output", help="File to write; must not exist.")]
APART = Annotated[
    Path | None, typer.Option("-o", "--output", help="File to write; must not exist.")
]
ADD = Annotated[bool, typer.Option("--add", help="Put it into the bundle, over an earlier one.")]
FROM = Annotated[int, typer.Option("--from", min=0, help="Entries of the earlier checkpoint.")]


def prove(
    folder: FOLDER, item: ITEM, output: APART = None, add: ADD = False, as_json: JSON = False
) -> None:
    """Write the proof that a payload is in the log: a .tlog-proof with its checkpoint.

    It carries the witnesses' signatures that the log's checkpoint has: have it cosigned first.
    """
    from attest.cli.console import give, give_json
    from attest.cli.log.files import digest_of, head_document, read_log_folder
    from attest.disk import write_new
    from attest.history.log import prove_entry
    from attest.history.proof import write_log_proof
    from config.errors import InputError

    if (output is None) == (not add):
        raise InputError("give either -o or --add", "--add puts the proof into the bundle")
    digest, log = digest_of(item), read_log_folder(folder)
    proof = prove_entry(log, digest)
    written = write_log_proof(proof)
    if output is None:
        output = _add(Path(item), written)
    else:
        write_new(output, written)
    if as_json:
        found = {"index": proof.index, "digest": digest.hex(), "output": str(output)}
        give_json({**head_document(log.checkpoint.origin, log.checkpoint.head), **found})
    else:
        give(f"{output}: {digest.hex()} is entry {proof.index} of {log.checkpoint.head.size}")


def _add(bundle: Path, proof: bytes) -> Path:
    """Put a proof into a bundle; give where it lies."""
    from attest.apart import take_apart
    from attest.cli.adding import add_to
    from attest.disk import read_folder
    from attest.names import proof_name
    from attest.pipeline import number_of

    files = read_folder(bundle)
    name = proof_name(number_of(take_apart(files).predicate))
    add_to(bundle, files, {name: proof}, frozenset({name}))
    return bundle / name


def consistency(folder: FOLDER, size: FROM, output: OUTPUT, as_json: JSON = False) -> None:
    """Write the proof that the log begins with what an earlier checkpoint signed.

    It is what a witness is sent: `attest log cosign --consistency`.
    """
    from attest.cli.console import give, give_json
    from attest.cli.log.files import head_document, read_log_folder
    from attest.disk import write_new
    from attest.history.log import prove_extension
    from attest.history.proof import write_extension

    log = read_log_folder(folder)
    extension = prove_extension(log, size)
    write_new(output, write_extension(extension))
    head = log.checkpoint.head
    if as_json:
        found = {"from": size, "hashes": len(extension.path), "output": str(output)}
        give_json({**head_document(log.checkpoint.origin, head), **found})
    else:
        give(f"{output}: from {size} entries to {head.size}")
