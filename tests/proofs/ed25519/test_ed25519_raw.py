from __future__ import annotations

import hashlib
from dataclasses import replace

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.polkadot import address as polkadot
from chains.solana import address as solana
from proofs.control import Signing
from tests.proofs.ed25519.ed25519_claims import (
    ADDRESSES,
    OWN_NAME,
    PUBLIC,
    REGISTRY,
    claim,
    listener,
    prove,
    sign,
    vectors,
    verdict,
)

SCHEME = "ed25519-raw"
TEXT = b"custody of this account"
OTHER = bytes.fromhex("f42c77f931bea20ec5d0150731276bbb2e2860947661245b2319ef8133ee8d41")


@pytest.mark.parametrize("chain", ADDRESSES)
def test_the_key_of_the_account_proves_it(chain: str) -> None:
    signature = sign(TEXT)
    assert "proved" == verdict(SCHEME, claim(chain, TEXT, signature))
    assert "signature_invalid" == verdict(SCHEME, claim(chain, TEXT + b"x", signature))
    assert "malformed_signature" == verdict(SCHEME, claim(chain, TEXT, signature[:-1]))
    assert "unknown_profile" == verdict(SCHEME, claim(chain, TEXT, signature, profile="okx"))


@pytest.mark.parametrize("chain", ADDRESSES)
def test_the_key_of_another_proves_nothing(chain: str) -> None:
    given = claim(chain, TEXT, sign(TEXT), public_key=OTHER.hex())
    expected = "signature_invalid" if chain == "ton" else "key_mismatch"
    assert expected == verdict(SCHEME, given)


@pytest.mark.parametrize("chain", sorted(set(ADDRESSES) - set(OWN_NAME)))
@pytest.mark.parametrize("key", ["", "00", f"0x{PUBLIC.hex()}00", "g" * 64])
def test_a_key_is_needed_where_the_address_is_none(chain: str, key: str) -> None:
    given = claim(chain, TEXT, sign(TEXT), public_key=key)
    assert "malformed_public_key" == verdict(SCHEME, given)


@pytest.mark.parametrize("chain", ["aptos", "stellar", "ton"])
def test_authority_is_known_to_the_chain_alone(chain: str) -> None:
    assert ("authority_not_read",) == prove(SCHEME, claim(chain, TEXT, sign(TEXT))).warnings


@pytest.mark.parametrize("chain", ["bitcoin", "ethereum", "tron", "xrpl", "cosmos", "zcash"])
def test_other_chains_have_other_schemes(chain: str) -> None:
    signing = Signing(REGISTRY.chain(chain), ("x",), TEXT, sign(TEXT).hex(), PUBLIC.hex())
    assert "scheme_not_for_chain" == verdict(SCHEME, signing)
    prefixed = replace(signing, profile="okx")
    assert "scheme_not_for_chain" == verdict("ed25519-prefixed", prefixed)


def test_one_address_is_proved() -> None:
    signing = claim("solana", TEXT, sign(TEXT))
    two = replace(signing, addresses=(*signing.addresses, *signing.addresses))
    assert "account_not_covered" == verdict(SCHEME, two)
    assert "account_not_covered" == verdict(SCHEME, replace(signing, addresses=()))


@pytest.mark.parametrize("entry", vectors("polkadot-ed25519"))
def test_a_signature_of_a_polkadot_key(entry: dict[str, str]) -> None:
    address = polkadot.address_of_key(base58.b58decode(entry["address"])[1:33])
    signing = claim("polkadot", entry["message"].encode(), entry["signature"], address)
    assert "proved" == verdict(SCHEME, signing)


@pytest.mark.parametrize("entry", vectors("aptos-message"))
def test_a_full_message_is_claimed_as_it_was_signed(entry: dict[str, str]) -> None:
    key = bytes.fromhex(entry["public_key"])
    address = f"0x{hashlib.sha3_256(key + bytes(1)).hexdigest()}"
    message = entry["full_message"].encode()
    assert "proved" == verdict(
        SCHEME, claim("aptos", message, entry["signature"], address, entry["public_key"])
    )


@pytest.mark.parametrize("case", vectors("ed25519-speccheck"), ids=lambda case: case["comment"])
def test_edge_cases_as_claims(case: dict[str, str]) -> None:
    address = solana.address_of_key(bytes.fromhex(case["pub_key"]))
    message = bytes.fromhex(case["message"])
    signing = claim("solana", message, case["signature"], address)
    assert verdict(SCHEME, signing) == verdict("solana-raw", signing) != "proved"


@pytest.mark.parametrize("chain", ["sui", "ton", "cardano", "stellar", "polkadot"])
def test_a_hash_that_a_transaction_is_signed_by_is_refused(chain: str) -> None:
    digest = hashlib.sha256(TEXT).digest()
    assert "transaction_like" == verdict(SCHEME, claim(chain, digest, sign(digest)))
    text = b"32 characters of text: a proof.."
    assert "proved" == verdict(SCHEME, claim(chain, text, sign(text)))


def test_what_begins_like_an_aptos_transaction_is_refused() -> None:
    for name in (b"APTOS::RawTransaction", b"APTOS::RawTransactionWithData"):
        message = hashlib.sha3_256(name).digest() + b"rest"
        assert "transaction_like" == verdict(SCHEME, claim("aptos", message, sign(message)))


def test_a_polkadot_payload_is_refused() -> None:
    genesis = bytes.fromhex("91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3")
    message = b"call and extra" + genesis + b"block"
    assert "transaction_like" == verdict(SCHEME, claim("polkadot", message, sign(message)))


def test_an_auditor_can_follow() -> None:
    heard: list[tuple[str, str]] = []
    prove(SCHEME, replace(claim("sui", TEXT, sign(TEXT)), show=listener(heard)))
    assert [
        ("bytes signed", TEXT.hex()),
        ("address claimed", ADDRESSES["sui"]),
        ("public key given", PUBLIC.hex()),
        ("address of the key", ADDRESSES["sui"]),
        ("signature", sign(TEXT).hex()),
    ] == heard


@given(st.sampled_from(sorted(ADDRESSES)), st.binary(max_size=300), st.text(), st.text(), st.text())
def test_whatever_is_claimed_there_is_a_verdict(
    chain: str, message: bytes, signature: str, key: str, profile: str
) -> None:
    for scheme in (SCHEME, "ed25519-prefixed", "solana-raw", "solana-offchain-v0"):
        signing = claim(chain, message, signature, public_key=key, profile=profile)
        assert "proved" != verdict(scheme, signing)
