"""Cosignatures: a witness's signed word that a log was append-only as far as he saw it.

    — auditor.example/w1 base64(id || time || signature)       a signature line of type 0x04

    time       8 bytes, big-endian: Unix seconds, by the witness's clock
    signature  Ed25519, 64 bytes, over

        cosignature/v1
        time 1679315147
        example.com/attestations                               the note's text, whole
        2
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

It says: at this time, this was the largest tree of that log that I saw, and it began with every
smaller one. What is signed does not name the witness: one key under two names would be two
witnesses, which `placement` refuses. Extension lines are signed along and nothing is said of them.
Refused: a time after the year 9999, which no report can write.

Source: c2sp.org/tlog-cosignature, `cosignature/v1`. Chosen: Ed25519, which `attest keys new`
makes. Refused for now: ML-DSA-44 (type 0x06), which the specification prefers for new
deployments; its lines are ignored like those of any unknown key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.note import Note, NoteSignature, blobs_of, write_note
from attest.history.vkey import COSIGNATURE, check_signature, note_key
from config.errors import shown
from config.times import MAX_TIME

if TYPE_CHECKING:
    from attest.history.vkey import NoteKey
    from attest.keys import SigningKey

_TIME = 8
_SIGNATURE = 64


def add_cosignature(note: Note, key: SigningKey, name: str, now: int) -> bytes:
    """Add a witness's signature to a checkpoint that he has checked.

    Args:
        note: the checkpoint, with the signatures it has.
        key: the witness's own.
        name: the witness's name.
        now: Unix seconds.

    Returns:
        The note with one line more.

    Raises:
        SigningError: not an Ed25519 key.
    """
    own = note_key(key.public, name, COSIGNATURE)
    blob = now.to_bytes(_TIME, "big") + key.sign(_message(note, now))
    signed = (*note.signatures, NoteSignature(name, own.id, blob))
    return write_note(Note(note.text, signed))


def cosigned_at(note: Note, key: NoteKey) -> int | None:
    """Tell when a witness signed a checkpoint.

    Args:
        note: the checkpoint.
        key: the witness's, of type 0x04.

    Returns:
        Unix seconds by his clock, the earliest if he signed more than once; None if he did not.

    Raises:
        InvalidHistory: `bad_log_signature`: a line of this key does not verify.
    """
    return min((_checked(note, key, blob) for blob in blobs_of(note, key)), default=None)


def _checked(note: Note, key: NoteKey, blob: bytes) -> int:
    time = int.from_bytes(blob[:_TIME], "big")
    if len(blob) != _TIME + _SIGNATURE or time > MAX_TIME:
        what = f"cosignature of {shown(key.name)} has {len(blob)} bytes and the time {time}"
        raise InvalidHistory("bad_log_signature", what)
    check_signature(key, blob[_TIME:], _message(note, time))
    return time


def _message(note: Note, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n%s" % (time, note.text)
