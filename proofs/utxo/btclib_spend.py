"""Transactions and their signatures through btclib: the second of its two importers here.

`proofs.utxo.btclib_bip322` has the library rebuild a virtual transaction of its own. The schemes
that use this module show a whole transaction; what it spends is told by somebody else, a chain or,
in a PSBT, the prover. Around the library, here:

- bytes are read to the last one, and must be what the library itself would write;
- every input that is checked must have consumed at least one signature, and each signature must
  cover all inputs and outputs (SIGHASH_ALL, or the taproot default). The engine reports the types
  that it used; they are not searched for in the bytes. A signature of another type can be lifted
  into somebody else's transaction;
- the rules are those that nodes relay by, as BIP-322 lists them; what only fails by a rule kept for
  upgrades is inconclusive;
- whatever the library raises becomes a reason of ours, and its text is dropped.

The library's limit on amounts is Bitcoin's, so amounts are not judged by it: other chains have more
coins.
"""

from __future__ import annotations

from dataclasses import dataclass

from btclib.script.engine import verify_input
from btclib.script.sig_hash import ALL, DEFAULT, PrecomputedTxData
from btclib.script.witness import Witness
from btclib.tx import Tx, TxIn, TxOut
from btclib_wallet.bip322 import REQUIRED_RULES, UPGRADEABLE_RULES
from btclib_wallet.psbt import Psbt, extract_tx

from proofs.control import InconclusiveProof, InvalidProof

MAX_INPUTS = 2_000
"""Inputs of a transaction: the work of legacy inputs grows with the square of their number."""

_STRICT = REQUIRED_RULES | UPGRADEABLE_RULES


@dataclass(frozen=True, slots=True)
class Spend:
    """One input of a transaction."""

    txid: str
    """Of the transaction that made the coin, in display order."""
    vout: int
    sequence: int
    script_sig: bytes
    witness: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Paid:
    """An output: what a transaction makes, or what an input spends."""

    script: bytes
    units: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction with its signatures."""

    raw: bytes
    txid: str
    unsigned_id: str
    """Its identifier without any signature: the same for every way of writing the signatures."""
    version: int
    lock_time: int
    inputs: tuple[Spend, ...]
    outputs: tuple[Paid, ...]


def read(raw: bytes) -> Transaction:
    """Read a transaction as it goes over the network.

    Raises:
        InvalidProof: `malformed_signature` if it is not exactly one transaction with inputs and
        outputs, spends one coin twice, or has more than MAX_INPUTS inputs.
    """
    try:
        tx = Tx.parse(raw, check_validity=False)
        made = _transaction(tx, raw)
    except Exception as error:
        # The library does not promise a closed list of exceptions for hostile bytes.
        raise InvalidProof("malformed_signature") from error
    outpoints = {(one.txid, one.vout) for one in made.inputs}
    if not made.outputs or not 0 < len(outpoints) == len(made.inputs) <= MAX_INPUTS:
        raise InvalidProof("malformed_signature")
    return made


def read_psbt(data: bytes) -> tuple[Transaction, tuple[Paid | None, ...]]:
    """Read a finalised PSBT (BIP-174).

    Returns:
        The signed transaction, and what the PSBT says that each input spends. A whole previous
        transaction decides, since its hash is in the outpoint; a bare output is the signer's word,
        and is taken for inputs with a witness alone, whose signatures cover it.

    Raises:
        InvalidProof: `malformed_signature`.
    """
    try:
        psbt = Psbt.parse(data)
        tx = extract_tx(psbt, check_validity=False, verify_scripts=False, max_fee_rate=None)
        raw = tx.serialize(include_witness=True, check_validity=False)
        coins = _stated(psbt, tx)
    except Exception as error:
        raise InvalidProof("malformed_signature") from error
    return read(raw), coins


def check_signatures(tx: Transaction, coins: tuple[Paid, ...], first: int = 0) -> None:
    """Run the scripts of inputs, and ask each for signatures over the whole transaction.

    Args:
        tx: the transaction.
        coins: what each of its inputs spends, in order.
        first: the first input to check.

    Raises:
        InvalidProof: `signature_invalid` if a script is not satisfied, or is without any signature;
        `rule_violated` if a signature does not cover everything.
        InconclusiveProof: `upgradeable_rule`.
    """
    try:
        parsed = Tx.parse(tx.raw, check_validity=False)
        prevouts = [TxOut(coin.units, coin.script, check_validity=False) for coin in coins]
        precomputed = PrecomputedTxData(parsed, prevouts)
    except Exception as error:
        raise InvalidProof("signature_invalid") from error
    for index in range(first, len(prevouts)):
        _check_types(_hash_types(parsed, prevouts, index, precomputed))


def _check_types(types: list[int]) -> None:
    if not types:
        raise InvalidProof("signature_invalid")
    if any(one not in (ALL, DEFAULT) for one in types):
        raise InvalidProof("rule_violated")


def _hash_types(
    tx: Tx, prevouts: list[TxOut], index: int, precomputed: PrecomputedTxData
) -> list[int]:
    """Satisfy one input's script; give the types of the signatures that it used."""
    types: list[int] = []
    try:
        verify_input(prevouts, tx, index, _STRICT, precomputed, types)
    except Exception as strict:
        try:
            verify_input(prevouts, tx, index, REQUIRED_RULES, precomputed, [])
        except Exception as error:
            raise InvalidProof("signature_invalid") from error
        raise InconclusiveProof("upgradeable_rule") from strict
    return types


def _transaction(tx: Tx, raw: bytes) -> Transaction:
    """Copy a transaction into types of ours; refuse another spelling of it."""
    if tx.serialize(include_witness=True, check_validity=False) != raw:
        raise InvalidProof("malformed_signature")
    bare = [TxIn(one.prev_out, b"", one.sequence, Witness()) for one in tx.vin]
    unsigned = Tx(tx.version, tx.lock_time, bare, tx.vout, check_validity=False)
    return Transaction(
        raw,
        tx.id.hex(),
        unsigned.id.hex(),
        tx.version,
        tx.lock_time,
        tuple(
            Spend(
                one.prev_out.tx_id.hex(),
                one.prev_out.vout,
                one.sequence,
                one.script_sig,
                tuple(one.script_witness.stack),
            )
            for one in tx.vin
        ),
        tuple(Paid(one.script_pub_key.script, one.value) for one in tx.vout),
    )


def _stated(psbt: Psbt, tx: Tx) -> tuple[Paid | None, ...]:
    """List what the inputs spend, as far as the PSBT says it."""
    coins: list[Paid | None] = []
    for one, spending in zip(psbt.inputs, tx.vin, strict=True):
        previous, coin = one.non_witness_utxo, None
        if previous is not None and previous.id == spending.prev_out.tx_id:
            coin = previous.vout[spending.prev_out.vout]
        elif previous is None and (spending.script_witness.stack or not spending.script_sig):
            coin = one.witness_utxo
        coins.append(None if coin is None else Paid(coin.script_pub_key.script, coin.value))
    return tuple(coins)
