"""Transfers on an EVM chain as proofs of control."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from chains.inclusion import ABSENT, Inclusion, encode_inclusion
from chains.snapshot import Question
from proofs import onchain_transfer
from proofs.control import InvalidProof, Signing, UnprovedClaim
from proofs.evm.transaction import parse_transaction
from tests.proofs.evm.evm_claims import ETHEREUM
from tests.proofs.evm.transfers import KINDS, OTHER, OTHER_KEY, SENDER, signed

TEXT = f"custody-attest challenge v1\naddress: {SENDER}\nnonce: ab".encode()
DIGEST = hashlib.sha256(TEXT).digest()
BLOCK = "0x" + "5f" * 32
SUCCESS = encode_inclusion(Inclusion("success", 100, BLOCK))


def signing(raw: bytes, answer: str | None = SUCCESS, message: bytes = TEXT) -> Signing:
    bare = Signing(ETHEREUM, (SENDER,), message, f"0x{raw.hex()}")
    if answer is None:
        return bare
    asked = Question(ETHEREUM.id, "inclusion", parse_transaction(raw).txid)
    return dataclasses.replace(bare, answers={asked: answer})


def judge(claim: Signing) -> str:
    try:
        onchain_transfer.verify(claim)
    except InvalidProof as refused:
        return refused.reason
    except UnprovedClaim as missing:
        return f"unproved {missing.reason}"
    return "proved"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [TEXT, DIGEST])
@pytest.mark.parametrize("to", [SENDER, OTHER])
def test_the_text_or_its_digest_as_calldata_proves(kind: str, data: bytes, to: str) -> None:
    claim = signing(signed(kind, data, to=to))
    proof = onchain_transfer.verify(claim)

    assert len(proof.signatures) == 1
    assert (proof.warnings, proof.outpoints) == ((), ())
    assert judge(dataclasses.replace(claim, signature=claim.signature[2:].upper())) == "proved"


def test_the_chain_is_asked_for_the_transaction() -> None:
    raw = signed("1559", TEXT)
    asked = Question(ETHEREUM.id, "inclusion", parse_transaction(raw).txid)

    assert onchain_transfer.questions(signing(raw, None)) == (asked,)
    for claim in (
        signing(signed("1559", b"other"), None),
        signing(signed("1559", TEXT, key=OTHER_KEY), None),
        dataclasses.replace(signing(raw, None), signature="zz"),
    ):
        assert onchain_transfer.questions(claim) == ()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "unproved transfer_not_checked"),
        (encode_inclusion(ABSENT), "unproved transfer_not_included"),
        (encode_inclusion(Inclusion("failed", 100, BLOCK)), "transfer_failed"),
        ("", "unproved transfer_not_checked"),
        ("{}", "unproved transfer_not_checked"),
        (SUCCESS.replace("success", "Success"), "unproved transfer_not_checked"),
        (SUCCESS + " ", "unproved transfer_not_checked"),
    ],
)
def test_nothing_is_proved_without_the_chains_word(answer: str | None, expected: str) -> None:
    assert judge(signing(signed("1559", TEXT), answer)) == expected


def test_an_answer_about_another_transaction_does_not_count() -> None:
    other = signing(signed("1559", TEXT, to=OTHER)).answers
    claim = dataclasses.replace(signing(signed("1559", TEXT)), answers=other)
    assert judge(claim) == "unproved transfer_not_checked"


@pytest.mark.parametrize("kind", KINDS)
def test_another_senders_transaction_is_refused(kind: str) -> None:
    assert judge(signing(signed(kind, TEXT, key=OTHER_KEY))) == "key_mismatch"


@pytest.mark.parametrize("kind", KINDS)
def test_a_transaction_of_another_chain_is_refused(kind: str) -> None:
    assert judge(signing(signed(kind, TEXT, chain_id=10))) == "wrong_chain"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT + b"\n",
        TEXT[:-1],
        b"\x00" + TEXT,
        DIGEST.hex().encode(),
        DIGEST + DIGEST,
        hashlib.sha256(DIGEST).digest(),
        # A token's transfer with the text behind its arguments.
        bytes.fromhex("a9059cbb") + bytes(64) + TEXT,
    ],
)
def test_the_calldata_is_the_text_and_nothing_else(data: bytes) -> None:
    assert judge(signing(signed("1559", data))) == "message_not_committed"


@pytest.mark.parametrize(
    "message",
    [b"", b"0.01234567", b"12345678", bytes.fromhex("a9059cbb") + bytes(64), OTHER.encode()],
)
def test_a_text_that_does_not_name_the_account_is_refused(message: bytes) -> None:
    """What any customer can ask for, and what anybody finds on the chain."""
    for data in (message, hashlib.sha256(message).digest()):
        assert judge(signing(signed("1559", data), message=message)) == "text_names_no_account"


def test_one_transaction_proves_one_account() -> None:
    claim = dataclasses.replace(signing(signed("1559", TEXT)), addresses=(SENDER, OTHER))
    assert judge(claim) == "account_not_covered"
    assert judge(dataclasses.replace(claim, addresses=())) == "account_not_covered"


@pytest.mark.parametrize("text", ["", "0x", "0x0", "zz", "00", "0x02"])
def test_what_cannot_be_decoded_is_refused(text: str) -> None:
    claim = dataclasses.replace(signing(signed("1559", TEXT)), signature=text)
    assert judge(claim) == "malformed_signature"


def test_the_steps_are_shown_in_order() -> None:
    steps: list[tuple[str, str | bytes]] = []

    def show(step: str, value: str | bytes) -> None:
        steps.append((step, value))

    claim = dataclasses.replace(signing(signed("1559", DIGEST)), show=show)
    onchain_transfer.verify(claim)
    assert [step for step, _ in steps] == [
        "digest preimage",
        "digest",
        "chain of the transaction",
        "address of the key",
        "address claimed",
        "calldata",
        "SHA-256 of the message",
        "transaction",
        "what the chain says of it",
    ]
    assert dict(steps)["address of the key"] == bytes.fromhex(SENDER[2:])
