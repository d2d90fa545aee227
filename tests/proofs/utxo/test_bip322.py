"""BIP-322: kinds of addresses, text forms, chains."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING

import pytest

from chains.utxo.address import address_of_script
from proofs import bip322
from proofs.control import InvalidProof, Signing
from tests.chains.utxo import rows
from tests.proofs.utxo import second_opinion
from tests.proofs.utxo.kinds import (
    ALL_KINDS,
    EMPTY,
    LEAF,
    NATIVE,
    OTHER,
    PAIR,
    TEXT,
    WRAPPED,
    A,
    B,
    address,
    judge,
)
from tests.proofs.utxo.signer import (
    by_key_hash,
    by_redeem_script,
    by_taproot_key,
    by_taproot_leaf,
    by_witness_key_hash,
    by_witness_script,
    encode,
    ful,
    multisig,
    p2pkh,
    p2sh,
    p2tr,
    p2tr_leaf,
    p2wpkh,
    p2wsh,
    pof,
    point,
    psbt,
    signed,
    smp,
    to_sign,
)
from tests.proofs.utxo.vectors import claim, verdict

if TYPE_CHECKING:
    from config.registry import Chain
    from tests.proofs.utxo.signer import Unlock


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_full_proves_every_kind(kind: str) -> None:
    script, unlock = ALL_KINDS[kind]
    proof = bip322.verify(claim(address(script), TEXT, ful(to_sign(TEXT, script, unlock))))
    assert proof.warnings == (("script_path",) if kind == "p2tr-leaf" else ())
    assert (proof.lock_time, proof.sequence, proof.outpoints) == (0, 0, ())


@pytest.mark.parametrize("kind", NATIVE)
def test_simple_proves_native_segwit(kind: str) -> None:
    script, unlock = NATIVE[kind]
    tx = to_sign(TEXT, script, unlock)
    one, two = smp(tx), ful(tx)
    assert judge(script, one) == "proved"
    signatures = {
        bip322.verify(claim(address(script), TEXT, text)).signatures
        for text in (one, two, one.removeprefix("smp"))
    }
    assert len(signatures) == 1
    # The second implementation knows taproot by its key alone.
    known = kind != "p2tr-leaf"
    assert known is second_opinion.simple_agrees(address(script), TEXT.decode(), one)


@pytest.mark.parametrize("kind", WRAPPED)
def test_simple_is_not_for_the_rest(kind: str) -> None:
    script, unlock = WRAPPED[kind]
    text = smp(to_sign(TEXT, script, unlock))
    for one in (text, text.removeprefix("smp"), smp(to_sign(TEXT, *NATIVE["p2wpkh"]))):
        assert judge(script, one) == "format_not_for_address"


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_wrong_message_and_address_are_refused(kind: str) -> None:
    script, unlock = ALL_KINDS[kind]
    text = ful(to_sign(TEXT, script, unlock))
    assert judge(script, text, TEXT + b" ") == "signature_invalid"
    assert judge(script, text, b"") == "signature_invalid"
    for other, _ in ALL_KINDS.values():
        if other != script:
            assert judge(other, text) == "signature_invalid"


@pytest.mark.parametrize(
    ("script", "unlock", "reason"),
    [
        (p2pkh(point(A)), by_key_hash(OTHER), "key_mismatch"),
        (p2wpkh(point(A)), by_witness_key_hash(OTHER), "key_mismatch"),
        (p2sh(p2wpkh(point(A))), by_witness_key_hash(OTHER, nested=True), "signature_invalid"),
        (p2wsh(PAIR), by_witness_script(PAIR, (A, OTHER), (b"",)), "signature_invalid"),
        (p2wsh(PAIR), by_witness_script(PAIR, (A, A), (b"",)), "signature_invalid"),
        (p2wsh(PAIR), by_witness_script(PAIR, (B, A), (b"",)), "signature_invalid"),
        (p2wsh(PAIR), by_witness_script(PAIR, (A,), (b"", b"")), "signature_invalid"),
        (
            p2wsh(PAIR),
            by_witness_script(multisig(1, (point(A),)), (A,), (b"",)),
            "script_mismatch",
        ),
        (p2sh(PAIR), by_redeem_script(PAIR, (A, OTHER), EMPTY), "signature_invalid"),
        (p2tr(A), by_taproot_key(OTHER), "signature_invalid"),
        (p2tr_leaf(LEAF), by_taproot_leaf(LEAF, (OTHER,)), "signature_invalid"),
        (p2tr(A), by_taproot_leaf(LEAF, (A,)), "signature_invalid"),
    ],
)
def test_wrong_keys_are_refused(script: bytes, unlock: Unlock, reason: str) -> None:
    assert reason == judge(script, ful(to_sign(TEXT, script, unlock)))


# Text forms.


def test_a_prefix_is_never_dropped() -> None:
    """A body that only another variant reads is refused under each prefix."""
    script, unlock = NATIVE["p2wpkh"]
    tx = to_sign(TEXT, script, unlock)
    funds = pof(psbt(TEXT, script, unlock, ()))
    bodies = {"smp": smp(tx)[3:], "ful": ful(tx)[3:], "pof": funds[3:]}
    for prefix in ("smp", "ful", "pof", ""):
        for variant, body in bodies.items():
            good = prefix == variant or (prefix == "" and variant == "smp")
            expected = "proved" if good else "malformed_signature"
            assert expected == judge(script, prefix + body)


@pytest.mark.parametrize(
    "prefix", ["SMP", "Smp", "foo", "smpsmp", "smp ", " smp", "sm", "leg", "smp:"]
)
def test_other_prefixes_are_refused(prefix: str) -> None:
    script, unlock = NATIVE["p2wpkh"]
    body = smp(to_sign(TEXT, script, unlock))[3:]
    assert judge(script, prefix + body) == "malformed_signature"


@pytest.mark.parametrize("prefix", ["smp", "ful", "pof", ""])
@pytest.mark.parametrize("body", ["", "A", "AA==", "AB==", "////", "AAAAAAAA", "@@@@"])
def test_bodies_that_say_nothing_are_refused(prefix: str, body: str) -> None:
    assert judge(NATIVE["p2wpkh"][0], prefix + body) != "proved"


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\x00", "\u00a0", "="])
def test_text_around_or_within_is_refused(space: str) -> None:
    script, unlock = NATIVE["p2wpkh"]
    text = smp(to_sign(TEXT, script, unlock))
    for spoiled in (
        space + text,
        text + space,
        "smp" + space + text[3:],
        text[:40] + space + text[40:],
    ):
        assert judge(script, spoiled) == "malformed_signature"


@pytest.mark.parametrize(
    ("prefix", "limit"),
    [
        ("smp", bip322.MAX_TEXT),
        ("ful", bip322.MAX_TEXT),
        ("", bip322.MAX_TEXT),
        ("pof", bip322.MAX_FUNDS_TEXT),
    ],
)
def test_size_limits(prefix: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit the body is looked at; one character more and it is not even decoded."""
    seen: list[int] = []

    def look(_: object, body: bytes, *__: object) -> None:
        seen.append(len(body))
        raise InvalidProof("rule_violated")

    monkeypatch.setattr(bip322, "check", look)
    script = NATIVE["p2wpkh"][0]
    assert limit in (64 * 1024, 4 * 1024 * 1024)
    assert judge(script, prefix + "A" * limit) == "rule_violated"
    assert judge(script, prefix + "A" * (limit + 1)) == "malformed_signature"
    assert judge(script, prefix + "A" * (limit + 4)) == "malformed_signature"
    assert seen == [limit // 4 * 3]


def test_signed_messages_are_another_scheme() -> None:
    for form in range(4):
        text = signed(A, TEXT, form)
        for script, _ in ALL_KINDS.values():
            assert judge(script, text) == "malformed_signature"
            for prefix in ("smp", "ful", "pof"):
                assert judge(script, prefix + text) in (
                    "malformed_signature",
                    "format_not_for_address",
                )


def test_another_spelling_of_a_transaction_is_refused() -> None:
    script, unlock = NATIVE["p2wpkh"]
    data = base64.b64decode(ful(to_sign(TEXT, script, unlock))[3:])
    stack = base64.b64decode(smp(to_sign(TEXT, script, unlock))[3:])
    assert (data[6], stack[0]) == (1, 2)
    long_count = data[:6] + b"\xfd\x01\x00" + data[7:]
    assert judge(script, "ful" + encode(long_count)) == "malformed_signature"
    assert judge(script, "smp" + encode(b"\xfd\x02\x00" + stack[1:])) == "malformed_signature"
    for tail in (b"\x00", data):
        assert judge(script, "ful" + encode(data + tail)) == "malformed_signature"
        assert judge(script, "smp" + encode(stack + tail)) == "malformed_signature"


def test_the_library_must_write_what_it_read(monkeypatch: pytest.MonkeyPatch) -> None:
    script, unlock = NATIVE["p2wpkh"]
    text = smp(to_sign(TEXT, script, unlock))
    monkeypatch.setattr("proofs.utxo.btclib_bip322.bip322.Sig.serialize", lambda _: b"")
    assert judge(script, text) == "malformed_signature"


# Chains and accounts.


def test_one_address_unless_it_is_a_proof_of_funds() -> None:
    script, unlock = NATIVE["p2wpkh"]
    tx = to_sign(TEXT, script, unlock)
    one = address(script)
    funds = pof(psbt(TEXT, script, unlock, ()))
    for text in (smp(tx), ful(tx), smp(tx)[3:], funds):
        for accounts in ((), (one, address(p2tr(B))), (one, one)):
            signing = Signing(rows.BITCOIN, accounts, TEXT, text)
            repeated = text == funds and accounts == (one, one)
            expected = "proved" if repeated else "account_not_covered"
            assert expected == verdict(bip322.verify, signing)


@pytest.mark.parametrize("chain", rows.ALL, ids=lambda chain: chain.name)
def test_other_chains_prove_the_same_scripts(chain: Chain) -> None:
    assert chain.utxo is not None
    for kind, (script, unlock) in ALL_KINDS.items():
        account = address_of_script(chain, script)
        if account is None:
            continue
        signing = claim(account, TEXT, ful(to_sign(TEXT, script, unlock)), chain)
        witness = kind not in ("p2pkh", "p2sh")
        expected = "scheme_not_for_chain" if witness and chain.utxo.hrp is None else "proved"
        assert expected == verdict(bip322.verify, signing)


def test_other_chains_and_families_are_refused() -> None:
    script, unlock = WRAPPED["p2pkh"]
    text = ful(to_sign(TEXT, script, unlock))
    evm = dataclasses.replace(rows.BITCOIN, family="evm", utxo=None)
    for chain in (evm, rows.LITECOIN):
        signing = claim(address(script), TEXT, text, chain)
        assert verdict(bip322.verify, signing) == "scheme_not_for_chain"


def test_a_script_hash_of_32_bytes_has_no_bitcoin_address() -> None:
    script = b"\xaa\x20" + bytes(32) + b"\x87"
    account = address_of_script(rows.BITCOIN_CASH, script)
    assert account is not None
    text = ful(to_sign(TEXT, *WRAPPED["p2pkh"]))
    signing = claim(account, TEXT, text, rows.BITCOIN_CASH)
    assert verdict(bip322.verify, signing) == "format_not_for_address"


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, IndexError, MemoryError, KeyError])
def test_whatever_the_library_raises_is_refused(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("text of the library")

    script, unlock = NATIVE["p2wpkh"]
    text = smp(to_sign(TEXT, script, unlock))
    monkeypatch.setattr("proofs.utxo.btclib_bip322.bip322.assert_as_valid", fail)
    assert judge(script, text) == "rule_violated"
    monkeypatch.setattr("proofs.utxo.btclib_bip322.verify_transaction", fail)
    assert judge(script, text) == "signature_invalid"
