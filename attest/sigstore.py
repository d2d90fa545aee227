"""An envelope as a Sigstore bundle v0.3, for verifiers that know that form and not ours.

    {"dsseEnvelope": {"payload": "<base64>", "payloadType": "application/vnd.in-toto+json",
                      "signatures": [{"sig": "<base64>"}]},
     "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
     "verificationMaterial": {
       "publicKey": {"hint": "<the envelope's keyid>"},
       "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": "<base64>"}]},
       "tlogEntries": []}}

A copy adds no word to what it is made of: payload, type and signature are the envelope's, bit for
bit, there is no second signature, no certificate, and no entry of a public log, which would publish
when a statement was issued. It is therefore derived: whoever verifies a bundle makes it again, and
a copy that differs in a byte is refused. Whether a token is over this signature is not asked here.

Two readers set the form. cosign passes over a signature whose `keyid` is not its own fingerprint of
the key; the key's id is therefore the hint alone, and DSSE gives `keyid` no meaning for security.
sigstore-models asks for `tlogEntries` even where there are none. Where there is no token,
`timestampVerificationData` is left out.

Chosen: the copy beside the envelope, in the protobuf JSON form, itself in RFC 8785 form. Refused:
the copy in the envelope's place; every reader would need to know Sigstore to find our statement.

Source: sigstore/protobuf-specs, `sigstore_bundle.proto` and `sigstore_common.proto`; DSSE 1.0.2.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from attest.envelope import read_envelope
from attest.statement import canonical

if TYPE_CHECKING:
    from attest.content import Files

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def sigstore_copies(files: Files) -> dict[str, bytes]:
    """Make the copy of every envelope of a bundle, with the tokens that lie beside it.

    Args:
        files: a bundle; `att/NNNN.<label>.dsse.json` and `time/NNNN.<label>.<authority>.tsr` are
            looked at. Tokens stand in a copy in the order of their names.

    Returns:
        The copies by their names, `att/NNNN.<label>.sigstore.json`.

    Raises:
        InvalidEnvelope: an envelope is not in its canonical form.
    """
    found: dict[str, bytes] = {}
    for name in sorted(files):
        if name.startswith("att/") and name.endswith(".dsse.json"):
            stem = name.removeprefix("att/").removesuffix(".dsse.json")
            tokens = _tokens(files, f"time/{stem}.")
            found[f"att/{stem}.sigstore.json"] = sigstore_bundle(bytes(files[name]), tokens)
    return found


def _tokens(files: Files, start: str) -> tuple[bytes, ...]:
    names = sorted(name for name in files if name.startswith(start) and name.endswith(".tsr"))
    return tuple(bytes(files[name]) for name in names)


def sigstore_bundle(envelope: bytes, tokens: tuple[bytes, ...]) -> bytes:
    """Wrap an envelope of ours and its tokens.

    Args:
        envelope: canonical bytes, as `attest.envelope.seal` gives them.
        tokens: RFC 3161 TimeStampResp in DER, over the envelope's signature.

    Raises:
        InvalidEnvelope: the envelope is not in its canonical form.
    """
    opened = read_envelope(envelope)
    material: dict[str, object] = {"publicKey": {"hint": opened.keyid}, "tlogEntries": []}
    if tokens:
        stamps = [{"signedTimestamp": _base64(token)} for token in tokens]
        material["timestampVerificationData"] = {"rfc3161Timestamps": stamps}
    return canonical(
        {
            "dsseEnvelope": {
                "payload": _base64(opened.payload),
                "payloadType": opened.payload_type,
                "signatures": [{"sig": _base64(opened.signature)}],
            },
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": material,
        }
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
