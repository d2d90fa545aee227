from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs import tip191_v1, tip191_v2
from proofs.key_recovery import ORDER
from proofs.schemes import SCHEMES
from tests.chains.account_rows import COSMOS, TRON, XRPL, vectors
from tests.proofs.account_claims import shown, verdict
from tests.proofs.tron.tron_signer import ADDRESSES, HEADER, claim, signed, v2

if TYPE_CHECKING:
    from tests.proofs.account_claims import Verify

MADE = vectors("tron-made")
PUBLISHED = vectors("tron-published")
TRONWEB = vectors("tron-v2")
OKX = vectors("okx-published")["tron"][0]

MESSAGE = b"a text that names an address"
SIGNED = bytes.fromhex(v2(0, MESSAGE))
R, S, V = SIGNED[:32], SIGNED[32:64], SIGNED[64]
VERIFIERS = (tip191_v1.verify, tip191_v2.verify)


def judged(signature: bytes | str, address: str = ADDRESSES[0]) -> str:
    text = signature if isinstance(signature, str) else signature.hex()
    return verdict(tip191_v2.verify, claim(address, MESSAGE, text))


@pytest.mark.parametrize("row", MADE + PUBLISHED, ids=str)
def test_every_form_is_proved_under_its_own_name_alone(row: dict[str, str]) -> None:
    message, form = bytes.fromhex(row["message"]), row["form"]

    def under(scheme: str, profile: str = "") -> str:
        signing = claim(row["address"], message, row["signature"], profile)
        return verdict(SCHEMES[scheme].load(), signing)

    found = {
        "raw": under("tip191-v1", "raw"),
        "keccak": under("tip191-v1", "keccak"),
        "v2": under("tip191-v2"),
    }
    if len(message) == 32 and form != "keccak":
        # Of 32 bytes, `raw` and v2 are the same digest.
        assert found == {"raw": "proved", "keccak": "key_mismatch", "v2": "proved"}
        return
    ambiguous = message[:1].isdigit() and len(message) != 32
    expected = dict.fromkeys(found, "key_mismatch") | {form: "proved"}
    expected["raw"] = "malformed_message" if ambiguous else expected["raw"]
    assert found == {name: expected[name] for name in found}


@pytest.mark.parametrize("row", MADE + PUBLISHED, ids=str)
def test_without_a_profile_the_length_says_which(row: dict[str, str]) -> None:
    message = bytes.fromhex(row["message"])
    found = verdict(tip191_v1.verify, claim(row["address"], message, row["signature"]))
    expected = ("raw", "v2") if len(message) == 32 else ("keccak",)
    assert found == ("proved" if row["form"] in expected else "key_mismatch")


def test_the_vectors_of_tronweb() -> None:
    text, digest = TRONWEB
    assert judged_v2(text, text["message"].encode()) == "proved"
    hashed = keccak256(digest["message_keccak_of_text"].encode())
    assert judged_v2(digest, hashed) == "proved"
    assert judged_v2(digest, digest["message_keccak_of_text"].encode()) == "key_mismatch"
    for row, message in ((text, text["message"].encode()), (digest, hashed)):
        preimage = HEADER + str(len(message)).encode() + message
        assert row["message_hash"] == f"0x{keccak256(preimage).hex()}"


def judged_v2(row: dict[str, str], message: bytes) -> str:
    return verdict(tip191_v2.verify, claim(row["address"], message, row["signature"]))


def test_the_signature_that_an_exchange_publishes() -> None:
    signing = claim(OKX["addr"], OKX["msg"], OKX["sign"])
    assert verdict(tip191_v1.verify, signing) == "proved"
    assert verdict(tip191_v1.verify, replace(signing, profile="keccak")) == "proved"
    assert verdict(tip191_v1.verify, replace(signing, profile="raw")) == "key_mismatch"
    assert verdict(tip191_v2.verify, signing) == "key_mismatch"


@pytest.mark.parametrize("profile", ["v1", "RAW", "raw ", "okx", "32", "x" * 10_000])
def test_a_profile_that_is_not_known_is_refused(profile: str) -> None:
    signature = signed(0, HEADER + b"32" + keccak256(MESSAGE))
    assert verdict(tip191_v1.verify, claim(ADDRESSES[0], MESSAGE, signature, profile)) == (
        "unknown_profile"
    )


def test_one_signature_does_not_stand_for_two_messages() -> None:
    # As v2 it is of 325 bytes; as v1 it would be of the digit and these bytes.
    inner = b"m" * 325
    signature = v2(0, inner)
    assert verdict(tip191_v2.verify, claim(ADDRESSES[0], inner, signature)) == "proved"
    outer = claim(ADDRESSES[0], b"5" + inner, signature, "raw")
    assert verdict(tip191_v1.verify, outer) == "malformed_message"


