"""Scheme `onchain-transfer`: a transaction of the account in a block, which carries the text.

For accounts whose keys sign transactions and nothing else. `signature` is the signed transaction in
hex, as it went over the network; `proofs.evm.transfer` and `proofs.utxo.transfer` say what it must
look like on their chains. On both:

1. the text, or its SHA-256, stands in the transaction where only its signer puts it: calldata, or
   an OP_RETURN output. Both are signed with the rest;
2. the text names the account. What is on a chain is public, so a transaction with some other text
   can be held up by anybody; one whose text is an amount above all. Any customer can ask an
   exchange for a withdrawal of a dictated amount: that shows nothing about keys, and is refused;
3. the account signed the transaction itself. What a contract moved on its behalf is no proof;
4. the transaction is in a block at or below the pin, and was not reverted there. The chain is asked
   for it (`inclusion`). Without its word the claim is `unproved`: the transaction may have been
   held back, to be replaced.

Refused: Solana, Tron and XRPL. Their transactions carry notes too, but that one of them is final is
not read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chains.inclusion import decode_inclusion
from chains.snapshot import Question
from proofs import hextext
from proofs.control import InvalidProof, UnprovedClaim
from proofs.evm import transfer as evm_transfer
from proofs.utxo import transfer as utxo_transfer

if TYPE_CHECKING:
    from chains.inclusion import Inclusion
    from proofs.control import Proof, Signing

MAX_TEXT = 8 * 1024 * 1024
"""Characters: the hex of the largest transaction that a block of the Bitcoin family holds."""


def verify(signing: Signing) -> Proof:
    """Check a transaction of the account that carries the message.

    Raises:
        InvalidProof: with the reason.
        InconclusiveProof: `upgradeable_rule`.
        UnprovedClaim: `transfer_not_checked`, `transfer_not_included`.
    """
    raw = _raw(signing)
    if signing.chain.family == "evm":
        sent = evm_transfer.read(signing, raw)
        _included(signing, sent.txid)
        return evm_transfer.prove(sent)
    spent = utxo_transfer.read(signing, raw)
    return utxo_transfer.prove(signing, spent, _included(signing, spent.txid).prevouts)


def questions(signing: Signing) -> tuple[Question, ...]:
    """Ask for the block of a transaction that is right as far as it shows by itself."""
    try:
        raw = _raw(signing)
        if signing.chain.family == "evm":
            txid = evm_transfer.read(signing, raw).txid
        else:
            txid = utxo_transfer.read(signing, raw).txid
    except InvalidProof:
        return ()
    return (Question(signing.chain.id, "inclusion", txid),)


def _raw(signing: Signing) -> bytes:
    return hextext.decode(signing.signature, MAX_TEXT)


def _included(signing: Signing, txid: str) -> Inclusion:
    """Give where the chain says that the transaction is; raise if it does not say so."""
    signing.show("transaction", txid)
    answer = signing.answers.get(Question(signing.chain.id, "inclusion", txid))
    if answer is None:
        raise UnprovedClaim("transfer_not_checked")
    signing.show("what the chain says of it", answer)
    try:
        found = decode_inclusion(answer)
    except ValueError as error:
        raise UnprovedClaim("transfer_not_checked") from error
    if found.status == "absent":
        raise UnprovedClaim("transfer_not_included")
    if found.status == "failed":
        raise InvalidProof("transfer_failed")
    return found
