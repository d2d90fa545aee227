"""Transactions as btclib reads them: against another reader, and strictly."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx, TxIn, TxOut

from chains.utxo.history.transaction import read_transaction
from proofs.control import InconclusiveProof, InvalidProof
from proofs.utxo.btclib_spend import MAX_INPUTS, Paid, check_signatures, read, read_psbt
from tests.proofs.utxo.signer import (
    KEYS,
    by_witness_key_hash,
    by_witness_script,
    p2wpkh,
    p2wsh,
    point,
    push,
)
from tests.proofs.utxo.spending import Owned, hex_of, signed
from tests.proofs.utxo.vectors import load

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = KEYS[0]
RAW = (
    *(one["hex"] for one in load("utxo-block-bitcoin-100000")["transactions"]),
    *load("utxo-block-litecoin-2265985")["transactions"][:1],
)


def reason(action: Callable[[], object]) -> str:
    try:
        action()
    except InvalidProof as refused:
        return refused.reason
    except InconclusiveProof as undecided:
        return f"inconclusive {undecided.reason}"
    return "passed"


@pytest.mark.parametrize("text", RAW)
def test_real_transactions_are_read_as_python_bitcoinlib_reads_them(text: str) -> None:
    raw = bytes.fromhex(text)
    found, other = read(raw), read_transaction(raw)
    assert found.txid == other.txid
    assert tuple((one.script.hex(), one.units) for one in found.outputs) == other.outputs
    if not other.coinbase:
        assert tuple((one.txid, one.vout) for one in found.inputs) == other.inputs


def single(owned: Owned, outputs: int = 1) -> Tx:
    inputs = [TxIn(owned.made[1], b"", 0xFFFFFFFF, Witness())]
    made = Tx(2, 0, inputs, [TxOut(1, b"\x6a")] * outputs)
    return signed(made, [TxOut(owned.units, owned.script)], (owned.unlock,))


def test_an_identity_does_not_depend_on_how_signatures_are_written() -> None:
    owned = Owned(p2wpkh(point(KEY)), by_witness_key_hash(KEY))
    high = Owned(p2wpkh(point(KEY)), by_witness_key_hash(KEY, high=True))
    one, two = (read(bytes.fromhex(hex_of(single(how)))) for how in (owned, high))
    assert one.raw != two.raw
    assert one.unsigned_id == two.unsigned_id


def test_a_high_s_is_refused_and_an_upgradeable_rule_is_inconclusive() -> None:
    high = Owned(p2wpkh(point(KEY)), by_witness_key_hash(KEY, high=True))
    nop = push(point(KEY)) + b"\xac\xb3"  # OP_NOP4 after the check
    upgradeable = Owned(p2wsh(nop), by_witness_script(nop, (KEY,)))
    for owned, expected in (
        (high, "signature_invalid"),
        (upgradeable, "inconclusive upgradeable_rule"),
    ):
        tx = read(bytes.fromhex(hex_of(single(owned))))
        coins = (Paid(owned.script, owned.units),)
        assert reason(partial(check_signatures, tx, coins)) == expected


def test_inputs_are_bounded_distinct_and_some() -> None:
    def made(*numbers: int) -> bytes:
        points = [OutPoint(at.to_bytes(32, "big"), 0) for at in numbers]
        inputs = [TxIn(one, b"", 0, Witness()) for one in points]
        tx = Tx(2, 0, inputs, [TxOut(1, b"\x6a")], check_validity=False)
        return bytes.fromhex(hex_of(tx))

    assert reason(partial(read, made(*range(1, MAX_INPUTS + 1)))) == "passed"
    for raw in (made(*range(1, MAX_INPUTS + 2)), made(1, 1), b"", b"\x00" * 10):
        assert reason(partial(read, raw)) == "malformed_signature"


def test_a_psbt_is_read_whole_or_not_at_all() -> None:
    for data in (b"", b"psbt\xff", b"psbt\xff\x00", b"psbt\xff" + bytes(80)):
        assert reason(partial(read_psbt, data)) == "malformed_signature"
