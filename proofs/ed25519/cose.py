"""Cardano's signed messages: COSE_Sign1 of a text and the address it is signed for (CIP-8, CIP-30).

    signature    hex of COSE_Sign1: [ protected, unprotected, payload, signature ]
    public_key   hex of the 32 bytes of the key, or of the COSE_Key that a wallet gives beside it

    protected    bytes of a map: 1 (algorithm) -> -8 (EdDSA), "address" -> the address's bytes,
                 and 4 (key id) if there is one, which is not believed
    unprotected  a map: "hashed" -> whether the payload is BLAKE2b-224 of the text, false if not
                 there
    payload      the text, or its hash

    signed       ["Signature1", protected, empty, payload] as CBOR (RFC 9052, 4.4)

The address must be the one claimed and the payload the message claimed, byte for byte. Refused:
tagged COSE, detached payloads, critical headers, other algorithms, keys that carry a private part.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from chains.cardano.address import HASH_SIZE, data_of
from proofs import hextext
from proofs.control import InvalidProof
from proofs.ed25519 import cbor
from proofs.ed25519.forms import Envelope
from proofs.ed25519.signature import KEY_SIZE, SIGNATURE_SIZE

if TYPE_CHECKING:
    from proofs.control import Reason, Signing

MAX_SIZE = 128 * 1024
"""Characters of hex: a text of half of that, and headers."""
EDDSA = -8
_PART_COUNT = 4
_ALGORITHM, _KEY_ID, _ADDRESS = 1, 4, "address"
_KEY_TYPE, _CURVE, _POINT = 1, -1, -2
_OKP, _ED25519 = 1, 6
_KEY_LABELS = frozenset((_KEY_TYPE, 2, 3, _CURVE, _POINT))
"""Labels of a public key: type, id, algorithm, curve, point. Any other, as the private part -4, is
refused."""


def cip_8(signing: Signing, values: tuple[str, ...]) -> Envelope:
    """Take a COSE_Sign1 apart and hold it against the claim.

    Raises:
        InvalidProof: `malformed_signature`, `malformed_public_key`, `address_not_signed` if the
            header names another address, `message_not_signed` if the payload is another text.
    """
    del values
    protected, unprotected, payload, signature = _parts(signing.signature)
    _check_header(signing, protected)
    hashed = unprotected.get("hashed", False)
    if type(hashed) is not bool:
        raise InvalidProof("malformed_signature")
    text = signing.message
    expected = hashlib.blake2b(text, digest_size=HASH_SIZE).digest() if hashed else text
    signing.show("payload signed", payload)
    if payload != expected:
        raise InvalidProof("message_not_signed")
    signed = b"\x84\x6aSignature1" + cbor.encode_bytes(protected) + b"\x40"
    key = _key(signing.public_key)
    return Envelope(signed + cbor.encode_bytes(payload), signature, key.hex())


def _parts(text: str) -> tuple[bytes, dict[object, object], bytes, bytes]:
    value = _decode(text, "malformed_signature")
    if not isinstance(value, tuple) or len(value) != _PART_COUNT:
        raise InvalidProof("malformed_signature")
    protected, unprotected, payload, signature = value
    shaped = isinstance(unprotected, dict) and all(
        isinstance(part, bytes) for part in (protected, payload, signature)
    )
    if not shaped or len(signature) != SIGNATURE_SIZE:
        raise InvalidProof("malformed_signature")
    return protected, cast("dict[object, object]", unprotected), payload, signature


def _check_header(signing: Signing, protected: bytes) -> None:
    header = _value(protected, "malformed_signature")
    if not isinstance(header, dict) or header.get(_ALGORITHM) != EDDSA:
        raise InvalidProof("malformed_signature")
    # Of a label that is not known nobody can tell what it changes.
    if set(header) - {_ALGORITHM, _KEY_ID, _ADDRESS}:
        raise InvalidProof("malformed_signature")
    address = header.get(_ADDRESS)
    if not isinstance(address, bytes):
        raise InvalidProof("malformed_signature")
    signing.show("address signed", address)
    signing.show("address claimed, as bytes", data_of(signing.addresses[0]))
    if address != data_of(signing.addresses[0]):
        raise InvalidProof("address_not_signed")


def _key(text: str) -> bytes:
    """Give the 32 bytes of a key written by itself or as COSE_Key."""
    data = hextext.decode(text, MAX_SIZE, "malformed_public_key")
    if len(data) == KEY_SIZE:
        return data
    key = _value(data, "malformed_public_key")
    if not isinstance(key, dict) or not set(key) <= _KEY_LABELS:
        raise InvalidProof("malformed_public_key")
    point = key.get(_POINT)
    kind = (key.get(_KEY_TYPE), key.get(_CURVE), key.get(3, EDDSA))
    if kind != (_OKP, _ED25519, EDDSA) or not isinstance(point, bytes) or len(point) != KEY_SIZE:
        raise InvalidProof("malformed_public_key")
    return point


def _decode(text: str, reason: Reason) -> object:
    return _value(hextext.decode(text, MAX_SIZE, reason), reason)


def _value(data: bytes, reason: Reason) -> object:
    try:
        return cbor.decode(data)
    except cbor.CborError as error:
        raise InvalidProof(reason) from error
