"""The signed attributes of a token: that a timestamp was signed, and under which certificate.

    { contentType { TSTInfo } } { messageDigest { … } } { signingCertificateV2 { { { hash } } } } …

A token is signed over these attributes, and the digest of the timestamp among them; that it is that
of the timestamp is for the library that verifies the signature. RFC 3161 (2.4.2) asks that they
name the signer's certificate by digest, since issuer and serial beside them are not signed.

Sources: RFC 5652, 11; RFC 2634, 5.4; RFC 5035, 3 and 4.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attest.timestamps import der
from attest.timestamps.der import Element, exactly, inside
from attest.timestamps.info import SHA2, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TST_INFO = bytes.fromhex("2a864886f70d0109100104")
"""Identifier of a timestamp as signed content."""
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910020c")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")


def check_attributes(attributes: bytes, leaf: bytes) -> None:
    """Return if the signed attributes name the content's type and this certificate.

    SHA-1 may name the certificate (RFC 2634): all of a certificate's bytes are compared with those
    that a verifier trusts, and the digest only says which of a key's certificates it was.
    """
    values: dict[bytes, Element] = {}
    for name, value in _cut(attributes):
        if name in values:
            raise ValueError(f"signed attribute twice: {name.hex()}")
        values[name] = value
    if _CONTENT_TYPE not in values or values[_CONTENT_TYPE].content != TST_INFO:
        raise ValueError("signed attributes name another type of content")
    named = [make(values[name], leaf) for name, make in _NAMING.items() if name in values]
    if not named or not all(named):
        raise ValueError("signed attributes do not name the signer's certificate")


def _cut(attributes: bytes) -> list[tuple[bytes, Element]]:
    """Give each signed attribute's identifier and its one value; raise ValueError."""
    found = []
    for attribute in der.cut(attributes):
        name, values = exactly(attribute, der.OID, der.SET)
        (value,) = exactly(values, None)
        found.append((name.content, value))
    return found


def _names_v1(value: Element, leaf: bytes) -> bool:
    (listed, *_) = inside(value, der.SEQUENCE)
    (first, *_) = inside(listed, der.SEQUENCE)
    (hashed, *_) = inside(first, der.OCTETS)
    return hashed.content == hashlib.sha1(leaf, usedforsecurity=False).digest()


def _names_v2(value: Element, leaf: bytes) -> bool:
    (listed, *_) = inside(value, der.SEQUENCE)
    (first, *_) = inside(listed, der.SEQUENCE)
    parts = inside(first, None)
    # The algorithm stands there only where it is not SHA-256.
    stated = SHA2[digest_of(parts[0])] if parts[0].tag == der.SEQUENCE else "sha256"
    hashed = next((one for one in parts if one.tag == der.OCTETS), None)
    return hashed is not None and hashed.content == hashlib.new(stated, leaf).digest()


_NAMING: Mapping[bytes, Callable[[Element, bytes], bool]] = {
    _SIGNING_CERTIFICATE: _names_v1,
    _SIGNING_CERTIFICATE_V2: _names_v2,
}
