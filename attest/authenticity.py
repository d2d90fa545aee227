"""Who signed, by the verifier's own file: parties, windows, thresholds, timestamps. Pure.

(1) The trust file is not stale, and the entity's own signature is of a party that attests, over a
    key that counted when it was made (`attest.signing_time`).
(2) Distinct parties of each role have signed as often as is required: a party counts once however
    many keys it signs with, and a key that stands under two parties is refused where the file is
    read. Auditors, regulators and observers count by their countersignatures alone, in the role in
    which they sign if it is one that the verifier gives them, and never if they attest too, or have
    signed the statement itself with another of their keys.
    A party that signs for one entity does not count on another's statement.
(3) No countersignature is of a key that signed the statement itself.
(4) As many distinct timestamp authorities as are required saw the entity's signature.
(5) The statement is of the age, scope, packs and rules that are required (`attest.required`).

What contradicts makes a bundle invalid; what is only missing leaves it indeterminate. Everything
that is missing is named, not the first alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.signing_time import made, standing
from attest.verdict import Note
from config.errors import shown

if TYPE_CHECKING:
    from attest.apart import Parts, Signed
    from attest.signing_time import Made
    from attest.trust import Party, Trust
    from attest.verdict import Authenticity

UNDECIDED = frozenset(
    {
        "time_unproved",
        "timestamp_before_block",
        "threshold_not_met",
        "timestamps_missing",
        "trust_stale",
        "too_old",
        "scope_missing",
        "scope_mismatch",
        "pack_mismatch",
        "rule_mismatch",
    }
)
"""Reasons that leave a bundle indeterminate; `timestamp_untrusted` alone decides nothing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A signature that counts, and whose it is."""

    party: str
    role: str
    signed: Signed
    when: Made


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a bundle's signatures."""

    authenticity: Authenticity
    reasons: tuple[Note, ...]
    counted: tuple[Counted, ...]
    untrusted: tuple[Note, ...]
    """Signatures that count for nothing, and why; they are no reason against a bundle."""


def judge_signatures(
    parts: Parts,
    trust: Trust,
    today: int,
    required: tuple[Note, ...] = (),
    logged: int | None = None,
) -> Judged:
    """Judge who signed a bundle.

    Args:
        parts: the bundle, whose signatures were checked with the keys beside them.
        trust: the verifier's.
        today: Unix seconds.
        required: what he requires and the statement does not have (`attest.required`).
        logged: when witnesses he trusts saw the payload's digest in a log, if they did.

    Raises:
        InvalidEnvelope: a token under a pinned certificate does not verify.
    """
    counted: list[Counted] = []
    left: list[tuple[Signed, Note]] = []
    notes: list[Note] = []
    for one in (*parts.signatures, *parts.countersignatures):
        when = made(one, parts, trust, today, logged)
        notes += when.notes
        found = _counts(one, when, parts, trust)
        if isinstance(found, Note):
            left.append((one, found))
        else:
            counted.append(found)
    reasons = [*_signer(parts, counted, left), *_independence(parts), *notes]
    reasons += [*_thresholds(trust, counted), *_timestamps(trust, parts, counted)]
    reasons += required
    others = tuple(
        Note("signature_not_counted", f"{note.code}: {note.detail}")
        for one, note in left
        if one is not parts.signer
    )
    return Judged(_weigh(reasons), tuple(reasons), tuple(counted), others)


def _weigh(reasons: list[Note]) -> Authenticity:
    codes = {note.code for note in reasons} - {"timestamp_untrusted"}
    if codes - UNDECIDED:
        return "invalid"
    return "indeterminate" if codes else "valid"


def _counts(one: Signed, when: Made, parts: Parts, trust: Trust) -> Counted | Note:
    """Give a signature that counts, or why it does not."""
    found = trust.party(one.key.keyid)
    if found is None:
        what = f"signed by {one.key.keyid}, which is not trusted"
        return Note("no_trusted_signature", f"{one.label}: {what}")
    party, key = found
    stated, name = one.countersignature, party.name or one.key.keyid
    role = "attester" if stated is None else stated.practitioner.role
    if role not in party.roles or (stated is not None and "attester" in party.roles):
        what = f"{name} signs as {role}, and is trusted as {', '.join(party.roles)}"
        return Note("no_trusted_signature", f"{one.label}: {what}")
    if stated is not None and party.name in {
        trust.party_of(by.key.keyid) for by in parts.signatures
    }:
        what = f"{name} signed the statement itself"
        return Note("no_trusted_signature", f"{one.label}: {what}")
    if stated is None and (whose := _another(party, parts)) is not None:
        return Note("no_trusted_signature", f"{one.label}: {name} {whose}")
    fault = standing(key, when)
    if fault is not None:
        return replace(fault, detail=f"{one.label}: key {one.key.keyid}: {fault.detail}")
    return Counted(party.name, role, one, when)


def _another(party: Party, parts: Parts) -> str | None:
    """Say that a statement is of an entity that a party may not sign for; None if it may."""
    whose = parts.predicate.responsible_party
    if party.entity not in {None, whose.name}:
        return f"signs for {shown(party.entity or '')}, the statement is of {shown(whose.name)}"
    if party.lei not in {None, whose.lei}:
        return f"signs for LEI {party.lei}, the statement is of {whose.lei or 'none'}"
    return None


def _signer(
    parts: Parts, counted: list[Counted], left: list[tuple[Signed, Note]]
) -> tuple[Note, ...]:
    """Give why the entity's own signature does not count; nothing if it does."""
    if any(one.signed is parts.signer for one in counted):
        return ()
    return tuple(note for one, note in left if one is parts.signer)


def _independence(parts: Parts) -> tuple[Note, ...]:
    """Name the countersignatures of keys that signed the statement itself."""
    own = {one.key.keyid for one in parts.signatures}
    return tuple(
        Note("not_independent", f"{one.label}: key {one.key.keyid} signed the statement itself")
        for one in parts.countersignatures
        if one.key.keyid in own
    )


def _thresholds(trust: Trust, counted: list[Counted]) -> tuple[Note, ...]:
    notes = []
    for role, least in trust.require.signatures.items():
        parties = sorted({one.party for one in counted if one.role == role})
        if len(parties) < least:
            said = f"{len(parties)} of {least} parties" + "".join(f", {one}" for one in parties)
            notes.append(Note("threshold_not_met", f"{role}: {said}"))
    return tuple(notes)


def _timestamps(trust: Trust, parts: Parts, counted: list[Counted]) -> tuple[Note, ...]:
    least = trust.require.timestamps
    own = [one.when.stamped_by for one in counted if one.signed is parts.signer]
    names = own[0] if own else ()
    if len(names) >= least:
        return ()
    said = f"{len(names)} of {least} authorities" + "".join(f", {one}" for one in names)
    return (Note("timestamps_missing", said),)
