from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs import eip191, eip191_keccak
from tests.proofs.evm.evm_claims import claim, vectors, verdict

TREZOR = vectors("eip191-trezor")["vectors"]
ETH_ACCOUNT = vectors("eip191-eth-account")
OKX = vectors("okx-published")["vectors"]["evm"]
OKX_CSV = [row for row in vectors("okx-csv-example")["vectors"] if row["coin"] == "ETH"]

KEY = Account.from_key(b"\x07" * 32)


def sign(message: bytes) -> str:
    signed = KEY.sign_message(encode_defunct(message))
    return f"0x{signed.signature.hex()}"


@pytest.mark.parametrize("vector", TREZOR)
def test_the_vectors_of_trezor(vector: dict[str, str]) -> None:
    signing = claim(vector["address"], vector["message"], vector["signature"])
    assert verdict(eip191.verify, signing) == "proved"
    assert verdict(eip191_keccak.verify, signing) == "key_mismatch"


@pytest.mark.parametrize("vector", ETH_ACCOUNT["vectors"])
def test_the_vectors_of_eth_account(vector: dict[str, str]) -> None:
    signing = claim(ETH_ACCOUNT["address"], vector["message"], vector["signature"])
    assert verdict(eip191.verify, signing) == "proved"
    digest = eip191.personal_digest(signing.message)
    assert vector["message_hash"] == f"0x{digest.hex()}"


@pytest.mark.parametrize("vector", OKX)
def test_published_signatures_over_the_hash(vector: dict[str, str]) -> None:
    signing = claim(vector["addr"], vector["msg"], vector["sign"])
    assert verdict(eip191_keccak.verify, signing) == "proved"
    assert verdict(eip191.verify, signing) == "key_mismatch"


@pytest.mark.parametrize("row", OKX_CSV[:2])
def test_published_rows(row: dict[str, str]) -> None:
    signing = claim(row["address"], row["message"], row["signature1"])
    assert verdict(eip191_keccak.verify, signing) == "proved"


def test_owners_of_a_contract_wallet_signed_and_the_wallet_did_not() -> None:
    row = OKX_CSV[2]
    for owner, signature in (("eoa1", "signature1"), ("eoa2", "signature2")):
        signing = claim(row[owner], row["message"], row[signature])
        assert verdict(eip191_keccak.verify, signing) == "proved"
        wallet = claim(row["address"], row["message"], row[signature])
        assert verdict(eip191_keccak.verify, wallet) == "key_mismatch"


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 65_536])
def test_lengths_are_counted_in_bytes(length: int) -> None:
    message = ("é" * length).encode()[:length]
    signing = claim(KEY.address, message, sign(message))
    assert verdict(eip191.verify, signing) == "proved"


@settings(max_examples=50)
@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_any_message_signed_by_another_implementation(message: bytes, seed: bytes) -> None:
    key = Account.create(seed)
    signature = key.sign_message(encode_defunct(message)).signature.hex()
    assert verdict(eip191.verify, claim(key.address, message, signature)) == "proved"


def test_text_that_looks_like_hex_is_text() -> None:
    assert verdict(eip191.verify, claim(KEY.address, "0xdead", sign(b"0xdead"))) == "proved"
    assert verdict(eip191.verify, claim(KEY.address, "0xdead", sign(b"\xde\xad"))) == "key_mismatch"


def test_nothing_is_normalised() -> None:
    for signed, claimed in (("é", "e\u0301"), ("a", "a\n"), ("a", " a"), ("a", "A"), ("", " ")):
        signing = claim(KEY.address, claimed, sign(signed.encode()))
        assert verdict(eip191.verify, signing) == "key_mismatch"


def test_another_key_or_address_is_refuted() -> None:
    other = Account.from_key(b"\x08" * 32)
    assert verdict(eip191.verify, claim(other.address, "text", sign(b"text"))) == "key_mismatch"
    for place in range(2, 42):
        digit = "1" if KEY.address[place] == "0" else "0"
        address = KEY.address[:place] + digit + KEY.address[place + 1 :]
        assert verdict(eip191.verify, claim(address, "text", sign(b"text"))) == "key_mismatch"


def test_one_claim_is_for_one_address_of_an_evm_chain() -> None:
    signing = claim(KEY.address, "text", sign(b"text"))
    both = replace(signing, addresses=signing.addresses * 2)
    bitcoin = replace(signing, chain=replace(signing.chain, family="utxo"))
    for verify in (eip191.verify, eip191_keccak.verify):
        assert verdict(verify, both) == "account_not_covered"
        assert verdict(verify, replace(signing, addresses=())) == "account_not_covered"
        assert verdict(verify, bitcoin) == "scheme_not_for_chain"
