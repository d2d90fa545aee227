"""What the commands of `attest log` read and write: the log's folder, and digests to log.

A digest is given as 64 characters of hex, or as a bundle, whose digest is the SHA-256 of the one
payload in its folder `att`. While a log is changed there is a file `lock` in it: two that append at
once would sign two histories.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attest.errors import InvalidHistory
    from attest.history.log import Log
    from attest.history.placement import LogTrust
    from attest.history.tree import Head

FOLDER = Annotated[Path, typer.Argument(help="The log: a folder with `checkpoint` and `entries`.")]
ITEM = Annotated[str, typer.Argument(metavar="BUNDLE|DIGEST", help="A bundle, or a digest in hex.")]
ITEMS = Annotated[
    list[str],
    typer.Argument(metavar="BUNDLE|DIGEST…", help="Bundles, or digests of payloads in hex."),
]
ORIGIN = Annotated[
    str | None, typer.Option("--origin", help="The log's name; without it the name of its key.")
]
SINCE = Annotated[
    Path | None,
    typer.Option("--since", metavar="OLD_CHECKPOINT", help="A checkpoint seen earlier."),
]
PAYLOADS = "att/*.payload.json"
LOCK = "lock"
FAILED = 1
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def read_log_folder(folder: Path) -> Log:
    """Read a log's two files and hold them together.

    Raises:
        InputError: one is not there.
        InvalidHistory: malformed, or the entries are not those that are signed.
    """
    from attest.disk import read_file
    from attest.history.log import CHECKPOINT, ENTRIES, MAX_ENTRIES_FILE, read_log
    from attest.history.note import MAX_NOTE

    signed = read_file(folder / CHECKPOINT, MAX_NOTE)
    return read_log(signed, read_file(folder / ENTRIES, MAX_ENTRIES_FILE))


def digest_of(item: str) -> bytes:
    """Give the digest that is meant; raise InputError if a bundle has not exactly one payload."""
    from attest.disk import read_file
    from attest.statement import MAX_PAYLOAD

    if _DIGEST.fullmatch(item):
        return bytes.fromhex(item)
    found = sorted(Path(item).glob(PAYLOADS))
    if len(found) != 1:
        what = f"neither a digest nor a bundle: {item}: {len(found)} files {PAYLOADS}"
        raise InputError(what, "give a bundle folder, or 64 characters of lower-case hex")
    return hashlib.sha256(read_file(found[0], MAX_PAYLOAD)).digest()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep others from changing a log; raise InputError if it is being changed, or is none."""
    from attest.disk import write_new
    from attest.history.log import CHECKPOINT

    lock = folder / LOCK
    if not (folder / CHECKPOINT).is_file():
        raise InputError(f"no log: {folder}", "`attest log new` makes one")
    if lock.exists():
        hint = "if no other append is under way, one was interrupted: check the log, then remove it"
        raise InputError(f"log is being changed: {lock}", hint)
    write_new(lock, b"")
    try:
        yield
    finally:
        lock.unlink()


def trust_of(key: str, origin: str | None, witnesses: tuple[str, ...] = ()) -> LogTrust:
    """Trust a log by its key's one-line form, and witnesses by theirs; no quorum is asked for."""
    from attest.history.placement import LogTrust
    from attest.history.vkey import COSIGNATURE, ED25519, parse_vkey

    named = tuple((parse_vkey(one, COSIGNATURE).name, one) for one in witnesses)
    return LogTrust(origin or parse_vkey(key, ED25519).name, key, named, 0)


def head_document(origin: str, head: Head) -> dict[str, object]:
    """Give what names a log's state, for JSON."""
    return {"origin": origin, "size": head.size, "root": head.root.hex()}


def wrong(error: InvalidHistory, *, as_json: bool) -> int:
    """Say what is wrong with a log, and give the exit code for it."""
    from attest.cli.console import give_json, say

    if as_json:
        give_json({"reason": error.reason, "detail": error.what})
    say(f"{error.reason}: {error.what}")
    return FAILED
