"""Tron accounts and signatures for tests, made by eth-account."""

from __future__ import annotations

from eth_account import Account
from eth_hash.backends.pysha3 import keccak256
from eth_keys.datatypes import PrivateKey

from chains.tron.address import address_of_key
from proofs.control import Signing
from tests.chains.account_rows import TRON

SECRETS = tuple(bytes([number]) * 32 for number in range(1, 9))
ADDRESSES = tuple(address_of_key(PrivateKey(secret).public_key.to_bytes()) for secret in SECRETS)
HEADER = b"\x19TRON Signed Message:\n"


def signed(number: int, preimage: bytes) -> str:
    """Sign the Keccak-256 of bytes with a key; hex without `0x`."""
    done = Account.unsafe_sign_hash(keccak256(preimage), SECRETS[number])
    return bytes(done.signature).hex()


def v2(number: int, message: bytes) -> str:
    """Sign a message as signMessageV2 does."""
    return signed(number, HEADER + str(len(message)).encode() + message)


def claim(
    address: str, message: bytes | str, signature: str, profile: str = "", **more: object
) -> Signing:
    """Make a claim."""
    text = message.encode() if isinstance(message, str) else message
    return Signing(TRON, (address,), text, signature, profile=profile, **more)  # type: ignore[arg-type]
