"""attest log cosign: a witness signs a checkpoint that only adds to the last one he saw."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.log.files import ORIGIN  # noqa: TC001 - typer reads them at run time
from attest.cli.options import JSON, KEY, PASSPHRASE_ENV  # noqa: TC001 - the same
from config.errors import InputError

if TYPE_CHECKING:
    from attest.history.placement import LogTrust
    from attest.history.tree import Path as Hashes
    from attest.history.witness import Witness

CHECKPOINT = Annotated[Path, typer.Argument(help="The log's checkpoint, a file.")]
NAME = Annotated[
    str, typer.Option("--name", help="The witness's name, such as auditor.example/w1.")
]
LOG_KEY = Annotated[
    str, typer.Option("--log-key", metavar="VKEY", help="The log's key, from its holder.")
]
SINCE = Annotated[
    Path | None,
    typer.Option(
        "--since", metavar="OLD_CHECKPOINT", help="The last checkpoint that this witness cosigned."
    ),
]
LOG = Annotated[Path | None, typer.Option("--log", help="The log's folder: its entries show it.")]
CONSISTENCY = Annotated[
    Path | None,
    typer.Option("--consistency", help="The file of `attest log consistency`, without the log."),
]
FIRST = Annotated[
    bool, typer.Option("--first", help="Sign without an earlier one: the first this witness sees.")
]
OUTPUT = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="File to write: a new one, or that of --since, which it replaces."
    ),
]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What shows that the log only grew."""

    since: Path | None
    log: Path | None
    consistency: Path | None


def cosign(
    checkpoint: CHECKPOINT,
    key: KEY,
    name: NAME,
    log_key: LOG_KEY,
    since: SINCE = None,
    log: LOG = None,
    consistency: CONSISTENCY = None,
    first: FIRST = False,
    origin: ORIGIN = None,
    output: OUTPUT = None,
    passphrase_env: PASSPHRASE_ENV = None,
    as_json: JSON = False,
) -> int:
    """Cosign a checkpoint, and write it with the signature added: to keep, and to hand out.

    It is signed only if it begins with all that the last one held. Exit code 1 if it does not.
    """
    from attest.cli.load import signing_key
    from attest.cli.log.files import trust_of, wrong
    from attest.disk import refuse_file
    from attest.errors import InvalidHistory
    from attest.history.witness import Witness

    _refuse_mixed(since, log, consistency, first=first)
    if output is not None and output != since:
        refuse_file(output)
    trust = trust_of(log_key, origin)
    witness, now = Witness(name, signing_key(key, passphrase_env)), int(time.time())
    try:
        signed = _signed(checkpoint, _Shown(since, log, consistency), trust, witness, now)
    except InvalidHistory as error:
        return wrong(error, as_json=as_json)
    _give(signed, output, since, now, as_json=as_json)
    return 0


def _refuse_mixed(
    since: Path | None, log: Path | None, consistency: Path | None, *, first: bool
) -> None:
    if first == (since is not None):
        hint = "give --since with the last checkpoint you cosigned, or --first if there is none"
        raise InputError("the last checkpoint is not said", hint)
    if (log is not None) + (consistency is not None) != (since is not None):
        raise InputError("options that do not go together", "--since takes --log or --consistency")


def _signed(checkpoint: Path, shown: _Shown, trust: LogTrust, witness: Witness, now: int) -> bytes:
    from attest.disk import read_file
    from attest.history.note import MAX_NOTE
    from attest.history.witness import cosign_first, cosign_next

    given = read_file(checkpoint, MAX_NOTE)
    if shown.since is None:
        return cosign_first(given, trust, witness, now)
    seen = read_file(shown.since, MAX_NOTE)
    return cosign_next(given, seen, _path(given, seen, trust, shown), trust, witness, now)


def _path(given: bytes, seen: bytes, trust: LogTrust, shown: _Shown) -> Hashes:
    """Take the path from the last checkpoint to this one out of the log, or out of its proof."""
    from attest.cli.log.files import read_log_folder
    from attest.disk import read_file
    from attest.errors import InvalidHistory
    from attest.history.checkpoint import open_checkpoint
    from attest.history.placement import read_keys
    from attest.history.proof import MAX_PROOF, read_extension
    from attest.history.tree import consistency_path, tree_root

    known = read_keys(trust).log
    old, new = (open_checkpoint(one, trust.origin, known).head for one in (seen, given))
    if shown.consistency is not None:
        parsed = read_extension(read_file(shown.consistency, MAX_PROOF))
        if parsed.old != old.size:
            what = f"proof leads from {parsed.old} entries, the last checkpoint has {old.size}"
            raise InputError(what, f"ask for that of `attest log consistency --from {old.size}`")
        return parsed.path
    if shown.log is None or old.size >= new.size:
        return ()
    # The log may have grown past the checkpoint that is to be signed.
    entries = read_log_folder(shown.log).entries[: new.size]
    if tree_root(entries) != new.root:
        what = f"first {new.size} entries of {shown.log} are not those of the checkpoint"
        raise InvalidHistory("log_rewritten", what)
    return consistency_path(entries, old.size)


def _give(
    signed: bytes, output: Path | None, since: Path | None, now: int, *, as_json: bool
) -> None:
    from attest.cli.console import give, give_json
    from attest.disk import write_new, write_over
    from config.times import format_time

    if output is not None:
        write_over(output, signed) if output == since else write_new(output, signed)
    if as_json:
        give_json({"reason": None, "time": format_time(now), "checkpoint": signed.decode()})
    elif output is None:
        for line in signed.decode().splitlines():
            give(line)
    else:
        give(f"{output}: cosigned {format_time(now)}")
