from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from solders.pubkey import Pubkey
from solders.signature import Signature

from proofs.control import InvalidProof
from proofs.ed25519 import signature as ed25519
from tests.proofs.ed25519.ed25519_claims import PUBLIC, sign, vectors

SMALL_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
)
"""Points whose order divides 8, in their canonical form."""


def reason(key: bytes, signature: bytes, message: bytes) -> str:
    try:
        ed25519.check_key(key)
        ed25519.check_signature(key, signature, message)
    except InvalidProof as refused:
        return refused.reason
    return "proved"


@pytest.mark.parametrize("case", vectors("ed25519-speccheck"), ids=lambda case: case["comment"])
def test_published_edge_cases(case: dict[str, str]) -> None:
    parts = (bytes.fromhex(case[name]) for name in ("pub_key", "signature", "message"))
    outcome = "accept" if reason(*parts) == "proved" else "reject"
    assert case["policy_expected"] == outcome


def test_a_signature_of_a_key_with_a_part_of_small_order_is_as_the_library_says() -> None:
    # A point outside the main subgroup is a key all the same: only the equation decides.
    mixed = bytes.fromhex("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d")
    ed25519.check_key(mixed)
    assert "signature_invalid" == reason(mixed, sign(b"x"), b"x")


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_small_order_is_no_key(key: bytes) -> None:
    assert "not_a_key" == reason(key, bytes(64), b"x")


def test_no_signature_passes_under_the_all_zero_key() -> None:
    # Other libraries let about a quarter of these pass.
    for number in range(200):
        with pytest.raises(InvalidProof, match="signature_invalid"):
            ed25519.check_signature(
                bytes(32), SMALL_ORDER[number % 5] + bytes(32), bytes((number,))
            )


def test_points_are_those_another_library_sees() -> None:
    drawn = random.Random(7)  # noqa: S311 - the same points in every run
    on_curve = 0
    for _number in range(500):
        data = drawn.randbytes(32)
        seen = Pubkey(data).is_on_curve()
        on_curve += seen
        assert seen is (reason(data, bytes(64), b"") != "not_a_key")
    assert 150 < on_curve < 350


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
def test_signatures_are_those_another_library_sees(message: bytes, seed: bytes) -> None:
    signer = SigningKey(seed)
    key, signature = bytes(signer.verify_key), signer.sign(message).signature
    assert "proved" == reason(key, signature, message)
    assert Signature(signature).verify(Pubkey(key), message)
    assert "signature_invalid" == reason(key, signature, message + b"x")


def test_every_flipped_bit_is_refused() -> None:
    signature = sign(b"text")
    for place in range(512):
        changed = bytearray(signature)
        changed[place // 8] ^= 1 << place % 8
        assert "signature_invalid" == reason(PUBLIC, bytes(changed), b"text")


def test_the_twin_beyond_the_order_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    signature = sign(b"text")
    scalar = int.from_bytes(signature[32:], "little")
    twin = signature[:32] + (scalar + order).to_bytes(32, "little")
    assert "signature_invalid" == reason(PUBLIC, twin, b"text")


@pytest.mark.parametrize(
    "text", ["", "0x", "00" * 63, "00" * 65, "0x" + "0" * 127, "zz" * 64, " " + "00" * 64]
)
def test_a_signature_is_64_bytes_of_hex(text: str) -> None:
    with pytest.raises(InvalidProof, match="malformed_signature"):
        ed25519.parse_signature(text)


@given(st.text(max_size=140))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (ed25519.parse_signature, ed25519.parse_key):
        try:
            parse(text)
        except InvalidProof as refused:
            assert refused.reason.startswith("malformed_")  # noqa: PT017 - either reason


def test_case_and_prefix_do_not_matter() -> None:
    text = sign(b"x").hex()
    assert ed25519.parse_signature(text) == ed25519.parse_signature(f"0X{text.upper()}")
