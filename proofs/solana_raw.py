"""Scheme `solana-raw`: a Solana key signs the text as it is, as wallets' `signMessage` does.

The exact bytes of the message are signed: no header, no normalising. Text that is a transaction
message is refused, since everybody can find signatures of those. The address is the key;
`public_key` may repeat it. The other byte forms of Solana are other schemes, and none is tried
silently for another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs import ed25519_raw
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check the key's signature of the message's bytes.

    Raises:
        InvalidProof: `scheme_not_for_chain`, and what `proofs.ed25519_raw.verify` raises.
    """
    if signing.chain.family != "solana":
        raise InvalidProof("scheme_not_for_chain")
    return ed25519_raw.verify(signing)
