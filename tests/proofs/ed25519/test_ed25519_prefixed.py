from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from coincurve import PublicKey
from coincurve.ecdsa import cdata_to_der, deserialize_compact

from proofs.ed25519.forms import sui_digest
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

SCHEME = "ed25519-prefixed"
OKX_CHAINS = {"SOL": "solana", "APTOS": "aptos", "ADA": "cardano"}
OKX_ROWS = {row["coin"]: row for row in vectors("okx-csv-example")}
PROFILES = {
    "okx": "solana",
    "sep-53": "stellar",
    "sui-personal": "sui",
    "aptos-message nonce=1": "aptos",
    "ton-proof domain=example.com timestamp=1": "ton",
    "cip-8": "cardano",
}


def okx(message: bytes) -> bytes:
    assert len(message) < 253
    header = b"OKX Signed Message:\n"
    return bytes((len(header),)) + header + bytes((len(message),)) + message


@pytest.mark.parametrize("entry", vectors("okx-published")["ed25519"])
def test_signatures_an_exchange_published(entry: dict[str, str]) -> None:
    chain = OKX_CHAINS[entry["coin"]]
    signing = claim(
        chain, entry["msg"].encode(), entry["sign"], entry["addr"], entry["pub"], profile="okx"
    )
    assert "proved" == verdict(SCHEME, signing)
    assert "signature_invalid" == verdict("ed25519-raw", replace(signing, profile=""))
    assert "signature_invalid" == verdict(SCHEME, replace(signing, message=b"I am"))


def test_a_published_wallet_of_unknown_code_is_not_proved() -> None:
    # The key signed, and no known wallet contract leads from it to the address.
    row = OKX_ROWS["USDT-TON"]
    signing = claim(
        "ton",
        row["message"].encode(),
        row["signature1"],
        row["address"],
        row["redeem script/ public key"],
        profile="okx",
    )
    assert "account_not_derived" == verdict(SCHEME, signing)
    assert "signature_invalid" == verdict(SCHEME, replace(signing, message=b"other"))


def test_a_published_row_of_a_foreign_account_is_refuted() -> None:
    row = OKX_ROWS["APTOS"]
    key = row["redeem script/ public key"]
    message, signature = row["message"].encode(), row["signature1"]
    foreign = claim("aptos", message, signature, row["address"], key, profile="okx")
    assert "key_mismatch" == verdict(SCHEME, foreign)
    own = claim("aptos", message, signature, row["eoa1"], key, profile="okx")
    assert "proved" == verdict(SCHEME, own)


@pytest.mark.parametrize("chain", ADDRESSES)
@pytest.mark.parametrize("length", [0, 1, 200])
def test_the_form_of_many_chains(chain: str, length: int) -> None:
    message = b"m" * length
    signing = claim(chain, message, sign(okx(message)), profile="okx")
    assert "proved" == verdict(SCHEME, signing)


def test_a_long_text_has_a_length_of_three_bytes() -> None:
    message = b"m" * 300
    signed = b"\x14OKX Signed Message:\n\xfd\x2c\x01" + message
    assert "proved" == verdict(SCHEME, claim("solana", message, sign(signed), profile="okx"))


@pytest.mark.parametrize("entry", vectors("stellar-sep-53"), ids=lambda entry: entry["encoding"])
def test_the_standard_of_stellar(entry: dict[str, str]) -> None:
    text = entry["message"]
    message = base64.b64decode(text) if entry["encoding"] == "base64" else text.encode()
    signing = claim("stellar", message, entry["signature"], entry["address"], profile="sep-53")
    assert "proved" == verdict(SCHEME, signing)
    assert "signature_invalid" == verdict(SCHEME, replace(signing, message=message + b" "))
    assert "signature_invalid" == verdict(SCHEME, replace(signing, profile="okx"))


@pytest.mark.parametrize("entry", vectors("aptos-message"))
def test_the_full_message_of_an_aptos_wallet(entry: dict[str, str]) -> None:
    key = bytes.fromhex(entry["public_key"])
    address = f"0x{hashlib.sha3_256(key + bytes(1)).hexdigest()}"
    profile = f"aptos-message nonce={entry['nonce']}"
    message = entry["message"].encode()
    signing = claim("aptos", message, entry["signature"], address, key.hex(), profile)
    assert "proved" == verdict(SCHEME, signing)
    assert "signature_invalid" == verdict(SCHEME, replace(signing, profile=profile + "2"))


