"""When a signature was made, as far as a verifier can know, and whether its key counted then.

The signer's own word for it is nothing. A signature was made before a timestamp authority that the
verifier pins saw it, before a witness that he trusts saw its payload in a log, and before he looks;
the earliest of these is `before`. It was made after the blocks that its statement names (`after`).

A key counts if `before` is in its window, and not later than it was revoked, or than it may have
been stolen. A key whose time is over may have signed in time: where `after` is over too it did not;
else nobody knows, and a token would have told.

openssl and the other tools that read our envelopes know no windows: only this does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.errors import InvalidEnvelope, InvalidTimestamp
from attest.verdict import Note
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from attest.apart import Parts, Signed
    from attest.trust import Trust, TrustedKey

BLOCK_AHEAD = 7200
"""Seconds by which a block's time may run ahead of clocks: what Bitcoin's nodes accept."""


@dataclass(frozen=True, slots=True)
class Made:
    """Between which times, in Unix seconds, a signature was made."""

    after: int
    before: int
    stamped_by: tuple[str, ...]
    """Names of the timestamp authorities that the verifier trusts and that saw it."""
    notes: tuple[Note, ...] = ()
    """Tokens that are none of theirs, or that speak of a time before the blocks."""


def made(one: Signed, parts: Parts, trust: Trust, today: int, logged: int | None) -> Made:
    """Tell when a signature of a bundle was made.

    Args:
        one: the signature.
        parts: the bundle.
        trust: the verifier's; its authorities are asked.
        today: Unix seconds.
        logged: when trusted witnesses saw the payload's digest; None: they did not.

    Raises:
        InvalidEnvelope: a token under a pinned certificate does not verify.
    """
    times, names, notes = [today], set(), []
    if logged is not None and one.countersignature is None:
        times.append(logged)
    for token in parts.tokens:
        if token.label != one.label:
            continue
        found = _stamp(token.name, token.reply, one.signature, trust)
        if isinstance(found, Note):
            notes.append(found)
        else:
            names.add(found[0])
            times.append(found[1])
    pins = [parse_time(pin.block_time) for pin in parts.predicate.as_of.anchors]
    after, before = max(pins, default=0) - BLOCK_AHEAD, min(times)
    # A clock of the verifier's that is behind says nothing against the statement.
    if before < after and len(times) > 1:
        said = f"{format_time(before)}, the statement names a block of {format_time(max(pins))}"
        notes.append(Note("timestamp_before_block", f"{one.label}: {said}"))
    return Made(after, before, tuple(sorted(names)), tuple(notes))


def _stamp(name: str, reply: bytes, signature: bytes, trust: Trust) -> Note | tuple[str, int]:
    """Give the authority that gave a token, and its time; a note if the verifier knows none."""
    from attest.timestamps.rfc3161 import check_token  # noqa: PLC0415 - for bundles with tokens

    for authority in trust.authorities:
        try:
            stamp = check_token(reply, signature, authority)
        except InvalidTimestamp as error:
            if error.reason != "timestamp_untrusted":
                raise InvalidEnvelope(error.reason, f"{name}: {error.what}") from error
        else:
            return stamp.authority, stamp.time
    return Note("timestamp_untrusted", f"{name}: of no authority in the trust file")


def standing(key: TrustedKey, when: Made) -> Note | None:
    """Tell why a key does not count for a signature; None if it does.

    `time_unproved` is the one reason that a token could take away.
    """
    if key.begins is not None and when.before < key.begins:
        said = f"seen {format_time(when.before)}, the key counts from {format_time(key.begins)}"
        return Note("key_not_yet_valid", said)
    ends = [
        (time, reason)
        for time, reason in (
            (key.ends, "key_expired"),
            (None if key.revoked is None else key.revoked - 1, f"key_{key.reason}"),
        )
        if time is not None and when.before > time
    ]
    if not ends:
        return None
    time, reason = min(ends)
    last = format_time(time)
    if when.after > time:
        return Note(reason, f"it counted until {last}, the blocks are later")
    said = f"it counted until {last}, and no trusted time before that shows the signature"
    return Note("time_unproved", f"{reason}: {said}")
