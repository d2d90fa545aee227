"""The 65-byte signature of signed messages, and the key that it recovers.

    header (1) || r (32) || s (32)        header = 27 + recovery id (0 to 3) + 4 * form (0 to 3)

The four forms are BIP-137's: P2PKH of an uncompressed key, P2PKH of a compressed one, P2SH-P2WPKH,
P2WPKH. Whether a form fits an address is for the scheme to say.

Every signature (r, s) has a twin (r, n - s) that anyone can make and that recovers the same key
once the header is adjusted. Both forms are read, and both have the same identity.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from proofs import base64text
from proofs.control import InvalidProof
from proofs.key_recovery import ORDER, UnrecoverableKeyError, recover_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proofs.control import Warning_

Form = Literal["uncompressed", "compressed", "p2sh-p2wpkh", "p2wpkh"]

SIZE = 65
TEXT_SIZE = 88
"""Characters of base64 for 65 bytes."""
FIRST_HEADER = 27

_FORMS: tuple[Form, ...] = ("uncompressed", "compressed", "p2sh-p2wpkh", "p2wpkh")
_IDS = 4
_HALF_ORDER = (ORDER // 2).to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class CompactSignature:
    """A signature that was read and not yet checked."""

    form: Form
    recovery_id: int
    r: bytes
    s: bytes
    """32 bytes, as signed: possibly above n / 2."""

    @property
    def high_s(self) -> bool:
        """Whether this is the twin that BIP-62 and later rules do not let into transactions."""
        # Of one length, bytes compare as the numbers that they write.
        return self.s > _HALF_ORDER


def parse(text: str) -> CompactSignature:
    """Read strict base64 of exactly 65 bytes.

    Raises:
        InvalidProof: `malformed_signature`; `header_mismatch` for a header that BIP-137 does not
        define.
    """
    data = base64text.decode(text, TEXT_SIZE)
    if len(data) != SIZE:
        raise InvalidProof("malformed_signature")
    form, recovery_id = divmod(data[0] - FIRST_HEADER, _IDS)
    if not 0 <= form < len(_FORMS):
        raise InvalidProof("header_mismatch")
    return CompactSignature(_FORMS[form], recovery_id, data[1:33], data[33:])


def recover(signature: CompactSignature, digest: bytes) -> bytes:
    """Give the one key for which the signature of a digest is valid, in the form its header states.

    A key is recovered from almost any 65 bytes. It proves nothing until it is compared with an
    address.

    Raises:
        InvalidProof: `signature_invalid` if no key fits.
    """
    compact = signature.r + signature.s
    compressed = signature.form != "uncompressed"
    try:
        return recover_key(compact, signature.recovery_id, digest, compressed=compressed)
    except UnrecoverableKeyError as error:
        raise InvalidProof("signature_invalid") from error


def identity(signature: CompactSignature, digest: bytes) -> str:
    """Name a signature so that its reuse is seen.

    It is the hex of sha256(message hash || r || the lower of s and n - s), equal for both S forms
    and for every header. Headers are left out because the same r and s under another recovery id
    recover a key that nobody holds.
    """
    low = signature.s
    if signature.high_s:
        low = (ORDER - int.from_bytes(low, "big")).to_bytes(32, "big")
    return hashlib.sha256(digest + signature.r + low).hexdigest()


def warnings_of(signatures: Iterable[CompactSignature]) -> tuple[Warning_, ...]:
    """Give `high_s` if any of the signatures is the high twin."""
    for signature in signatures:
        if signature.high_s:
            return ("high_s",)
    return ()
