"""attest log check: a log that somebody holds, against what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.log.files import FOLDER, ORIGIN, SINCE  # noqa: TC001 - typer reads them at run time
from attest.cli.options import JSON  # noqa: TC001 - the same

if TYPE_CHECKING:
    from pathlib import Path

    from attest.history.log import Log
    from attest.history.placement import Sighting

KEY = Annotated[
    str | None,
    typer.Option("--key", metavar="VKEY", help="The log's key, as `attest log key` prints it."),
]
WITNESSES = Annotated[
    list[str] | None,
    typer.Option("--witness", metavar="VKEY", help="A witness's key, likewise; several."),
]
UNCHECKED = 2


def check(
    folder: FOLDER,
    origin: ORIGIN = None,
    key: KEY = None,
    witness: WITNESSES = None,
    since: SINCE = None,
    as_json: JSON = False,
) -> int:
    """Check a log: entries against its checkpoint, its signature, and that it only grew.

    Exit code 1 if something is wrong; 2 without --key, since who signed it is not known then.
    """
    from attest.cli.console import give_json
    from attest.cli.log.files import head_document, read_log_folder, wrong
    from attest.errors import InvalidHistory
    from config.errors import InputError

    if key is None and (since or witness):
        raise InputError("options that do not go together", "--since and --witness need --key")
    try:
        log = read_log_folder(folder)
        sighting = _sighting(log, key, origin, tuple(witness or ()))
        grown = _grown(log, key, origin, since)
    except InvalidHistory as error:
        return wrong(error, as_json=as_json)
    if as_json:
        head = head_document(log.checkpoint.origin, log.checkpoint.head)
        give_json({**head, **_document(sighting), "since": grown, "reason": None})
    else:
        _print(log, sighting, grown)
    return UNCHECKED if sighting is None else 0


def _sighting(
    log: Log, key: str | None, origin: str | None, witnesses: tuple[str, ...]
) -> Sighting | None:
    """Hold the checkpoint to the key; None if none was given."""
    from attest.cli.log.files import trust_of
    from attest.errors import InvalidHistory
    from attest.history.placement import check_checkpoint

    if origin is not None and log.checkpoint.origin != origin:
        what = f"checkpoint of {log.checkpoint.origin!r}, expected {origin!r}"
        raise InvalidHistory("log_untrusted", what)
    return None if key is None else check_checkpoint(log.signed, trust_of(key, origin, witnesses))


def _grown(log: Log, key: str | None, origin: str | None, since: Path | None) -> int | None:
    """Hold the log to an earlier checkpoint; give its size, None if none was given."""
    from attest.cli.log.files import trust_of
    from attest.disk import read_file
    from attest.history.checkpoint import open_checkpoint
    from attest.history.log import prove_extension
    from attest.history.note import MAX_NOTE
    from attest.history.placement import check_extends, read_keys

    if since is None or key is None:
        return None
    trust, old = trust_of(key, origin), read_file(since, MAX_NOTE)
    size = open_checkpoint(old, trust.origin, read_keys(trust).log).head.size
    check_extends(old, log.signed, prove_extension(log, size).path, trust)
    return size


def _document(sighting: Sighting | None) -> dict[str, object]:
    if sighting is None:
        return {"signature": "unchecked", "witnessed": [], "unchecked": []}
    return {
        "signature": "valid",
        "witnessed": [{"name": name, "time": time} for name, time in sighting.witnessed],
        "unchecked": list(sighting.unchecked),
    }


def _print(log: Log, sighting: Sighting | None, grown: int | None) -> None:
    from attest.cli.console import give
    from config.times import format_time

    give(f"log: {log.checkpoint.origin}")
    give(f"entries: {log.checkpoint.head.size}, root {log.checkpoint.head.root.hex()}")
    if sighting is None:
        give("signature: unchecked (give --key)")
        return
    give("signature: valid")
    for name, time in sighting.witnessed:
        give(f"cosigned: {name}, {format_time(time)}")
    for signer in sighting.unchecked:
        give(f"unchecked: a signature of {signer}")
    if grown is not None:
        give(f"begins with the {grown} entries of the earlier checkpoint")
