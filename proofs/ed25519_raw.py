"""Scheme `ed25519-raw`: a key signs the message's bytes as they are, on any chain of such keys.

The key is in `public_key`, and may be left out where the address is the key. What is signed is the
message itself, so the forms that wallets build around a text can be claimed in full: an Aptos full
message (`APTOS`, line feed, …) or Polkadot's `<Bytes>…</Bytes>` is written into the column as the
wallet signed it. A message that the chain's transactions are signed as is refused.

The XRP Ledger has its own scheme, because its keys are written and hashed in its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof
from proofs.ed25519 import signature as ed25519
from proofs.ed25519.account import FAMILIES, prove
from proofs.ed25519.transaction_bytes import refuse_transaction

if TYPE_CHECKING:
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check the key's signature of the message's bytes.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `unknown_profile` for any profile, `transaction_like`,
            `malformed_signature`, and what `proofs.ed25519.account.prove` raises.
    """
    if signing.chain.family not in FAMILIES:
        raise InvalidProof("scheme_not_for_chain")
    if signing.profile:
        raise InvalidProof("unknown_profile")
    refuse_transaction(signing.chain, signing.message)
    signature = ed25519.parse_signature(signing.signature)
    return prove(signing, signing.message, signature, signing.public_key)
