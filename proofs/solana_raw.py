"""Scheme `solana-raw`: a Solana key signs the text as it is, as wallets' `signMessage` does.

The exact bytes of the message are signed: no header, no normalising. Text that is a transaction
message is refused, since everybody can find signatures of those. The address is the key;
`public_key` may repeat it. The other byte forms of Solana are other schemes, and none is tried
silently for another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof
from proofs.ed25519 import signature as ed25519
from proofs.ed25519.account import prove
from proofs.ed25519.transaction_bytes import refuse_transaction

if TYPE_CHECKING:
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check the key's signature of the message's bytes.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `unknown_profile` for any profile, `transaction_like`,
            `malformed_signature`, and what `proofs.ed25519.account.prove` raises.
    """
    if signing.chain.family != "solana":
        raise InvalidProof("scheme_not_for_chain")
    if signing.profile:
        raise InvalidProof("unknown_profile")
    refuse_transaction(signing.chain, signing.message)
    signature = ed25519.parse_signature(signing.signature)
    return prove(signing, signing.message, signature, signing.public_key)
