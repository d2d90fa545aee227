"""A log and its witnesses for tests: the same keys and bytes at every run."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attest.errors import HistoryReason, InvalidHistory
from attest.history.cosignature import add_cosignature
from attest.history.log import append, start_log
from attest.history.note import check_note, read_note
from attest.history.placement import LogTrust
from attest.history.vkey import COSIGNATURE, ED25519, note_key, write_vkey
from attest.keys import SigningKey, public_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from attest.history.log import Log
    from attest.history.vkey import NoteKey

ORIGIN = "example.com/attestations"
NOW = 1_790_000_000
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "vectors/tlog/vectors.json").read_text()
)
SMALL_ORDER = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"


def key_from(seed: bytes) -> SigningKey:
    raw = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(raw.sign, public_key(raw.public_key()))


def key(name: str) -> SigningKey:
    """Give a key that follows from a name."""
    return key_from(sha256(name.encode()).digest())


KEY = key("log")


def digests(count: int, tag: str = "") -> tuple[bytes, ...]:
    """Give digests of as many payloads."""
    return tuple(sha256(f"{tag}{number}".encode()).digest() for number in range(count))


def log_of(entries: tuple[bytes, ...], holder: SigningKey = KEY, origin: str = ORIGIN) -> Log:
    """Make a log of these entries."""
    empty = start_log(origin, holder)
    return append(empty, entries, holder) if entries else empty


def vkey(name: str, kind: int = COSIGNATURE) -> str:
    """Give the line of a witness's key, or of another's of that name."""
    return write_vkey(note_key(key(name).public, name, kind))


TRUST = LogTrust(ORIGIN, write_vkey(note_key(KEY.public, ORIGIN, ED25519)), (), 0)


def witnessed_by(*names: str, quorum: int) -> LogTrust:
    """Trust the log and these witnesses."""
    return replace(TRUST, witnesses=tuple((name, vkey(name)) for name in names), quorum=quorum)


def cosigned(log: Log, *names: str, at: int = NOW) -> Log:
    """Let witnesses cosign the checkpoint of a log."""
    for name in names:
        log = replace(log, signed=add_cosignature(read_note(log.signed), key(name), name, at))
    return log


def outcome(check: Callable[..., object], *given: object) -> HistoryReason | None:
    """Run a check; give its reason, None if it held. Any other exception comes out."""
    try:
        check(*given)
    except InvalidHistory as error:
        return error.reason
    return None


def refused(reason: HistoryReason, check: Callable[..., object], *given: object) -> None:
    """Demand that a check fails for one reason."""
    with pytest.raises(InvalidHistory) as met:
        check(*given)
    assert reason == met.value.reason


def opened(data: bytes, known: NoteKey) -> None:
    """Read a note and hold it to a key."""
    check_note(read_note(data), known)


def changed(data: bytes, *, to: int = 1) -> Iterator[tuple[int, bytes]]:
    """Change every byte, one at a time."""
    for place, byte in enumerate(data):
        yield place, data[:place] + bytes((byte ^ to,)) + data[place + 1 :]
