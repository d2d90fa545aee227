"""Timestamp authorities of the vectors: `openssl ts`, with certificates that follow from names.

A token holds the time at which it was made, and no two have one signature. Tokens are therefore
made once and kept in `tokens/`, by authority and by what they are over. Tokens that no authority
would give are written by hand, at a fixed time.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from attest.timestamps.tokens import kept, read_reply
from tests.attest.timestamps import tsa
from tests.attest.timestamps.forge import SHA1, Forged
from tests.attest.timestamps.stamped import stamp
from tests.bundles.signers import p256_private

if TYPE_CHECKING:
    from tests.attest.timestamps.tsa import Issued

TOKENS = Path(__file__).parent / "tokens"
VALID = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
NAMES = ("one", "two", "other")
"""Two authorities that a verifier may trust, and one that he does not know."""


@cache
def root(name: str) -> Issued:
    key, serial = p256_private(f"root {name}"), NAMES.index(name) + 1
    return tsa.issue(f"Test root {name}", ca=True, valid=VALID, key=key, serial=serial)


@cache
def own(name: str) -> Issued:
    """Give the certificate under which an authority signs, with its key."""
    key, serial = p256_private(f"authority {name}"), NAMES.index(name) + 101
    return tsa.issue(f"Test authority {name}", root(name), valid=VALID, key=key, serial=serial)


@cache
def _running(name: str) -> tsa.Tsa:
    return tsa.start(Path(tempfile.mkdtemp()) / name, root(name), own(name))


def token_of(name: str, signature: bytes) -> bytes:
    """Give an authority's token over a signature: the one that is kept, or a new one."""
    place = TOKENS / f"{name}-{sha256(signature).hexdigest()[:16]}.tsr"
    if not place.exists():
        place.write_bytes(stamp(_running(name), signature))
    return place.read_bytes()


def token_at(name: str, signature: bytes, time: str) -> bytes:
    """Write a token by hand: an authority with a clock that says another time."""
    hashed = sha256(signature).digest()
    return kept(read_reply(Forged(own(name), time=time.encode(), hashed=hashed).reply()))


def weak_token(name: str, signature: bytes) -> bytes:
    """Write a token over the SHA-1 of a signature."""
    return Forged(own(name), digest=SHA1, hashed=sha256(signature).digest()[:20]).reply()


def refusal(name: str, signature: bytes) -> bytes:
    """Write an answer whose status is a rejection."""
    return Forged(own(name), hashed=sha256(signature).digest(), status=2).reply()
