"""The 65-byte signature of EVM wallets, and the address whose key made it.

    r (32) || s (32) || v (1)        v = 27 or 28, or the recovery id 0 or 1 itself

Written as hex, with or without `0x`, in any case. One form of a signature is valid here: s at most
n/2 (EIP-2), since anyone can make the twin with n - s. The 64-byte form (EIP-2098) and a v that
carries a chain id (EIP-155) are of transactions, not of messages, and are refused.

    The key is recovered from signature and digest, and its address compared, all 20 bytes.

A key is recovered from almost any 65 bytes, so a signature of another key, of another message or
altered in one bit all end as `key_mismatch`.

Chosen: libsecp256k1, directly (`proofs.key_recovery`). eth-account does the same through three more
layers: importing it takes a second, which a command that checks one claim would feel, each check
takes twice as long, and it accepts a high s. It is the oracle of the tests.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs.control import InvalidProof, Proof, quiet
from proofs.key_recovery import ORDER, UnrecoverableKeyError, recover_key

if TYPE_CHECKING:
    from proofs.control import Signing

_ZERO = bytes(32)
_ORDER = ORDER.to_bytes(32, "big")
_HALF_ORDER = (ORDER // 2).to_bytes(32, "big")
_RECOVERY_IDS = {0: 0, 1: 1, 27: 0, 28: 1}
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{130})", re.ASCII)


@dataclass(frozen=True, slots=True)
class EvmSignature:
    """A signature that was read and not yet checked: r and s in range, s in its low form."""

    r: bytes
    s: bytes
    recovery_id: int


def parse_signature(text: str) -> EvmSignature:
    """Read a signature.

    Raises:
        InvalidProof: `malformed_signature` if it is not 65 bytes of hex with a known v,
        `signature_invalid` if r or s is zero or not below n, `high_s`.
    """
    match = _HEX.fullmatch(text)
    if match is None:
        raise InvalidProof("malformed_signature")
    data = bytes.fromhex(match[1])
    r, s, v = data[:32], data[32:64], data[64]
    if v not in _RECOVERY_IDS:
        raise InvalidProof("malformed_signature")
    # Of one length, bytes compare as the numbers that they write.
    if not (_ZERO < r < _ORDER and _ZERO < s < _ORDER):
        raise InvalidProof("signature_invalid")
    if s > _HALF_ORDER:
        raise InvalidProof("high_s")
    return EvmSignature(r, s, _RECOVERY_IDS[v])


def recover_address(signature: EvmSignature, digest: bytes) -> bytes:
    """Give the address, 20 bytes, of the one key for which the signature of a digest is valid.

    Raises:
        InvalidProof: as `recover`.
    """
    return address_of_key(recover(signature, digest))


def recover(signature: EvmSignature, digest: bytes) -> bytes:
    """Give the one key, 65 bytes, for which the signature of a digest is valid.

    Raises:
        InvalidProof: `signature_invalid` if r is not on the curve.
    """
    compact = signature.r + signature.s
    try:
        return recover_key(compact, signature.recovery_id, digest, compressed=False)
    except UnrecoverableKeyError as error:
        raise InvalidProof("signature_invalid") from error


def address_of_key(key: bytes) -> bytes:
    """Give the address, 20 bytes, of an uncompressed key (Yellow Paper, appendix F)."""
    return keccak256(key[1:])[12:]


def prove_digest(signing: Signing, digest: bytes) -> Proof:
    """Check that the key of a claim's one address signed a digest.

    Args:
        signing: the claim; its message is not looked at.
        digest: the 32 bytes that were signed.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
        `key_mismatch`, and what `parse_signature` and `recover_address` raise.
    """
    written = signing.only_address("evm")
    show = signing.show
    show("digest", digest)
    signature = parse_signature(signing.signature)
    if show is not quiet:
        show("r of the signature", signature.r)
        show("s of the signature", signature.s)
    key = recover(signature, digest)
    show("recovered public key", key)
    address, claimed = address_of_key(key), bytes.fromhex(written[2:])
    if show is not quiet:
        show("address of the key", address)
        show("address claimed", claimed)
    if address != claimed:
        raise InvalidProof("key_mismatch")
    return Proof(signatures=(name_signature(signature, digest),))


def name_signature(signature: EvmSignature, digest: bytes) -> str:
    """Name a signature of a digest: the same for every way of writing it."""
    return hashlib.sha256(digest + signature.r + signature.s).hexdigest()
