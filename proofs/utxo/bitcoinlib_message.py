"""The hash of a signed message, through python-bitcoinlib: its only importer among the proofs.

    sha256(sha256(varstr(header) || varstr(message)))

`varstr` is a CompactSize length and the bytes, so a text of 253 bytes or more has a length of three
bytes. Each chain has its own header. The library's `BitcoinMessage` takes text alone and encodes
it; a claim may also state bytes in hex, so its serialiser is given the bytes themselves. Nothing is
normalised: Unicode forms, spaces and line ends are hashed as the claim has them.

The curve code of that library is not used: it accepts any header byte, lax base64, and binds a
system libssl. It serves the tests as a second opinion.
"""

from __future__ import annotations

from functools import lru_cache

# The library ships no types; what crosses this module is `bytes` and is given its type here.
from bitcoin.core.serialize import BytesSerializer, Hash  # type: ignore[import-untyped]


def framed(message: bytes, header: str) -> bytes:
    """Give a header and a message, each after its CompactSize length.

    Args:
        message: the exact bytes of the text.
        header: the text before it, such as `Bitcoin Signed Message:` and a line feed.
    """
    framed_message: bytes = BytesSerializer.serialize(message)
    return _framed_header(header) + framed_message


def message_hash(message: bytes, header: str) -> bytes:
    """Give the 32 bytes that a wallet of the chain signs for a message.

    Args:
        message: the exact bytes of the text.
        header: the chain's message header.
    """
    return digest_of(framed(message, header))


def digest_of(framed_message: bytes) -> bytes:
    """Hash a header and a message that `framed` gave."""
    digest: bytes = Hash(framed_message)
    return digest


@lru_cache(maxsize=64)
def _framed_header(header: str) -> bytes:
    """Put a header's length before it; headers are few and are met with every message."""
    return bytes(BytesSerializer.serialize(header.encode()))
