"""Proofs of funds: which accounts and coins they cover, and how they could be bent."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from btclib.script.sig_hash import ALL, ANYONECANPAY
from btclib.script.witness import Witness
from btclib.tx import OutPoint, Tx, TxIn, TxOut

from proofs import bip322
from proofs.control import Outpoint, Signing
from proofs.utxo import btclib_bip322
from tests.chains.utxo import rows
from tests.proofs.utxo.kinds import address
from tests.proofs.utxo.signer import (
    KEYS,
    Fields,
    by_key_hash,
    by_nothing,
    by_taproot_key,
    by_witness_key_hash,
    by_witness_script,
    coin,
    encode,
    p2pkh,
    p2sh,
    p2tr,
    p2wpkh,
    p2wsh,
    pof,
    point,
    psbt,
    push,
)
from tests.proofs.utxo.vectors import claim, load, verdict

if TYPE_CHECKING:
    from btclib_wallet.psbt import Psbt

    from tests.proofs.utxo.signer import Unlock

A, B, C, OTHER = KEYS[:4]
TEXT = b"These coins are ours"
HEAD = p2wpkh(point(A))
HEAD_UNLOCK = by_witness_key_hash(A)
LEGACY, SEGWIT, TAPROOT = p2pkh(point(B)), p2wpkh(point(B)), p2tr(C)
NESTED = p2sh(p2wpkh(point(C)))


def judge(text: str, *scripts: bytes, message: bytes = TEXT) -> str:
    accounts = tuple(address(script) for script in (scripts or (HEAD,)))
    return verdict(bip322.verify, Signing(rows.BITCOIN, accounts, message, text))


def three(fields: Fields = Fields(2)) -> Psbt:  # noqa: B008 - frozen
    """A proof over a legacy, a segwit and a taproot coin."""
    coins = (
        (*coin(LEGACY, 1000, 1), by_key_hash(B)),
        (*coin(SEGWIT, 2000, 2), by_witness_key_hash(B)),
        (*coin(TAPROOT, 3000, 3), by_taproot_key(C)),
    )
    return psbt(TEXT, HEAD, HEAD_UNLOCK, coins, fields)


def test_every_named_address_is_proved() -> None:
    text = pof(three())
    assert judge(text) == "proved"
    assert judge(text, HEAD, LEGACY, SEGWIT, TAPROOT) == "proved"
    assert judge(text, HEAD, TAPROOT) == "proved"
    assert judge(text, HEAD, HEAD) == "proved"


def test_the_first_address_is_the_messages() -> None:
    text = pof(three())
    for scripts in ((LEGACY, HEAD), (SEGWIT,), (TAPROOT, SEGWIT, LEGACY, HEAD)):
        assert judge(text, *scripts) == "signature_invalid"


def test_an_address_without_an_input_is_refused() -> None:
    text = pof(three())
    for script in (NESTED, p2wpkh(point(C)), p2pkh(point(A)), p2tr(B)):
        assert judge(text, HEAD, script) == "account_not_covered"
        assert judge(text, HEAD, LEGACY, SEGWIT, TAPROOT, script) == "account_not_covered"


def test_coins_are_listed_with_what_is_claimed_of_them() -> None:
    made = three()
    proof = bip322.verify(claim(address(HEAD), TEXT, pof(made)))
    expected = tuple(
        Outpoint(previous.id.hex(), 0, script.hex(), units)
        for previous, script, units in (
            (coin(LEGACY, 1000, 1)[0], LEGACY, 1000),
            (coin(SEGWIT, 2000, 2)[0], SEGWIT, 2000),
            (coin(TAPROOT, 3000, 3)[0], TAPROOT, 3000),
        )
    )
    assert expected == proof.outpoints
    assert (made.tx.id.hex(),) == proof.signatures


def test_the_message_alone_is_a_proof_without_coins() -> None:
    proof = bip322.verify(claim(address(HEAD), TEXT, pof(psbt(TEXT, HEAD, HEAD_UNLOCK, ()))))
    assert proof.outpoints == ()


def test_a_witness_utxo_is_enough_for_segwit_alone() -> None:
    made = three()
    for index in (2, 3):
        previous = made.inputs[index].non_witness_utxo
        assert previous is not None
        made.inputs[index].witness_utxo = previous.vout[0]
        made.inputs[index].non_witness_utxo = None
    assert judge(pof(made), HEAD, LEGACY, SEGWIT, TAPROOT) == "proved"
    previous = made.inputs[1].non_witness_utxo
    assert previous is not None
    made.inputs[1].witness_utxo = previous.vout[0]
    made.inputs[1].non_witness_utxo = None
    assert judge(pof(made)) != "proved"


@pytest.mark.parametrize("index", range(4))
def test_a_coin_that_is_not_described_is_refused(index: int) -> None:
    made = three()
    made.inputs[index].non_witness_utxo = None
    assert judge(pof(made)) == "rule_violated"


def test_coins_of_one_transaction_may_share_it() -> None:
    source = [TxIn(OutPoint(b"\x09" * 32, 0), b"", 0, Witness())]
    previous = Tx(2, 0, source, [TxOut(5, LEGACY), TxOut(6, LEGACY)])
    coins = tuple((previous, OutPoint(previous.id, index), by_key_hash(B)) for index in (0, 1))
    made = psbt(TEXT, HEAD, HEAD_UNLOCK, coins)
    assert judge(pof(made), HEAD, LEGACY) == "proved"
    made.inputs[2].non_witness_utxo = None
    proof = bip322.verify(claim(address(HEAD), TEXT, pof(made)))
    assert [(one.vout, one.units) for one in proof.outpoints] == [(0, 5), (1, 6)]
    made.inputs[2].non_witness_utxo, made.inputs[1].non_witness_utxo = previous, None
    assert judge(pof(made)) == "rule_violated"


@pytest.mark.parametrize("units", [0, 1999, 2001, 21 * 10**14])
def test_a_segwit_amount_is_signed(units: int) -> None:
    made = three()
    made.inputs[2].witness_utxo = TxOut(units, SEGWIT)
    made.inputs[2].non_witness_utxo = None
    assert judge(pof(made)) == "signature_invalid"


def test_two_descriptions_of_a_coin_must_agree() -> None:
    made = three()
    made.inputs[2].witness_utxo = TxOut(2001, SEGWIT)
    text = "pof" + encode(made.serialize(check_validity=False))
    assert judge(text) == "malformed_signature"


def test_a_previous_transaction_must_have_the_stated_id() -> None:
    made = three()
    made.inputs[1].non_witness_utxo = coin(LEGACY, 1_000_000, 1)[0]
    text = "pof" + encode(made.serialize(check_validity=False))
    assert judge(text) == "malformed_signature"


def test_a_coin_cannot_be_listed_twice() -> None:
    one = (*coin(SEGWIT), by_witness_key_hash(B))
    made = psbt(TEXT, HEAD, HEAD_UNLOCK, (one, (*coin(SEGWIT, 1000, 2), by_witness_key_hash(B))))
    data = made.serialize()
    first, second = (coin(SEGWIT, 1000, number)[0].id[::-1] for number in (1, 2))
    assert data.count(second) == 1
    twice = "pof" + encode(data.replace(second, first))
    assert judge(twice) == "malformed_signature"


def test_the_message_input_cannot_be_listed_again() -> None:
    made = psbt(TEXT, HEAD, HEAD_UNLOCK, ((*coin(SEGWIT), by_witness_key_hash(B)),))
    data = made.serialize()
    spent = made.inputs[0].previous_tx_id[::-1]
    again = "pof" + encode(data.replace(coin(SEGWIT)[0].id[::-1], spent))
    assert judge(again) == "malformed_signature"


@pytest.mark.parametrize("index", range(4))
def test_an_input_that_is_not_final_is_refused(index: int) -> None:
    made = three()
    made.inputs[index].final_script_sig = b""
    made.inputs[index].final_script_witness = Witness()
    assert judge(pof(made)) == "rule_violated"


def test_a_stated_message_must_be_the_claims() -> None:
    made = three()
    made.signed_message = TEXT
    assert judge(pof(made)) == "proved"
    for other in (b"", b"another text", TEXT + b" "):
        made.signed_message = other
        assert judge(pof(made)) == "rule_violated"


def test_a_stated_challenge_must_be_the_claims() -> None:
    made = three()
    made.inputs[0].non_witness_utxo = None
    for units, script, expected in (
        (0, HEAD, "proved"),
        (1, HEAD, "rule_violated"),
        (0, SEGWIT, "rule_violated"),
    ):
        made.inputs[0].witness_utxo = TxOut(units, script)
        assert expected == judge(pof(made))


@pytest.mark.parametrize("other", [b"", TEXT + b" ", b"another text"])
def test_another_message_is_refused(other: bytes) -> None:
    assert judge(pof(three()), message=other) == "signature_invalid"


def test_a_signature_lifted_from_elsewhere_does_not_prove_a_coin() -> None:
    """ANYONECANPAY leaves the message input unsigned, so a real spend could be lifted in."""
    for script, unlock in (
        (LEGACY, by_key_hash(B, ALL | ANYONECANPAY)),
        (SEGWIT, by_witness_key_hash(B, ALL | ANYONECANPAY)),
        (TAPROOT, by_taproot_key(C, ALL | ANYONECANPAY)),
    ):
        made = psbt(TEXT, HEAD, HEAD_UNLOCK, ((*coin(script), unlock),))
        assert judge(pof(made), HEAD, script) == "rule_violated"


@pytest.mark.parametrize(
    ("script", "unlock"),
    [
        (LEGACY, by_key_hash(OTHER)),
        (LEGACY, by_nothing()),
        (SEGWIT, by_witness_key_hash(OTHER)),
        (SEGWIT, by_nothing(b"x")),
        (TAPROOT, by_taproot_key(OTHER)),
        (p2wsh(b"\x51"), by_nothing(b"\x51")),
        (b"\x51", by_nothing()),
    ],
)
def test_a_coin_of_someone_else_spoils_the_proof(script: bytes, unlock: Unlock) -> None:
    made = psbt(TEXT, HEAD, HEAD_UNLOCK, ((*coin(script), unlock),))
    assert judge(pof(made)) not in ("proved", "account_not_covered")


def test_locks_of_coins_are_not_lost() -> None:
    aged = b"\x02\x90\x00\xb2\x75" + push(point(B)) + b"\xac"
    coins = ((*coin(p2wsh(aged)), by_witness_script(aged, (B,))),)
    made = psbt(TEXT, HEAD, HEAD_UNLOCK, coins, Fields(2, 700, (0, 144)))
    proof = bip322.verify(claim(address(HEAD), TEXT, pof(made)))
    assert (proof.lock_time, proof.sequence) == (700, 144)
    mixed = psbt(TEXT, HEAD, HEAD_UNLOCK, coins, Fields(2, 0, (1 << 22 | 9, 144)))
    assert judge(pof(mixed)) == "inconclusive time_locked"


def test_sequences_of_ordinary_wallets_are_no_locks() -> None:
    proof = bip322.verify(
        claim(
            address(HEAD), TEXT, pof(three(Fields(2, 0, (0, 0xFFFFFFFD, 0xFFFFFFFF, 0xFFFFFFFE))))
        )
    )
    assert (proof.lock_time, proof.sequence) == (0, 0)


def test_the_number_of_coins_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    text = pof(three())
    monkeypatch.setattr(btclib_bip322, "MAX_INPUTS", 4)
    assert judge(text) == "proved"
    monkeypatch.setattr(btclib_bip322, "MAX_INPUTS", 3)
    assert judge(text) == "malformed_signature"


def test_other_versions_are_inconclusive() -> None:
    assert judge(pof(three(Fields(3)))) == "inconclusive upgradeable_rule"


def test_taproot_coins_need_a_chain_with_taproot() -> None:
    assert rows.LITECOIN.utxo is not None
    form = dataclasses.replace(rows.LITECOIN.utxo, taproot=False)
    chain = dataclasses.replace(rows.LITECOIN, utxo=form)
    text = pof(three())
    for row, expected in ((rows.LITECOIN, "proved"), (chain, "scheme_not_for_chain")):
        signing = claim(address(HEAD, row), TEXT, text, row)
        assert expected == verdict(bip322.verify, signing)


def test_witness_coins_need_a_chain_with_segwit() -> None:
    head = p2pkh(point(A))
    account = address(head, rows.DOGECOIN)
    legacy = psbt(TEXT, head, by_key_hash(A), ((*coin(LEGACY), by_key_hash(B)),))
    assert verdict(bip322.verify, claim(account, TEXT, pof(legacy), rows.DOGECOIN)) == "proved"
    nested = ((*coin(NESTED), by_witness_key_hash(C, nested=True)),)
    mixed = pof(psbt(TEXT, head, by_key_hash(A), nested))
    signing = claim(account, TEXT, mixed, rows.DOGECOIN)
    assert verdict(bip322.verify, signing) == "scheme_not_for_chain"


# Corruption of the published proofs.

PUBLISHED = load("bip322-generated")["proof_of_funds"]


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["type"])
def test_every_cut_is_refused(entry: dict[str, Any]) -> None:
    (text,) = entry["bip322_signatures"]
    data = base64.b64decode(text[3:])
    cuts = [text[:size] for size in range(len(text))]
    cuts += ["pof" + encode(data[:size]) for size in range(len(data))]
    for cut in cuts:
        signing = claim(entry["address"], entry["message"], cut)
        assert verdict(bip322.verify, signing) == "malformed_signature"


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["type"])
def test_every_changed_byte_is_refused(entry: dict[str, Any]) -> None:
    (text,) = entry["bip322_signatures"]
    data = base64.b64decode(text[3:])
    for position in range(len(data)):
        for change in (0x01, 0x80):
            changed = bytearray(data)
            changed[position] ^= change
            signing = claim(entry["address"], entry["message"], "pof" + encode(bytes(changed)))
            outcome = verdict(bip322.verify, signing)
            assert (position, outcome) != (position, "proved")
            assert not outcome.startswith("inconclusive")


@pytest.mark.parametrize("entry", PUBLISHED, ids=lambda entry: entry["type"])
def test_bytes_after_the_end_are_refused(entry: dict[str, Any]) -> None:
    (text,) = entry["bip322_signatures"]
    data = base64.b64decode(text[3:])
    for tail in (b"\x00", b"\xff", data):
        signing = claim(entry["address"], entry["message"], "pof" + encode(data + tail))
        assert verdict(bip322.verify, signing) == "malformed_signature"
