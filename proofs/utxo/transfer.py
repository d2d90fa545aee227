"""A transfer on a chain of the Bitcoin family as a proof: the text is in an OP_RETURN output.

    6a <push of the text, or of its SHA-256>      one of the outputs, with that one push alone

The other outputs are free; sending to oneself is the natural thing. Every input must be of a named
account, each named account must have one, and each signature must cover all inputs and outputs
(SIGHASH_ALL, or the taproot default, as the script engine reports it). Otherwise a stranger could
put somebody's input, signed for anything, beside an output of his own. A joint transaction
(CoinJoin) therefore proves nobody here.

What the inputs spend is the chain's word, as is the block: `chains.inclusion`. A node or server
that gives it has shown the transactions that made the coins, and their hashes stand in the inputs.

Time locks are not handed out: a transaction in a block has waited for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.control import InvalidProof, Proof, UnprovedClaim
from proofs.transfer_text import carried_forms
from proofs.utxo import btclib_spend
from proofs.utxo.btclib_spend import Paid, check_signatures
from proofs.utxo.spent_accounts import accounts_of, check_accounts

if TYPE_CHECKING:
    from chains.inclusion import Prevout
    from proofs.control import Signing
    from proofs.utxo.btclib_spend import Transaction

_OP_RETURN = 0x6A
_OP_PUSHDATA1, _OP_PUSHDATA2 = 0x4C, 0x4D
_SHORT, _BYTE = 75, 255
MAX_CARRIED = 10_000
"""Bytes: no script is longer (src/script/script.h, MAX_SCRIPT_SIZE); a longer text has a digest."""


def read(signing: Signing, raw: bytes) -> Transaction:
    """Check what the transaction shows by itself.

    Raises:
        InvalidProof: what `accounts_of` raises, `malformed_signature`, `text_names_no_account`,
        `message_not_committed`.
    """
    accounts_of(signing)
    tx = btclib_spend.read(raw)
    forms = (form for form in carried_forms(signing) if len(form) <= MAX_CARRIED)
    wanted = tuple(carrier_script(form) for form in forms)
    for one in tx.outputs:
        signing.show("output script", one.script)
    if not any(one.script in wanted for one in tx.outputs):
        raise InvalidProof("message_not_committed")
    return tx


def prove(signing: Signing, tx: Transaction, prevouts: tuple[Prevout, ...]) -> Proof:
    """Check the signatures of a transaction that was read and is in a block.

    Args:
        signing: the claim.
        tx: the transaction.
        prevouts: what its inputs spend, in order.

    Raises:
        InvalidProof: `account_not_named`, `account_not_covered`, `signature_invalid`,
        `rule_violated`.
        InconclusiveProof: `upgradeable_rule`.
        UnprovedClaim: `transfer_not_checked` if that is not one coin an input.
    """
    coins = tuple(Paid(bytes.fromhex(one.script), one.units) for one in prevouts)
    if len(coins) != len(tx.inputs):
        # An answer about some other transaction says nothing about this one.
        raise UnprovedClaim("transfer_not_checked")
    check_accounts(signing, accounts_of(signing), coins)
    check_signatures(tx, coins)
    return Proof(signatures=(tx.unsigned_id,))


def carrier_script(data: bytes) -> bytes:
    """Give the OP_RETURN script of data of up to MAX_CARRIED bytes, in the shortest form."""
    size = len(data)
    if size <= _SHORT:
        head = bytes((_OP_RETURN, size))
    elif size <= _BYTE:
        head = bytes((_OP_RETURN, _OP_PUSHDATA1, size))
    else:
        head = bytes((_OP_RETURN, _OP_PUSHDATA2)) + size.to_bytes(2, "little")
    return head + data
