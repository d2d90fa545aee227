from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from proofs.control import InvalidProof
from proofs.evm.safe_signatures import SLOT, key_signatures, message_preimage
from proofs.evm.typed_data import encode_type, hash_struct

KEYS = [Account.from_key(bytes([number]) * 32) for number in (7, 8, 9)]
DIGEST = keccak256(b"the safe's message")
SIGNED = [bytes(key.unsafe_sign_hash(DIGEST).signature) for key in KEYS]
RAW = [bytes.fromhex(key.address[2:]) for key in KEYS]


def signers(signature: bytes, threshold: int) -> list[bytes]:
    return [one.signer for one in key_signatures(signature, threshold, DIGEST)]


def test_the_type_is_that_of_safes_contracts() -> None:
    types = {"SafeMessage": (("message", "bytes"),)}
    # SAFE_MSG_TYPEHASH of every version.
    known = "60b3cbf8b4a223d68d641b3b6ddf9a298e7f33710cf3d3a9d1146b5a6150fbca"
    assert keccak256(encode_type(types, "SafeMessage").encode()).hex() == known
    assert hash_struct(types, "SafeMessage", {"message": b""}) != bytes(32)


@pytest.mark.parametrize("old", [False, True])
@given(safe=st.binary(min_size=20, max_size=20), chain=st.integers(1, 2**64), data=st.binary())
def test_the_message_is_as_wallets_hash_it(
    *, old: bool, safe: bytes, chain: int, data: bytes
) -> None:
    digest = keccak256(data)
    kinds = [{"name": "verifyingContract", "type": "address"}]
    domain: dict[str, object] = {"verifyingContract": f"0x{safe.hex()}"}
    if not old:
        kinds.insert(0, {"name": "chainId", "type": "uint256"})
        domain["chainId"] = chain
    oracle = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": kinds,
                "SafeMessage": [{"name": "message", "type": "bytes"}],
            },
            "primaryType": "SafeMessage",
            "domain": domain,
            "message": {"message": f"0x{digest.hex()}"},
        }
    )

    assert message_preimage(safe, chain, digest, old=old) == (
        b"\x19\x01" + oracle.header + oracle.body
    )


def test_every_slot_up_to_the_threshold_is_read() -> None:
    whole = b"".join(SIGNED)
    for threshold in range(5):
        assert signers(whole, threshold) == RAW[:threshold]
    for size in range(len(whole)):
        assert signers(whole[:size], 3) == RAW[: size // SLOT]
    assert signers(whole, 2**255) == RAW


def test_eth_sign_slots_are_of_the_prefixed_hash() -> None:
    raw = bytes(KEYS[0].sign_message(encode_defunct(DIGEST)).signature)
    assert signers(raw[:64] + bytes([raw[64] + 4]), 1) == RAW[:1]
    assert signers(raw, 1) != RAW[:1]
    assert signers(SIGNED[0][:64] + bytes([SIGNED[0][64] + 4]), 1) != RAW[:1]


@pytest.mark.parametrize("v", [v for v in range(256) if v not in {27, 28, 31, 32}])
def test_no_other_slot_is_of_a_key(v: int) -> None:
    assert signers(SIGNED[0][:64] + bytes([v]) + SIGNED[1], 2) == RAW[1:2]


@pytest.mark.parametrize(
    ("slot", "reason"),
    [
        (bytes(64) + b"\x1b", "signature_invalid"),
        (b"\xff" * 64 + b"\x1b", "signature_invalid"),
        (SIGNED[0][:32] + b"\xff" * 15 + b"\xfe" + b"\x01" * 16 + b"\x1f", "high_s"),
    ],
)
def test_a_slot_that_is_no_signature_is_refused(slot: bytes, reason: str) -> None:
    with pytest.raises(InvalidProof) as refused:
        signers(SIGNED[1] + slot, 2)
    assert refused.value.reason == reason
    assert signers(SIGNED[1] + slot, 1) == RAW[1:2]


def test_names_tell_signatures_apart() -> None:
    names = {one.name for one in key_signatures(b"".join(SIGNED), 3, DIGEST)}
    assert len(names) == 3


@given(st.binary(max_size=400), st.integers(0, 9))
def test_nothing_else_comes_out_of_any_bytes(signature: bytes, threshold: int) -> None:
    try:
        found = signers(signature, threshold)
    except InvalidProof:
        return
    assert len(found) <= threshold
