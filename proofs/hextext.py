"""Hex of whole bytes: with or without `0x`, in any case, one byte or more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proofs.control import InvalidProof

if TYPE_CHECKING:
    from proofs.control import Reason

_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)", re.ASCII)


def decode(text: str, limit: int, reason: Reason = "malformed_signature") -> bytes:
    """Read hex.

    Args:
        text: the signature, script or key as the claim writes it.
        limit: most characters that are looked at; longer text is refused before it is decoded.
        reason: what is raised if it is not such text.

    Returns:
        One byte or more.

    Raises:
        InvalidProof: with the reason given.
    """
    match = _HEX.fullmatch(text) if len(text) <= limit else None
    if match is None:
        raise InvalidProof(reason)
    return bytes.fromhex(match[1])


def limit_of(size: int) -> int:
    """Give how many characters so many bytes have at most."""
    return 2 + 2 * size
