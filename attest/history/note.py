"""Signed notes: text with signature lines.

    example.com/attestations                          text, ends with a line feed
    2
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
                                                      an empty line
    — example.com/attestations Az3grlgtzPICa5OS8n…    em dash, space, name, space, base64

The base64 is of a key's id (`vkey`) and what that key's type makes a signature: for type 0x01
Ed25519 over the text. A key is never taken from a note: whoever reads one says which keys he knows.
Signatures of others are ignored, as the specification demands (a log changes keys, witnesses add
theirs); a wrong signature of a known key makes the note invalid.

Refused: text that is not UTF-8 or holds a control character but the line feed, base64 with a second
spelling, no signature, more than 100 of them.

Source: c2sp.org/signed-note@v1.0.0. Chosen: our own reader, since no maintained one in Python was
found; the mathematics is a library's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.vkey import (
    ED25519,
    ID,
    NoteKey,
    check_signature,
    is_name,
    note_key,
    write_base64,
)
from config.errors import shown
from proofs import base64text
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from attest.errors import HistoryReason
    from attest.keys import SigningKey

MAX_NOTE = 256 * 1024
"""Bytes of a note: sixteen signatures, which must be accepted, of 5 kB each, several times over."""
MAX_SIGNATURES = 100
_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature line. What it is worth is not known yet."""

    name: str
    id: bytes
    blob: bytes
    """What follows the id; its form depends on the key's type."""

    @property
    def signer(self) -> str:
        """Name and id of the key, as they begin its one-line form."""
        return f"{self.name}+{self.id.hex()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose form is checked and whose signatures are not."""

    text: bytes
    """With its final line feed, without the empty line."""
    signatures: tuple[NoteSignature, ...]


def read_note(data: bytes) -> Note:
    """Parse a note without looking at its signatures; raise InvalidHistory `malformed_note`."""
    if len(data) > MAX_NOTE:
        raise _malformed(f"{len(data)} bytes, the limit is {MAX_NOTE}")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not UTF-8") from error
    if _CONTROL.search(whole):
        raise _malformed("holds a control character")
    text, empty, block = whole.rpartition("\n\n")
    if not empty or not block.endswith("\n"):
        raise _malformed("no empty line before signatures, or no line feed at the end")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"{len(lines)} signatures, the limit is {MAX_SIGNATURES}")
    return Note(f"{text}\n".encode(), tuple(_signature(line) for line in lines))


def write_note(note: Note) -> bytes:
    """Write a note; raise InvalidHistory if it would not be read again."""
    lines = (f"{_DASH}{one.name} {write_base64(one.id + one.blob)}\n" for one in note.signatures)
    data = note.text + b"\n" + "".join(lines).encode()
    if read_note(data) != note:
        raise _malformed("text has no form as a note")
    return data


def sign_note(text: bytes, key: SigningKey, name: str) -> bytes:
    """Sign text as a note, with type 0x01.

    Raises:
        SigningError: not an Ed25519 key.
        InvalidHistory: the text cannot be a note's.
    """
    own = note_key(key.public, name, ED25519)
    return write_note(Note(text, (NoteSignature(name, own.id, key.sign(text)),)))


def blobs_of(note: Note, key: NoteKey) -> tuple[bytes, ...]:
    """Give what stands in the signature lines of a key, unchecked; empty if it has none."""
    return tuple(one.blob for one in note.signatures if (one.name, one.id) == (key.name, key.id))


def check_note(note: Note, key: NoteKey) -> None:
    """Return if the key, of type 0x01, signed the note.

    Raises:
        InvalidHistory: `log_untrusted` if it has no signature there, `bad_log_signature` if one
            does not verify.
    """
    blobs = blobs_of(note, key)
    if not blobs:
        signers = shown(", ".join(one.signer for one in note.signatures))
        what = f"not signed by {shown(key.name)}+{key.id.hex()}, but by {signers}"
        raise InvalidHistory("log_untrusted", what)
    for blob in blobs:
        check_signature(key, blob, note.text)


def strict_base64(text: str, limit: int, reason: HistoryReason) -> bytes:
    """Read base64 that has one spelling.

    Args:
        text: what stands in the file.
        limit: most characters that are looked at.
        reason: the code to raise if it is none, or is empty.
    """
    try:
        return base64text.decode(text, limit)
    except InvalidProof as error:
        raise InvalidHistory(reason, f"not base64 in its one spelling: {shown(text)}") from error


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not is_name(name):
        raise _malformed(f"not a signature line: {shown(line)}")
    data = strict_base64(encoded, MAX_NOTE, "malformed_note")
    if len(data) <= ID:
        raise _malformed(f"a signature of {len(data)} bytes")
    return NoteSignature(name, data[:ID], data[ID:])


def _malformed(what: str) -> InvalidHistory:
    return InvalidHistory("malformed_note", f"note: {what}")