@settings(max_examples=50)
@given(st.binary(max_size=300), st.integers(0, 7))
def test_any_message_signed_by_another_implementation(message: bytes, key: int) -> None:
    assert verdict(tip191_v2.verify, claim(ADDRESSES[key], message, v2(key, message))) == "proved"
    hashed = signed(key, HEADER + b"32" + keccak256(message))
    keccak = claim(ADDRESSES[key], message, hashed, "keccak")
    assert verdict(tip191_v1.verify, keccak) == "proved"


@pytest.mark.parametrize("length", [0, 1, 9, 10, 99, 100, 1000, 65_536])
def test_lengths_are_counted_in_bytes(length: int) -> None:
    message = ("é" * length).encode()[:length]
    assert verdict(tip191_v2.verify, claim(ADDRESSES[0], message, v2(0, message))) == "proved"


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
    twin = (ORDER - int.from_bytes(S, "big")).to_bytes(32, "big")
    for v in (0, 1, 27, 28):
        assert judged(R + twin + bytes([v])) == "high_s"


def test_every_prefix_and_what_stands_around_is_refused() -> None:
    text = SIGNED.hex()
    for end in range(len(text)):
        assert judged(text[:end]) == "malformed_signature"
    for after in ("00", " ", "\n", ";", "g", ";;", "0x"):
        assert judged(text + after) == "malformed_signature"
        assert judged(after + text) == ("proved" if after == "0x" else "malformed_signature")


def test_every_way_of_writing_a_signature_is_one_signature() -> None:
    texts = [
        SIGNED.hex(),
        SIGNED.hex().upper(),
        f"0x{SIGNED.hex()}",
        (R + S).hex() + f"{V - 27:02x}",
    ]
    names = {tip191_v2.verify(claim(ADDRESSES[0], MESSAGE, text)).signatures for text in texts}
    assert len(names) == 1


def test_another_key_or_a_swapped_row_is_refuted() -> None:
    assert judged(SIGNED, ADDRESSES[1]) == "key_mismatch"
    first, second = MADE[0], MADE[3]
    for mine, other in ((first, second), (second, first)):
        message = bytes.fromhex(mine["message"])
        assert judged_v2({**mine, "signature": other["signature"]}, message) == "key_mismatch"
        assert judged_v2({**mine, "address": other["address"]}, message) == "key_mismatch"


@pytest.mark.parametrize("verify", VERIFIERS)
def test_one_claim_is_for_one_address_of_tron(verify: Verify) -> None:
    signing = claim(ADDRESSES[0], MESSAGE, SIGNED.hex())
    for family in ("evm", "utxo"):
        chain = replace(TRON, family=family)
        assert verdict(verify, replace(signing, chain=chain)) == "scheme_not_for_chain"
    for chain in (XRPL, COSMOS):
        assert verdict(verify, replace(signing, chain=chain)) == "scheme_not_for_chain"
    for addresses in ((), ADDRESSES[:2]):
        assert verdict(verify, replace(signing, addresses=addresses)) == "account_not_covered"


def test_a_proof_says_that_the_permissions_were_not_read() -> None:
    assert tip191_v2.verify(claim(ADDRESSES[0], MESSAGE, SIGNED.hex())).warnings == (
        "authority_not_read",
    )


def test_the_steps_can_be_followed_by_hand() -> None:
    steps = dict(shown(tip191_v2.verify, claim(ADDRESSES[0], MESSAGE, SIGNED.hex())))
    assert list(steps) == [
        "digest preimage",
        "digest (keccak-256)",
        "recovered public key",
        "address of the key",
        "address claimed",
    ]
    preimage = bytes.fromhex(steps["digest preimage"])
    assert preimage == HEADER + b"28" + MESSAGE
    assert steps["digest (keccak-256)"] == keccak256(preimage).hex()
    assert steps["address of the key"] == steps["address claimed"] == ADDRESSES[0]


def test_the_steps_are_shown_on_the_way_to_a_failure_too() -> None:
    steps = dict(shown(tip191_v2.verify, claim(ADDRESSES[1], MESSAGE, SIGNED.hex())))
    assert (steps["address of the key"], steps["address claimed"]) == ADDRESSES[:2]


@settings(max_examples=300)
@given(
    st.binary(max_size=70).map(bytes.hex) | st.text(max_size=140),
    st.binary(max_size=40),
    st.sampled_from(["", "raw", "keccak"]) | st.text(max_size=8),
)
def test_nothing_but_a_verdict_escapes(signature: str, message: bytes, profile: str) -> None:
    for verify in VERIFIERS:
        found = verdict(verify, claim(ADDRESSES[0], message, signature, profile))
        assert found != "proved"


def test_huge_values_are_refused_at_once() -> None:
    assert judged("ab" * 1_000_000) == "malformed_signature"
    assert judged(";" * 1_000_000) == "malformed_signature"


@pytest.mark.parametrize("module", ["proofs.tip191_v1", "proofs.tip191_v2"])
def test_no_slow_library_is_loaded(module: str) -> None:
    code = f"import {module}, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    assert not {"web3", "eth_account", "eth_keys", "requests"} & set(done.stdout.split())
