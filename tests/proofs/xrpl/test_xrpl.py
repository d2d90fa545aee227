from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.xrpl.address import address_of_key
from proofs.xrpl import questions, verify
from tests.chains.account_rows import COSMOS, TRON, XRPL, vectors
from tests.proofs.account_claims import shown, verdict
from tests.proofs.xrpl.xrpl_signer import ADDRESSES, KEYS, ORDER, claim, own, signed, twin

MADE = vectors("xrpl-made")
PUBLISHED = vectors("xrpl-keypairs") + vectors("xrpl-published")
SPECCHECK = vectors("ed25519-speccheck")
MESSAGE = b"a text that names an address"
SECP, ED = signed(0, MESSAGE), signed(1, MESSAGE)


def judged(number: int, signature: bytes | str) -> str:
    text = signature if isinstance(signature, str) else signature.hex()
    return verdict(verify, claim(ADDRESSES[number], MESSAGE, text, KEYS[number].hex()))


@pytest.mark.parametrize("row", MADE, ids=lambda row: row["message"][:20])
def test_signatures_made_by_another_implementation(row: dict[str, str]) -> None:
    message = bytes.fromhex(row["message"])
    signing = claim(row["address"], message, row["signature"], row["public_key"])
    assert verdict(verify, signing) == "proved"
    assert verdict(verify, replace(signing, message=message + b"x")) == "signature_invalid"
    assert verify(signing).warnings == ("authority_not_read",)


@pytest.mark.parametrize("row", PUBLISHED, ids=str)
def test_published_signatures(row: dict[str, str]) -> None:
    signing = claim(row["address"], row["message"], row["signature"], row["public_key"])
    refused = ("signature_invalid", "malformed_public_key")
    assert verdict(verify, signing) in (("proved",) if row["valid"] else refused)


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 5))
def test_any_message_of_both_kinds_of_key(message: bytes, number: int) -> None:
    transaction = len(message) > 3 and message[3] == 0 and message[:3].isalpha()
    expected = "transaction_like" if transaction else "proved"
    assert verdict(verify, own(number, message)) == expected


@settings(max_examples=100)
@given(st.binary(max_size=60), st.binary(min_size=1, max_size=60), st.booleans())
def test_the_answer_of_a_second_library(message: bytes, other: bytes, good: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), KEYS[0])
    text = message if good else other
    half = hashlib.sha512(text).digest()[:32]
    try:
        key.verify(signed(0, message), half, ec.ECDSA(Prehashed(hashes.SHA256())))
        theirs = True
    except InvalidSignature:
        theirs = False
    signing = claim(ADDRESSES[0], text, signed(0, message).hex(), KEYS[0].hex())
    found = verdict(verify, signing)
    assert (found == "proved") == theirs or found == "transaction_like"


@pytest.mark.parametrize(
    "prefix", ["STX", "SMT", "CLM", "TXN", "MLN", "LWR", "VAL", "PRP", "MAN", "BCH", "stx", "xyz"]
)
@pytest.mark.parametrize("number", [0, 1])
def test_what_the_ledger_executes_is_refused(prefix: str, number: int) -> None:
    for message in (prefix.encode() + b"\0", prefix.encode() + b"\0rest"):
        assert verdict(verify, own(number, message)) == "transaction_like"
    for text in (prefix, f"{prefix} text", f" {prefix}\0", f"{prefix}x\0"):
        assert verdict(verify, own(number, text.encode())) == "proved"


@pytest.mark.parametrize("place", range(64))
def test_every_byte_of_an_ed25519_signature_counts(place: int) -> None:
    data = bytearray(ED)
    data[place] ^= 1
    assert judged(1, bytes(data)) == "signature_invalid"


def test_every_bit_of_a_der_signature_counts() -> None:
    allowed = {"signature_invalid", "malformed_signature", "high_s"}
    for place in range(len(SECP)):
        for bit in range(8):
            data = bytearray(SECP)
            data[place] ^= 1 << bit
            assert judged(0, bytes(data)) in allowed


