"""Scheme `xrpl`: keys of the XRP Ledger sign a text.

There is no standard for it; wallets and `ripple-keypairs` sign the bytes of a message as they sign
those of a transaction. The columns `signature` and `public_key` hold one of each, or as many of
each joined by `;`, in the same order (`proofs.xrpl_signature`). What must hold:

1. the message does not begin as what the ledger hashes does: three letters and a zero byte, such as
   `STX` of a transaction to be signed; text never does;
2. each signature is valid for its key, and no key signs twice;
3. the chain was asked: the keys may use the account at the pin (`proofs.authority.xrpl`). It was
   not: each key's AccountID is the claimed one, and `authority_not_read` says that the key may have
   been disabled since.

Refused besides: a public key that is missing, because none can be recovered from ed25519.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chains.snapshot import Question
from chains.xrpl.address import address_of_key
from proofs import xrpl_signature
from proofs.authority import xrpl as xrpl_authority
from proofs.control import InvalidProof, Proof, UnprovedClaim

if TYPE_CHECKING:
    from proofs.authority.xrpl import XrplAccount
    from proofs.control import Signing, Warning_

SEPARATOR = ";"
MAX_SIGNATURES = xrpl_authority.MAX_SIGNERS

_HASH_PREFIX = re.compile(rb"[A-Za-z]{3}\0")
"""Every hash prefix of the ledger has this form (xrpl.org, "Hash Prefixes"), later ones too."""


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
        `transaction_like`, `key_mismatch`, `malformed_signature` for a repeated key or
        another number of signatures than keys, and what `proofs.xrpl_signature` raises.
        UnprovedClaim: as `proofs.authority.xrpl` says.
    """
    signing.only_address("xrpl")
    if _HASH_PREFIX.match(signing.message):
        raise InvalidProof("transaction_like")
    keys = _keys(signing.public_key)
    signatures = signing.signature.split(SEPARATOR, MAX_SIGNATURES)
    if len(signatures) != len(keys) or len(set(keys)) != len(keys):
        raise InvalidProof("malformed_signature")
    checked = tuple(
        _checked(signing, key, signature) for key, signature in zip(keys, signatures, strict=True)
    )
    signers = frozenset(address for _, address in checked)
    return Proof(tuple(name for name, _ in checked), _authority(signing, signers))


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is still to be asked: who may use the account, then the same of its signers."""
    if signing.chain.family != "xrpl" or len(signing.addresses) != 1:
        return ()
    account = _question(signing, signing.addresses[0])
    if account not in signing.answers:
        return (account,)
    try:
        found = _account(signing, signing.addresses[0])
        signers = frozenset(map(address_of_key, _keys(signing.public_key)))
    except (InvalidProof, UnprovedClaim):
        # The verdict is there already, and no answer would change it.
        return ()
    asked = (_question(signing, one) for one in sorted(xrpl_authority.listed(found, signers)))
    return tuple(question for question in asked if question not in signing.answers)


def _keys(text: str) -> tuple[bytes, ...]:
    # What is beyond the limit stays in the last part, which is then no key.
    parts = text.split(SEPARATOR, MAX_SIGNATURES - 1)
    return tuple(xrpl_signature.read_key(part) for part in parts)


def _checked(signing: Signing, key: bytes, signature: str) -> tuple[str, str]:
    """Check one signature; give its identity and the address of its key."""
    signing.show("public key", key)
    name = xrpl_signature.check(key, signature, signing.message, signing.show)
    address = address_of_key(key)
    signing.show("address of the key", address)
    return name, address


def _authority(signing: Signing, signers: frozenset[str]) -> tuple[Warning_, ...]:
    """Compare the keys with the account: by the ledger's word, or its address alone."""
    address = signing.addresses[0]
    signing.show("address claimed", address)
    if _question(signing, address) in signing.answers:
        account = _account(signing, address)
        named = xrpl_authority.listed(account, signers)
        heard = (one for one in sorted(named) if _question(signing, one) in signing.answers)
        return xrpl_authority.judge(
            account, signers, {one: _account(signing, one) for one in heard}
        )
    if signers != {address}:
        raise InvalidProof("key_mismatch")
    return ("authority_not_read",)


def _question(signing: Signing, address: str) -> Question:
    return Question(signing.chain.id, "authority", address)


def _account(signing: Signing, address: str) -> XrplAccount | None:
    said = signing.answers[_question(signing, address)]
    signing.show("who may use the account, as the ledger says", said)
    return xrpl_authority.read_account(said, signing.chain, address)
