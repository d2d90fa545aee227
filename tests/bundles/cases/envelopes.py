"""Envelopes that are not what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.envelope import PAYLOAD_TYPE
from proofs.dsse import pae
from tests.bundles.case import Case, Files, broken, invalid
from tests.bundles.edits import (
    ENVELOPE,
    KEY,
    PAYLOAD,
    envelope_of,
    listed,
    relabelled,
    signature_of,
    summed,
)
from tests.bundles.signers import EXCHANGE, PARTNER, SMALL_ORDER, STRANGER, ed25519_public
from tests.bundles.trusts import BASIC, exchange, require
from tests.bundles.trusts import PARTNER as PARTNER_TRUSTED

if TYPE_CHECKING:
    from collections.abc import Callable

SPLIT = "application/vnd.in-toto+json;v=1"


def spelled(change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    """Write the envelope in another way, around the same payload and signature."""

    def edit(files: Files) -> Files:
        other = change(files[ENVELOPE])
        if other == files[ENVELOPE]:
            raise ValueError("nothing changed")
        return summed({**files, ENVELOPE: other})

    return edit


def _urlsafe(data: bytes) -> bytes:
    """Spell the signature with - and _; a payload of ASCII text has hardly another letter."""
    head, mark, sig = data.rpartition(b'"sig":"')
    return head + mark + sig.replace(b"+", b"-").replace(b"/", b"_")


def _twice_signed(data: bytes) -> bytes:
    head, _, rest = data.partition(b'"signatures":[')
    one = rest.removesuffix(b"]}")
    return head + b'"signatures":[' + one + b"," + one + b"]}"


def _unpadded(data: bytes) -> bytes:
    return data.replace(b'="', b'"')


def signed(**parts: object) -> Callable[[Files], Files]:
    """Write the envelope with a part another than an honest signer would write."""

    def edit(files: Files) -> Files:
        envelope = envelope_of(files[PAYLOAD], EXCHANGE, **parts)  # type: ignore[arg-type]
        return relabelled(files, "signer", envelope, EXCHANGE.public.pem)

    return edit


def _truncated(files: Files) -> Files:
    return signed(signature=signature_of(files)[:-1])(files)


def _by_another(files: Files) -> Files:
    signature = STRANGER.sign(pae(PAYLOAD_TYPE, files[PAYLOAD]))
    return signed(signature=signature)(files)


def _trailing(files: Files) -> Files:
    return signed(signature=signature_of(files) + b"\0")(files)


def _raw(files: Files) -> Files:
    """Write r and s one after the other, 32 bytes each, as other formats do."""
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415 - for this alone
        decode_dss_signature,
    )

    r, s = decode_dss_signature(signature_of(files))
    return signed(signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))(files)


def _low_order(files: Files) -> Files:
    key, signature = ed25519_public(SMALL_ORDER), SMALL_ORDER + bytes(32)
    # It verifies, with a library that takes the key.
    key.verify(signature, pae(PAYLOAD_TYPE, files[PAYLOAD]))
    envelope = envelope_of(files[PAYLOAD], EXCHANGE, keyid=key.keyid, signature=signature)
    return relabelled(files, "signer", envelope, key.pem)


CASES = (
    Case(
        "envelope-payload-type",
        "Another payload type, rightly signed with it.",
        broken("wrong_payload_type"),
        base="small",
        edit=signed(kind=SPLIT),
        trust=BASIC,
    ),
    Case(
        "envelope-payload-type-unsigned",
        "Another payload type than the one that was signed.",
        broken("wrong_payload_type"),
        base="small",
        edit=lambda files: listed(
            {**files, ENVELOPE: files[ENVELOPE].replace(PAYLOAD_TYPE.encode(), SPLIT.encode())}
        ),
        trust=BASIC,
    ),
    Case(
        "envelope-url-safe-base64",
        "The signature in URL-safe base64: DSSE lets verifiers accept it, a bundle does not.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(_urlsafe),
        trust=BASIC,
    ),
    Case(
        "envelope-unpadded-base64",
        "Base64 without its padding.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(_unpadded),
        trust=BASIC,
    ),
    Case(
        "envelope-duplicate-key",
        "The payload type stands there twice, the second time rightly.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(
            lambda data: data.replace(b'"payloadType":', b'"payloadType":"x","payloadType":')
        ),
        trust=BASIC,
    ),
    Case(
        "envelope-extra-field",
        "A field that DSSE does not know.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(lambda data: data.replace(b'{"payload":', b'{"note":"","payload":')),
        trust=BASIC,
    ),
    Case(
        "envelope-two-signatures",
        "The one signature stands there twice.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(_twice_signed),
        trust=BASIC,
    ),
    Case(
        "envelope-no-signature",
        "An empty list of signatures.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(lambda data: data.partition(b'"signatures":[')[0] + b'"signatures":[]}'),
        trust=BASIC,
    ),
    Case(
        "envelope-line-feed",
        "A line feed after the envelope.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(lambda data: data + b"\n"),
        trust=BASIC,
    ),
    Case(
        "envelope-byte-order-mark",
        "A byte order mark before the envelope.",
        broken("malformed_envelope"),
        base="small",
        edit=spelled(lambda data: b"\xef\xbb\xbf" + data),
        trust=BASIC,
    ),
    Case(
        "envelope-keyid-of-another",
        "The keyid is another party's, the key and the signature are the exchange's.",
        broken("key_mismatch"),
        base="small",
        edit=signed(keyid=PARTNER.public.keyid),
        trust=BASIC,
    ),
    Case(
        "envelope-key-of-another",
        "The key beside it is another party's, the keyid and the signature are the exchange's.",
        broken("key_mismatch"),
        base="small",
        edit=lambda files: listed({**files, KEY: PARTNER.public.pem}),
        trust=exchange() + PARTNER_TRUSTED + require(),
    ),
    Case(
        "envelope-signed-by-another",
        "The signature is a stranger's, under the exchange's keyid and key.",
        broken("bad_signature"),
        base="small",
        edit=_by_another,
        trust=BASIC,
    ),
    Case(
        "envelope-signature-truncated",
        "The signature's last byte is missing.",
        broken("bad_signature"),
        base="small",
        edit=_truncated,
        trust=BASIC,
    ),
    Case(
        "envelope-signature-trailing-byte",
        "A byte follows the DER of the signature.",
        broken("bad_signature"),
        base="small",
        edit=_trailing,
        trust=BASIC,
    ),
    Case(
        "envelope-signature-not-der",
        "The signature as r and s of 32 bytes each.",
        broken("bad_signature"),
        base="small",
        edit=_raw,
        trust=BASIC,
    ),
    Case(
        "envelope-low-order-key",
        "An Ed25519 key of order one, under which a signature over every message is known; the "
        "verifier has even listed it.",
        broken("key_mismatch"),
        base="small",
        edit=_low_order,
        trust='[[party]]\nname = "Example Exchange"\n[[party.keys]]\n'
        f'spki = "{ed25519_public(SMALL_ORDER).keyid}"\n\n' + require(),
    ),
    Case(
        "envelope-of-another-statement",
        "The payload file is changed, the envelope is around the bytes that were signed.",
        broken("payload_mismatch"),
        base="small",
        edit=lambda files: listed(
            {**files, PAYLOAD: files[PAYLOAD].replace(b'"outcome":"pass"', b'"outcome":"fail"')}
        ),
        trust=BASIC,
    ),
    Case(
        "envelope-by-a-stranger",
        "All is well, but the key is nobody's whom the verifier trusts.",
        invalid("no_trusted_signature"),
        edit=lambda files: relabelled(
            files, "signer", envelope_of(files[PAYLOAD], STRANGER), STRANGER.public.pem
        ),
        trust=BASIC,
    ),
)
