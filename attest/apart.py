"""Taking a bundle apart: that its files hang together, before anybody is trusted.

(1) One payload, readable as a statement of a type known here, under its own name.
(2) Around it one canonical envelope a label, `signer` among them; an envelope around something else
    is a countersignature that names the payload's digest. Each verifies with the key beside it,
    which is the one it names.
(3) Every timestamp authority's reply is over the signature of the envelope that its name says, and
    the proof of a log is of the payload's digest. Whose they are is not asked here.
(4) Sigstore bundles, manifest and sums are those of the files.
(5) What is left are the subjects and what the statement seals: none missing but what a profile
    withholds, none besides, each with its digest.

Nothing in a bundle says whom to trust: keys are only compared with what they signed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.binding import bound_files, check_bound
from attest.countersignature import Countersignature, read_countersignature
from attest.disclosing import profile_in, withheld_by
from attest.envelope import PAYLOAD_TYPE, read_envelope
from attest.errors import InvalidEnvelope, InvalidHistory, InvalidTimestamp
from attest.history.checkpoint import parse_checkpoint
from attest.history.note import read_note
from attest.history.proof import read_log_proof
from attest.history.tree import check_inclusion
from attest.keys import load_public
from attest.listing import build_manifest, build_sums
from attest.names import (
    ATT,
    MANIFEST,
    SIGNER,
    SUMS,
    envelope_name,
    key_name,
    labels_in,
    payload_name,
    proof_name,
    sigstore_name,
    tokens_in,
)
from attest.pipeline import number_of
from attest.predicate import ATTESTATION_TYPE, Predicate, from_document
from attest.sigstore import sigstore_copies
from attest.statement import Statement, read_statement
from attest.timestamps.tokens import check_imprint, read_token
from config.errors import InputError
from proofs.dsse import pae

if TYPE_CHECKING:
    from attest.content import Files
    from attest.disclosing import Profile
    from attest.keys import PublicKey

MAX_ENVELOPES = 64
"""More parties than ever sign one statement."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope whose signature verifies with the key beside it."""

    label: str
    key: PublicKey
    envelope: bytes
    signature: bytes
    countersignature: Countersignature | None
    """What it is around, if not the payload."""


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp authority's reply over the signature of an envelope; of which, is not known."""

    label: str
    name: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """A bundle taken apart; whom to trust is not known yet."""

    payload: bytes
    statement: Statement
    predicate: Predicate
    signatures: tuple[Signed, ...]
    """Around the payload, the entity's own first."""
    countersignatures: tuple[Signed, ...]
    tokens: tuple[Token, ...]
    proof: bytes | None
    """That the payload's digest is in a log."""
    profile: Profile
    withheld: tuple[str, ...]

    @property
    def signer(self) -> Signed:
        """Give the entity's own signature."""
        return self.signatures[0]

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the payload, hex: the one name of the statement."""
        return hashlib.sha256(self.payload).hexdigest()


def take_apart(files: Files) -> Parts:
    """Check that a bundle's files hang together, and give its parts.

    Raises:
        InvalidEnvelope: with the reason of the first step that fails.
    """
    # 1.
    try:
        name, payload = payload_of(files)
        statement, predicate = read_payload(payload)
        number = number_of(predicate)
    except InputError as error:
        raise InvalidEnvelope("malformed_payload", error.what) from error
    if name != payload_name(number):
        raise InvalidEnvelope("missing_file", f"missing: {payload_name(number)}")
    # 2.
    signed = _signed(files, number, payload)
    # 3.
    tokens = _tokens(files, number, signed)
    proof = _proof(files, number, payload)
    # 4, 5.
    own = {name, MANIFEST, SUMS} | {proof_name(number)} & files.keys()
    own |= {one.name for one in tokens_in(files, number)}
    for one in signed:
        own |= {f(number, one.label) for f in (envelope_name, sigstore_name)}
        own.add(key_name(one.label))
    profile, withheld = _check_files(files, statement, predicate, own)
    return Parts(
        payload,
        statement,
        predicate,
        tuple(one for one in signed if one.countersignature is None),
        tuple(one for one in signed if one.countersignature is not None),
        tokens,
        proof,
        profile,
        withheld,
    )


def payload_of(files: Files) -> tuple[str, bytes]:
    """Give the one payload of a draft or bundle, with its name; raise InputError."""
    names = [name for name in files if name.startswith(ATT) and name.endswith(".payload.json")]
    if len(names) != 1:
        raise InputError(f"one payload expected in att/, met {len(names)}")
    return names[0], bytes(files[names[0]])


def read_payload(payload: bytes) -> tuple[Statement, Predicate]:
    """Read an attestation; raise InputError if it is another statement, or none."""
    statement = read_statement(payload)
    if statement.predicate_type != ATTESTATION_TYPE:
        raise InputError(
            f"predicate type is {statement.predicate_type!r}, expected {ATTESTATION_TYPE!r}"
        )
    return statement, from_document(statement.predicate)


def _signed(files: Files, number: str, payload: bytes) -> tuple[Signed, ...]:
    """Open every envelope, the entity's own first; one around the payload has no other meaning."""
    labels = labels_in(files, number)
    if SIGNER not in labels:
        raise InvalidEnvelope("missing_file", f"missing: {envelope_name(number)}")
    if len(labels) > MAX_ENVELOPES:
        what = f"{len(labels)} envelopes, the limit is {MAX_ENVELOPES}"
        raise InvalidEnvelope("file_mismatch", what)
    ordered = (SIGNER, *(one for one in labels if one != SIGNER))
    return tuple(_open(files, number, label, payload) for label in ordered)


