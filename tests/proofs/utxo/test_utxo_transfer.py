"""Transfers on chains of the Bitcoin family as proofs of control."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from btclib.script.sig_hash import ALL, ANYONECANPAY, NONE, SINGLE
from btclib.script.witness import Witness
from btclib.tx import Tx, TxIn, TxOut
from hypothesis import given
from hypothesis import strategies as st

from chains.inclusion import ABSENT, Inclusion, Prevout, encode_inclusion
from chains.snapshot import Question
from proofs import onchain_transfer
from proofs.control import InconclusiveProof, InvalidProof, Signing, UnprovedClaim
from proofs.utxo.btclib_spend import read
from proofs.utxo.transfer import carrier_script
from tests.chains.utxo import rows
from tests.proofs.utxo.kinds import ALL_KINDS, address
from tests.proofs.utxo.signer import (
    KEYS,
    by_key_hash,
    by_nothing,
    by_witness_key_hash,
    by_witness_script,
    p2pkh,
    p2wpkh,
    p2wsh,
    point,
    push,
)
from tests.proofs.utxo.spending import Owned, hex_of, signed

A, B, OTHER = KEYS[:3]
LEGACY = Owned(p2pkh(point(A)), by_key_hash(A), 1000, 1)
SEGWIT = Owned(p2wpkh(point(B)), by_witness_key_hash(B), 2000, 2)
STRANGER = Owned(p2wpkh(point(OTHER)), by_witness_key_hash(OTHER), 9000, 3)


def text_for(script: bytes) -> bytes:
    return f"custody-attest challenge v1\naddress: {address(script)}\nnonce: ab".encode()


def transfer(coins: tuple[Owned, ...], *carried: bytes) -> Tx:
    """Send everything but a fee to the first script, beside what is carried."""
    inputs = [TxIn(one.made[1], b"", 0xFFFFFFFD, Witness()) for one in coins]
    units = sum(one.units for one in coins) - 300
    outputs = [TxOut(units, coins[0].script), *(TxOut(0, script) for script in carried)]
    prevouts = [TxOut(one.units, one.script) for one in coins]
    return signed(Tx(2, 700_000, inputs, outputs), prevouts, tuple(one.unlock for one in coins))


def digest_output(message: bytes) -> bytes:
    return b"\x6a" + push(hashlib.sha256(message).digest())


def said(coins: tuple[Owned, ...]) -> str:
    prevouts = tuple(Prevout(one.script.hex(), one.units) for one in coins)
    return encode_inclusion(Inclusion("success", 100, "", prevouts))


def signing(tx: Tx, coins: tuple[Owned, ...], answer: str | None = "", *scripts: bytes) -> Signing:
    named = scripts or tuple(dict.fromkeys(one.script for one in coins))
    message = text_for(named[0])
    asked = Question(rows.BITCOIN.id, "inclusion", tx.id.hex())
    return Signing(
        rows.BITCOIN,
        tuple(address(script) for script in named),
        message,
        hex_of(tx),
        answers={} if answer is None else {asked: answer or said(coins)},
    )


def judge(claim: Signing) -> str:
    try:
        onchain_transfer.verify(claim)
    except InvalidProof as refused:
        return refused.reason
    except InconclusiveProof as undecided:
        return f"inconclusive {undecided.reason}"
    except UnprovedClaim as missing:
        return f"unproved {missing.reason}"
    return "proved"


def of(*coins: Owned) -> Signing:
    return signing(transfer(coins, digest_output(text_for(coins[0].script))), coins)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_of_account_is_proved(kind: str) -> None:
    owned = Owned(*ALL_KINDS[kind])
    message = text_for(owned.script)
    for carried in (digest_output(message), carrier_script(message)):
        tx = transfer((owned,), carried)
        proof = onchain_transfer.verify(signing(tx, (owned,)))
        assert proof.signatures == (read(bytes.fromhex(hex_of(tx))).unsigned_id,)
        # The block has waited for its locks.
        assert (proof.lock_time, proof.sequence, proof.outpoints) == (0, 0, ())


def test_several_accounts_are_proved_if_each_has_an_input() -> None:
    claim = of(LEGACY, SEGWIT)
    assert judge(claim) == "proved"
    names = claim.addresses
    assert judge(dataclasses.replace(claim, addresses=names[:1])) == "account_not_named"
    more = (*names, address(STRANGER.script))
    assert judge(dataclasses.replace(claim, addresses=more)) == "account_not_covered"


def test_a_joint_transaction_proves_nobody() -> None:
    coins = (LEGACY, STRANGER)
    tx = transfer(coins, digest_output(text_for(LEGACY.script)))
    assert judge(signing(tx, coins, "", LEGACY.script)) == "account_not_named"


@pytest.mark.parametrize("hash_type", [NONE, SINGLE, ALL | ANYONECANPAY, SINGLE | ANYONECANPAY])
def test_an_input_that_could_be_lifted_is_refused(hash_type: int) -> None:
    lifted = dataclasses.replace(SEGWIT, unlock=by_witness_key_hash(B, hash_type))
    assert judge(of(lifted)) == "rule_violated"
    lifted = dataclasses.replace(LEGACY, unlock=by_key_hash(A, hash_type))
    assert judge(of(SEGWIT, lifted)) == "rule_violated"


def test_outputs_that_do_not_carry_the_text_are_refused() -> None:
    message = text_for(SEGWIT.script)
    digest = hashlib.sha256(message).digest()
    for carried in (
        (),
        (b"\x6a",),
        (push(digest),),
        (b"\x6a" + push(hashlib.sha256(message + b" ").digest()),),
        (b"\x6a" + push(digest) + b"\x00",),
        (b"\x6a\x4c" + push(digest),),
        (b"\x6a" + push(b"0.01234567"),),
        (b"\x00" + push(digest),),
    ):
        assert judge(signing(transfer((SEGWIT,), *carried), (SEGWIT,))) == "message_not_committed"


def test_a_text_that_does_not_name_the_account_is_refused() -> None:
    for message in (b"", b"0.00001700", text_for(STRANGER.script)):
        tx = transfer((SEGWIT,), digest_output(message))
        claim = dataclasses.replace(signing(tx, (SEGWIT,)), message=message)
        assert judge(claim) == "text_names_no_account"


def test_nothing_is_proved_without_the_chains_word() -> None:
    tx = transfer((SEGWIT,), digest_output(text_for(SEGWIT.script)))
    assert judge(signing(tx, (SEGWIT,), None)) == "unproved transfer_not_checked"
    absent = encode_inclusion(ABSENT)
    assert judge(signing(tx, (SEGWIT,), absent)) == "unproved transfer_not_included"
    asked = onchain_transfer.questions(signing(tx, (SEGWIT,), None))
    assert asked == (Question(rows.BITCOIN.id, "inclusion", tx.id.hex()),)
    assert onchain_transfer.questions(signing(transfer((SEGWIT,)), (SEGWIT,))) == ()


def test_what_is_spent_is_the_chains_word() -> None:
    tx = transfer((SEGWIT,), digest_output(text_for(SEGWIT.script)))
    for coins, expected in (
        ((dataclasses.replace(SEGWIT, units=2001),), "signature_invalid"),
        ((STRANGER,), "account_not_named"),
        ((), "unproved transfer_not_checked"),
        ((SEGWIT, SEGWIT), "unproved transfer_not_checked"),
    ):
        claim = signing(tx, (SEGWIT,), said(coins))
        assert judge(claim) == expected


def test_a_coin_that_anyone_spends_proves_nothing() -> None:
    script = b"\x51"
    owned = Owned(p2wsh(script), by_witness_script(script, ()))
    assert judge(of(owned)) == "signature_invalid"
    assert judge(of(dataclasses.replace(SEGWIT, unlock=by_nothing()))) == "signature_invalid"


def test_chains_with_other_signature_hashes_are_refused() -> None:
    form = rows.BITCOIN.utxo
    assert form is not None
    own = dataclasses.replace(form, signature_hash="own")
    claim = dataclasses.replace(of(SEGWIT), chain=dataclasses.replace(rows.BITCOIN, utxo=own))
    assert judge(claim) == "scheme_not_for_chain"


@pytest.mark.parametrize("size", [0, 1, 75, 76, 255, 256, 600])
def test_a_carrier_is_in_the_shortest_form(size: int) -> None:
    script = carrier_script(bytes(size))
    heads = {0: "6a00", 1: "6a01", 75: "6a4b", 76: "6a4c4c", 255: "6a4cff", 256: "6a4d0001"}
    assert script.hex() == heads.get(size, "6a4d5802") + "00" * size


def test_a_text_longer_than_any_script_is_carried_by_its_digest() -> None:
    message = text_for(SEGWIT.script) + bytes(70_000)
    claim = dataclasses.replace(of(SEGWIT), message=message)
    assert judge(claim) == "message_not_committed"
    tx = transfer((SEGWIT,), digest_output(message))
    assert judge(dataclasses.replace(signing(tx, (SEGWIT,)), message=message)) == "proved"


def test_every_changed_byte_is_refused() -> None:
    claim = of(SEGWIT)
    raw = bytes.fromhex(claim.signature)
    for at in range(len(raw)):
        changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
        assert judge(dataclasses.replace(claim, signature=changed.hex())) != "proved"
        assert judge(dataclasses.replace(claim, signature=raw[:at].hex())) == "malformed_signature"


@given(st.binary(max_size=200), st.text(max_size=60))
def test_only_our_verdicts_come_out(data: bytes, answer: str) -> None:
    claim = of(SEGWIT)
    for text in (data.hex(), claim.signature[: 2 * len(data)] + data.hex()):
        assert judge(dataclasses.replace(claim, signature=text))
    (asked,) = claim.answers
    assert judge(dataclasses.replace(claim, answers={asked: answer})).startswith("unproved")
