"""Scheme `xrpl`: keys of the XRP Ledger sign a text.

There is no standard for it; wallets and `ripple-keypairs` sign the bytes of a message as they sign
those of a transaction. The columns `signature` and `public_key` hold one of each, or as many of
each joined by `;`, in the same order (`proofs.xrpl_signature`). What must hold:

1. the message does not begin as what the ledger hashes does: three letters and a zero byte, such as
   `STX` of a transaction to be signed; text never does;
2. each signature is valid for its key, and no key signs twice;
3. the chain was asked: the keys may use the account at the pin (`proofs.xrpl_authority`). It was
   not: each key's AccountID is the claimed one, and `authority_not_read` says that the key may have
   been disabled since.

Refused besides: a public key that is missing, because none can be recovered from ed25519.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chains.snapshot import Question
from chains.xrpl.address import address_of_key
from proofs import xrpl_authority, xrpl_signature
from proofs.control import InvalidProof, Proof, UnprovedClaim

if TYPE_CHECKING:
    from proofs.control import Signing, Warning_

SEPARATOR = ";"
MAX_SIGNATURES = xrpl_authority.MAX_SIGNERS

_HASH_PREFIX = re.compile(rb"[A-Za-z]{3}\0")
"""Every hash prefix of the ledger has this form (xrpl.org, "Hash Prefixes"), later ones too."""


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
        `message_is_transaction`, `key_mismatch`, `malformed_signature` for a repeated key or
        another number of signatures than keys, and what `proofs.xrpl_signature` raises.
        UnprovedClaim: as `proofs.xrpl_authority` says.
    """
    if signing.chain.family != "xrpl":
        raise InvalidProof("scheme_not_for_chain")
    if len(signing.addresses) != 1:
        raise InvalidProof("account_not_covered")
    signing.show("message", signing.message)
    if _HASH_PREFIX.match(signing.message):
        raise InvalidProof("message_is_transaction")
    keys = _keys(signing.public_key)
    signatures = signing.signature.split(SEPARATOR, MAX_SIGNATURES)
    if len(signatures) != len(keys) or len(set(keys)) != len(keys):
        raise InvalidProof("malformed_signature")
    names = tuple(
        _checked(signing, key, signature) for key, signature in zip(keys, signatures, strict=True)
    )
    return Proof(names, _authority(signing, frozenset(map(address_of_key, keys))))


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is still to be asked: who may use the account, then the same of its signers."""
    if signing.chain.family != "xrpl" or len(signing.addresses) != 1:
        return ()
    account = _question(signing, signing.addresses[0])
    if account not in signing.answers:
        return (account,)
    try:
        listed = _listed(signing, frozenset(map(address_of_key, _keys(signing.public_key))))
    except (InvalidProof, UnprovedClaim):
        # The verdict is there already, and no answer would change it.
        return ()
    asked = (_question(signing, address) for address in sorted(listed))
    return tuple(question for question in asked if question not in signing.answers)


def _keys(text: str) -> tuple[bytes, ...]:
    parts = text.split(SEPARATOR, MAX_SIGNATURES)
    if len(parts) > MAX_SIGNATURES:
        raise InvalidProof("malformed_public_key")
    return tuple(xrpl_signature.read_key(part) for part in parts)


def _checked(signing: Signing, key: bytes, signature: str) -> str:
    """Check one signature and give its identity."""
    signing.show("public key", key)
    if key[0] != xrpl_signature.ED25519:
        signing.show(
            "digest (sha-512, first half)", xrpl_signature.signed_digest(key, signing.message)
        )
    name = xrpl_signature.check(key, signature, signing.message)
    signing.show("address of the key", address_of_key(key))
    return name


def _question(signing: Signing, address: str) -> Question:
    return Question(signing.chain.id, "authority", address)


def _account(signing: Signing, address: str) -> xrpl_authority.XrplAccount | None:
    said = signing.answers[_question(signing, address)]
    signing.show("who may use the account, as the ledger says", said)
    return xrpl_authority.read_account(said, signing.chain, address)


def _listed(signing: Signing, signers: frozenset[str]) -> frozenset[str]:
    """Give those signers that the account's signer list names."""
    account = _account(signing, signing.addresses[0])
    return signers & account.signers.weights.keys() if account and account.signers else frozenset()


def _authority(signing: Signing, signers: frozenset[str]) -> tuple[Warning_, ...]:
    """Compare the keys with the account: by the ledger's word, or its address alone."""
    address = signing.addresses[0]
    signing.show("address claimed", address)
    if _question(signing, address) in signing.answers:
        listed = {
            one: _account(signing, one)
            for one in _listed(signing, signers)
            if _question(signing, one) in signing.answers
        }
        return xrpl_authority.judge(_account(signing, address), signers, listed)
    if signers != {address}:
        raise InvalidProof("key_mismatch")
    return ("authority_not_read",)
