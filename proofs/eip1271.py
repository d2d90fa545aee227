"""Scheme `eip1271`: a contract's word that a signature is good, and the keys behind the word.

    digest   keccak256(0x19 || "Ethereum Signed Message:" || LF || length || message)
    asked    isValidSignature(bytes32 digest, bytes signature) at the pin
    yes      exactly 32 bytes: 0x1626ba7e and zeros

A contract's yes alone shows no control: it may say yes to everything, or to whom it likes. So

1. a signature for a contract that is not deployed is refuted (`proofs.evm.erc6492`);
2. the account must have code at the pin;
3. the contract must say yes, and must not say yes to another digest, nor to another signature;
4. whose keys that takes must be known: the contract is a Safe known here (`proofs.evm.safe`), and
   as many of its owners' keys as its threshold signed themselves, seen by recovering them.

A contract that passes (3) and is not known is `unproved`, and so is a Safe whose signers are
contracts. Safes before 1.3.0 are asked `isValidSignature(bytes,bytes)` about the 32 bytes of the
digest, and say 0x20c13b0b.

The claim is for its own chain: at the same address of another chain another contract may lie.
Everything is asked at the pin, so that the answer is as of the statement; an owner who was removed
later, or will be, changes nothing. Probes follow from the claim's digest, so that who verifies asks
the same; a contract that knows them can pass (3), and learns nothing that helps it with (4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs import hextext
from proofs.control import InvalidProof, UnprovedClaim
from proofs.eip191 import personal_digest
from proofs.evm.abi import call_data
from proofs.evm.contract import Contract
from proofs.evm.erc6492 import is_wrapped
from proofs.evm.safe import (
    identity_questions,
    key_questions,
    known_safe,
    prove_safe,
    safe_questions,
)

if TYPE_CHECKING:
    from chains.snapshot import Question
    from proofs.control import Proof, Signing

MAX_SIGNATURE = 12_000
"""Bytes: 184 owners of a Safe, and within what a call may carry (`chains.evm.attempt`)."""

_MAGIC = bytes.fromhex("1626ba7e")
_OLD_MAGIC = bytes.fromhex("20c13b0b")
_WORD = 32


def verify(signing: Signing) -> Proof:
    """Check a claim against what its chain answered.

    Raises:
        InvalidProof: `scheme_not_for_chain`, `account_not_covered`, `malformed_signature`,
            `not_deployed_signature`, `no_contract`, `signature_invalid`,
            `contract_accepts_anything`, and `high_s` of an owner's signature.
        UnprovedClaim: `chain_not_asked`, `unknown_contract`, `no_key_link`.
    """
    contract, digest, signature = _read(signing)
    if not contract.code(contract.address):
        raise InvalidProof("no_contract")
    safe = known_safe(contract)
    if safe is None:
        _check_word(contract, digest, signature, old=False)
        raise UnprovedClaim("unknown_contract")
    signers = safe.signers(digest, signature)
    _check_word(contract, digest, signature, old=safe.singleton.old)
    return prove_safe(safe, signers)


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is to be asked next, given `signing.answers`.

    Raises:
        InvalidProof: the claim is refuted whatever is answered.
        UnprovedClaim: an answer that is given is not one that a known contract gives.
    """
    contract, digest, signature = _read(signing)
    words = _calls(digest, signature, old=False).values()
    first = (*identity_questions(contract), *map(contract.call, words))
    if not contract.heard(*first):
        return first
    second = safe_questions(contract)
    if not contract.heard(*second):
        return second
    safe = known_safe(contract)
    if safe is None:
        return ()
    old = _calls(digest, signature, old=True).values() if safe.singleton.old else ()
    return (*key_questions(safe, digest, signature), *map(contract.call, old))


def _read(signing: Signing) -> tuple[Contract, bytes, bytes]:
    """Give the contract, the digest it is asked about, and the signature."""
    signing.only_address("evm")
    signature = hextext.decode(signing.signature, hextext.limit_of(MAX_SIGNATURE))
    if len(signature) > MAX_SIGNATURE:
        raise InvalidProof("malformed_signature")
    if is_wrapped(signature):
        raise InvalidProof("not_deployed_signature")
    digest = personal_digest(signing.message)
    signing.show("digest", digest)
    return Contract(signing), digest, signature


def _calls(digest: bytes, signature: bytes, *, old: bool) -> dict[str, str]:
    """Give the calls by what they ask: about the claim, another digest, another signature."""
    other = keccak256(b"not asked of anybody" + digest)
    turned = bytes(byte ^ 1 for byte in signature)
    function = f"isValidSignature({'bytes' if old else 'bytes32'},bytes)"
    return {
        "word on the claim": call_data(function, digest, signature),
        "word on another digest": call_data(function, other, signature),
        "word on another signature": call_data(function, digest, turned),
    }


def _check_word(contract: Contract, digest: bytes, signature: bytes, *, old: bool) -> None:
    """Hear the contract on the claim and on what nobody signed."""
    magic = _OLD_MAGIC if old else _MAGIC
    calls = _calls(digest, signature, old=old)
    words = {what: contract.returned(what, data) for what, data in calls.items()}
    claimed, *probes = words.values()
    if claimed != magic.ljust(_WORD, b"\0"):
        raise InvalidProof("signature_invalid")
    # Some who ask look at the first four bytes alone: to them any such word is a yes.
    if any(word is not None and word.startswith(magic) for word in probes):
        raise InvalidProof("contract_accepts_anything")
