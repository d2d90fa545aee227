"""From an ed25519 key to the account it is claimed for, on every chain of such keys.

    solana, polkadot, stellar   the address is the key; `public_key` may repeat it
    aptos, sui, cardano         the address is a hash of the key, which `public_key` gives
    ton                         the address is of a wallet contract that holds the key, which
                                `public_key` gives; one of the known wallet codes must lead to it

The address is derived every time and compared in its canonical form. What no key can stand behind
is refused as `not_a_key`: program-derived Solana addresses, small-order points, Cardano addresses
whose payments a script decides. A key that leads elsewhere is `key_mismatch`. Trying keys out (a
key in the message, in a COSE header) was refused: the claim names its key.

On TON a key that leads elsewhere may still be that of a wallet of another code (a multisig, an
exchange's own). A right signature then shows a key and nothing of the account, so the claim is
unproved (`account_not_derived`), and never proved.

XRP Ledger accounts have keys of this kind too, and their own scheme.

Whether the key still rules the account is known to the chain alone on Aptos (keys rotate), Stellar
(signers and weights) and TON (what lies at the address): a warning says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.aptos import address as aptos
from chains.cardano import address as cardano
from chains.polkadot import address as polkadot
from chains.solana import address as solana
from chains.stellar import address as stellar
from chains.sui import address as sui
from chains.ton import address as ton
from proofs.control import InvalidProof, Proof, UnprovedClaim
from proofs.ed25519 import signature as ed25519

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.control import Signing

_KEY_OF: Mapping[str, Callable[[str], bytes]] = {
    "solana": solana.key_of,
    "polkadot": polkadot.key_of,
    "stellar": stellar.key_of,
}
"""Families whose address is the key."""

_DERIVED: Mapping[str, Callable[[bytes, str], tuple[str, ...]]] = {
    "aptos": lambda key, _claimed: (aptos.address_of_key(key),),
    "sui": lambda key, _claimed: (sui.address_of_key(key),),
    "cardano": lambda key, claimed: (cardano.address_of_key(key, like=claimed),),
    "ton": lambda key, _claimed: ton.wallets_of_key(key),
}
"""Families whose address follows from the key: what it can be, given the address claimed."""

FAMILIES = frozenset((*_KEY_OF, *_DERIVED))
_RULED_BY_CHAIN = frozenset(("aptos", "stellar", "ton"))


def prove(signing: Signing, signed: bytes, signature: bytes, public_key: str) -> Proof:
    """Check that the key of a claim's one address signed some bytes.

    Args:
        signing: the claim; its message, signature and key are not looked at.
        signed: what the form of the message makes of it.
        signature: 64 bytes.
        public_key: hex; may be empty where the address is the key.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
            `malformed_public_key`, `not_a_key`, `key_mismatch`, `signature_invalid`.
        UnprovedClaim: `account_not_derived`.
    """
    claimed = signing.only_address(*FAMILIES)
    signing.show("bytes signed", signed)
    signing.show("address claimed", claimed)
    key_of = _KEY_OF.get(signing.chain.family)
    key = (
        _own_key(signing, key_of(claimed), public_key)
        if key_of
        else _given_key(signing, public_key)
    )
    derived = (claimed,) if key_of else _accounts(signing, claimed, key)
    signing.show("signature", signature)
    ed25519.check_signature(key, signature, signed)
    if claimed not in derived:
        raise UnprovedClaim("account_not_derived")
    ruled = signing.chain.family in _RULED_BY_CHAIN
    return Proof(
        signatures=(ed25519.identity(signature, signed),),
        warnings=("authority_not_read",) if ruled else (),
    )


def _own_key(signing: Signing, key: bytes, public_key: str) -> bytes:
    """Give the key that an address is, unless the claim names another."""
    signing.show("public key, which is the address", key)
    ed25519.check_key(key)
    if public_key and _given_key(signing, public_key) != key:
        raise InvalidProof("key_mismatch")
    return key


def _given_key(signing: Signing, public_key: str) -> bytes:
    key = ed25519.parse_key(public_key)
    signing.show("public key given", key)
    ed25519.check_key(key)
    return key


def _accounts(signing: Signing, claimed: str, key: bytes) -> tuple[str, ...]:
    """Give the addresses a key leads to; only on TON may the one claimed not be among them."""
    if signing.chain.family == "cardano" and not cardano.has_payment_key(claimed):
        raise InvalidProof("not_a_key")
    derived = _DERIVED[signing.chain.family](key, claimed)
    for address in derived:
        signing.show("address of the key", address)
    if claimed not in derived and signing.chain.family != "ton":
        raise InvalidProof("key_mismatch")
    return derived
