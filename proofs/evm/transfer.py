"""A transfer on an EVM chain as a proof: the sender is the account, the calldata is the text.

The sender is recovered from the transaction's own signature (`proofs.evm.transaction`). Its chain
must be the row's: a key has the same address on every EVM chain. The recipient is free; a transfer
to oneself is the natural one. The calldata must be the text byte for byte, or its SHA-256, and
nothing else: the text within the arguments of a call could have been dictated by whoever asked a
contract's operator for that call. For the same reason transfers inside of a transaction, of a
wallet or batch contract, are no proof of a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof, Proof
from proofs.evm.transaction import parse_transaction
from proofs.transfer_text import carried_forms

if TYPE_CHECKING:
    from proofs.control import Signing
    from proofs.evm.transaction import EvmTransaction


def read(signing: Signing, raw: bytes) -> EvmTransaction:
    """Check what the transaction shows by itself.

    Raises:
        InvalidProof: what `parse_transaction` raises, `account_not_covered` for more than one
        account, `wrong_chain`, `key_mismatch`, `message_not_committed`.
    """
    if len(signing.addresses) != 1:
        raise InvalidProof("account_not_covered")
    tx = parse_transaction(raw)
    signing.show("digest preimage", tx.preimage)
    signing.show("digest", tx.digest)
    signing.show("chain of the transaction", f"eip155:{tx.chain_id}")
    signing.show("address of the key", tx.sender)
    signing.show("address claimed", signing.addresses[0])
    signing.show("calldata", tx.data)
    if f"eip155:{tx.chain_id}" != signing.chain.id:
        raise InvalidProof("wrong_chain")
    if tx.sender != bytes.fromhex(signing.addresses[0][2:]):
        raise InvalidProof("key_mismatch")
    if tx.data not in carried_forms(signing):
        raise InvalidProof("message_not_committed")
    return tx


def prove(tx: EvmTransaction) -> Proof:
    """Give the proof of a transaction that was read and is in a block."""
    return Proof(signatures=(tx.name,))
