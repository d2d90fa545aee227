"""Extended public keys (BIP-32): reading their text, and deriving child keys without a private key.

    xpub661My… = base58check( version (4) || depth (1) || parent's fingerprint (4) || number (4)
                              || chain code (32) || public key (33) )

    HMAC-SHA512(chain code, public key || index) = left || chain code of the child
    public key of the child = public key + left * G

The point is added by libsecp256k1 through coincurve, and the HMAC is the standard library's; a step
takes about 30 microseconds, a tenth of what btclib takes to build a descriptor's script. Indexes
from 2**31 on are hardened and need the private key: they are refused by whoever reads a path.

A private key is refused as such and never repeated in a message.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import base58
from coincurve import PublicKey

from chains.expression import HARDENED
from config.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

XPUB = bytes.fromhex("0488b21e")
TPUB = bytes.fromhex("043587cf")
"""Versions of a public key on main and on test networks (BIP-32, "Serialization format")."""

_SIZE = 78
_TEXT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{100,112}", re.ASCII)
"""78 bytes and a checksum are 111 letters, or 112 under versions that nobody uses."""
_HALF = 32


@dataclass(frozen=True, slots=True)
class ExtendedKey:
    """An extended public key."""

    version: bytes
    place: bytes
    """Depth, fingerprint of the parent and number, nine bytes as written."""
    chain_code: bytes
    point: bytes
    """The public key, 33 bytes."""

    @property
    def text(self) -> str:
        """The key as base58."""
        whole = self.version + self.place + self.chain_code + self.point
        return base58.b58encode_check(whole).decode("ascii")


def read_key(text: str) -> ExtendedKey | None:
    """Read an extended public key of any version; None if text is none.

    Raises:
        InputError: it is a private key.
    """
    if _TEXT.fullmatch(text) is None:
        return None
    try:
        data = base58.b58decode_check(text)
    except ValueError:
        return None
    if len(data) != _SIZE:
        return None
    key = ExtendedKey(data[:4], data[4:13], data[13:45], data[45:])
    if key.point[0] == 0:
        raise private_key_fault()
    # BIP-32, test vector 5: a key of depth zero has no parent and no number.
    if key.place[0] == 0 and any(key.place):
        return None
    try:
        PublicKey(key.point)
    except ValueError:
        return None
    return key


def private_key_fault() -> InputError:
    """Build the fault of a private key, which is never repeated."""
    return InputError(
        "expression holds a private key",
        "give the extended public key; treat the private key as disclosed if this file was shared",
    )


def descend(key: ExtendedKey, steps: tuple[int, ...]) -> tuple[PublicKey, bytes]:
    """Give public key and chain code after some steps, none of them hardened.

    Raises:
        InputError: as `child`.
    """
    point, code = PublicKey(key.point), key.chain_code
    for step in steps:
        point, code = child(point, code, step)
    return point, code


def child(point: PublicKey, chain_code: bytes, index: int) -> tuple[PublicKey, bytes]:
    """Derive a child key and its chain code (BIP-32, CKDpub).

    Raises:
        InputError: the index is hardened, or has no key, as one of 2**127 has not.
    """
    return _child(point, point.format(), chain_code, index)


def children(
    point: PublicKey, chain_code: bytes, indexes: range
) -> Iterator[tuple[int, PublicKey]]:
    """Derive many children of one key, each with its index; raise InputError as `child`."""
    written = point.format()
    for index in indexes:
        yield index, _child(point, written, chain_code, index)[0]


def _child(
    point: PublicKey, written: bytes, chain_code: bytes, index: int
) -> tuple[PublicKey, bytes]:
    if not 0 <= index < HARDENED:
        raise InputError(f"index {index} is hardened: it is derived from the private key alone")
    digest = hmac.digest(chain_code, written + index.to_bytes(4, "big"), "sha512")
    try:
        return point.add(digest[:_HALF]), digest[_HALF:]
    except ValueError as error:
        raise InputError(f"index {index} has no key, take the next one (BIP-32)") from error
