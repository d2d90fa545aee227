"""Scheme `tip191-v1`: the first signed-message form of Tron wallets, over 32 bytes.

    digest = keccak256(0x19 || "TRON Signed Message:" || LF || "32" || body)

The length is written as 32 whatever is signed (tronweb, `Trx.signMessage`; TronLink), and wallets
differ in what the body is. The column `profile` says which, and nothing is tried:

    (empty)   a message of 32 bytes is the body; of any other length, its Keccak-256 is
    keccak    the body is the Keccak-256 of the message (okx/proof-of-reserves, `HashTrxMsg`)
    raw       the body is the message, of any length (tronweb, imToken)

With `raw`, a message that is not 32 bytes must not begin with a digit: "32" and that digit would
read as another length, and the same signature would stand for another message under `tip191-v2`.

An empty profile that stood for one of the two alone was refused: both are published, and a claim
copied from an exchange's file names none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs import tip191
from proofs.control import InvalidProof

if TYPE_CHECKING:
    from chains.snapshot import Question
    from proofs.control import Proof, Signing

_BODY = 32


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: `unknown_profile`, `malformed_message`, and as `proofs.tip191.prove` says.
        UnprovedClaim: as `proofs.tip191.prove` says.
    """
    return tip191.prove(signing, tip191.HEADER + b"32" + body(signing.message, signing.profile))


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is still to be asked."""
    return tip191.questions(signing)


def body(message: bytes, profile: str) -> bytes:
    """Give what follows the length.

    Raises:
        InvalidProof: `unknown_profile`, `malformed_message`.
    """
    if profile not in ("", "keccak", "raw"):
        raise InvalidProof("unknown_profile")
    if profile == "keccak" or (not profile and len(message) != _BODY):
        return keccak256(message)
    if len(message) != _BODY and message[:1].isdigit():
        raise InvalidProof("malformed_message")
    return message
