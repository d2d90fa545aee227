from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.control import InvalidProof
from proofs.key_recovery import ORDER
from proofs.utxo import compact_signature
from tests.proofs.utxo.signer import KEYS, encode, signed, twin
from tests.proofs.utxo.vectors import load

FORMS = ["uncompressed"] * 4 + ["compressed"] * 4 + ["p2sh-p2wpkh"] * 4 + ["p2wpkh"] * 4
DIGEST = bytes(range(32))


def reason(text: str) -> str:
    with pytest.raises(InvalidProof) as refused:
        compact_signature.parse(text)
    return refused.value.reason


@pytest.mark.parametrize("header", range(256))
def test_headers_are_bip137s(header: int) -> None:
    text = encode(bytes((header,)) + bytes(range(1, 65)))
    if 27 <= header <= 42:
        parsed = compact_signature.parse(text)
        expected = (FORMS[header - 27], (header - 27) % 4)
        assert expected == (parsed.form, parsed.recovery_id)
        assert (bytes(range(1, 33)), bytes(range(33, 65))) == (parsed.r, parsed.s)
    else:
        assert reason(text) == "header_mismatch"


@pytest.mark.parametrize("size", [*range(1, 65), 66, 67, 130])
def test_only_65_bytes_are_a_signature(size: int) -> None:
    assert reason(encode(bytes((31,)) * size)) == "malformed_signature"


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
@pytest.mark.parametrize("place", [1, 33])
def test_numbers_outside_the_group_are_refused(number: int, place: int) -> None:
    data = bytearray(base64.b64decode(signed(KEYS[0], b"text")))
    data[place : place + 32] = number.to_bytes(32, "big")
    parsed = compact_signature.parse(encode(bytes(data)))
    with pytest.raises(InvalidProof, match="signature_invalid"):
        compact_signature.recover(parsed, DIGEST)


def test_both_forms_of_a_published_signature_are_one() -> None:
    low, high = (
        compact_signature.parse(entry["signature"])
        for entry in load("signmessage-electrum-legacy")[:2]
    )
    assert (low.high_s, high.high_s) == (False, True)
    one = compact_signature.identity(low, DIGEST)
    assert one == compact_signature.identity(high, DIGEST)
    keys = {compact_signature.recover(each, DIGEST) for each in (low, high)}
    assert len(keys) == 1


@given(st.integers(0, 19), st.binary(max_size=40))
def test_the_twin_has_the_same_identity(number: int, message: bytes) -> None:
    text = signed(KEYS[number], message)
    one, two = compact_signature.parse(text), compact_signature.parse(twin(text))
    assert one.high_s != two.high_s
    assert compact_signature.identity(one, DIGEST) == compact_signature.identity(two, DIGEST)
    assert text == twin(twin(text))


def test_identities_differ_by_message_and_by_signature() -> None:
    one, two = (compact_signature.parse(signed(key, b"text")) for key in KEYS[:2])
    names = {
        compact_signature.identity(each, digest)
        for each in (one, two)
        for digest in (DIGEST, bytes(32))
    }
    assert len(names) == 4
    assert all(len(bytes.fromhex(name)) == 32 for name in names)
