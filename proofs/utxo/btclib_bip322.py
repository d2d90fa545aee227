"""BIP-322 through btclib, with `proofs.utxo.btclib_spend` its only importer among the proofs.

The library rebuilds `to_spend` from the message and the script and runs its script interpreter
under the BIP's required and upgradeable rules. Around it, here:

- it never sees the text form, so its 65-byte `legacy` reading and its prefixes are out of reach;
- an encoding must be the one that the library itself would write;
- `to_sign` is handed out, because the library's "valid" says nothing of time locks;
- a proof of funds must be finalised, and must not state another challenge than the claim (that it
  states no other message is the library's check);
- every input must have consumed at least one signature. The BIP also calls a script valid that
  anyone can satisfy, but such a witness is not bound to the message;
- whatever the library raises becomes a reason of ours, and its text is dropped.

Not reached by the library: MINIMALIF in scripts outside segwit, which Bitcoin Core does not apply
there either. The alternative, python-bitcoinlib's `VerifyScript`, accepts every segwit spend,
signed or not.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from btclib.exceptions import InconclusiveError, ScriptError, ScriptErrorCode
from btclib.script.engine import verify_input, verify_transaction
from btclib.script.script_pub_key import ScriptPubKey
from btclib.script.sig_hash import PrecomputedTxData
from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx, TxIn, TxOut
from btclib_wallet import bip322
from btclib_wallet.psbt import Psbt, extract_tx

from proofs.control import InconclusiveProof, InvalidProof, Outpoint, quiet
from proofs.utxo.bip322_key import unsigned_id_of
from proofs.utxo.output_script import classify
from proofs.utxo.to_sign import Input, ToSign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proofs.control import Reason, Show

Variant = Literal["smp", "ful", "pof"]

MAX_INPUTS = 2_000
"""Inputs of a proof of funds. Each legacy input hashes the whole transaction, so work grows with
the square of the count: some 20 seconds at this one. A larger holding is proved in parts."""

_OP_RETURN = b"\x6a"
_SIGNED_BY_TEMPLATE = ("p2pkh", "p2wpkh")
_CAUSES: dict[tuple[str, ScriptErrorCode], Reason] = {
    ("p2pkh", ScriptErrorCode.EQUALVERIFY): "key_mismatch",
    ("p2wpkh", ScriptErrorCode.EQUALVERIFY): "key_mismatch",
    ("p2wsh", ScriptErrorCode.WITNESS_PROGRAM_MISMATCH): "script_mismatch",
}


def check_key(body: bytes, message: bytes, script: bytes, address: str) -> str | None:
    """Check a witness stack for a Bitcoin address of one key by the library's verification alone.

    Args:
        body: the stack's serialisation, decoded from base64.
        message: the exact bytes of the text.
        script: the P2WPKH output script of the address.
        address: the address as Bitcoin writes it.

    Returns:
        The id of what was signed, without signatures; all its locks and sequences are 0. None
        unless it is valid, for `check` to say why.
    """
    try:
        with _raising("signature_invalid"):
            witness = Witness.parse(body)
            signature = bip322.Sig(witness)
            if signature.serialize() != body:
                return None
            bip322.assert_as_valid(message, address, signature, legacy=False)
    except (InvalidProof, InconclusiveProof):
        return None
    return unsigned_id_of(message, script)


def check(
    variant: Variant, body: bytes, message: bytes, script: bytes, show: Show = quiet
) -> ToSign:
    """Check a signature of a message for the owner of an output script.

    Args:
        variant: `smp` a witness stack, `ful` a transaction, `pof` a finalised PSBT.
        body: its serialisation, decoded from base64.
        message: the exact bytes of the text.
        script: the output script of the message's address, of any chain.
        show: told the transactions as they are made.

    Raises:
        InvalidProof: it is malformed, does not satisfy the script, or breaks a required rule.
        InconclusiveProof: `upgradeable_rule`.
    """
    with _raising("format_not_for_address"):
        address = ScriptPubKey(script).address
        spend = bip322.to_spend(message, ScriptPubKey.from_address(address).script)
        if show is not quiet:
            show("hash of the message (tagged SHA-256)", spend.vin[0].script_sig[2:])
            show("to_spend", spend.serialize(include_witness=False))
            show("id of to_spend", spend.id)
    with _raising("malformed_signature"):
        payload = _decode(variant, body)
        prevouts = [*spend.vout, *_stated_coins(payload)]
        tx = _transaction(payload, spend)
    if show is not quiet:
        show("to_sign, signed", tx.serialize(include_witness=True))
    _check_shape(tx, spend, len(prevouts))
    if isinstance(payload, Psbt):
        _check_psbt(payload, spend)
    _check_scripts(payload, message, address, (tx, prevouts))
    with _raising("signature_invalid"):
        return _read(tx, prevouts)


@contextmanager
def _raising(reason: Reason) -> Iterator[None]:
    """Turn what the library raises into a reason of ours."""
    try:
        yield
    except InvalidProof:
        raise
    except InconclusiveError as error:
        raise InconclusiveProof("upgradeable_rule") from error
    except Exception as error:
        # The library changes several times a month and does not promise a closed list of exceptions
        # for hostile bytes. Whatever it raises, the claim was not shown to be right.
        raise InvalidProof(reason) from error


def _decode(variant: Variant, body: bytes) -> Witness | Tx | Psbt:
    """Read a body to its last byte; refuse another spelling of the same value."""
    if variant == "pof":
        return _decode_psbt(body)
    payload = Witness.parse(body) if variant == "smp" else Tx.parse(body)
    if bip322.Sig(payload).serialize() != body:
        raise InvalidProof("malformed_signature")
    return payload


def _decode_psbt(body: bytes) -> Psbt:
    """Read a PSBT of bounded size. Its maps have no order, so its spelling is not compared."""
    psbt = Psbt.parse(body)
    if len(psbt.inputs) > MAX_INPUTS:
        raise InvalidProof("malformed_signature")
    return psbt


def _transaction(payload: Witness | Tx | Psbt, spend: Tx) -> Tx:
    """Give the signed `to_sign` that a payload stands for."""
    if isinstance(payload, Witness):
        return bip322.to_sign(spend, witness=payload)
    if isinstance(payload, Psbt):
        return extract_tx(payload, verify_scripts=False, max_fee_rate=None)
    return payload


def _stated_coins(payload: Witness | Tx | Psbt) -> list[TxOut]:
    """List what a proof of funds says that its inputs after the first spend.

    A whole previous transaction decides, and one input may rely on an earlier one's (BIP-322, "Full
    (Proof of Funds)"). A witness UTXO is the prover's word.
    """
    if not isinstance(payload, Psbt):
        return []
    known: dict[bytes, Tx] = {}
    coins: list[TxOut] = []
    for one in payload.inputs:
        if one.non_witness_utxo is not None:
            known[one.non_witness_utxo.id] = one.non_witness_utxo
        previous = known.get(one.previous_tx_id or b"")
        coin = one.witness_utxo if previous is None else previous.vout[one.output_index or 0]
        if coin is None:
            raise InvalidProof("rule_violated")
        coins.append(coin)
    return coins[1:]


def _check_shape(tx: Tx, spend: Tx, coins: int) -> None:
    """Refuse a `to_sign` of another message or address, or with other outputs (BIP-322, "Full").

    Only a proof of funds says what its further inputs spend, so a `ful` has one input.
    """
    if tx.vin[0].prev_out != OutPoint(spend.id, 0):
        raise InvalidProof("signature_invalid")
    if len(tx.vin) != coins:
        raise InvalidProof("rule_violated")
    if len(tx.vout) != 1 or tx.vout[0].value or tx.vout[0].script_pub_key.script != _OP_RETURN:
        raise InvalidProof("rule_violated")


def _check_psbt(psbt: Psbt, spend: Tx) -> None:
    """Refuse a PSBT that is not finalised, or that states another challenge than the claim."""
    if not all(one.final_script_sig or one.final_script_witness for one in psbt.inputs):
        raise InvalidProof("rule_violated")
    challenge = psbt.inputs[0].witness_utxo
    if challenge is not None and challenge.serialize() != spend.vout[0].serialize():
        raise InvalidProof("rule_violated")


def _check_scripts(
    payload: Witness | Tx | Psbt, message: bytes, address: str, spent: tuple[Tx, list[TxOut]]
) -> None:
    """Run the library's whole verification, then ask each input for a signature."""
    tx, prevouts = spent
    try:
        with _raising("signature_invalid"):
            bip322.assert_as_valid(message, address, bip322.Sig(payload), legacy=False)
    except InvalidProof as verdict:
        raise InvalidProof(_cause(tx, prevouts)) from verdict
    with _raising("signature_invalid"):
        _check_signed(tx, prevouts)