def test_the_high_twin_is_refused() -> None:
    assert judged(0, SECP) == "proved"
    assert judged(0, twin(SECP)) == "high_s"
    r, s = decode_dss_signature(SECP)
    assert s <= ORDER // 2
    assert judged(0, encode_dss_signature(r, ORDER // 2)) == "signature_invalid"
    assert judged(0, encode_dss_signature(r, ORDER // 2 + 1)) == "high_s"
    order = int.from_bytes(ED[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert judged(1, ED[:32] + order.to_bytes(32, "little")) == "signature_invalid"


def der(*integers: bytes, tag: int = 0x30, tail: bytes = b"") -> bytes:
    body = b"".join(b"\x02" + bytes([len(one)]) + one for one in integers) + tail
    return bytes([tag, len(body)]) + body


def whole(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def test_der_in_any_other_way_is_refused() -> None:
    r, s = decode_dss_signature(SECP)
    assert judged(0, der(whole(r), whole(s))) == "proved"
    for other in (
        der(b"\0" + whole(r), whole(s)),
        der(whole(r), b"\0" + whole(s)),
        der(whole(r), whole(s), tail=b"\0"),
        der(whole(r), whole(s)) + b"\0",
        der(whole(r), whole(s), tag=0x31),
        der(whole(r)),
        der(whole(r), whole(s), whole(s)),
        der(whole(r), b""),
        der(b"\xff" + whole(r)[1:], whole(s)),
        b"\x30\x81" + der(whole(r), whole(s))[1:],
        b"\x30\x80" + der(whole(r), whole(s))[2:] + b"\0\0",
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        b"",
    ):
        assert judged(0, other) == "malformed_signature"
    for scalars in ((0, s), (r, 0)):
        assert judged(0, der(*map(whole, scalars))) == "signature_invalid"
    for scalars in ((ORDER, s), (r, ORDER), (ORDER + 1, s), (2**256 - 1, s)):
        assert judged(0, der(*map(whole, scalars))) == "malformed_signature"


def test_every_prefix_is_refused() -> None:
    for number, signature in ((0, SECP), (1, ED)):
        for end in range(2 * len(signature)):
            assert judged(number, signature.hex()[:end]) == "malformed_signature"


@pytest.mark.parametrize("after", ["00", "0", " ", "\n", "g", ";", "=="])
def test_nothing_may_stand_around_a_signature(after: str) -> None:
    for number, signature in ((0, SECP), (1, ED)):
        assert judged(number, signature.hex() + after) == "malformed_signature"
        assert judged(number, after + signature.hex()) == "malformed_signature"


def test_every_way_of_writing_is_one_signature() -> None:
    for number, signature in ((0, SECP), (1, ED)):
        key, text = KEYS[number].hex(), signature.hex()
        names = {
            verify(claim(ADDRESSES[number], MESSAGE, one, two)).signatures
            for one in (text, text.upper(), f"0x{text}")
            for two in (key, key.upper(), f"0x{key}")
        }
        assert len(names) == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "00",
        KEYS[0].hex()[2:],
        f"04{KEYS[0].hex()[2:]}",
        f"05{KEYS[0].hex()[2:]}",
        f"{KEYS[0].hex()}00",
        "02" + "ff" * 32,
        "ee" + KEYS[1].hex()[2:],
        f" {KEYS[0].hex()}",
        f"{KEYS[0].hex()};",
        "zz" * 33,
        "ab" * 1_000_000,
        ";" * 1_000_000,
    ],
)
def test_other_public_keys_are_refused(key: str) -> None:
    signing = claim(ADDRESSES[0], MESSAGE, SECP.hex(), key)
    assert verdict(verify, signing) == "malformed_public_key"


def test_a_key_that_is_not_the_address_s_is_refuted() -> None:
    for number, other in ((0, 1), (1, 0), (0, 2), (1, 3)):
        mine = own(number, MESSAGE)
        theirs = replace(mine, addresses=(ADDRESSES[other],))
        assert verdict(verify, theirs) == "key_mismatch"
        swapped = replace(mine, public_key=KEYS[other].hex())
        assert verdict(verify, swapped) in ("signature_invalid", "malformed_signature")


def test_one_kind_of_key_is_not_taken_for_the_other() -> None:
    assert judged(0, ED) == "malformed_signature"
    assert judged(1, SECP) == "malformed_signature"
    as_ed = claim(ADDRESSES[0], MESSAGE, ED.hex(), "ed" + KEYS[0].hex()[2:])
    assert verdict(verify, as_ed) == "signature_invalid"


@pytest.mark.parametrize("row", SPECCHECK, ids=lambda row: str(row)[:40])
def test_doubtful_ed25519_is_decided_as_our_policy_says(row: dict[str, str]) -> None:
    key = bytes.fromhex("ed" + row["pub_key"])
    signing = claim(address_of_key(key), bytes.fromhex(row["message"]), row["signature"], key.hex())
    proved = verdict(verify, signing) == "proved"
    assert row["policy_expected"] == ("accept" if proved else "reject")


def test_keys_of_small_order_sign_nothing() -> None:
    # The points of order 1, 2, 4 and 8; with S = 0 some libraries take them for any message.
    for key in (
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ):
        for point in ("01" + "00" * 31, "00" * 32, key):
            for text in ("", "a", "b", "c"):
                signing = claim(ADDRESSES[0], text, point + "00" * 32, f"ed{key}")
                assert verdict(verify, signing) == "signature_invalid"


def test_as_many_signatures_as_keys_and_no_key_twice() -> None:
    mine = own(0, MESSAGE)
    for signature, key in (
        (f"{mine.signature};{mine.signature}", mine.public_key),
        (mine.signature, f"{mine.public_key};{KEYS[1].hex()}"),
        (f"{mine.signature};{mine.signature}", f"{mine.public_key};{mine.public_key.lower()}"),
        (";".join([mine.signature] * 40), mine.public_key),
        ("", mine.public_key),
    ):
        signing = replace(mine, signature=signature, public_key=key)
        assert verdict(verify, signing) == "malformed_signature"
    other = own(1, MESSAGE)
    both = replace(
        mine,
        signature=f"{mine.signature};{other.signature}",
        public_key=f"{mine.public_key};{other.public_key}",
    )
    assert verdict(verify, both) == "key_mismatch"


def test_one_claim_is_for_one_address_of_the_ledger() -> None:
    signing = own(0, MESSAGE)
    for chain in (TRON, COSMOS, replace(XRPL, family="evm")):
        assert verdict(verify, replace(signing, chain=chain)) == "scheme_not_for_chain"
        assert questions(replace(signing, chain=chain)) == ()
    for addresses in ((), ADDRESSES[:2]):
        assert verdict(verify, replace(signing, addresses=addresses)) == "account_not_covered"
        assert questions(replace(signing, addresses=addresses)) == ()


def test_the_steps_can_be_followed_by_hand() -> None:
    steps = dict(shown(verify, own(0, MESSAGE)))
    assert list(steps) == [
        "public key",
        "digest (sha-512, first half)",
        "address of the key",
        "address claimed",
    ]
    assert steps["digest (sha-512, first half)"] == hashlib.sha512(MESSAGE).hexdigest()[:64]
    assert steps["address of the key"] == steps["address claimed"] == ADDRESSES[0]
    assert "digest (sha-512, first half)" not in dict(shown(verify, own(1, MESSAGE)))


@settings(max_examples=300)
@given(
    st.binary(max_size=80).map(bytes.hex) | st.text(max_size=160),
    st.binary(max_size=40).map(bytes.hex) | st.text(max_size=80) | st.just(KEYS[0].hex()),
    st.binary(max_size=40),
)
def test_nothing_but_a_verdict_escapes(signature: str, key: str, message: bytes) -> None:
    signing = claim(ADDRESSES[0], message, signature, key)
    assert verdict(verify, signing) != "proved"
    questions(signing)
