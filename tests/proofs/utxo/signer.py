"""Signs for the tests: signed messages with coincurve, BIP-322 with btclib's signature hashes.

Keys are small numbers and worthless. Verification code is not used here: a test that signs and then
verifies meets two implementations.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from btclib.key import PubKeyData
from btclib.script.script import serialize as serialize_script
from btclib.script.sig_hash import ALL, DEFAULT, legacy, segwit_v0, taproot
from btclib.script.taproot import input_script_sig, leaf_hash, output_prvkey, output_pubkey
from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx, TxIn, TxOut
from btclib_wallet import bip322
from btclib_wallet.psbt import Psbt
from coincurve import PrivateKey

from chains.keyhash import hash160
from proofs.utxo.bitcoinlib_message import message_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from btclib.alias import ScriptList

    Unlock: TypeAlias = Callable[[Tx, list[TxOut], int], tuple[bytes, Witness]]


@dataclass(frozen=True, slots=True)
class Fields:
    """What `ful` and `pof` may set in `to_sign`; sequences beyond the listed ones are 0."""

    version: int = 0
    lock_time: int = 0
    sequences: tuple[int, ...] = (0,)


PLAIN = Fields()
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEYS = tuple(PrivateKey(number.to_bytes(32, "big")) for number in range(11, 31))


def point(key: PrivateKey, *, compressed: bool = True) -> bytes:
    return key.public_key.format(compressed=compressed)


def push(data: bytes) -> bytes:
    return bytes((len(data),)) + data


# Output scripts.


def p2pkh(public_key: bytes) -> bytes:
    return b"\x76\xa9" + push(hash160(public_key)) + b"\x88\xac"


def p2sh(redeem_script: bytes) -> bytes:
    return b"\xa9" + push(hash160(redeem_script)) + b"\x87"


def p2wpkh(public_key: bytes) -> bytes:
    return b"\x00" + push(hash160(public_key))


def p2wsh(witness_script: bytes) -> bytes:
    return b"\x00" + push(hashlib.sha256(witness_script).digest())


def p2tr(key: PrivateKey) -> bytes:
    return b"\x51" + push(output_pubkey(_internal(key))[0])


def p2tr_leaf(leaf: ScriptList) -> bytes:
    return b"\x51" + push(output_pubkey(None, [(0xC0, leaf)])[0])


def multisig(threshold: int, keys: Sequence[bytes]) -> bytes:
    pushes = b"".join(push(key) for key in keys)
    return bytes((0x50 + threshold,)) + pushes + bytes((0x50 + len(keys), 0xAE))


# Signed messages.


def signed(
    key: PrivateKey,
    message: bytes,
    form: int = 1,
    header: str = "Bitcoin Signed Message:\n",
) -> str:
    """Sign as wallets do; form 0 to 3 as in BIP-137."""
    data = key.sign_recoverable(message_hash(message, header), hasher=None)
    return encode(bytes((27 + 4 * form + data[64],)) + data[:64])


def twin(text: str) -> str:
    """Give the same signature with the other s and the other recovery id."""
    data = base64.b64decode(text)
    s = ORDER - int.from_bytes(data[33:], "big")
    header = 27 + ((data[0] - 27) ^ 1)
    return encode(bytes((header,)) + data[1:33] + s.to_bytes(32, "big"))


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# BIP-322: how an input's script is satisfied.


def by_key_hash(key: PrivateKey, hash_type: int = ALL, *, high: bool = False) -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        code = prevouts[index].script_pub_key.script
        signature = _der(key, legacy(code, tx, index, hash_type), hash_type, high=high)
        return push(signature) + push(point(key)), Witness()

    return unlock


def by_witness_key_hash(
    key: PrivateKey, hash_type: int = ALL, *, high: bool = False, nested: bool = False
) -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        code = p2pkh(point(key))
        digest = segwit_v0(code, tx, index, hash_type, prevouts[index].value)
        signature = _der(key, digest, hash_type, high=high)
        script_sig = push(p2wpkh(point(key))) if nested else b""
        return script_sig, Witness([signature, point(key)])

    return unlock


def by_witness_script(
    script: bytes, keys: Sequence[PrivateKey], items: Sequence[bytes] = (), hash_type: int = ALL
) -> Unlock:
    """Items come first on the stack, then one signature a key, then the script."""

    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        digest = segwit_v0(script, tx, index, hash_type, prevouts[index].value)
        signatures = [_der(key, digest, hash_type) for key in keys]
        return b"", Witness([*items, *signatures, script])

    return unlock


def by_redeem_script(
    script: bytes, keys: Sequence[PrivateKey], items: bytes = b"", hash_type: int = ALL
) -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        del prevouts
        digest = legacy(script, tx, index, hash_type)
        pushes = b"".join(push(_der(key, digest, hash_type)) for key in keys)
        return items + pushes + serialize_script([script]), Witness()

    return unlock


def by_taproot_key(key: PrivateKey, hash_type: int = DEFAULT, annex: bytes = b"") -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        digest = taproot(tx, index, prevouts, hash_type, 0, annex, b"")
        tweaked = PrivateKey(output_prvkey(key.to_int()).to_bytes(32, "big"))
        suffix = bytes((hash_type,)) if hash_type else b""
        return b"", Witness([tweaked.sign_schnorr(digest) + suffix, *([annex] if annex else [])])

    return unlock


def by_taproot_leaf(leaf: ScriptList, keys: Sequence[PrivateKey]) -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        _, control = input_script_sig(None, [(0xC0, leaf)], 0)
        script = serialize_script(leaf)
        extension = leaf_hash(0xC0, script) + b"\x00" + b"\xff" * 4
        digest = taproot(tx, index, prevouts, DEFAULT, 1, b"", extension)
        signatures = [key.sign_schnorr(digest) for key in keys]
        return b"", Witness([*signatures, script, control])

    return unlock


def by_nothing(*items: bytes) -> Unlock:
    def unlock(tx: Tx, prevouts: list[TxOut], index: int) -> tuple[bytes, Witness]:
        del tx, prevouts, index
        return b"", Witness(list(items))

    return unlock


# BIP-322: the three encodings.


def to_sign(message: bytes, script: bytes, unlock: Unlock, fields: Fields = PLAIN) -> Tx:
    spend = bip322.to_spend(message, script)
    tx = bip322.to_sign(
        spend,
        version=fields.version,
        lock_time=fields.lock_time,
        sequence=fields.sequences[0],
    )
    tx.vin[0].script_sig, tx.vin[0].script_witness = unlock(tx, list(spend.vout), 0)
    return tx


def smp(tx: Tx) -> str:
    return "smp" + encode(tx.vin[0].script_witness.serialize())


def ful(tx: Tx) -> str:
    return "ful" + encode(tx.serialize(include_witness=True, check_validity=False))


def coin(script: bytes, units: int = 1000, number: int = 1) -> tuple[Tx, OutPoint]:
    """Make a transaction with one output and name that output."""
    source = OutPoint(number.to_bytes(32, "big"), 0)
    previous = Tx(2, 0, [TxIn(source, b"", 0, Witness())], [TxOut(units, script)])
    return previous, OutPoint(previous.id, 0)


def psbt(
    message: bytes,
    script: bytes,
    unlock: Unlock,
    coins: Sequence[tuple[Tx, OutPoint, Unlock]],
    fields: Fields = PLAIN,
) -> Psbt:
    """Make a finalised proof of funds; each input carries its whole previous transaction."""
    spend = bip322.to_spend(message, script)
    numbers = [*fields.sequences, *[0] * len(coins)]
    extra = [
        TxIn(outpoint, b"", number, Witness())
        for (_, outpoint, _), number in zip(coins, numbers[1:], strict=False)
    ]
    tx = bip322.to_sign(
        spend,
        version=fields.version,
        lock_time=fields.lock_time,
        sequence=numbers[0],
        extra_inputs=extra,
    )
    made = Psbt.from_tx(tx)
    previous = [spend, *(one for one, _, _ in coins)]
    prevouts = [
        spend.vout[0],
        *(one.vout[outpoint.vout] for one, outpoint, _ in coins),
    ]
    for index, how in enumerate((unlock, *(how for _, _, how in coins))):
        made.inputs[index].non_witness_utxo = previous[index]
        script_sig, witness = how(tx, prevouts, index)
        made.inputs[index].final_script_sig = script_sig
        made.inputs[index].final_script_witness = witness
    return made


def pof(made: Psbt) -> str:
    return "pof" + encode(made.serialize())


def _der(key: PrivateKey, digest: bytes, hash_type: int, *, high: bool = False) -> bytes:
    data = key.sign(digest, hasher=None)
    if high:
        raw = key.sign_recoverable(digest, hasher=None)
        s = ORDER - int.from_bytes(raw[32:64], "big")
        r = raw[:32] if raw[0] < 0x80 else b"\x00" + raw[:32]
        body = b"\x02" + push(r) + b"\x02" + push(b"\x00" + s.to_bytes(32, "big"))
        data = b"\x30" + push(body)
    return data + bytes((hash_type,))


def _internal(key: PrivateKey) -> PubKeyData:
    return PubKeyData(point(key))
