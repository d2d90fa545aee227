"""A timestamp token: its one form in a bundle, and what it says without trust in anybody.

    TimeStampResp  30 { 30 { status 0 }, 30 { id-signedData, [0] { SignedData } } }
    SignedData     version 3, { digest }, TSTInfo, [0] { the signer's certificate }, { SignerInfo }
    SignerInfo     version 1, issuer and serial, digest, [0] { signed attributes }, key, signature
    TSTInfo        version 1, policy, { algorithm, imprint }, serial, genTime, …, nonce, …

A reply as an authority sends it has parts that nobody signed: a status text, the order and number
of certificates, versions, names of algorithms, unsigned attributes. `read_reply` takes out of it
what is signed, or fixed by what is signed, and `kept` writes that with nothing besides, so that
every byte in a bundle's token is bound. `read_token` takes the kept form alone. Openssl reads both.

The signer must be named twice, as RFC 3161 asks (2.4.2): by issuer and serial, and by the digest of
the certificate in a signed attribute (RFC 5816), so that a key with two certificates stands for
one.

Chosen: a form of our own making, like the envelope's. Refused: keeping the reply as it came, in
which a hundred bytes could be changed and nobody would see it. The chain above the certificate is
not kept: a verifier has it with the certificate that he trusts, and what a stranger put beside it
would be bytes that nothing binds. Refused in any form: BER, several signers, a signer named by key
identifier, MD5 and SHA-1 imprints, critical extensions, status `grantedWithMods`.

Sources: RFC 3161, RFC 5652 (CMS), RFC 5816 and RFC 5035 (ESSCertIDv2).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from attest.errors import InvalidTimestamp
from attest.timestamps import der
from attest.timestamps.attributes import TST_INFO, check_attributes
from attest.timestamps.der import Element, exactly, inside, single, write
from attest.timestamps.info import SHA2, Imprint, digest_of, read_imprint

MAX_REPLY = 256 * 1024
"""A reply of a public authority is 1 to 7 KiB; with revocation lists in it, some hundred."""

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_EC_KEY, _RSA_KEY = bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a864886f70d010101")

_WITH_ECDSA = {
    "sha256": bytes.fromhex("2a8648ce3d040302"),
    "sha384": bytes.fromhex("2a8648ce3d040303"),
    "sha512": bytes.fromhex("2a8648ce3d040304"),
}
_NULL = write(der.NULL)
GRANTED = 0
"""The one status (PKIStatus) that is taken: a token as it was asked for."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is signed in a token, and what the signature needs. Nothing in it is verified."""

    info: bytes
    """The TSTInfo, whole."""
    certificate: bytes
    """The signer's certificate, DER."""
    digest: bytes
    """Identifier of the digest under the signature."""
    attributes: bytes
    """Content of the signed attributes."""
    signature: bytes
    imprint: Imprint

    @property
    def signer(self) -> str:
        """SHA-256 of the signer's certificate, hex."""
        return hashlib.sha256(self.certificate).hexdigest()


def read_reply(data: bytes) -> Token:
    """Read a reply as an authority sent it.

    Raises:
        InvalidTimestamp: not a reply, not granted, or with a digest that is not SHA-2.
    """
    if len(data) > MAX_REPLY:
        raise _malformed(f"{len(data)} bytes, the limit is {MAX_REPLY}")
    try:
        reply = single(data, der.SEQUENCE)
        status = der.read_integer(inside(inside(reply, der.SEQUENCE)[0], der.INTEGER)[0])
        if status != GRANTED:
            what = f"status of the reply is {status}, expected {GRANTED} (granted)"
            raise InvalidTimestamp("timestamp_refused", what)
        return _signed_data(exactly(reply, der.SEQUENCE, der.SEQUENCE)[1])
    except ValueError as error:
        raise _malformed(str(error)) from error


def kept(token: Token) -> bytes:
    """Write a token in the form that a bundle holds; raise InvalidTimestamp for another key."""
    try:
        digest = write(der.SEQUENCE, write(der.OID, token.digest), _NULL)
        info = write(der.OID, TST_INFO) + write(der.FIRST, write(der.OCTETS, token.info))
        signed = write(
            der.SEQUENCE,
            der.write_integer(3),
            write(der.SET, digest),
            write(der.SEQUENCE, info),
            write(der.FIRST, token.certificate),
            write(der.SET, _signer(token, digest)),
        )
    except ValueError as error:
        raise _malformed(str(error)) from error
    granted = write(der.SEQUENCE, der.write_integer(GRANTED))
    content = write(der.OID, _SIGNED_DATA) + write(der.FIRST, signed)
    return write(der.SEQUENCE, granted, write(der.SEQUENCE, content))


