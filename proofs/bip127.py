"""Scheme `bip127`: a transaction that spends every coin of some accounts, and cannot be mined.

    input 0      SHA256("Proof-of-Reserves: " || message) as transaction id, index 0, not signed
    inputs 1…    the coins, each signed with SIGHASH_ALL
    one output   exactly the sum of the coins

The first input spends nothing that exists, so nobody can broadcast the rest; each signature covers
it, so each is for this message (BIP-127, "Proof Format"). The hash is SHA-256 once, and its bytes
stand in the outpoint as they are, which explorers show reversed. `profile` `bdk` names the other
form in use, that of bdk-reserves, which hashes twice; without the name it is refused.

`signature` is what tools for it write:

    hex                 the transaction (`proof_tx` of the BIP's file). What it spends is looked up
                        among the coins read at the pin; without a chain nothing can be checked, and
                        the claim is `unproved`
    base64, cHNidP8…    a finalised PSBT, which says itself what it spends; the caller compares that
                        with the chain

A taproot signature also covers the output that the first input would spend: value 0, and a script
that tools do not agree on. The BIP's text speaks of OP_TRUE. A PSBT states it with that input; for
bare hex the column `script` does, `51` or nothing.

Every named account must have a coin among the inputs, and every input must be of a named account:
coins of others would be in the sum. Time locks are handed out as BIP-322 reads them.

The alternative, taking the accounts from the inputs, was refused: a claim says what it is about.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs import base64text, hextext
from proofs.control import InvalidProof, Outpoint, Proof, UnprovedClaim
from proofs.utxo.btclib_spend import Paid, check_signatures, read, read_psbt
from proofs.utxo.spent_accounts import accounts_of, check_accounts
from proofs.utxo.to_sign import Input, ToSign, lock_time_of, sequence_of, takes_script_path

if TYPE_CHECKING:
    from proofs.control import Signing, Warning_
    from proofs.utxo.btclib_spend import Transaction

PREFIX = b"Proof-of-Reserves: "
BDK = "bdk"
PSBT_HEAD = "cHNidP"
"""How every PSBT begins in base64: `psbt` in ASCII. It is not hex."""
OP_TRUE = b"\x51"
MAX_TEXT = 8 * 1024 * 1024
"""Characters: thousands of coins, in a PSBT with the transactions that made them."""


def verify(signing: Signing) -> Proof:
    """Check a proof-of-reserves transaction for the message.

    (1) The first input commits to the message.
    (2) The further inputs spend coins of the named accounts, each once, and of no other.
    (3) The one output is their sum.
    (4) Each input's script is satisfied by signatures over the whole transaction.

    Raises:
        InvalidProof: with the reason.
        InconclusiveProof: `upgradeable_rule`, `time_locked`.
        UnprovedClaim: `coins_unknown`.
    """
    accounts = accounts_of(signing)
    if signing.profile not in ("", BDK):
        raise InvalidProof("unknown_profile")
    tx, stated = _payload(signing)
    signing.show("transaction", tx.raw)
    _check_commitment(signing, tx)
    coins = (_commitment_coin(signing, stated), *_coins(signing, tx, stated))
    check_accounts(signing, accounts, coins[1:])
    _check_sum(signing, tx, coins)
    check_signatures(tx, coins, first=1)
    return _proof(signing, tx, coins)


def commitment(message: bytes, *, twice: bool = False) -> bytes:
    """Give the 32 bytes that the first input has for a transaction id, as they are hashed.

    Args:
        message: the exact bytes of the text.
        twice: as bdk-reserves does it.
    """
    digest = hashlib.sha256(PREFIX + message).digest()
    return hashlib.sha256(digest).digest() if twice else digest


def _payload(signing: Signing) -> tuple[Transaction, tuple[Paid | None, ...]]:
    """Read the transaction, and what is said with it of its coins."""
    text = signing.signature
    if text.startswith(PSBT_HEAD):
        return read_psbt(base64text.decode(text, MAX_TEXT))
    return read(hextext.decode(text, MAX_TEXT)), ()


def _check_commitment(signing: Signing, tx: Transaction) -> None:
    expected = commitment(signing.message, twice=signing.profile == BDK)
    first = tx.inputs[0]
    met = bytes.fromhex(first.txid)[::-1]
    signing.show("commitment preimage", PREFIX + signing.message)
    signing.show("commitment", expected)
    signing.show("commitment in the first input", met)
    if met != expected or first.vout != 0:
        raise InvalidProof("message_not_committed")
    if first.script_sig or first.witness or len(tx.inputs) == 1:
        raise InvalidProof("rule_violated")


def _commitment_coin(signing: Signing, stated: tuple[Paid | None, ...]) -> Paid:
    """Give what the first input would spend, which taproot signatures cover."""
    if signing.profile == BDK:
        coin = Paid(OP_TRUE, 0)
    elif stated and stated[0] is not None:
        coin = stated[0]
    elif signing.script in ("", OP_TRUE.hex()):
        coin = Paid(bytes.fromhex(signing.script), 0)
    else:
        raise InvalidProof("malformed_script")
    if coin not in (Paid(b"", 0), Paid(OP_TRUE, 0)):
        raise InvalidProof("rule_violated")
    return coin


def _coins(signing: Signing, tx: Transaction, stated: tuple[Paid | None, ...]) -> tuple[Paid, ...]:
    """List what the further inputs spend: as the PSBT states it, else as the chain says."""
    if stated:
        if None in stated[1:]:
            raise InvalidProof("rule_violated")
        return tuple(coin for coin in stated[1:] if coin is not None)
    found = []
    for spend in tx.inputs[1:]:
        coin = signing.coins.get((signing.chain.id, spend.txid, spend.vout))
        if coin is None:
            raise UnprovedClaim("coins_unknown")
        found.append(Paid(bytes.fromhex(coin.script), coin.units))
    return tuple(found)


def _check_sum(signing: Signing, tx: Transaction, coins: tuple[Paid, ...]) -> None:
    total = sum(coin.units for coin in coins)
    signing.show("sum of the coins", str(total))
    signing.show("outputs", " ".join(str(output.units) for output in tx.outputs))
    if [output.units for output in tx.outputs] != [total]:
        raise InvalidProof("rule_violated")


def _proof(signing: Signing, tx: Transaction, coins: tuple[Paid, ...]) -> Proof:
    outpoints = tuple(
        Outpoint(spend.txid, spend.vout, coin.script.hex(), coin.units)
        for spend, coin in zip(tx.inputs, coins, strict=True)
    )
    inputs = tuple(
        Input(outpoint, spend.sequence, spend.script_sig, spend.witness)
        for spend, outpoint in zip(tx.inputs, outpoints, strict=True)
    )
    # A time lock is about the coins; the first input has none and is not mined.
    signed = ToSign(tx.version, tx.lock_time, inputs[1:], tx.unsigned_id)
    leaf: tuple[Warning_, ...] = ("script_path",) if takes_script_path(signed) else ()
    deviation: tuple[Warning_, ...] = ("bdk_commitment",) if signing.profile == BDK else ()
    return Proof(
        signatures=(tx.unsigned_id,),
        warnings=(*deviation, *leaf),
        lock_time=lock_time_of(signed),
        sequence=sequence_of(signed),
        outpoints=outpoints[1:],
    )
