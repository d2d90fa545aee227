from __future__ import annotations

import hashlib

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from proofs.ed25519.transaction_bytes import is_solana_message
from proofs.solana_offchain_v0 import MAX_DEVICE_TEXT, MAX_TEXT, serialize
from tests.proofs.ed25519.ed25519_claims import PUBLIC, claim, sign, vectors, verdict

RAW, OFFCHAIN = "solana-raw", "solana-offchain-v0"
PAYER = Pubkey(PUBLIC)


def transfers(count: int) -> list[Instruction]:
    accounts = [AccountMeta(PAYER, True, True), AccountMeta(Pubkey(b"\x05" * 32), False, True)]
    program = Pubkey(bytes(32))
    return [Instruction(program, bytes((2, index, 9)), accounts) for index in range(count)]


MESSAGES = [
    bytes(Message.new_with_blockhash(transfers(count), PAYER, Hash(b"\x06" * 32)))
    for count in (0, 1, 3)
] + [
    to_bytes_versioned(MessageV0.try_compile(PAYER, transfers(count), [], Hash(b"\x06" * 32)))
    for count in (1, 2)
]


@pytest.mark.parametrize("message", MESSAGES, ids=len)
@pytest.mark.parametrize("scheme", [RAW, "ed25519-raw"])
def test_a_transaction_is_no_text(message: bytes, scheme: str) -> None:
    # Whoever reads the chain has this signature.
    assert "transaction_like" == verdict(scheme, claim("solana", message, sign(message)))


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_a_part_of_a_transaction_is_none(message: bytes) -> None:
    # The tables of looked-up addresses stand last in a versioned message and are not looked at.
    whole = len(message) - (1 if message[0] >= 0x80 else 0)
    for size in range(whole):
        assert not is_solana_message(message[:size])


def test_a_later_version_is_taken_for_a_transaction() -> None:
    for version in (0x81, 0xFE):
        assert is_solana_message(bytes((version,)) + bytes(67))
        assert not is_solana_message(bytes((version,)) + bytes(66))
    assert not is_solana_message(serialize(b"text" * 30))


def test_more_than_a_packet_is_no_transaction() -> None:
    tail = bytes(1233 - len(MESSAGES[0]))
    assert is_solana_message(MESSAGES[0] + tail[1:])
    assert not is_solana_message(MESSAGES[0] + tail)


@given(st.integers(32, 127), st.integers(32, 127), st.integers(32, 127), st.integers(32, 127))
def test_printable_text_is_never_taken_for_one(one: int, two: int, three: int, four: int) -> None:
    assert not is_solana_message(bytes((one, two, three, four)) + b"\n" * 1228)


@given(st.text())
def test_text_is_no_transaction(text: str) -> None:
    assert not is_solana_message(f"custody-attest {text}".encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_one_or_the_other(data: bytes) -> None:
    assert is_solana_message(data) in {True, False}


def test_an_address_that_a_program_derived_has_no_key() -> None:
    derived, _bump = Pubkey.find_program_address([b"vault"], Pubkey(b"\x09" * 32))
    for scheme in (RAW, OFFCHAIN, "ed25519-raw"):
        assert "not_a_key" == verdict(scheme, claim("solana", b"x", sign(b"x"), str(derived)))


def test_the_system_program_has_no_key() -> None:
    for signature in (bytes(64), sign(b"x")):
        assert "not_a_key" == verdict(RAW, claim("solana", b"x", signature, "1" * 32))


def test_the_exact_bytes_are_signed() -> None:
    signature = sign(b"line\n")
    assert "proved" == verdict(RAW, claim("solana", b"line\n", signature))
    for changed in (b"line", b"line\r\n", b"Line\n", b"line\n\n"):
        assert "signature_invalid" == verdict(RAW, claim("solana", changed, signature))


@pytest.mark.parametrize("scheme", [RAW, OFFCHAIN])
def test_these_schemes_are_of_solana_and_have_no_forms(scheme: str) -> None:
    assert "scheme_not_for_chain" == verdict(scheme, claim("stellar", b"x", sign(b"x")))
    given = claim("solana", b"x", sign(b"x"), profile="okx")
    assert "unknown_profile" == verdict(scheme, given)


@pytest.mark.parametrize("entry", vectors("solana-offchain-v0"))
def test_the_published_message(entry: dict[str, str]) -> None:
    serialized = serialize(entry["message"].encode())
    assert entry["serialized_hex"] == serialized.hex()
    digest = hashlib.sha256(serialized).digest()
    assert entry["sha256_base58"] == base58.b58encode(digest).decode()


def test_the_message_of_other_letters() -> None:
    # The second case of the same published test.
    digest = hashlib.sha256(serialize("Тестовое сообщение".encode())).digest()
    assert base58.b58decode("6GXTveatZQLexkX4WeTpJ3E7uk1UojRXpKp43c4ArSun") == digest


@pytest.mark.parametrize(
    ("message", "form"),
    [
        (b"text", 0),
        (b"two\nlines", 1),
        ("é".encode(), 1),
        (b"x" * MAX_DEVICE_TEXT, 0),
        (b"x" * (MAX_DEVICE_TEXT + 1), 2),
        (b"x" * MAX_TEXT, 2),
    ],
)
def test_the_format_follows_from_the_text(message: bytes, form: int) -> None:
    serialized = serialize(message)
    assert form == serialized[17]
    assert "proved" == verdict(OFFCHAIN, claim("solana", message, sign(serialized)))
    # The forms of Solana are never tried for each other.
    assert "signature_invalid" == verdict(RAW, claim("solana", message, sign(serialized)))
    assert "signature_invalid" == verdict(OFFCHAIN, claim("solana", message, sign(message)))


@pytest.mark.parametrize("message", [b"", b"\xff", b"x" * (MAX_TEXT + 1)], ids=len)
def test_what_has_no_form_is_refused(message: bytes) -> None:
    assert "malformed_message" == verdict(OFFCHAIN, claim("solana", message, sign(message)))
