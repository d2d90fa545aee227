from __future__ import annotations

import subprocess
import sys

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.eip191 import verify
from proofs.evm.recovery import parse_signature
from proofs.key_recovery import ORDER
from tests.proofs.evm.evm_claims import claim, verdict

KEY = Account.from_key(b"\x07" * 32)
MESSAGE = b"a text that names an address"
SIGNED = bytes(KEY.sign_message(encode_defunct(MESSAGE)).signature)
R, S, V = SIGNED[:32], SIGNED[32:64], SIGNED[64]


def judged(signature: bytes | str) -> str:
    text = signature if isinstance(signature, str) else signature.hex()
    return verdict(verify, claim(KEY.address, MESSAGE, text))


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_every_way_of_writing_a_signature_is_one_signature() -> None:
    plain = SIGNED.hex()
    texts = [
        plain,
        plain.upper(),
        f"0x{plain}",
        f"0X{plain.upper()}",
        (R + S).hex() + f"{V - 27:02x}",
    ]
    identities = {verify(claim(KEY.address, MESSAGE, text)).signatures for text in texts}
    assert len(identities) == 1


def test_identities_tell_signatures_apart() -> None:
    others = [KEY.sign_message(encode_defunct(text)).signature.hex() for text in (b"a", b"b")]
    first, second = (
        verify(claim(KEY.address, text, signature)).signatures
        for text, signature in zip((b"a", b"b"), others, strict=True)
    )
    assert first != second
    assert verify(claim(KEY.address, b"a", others[0])).warnings == ()


def test_every_prefix_is_refused() -> None:
    text = f"0x{SIGNED.hex()}"
    for end in range(len(text)):
        assert judged(text[:end]) == "malformed_signature"
        assert end < 2 or judged(text[2:end]) == "malformed_signature"


@pytest.mark.parametrize("after", ["00", "0", " ", "\n", "\r\n", ";", "g"])
def test_nothing_may_stand_around_it(after: str) -> None:
    assert judged(SIGNED.hex() + after) == "malformed_signature"
    assert judged(after + SIGNED.hex()) == "malformed_signature"


@pytest.mark.parametrize("text", ["", "0x", "0x0x" + "00" * 64, "٣" * 130, "zz" * 65, "00" * 64])
def test_other_text_is_no_signature(text: str) -> None:
    assert judged(text) == "malformed_signature"


def test_every_bit_counts() -> None:
    allowed = {"key_mismatch", "signature_invalid", "high_s", "malformed_signature"}
    for place in range(65):
        for bit in range(8):
            data = bytearray(SIGNED)
            data[place] ^= 1 << bit
            assert judged(bytes(data)) in allowed


def test_v_is_a_recovery_id_or_27_more() -> None:
    other = 55 - V
    expected = {V: "proved", V - 27: "proved", other: "key_mismatch", other - 27: "key_mismatch"}
    for v in range(256):
        assert judged(R + S + bytes([v])) == expected.get(v, "malformed_signature")


def test_the_high_twin_is_refused() -> None:
    twin = number(ORDER - int.from_bytes(S, "big"))
    for v in (0, 1, 27, 28):
        assert judged(R + twin + bytes([v])) == "high_s"


@pytest.mark.parametrize(
    ("s", "expected"),
    [
        (0, "signature_invalid"),
        (1, "key_mismatch"),
        (ORDER // 2, "key_mismatch"),
        (ORDER // 2 + 1, "high_s"),
        (ORDER - 1, "high_s"),
        (ORDER, "signature_invalid"),
        (2**256 - 1, "signature_invalid"),
    ],
)
def test_the_range_of_s(s: int, expected: str) -> None:
    assert judged(R + number(s) + bytes([V])) == expected


@pytest.mark.parametrize("r", [0, ORDER, ORDER + 1, 2**256 - 1, 5])
def test_the_range_of_r(r: int) -> None:
    # No point of the curve has x = 5; the others are outside the range.
    assert judged(number(r) + S + bytes([V])) == "signature_invalid"


def test_the_same_s_with_a_longer_r_is_another_signature() -> None:
    assert judged(number(1) + S + bytes([V])) == "key_mismatch"


@settings(max_examples=300)
@given(st.binary(max_size=70).map(bytes.hex) | st.text(max_size=140), st.binary(max_size=40))
def test_nothing_but_invalid_proof_escapes(signature: str, message: bytes) -> None:
    assert verdict(verify, claim(KEY.address, message, signature)) != "proved"


@settings(max_examples=200)
@given(st.binary(min_size=64, max_size=64), st.sampled_from([0, 1, 27, 28]))
def test_no_random_signature_proves_an_address(scalars: bytes, v: int) -> None:
    assert judged(scalars + bytes([v])) != "proved"


def test_the_parts_are_read_as_written() -> None:
    signature = parse_signature(SIGNED.hex())
    assert (signature.r, signature.s, signature.recovery_id) == (R, S, V - 27)


@pytest.mark.parametrize("module", ["proofs.eip191", "proofs.eip191_keccak"])
def test_no_slow_library_is_loaded(module: str) -> None:
    code = f"import {module}, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    assert not {"web3", "eth_account", "eth_keys", "requests"} & set(done.stdout.split())
