"""Replies made by hand, with any part another than an honest authority would write."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from attest.timestamps import der
from attest.timestamps.der import write
from tests.attest.timestamps.stamped import SIGNATURE

if TYPE_CHECKING:
    from tests.attest.timestamps.tsa import Issued

SHA256, SHA1 = bytes.fromhex("608648016503040201"), bytes.fromhex("2b0e03021a")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
DATA = bytes.fromhex("2a864886f70d010701")
CONTENT_TYPE, DIGEST = bytes.fromhex("2a864886f70d010903"), bytes.fromhex("2a864886f70d010904")
CERTIFICATE_V1 = bytes.fromhex("2a864886f70d010910020c")
CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")


def sequence(*parts: bytes) -> bytes:
    return write(der.SEQUENCE, *parts)


def algorithm(identifier: bytes) -> bytes:
    return sequence(write(der.OID, identifier), write(der.NULL))


def attribute(name: bytes, *values: bytes) -> bytes:
    return sequence(write(der.OID, name), write(der.SET, *values))


def names_v2(certificate: bytes) -> bytes:
    hashed = write(der.OCTETS, hashlib.sha256(certificate).digest())
    return attribute(CERTIFICATE_V2, sequence(sequence(sequence(hashed))))


def names_v1(certificate: bytes) -> bytes:
    hashed = write(der.OCTETS, hashlib.sha1(certificate, usedforsecurity=False).digest())
    return attribute(CERTIFICATE_V1, sequence(sequence(sequence(hashed))))


@dataclass(frozen=True, slots=True)
class Forged:
    """A reply's parts; what is not given is what an honest authority writes."""

    own: Issued
    """Whose certificate is named and laid beside, and whose key signs."""
    time: bytes = b"20010203040506Z"
    digest: bytes = SHA256
    """Of the imprint."""
    hashed: bytes = hashlib.sha256(SIGNATURE).digest()
    status: int = 0
    version: int = 1
    kind: bytes = TST_INFO
    """Of the content, as it is stated."""
    stated: bytes = TST_INFO
    """Of the content, as it is signed."""
    after: tuple[bytes, ...] = ()
    """What follows genTime."""
    naming: tuple[bytes, ...] | None = None
    """The attributes that name the certificate."""
    beside: tuple[bytes, ...] | None = None
    """Certificates laid beside, DER."""
    signers: int = 1
    signer_digest: bytes = SHA256
    unsigned: bytes = b""
    text: bytes = b""
    """What follows the status in its sequence."""

    @property
    def certificate(self) -> bytes:
        return self.own.certificate.public_bytes(Encoding.DER)

    @property
    def info(self) -> bytes:
        return sequence(
            der.write_integer(self.version),
            write(der.OID, bytes.fromhex("2a030401")),
            sequence(algorithm(self.digest), write(der.OCTETS, self.hashed)),
            der.write_integer(7),
            write(der.TIME, self.time),
            *self.after,
        )

    def reply(self) -> bytes:
        certificate = self.certificate
        naming = (names_v2(certificate),) if self.naming is None else self.naming
        digest = write(der.OCTETS, hashlib.sha256(self.info).digest())
        listed = (attribute(CONTENT_TYPE, write(der.OID, self.stated)), attribute(DIGEST, digest))
        attributes = b"".join(sorted((*listed, *naming)))
        beside = (certificate,) if self.beside is None else self.beside
        signed = sequence(
            der.write_integer(3),
            write(der.SET, algorithm(self.signer_digest)),
            sequence(write(der.OID, self.kind), write(der.FIRST, write(der.OCTETS, self.info))),
            write(der.FIRST, *beside),
            write(der.SET, *[self._signer(attributes)] * self.signers),
        )
        token = sequence(write(der.OID, SIGNED_DATA), write(der.FIRST, signed))
        return sequence(sequence(der.write_integer(self.status), self.text), token)

    def _signer(self, attributes: bytes) -> bytes:
        body = der.inside(der.single(self.certificate, der.SEQUENCE))[0]
        _, serial, _, issuer, *_ = der.inside(body)
        assert isinstance(self.own.key, ec.EllipticCurvePrivateKey)
        how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        signature = self.own.key.sign(write(der.SET, attributes), how)
        return sequence(
            der.write_integer(1),
            sequence(issuer.whole, serial.whole),
            algorithm(self.signer_digest),
            write(der.FIRST, attributes),
            sequence(write(der.OID, ECDSA_SHA256)),
            write(der.OCTETS, signature),
            self.unsigned,
        )
