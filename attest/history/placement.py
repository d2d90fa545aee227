"""What a verifier asks of a log: that a payload is in it, that it only grew, and who saw that.

    trust = LogTrust("example.com/attestations", "example.com/attestations+033de0ae+Ac…",
                     (("auditor", "auditor.example/w1+5f2c…+BB…"),), 1)
    check_log_proof(proof, digest, trust)  ->  Placed(1, 2, root, (("auditor", 1679315147),), ())

The log's name, its key and the witnesses come from the verifier, never from what is checked. A
witness is a party: two keys of one name count once, one key under two names is refused, and the
log's own key witnesses nothing. What a proof carries that was not checked is named: signatures of
keys that the verifier does not know.

Times are the witnesses' words; there is no clock here. Whoever calls compares them with today.

Chosen: extra data in a proof is refused; nobody signed it, and it means nothing here. Refused:
passing over it; a bundle would hold bytes that nothing binds.

Source: c2sp.org/tlog-proof, c2sp.org/tlog-cosignature (one key must not serve two cosigners).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidHistory
from attest.history.checkpoint import Opened, open_checkpoint
from attest.history.cosignature import cosigned_at
from attest.history.proof import read_extension, read_log_proof
from attest.history.tree import check_consistency, check_inclusion
from attest.history.vkey import COSIGNATURE, ED25519, parse_vkey
from config.errors import InputError

if TYPE_CHECKING:
    from attest.history.tree import Head, Path
    from attest.history.vkey import NoteKey

Witnessed = tuple[tuple[str, int], ...]
"""Witness and Unix seconds, by name."""


@dataclass(frozen=True, slots=True)
class LogTrust:
    """A log that a verifier knows, and whom he believes about it."""

    origin: str
    key: str
    """The log's key in its one-line form, of type 0x01."""
    witnesses: tuple[tuple[str, str], ...]
    """Name that the verifier gives the party, and the key's one-line form, of type 0x04."""
    quorum: int
    """How many parties must have cosigned; 0 asks for none."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A log as one of its checkpoints shows it."""

    head: Head
    witnessed: Witnessed
    """The witnesses who signed this very checkpoint, and when, by their own clocks."""
    unchecked: tuple[str, ...]
    """Keys with a signature there that the verifier does not know: name and id."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a payload stands in a log."""

    index: int
    """From 0."""
    size: int
    root: bytes
    witnessed: Witnessed
    """As in `Sighting`."""
    unchecked: tuple[str, ...]
    """As in `Sighting`."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys of a `LogTrust`, read."""

    log: NoteKey
    witnesses: tuple[tuple[str, NoteKey], ...]


def read_keys(trust: LogTrust) -> LogKeys:
    """Read the keys of a log, and refuse what would count somebody twice.

    Raises:
        InputError: no name, a key that is none or of another type, one key twice, or a quorum that
            the witnesses cannot reach.
    """
    if not trust.origin:
        raise InputError("log without an origin")
    log = parse_vkey(trust.key, ED25519)
    witnesses = tuple((name, parse_vkey(vkey, COSIGNATURE)) for name, vkey in trust.witnesses)
    publics = [log.public, *(key.public for _, key in witnesses)]
    if len(set(publics)) != len(publics):
        raise InputError(f"log {trust.origin!r}: one key stands there twice")
    names = {name for name, _ in witnesses}
    if not 0 <= trust.quorum <= len(names):
        what = f"quorum is {trust.quorum}, there are {len(names)} witnesses"
        raise InputError(f"log {trust.origin!r}: {what}")
    return LogKeys(log, witnesses)


def check_checkpoint(checkpoint: bytes, trust: LogTrust) -> Sighting:
    """Check that a checkpoint is of a log which the verifier knows, and that witnesses saw it.

    Args:
        checkpoint: a signed note.
        trust: the verifier's.

    Raises:
        InputError: the trust itself is none.
        InvalidHistory: as `check_log_proof`, the proof and its path apart.
    """
    keys = read_keys(trust)
    return _sighting(open_checkpoint(checkpoint, trust.origin, keys.log), keys, trust.quorum)


def check_log_proof(proof: bytes, digest: bytes, trust: LogTrust) -> Placed:
    """Check that a log which the verifier knows holds a digest, and that witnesses saw it.

    Args:
        proof: the file, a C2SP tlog-proof.
        digest: SHA-256 of the payload, 32 bytes.
        trust: the verifier's.

    Raises:
        InputError: the trust itself is none.
        InvalidHistory: the first that is not met of: the form (`malformed_log_proof`,
            `malformed_note`, `malformed_checkpoint`), the log and its signature (`log_untrusted`,
            `bad_log_signature`), the path (`not_in_log`), the witnesses (`bad_log_signature`,
            `witnesses_missing`).
    """
    keys, parsed = read_keys(trust), read_log_proof(proof)
    if parsed.extra is not None:
        raise InvalidHistory("malformed_log_proof", "proof: extra data, which nobody signed")
    opened = open_checkpoint(parsed.checkpoint, trust.origin, keys.log)
    check_inclusion(digest, parsed.index, parsed.path, opened.head)
    sighting = _sighting(opened, keys, trust.quorum)
    head = opened.head
    return Placed(parsed.index, head.size, head.root, sighting.witnessed, sighting.unchecked)


def check_extends(old: bytes, new: bytes, path: Path, trust: LogTrust) -> None:
    """Return if a log's later checkpoint begins with all that the earlier one holds.

    Args:
        old: the earlier checkpoint, a signed note.
        new: the later one, likewise.
        path: the consistency path between them.
        trust: the verifier's; witnesses and quorum are not asked for.

    Raises:
        InputError: the trust itself is none.
        InvalidHistory: one is malformed or not the log's; `log_behind`, the later one is smaller;
            `log_forked`, two roots of one size; `log_rewritten`, the path does not lead there.
    """
    key = read_keys(trust).log
    earlier = open_checkpoint(old, trust.origin, key)
    later = open_checkpoint(new, trust.origin, key)
    check_consistency(earlier.head, later.head, path)


def check_extension(old: bytes, extension: bytes, trust: LogTrust) -> None:
    """Return if the file of an extension leads from a checkpoint that is known to a later one.

    Raises:
        InputError, InvalidHistory: as `check_extends`; `malformed_log_proof` for another form, or
            an extension from another size.
    """
    parsed = read_extension(extension)
    size = open_checkpoint(old, trust.origin, read_keys(trust).log).head.size
    if parsed.old != size:
        what = f"proof: leads from size {parsed.old}, the known checkpoint has {size}"
        raise InvalidHistory("malformed_log_proof", what)
    check_extends(old, parsed.checkpoint, parsed.path, trust)


def _sighting(opened: Opened, keys: LogKeys, quorum: int) -> Sighting:
    """Tell who cosigned, each witness's earliest time, and whose signatures are not known."""
    found: dict[str, int] = {}
    for name, key in keys.witnesses:
        time = cosigned_at(opened.note, key)
        if time is not None:
            found[name] = min(time, found.get(name, time))
    if len(found) < quorum:
        what = f"cosigned by {len(found)} of the witnesses, {quorum} are required"
        raise InvalidHistory("witnesses_missing", what)
    known = {(key.name, key.id) for key in (keys.log, *(key for _, key in keys.witnesses))}
    others = {one.signer for one in opened.note.signatures if (one.name, one.id) not in known}
    return Sighting(opened.head, tuple(sorted(found.items())), tuple(sorted(others)))
