"""What is fuzzed of the attestation: what a bundle holds, and what a verifier writes.

Each is a function of bytes, as in `targets`. Where a form has one text for each value, what was
read is written again and must be the same bytes.
"""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING

from attest.apart import read_payload, take_apart
from attest.countersignature import COUNTERSIGNATURE_TYPE, read_countersignature, to_document
from attest.disclosing import profile_in
from attest.envelope import read_envelope
from attest.errors import InvalidEnvelope, InvalidHistory, InvalidOpening, InvalidTimestamp
from attest.history.checkpoint import checkpoint_text, parse_checkpoint
from attest.history.log import read_log
from attest.history.note import read_note, write_note
from attest.history.proof import read_extension, read_log_proof, write_extension, write_log_proof
from attest.history.vkey import COSIGNATURE, parse_vkey, write_vkey
from attest.opening import check_opening
from attest.predicate import to_document as predicate_document
from attest.sealing import read_list
from attest.statement import canonical, read_statement
from attest.timestamps.tokens import kept, read_reply, read_token
from attest.trust import parse_trust
from config.errors import InputError
from config.procedures import parse_procedures
from config.registry_files import load_registry
from tests.bundles.running import VECTORS, read_below

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.apart import Parts

OURS = (InputError, InvalidEnvelope, InvalidHistory, InvalidOpening, InvalidTimestamp)
ABOUT = "00" * 32
"""What countersignatures of the corpus are about."""
REGISTRY = load_registry()


def same(first: bytes, second: bytes) -> None:
    if first != second:
        raise ValueError("two texts for one value")


def envelope(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        read_envelope(data)


def payload(data: bytes) -> None:
    """Read a statement; what is read of its predicate says all that stands there."""
    with contextlib.suppress(*OURS):
        statement, predicate = read_payload(data)
        same(canonical(statement.predicate), canonical(predicate_document(predicate)))


def countersignature(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        found = read_countersignature(data, ABOUT)
        statement = read_statement(data)
        same(canonical(statement.predicate), canonical(to_document(found)))
        if statement.predicate_type != COUNTERSIGNATURE_TYPE:
            raise ValueError("another type was read")


def _beside(name: str) -> bytes:
    """Give a key, certificate or list of prices of the vectors, whatever the path to it."""
    files = read_below(VECTORS / "keys") | read_below(VECTORS / "prices-agree" / "trust")
    try:
        return files[name.rpartition("/")[2]]
    except KeyError as error:
        raise InputError(f"no such file: {name}") from error


def trust(data: bytes) -> None:
    """Read a trust file: no key stands under two parties, whatever it says."""
    with contextlib.suppress(*OURS):
        found = parse_trust(data, "trust.toml", REGISTRY, _beside)
        keyids = [key.keyid for party in found.parties for key in party.keys]
        if not keyids or len(set(keyids)) != len(keyids):
            raise ValueError("no key, or one under two parties")


def procedures(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        parse_procedures(data, "procedures.toml")


def manifest(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        profile_in(data)


def sealed_list(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        read_list(data)


@cache
def _sealed() -> Parts:
    return take_apart(read_below(VECTORS / "good" / "sealed"))


def opening(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        check_opening(data, _sealed())


def checkpoint(data: bytes) -> None:
    """Read a signed note and what stands in it."""
    with contextlib.suppress(*OURS):
        note = read_note(data)
        same(data, write_note(note))
        same(note.text, checkpoint_text(parse_checkpoint(note.text)))


def log_proof(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        same(data, write_log_proof(read_log_proof(data)))


def log_extension(data: bytes) -> None:
    with contextlib.suppress(*OURS):
        same(data, write_extension(read_extension(data)))


def log_files(data: bytes) -> None:
    """Read a log's two files, apart at the first NUL."""
    signed, _, entries = data.partition(b"\0")
    with contextlib.suppress(*OURS):
        read_log(signed, entries)


def verifier_key(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(*OURS):
        same(text.encode(), write_vkey(parse_vkey(text, COSIGNATURE)).encode())


def timestamp(data: bytes) -> None:
    """Read a token in its kept form, and a reply in whatever form an authority sends it."""
    with contextlib.suppress(*OURS):
        once = kept(read_reply(data))
        same(once, kept(read_token(once)))


BUNDLE_TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "envelope": envelope,
    "payload": payload,
    "countersignature": countersignature,
    "trust": trust,
    "procedures": procedures,
    "manifest": manifest,
    "sealed-list": sealed_list,
    "opening": opening,
    "checkpoint": checkpoint,
    "log-proof": log_proof,
    "log-extension": log_extension,
    "log-files": log_files,
    "verifier-key": verifier_key,
    "timestamp": timestamp,
}
