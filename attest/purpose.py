"""One key, one purpose: a key that signs attestations signs for no wallet.

A wallet's key is asked to sign what others write, and lies where transactions are made; whoever
gets it could then make statements too. Ed25519 is the one kind that both sides know: a P-256 key
is of no wallet whose scheme is read here. Looked at are the declared accounts whose address is of
the key, on the chains whose addresses follow from an Ed25519 key alone, and the public keys that
stand beside claims.

It is asked wherever accounts and claims are there: of a whole bundle, and of a regulator's copy. A
public copy holds neither, and `verify --authenticity-only` does not read them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.inputs import Inputs
    from attest.keys import PublicKey

MODULES: Mapping[str, bytes] = {
    # Each gives `address_of_key`, of a key with this before it.
    "chains.aptos.address": b"",
    "chains.polkadot.address": b"",
    "chains.solana.address": b"",
    "chains.stellar.address": b"",
    "chains.sui.address": b"",
    "chains.xrpl.address": b"\xed",
}


def wallets_of(key: PublicKey, inputs: Inputs) -> tuple[str, ...]:
    """List the accounts whose key an attestation key is, and the claims that name it."""
    if not isinstance(key.raw, Ed25519PublicKey):
        return ()
    raw = key.raw.public_bytes_raw()
    own = {import_module(name).address_of_key(before + raw) for name, before in MODULES.items()}
    accounts = (one.id for one in inputs.accounts.rows if one.id.rpartition(":")[2] in own)
    claims = (
        f"claim on line {one.line}"
        for one in inputs.claims
        # Alone, behind 0x or a family's prefix, inside a COSE_Key, and among others.
        if raw.hex() in one.public_key.lower()
    )
    return (*accounts, *claims)
