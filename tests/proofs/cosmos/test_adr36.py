from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.cosmos.address import address_of_key
from config.caip import ChainId
from proofs.adr36 import sign_doc, verify
from proofs.control import Signing
from proofs.key_recovery import ORDER
from tests.chains.account_rows import BOSTROM, COSMOS, TRON, XRPL, vectors
from tests.proofs.account_claims import shown, verdict

MADE = vectors("cosmos-adr36-made")
PUBLISHED = vectors("cosmos-adr36-published")
WALLET = vectors("cosmos-adr36")[0]
CHAINS = {"cosmos": COSMOS, "bostrom": BOSTROM}

SECRET = PrivateKey(b"\x07" * 32)
KEY = SECRET.public_key.format()
ADDRESS = address_of_key(COSMOS, KEY)
MESSAGE = b"a text that names an address"


def document(message: bytes, signer: str) -> bytes:
    """Write what is signed with a general serialiser: keys sorted, no spaces, Amino's escapes."""
    value = {
        "chain_id": "",
        "account_number": "0",
        "sequence": "0",
        "fee": {"gas": "0", "amount": []},
        "msgs": [
            {
                "type": "sign/MsgSignData",
                "value": {"signer": signer, "data": base64.b64encode(message).decode()},
            }
        ],
        "memo": "",
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    for letter, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(letter, escaped)
    return text.encode()


def sign(message: bytes, signer: str = ADDRESS, secret: PrivateKey = SECRET) -> bytes:
    digest = hashlib.sha256(document(message, signer)).digest()
    r, s = decode_dss_signature(secret.sign(digest, hasher=None))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


SIGNED = sign(MESSAGE)


def claim(
    address: str, message: bytes | str, signature: bytes | str, key: bytes | str = KEY
) -> Signing:
    text = message.encode() if isinstance(message, str) else message
    chain = CHAINS.get(address.partition("1")[0], COSMOS)
    return Signing(chain, (address,), text, written(signature), written(key))


def written(value: bytes | str) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).decode()


def judged(signature: bytes | str, key: bytes | str = KEY) -> str:
    return verdict(verify, claim(ADDRESS, MESSAGE, signature, key))


@pytest.mark.parametrize("row", MADE, ids=lambda row: row["address"])
def test_signatures_made_by_another_implementation(row: dict[str, str]) -> None:
    message = bytes.fromhex(row["message"])
    signing = claim(row["address"], message, row["signature"], row["public_key"])
    assert verdict(verify, signing) == "proved"
    assert verdict(verify, replace(signing, message=message + b" ")) == "signature_invalid"
    assert verify(signing).warnings == ()


def test_a_signature_of_a_wallet() -> None:
    signing = claim(WALLET["address"], WALLET["data"], WALLET["signature"], WALLET["pub_key"])
    assert verdict(verify, signing) == "proved"
    # The same key's account on another chain did not sign this: the document names the signer.
    hub = address_of_key(COSMOS, base64.b64decode(WALLET["pub_key"]))
    elsewhere = replace(signing, chain=COSMOS, addresses=(hub,))
    assert verdict(verify, elsewhere) == "signature_invalid"


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["signature"][:8])
def test_published_signatures(row: dict[str, str]) -> None:
    signing = claim(row["address"], row["message"], row["signature"], row["public_key"])
    assert verdict(verify, signing) == ("proved" if row["valid"] else "signature_invalid")
    digest = hashlib.sha256(sign_doc(signing.message, row["address"])).hexdigest()
    assert digest == row["digest"]


@given(st.binary(min_size=1, max_size=300))
def test_the_document_is_what_a_general_serialiser_writes(message: bytes) -> None:
    assert sign_doc(message, ADDRESS) == document(message, ADDRESS)


@settings(max_examples=50)
@given(st.binary(min_size=1, max_size=300), st.binary(min_size=32, max_size=32))
def test_any_message_and_key(message: bytes, seed: bytes) -> None:
    secret = PrivateKey(hashlib.sha256(seed).digest())
    key = secret.public_key.format()
    address = address_of_key(COSMOS, key)
    assert verdict(verify, claim(address, message, sign(message, address, secret), key)) == "proved"


def test_an_empty_message_is_refused() -> None:
    assert verdict(verify, claim(ADDRESS, b"", sign(b""))) == "malformed_message"


