"""A signature, and what an authority gave over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from attest.timestamps.rfc3161 import check_reply, make_request, nonce_of

if TYPE_CHECKING:
    from attest.timestamps.authority import Authority
    from tests.attest.timestamps.tsa import Tsa

SIGNATURE = bytes(range(70))


@dataclass(frozen=True, slots=True)
class Stamped:
    """An authority, and its token over SIGNATURE."""

    tsa: Tsa
    token: bytes

    @property
    def authority(self) -> Authority:
        return self.tsa.authority


def stamp(one: Tsa, signature: bytes = SIGNATURE) -> bytes:
    request = make_request(signature, nonce_of(signature))
    return check_reply(one.reply(request), request)