def _open(files: Files, number: str, label: str, payload: bytes) -> Signed:
    data = bytes(files[envelope_name(number, label)])
    envelope = read_envelope(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        what = f"payload type is {envelope.payload_type!r}"
        raise InvalidEnvelope("wrong_payload_type", what)
    key = _key(files, label, envelope.keyid)
    key.verify(envelope.signature, pae(envelope.payload_type, envelope.payload))
    counter = None
    if envelope.payload != payload:
        if label == SIGNER:
            what = "the envelope is around other bytes than the payload"
            raise InvalidEnvelope("payload_mismatch", what)
        counter = read_countersignature(envelope.payload, hashlib.sha256(payload).hexdigest())
    return Signed(label, key, data, envelope.signature, counter)


def _key(files: Files, label: str, keyid: str) -> PublicKey:
    """Read the key beside an envelope: the one that it names, in its canonical form."""
    name = key_name(label)
    if name not in files:
        raise InvalidEnvelope("missing_file", f"missing: {name}")
    try:
        key = load_public(bytes(files[name]), name)
    except InputError as error:
        raise InvalidEnvelope("key_mismatch", error.what) from error
    if key.keyid != keyid or key.pem != files[name]:
        raise InvalidEnvelope("key_mismatch", f"{name} is not the key the envelope names")
    return key


def _tokens(files: Files, number: str, signed: tuple[Signed, ...]) -> tuple[Token, ...]:
    signatures = {one.label: one.signature for one in signed}
    found = []
    for one in tokens_in(files, number):
        if one.label not in signatures:
            raise InvalidEnvelope("file_mismatch", f"{one.name}: no envelope of this label")
        reply = bytes(files[one.name])
        try:
            check_imprint(read_token(reply), signatures[one.label])
        except InvalidTimestamp as error:
            raise InvalidEnvelope(error.reason, f"{one.name}: {error.what}") from error
        found.append(Token(one.label, one.name, reply))
    return tuple(found)


def _proof(files: Files, number: str, payload: bytes) -> bytes | None:
    """Read the proof of a log, if there is one; it is of the payload's digest."""
    name = proof_name(number)
    if name not in files:
        return None
    data = bytes(files[name])
    try:
        proof = read_log_proof(data)
        head = parse_checkpoint(read_note(proof.checkpoint).text).head
        check_inclusion(hashlib.sha256(payload).digest(), proof.index, proof.path, head)
    except InvalidHistory as error:
        raise InvalidEnvelope(error.reason, f"{name}: {error.what}") from error
    if proof.extra is not None:
        # Whoever's the log is: these bytes would lie in a bundle and be bound by nothing.
        raise InvalidEnvelope("malformed_log_proof", f"{name}: extra data, which nobody signed")
    return data


def _check_files(
    files: Files, statement: Statement, predicate: Predicate, own: set[str]
) -> tuple[Profile, tuple[str, ...]]:
    """Check derived files, then everything that is left; give what a profile withholds."""
    missing = sorted({MANIFEST, SUMS} - files.keys())
    if missing:
        raise InvalidEnvelope("missing_file", f"missing: {', '.join(missing)}")
    rest = {name: data for name, data in files.items() if name not in own}
    try:
        bound = bound_files(statement, predicate, rest)
    except InputError as error:
        raise InvalidEnvelope("file_mismatch", error.what) from error
    try:
        profile = profile_in(bytes(files[MANIFEST]))
        withheld = withheld_by(profile, bound, sealing=predicate.disclosure is not None)
    except InputError as error:
        raise InvalidEnvelope("manifest_mismatch", error.what) from error
    _check_derived(files, profile, withheld)
    try:
        check_bound(bound, rest, withheld)
    except InputError as error:
        raise InvalidEnvelope("file_mismatch", error.what) from error
    return profile, withheld


def _check_derived(files: Files, profile: Profile, withheld: tuple[str, ...]) -> None:
    """Check that Sigstore bundles, manifest and sums are those of the files."""
    kept = {name: data for name, data in files.items() if name not in (MANIFEST, SUMS)}
    copies = sigstore_copies(kept)
    for name, data in copies.items():
        if kept.get(name) != data:
            raise InvalidEnvelope("sigstore_mismatch", f"{name} is not the envelope beside it")
    if build_manifest(kept, profile, withheld) != files[MANIFEST]:
        raise InvalidEnvelope("manifest_mismatch", f"{MANIFEST} is not the list of the files")
    kept[MANIFEST] = files[MANIFEST]
    if build_sums(kept) != files[SUMS]:
        raise InvalidEnvelope("manifest_mismatch", f"{SUMS} is not the list of the files")
