"""Proof-of-reserves transactions: what they prove, and how they could be bent."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import pytest
from btclib.script.sig_hash import ALL, ANYONECANPAY, NONE, SINGLE
from btclib.tx import TxOut
from hypothesis import given
from hypothesis import strategies as st

from proofs import bip127
from proofs.bip127 import commitment
from proofs.control import InconclusiveProof, InvalidProof, Outpoint, Signing, UnprovedClaim
from tests.chains.utxo import rows
from tests.proofs.utxo.kinds import ALL_KINDS, NATIVE, address
from tests.proofs.utxo.signer import (
    KEYS,
    by_key_hash,
    by_nothing,
    by_taproot_key,
    by_witness_key_hash,
    by_witness_script,
    encode,
    p2pkh,
    p2tr,
    p2wpkh,
    p2wsh,
    point,
)
from tests.proofs.utxo.spending import OP_TRUE, Owned, Reserves, hex_of
from tests.proofs.utxo.vectors import verdict

if TYPE_CHECKING:
    from tests.proofs.utxo.signer import Unlock

A, B, C, OTHER = KEYS[:4]
TEXT = b"These coins are ours"
LEGACY = Owned(p2pkh(point(A)), by_key_hash(A), 1000, 1)
SEGWIT = Owned(p2wpkh(point(B)), by_witness_key_hash(B), 2000, 2)
TAPROOT = Owned(p2tr(C), by_taproot_key(C), 3000, 3)
THREE = Reserves(TEXT, (LEGACY, SEGWIT, TAPROOT))
SCRIPTS = tuple(one.script for one in THREE.coins)


def signing(made: Reserves, text: str = "", *scripts: bytes, **columns: str) -> Signing:
    named = scripts or tuple(dict.fromkeys(one.script for one in made.coins))
    return Signing(
        rows.BITCOIN,
        tuple(address(script) for script in named),
        TEXT,
        text or made.hex(),
        script=columns.get("script", ""),
        profile=columns.get("profile", ""),
        coins=made.on_chain(rows.BITCOIN.id),
    )


def judge(made: Reserves, text: str = "", *scripts: bytes, **columns: str) -> str:
    return judged(signing(made, text, *scripts, **columns))


def judged(claim: Signing) -> str:
    try:
        return verdict(bip127.verify, claim)
    except UnprovedClaim as missing:
        return f"unproved {missing.reason}"


def test_the_commitment_is_one_hash_as_the_bip_says() -> None:
    # The BIP's own example text (bitcoin/bips, bip-0127.mediawiki, note 1), hashed by sha256sum.
    once = "30896246cd560f641d84e2ddcd9ee0f8fd74e4547be75aa7d6464f75dd372dff"
    assert commitment(b"Some Message").hex() == once
    twice = hashlib.sha256(bytes.fromhex(once)).digest()
    assert commitment(b"Some Message", twice=True) == twice


def test_every_named_account_is_proved_by_hex_and_by_psbt() -> None:
    for text in (THREE.hex(), f"0X{THREE.hex().upper()}", THREE.base64()):
        assert judge(THREE, text) == "proved"
        assert judge(THREE, text, *reversed(SCRIPTS)) == "proved"


def test_the_proof_names_its_coins_and_one_identity() -> None:
    proof = bip127.verify(signing(THREE))
    expected = tuple(
        Outpoint(one.made[1].tx_id.hex(), 0, one.script.hex(), one.units) for one in THREE.coins
    )

    assert expected == proof.outpoints
    assert bip127.verify(signing(THREE, THREE.base64())) == proof
    assert proof.warnings == ()
    assert (proof.lock_time, proof.sequence) == (0, 0)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_of_script_is_proved(kind: str) -> None:
    script, unlock = ALL_KINDS[kind]
    made = Reserves(TEXT, (Owned(script, unlock), Owned(script, unlock, 70, 9)))
    for text in (made.hex(), made.base64()):
        proof = bip127.verify(signing(made, text))
        assert ("script_path" in proof.warnings) == (kind == "p2tr-leaf")


def test_another_message_is_refused() -> None:
    for message in (b"", b"These coins are our", TEXT + b" "):
        claim = dataclasses.replace(signing(THREE), message=message)
        assert judged(claim) == "message_not_committed"
    assert judge(THREE.but(index=1)) == "message_not_committed"


def test_a_commitment_in_another_place_is_refused() -> None:
    tx = THREE.tx()
    tx.vin.reverse()
    assert judge(THREE, hex_of(tx)) == "message_not_committed"


def test_the_form_of_bdk_is_taken_by_name_alone() -> None:
    made = THREE.but(twice=True, first=OP_TRUE)
    for text in (made.hex(), made.base64()):
        assert judge(made, text) == "message_not_committed"
        proof = bip127.verify(signing(made, text, profile="bdk"))
        assert proof.warnings == ("bdk_commitment",)
    assert judge(THREE, profile="bdk") == "message_not_committed"
    assert judge(THREE, profile="BDK") == "unknown_profile"


def test_what_the_first_input_would_spend_is_stated_for_taproot() -> None:
    made = THREE.but(first=OP_TRUE)
    assert judge(made, made.base64()) == "proved"
    assert judge(made) == "signature_invalid"
    assert judge(made, script="51") == "proved"
    assert judge(THREE, script="51") == "signature_invalid"
    assert judge(THREE, script="52") == "malformed_script"
    for first in (TxOut(1, OP_TRUE), TxOut(0, SCRIPTS[0])):
        psbt = made.psbt()
        psbt.inputs[0].witness_utxo = first
        assert judge(made, encode(psbt.serialize())) == "rule_violated"


def test_segwit_does_not_depend_on_it() -> None:
    made = Reserves(TEXT, (LEGACY, SEGWIT), first=OP_TRUE)
    assert judge(made) == "proved"


def test_a_signed_commitment_and_one_without_coins_are_refused() -> None:
    tx = THREE.tx()
    tx.vin[0].script_sig = b"\x51"
    assert judge(THREE, hex_of(tx)) == "rule_violated"
    alone = Reserves(TEXT, (), total=0)
    assert judge(alone, alone.hex(), SCRIPTS[0]) == "rule_violated"


@pytest.mark.parametrize("total", [0, 5999, 6001])
def test_the_output_is_the_exact_sum(total: int) -> None:
    assert judge(THREE.but(total=total)) == "rule_violated"


def test_there_is_one_output() -> None:
    tx = THREE.tx()
    tx.vout = [TxOut(6000, b"\x6a"), TxOut(0, b"\x6a")]
    assert judge(THREE, hex_of(tx)) == "rule_violated"


def test_a_coin_twice_is_refused() -> None:
    made = Reserves(TEXT, (LEGACY, LEGACY))
    assert judge(made) == "malformed_signature"


def test_accounts_and_inputs_must_be_the_same() -> None:
    for scripts in (SCRIPTS[:2], SCRIPTS[1:]):
        assert judge(THREE, "", *scripts) == "account_not_named"
    for text in (THREE.hex(), THREE.base64()):
        assert judge(THREE, text, *SCRIPTS, p2wpkh(point(OTHER))) == "account_not_covered"
    assert judge(THREE, "", p2wpkh(point(OTHER))) == "account_not_named"
    assert judged(dataclasses.replace(signing(THREE), addresses=())) == "account_not_covered"


@pytest.mark.parametrize("hash_type", [NONE, SINGLE, ALL | ANYONECANPAY, NONE | ANYONECANPAY])
def test_signatures_cover_everything(hash_type: int) -> None:
    signed = [
        dataclasses.replace(LEGACY, unlock=by_key_hash(A, hash_type)),
        dataclasses.replace(SEGWIT, unlock=by_witness_key_hash(B, hash_type)),
    ]
    if hash_type != SINGLE:  # BIP-341 has no such signature for an input without an output.
        signed.append(dataclasses.replace(TAPROOT, unlock=by_taproot_key(C, hash_type)))
    for owned in signed:
        assert judge(Reserves(TEXT, (owned,))) == "rule_violated"


def test_a_foreign_key_does_not_sign() -> None:
    wrong: tuple[Unlock, ...] = (
        by_key_hash(OTHER),
        by_witness_key_hash(OTHER),
        by_taproot_key(OTHER),
        by_nothing(),
    )
    for at, unlock in ((0, wrong[0]), (1, wrong[1]), (2, wrong[2]), (1, wrong[3])):
        coins = list(THREE.coins)
        coins[at] = dataclasses.replace(coins[at], unlock=unlock)
        assert judge(THREE.but(coins=tuple(coins))) == "signature_invalid"


def test_a_script_that_anyone_satisfies_proves_nothing() -> None:
    script = b"\x51"
    made = Reserves(TEXT, (Owned(p2wsh(script), by_witness_script(script, ())),))
    assert judge(made) == "signature_invalid"


def test_without_the_chains_word_hex_is_unproved_and_a_psbt_lists_its_coins() -> None:
    claim = dataclasses.replace(signing(THREE), coins={})
    assert judged(claim) == "unproved coins_unknown"
    stated = dataclasses.replace(claim, signature=THREE.base64())
    assert len(bip127.verify(stated).outpoints) == 3


def test_a_coin_that_was_spent_before_the_pin_leaves_hex_unproved() -> None:
    left = dict(list(THREE.on_chain(rows.BITCOIN.id).items())[1:])
    assert judged(dataclasses.replace(signing(THREE), coins=left)) == "unproved coins_unknown"


def test_amounts_of_the_chain_are_what_signatures_are_held_against() -> None:
    claim = signing(THREE.but(total=9000))
    coins = {
        name: dataclasses.replace(coin, units=5000) if coin.units == 2000 else coin
        for name, coin in claim.coins.items()
    }
    assert judged(dataclasses.replace(claim, coins=coins)) == "signature_invalid"


def test_a_bare_output_in_a_psbt_is_taken_with_a_witness_alone() -> None:
    psbt = THREE.psbt()
    for index, owned in enumerate(THREE.coins, 1):
        psbt.inputs[index].non_witness_utxo = None
        psbt.inputs[index].witness_utxo = TxOut(owned.units, owned.script)
    assert judge(THREE, encode(psbt.serialize(check_validity=False))) == "rule_violated"
    psbt.inputs[1].non_witness_utxo = LEGACY.made[0]
    psbt.inputs[1].witness_utxo = None
    assert judge(THREE, encode(psbt.serialize(check_validity=False))) == "proved"


def test_a_previous_transaction_is_the_one_that_the_input_names() -> None:
    psbt = THREE.psbt()
    psbt.inputs[1].non_witness_utxo = dataclasses.replace(LEGACY, number=77).made[0]
    text = encode(psbt.serialize(check_validity=False))
    assert judge(THREE, text) in ("malformed_signature", "rule_violated")


def test_an_unfinished_psbt_is_refused() -> None:
    for index in (1, 2, 3):
        psbt = THREE.psbt()
        psbt.inputs[index].final_script_sig = b""
        psbt.inputs[index].final_script_witness = THREE.tx().vin[0].script_witness
        assert judge(THREE, encode(psbt.serialize(check_validity=False))) == "signature_invalid"


def test_a_lock_time_is_handed_out() -> None:
    made = THREE.but(lock_time=800_000, sequence=0xFFFFFFFE)
    proof = bip127.verify(signing(made))
    assert (proof.lock_time, proof.sequence) == (800_000, 0)
    # Tools for this BIP write the highest lock time with final inputs, which mean no lock.
    assert bip127.verify(signing(THREE.but(lock_time=0xFFFFFFFF))).lock_time == 0
    assert bip127.verify(signing(THREE.but(sequence=5))).sequence == 5


def test_chains_with_other_signature_hashes_are_refused() -> None:
    own = dataclasses.replace(rows.BITCOIN.utxo, signature_hash="own")  # type: ignore[type-var]
    chain = dataclasses.replace(rows.BITCOIN, utxo=own)
    assert judged(dataclasses.replace(signing(THREE), chain=chain)) == "scheme_not_for_chain"


def test_a_script_without_a_template_is_refused() -> None:
    # Of this one an engine for Bitcoin checks the hash alone, whatever the input begins with.
    script = b"\xaa\x20" + bytes(32) + b"\x87"
    named = (address(script, rows.BITCOIN_CASH),)
    claim = dataclasses.replace(signing(THREE), chain=rows.BITCOIN_CASH, addresses=named)
    assert judged(claim) == "format_not_for_address"


@pytest.mark.parametrize("text", ["", "0x", "zz", "0", "cHNidP8", "cHNidP8=", "00" * 60, "cHNidP9"])
def test_what_cannot_be_decoded_is_refused(text: str) -> None:
    claim = dataclasses.replace(signing(THREE), signature=text)
    assert judged(claim) == "malformed_signature"


def test_every_cut_and_every_changed_byte_is_refused() -> None:
    made = Reserves(TEXT, (SEGWIT,))
    raw, claim = bytes.fromhex(made.hex()), signing(made)
    for at in range(len(raw)):
        cut = dataclasses.replace(claim, signature=raw[:at].hex())
        assert judged(cut) == "malformed_signature"
        changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
        assert judged(dataclasses.replace(claim, signature=changed.hex())) != "proved"
    trailing = dataclasses.replace(claim, signature=made.hex() + "00")
    assert judged(trailing) == "malformed_signature"


@given(st.binary(max_size=400), st.sampled_from(sorted(NATIVE)))
def test_only_our_verdicts_come_out(data: bytes, kind: str) -> None:
    made = Reserves(TEXT, (Owned(*NATIVE[kind]),))
    base = signing(made)
    for text in (data.hex(), encode(b"psbt\xff" + data), made.hex()[: len(data)] + data.hex()):
        try:
            bip127.verify(dataclasses.replace(base, signature=text))
        except (InvalidProof, InconclusiveProof, UnprovedClaim):
            continue


def test_the_steps_are_shown_in_order() -> None:
    steps: list[tuple[str, str | bytes]] = []

    def show(step: str, value: str | bytes) -> None:
        steps.append((step, value))

    bip127.verify(dataclasses.replace(signing(Reserves(TEXT, (SEGWIT,))), show=show))
    names = [name for name, _ in steps]
    assert names == [
        "transaction",
        "commitment preimage",
        "commitment",
        "commitment in the first input",
        "script spent",
        "script of the account claimed",
        "sum of the coins",
        "outputs",
    ]
    assert dict(steps)["commitment"] == commitment(TEXT)
