"""BIP-322: required rules, upgradeable rules and time locks."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

import pytest
from btclib.script.script_pub_key import ScriptPubKey
from btclib.script.sig_hash import ALL, ANYONECANPAY, DEFAULT, NONE, SINGLE
from btclib.tx import TxOut

from proofs import bip322
from proofs.control import InconclusiveProof, InvalidProof
from proofs.utxo.btclib_bip322 import check
from tests.proofs.utxo.kinds import EMPTY, NATIVE, OTHER, PAIR, TEXT, WRAPPED, A, B, address, judge
from tests.proofs.utxo.signer import (
    Fields,
    by_key_hash,
    by_nothing,
    by_redeem_script,
    by_taproot_key,
    by_taproot_leaf,
    by_witness_key_hash,
    by_witness_script,
    ful,
    p2pkh,
    p2sh,
    p2tr,
    p2tr_leaf,
    p2wpkh,
    p2wsh,
    point,
    push,
    smp,
    to_sign,
)
from tests.proofs.utxo.vectors import claim, verdict

if TYPE_CHECKING:
    from btclib.alias import ScriptList

    from tests.proofs.utxo.signer import Unlock


HASH_TYPES = [NONE, SINGLE, ALL | ANYONECANPAY, NONE | ANYONECANPAY, SINGLE | ANYONECANPAY]


# Required rules.


@pytest.mark.parametrize("hash_type", HASH_TYPES)
def test_only_sighash_all_is_accepted(hash_type: int) -> None:
    cases: list[tuple[bytes, Unlock]] = [
        (p2pkh(point(A)), by_key_hash(A, hash_type)),
        (p2wpkh(point(A)), by_witness_key_hash(A, hash_type)),
        (p2wsh(PAIR), by_witness_script(PAIR, (A, B), (b"",), hash_type)),
        (p2sh(PAIR), by_redeem_script(PAIR, (A, B), EMPTY, hash_type)),
        (p2tr(A), by_taproot_key(A, hash_type)),
    ]
    for script, unlock in cases:
        assert judge(script, ful(to_sign(TEXT, script, unlock))) == "rule_violated"


@pytest.mark.parametrize("hash_type", [DEFAULT, ALL])
def test_taproot_may_say_all_or_nothing(hash_type: int) -> None:
    script = p2tr(A)
    tx = to_sign(TEXT, script, by_taproot_key(A, hash_type))
    assert len(tx.vin[0].script_witness.stack[0]) == 64 + bool(hash_type)
    assert judge(script, smp(tx)) == "proved"


def test_an_annex_is_no_script_path() -> None:
    script = p2tr(A)
    text = smp(to_sign(TEXT, script, by_taproot_key(A, annex=b"\x50note")))
    assert bip322.verify(claim(address(script), TEXT, text)).warnings == ()


def test_high_s_is_refused() -> None:
    for script, unlock in (
        (p2pkh(point(A)), by_key_hash(A, high=True)),
        (p2wpkh(point(A)), by_witness_key_hash(A, high=True)),
    ):
        assert judge(script, ful(to_sign(TEXT, script, unlock))) == "rule_violated"


def test_code_separators_are_refused_even_where_not_executed() -> None:
    script = b"\xab" + push(point(A)) + b"\xac"
    unlock = by_witness_script(script[1:], (A,))
    tx = to_sign(TEXT, p2wsh(script), unlock)
    signature = tx.vin[0].script_witness.stack[0]
    tx.vin[0].script_witness = by_nothing(signature, script)(tx, [], 0)[1]
    assert judge(p2wsh(script), smp(tx)) == "rule_violated"
    hidden = push(point(A)) + b"\xac\x00\x63\xab\x68"
    text = smp(to_sign(TEXT, p2wsh(hidden), by_witness_script(hidden, (A,))))
    assert judge(p2wsh(hidden), text) == "rule_violated"


def test_pushes_stacks_and_branches_are_minimal() -> None:
    long_push = b"\x4c" + push(point(A)) + b"\xac"
    text = smp(to_sign(TEXT, p2wsh(long_push), by_witness_script(long_push, (A,))))
    assert judge(p2wsh(long_push), text) == "rule_violated"
    branch = b"\x63" + push(point(A)) + b"\xac\x67\x00\x68"
    tx = to_sign(TEXT, p2wsh(branch), by_witness_script(branch, (A,)))
    signature, _ = tx.vin[0].script_witness.stack
    for choice, expected in ((b"\x01", "proved"), (b"\x02", "rule_violated")):
        tx.vin[0].script_witness = by_nothing(signature, choice, branch)(tx, [], 0)[1]
        assert expected == judge(p2wsh(branch), smp(tx))
    dirty = PAIR
    unlock = by_redeem_script(dirty, (A, B), b"\x51" + EMPTY)
    assert judge(p2sh(dirty), ful(to_sign(TEXT, p2sh(dirty), unlock))) == "rule_violated"


@pytest.mark.parametrize(
    "script",
    [b"\x51", push(point(A)) + b"\xac\x91", b"\x75\x51", b"\xa8" + push(bytes(32)) + b"\x87\x91"],
)
def test_a_script_without_a_signature_proves_nothing(script: bytes) -> None:
    """Such a witness satisfies the script for any message."""
    stacks: list[tuple[bytes, ...]] = [(script,), (b"", script), (b"x", script)]
    outcomes = set()
    for items in stacks:
        for text in (TEXT, b"another"):
            tx = to_sign(text, p2wsh(script), by_nothing(*items))
            outcomes.add(judge(p2wsh(script), smp(tx), text))
    assert outcomes == {"signature_invalid"}


def test_an_open_leaf_or_redeem_script_proves_nothing() -> None:
    leaf: ScriptList = ["OP_1"]
    text = smp(to_sign(TEXT, p2tr_leaf(leaf), by_taproot_leaf(leaf, ())))
    assert judge(p2tr_leaf(leaf), text) == "signature_invalid"
    redeem = b"\x51"
    text = ful(to_sign(TEXT, p2sh(redeem), by_redeem_script(redeem, ())))
    assert judge(p2sh(redeem), text) in ("signature_invalid", "rule_violated")


def test_shape_of_to_sign() -> None:
    script, unlock = WRAPPED["p2pkh"]
    for outputs in (
        [TxOut(1, b"\x6a")],
        [TxOut(0, b"\x6a\x00")],
        [TxOut(0, b"\x6a"), TxOut(0, b"\x6a")],
        [TxOut(0, script)],
    ):
        tx = to_sign(TEXT, script, unlock)
        tx.vout = outputs
        tx.vin[0].script_sig, _ = unlock(tx, [TxOut(0, script)], 0)
        assert judge(script, ful(tx)) == "rule_violated"


def test_a_full_proof_has_one_input() -> None:
    script, unlock = NATIVE["p2wpkh"]
    tx = to_sign(TEXT, script, unlock)
    tx.vin.append(
        dataclasses.replace(tx.vin[0], prev_out=dataclasses.replace(tx.vin[0].prev_out, vout=1))
    )
    assert judge(script, ful(tx)) == "rule_violated"
    tx.vin[1] = tx.vin[0]
    assert judge(script, ful(tx)) == "malformed_signature"
    tx.vin = []
    assert judge(script, ful(tx)) == "malformed_signature"


# Upgradeable rules and time locks.


@pytest.mark.parametrize("version", [1, 3, 4, 0xFFFFFFFF])
def test_other_versions_are_inconclusive(version: int) -> None:
    for script, unlock in (NATIVE["p2wpkh"], WRAPPED["p2pkh"]):
        text = ful(to_sign(TEXT, script, unlock, Fields(version=version)))
        assert judge(script, text) == "inconclusive upgradeable_rule"


def test_reserved_opcodes_are_inconclusive() -> None:
    script = b"\xb0" + push(point(A)) + b"\xac"
    good = smp(to_sign(TEXT, p2wsh(script), by_witness_script(script, (A,))))
    wrong = smp(to_sign(TEXT, p2wsh(script), by_witness_script(script, (OTHER,))))
    lax = smp(to_sign(TEXT, p2wsh(script), by_witness_script(script, (A,), (), NONE)))
    assert judge(p2wsh(script), good) == "inconclusive upgradeable_rule"
    assert judge(p2wsh(script), wrong) == "signature_invalid"
    assert judge(p2wsh(script), lax) == "rule_violated"


def test_later_segwit_is_inconclusive_or_no_address() -> None:
    script = b"\x52\x20" + bytes(range(32))
    body = base64.b64decode(smp(to_sign(TEXT, script, by_nothing(b"x")))[3:])
    with pytest.raises(InconclusiveProof, match="upgradeable_rule"):
        check("smp", body, TEXT, script)
    later = ScriptPubKey(script).address
    assert later.startswith("bc1z")
    assert verdict(bip322.verify, claim(later, TEXT, "smpAQA=")) == "scheme_not_for_chain"


def test_a_script_without_an_address_is_refused() -> None:
    for script in (b"", b"\x51", b"\x6a", push(point(A)) + b"\xac"):
        with pytest.raises(InvalidProof, match="format_not_for_address"):
            check("smp", b"\x01\x00", TEXT, script)


@pytest.mark.parametrize(
    ("fields", "lock_time", "sequence"),
    [
        (Fields(2, 840_000, (0xFFFFFFFE,)), 840_000, 0),
        (Fields(2, 840_000, (0,)), 840_000, 0),
        (Fields(2, 840_000, (0xFFFFFFFF,)), 0, 0),
        (Fields(2, 0, (0xFFFFFFFF,)), 0, 0),
        (Fields(2, 0, (0xFFFFFFFD,)), 0, 0),
        (Fields(2, 0, (144,)), 0, 144),
        (Fields(0, 0, (144,)), 0, 144),
        (Fields(2, 1_700_000_000, (1 << 22 | 5,)), 1_700_000_000, 1 << 22 | 5),
    ],
)
def test_time_locks_are_handed_on(fields: Fields, lock_time: int, sequence: int) -> None:
    script, unlock = WRAPPED["p2pkh"]
    text = ful(to_sign(TEXT, script, unlock, fields))
    proof = bip322.verify(claim(address(script), TEXT, text))
    assert (lock_time, sequence) == (proof.lock_time, proof.sequence)


def test_a_locked_script_needs_its_lock() -> None:
    until = b"\x02\xd0\x07\xb1\x75" + push(point(A)) + b"\xac"
    script, unlock = p2wsh(until), by_witness_script(until, (A,))
    locked = ful(to_sign(TEXT, script, unlock, Fields(2, 2000, (0,))))
    assert bip322.verify(claim(address(script), TEXT, locked)).lock_time == 2000
    for fields in (Fields(2, 1999, (0,)), Fields(2, 2000, (0xFFFFFFFF,)), Fields()):
        text = ful(to_sign(TEXT, script, unlock, fields))
        assert judge(script, text) == "signature_invalid"
    assert judge(script, smp(to_sign(TEXT, script, unlock))) == "signature_invalid"


def test_an_aged_script_needs_its_age() -> None:
    aged = b"\x02\x90\x00\xb2\x75" + push(point(A)) + b"\xac"
    script, unlock = p2wsh(aged), by_witness_script(aged, (A,))
    text = ful(to_sign(TEXT, script, unlock, Fields(2, 0, (144,))))
    assert bip322.verify(claim(address(script), TEXT, text)).sequence == 144
    for fields in (Fields(2, 0, (143,)), Fields(0, 0, (144,)), Fields(2, 0, (0xFFFFFFFF,))):
        refused = ful(to_sign(TEXT, script, unlock, fields))
        assert judge(script, refused) == "signature_invalid"
