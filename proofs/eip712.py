"""Scheme `eip712`: the challenge text, signed as typed data (`eth_signTypedData_v4`).

    digest = keccak256(0x19 0x01 || hashStruct(domain) || hashStruct(challenge))

The struct is built here from the claim's text (`proofs.evm.typed_challenge`): the text is
`@challenge`, or the same text pasted. Typed data of any other schema is refused, however well it is
signed, since what it means is for the contract to say that it was made for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from proofs.control import InvalidProof
from proofs.evm.recovery import prove_digest
from proofs.evm.typed_challenge import parse_text

if TYPE_CHECKING:
    from proofs.control import Proof, Signing


def verify(signing: Signing) -> Proof:
    """Check a claim.

    Raises:
        InvalidProof: `text_not_ours` if the message is no challenge text about an EVM account,
        `text_of_another_account`, and what `proofs.evm.recovery.prove_digest` raises.
    """
    challenge = parse_text(signing.message)
    if challenge is None:
        raise InvalidProof("text_not_ours")
    signing.show("account in the text", f"{challenge.chain}:{challenge.address}")
    of_chain = challenge.chain in {signing.chain.id, "eip155:*"}
    if not of_chain or signing.addresses != (challenge.address,):
        raise InvalidProof("text_of_another_account")
    preimage = challenge.preimage
    signing.show("digest preimage", preimage)
    digest = keccak256(preimage)
    signing.show("digest", digest)
    return prove_digest(signing, digest)
