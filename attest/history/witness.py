"""A witness: he signs a log's checkpoint if it begins with all of the last one he saw.

What he saw last is the checkpoint with his own signature on it, which he keeps: no list, no clock
but his own, nothing to believe. A checkpoint that he has not signed is refused as what he saw, so
that nobody can hand him another beginning; so is one from the future of his own clock. The very
first is signed without any before it, and only when he says so.

He knows the log's key from its holder, never from the checkpoint. What is not held here is that the
checkpoint given as the last one is the last one: a witness who restores an old copy can be led to
sign a second history, and verifiers who compare (`equivocation`) will have his signature on both.

Source: c2sp.org/tlog-witness, the checks of `add-checkpoint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.history.checkpoint import Opened, open_checkpoint
from attest.history.cosignature import add_cosignature, cosigned_at
from attest.history.placement import LogTrust, read_keys
from attest.history.tree import check_consistency
from attest.history.vkey import COSIGNATURE, note_key
from config.errors import InputError
from config.times import format_time

if TYPE_CHECKING:
    from attest.history.tree import Path
    from attest.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns."""

    name: str
    key: SigningKey


def cosign_first(checkpoint: bytes, trust: LogTrust, witness: Witness, now: int) -> bytes:
    """Sign the first checkpoint that a witness sees of a log.

    Args:
        checkpoint: a signed note.
        trust: whose log it is.
        witness: who signs.
        now: Unix seconds.

    Returns:
        The checkpoint with one signature more, which he keeps and hands out.

    Raises:
        InputError: he signed this checkpoint already, or the trust is none.
        InvalidHistory: malformed, or not the log's.
        SigningError: not an Ed25519 key.
    """
    return _sign(_unsigned(checkpoint, trust, witness), witness, now)


def cosign_next(
    checkpoint: bytes, seen: bytes, path: Path, trust: LogTrust, witness: Witness, now: int
) -> bytes:
    """Sign a checkpoint that begins with all of the last one that a witness saw.

    Args:
        checkpoint: a signed note.
        seen: the last one that he signed, with his signature.
        path: the consistency path from there.
        trust: whose log it is.
        witness: who signs.
        now: Unix seconds.

    Raises:
        InputError: as `cosign_first`; or he did not sign what he is said to have seen, or signed it
            later than now.
        InvalidHistory: as `cosign_first`; or `log_behind`, `log_forked`, `log_rewritten`.
    """
    opened = _unsigned(checkpoint, trust, witness)
    before = _opened(seen, trust)
    then = _signed_at(before, witness)
    if then is None:
        hint = "give the file that your last `attest log cosign` wrote, or --first"
        raise InputError(f"last checkpoint is not cosigned by {witness.name!r}", hint)
    if then > now:
        what = f"last checkpoint was cosigned {format_time(then)}, now is {format_time(now)}"
        raise InputError(what, "is this machine's clock right?")
    check_consistency(before.head, opened.head, path)
    return _sign(opened, witness, now)


def _unsigned(checkpoint: bytes, trust: LogTrust, witness: Witness) -> Opened:
    opened = _opened(checkpoint, trust)
    then = _signed_at(opened, witness)
    if then is not None:
        raise InputError(f"already cosigned by {witness.name!r}, {format_time(then)}")
    return opened


def _opened(checkpoint: bytes, trust: LogTrust) -> Opened:
    return open_checkpoint(checkpoint, trust.origin, read_keys(trust).log)


def _signed_at(opened: Opened, witness: Witness) -> int | None:
    return cosigned_at(opened.note, note_key(witness.key.public, witness.name, COSIGNATURE))


def _sign(opened: Opened, witness: Witness, now: int) -> bytes:
    return add_cosignature(opened.note, witness.key, witness.name, now)
