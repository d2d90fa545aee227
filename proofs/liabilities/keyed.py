"""HMAC-SHA256 of many messages under one key, or with one beginning.

Chosen: the HMAC of `cryptography`, whose state after the key is copied for each message. Refused:
`hmac.digest`, which looks its hash up and takes its key in anew every time, three times as long.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


def begun(key: bytes, message: bytes = b"") -> HMAC:
    """Begin a message under a key, to be copied and ended any number of times."""
    state = HMAC(key, SHA256())
    state.update(message)
    return state


def ended(begun: HMAC, rest: bytes) -> bytes:
    """Give the 32 bytes of a message that was begun, and leave its beginning as it is."""
    state = begun.copy()
    state.update(rest)
    return state.finalize()
