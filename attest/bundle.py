"""The bundle: a folder in which every file is bound to the signature.

    att/0001.payload.json        the statement's bytes
    att/0001.signer.dsse.json    the envelope around them
    keys/signer.pub.pem          the signer's public key: a convenience, never a reason to trust it
    evidence/ criteria/ report/ VERIFY.md       subjects: bound by their digest in the statement
    manifest.json SHA256SUMS     made again from the other files and compared

Every file is the payload, the envelope, a subject, or derived; anything else, anything missing and
any changed byte makes the bundle invalid. A draft is the same folder before it was signed: the
subjects and the payload.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.envelope import open_envelope, read_envelope, seal
from attest.errors import InvalidEnvelope
from attest.inputs import DECLARATION, INPUTS, criteria_in, registry_of
from attest.keys import load_public
from attest.pipeline import number_of
from attest.predicate import ATTESTATION_TYPE, Predicate, from_document
from attest.statement import Statement, canonical, read_statement
from config.declaration import parse_declaration
from config.earlier import CARRIED_FILES
from config.errors import InputError

if TYPE_CHECKING:
    from attest.content import Content, Files
    from attest.keys import SigningKey
    from attest.pipeline import Work

ATT = "att/"
KEY_NAME = "keys/signer.pub.pem"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "toml": "application/toml",
    "md": "text/markdown",
    "pem": "application/x-pem-file",
    "nodes": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """A bundle taken apart; nothing in it is verified yet but that its files hang together."""

    envelope: bytes
    keyid: str
    """The key that the envelope names; whether it signed is not known yet."""
    statement: Statement
    predicate: Predicate
    payload: bytes


def payload_name(number: str) -> str:
    """Give the name of a statement's payload."""
    return f"{ATT}{number}.payload.json"


def envelope_name(number: str) -> str:
    """Give the name of the signer's envelope."""
    return f"{ATT}{number}.signer.dsse.json"


def draft(work: Work) -> dict[str, Content]:
    """Give the files of a draft: everything but what a signature adds."""
    return {**work.subjects, payload_name(number_of(work.predicate)): work.payload}


def sign(files: Files, key: SigningKey) -> dict[str, Content]:
    """Turn a draft into a bundle.

    Args:
        files: a draft, as read from disk; its subjects are compared with its payload first.
        key: the attestation key.

    Raises:
        InputError: the folder is not a whole draft.
        SigningError: the key cannot sign.
    """
    name, payload = _payload(files)
    statement, predicate = _read(payload)
    if name != payload_name(number_of(predicate)):
        raise InputError(f"payload lies under another name than its own: {name}")
    check_subjects(statement, {one: data for one, data in files.items() if one != name})
    signed = {
        **files,
        envelope_name(number_of(predicate)): seal(payload, key),
        KEY_NAME: key.public.pem,
    }
    manifest = {**signed, MANIFEST: build_manifest(signed)}
    return {**manifest, SUMS: build_sums(manifest)}


def carry(files: Files) -> dict[str, bytes]:
    """Take out of a bundle what a later statement carries forward (`attest.carried`).

    Raises:
        InvalidEnvelope: the bundle does not hang together, or its signature is not of its key.
        InputError: its declaration names no claims, or no challenges.
    """
    parts = take_apart(files)
    open_envelope(parts.envelope, (load_public(bytes(files[KEY_NAME]), KEY_NAME),))
    text, registry = bytes(files[DECLARATION]), registry_of(criteria_in(files))
    named = parse_declaration(text, "declaration.toml", registry).inputs
    if named.claims is None or named.challenges is None:
        lacking = "claims" if named.claims is None else "challenges"
        what = f"nothing to carry: the bundle's declaration names no {lacking}"
        raise InputError(what, "only proofs over issued texts have an age")
    contents = (
        parts.payload,
        parts.envelope,
        bytes(files[KEY_NAME]),
        bytes(files[INPUTS + named.claims]),
        bytes(files[INPUTS + named.challenges]),
    )
    return dict(zip(CARRIED_FILES, contents, strict=True))


