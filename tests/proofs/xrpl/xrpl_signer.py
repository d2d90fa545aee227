"""Accounts of the XRP Ledger and signatures for tests; both kinds of key."""

from __future__ import annotations

import hashlib

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from nacl.signing import SigningKey

from chains.xrpl.address import address_of_key
from proofs.control import Signing
from tests.chains.account_rows import XRPL

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

SECRETS = tuple(bytes([number]) * 32 for number in range(1, 7))
KEYS = tuple(
    # Even ones are secp256k1's, odd ones ed25519's.
    b"\xed" + bytes(SigningKey(secret).verify_key)
    if number % 2
    else PrivateKey(secret).public_key.format()
    for number, secret in enumerate(SECRETS)
)
ADDRESSES = tuple(address_of_key(key) for key in KEYS)


def signed(number: int, message: bytes) -> bytes:
    """Sign a message as the ledger's libraries do."""
    if number % 2:
        return bytes(SigningKey(SECRETS[number]).sign(message).signature)
    half = hashlib.sha512(message).digest()[:32]
    return PrivateKey(SECRETS[number]).sign(half, hasher=None)


def twin(der: bytes) -> bytes:
    """Give the other signature that verifies in most libraries: s becomes n - s."""
    r, s = decode_dss_signature(der)
    return encode_dss_signature(r, ORDER - s)


def claim(
    address: str, message: bytes | str, signature: str, public_key: str, **more: object
) -> Signing:
    """Make a claim."""
    text = message.encode() if isinstance(message, str) else message
    return Signing(XRPL, (address,), text, signature, public_key, **more)  # type: ignore[arg-type]


def own(number: int, message: bytes, **more: object) -> Signing:
    """Make a claim of a key about its own account."""
    key, signature = KEYS[number].hex().upper(), signed(number, message).hex().upper()
    return claim(ADDRESSES[number], message, signature, key, **more)
