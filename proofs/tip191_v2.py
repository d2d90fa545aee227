"""Scheme `tip191-v2`: the signed-message form of Tron wallets since tronweb 4.4 (`signMessageV2`).

    digest = keccak256(0x19 || "TRON Signed Message:" || LF || length || message)

`length` is the number of the message's bytes, in decimal digits. The message is exactly the bytes
of the claim: text that looks like hex is not decoded. TIP-191 itself defines other version bytes;
the name is what wallets call the form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs import tip191

if TYPE_CHECKING:
    from chains.snapshot import Question
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof, UnprovedClaim: as `proofs.tip191.prove` says.
    """
    length = str(len(signing.message)).encode()
    return tip191.prove(signing, tip191.HEADER + length + signing.message)


def questions(signing: Signing) -> tuple[Question, ...]:
    """Say what is still to be asked."""
    return tip191.questions(signing)
