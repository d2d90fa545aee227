"""Scheme `eip191-keccak`: `personal_sign` over the hash of the message.

    digest = keccak256(0x19 || "Ethereum Signed Message:" || LF || "32" || keccak256(message))

Some exchanges publish signatures of this form (okx/proof-of-reserves, common/crypto_test.go): the
text is hashed first and the 32 bytes are what the wallet signs. The claim's message is the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs.eip191 import prove_personal

if TYPE_CHECKING:
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: as `proofs.evm.recovery.prove_digest` says.
    """
    hashed = keccak256(signing.message)
    signing.show("hash of the message", hashed)
    return prove_personal(signing, hashed)
