"""Scheme `eip191`: a wallet's signed message, `personal_sign` (ERC-191, version 0x45).

    digest = keccak256(0x19 || "Ethereum Signed Message:" || LF || length || message)

`length` is the number of the message's bytes, in decimal digits. The message is exactly the bytes
of the claim: text that looks like hex is not decoded, and nothing is normalised. A signature over
the hash of the text is another scheme, `eip191-keccak`, and neither tries the other's digest.

It shows that the key of the address signed. Whether an account with code obeys that key is asked of
the chain, not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs.evm.recovery import prove_digest

if TYPE_CHECKING:
    from proofs.control import Proof, Signing

_HEADER = b"\x19Ethereum Signed Message:\n"


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: as `proofs.evm.recovery.prove_digest` says.
    """
    return prove_personal(signing, signing.message)


def prove_personal(signing: Signing, message: bytes) -> Proof:
    """Check that the key of a claim's address signed a message as `personal_sign` does.

    Raises:
        InvalidProof: as `proofs.evm.recovery.prove_digest` says.
    """
    preimage = personal_preimage(message)
    signing.show("digest preimage", preimage)
    return prove_digest(signing, keccak256(preimage))


def personal_digest(message: bytes) -> bytes:
    """Give the 32 bytes that `personal_sign` signs for a message."""
    return keccak256(personal_preimage(message))


def personal_preimage(message: bytes) -> bytes:
    """Give what `personal_sign` hashes for a message."""
    return _HEADER + str(len(message)).encode() + message
