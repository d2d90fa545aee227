"""The checkpoint: what a log says of itself, as a signed note.

    example.com/attestations                        origin: the log's name
    2                                               size: entries, decimal without leading zeros
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    root of the tree over them
    …                                               extension lines: opaque, kept

    — example.com/attestations Az3grlgtzPICa5OS8n…

A log that signs two checkpoints of which neither tree begins with the other shows two histories;
both together are the evidence of it. The bytes of a checkpoint are kept as they came: witnesses
signed them, and a proof carries them on.

Refused: fewer than three lines, an empty line, a size with a sign or a leading zero, a root that is
not 32 bytes in the one spelling of base64.

Source: c2sp.org/tlog-checkpoint@v1.0.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.note import Note, check_note, read_note, strict_base64
from attest.history.tree import DIGEST, MAX_SIZE, Head
from attest.history.vkey import write_base64
from config.errors import shown

if TYPE_CHECKING:
    from attest.errors import HistoryReason
    from attest.history.vkey import NoteKey

_BASE64 = 4 * -(-DIGEST // 3)
"""Characters of a hash in base64."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of a checkpoint, parsed."""

    origin: str
    head: Head
    extensions: tuple[str, ...] = ()
    """Lines that this version gives no meaning."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint that the log's key signed, with the note it came in."""

    checkpoint: Checkpoint
    note: Note

    @property
    def head(self) -> Head:
        """Size and root of the log."""
        return self.checkpoint.head


def checkpoint_text(checkpoint: Checkpoint) -> bytes:
    """Write the text that is signed."""
    lines = (
        checkpoint.origin,
        str(checkpoint.head.size),
        write_base64(checkpoint.head.root),
        *checkpoint.extensions,
    )
    return "".join(f"{line}\n" for line in lines).encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Read the text of a note as a checkpoint.

    Raises:
        InvalidHistory: with the reason `malformed_checkpoint`.
    """
    try:
        lines = text.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("not UTF-8") from error
    if len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
        raise _malformed(f"{len(lines)} lines, or an empty one; at least three expected")
    origin, size, root, *extensions = lines
    head = Head(
        parse_number(size, "malformed_checkpoint"), parse_hash(root, "malformed_checkpoint")
    )
    return Checkpoint(origin, head, tuple(extensions))


def open_checkpoint(data: bytes, origin: str, key: NoteKey) -> Opened:
    """Read a checkpoint of a log that is known.

    Args:
        data: the signed note.
        origin: the log's name, from whoever reads it.
        key: the log's key, likewise.

    Raises:
        InvalidHistory: malformed, of another log, or not signed by this key.
    """
    note = read_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        what = f"checkpoint of {shown(checkpoint.origin)}, expected {shown(origin)}"
        raise InvalidHistory("log_untrusted", what)
    check_note(note, key)
    return Opened(checkpoint, note)


def parse_number(text: str, reason: HistoryReason) -> int:
    """Read a size or index: decimal, no leading zero, at most `MAX_SIZE`."""
    if _NUMBER.fullmatch(text) is None or int(text) > MAX_SIZE:
        raise InvalidHistory(reason, f"not a number of entries: {shown(text)}")
    return int(text)


def parse_hash(text: str, reason: HistoryReason) -> bytes:
    """Read a hash of 32 bytes in base64."""
    data = strict_base64(text, _BASE64, reason)
    if len(data) != DIGEST:
        raise InvalidHistory(reason, f"hash of {len(data)} bytes, expected {DIGEST}")
    return data


def _malformed(what: str) -> InvalidHistory:
    return InvalidHistory("malformed_checkpoint", f"checkpoint: {what}")
