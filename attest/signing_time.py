"""When a signature was made, as far as a verifier can know, and whether its key counted then.

The signer's own word for it is nothing. A signature was made before timestamp authorities that the
verifier pins saw it, before witnesses that he trusts saw its payload in a log, and before he looks;
the earliest of these is `before`. It was made after the blocks that its statement names (`after`).

Of the authorities as many have to agree as he requires: where he asks for two, the time is that of
the second, so that one that lies, or lost its key, moves nothing back. A log holds the digest of a
payload and no signature; it speaks for the entity's own signature alone, since whoever stole
another party's key could sign what lies in a log for long.

A key counts if `before` is in its window, and earlier than it was revoked, or than it may have been
stolen. A key whose time is over may have signed in time: where `after` is over too it did not; else
nobody knows, and a token would have told.

What other parties signed inside a statement (issued texts, rows of custodians) was there before the
entity's signature; nothing else is known of its time (`counting`).

openssl and the other tools that read our envelopes know no windows: only this does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.errors import InvalidEnvelope, InvalidTimestamp
from attest.verdict import Note
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        logged: when trusted witnesses saw the payload's digest, in Unix seconds; None: they did
            not. It counts for the entity's own signature.

    Raises:
        InvalidEnvelope: a token under a pinned certificate does not verify.
    """
    stamps, notes = _stamps(one, parts, trust)
    witnessed = () if logged is None or one is not parts.signer else (logged,)
    pins = [parse_time(pin.block_time) for pin in parts.predicate.as_of.anchors]
    after = max(pins, default=0) - BLOCK_AHEAD
    first = min((*stamps.values(), *witnessed), default=None)
    # The verifier's own clock is not asked: one that is behind says nothing against the statement.
    if first is not None and first < after:
        said = f"{format_time(first)}, the statement names a block of {format_time(max(pins))}"
        notes.append(Note("timestamp_before_block", f"{one.label}: {said}"))
    agreed = _agreed(stamps.values(), trust.require.timestamps)
    return Made(after, min((today, *agreed, *witnessed)), tuple(sorted(stamps)), tuple(notes))


def _stamps(one: Signed, parts: Parts, trust: Trust) -> tuple[dict[str, int], list[Note]]:
    """Give when each authority that the verifier pins first saw a signature, and what others say.

    Raises:
        InvalidEnvelope: a token under a pinned certificate does not verify.
    """
    stamps: dict[str, int] = {}
    notes: list[Note] = []
    for token in parts.tokens:
        if token.label != one.label:
            continue
        found = _stamp(token.name, token.reply, one.signature, trust)
        if isinstance(found, Note):
            notes.append(found)
        else:
            name, time = found
            stamps[name] = min(time, stamps.get(name, time))
    return stamps, notes


def _agreed(times: Iterable[int], required: int) -> tuple[int, ...]:
    """Give the earliest time by which as many authorities as are required saw a signature.

    Of fewer than that it is the last; that some are missing is said elsewhere. None: no time.
    """
    ordered = sorted(times)
    return tuple(ordered[: max(required, 1)][-1:])


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


def counting(trust: Trust, before: int) -> Trust:
    """Leave out of a trust file the keys that do not count for what was there at a time.

    Args:
        trust: the verifier's.
        before: Unix seconds at which it was there; when it was made, nothing else shows.
    """
    when = Made(0, before, ())
    parties = tuple(
        replace(one, keys=tuple(key for key in one.keys if standing(key, when) is None))
        for one in trust.parties
    )
    return replace(trust, parties=parties)
