"""What both Tron schemes share: signatures of a digest, and the keys' authority over the account.

Signature and key are Ethereum's (`proofs.evm.recovery`): 65 bytes of hex, low s alone, v 27, 28, 0
or 1. The address of the recovered key is compared in canonical form.

An account can be used by other keys than the one its address is made from (`proofs.authority.tron`)
so a claim may hold several signatures, joined by `;`, each of another key. What counts:

- the chain was asked: the keys must fulfil a permission of the account at the pin;
- it was not: each signature must be of the address's own key, and `authority_not_read` says that
  the key may have lost the account since.

Counting keys by signatures was refused: a key that signs twice is refused, as it adds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.snapshot import Question
from chains.tron.address import address_of_key
from proofs.authority import tron as tron_authority
from proofs.control import InvalidProof, Proof
from proofs.evm.recovery import name_signature, parse_signature, recover

if TYPE_CHECKING:
    from proofs.control import Signing, Warning_
    from proofs.evm.recovery import EvmSignature

HEADER = b"\x19TRON Signed Message:\n"
SEPARATOR = ";"
MAX_SIGNATURES = tron_authority.MAX_KEYS


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is still to be asked: who may use the account."""
    if signing.chain.family != "tron" or len(signing.addresses) != 1:
        return ()
    question = _question(signing)
    return () if question in signing.answers else (question,)


def prove(signing: Signing, preimage: bytes) -> Proof:
    """Check that keys which may use a claim's one address signed.

    Args:
        signing: the claim; its message is not looked at.
        preimage: the bytes whose Keccak-256 was signed.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address,
        `malformed_signature`, `key_mismatch`, and what `proofs.evm.recovery` raises.
        UnprovedClaim: as `proofs.authority.tron` says.
    """
    claimed = signing.only_address("tron")
    digest = keccak256(preimage)
    signing.show("digest preimage", preimage)
    signing.show("digest (keccak-256)", digest)
    signatures = _signatures(signing.signature)
    signers = tuple(_signer(signing, one, digest) for one in signatures)
    signing.show("address claimed", claimed)
    if len(set(signers)) != len(signers):
        raise InvalidProof("malformed_signature")
    warnings = _authority(signing, frozenset(signers))
    return Proof(tuple(name_signature(one, digest) for one in signatures), warnings)


def _question(signing: Signing) -> Question:
    return Question(signing.chain.id, "authority", signing.addresses[0])


def _signatures(text: str) -> tuple[EvmSignature, ...]:
    # What is beyond the limit stays in the last part, which is then no signature.
    parts = text.split(SEPARATOR, MAX_SIGNATURES - 1)
    return tuple(parse_signature(part) for part in parts)


def _signer(signing: Signing, signature: EvmSignature, digest: bytes) -> str:
    key = recover(signature, digest)[1:]
    address = address_of_key(key)
    signing.show("recovered public key", key)
    signing.show("address of the key", address)
    return address


def _authority(signing: Signing, signers: frozenset[str]) -> tuple[Warning_, ...]:
    """Compare the keys with the account: by the chain's word, or its address alone."""
    address = signing.addresses[0]
    said = signing.answers.get(_question(signing))
    if said is not None:
        signing.show("who may use the account, as the chain says", said)
        account = tron_authority.read_account(said, signing.chain, address)
        return tron_authority.judge(account, signers)
    if signers != {address}:
        raise InvalidProof("key_mismatch")
    return ("authority_not_read",)
