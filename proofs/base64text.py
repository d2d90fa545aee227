"""Strict base64: one text for one value.

Only what RFC 4648 section 4 writes is read: the standard alphabet, padding, zero in the bits that
the last character leaves over, nothing before, between or after. Python's decoder alone reads
`YR==` as `YQ==` and `AAAA===` as `AAAA`, so a signature would have several texts; the value is
therefore written again and compared. Refused: spaces, line ends, the URL alphabet, empty text, text
over the caller's limit.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from proofs.control import InvalidProof

if TYPE_CHECKING:
    from proofs.control import Reason


def decode(text: str, limit: int, reason: Reason = "malformed_signature") -> bytes:
    """Read canonical base64.

    Args:
        text: the signature or key as the claim writes it.
        limit: most characters that are looked at; longer text is refused before it is decoded.
        reason: what is raised if it is not strict base64.

    Returns:
        One byte or more.

    Raises:
        InvalidProof: with the reason given.
    """
    if not 0 < len(text) <= limit:
        raise InvalidProof(reason)
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise InvalidProof(reason) from error
    if binascii.b2a_base64(data, newline=False).decode() != text:
        raise InvalidProof(reason)
    return data
