"""Whose keys signed for a Safe: its message hash, and the owners' signatures one after the other.

    message   keccak256(0x19 0x01 || hashStruct(domain) || hashStruct(SafeMessage(bytes message)))
              message: the 32 bytes that `isValidSignature` was asked about
              domain: EIP712Domain(uint256 chainId,address verifyingContract); before 1.3.0 without
              chainId, so that such a signature stands for the same Safe on every chain
    slot      r (32) || s (32) || v (1), one an owner, as many as the threshold
              v = 27, 28   an owner's key signed the message hash
              v = 31, 32   the same through `eth_sign`: the prefixed hash was signed, 4 was added
              v = 0        a contract owner; v = 1: the hash was approved on chain. No key signed.

A slot without a signature of a key is no link to a key, and is left out here: who signed is
recovered, never believed. What stands after the slots of the threshold is not looked at, since the
Safe does not look at it.

Source: safe-global/safe-smart-account, `Safe.sol` checkNSignatures and
`CompatibilityFallbackHandler.sol`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofs.eip191 import personal_digest
from proofs.evm.recovery import name_signature, parse_signature, recover_address
from proofs.evm.typed_data import typed_preimage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proofs.evm.typed_data import Types, Value

SLOT = 65
_MESSAGE = (("message", "bytes"),)
_CONTRACT = ("verifyingContract", "address")
_TYPES: Types = {
    "EIP712Domain": (("chainId", "uint256"), _CONTRACT),
    "SafeMessage": _MESSAGE,
}
_OLD_TYPES: Types = {"EIP712Domain": (_CONTRACT,), "SafeMessage": _MESSAGE}
_BY_KEY = {27, 28}
_BY_ETH_SIGN = {31, 32}
_ETH_SIGN_ADDED = 4


@dataclass(frozen=True, slots=True)
class KeySignature:
    """A slot that a key signed."""

    signer: bytes
    """The key's address, 20 bytes."""
    name: str
    """The signature's identity."""


def message_preimage(safe: bytes, chain: int, digest: bytes, *, old: bool) -> bytes:
    """Give the bytes whose Keccak-256 the owners sign.

    Args:
        safe: its address, 20 bytes.
        chain: the chain's id (EIP-155).
        digest: the 32 bytes that the Safe is asked about.
        old: whether it is of a version before 1.3.0.
    """
    domain: dict[str, Value] = {"verifyingContract": safe}
    types = _OLD_TYPES if old else _TYPES
    return typed_preimage(
        types, domain if old else {"chainId": chain, **domain}, "SafeMessage", {"message": digest}
    )


def key_signatures(signature: bytes, threshold: int, digest: bytes) -> Iterator[KeySignature]:
    """Give the signers of the first slots, as many as the threshold, where a key signed.

    Args:
        signature: all slots, and what follows them.
        threshold: how many the Safe looks at.
        digest: the Safe's message hash.

    Raises:
        InvalidProof: a key's slot is not a signature, or is one in its other form (`high_s`).
    """
    for at in range(0, min(threshold * SLOT, len(signature) - SLOT + 1), SLOT):
        slot, v = signature[at : at + SLOT], signature[at + SLOT - 1]
        signed = digest
        if v in _BY_ETH_SIGN:
            signed, slot = personal_digest(digest), slot[:-1] + bytes((v - _ETH_SIGN_ADDED,))
        elif v not in _BY_KEY:
            continue
        one = parse_signature(slot.hex())
        yield KeySignature(recover_address(one, signed), name_signature(one, signed))