def _check_signed(tx: Tx, prevouts: list[TxOut]) -> None:
    """Refuse an input whose script was satisfied without a signature."""
    precomputed = PrecomputedTxData(tx, prevouts)
    for index, coin in enumerate(prevouts):
        if classify(coin.script_pub_key.script).kind in _SIGNED_BY_TEMPLATE:
            continue
        hash_types: list[int] = []
        verify_input(prevouts, tx, index, bip322.REQUIRED_RULES, precomputed, hash_types)
        if not hash_types:
            raise InvalidProof("signature_invalid")


def _cause(tx: Tx, prevouts: list[TxOut]) -> Reason:
    """Tell why a refused `to_sign` was refused: the signature itself, or only a rule of the BIP."""
    try:
        with _raising("signature_invalid"):
            verify_transaction(prevouts, tx)
    except InvalidProof as verdict:
        error = verdict.__cause__
        if not isinstance(error, ScriptError):
            return verdict.reason
        return _CAUSES.get(
            (classify(prevouts[0].script_pub_key.script).kind, error.code), verdict.reason
        )
    return "rule_violated"


def _read(tx: Tx, prevouts: list[TxOut]) -> ToSign:
    """Copy a verified `to_sign` into types of ours."""
    unsigned = Tx(
        tx.version,
        tx.lock_time,
        [TxIn(one.prev_out, b"", one.sequence, Witness()) for one in tx.vin],
        tx.vout,
    )
    inputs = tuple(
        Input(_outpoint(one, coin), one.sequence, one.script_sig, one.script_witness.stack)
        for one, coin in zip(tx.vin, prevouts, strict=True)
    )
    return ToSign(tx.version, tx.lock_time, inputs, unsigned.id.hex())


def _outpoint(spending: TxIn, coin: TxOut) -> Outpoint:
    """Name the coin that an input spends."""
    script = coin.script_pub_key.script.hex()
    return Outpoint(spending.prev_out.tx_id.hex(), spending.prev_out.vout, script, coin.value)
