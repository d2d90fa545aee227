"""What is taken from a log in a file: the proof of one entry, and the proof of having only grown.

A `.tlog-proof` is all that a verifier needs offline, besides what he trusts:

    c2sp.org/tlog-proof@v1
    extra BASE64                 optional: opaque, signed by nobody
    index 1                      of the entry, from 0
    gSKyXoYZUgZ6jduWYrkDOARi…    the inclusion path, a hash a line
                                 an empty line
    example.com/attestations     the checkpoint, as it is
    2
    …

An extension leads from an earlier checkpoint, by its size, to a later one, and is what a witness is
sent:

    old 1
    B95lDa8R83lS8n0eG+o0buTx…    the consistency path
                                 an empty line
    example.com/attestations     the later checkpoint
    …

Reading looks at the form alone. One value has one text: written again it is the same bytes.

Source: c2sp.org/tlog-proof (`@v1`); the body of `add-checkpoint` of c2sp.org/tlog-witness. Chosen:
that body as a file, since no format for consistency proofs alone is specified, and it can be sent
to any witness as it is. Refused: JSON of our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.checkpoint import parse_hash, parse_number
from attest.history.note import MAX_NOTE, strict_base64
from attest.history.tree import MAX_PATH
from attest.history.vkey import write_base64
from config.errors import shown

if TYPE_CHECKING:
    from attest.history.tree import Path

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA = 64 * 1024
"""Characters of extra data, which nothing here uses."""
MAX_PROOF = MAX_NOTE + MAX_EXTRA + 64 * (MAX_PATH + 3)
"""Bytes of a file: the parts at their largest, lines of hashes and numbers being under 64."""


@dataclass(frozen=True, slots=True)
class LogProof:
    """A parsed proof of one entry; nothing in it is checked."""

    index: int
    path: Path
    checkpoint: bytes
    """The signed note, as it came."""
    extra: bytes | None = None
    """None if there is no such line."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A parsed proof that a log only grew; nothing in it is checked."""

    old: int
    """Size of the earlier checkpoint."""
    path: Path
    checkpoint: bytes
    """The later checkpoint, a signed note, as it came."""


def write_log_proof(proof: LogProof) -> bytes:
    """Write a proof of one entry."""
    extra = () if proof.extra is None else (f"extra {write_base64(proof.extra)}",)
    return _write((HEADER, *extra, f"index {proof.index}"), proof.path, proof.checkpoint)


def read_log_proof(data: bytes) -> LogProof:
    """Read a proof of one entry.

    Raises:
        InvalidHistory: with the reason `malformed_log_proof`.
    """
    lines, checkpoint = _split(data)
    if lines[0] != HEADER:
        raise _malformed(f"begins with {shown(lines[0])}, expected {HEADER!r}")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = strict_base64(lines[1].removeprefix("extra "), MAX_EXTRA, "malformed_log_proof")
        del lines[1]
    index, path = _body(lines[1:], "index ")
    return LogProof(index, path, checkpoint, extra)


def write_extension(extension: Extension) -> bytes:
    """Write a proof that a log only grew."""
    return _write((f"old {extension.old}",), extension.path, extension.checkpoint)


def read_extension(data: bytes) -> Extension:
    """Read a proof that a log only grew.

    Raises:
        InvalidHistory: with the reason `malformed_log_proof`.
    """
    lines, checkpoint = _split(data)
    old, path = _body(lines, "old ")
    return Extension(old, path, checkpoint)


def _write(lines: tuple[str, ...], path: Path, checkpoint: bytes) -> bytes:
    whole = (*lines, *(write_base64(one) for one in path), "")
    return "".join(f"{line}\n" for line in whole).encode() + checkpoint


def _split(data: bytes) -> tuple[list[str], bytes]:
    """Give the lines above the first empty one, and the bytes below it."""
    if len(data) > MAX_PROOF:
        raise _malformed(f"{len(data)} bytes, the limit is {MAX_PROOF}")
    head, empty, checkpoint = data.partition(b"\n\n")
    if not empty or not checkpoint:
        raise _malformed("no empty line with a checkpoint below it")
    try:
        return head.decode("ascii").split("\n"), checkpoint
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not ASCII") from error


def _body(lines: list[str], word: str) -> tuple[int, Path]:
    """Read the line with the number, and the hashes that follow it."""
    if not lines or not lines[0].startswith(word):
        raise _malformed(f"no line that begins with {word!r}")
    number, *hashes = lines
    if len(hashes) > MAX_PATH:
        raise _malformed(f"{len(hashes)} hashes, the limit is {MAX_PATH}")
    path = tuple(parse_hash(one, "malformed_log_proof") for one in hashes)
    return parse_number(number.removeprefix(word), "malformed_log_proof"), path


def _malformed(what: str) -> InvalidHistory:
    return InvalidHistory("malformed_log_proof", f"proof: {what}")
