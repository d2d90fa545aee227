"""The bundle: a folder in which every file is bound to a signature. What makes one.

    att/0001.payload.json        the statement's bytes
    att/0001.signer.dsse.json    the envelope around them
    keys/signer.pub.pem          the signer's public key: a convenience, never a reason to trust it
    evidence/ criteria/ report/ VERIFY.md       subjects: bound by their digest in the statement
    manifest.json SHA256SUMS     made again from the other files and compared

`attest.names` says what else may lie there: further signatures, tokens, a proof of a log. Every
file is the payload, a checked signature or token, a subject, sealed by the statement, or derived;
anything else, anything missing that is not withheld by a profile, and any changed byte makes the
bundle invalid (`attest.apart`). A draft is the same folder before it was signed: the subjects and
the payload.

Files are hashed where they lie: nothing here holds a large one in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.apart import payload_of, read_payload, take_apart
from attest.binding import bound_files, check_subjects
from attest.disclosing import withheld_by
from attest.envelope import seal
from attest.errors import SigningError
from attest.inputs import DECLARATION, INPUTS, criteria_in, registry_of
from attest.listing import build_manifest, build_sums
from attest.names import (
    KEY_NAME,
    MANIFEST,
    SUMS,
    envelope_name,
    is_label,
    key_name,
    payload_name,
)
from attest.pipeline import number_of
from attest.sealing import SEALED
from attest.sigstore import sigstore_copies
from config import earlier
from config.declaration import parse_declaration
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.apart import Parts
    from attest.content import Content, Files
    from attest.disclosing import Profile
    from attest.keys import SigningKey
    from attest.pipeline import Work


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
    name, payload = payload_of(files)
    statement, predicate = read_payload(payload)
    if name != payload_name(number_of(predicate)):
        raise InputError(f"payload lies under another name than its own: {name}")
    check_subjects(statement, predicate, {one: files[one] for one in files if one != name})
    signed = {
        **files,
        envelope_name(number_of(predicate)): seal(payload, key),
        KEY_NAME: key.public.pem,
    }
    return listed(signed)


def cosign(files: Files, key: SigningKey, label: str) -> dict[str, Content]:
    """Add a further signature over the payload of a bundle, for where several must sign.

    Raises:
        InvalidEnvelope: the bundle does not hang together.
        InputError: the label is none, or is taken.
        SigningError: the key cannot sign, or has signed already.
    """
    parts = take_apart(files)
    return added(files, envelope_files(parts, seal(parts.payload, key), key, label))


def envelope_files(
    parts: Parts, envelope: bytes, key: SigningKey, label: str
) -> dict[str, Content]:
    """Give the files of a further envelope, under a label of its own.

    Raises:
        InputError: the label is none.
        SigningError: the key has signed in this bundle already.
    """
    if not is_label(label):
        hint = "lower-case letters, digits and hyphens, at most 32"
        raise InputError(f"not a label: {label[:100]!r}", hint)
    for one in (*parts.signatures, *parts.countersignatures):
        if one.key.keyid == key.public.keyid:
            what = f"key {key.public.keyid} has signed in this bundle already, as {one.label}"
            raise SigningError(what, "each party signs with a key of its own")
    number = number_of(parts.predicate)
    return {envelope_name(number, label): envelope, key_name(label): key.public.pem}


def carry(files: Files, *, linked: bool = False) -> dict[str, bytes]:
    """Take out of a bundle what a later statement carries forward, or links to.

    Args:
        files: a bundle.
        linked: only what a link needs; without it the claims and challenges too.

    Raises:
        InvalidEnvelope: the bundle does not hang together, or its signature is not of its key.
        InputError: its declaration names no claims, or no challenges; it withholds what is needed.
    """
    parts = take_apart(files)
    if SEALED in parts.withheld:
        what = f"nothing to carry: a {parts.profile} copy has no list of what is sealed"
        raise InputError(what, "carry from the whole bundle")
    contents = (parts.payload, parts.signer.envelope, bytes(files[KEY_NAME]))
    found = dict(zip(earlier.STATEMENT_FILES, contents, strict=True))
    if SEALED in files:
        found[earlier.SEALED] = bytes(files[SEALED])
    if linked:
        return found
    text, registry = bytes(files[DECLARATION]), registry_of(criteria_in(files))
    named = parse_declaration(text, "declaration.toml", registry).inputs
    if named.claims is None or named.challenges is None:
        lacking = "claims" if named.claims is None else "challenges"
        what = f"nothing to carry: the bundle's declaration names no {lacking}"
        raise InputError(what, "only proofs over issued texts have an age")
    claims, challenges = (bytes(files[INPUTS + one]) for one in (named.claims, named.challenges))
    return {**found, "claims.csv": claims, "challenges.json": challenges}


def added(
    files: Files, additions: Mapping[str, Content], *, replaced: frozenset[str] = frozenset()
) -> dict[str, Content]:
    """Give a bundle with further files, its derived files made again.

    Args:
        files: a bundle.
        additions: signatures, keys, tokens or proofs, under their own names.
        replaced: names that may be there already, such as that of an earlier proof of a log.

    Raises:
        InvalidEnvelope: the bundle does not hang together, before or after.
        InputError: a file of that name is there already.
    """
    parts = take_apart(files)
    taken = sorted((files.keys() & additions.keys()) - replaced)
    if taken:
        raise InputError(f"already in the bundle: {', '.join(taken)}", "choose another label")
    made = listed({**files, **additions}, parts.profile, parts.withheld)
    take_apart(made)
    return made


def listed(
    files: Files, profile: Profile = "full", withheld: tuple[str, ...] = ()
) -> dict[str, Content]:
    """Give files with those that are derived from them: Sigstore bundles, manifest and sums."""
    kept = {name: data for name, data in files.items() if name not in (MANIFEST, SUMS)}
    copied = {**kept, **sigstore_copies(kept)}
    manifest = {**copied, MANIFEST: build_manifest(copied, profile, withheld)}
    return {**manifest, SUMS: build_sums(manifest)}


def disclosed(files: Files, profile: Profile) -> dict[str, Content]:
    """Give a copy of a bundle that leaves out what a profile withholds.

    Raises:
        InvalidEnvelope: the bundle does not hang together.
        InputError: it withholds something already, or seals nothing that a public copy could.
    """
    parts = take_apart(files)
    if parts.withheld:
        raise InputError(f"a {parts.profile} copy is not copied further", "copy the whole bundle")
    bound = bound_files(parts.statement, parts.predicate, files)
    withheld = withheld_by(profile, bound, sealing=parts.predicate.disclosure is not None)
    kept = {name: data for name, data in files.items() if name not in withheld}
    return listed(kept, profile, withheld)