@pytest.mark.parametrize("entry", vectors("ton-proof"))
def test_the_proof_of_a_ton_wallet(entry: dict[str, Any]) -> None:
    profile = f"ton-proof domain={entry['domain']} timestamp={entry['timestamp']}"
    signing = claim(
        "ton",
        entry["payload"].encode(),
        base64.b64decode(entry["signature"]),
        entry["address"],
        entry["public_key"],
        profile,
    )
    assert "proved" == verdict(SCHEME, signing)
    for changed in (profile.replace("github", "gitlab"), profile[:-1] + "9"):
        assert "signature_invalid" == verdict(SCHEME, replace(signing, profile=changed))


@pytest.mark.parametrize("entry", vectors("sui-personal"))
def test_the_digest_of_a_sui_wallet(entry: dict[str, str]) -> None:
    # Flag 1: secp256k1, over SHA-256 of the digest that an ed25519 key signs as it is.
    data = base64.b64decode(entry["signature"])
    digest = sui_digest(claim("sui", entry["message"].encode(), ""))
    der = cdata_to_der(deserialize_compact(data[1:65]))
    assert 1 == data[0]
    assert PublicKey(data[65:]).verify(der, digest)


def test_a_sui_signature_carries_its_key() -> None:
    for length in (0, 127, 128, 20_000):
        signing = claim("sui", b"m" * length, "", public_key="", profile="sui-personal")
        signature = (b"\x00" + sign(sui_digest(signing)) + PUBLIC).hex()
        assert "proved" == verdict(SCHEME, replace(signing, signature=signature))


def test_another_sui_key_is_refused() -> None:
    signing = claim("sui", b"m", "", profile="sui-personal")
    inner = sign(sui_digest(signing))
    right = replace(signing, signature=(b"\x00" + inner + PUBLIC).hex())
    assert "key_mismatch" == verdict(SCHEME, replace(right, public_key="11" * 32))
    for flag in (b"\x01", b"\x03", b"\x05"):
        other = replace(right, signature=(flag + inner + PUBLIC).hex())
        assert "malformed_signature" == verdict(SCHEME, other)
    assert "malformed_signature" == verdict(SCHEME, replace(right, signature=inner.hex()))


@pytest.mark.parametrize("profile", ["", "OKX", " okx", "raw", "bytes", "okx\n"])
def test_an_unknown_form_is_refused(profile: str) -> None:
    signing = claim("solana", b"x", sign(okx(b"x")), profile=profile)
    assert "unknown_profile" == verdict(SCHEME, signing)


@pytest.mark.parametrize(
    ("chain", "profile"),
    [
        ("solana", "okx "),
        ("solana", "okx nonce=1"),
        ("solana", "okx " + "x" * 600),
        ("aptos", "aptos-message"),
        ("aptos", "aptos-message nonce="),
        ("aptos", "aptos-message nonce=a\n"),
        ("aptos", "aptos-message nonce=1 nonce=1"),
        ("aptos", "aptos-message Nonce=1"),
        ("ton", "ton-proof timestamp=1 domain=a"),
        ("ton", "ton-proof domain=a timestamp=01"),
        ("ton", "ton-proof domain=a timestamp=-1"),
        ("ton", f"ton-proof domain={'a' * 254} timestamp=1"),
        ("ton", "ton-proof domain=a timestamp=99999999999999999"),
    ],
)
def test_fields_are_those_of_the_form(chain: str, profile: str) -> None:
    assert "malformed_profile" == verdict(SCHEME, claim(chain, b"x", sign(b"x"), profile=profile))


@pytest.mark.parametrize("profile", sorted(set(PROFILES) - {"okx"}))
def test_a_form_is_of_its_chain(profile: str) -> None:
    for chain in set(ADDRESSES) - {PROFILES[profile]}:
        given = claim(chain, b"x", sign(b"x"), profile=profile)
        assert "scheme_not_for_chain" == verdict(SCHEME, given)


@pytest.mark.parametrize("profile", PROFILES)
def test_one_address_is_claimed(profile: str) -> None:
    signing = replace(claim(PROFILES[profile], b"x", "", profile=profile), addresses=())
    assert "account_not_covered" == verdict(SCHEME, signing)


def test_an_auditor_can_follow_a_form() -> None:
    heard: list[tuple[str, str]] = []
    message = b"proof"
    signed = hashlib.sha256(b"Stellar Signed Message:\n" + message).digest()
    signing = claim("stellar", message, sign(signed), profile="sep-53")
    prove(SCHEME, replace(signing, show=listener(heard)))
    assert [
        ("form", "sep-53"),
        ("digest preimage", (b"Stellar Signed Message:\n" + message).hex()),
        ("bytes signed", signed.hex()),
        ("address claimed", ADDRESSES["stellar"]),
        ("public key, which is the address", PUBLIC.hex()),
        ("signature", sign(signed).hex()),
    ] == heard
    assert REGISTRY.chain("stellar").family in OWN_NAME
