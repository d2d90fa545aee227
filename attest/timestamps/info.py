"""TSTInfo: what an authority signs in a timestamp, read without trust in anybody.

    version 1, policy, { algorithm, imprint }, serial, genTime, accuracy, ordering, nonce, …

Read here are the imprint and the nonce alone, so that a token of an authority nobody knows can be
said to be over certain bytes or not. Time, serial and policy are the library's words, once it
verified the token (`attest.timestamps.rfc3161`). A critical extension is refused: none is known.

Source: RFC 3161, 2.4.2; RFC 5754 for the digests' identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass

from attest.errors import InvalidTimestamp
from attest.timestamps import der
from attest.timestamps.der import Element, exactly, inside, single

SHA2 = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
"""Identifiers of the digests that are accepted, anywhere in a token."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a timestamp is over, and the request that it answers."""

    algorithm: str
    """sha256, sha384 or sha512."""
    digest: bytes
    nonce: int | None
    """None: the request had none."""


def read_imprint(data: bytes) -> Imprint:
    """Read the imprint of a TSTInfo; raise ValueError, or InvalidTimestamp for a weak digest."""
    first = (der.INTEGER, der.OID, der.SEQUENCE, der.INTEGER, der.TIME)
    version, _, imprint, _, _, *rest = inside(single(data, der.SEQUENCE), *first)
    algorithm, hashed = exactly(imprint, der.SEQUENCE, der.OCTETS)
    if der.read_integer(version) != 1:
        raise ValueError(f"version {der.read_integer(version)} of a timestamp, expected 1")
    nonces = [der.read_integer(one) for one in rest if one.tag == der.INTEGER]
    _refuse_critical([one for one in rest if one.tag == der.SECOND])
    name = SHA2[digest_of(algorithm)]
    return Imprint(name, hashed.content, nonces[0] if nonces else None)


def _refuse_critical(extensions: list[Element]) -> None:
    for extension in (one for listed in extensions for one in inside(listed)):
        if any(part.tag == der.BOOLEAN for part in inside(extension, der.OID)):
            raise ValueError("critical extension of a timestamp, none is known")


def digest_of(algorithm: Element) -> bytes:
    """Give the identifier of an accepted digest; raise InvalidTimestamp for another."""
    identifier = inside(algorithm, der.OID)[0].content
    if identifier not in SHA2:
        what = f"digest {identifier.hex()} in a timestamp, accepted are SHA-256, SHA-384, SHA-512"
        raise InvalidTimestamp("timestamp_weak", what)
    return identifier