def build_manifest(files: Files) -> bytes:
    """List every file's size and media type, sorted by name."""
    listed = [
        {
            "name": name,
            "size": str(len(files[name])),
            "mediaType": MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
        }
        for name in sorted(files)
    ]
    return canonical({"disclosure": "full", "files": listed})


def build_sums(files: Files) -> bytes:
    """List every file's SHA-256 as `sha256sum -c` reads it, sorted by name."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def take_apart(files: Files) -> Parts:
    """Check that a bundle's files hang together, and give its parts.

    (1) One payload, readable as a statement of a type known here, under its own name.
    (2) One envelope, canonical, around that payload.
    (3) The key file is the canonical form of the key that the envelope names.
    (4) The manifest and the sums are those of the files.
    (5) What is left are the subjects: none missing, none besides, each with its digest.

    Raises:
        InvalidEnvelope: with the reason of the first step that fails.
    """
    try:
        name, payload = _payload(files)
        statement, predicate = _read(payload)
        number = number_of(predicate)
    except InputError as error:
        raise InvalidEnvelope("malformed_payload", error.what) from error
    derived = {name, envelope_name(number), KEY_NAME, MANIFEST, SUMS}
    missing = sorted(derived - files.keys())
    if name != payload_name(number) or missing:
        raise InvalidEnvelope(
            "missing_file", f"missing: {', '.join(missing) or payload_name(number)}"
        )
    envelope = bytes(files[envelope_name(number)])
    named = read_envelope(envelope)
    if named.payload != payload:
        raise InvalidEnvelope(
            "payload_mismatch", "the envelope is around other bytes than the payload"
        )
    _check_derived(files, named.keyid)
    try:
        check_subjects(statement, {one: data for one, data in files.items() if one not in derived})
    except InputError as error:
        raise InvalidEnvelope("file_mismatch", error.what) from error
    return Parts(envelope, named.keyid, statement, predicate, payload)


def check_subjects(statement: Statement, files: Files) -> None:
    """Return if the files are the subjects, each with its digest; raise InputError."""
    missing = sorted(statement.subjects.keys() - files.keys())
    extra = sorted(files.keys() - statement.subjects.keys())
    if missing or extra:
        raise InputError(f"files differ from the statement: missing {missing}, besides {extra}")
    for name, digest in statement.subjects.items():
        met = hashlib.sha256(files[name]).hexdigest()
        if met != digest:
            raise InputError(f"digest mismatch: {name}: file {met}, statement {digest}")


def _payload(files: Files) -> tuple[str, bytes]:
    names = [name for name in files if name.startswith(ATT) and name.endswith(".payload.json")]
    if len(names) != 1:
        raise InputError(f"one payload expected in att/, met {len(names)}")
    return names[0], bytes(files[names[0]])


def _read(payload: bytes) -> tuple[Statement, Predicate]:
    statement = read_statement(payload)
    if statement.predicate_type != ATTESTATION_TYPE:
        raise InputError(
            f"predicate type is {statement.predicate_type!r}, expected {ATTESTATION_TYPE!r}"
        )
    return statement, from_document(statement.predicate)


def _check_derived(files: Files, keyid: str) -> None:
    try:
        key = load_public(bytes(files[KEY_NAME]), KEY_NAME)
    except InputError as error:
        raise InvalidEnvelope("key_mismatch", error.what) from error
    if key.keyid != keyid or key.pem != files[KEY_NAME]:
        raise InvalidEnvelope("key_mismatch", f"{KEY_NAME} is not the key the envelope names")
    listed = {name: data for name, data in files.items() if name not in (MANIFEST, SUMS)}
    if build_manifest(listed) != files[MANIFEST]:
        raise InvalidEnvelope("manifest_mismatch", f"{MANIFEST} is not the list of the files")
    listed[MANIFEST] = files[MANIFEST]
    if build_sums(listed) != files[SUMS]:
        raise InvalidEnvelope("manifest_mismatch", f"{SUMS} is not the list of the files")