def read_token(data: bytes) -> Token:
    """Read a token in its kept form.

    Raises:
        InvalidTimestamp: any other form; with the reason of the first fault.
    """
    token = read_reply(data)
    if kept(token) != data:
        raise _malformed("not its own kept form")
    return token


def check_imprint(token: Token, message: bytes) -> None:
    """Return if a token is over these bytes; who gave it is not asked.

    Raises:
        InvalidTimestamp: timestamp_of_other_bytes.
    """
    imprint = token.imprint
    expected = hashlib.new(imprint.algorithm, message).digest()
    if imprint.digest != expected:
        met = f"{imprint.algorithm} {imprint.digest.hex()}, the bytes have {expected.hex()}"
        raise InvalidTimestamp("timestamp_of_other_bytes", f"token is over {met}")


def _signed_data(content: Element) -> Token:
    kind, wrapped = exactly(content, der.OID, der.FIRST)
    (signed,) = exactly(wrapped, der.SEQUENCE)
    if kind.content != _SIGNED_DATA:
        raise ValueError("content is not signed data")
    head = inside(signed, der.INTEGER, der.SET, der.SEQUENCE, der.FIRST)
    certificates, signers = inside(head[3]), head[-1]
    (signer,) = exactly(signers, der.SEQUENCE)
    info = _info_of(head[2])
    name, digest, attributes, signature = _signer_parts(signer)
    leaf = _named(name, certificates)
    check_attributes(attributes, leaf)
    return Token(info, leaf, digest, attributes, signature, read_imprint(info))


def _info_of(element: Element) -> bytes:
    kind, wrapped = exactly(element, der.OID, der.FIRST)
    (octets,) = exactly(wrapped, der.OCTETS)
    if kind.content != TST_INFO:
        raise ValueError("signed content is not a timestamp")
    return octets.content


def _signer_parts(signer: Element) -> tuple[bytes, bytes, bytes, bytes]:
    """Give issuer and serial, the digest's identifier, the signed attributes, the signature."""
    tags = (der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.FIRST, der.SEQUENCE, der.OCTETS)
    _, name, digest, attributes, _, signature, *_ = inside(signer, *tags)
    return name.content, digest_of(digest), attributes.content, signature.content


def _named(name: bytes, certificates: tuple[Element, ...]) -> bytes:
    """Find the certificate of an issuer and serial."""
    plain = {one.whole for one in certificates if one.tag == der.SEQUENCE}
    found = [one for one in plain if _name_and_key(one)[0] == name]
    if len(found) != 1:
        raise ValueError(f"{len(found)} certificates of the signer's name, expected one")
    return found[0]


def _name_and_key(certificate: bytes) -> tuple[bytes, bytes]:
    """Give a certificate's issuer and serial as a signer is named, and its key's identifier."""
    (body, *_) = inside(single(certificate, der.SEQUENCE), der.SEQUENCE)
    version = [der.FIRST] if inside(body, None)[0].tag == der.FIRST else []
    tags = (*version, der.INTEGER, der.SEQUENCE, der.SEQUENCE, None, None, der.SEQUENCE)
    serial, _, issuer, _, _, key = inside(body, *tags)[len(version) : len(tags)]
    (algorithm, *_) = inside(key, der.SEQUENCE)
    return issuer.whole + serial.whole, inside(algorithm, der.OID)[0].content


def _signer(token: Token, digest: bytes) -> bytes:
    """Write the SignerInfo."""
    name, key = _name_and_key(token.certificate)
    if key == _EC_KEY:
        algorithm = write(der.SEQUENCE, write(der.OID, _WITH_ECDSA[SHA2[token.digest]]))
    elif key == _RSA_KEY:
        algorithm = write(der.SEQUENCE, write(der.OID, _RSA_KEY), _NULL)
    else:
        raise ValueError(f"key of kind {key.hex()}, expected EC or RSA")
    return write(
        der.SEQUENCE,
        der.write_integer(1),
        write(der.SEQUENCE, name),
        digest,
        write(der.FIRST, token.attributes),
        algorithm,
        write(der.OCTETS, token.signature),
    )


def _malformed(what: str) -> InvalidTimestamp:
    return InvalidTimestamp("malformed_timestamp", f"timestamp: {what}")
