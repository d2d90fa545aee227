"""Addresses of the XRP Ledger, canonical in the classic form (`r…`).

    classic    base58check of 0x00 || AccountID (20)                           rU6K7V3Po4snVhBB…
    X-address  base58check of 0x0544 (X…) or 0x0493 (T…, test network)
               || AccountID (20) || flag (1) || tag (8, little end first)      XVLhHMPHU98es4db…

Base58 has the ledger's own alphabet (xrpl.org, "Base58 Encodings"; XLS-5). The AccountID is
RIPEMD-160(SHA-256(key)) of the 33-byte key: a compressed secp256k1 key, or 0xED and an ed25519 key.

An X-address without a tag names the same account and is written in the classic form. With a tag,
even 0, it names a payee inside an account, such as an exchange's customer, and is refused: what is
declared and proved are accounts. So is one of the other network, which the classic form cannot
tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains import base58text
from chains.keyhash import hash160
from chains.refusal import not_an_address
from config.errors import InputError

if TYPE_CHECKING:
    from config.registry import Chain

MAX_LENGTH = 48
"""35 bytes with their checksum; X-addresses have 47 letters."""
PREFIX = b"\x00"

_CLASSIC = 21
_NO_TAG = b"\x00" * 9
_X_PREFIXES = {"main": b"\x05\x44", "test": b"\x04\x93"}
_X_SIZE = 31
_HINT = "write the form that begins with r"


def parse_address(chain: Chain, text: str) -> str:
    """Give the classic form of an address.

    Args:
        chain: the chain it is on; its network decides which X-addresses are read.
        text: classic, or an X-address without a tag; no surrounding spaces.

    Raises:
        InputError: it is neither, of another network, or names a tag.
    """
    try:
        payload = base58text.decode_check(text, MAX_LENGTH, base58text.RIPPLE)
    except InputError as error:
        raise not_an_address(chain, text, error.what, _HINT) from error
    if len(payload) == _CLASSIC and payload.startswith(PREFIX):
        return text
    if len(payload) == _X_SIZE and payload[:2] in _X_PREFIXES.values():
        return _classic(chain, text, payload)
    why = f"{len(payload)} bytes that begin with {payload[:2].hex()}, 21 with 00 are needed"
    raise not_an_address(chain, text, why, _HINT)


def address_of_key(key: bytes) -> str:
    """Give the address of a key of 33 bytes, as the ledger writes it."""
    return base58text.encode_check(PREFIX + hash160(key), base58text.RIPPLE)


def _classic(chain: Chain, text: str, payload: bytes) -> str:
    """Resolve an X-address."""
    if payload[:2] != _X_PREFIXES[chain.network]:
        raise not_an_address(chain, text, f"X-address of another network than {chain.network!r}")
    if payload[22:] != _NO_TAG:
        raise not_an_address(chain, text, "X-address with a tag: a payee in an account", _HINT)
    return base58text.encode_check(PREFIX + payload[2:22], base58text.RIPPLE)
