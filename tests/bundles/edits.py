"""What is done to a bundle to break it in one way, and leave it whole in all others."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

from attest import bundle
from attest.countersignature import (
    COUNTERSIGNATURE_TYPE,
    SUBJECT,
    About,
    Countersignature,
    Performed,
    Practitioner,
    Report,
    to_document,
)
from attest.disclosing import profile_in
from attest.envelope import PAYLOAD_TYPE, read_envelope
from attest.frame_records import Tool
from attest.listing import build_manifest, build_sums
from attest.names import MANIFEST, SUMS, envelope_name, key_name
from attest.statement import build_statement, canonical
from config.jsontext import parse_json
from proofs.dsse import pae
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.countersignature import ConfirmedBlock
    from attest.disclosing import Profile
    from attest.frame_records import StepResult
    from attest.keys import SigningKey

Files = dict[str, bytes]
PAYLOAD = "att/0001.payload.json"
ENVELOPE = "att/0001.signer.dsse.json"
SIGSTORE = "att/0001.signer.sigstore.json"
KEY = "keys/signer.pub.pem"


def payload_in(files: Files) -> tuple[str, bytes]:
    return next((name, data) for name, data in files.items() if name.endswith(".payload.json"))


def number_in(files: Files) -> str:
    return payload_in(files)[0].removeprefix("att/").partition(".")[0]


def signature_of(files: Files, label: str = "signer") -> bytes:
    return read_envelope(files[envelope_name(number_in(files), label)]).signature


def listed(files: Files) -> Files:
    """Make Sigstore bundles, manifest and sums again; what is withheld stays withheld."""
    return in_memory(bundle.listed(files, *_profile(files)))


def summed(files: Files) -> Files:
    """Make manifest and sums again, and leave the Sigstore bundles as they are."""
    kept = {name: data for name, data in files.items() if name not in (MANIFEST, SUMS)}
    kept[MANIFEST] = build_manifest(kept, *_profile(files))
    return {**kept, SUMS: build_sums(kept)}


def _profile(files: Files) -> tuple[Profile, tuple[str, ...]]:
    document = parse_json(files[MANIFEST], MANIFEST)
    assert isinstance(document, dict)
    return profile_in(files[MANIFEST]), tuple(document["withheld"])


def envelope_of(
    payload: bytes,
    key: SigningKey,
    *,
    kind: str = PAYLOAD_TYPE,
    keyid: str | None = None,
    signature: bytes | None = None,
) -> bytes:
    """Write an envelope, with any part another than an honest signer would write."""
    made = key.sign(pae(kind, payload)) if signature is None else signature
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": kind,
            "signatures": [
                {"keyid": keyid or key.public.keyid, "sig": base64.b64encode(made).decode()}
            ],
        }
    )


def relabelled(files: Files, label: str, envelope: bytes, key: bytes) -> Files:
    """Put an envelope and its key under a label, and make what follows from them."""
    added = {envelope_name(number_in(files), label): envelope, key_name(label): key}
    return listed({**files, **added})


def restated(files: Files, change: Callable[[bytes], bytes], key: SigningKey) -> Files:
    """Change the payload, and sign it again."""
    name, payload = payload_in(files)
    other = change(payload)
    if other == payload:
        raise ValueError(f"nothing changed in {name}")
    envelope = envelope_of(other, key)
    return relabelled({**files, name: other}, "signer", envelope, key.public.pem)


def with_subjects(files: Files, key: SigningKey, **changed: bytes) -> Files:
    """Change files and their digests in the payload, and sign it again."""

    def change(payload: bytes) -> bytes:
        for name, data in changed.items():
            old, new = (sha256(one).hexdigest().encode() for one in (files[name], data))
            payload = payload.replace(old, new)
        return payload

    return restated({**files, **changed}, change, key)


def statement_about(
    digest: str,
    result: StepResult = "no-exception",
    blocks: tuple[ConfirmedBlock, ...] = (),
) -> Countersignature:
    """Give a reviewer's countersignature with one procedure of his own."""
    return Countersignature(
        about=About(
            entity="Nobody in particular",
            series="example-mainnet",
            sequence="1",
            as_of="2025-04-04T14:52:35Z",
            network="main",
            outcome="pass",
        ),
        practitioner=Practitioner("Example Reviewer", "auditor", None, "JP"),
        report=Report(
            title=None,
            standard="none",
            level="none",
            responsibility=None,
            independence=None,
            quality_management=None,
            procedures_agreed=None,
            conclusion=None,
            intended_users=(),
            restricted_use=False,
            place=None,
            date=None,
            document_sha256=None,
        ),
        procedures=(
            Performed("A1", "Compared the list of accounts.", result, "practitioner", digest[:8]),
        ),
        findings=(),
        blocks=blocks,
        limitations=("It is a test vector.",),
        tool=Tool("custody-attest", "0.1.0", sha256(b"test vectors").hexdigest(), "1"),
    )


def countersigned(
    files: Files,
    key: SigningKey,
    label: str = "auditor",
    result: StepResult = "no-exception",
    blocks: tuple[ConfirmedBlock, ...] = (),
) -> Files:
    """Add a countersignature."""
    digest = sha256(payload_in(files)[1]).hexdigest()
    document = to_document(statement_about(digest, result, blocks))
    payload = build_statement(COUNTERSIGNATURE_TYPE, document, {SUBJECT: digest})
    return relabelled(files, label, envelope_of(payload, key), key.public.pem)


def countersigned_by(
    change: Callable[[bytes], bytes], key: SigningKey, kind: str = COUNTERSIGNATURE_TYPE
) -> Callable[[Files], Files]:
    """Give an edit that adds a countersignature whose payload is changed before it is signed."""

    def edit(files: Files) -> Files:
        digest = sha256(payload_in(files)[1]).hexdigest()
        document = to_document(statement_about(digest))
        payload = change(build_statement(kind, document, {SUBJECT: digest}))
        return relabelled(files, "auditor", envelope_of(payload, key), key.public.pem)

    return edit
