"""RFC 3161 timestamps over a signature: ask, check a reply, check a token. The one adapter.

    request = make_request(signature, nonce_of(signature))     # to the authority, over any channel
    token = check_reply(reply, request)                        # what a bundle keeps
    stamp = check_token(token, signature, authority)           # offline, decades later too

The library verifies the CMS signature, and the chain at the token's own time: that a certificate
has expired since takes nothing away. It is the only thing here that does cryptography, and sees a
token after everything below was checked by our own reading of it (`attest.timestamps.tokens`):

(1) the token is in its kept form, with one signer and one certificate, which is the signer's;
(2) it is over these bytes;
(3) that certificate is the authority's own, byte by byte.

So neither of the library's former faults is reached: before 1.0.3 a token's own signature was not
sufficiently checked, and before 1.0.6 a certificate put beside the signer's could stand for it.
Tests hold both against this version.

What is not looked at: whether a certificate was revoked. The library takes no lists, and a token
given before the revocation stands anyway; a verifier who learns that an authority's key was lost
takes it out of his file.

The nonce follows from the signature, so that a reply which comes back days later from another
machine can be held against it, and no state is kept. Chosen over a random one, because a reply that
is played again is an earlier token over the same bytes: a better proof than the one asked for.

Sources: RFC 3161; RFC 5280, 6.1 for the chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from attest.errors import InvalidTimestamp
from attest.timestamps import der
from attest.timestamps.der import exactly, single, write
from attest.timestamps.info import Imprint
from attest.timestamps.tokens import Token, check_imprint, kept, read_reply, read_token

if TYPE_CHECKING:
    from attest.timestamps.authority import Authority

REQUEST_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"
_SHA256 = bytes.fromhex("608648016503040201")
_NONCE_BYTES = 8
_NONCE_TEXT = b"custody-attest timestamp nonce\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A verified timestamp: the signature was there at that time."""

    authority: str
    """Name, as the verifier has it."""
    time: int
    """genTime in Unix seconds, by the authority's clock; parts of a second are cut off."""
    serial: int
    """Of the token, by the authority."""
    policy: str
    """Under which it was given; dotted."""


def nonce_of(signature: bytes) -> int:
    """Give the nonce of a request: 64 bits that follow from the signature."""
    return int.from_bytes(hashlib.sha256(_NONCE_TEXT + signature).digest()[:_NONCE_BYTES], "big")


def make_request(signature: bytes, nonce: int) -> bytes:
    """Write a TimeStampReq: SHA-256 of the signature, with the certificate asked for.

    Args:
        signature: the bytes to be stamped.
        nonce: not negative; the reply must repeat it.
    """
    algorithm = write(der.SEQUENCE, write(der.OID, _SHA256), write(der.NULL))
    hashed = write(der.OCTETS, hashlib.sha256(signature).digest())
    return write(
        der.SEQUENCE,
        der.write_integer(1),
        write(der.SEQUENCE, algorithm, hashed),
        der.write_integer(nonce),
        write(der.BOOLEAN, b"\xff"),
    )


def check_reply(reply: bytes, request: bytes) -> bytes:
    """Check a reply against its request; whether its authority is to be trusted is not asked.

    Args:
        reply: as the authority sent it.
        request: what `make_request` wrote.

    Returns:
        The token in the form that a bundle keeps.

    Raises:
        InvalidTimestamp: malformed, not granted, weak, over other bytes, or with another nonce.
    """
    token = read_reply(reply)
    met, asked = token.imprint, _asked(request)
    if (met.algorithm, met.digest) != (asked.algorithm, asked.digest):
        what = f"token is over {met.algorithm} {met.digest.hex()}, asked for {asked.digest.hex()}"
        raise InvalidTimestamp("timestamp_of_other_bytes", what)
    if met.nonce != asked.nonce:
        what = f"nonce is {met.nonce}, asked with {asked.nonce}"
        raise InvalidTimestamp("timestamp_of_other_request", what)
    return kept(token)


def _asked(request: bytes) -> Imprint:
    """Read what a request of `make_request` asked for."""
    tags = (der.INTEGER, der.SEQUENCE, der.INTEGER, der.BOOLEAN)
    try:
        _, imprint, nonce, _ = exactly(single(request, der.SEQUENCE), *tags)
        hashed = exactly(imprint, der.SEQUENCE, der.OCTETS)[1].content
        return Imprint("sha256", hashed, der.read_integer(nonce))
    except ValueError as error:
        raise InvalidTimestamp("malformed_timestamp", f"request: {error}") from error


def check_over(token: bytes, signature: bytes) -> Token:
    """Check that a token is in its kept form and over a signature, whoever gave it.

    Returns:
        What it says; nothing in it is to be trusted but that it is over these bytes.

    Raises:
        InvalidTimestamp: malformed, weak, or over other bytes.
    """
    found = read_token(token)
    check_imprint(found, signature)
    return found


def check_token(token: bytes, signature: bytes, authority: Authority) -> Stamp:
    """Verify a token of an authority over a signature, at the token's own time.

    Raises:
        InvalidTimestamp: with the reason of the first check that fails.
    """
    found = check_over(token, signature)
    if found.certificate != authority.der:
        expected = hashlib.sha256(authority.der).hexdigest()
        what = f"signed under certificate {found.signer}, {authority.name} has {expected}"
        raise InvalidTimestamp("timestamp_untrusted", what)
    try:
        reply = decode_timestamp_response(token)
        info = reply.tst_info
        verified = _builder(authority).build().verify_message(reply, signature)
    except (VerificationError, ValueError) as error:
        raise _invalid(authority) from error
    if not verified:
        raise _invalid(authority)
    policy = info.policy.dotted_string
    if authority.policy not in (None, policy):
        what = f"policy of the token is {policy}, of {authority.name} {authority.policy}"
        raise InvalidTimestamp("timestamp_policy", what)
    time = (info.gen_time - _EPOCH) // timedelta(seconds=1)
    return Stamp(authority.name, time, info.serial_number, policy)


def _invalid(authority: Authority) -> InvalidTimestamp:
    what = f"token of {authority.name} does not verify at its own time"
    return InvalidTimestamp("timestamp_invalid", what)


def _builder(authority: Authority) -> VerifierBuilder:
    return VerifierBuilder(
        tsa_certificate=authority.certificate,
        intermediates=list(authority.intermediates),
        roots=list(authority.roots),
    )
