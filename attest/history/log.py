"""A log: payload digests in order, and the signed checkpoint over them; two plain files.

    checkpoint    the latest checkpoint, a signed note with the log's signature and its witnesses'
    entries       one digest a line: SHA-256 of a payload, 64 characters of lower-case hex

Entries are only ever added. Every reading makes the root again and compares it with the signed one,
so that a line that was changed, left out or moved is seen before anything is done with the log.
What a reading cannot see is a holder who changes an entry and signs again: for that somebody else
must have kept a checkpoint, or cosigned one.

Refused: a digest that is there already (its index is shown), another spelling of a digest, an entry
that no checkpoint signs, a last line without its line feed.

Chosen: two text files that `wc`, `sha256sum` and any log's tools can read. Refused: tiles and a
database, made for logs of billions of entries; and a date beside each entry, which would be the
holder's word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.checkpoint import (
    Checkpoint,
    Opened,
    checkpoint_text,
    open_checkpoint,
    parse_checkpoint,
)
from attest.history.note import read_note, sign_note
from attest.history.proof import Extension, LogProof
from attest.history.tree import Head, consistency_path, inclusion_path, tree_root
from attest.history.vkey import ED25519, note_key
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attest.keys import SigningKey

CHECKPOINT = "checkpoint"
ENTRIES = "entries"
MAX_ENTRIES = 1 << 20
"""An attestation an hour for a century; a reading hashes them all."""
MAX_ENTRIES_FILE = MAX_ENTRIES * 65
"""Bytes: 64 characters and a line feed each."""
_ENTRY = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose entries are those that its checkpoint has the root of."""

    entries: tuple[bytes, ...]
    """Digests of 32 bytes."""
    signed: bytes
    """The checkpoint, a signed note."""
    checkpoint: Checkpoint
    """The same, parsed. Who signed it is not known yet."""


def start_log(origin: str, key: SigningKey) -> Log:
    """Make an empty log.

    Args:
        origin: the log's name, and its key's in the notes.
        key: an Ed25519 key.

    Raises:
        InputError: no name for a log.
        SigningError: not an Ed25519 key.
    """
    return _signed(origin, (), key)


def read_log(signed: bytes, entries: bytes) -> Log:
    """Read the two files of a log.

    Raises:
        InvalidHistory: malformed, or the entries are not those that the checkpoint signs.
    """
    checkpoint = parse_checkpoint(read_note(signed).text)
    digests = _parse_entries(entries)
    if len(digests) != checkpoint.head.size:
        hint = "if an append was interrupted, remove the lines that no checkpoint signs"
        what = f"{len(digests)} entries, the checkpoint signs {checkpoint.head.size}"
        raise InvalidHistory("malformed_log", what, hint)
    root = tree_root(digests)
    if root != checkpoint.head.root:
        what = f"root of the entries is {root.hex()}, signed is {checkpoint.head.root.hex()}"
        raise InvalidHistory("log_rewritten", what)
    return Log(digests, signed, checkpoint)


def append(log: Log, digests: Sequence[bytes], key: SigningKey) -> Log:
    """Add digests at the end, and sign a checkpoint over all.

    Args:
        log: as it stands.
        digests: one or more, none of which is in the log.
        key: the one that signed the log's checkpoint.

    Raises:
        InputError: a digest is there already, is given twice, or there is no place for it.
        InvalidHistory: another key signed the checkpoint.
    """
    open_log(log, key)
    known = {digest: index for index, digest in enumerate(log.entries)}
    for digest in digests:
        if digest in known:
            raise InputError(f"already in the log: {digest.hex()}, index {known[digest]}")
        known[digest] = len(known)
    if not digests or len(known) > MAX_ENTRIES:
        raise InputError(f"{len(digests)} entries to add to {len(log.entries)}, {MAX_ENTRIES} most")
    return _signed(log.checkpoint.origin, (*log.entries, *digests), key)


def open_log(log: Log, key: SigningKey) -> Opened:
    """Hold a log to the key of its holder.

    Raises:
        InvalidHistory: the checkpoint is not signed by this key under the log's own name.
    """
    origin = log.checkpoint.origin
    return open_checkpoint(log.signed, origin, note_key(key.public, origin, ED25519))


def entries_bytes(log: Log) -> bytes:
    """Write the file `entries`."""
    return "".join(f"{digest.hex()}\n" for digest in log.entries).encode()


def prove_entry(log: Log, digest: bytes) -> LogProof:
    """Prove that a digest is in the log; raise InvalidHistory `not_in_log` if it is not."""
    if digest not in log.entries:
        what = f"{digest.hex()} is none of {len(log.entries)} entries"
        raise InvalidHistory("not_in_log", what)
    index = log.entries.index(digest)
    return LogProof(index, inclusion_path(log.entries, index), log.signed)


def prove_extension(log: Log, old: int) -> Extension:
    """Prove that the log begins with its first `old` entries.

    Raises:
        InvalidHistory: `log_behind`, the log has fewer.
    """
    return Extension(old, consistency_path(log.entries, old), log.signed)


def _signed(origin: str, entries: tuple[bytes, ...], key: SigningKey) -> Log:
    checkpoint = Checkpoint(origin, Head(len(entries), tree_root(entries)))
    return Log(entries, sign_note(checkpoint_text(checkpoint), key, origin), checkpoint)


def _parse_entries(data: bytes) -> tuple[bytes, ...]:
    if len(data) > MAX_ENTRIES_FILE:
        raise _malformed(f"{len(data)} bytes, the limit is {MAX_ENTRIES_FILE}")
    try:
        *lines, last = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not ASCII") from error
    if last or not all(map(_ENTRY.fullmatch, lines)):
        raise _malformed("a line is not 64 characters of lower-case hex and a line feed")
    digests = tuple(map(bytes.fromhex, lines))
    if len(set(digests)) != len(digests):
        raise _malformed("one digest stands there twice")
    return digests


def _malformed(what: str) -> InvalidHistory:
    return InvalidHistory("malformed_log", f"entries: {what}")