def test_the_high_twin_is_refused() -> None:
    r, s = SIGNED[:32], int.from_bytes(SIGNED[32:], "big")
    assert judged(SIGNED) == "proved"
    assert judged(r + (ORDER - s).to_bytes(32, "big")) == "high_s"
    for number, expected in (
        (0, "signature_invalid"),
        (1, "signature_invalid"),
        (ORDER // 2, "signature_invalid"),
        (ORDER // 2 + 1, "high_s"),
        (ORDER - 1, "high_s"),
        (ORDER, "signature_invalid"),
        (2**256 - 1, "signature_invalid"),
    ):
        assert judged(r + number.to_bytes(32, "big")) == expected
        if number != 1:
            assert judged(number.to_bytes(32, "big") + SIGNED[32:]) == "signature_invalid"


def test_every_bit_counts() -> None:
    for place in range(64):
        for bit in range(8):
            data = bytearray(SIGNED)
            data[place] ^= 1 << bit
            assert judged(bytes(data)) in ("signature_invalid", "high_s")


def test_base64_is_read_strictly() -> None:
    text = base64.b64encode(SIGNED).decode()
    for end in range(len(text)):
        assert judged(text[:end]) == "malformed_signature"
    for other in (
        f" {text}",
        f"{text}\n",
        f"{text}=",
        text.replace("=", ""),
        text[:-3] + ("B" if text[-3] != "B" else "C") + "==",
        SIGNED.hex(),
        base64.b64encode(SIGNED + b"\x1b").decode(),
        base64.b64encode(SIGNED[:-1]).decode(),
        base64.urlsafe_b64encode(b"\xff" * 64).decode(),
        "A" * 1_000_000,
        "",
    ):
        assert judged(other) == "malformed_signature"


@pytest.mark.parametrize(
    "text", [KEY.hex(), KEY.hex().upper(), f"0x{KEY.hex()}", base64.b64encode(KEY).decode()]
)
def test_a_key_in_base64_or_hex_is_one_key(text: str) -> None:
    assert judged(SIGNED, text) == "proved"
    assert verify(claim(ADDRESS, MESSAGE, SIGNED, text)) == verify(claim(ADDRESS, MESSAGE, SIGNED))


@pytest.mark.parametrize(
    "key",
    [
        "",
        KEY[:-1],
        KEY + b"\0",
        b"\x05" + KEY[1:],
        b"\x02" + b"\xff" * 32,
        SECRET.public_key.format(compressed=False),
        SECRET.public_key.format(compressed=False).hex(),
        f"0x0x{KEY.hex()}",
        f" {KEY.hex()}",
        "A" * 44,
        "A" * 43 + "=",
        "-" * 44,
        "x" * 1_000_000,
        json.dumps({"type": "tendermint/PubKeySecp256k1", "value": ""}),
    ],
)
def test_other_public_keys_are_refused(key: bytes | str) -> None:
    assert judged(SIGNED, key) == "malformed_public_key"


def test_a_key_that_is_not_the_address_s_is_refuted() -> None:
    other = PrivateKey(b"\x08" * 32)
    key = other.public_key.format()
    theirs = address_of_key(COSMOS, key)
    assert judged(SIGNED, key) == "key_mismatch"
    assert verdict(verify, claim(theirs, MESSAGE, SIGNED)) == "key_mismatch"
    # Signed for the claimed address by the wrong key, and by the right key for another address.
    assert judged(sign(MESSAGE, ADDRESS, other)) == "signature_invalid"
    assert judged(sign(MESSAGE, theirs)) == "signature_invalid"


def test_a_plain_signature_of_the_text_is_not_of_this_scheme() -> None:
    for digest in (hashlib.sha256(MESSAGE).digest(), MESSAGE + b"!!!!"):
        r, s = decode_dss_signature(SECRET.sign(digest, hasher=None))
        plain = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert judged(plain) == "signature_invalid"


def test_one_claim_is_for_one_address_of_a_known_chain() -> None:
    signing = claim(ADDRESS, MESSAGE, SIGNED)
    for chain in (TRON, XRPL, replace(COSMOS, family="evm")):
        assert verdict(verify, replace(signing, chain=chain)) == "scheme_not_for_chain"
    injective = replace(COSMOS, id=ChainId("cosmos:injective-1"))
    assert verdict(verify, replace(signing, chain=injective)) == "scheme_not_for_chain"
    for addresses in ((), (ADDRESS, ADDRESS)):
        assert verdict(verify, replace(signing, addresses=addresses)) == "account_not_covered"


def test_the_steps_can_be_followed_by_hand() -> None:
    steps = dict(shown(verify, claim(ADDRESS, MESSAGE, SIGNED)))
    assert list(steps) == [
        "digest preimage",
        "digest (sha-256)",
        "public key",
        "address of the key",
        "address claimed",
    ]
    preimage = bytes.fromhex(steps["digest preimage"])
    assert preimage == document(MESSAGE, ADDRESS)
    assert steps["digest (sha-256)"] == hashlib.sha256(preimage).hexdigest()
    assert steps["address of the key"] == steps["address claimed"] == ADDRESS


@settings(max_examples=300)
@given(
    st.binary(max_size=70) | st.text(max_size=100),
    st.binary(max_size=40) | st.text(max_size=80) | st.just(KEY),
    st.binary(max_size=40),
)
def test_nothing_but_a_verdict_escapes(
    signature: bytes | str, key: bytes | str, message: bytes
) -> None:
    assert verdict(verify, claim(ADDRESS, message, signature, key)) != "proved"
