from __future__ import annotations

import pytest
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from proofs.control import InvalidProof
from proofs.key_recovery import ORDER
from proofs.secp256k1 import check, compact_of_der, read_key

SECRET = PrivateKey(b"\x07" * 32)
DIGEST = b"\x01" * 32


def reason(data: bytes) -> str:
    with pytest.raises(InvalidProof) as refused:
        read_key(data)
    return refused.value.reason


def test_only_compressed_keys_are_read() -> None:
    compressed, whole = (SECRET.public_key.format(compressed=one) for one in (True, False))
    assert read_key(compressed).format() == compressed
    hybrid = bytes([6 + whole[-1] % 2]) + whole[1:]
    for other in (whole, hybrid, whole[1:], b"", compressed + b"\0", b"\x04" + compressed[1:]):
        assert reason(other) == "malformed_public_key"


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1))
def test_der_is_read_as_another_library_writes_it(r: int, s: int) -> None:
    compact = compact_of_der(encode_dss_signature(r, s))
    assert (int.from_bytes(compact[:32]), int.from_bytes(compact[32:])) == (r, s)


@given(st.binary(max_size=80))
def test_nothing_but_a_refusal_escapes(data: bytes) -> None:
    with pytest.raises(InvalidProof):
        compact_of_der(data)
    with pytest.raises(InvalidProof):
        check(SECRET.public_key, data, DIGEST)
