"""Strict base64: one text for one value.

Only what RFC 4648 section 4 writes is read: the standard alphabet, padding, zero in the bits that
the last character leaves over, nothing before, between or after. Python's decoder alone reads
`YR==` as `YQ==` and `AAAA===` as `AAAA`, so a signature would have several texts; the value is
therefore written again and compared. Refused: spaces, line ends, the URL alphabet, empty text, text
over the caller's limit.
"""

from __future__ import annotations

import base64

from proofs.control import InvalidProof


def decode(text: str, limit: int) -> bytes:
    """Read canonical base64.

    Args:
        text: the signature as the claim writes it.
        limit: most characters that are looked at; longer text is refused before it is decoded.

    Returns:
        One byte or more.

    Raises:
        InvalidProof: `malformed_signature`.
    """
    if not 0 < len(text) <= limit:
        raise InvalidProof("malformed_signature")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidProof("malformed_signature") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise InvalidProof("malformed_signature")
    return data
