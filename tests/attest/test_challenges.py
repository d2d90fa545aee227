"""Issue, write, parse, check the texts, check the signature: one file through all of them."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.challenges import check_signature, issue, write_challenges
from attest.keys import SigningKey, load_signing, new_key
from attest.statement import canonical
from attest.subjects import subjects
from config.accounts import Accounts, parse_accounts
from config.caip import ChainId
from config.challenges import PAYLOAD_TYPE, Anchor, Challenges, parse_challenges
from config.declaration import Entity
from config.errors import InputError
from proofs.challenge import check_texts
from proofs.dsse import pae
from tests.config.known import (
    ADDRESSES,
    BITCOIN,
    CHANGE_0,
    DONE,
    GENESIS,
    RECEIVE_0,
    REGISTRY,
    ZPUB,
    refusal,
)

NAME = "challenges.json"
WINDOW = (1795305600, 1796515200)
BLOCK = "00000000000000000001a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"
ANCHORS = (Anchor(ChainId(BITCOIN), "925000", BLOCK),)
ENTITY = Entity(name="Example Exchange", lei="5493001KJTIIGC8Y1R12")


def declared(*accounts: str) -> Accounts:
    rows = "\n".join(f"{account},cold,self,customer" for account in accounts)
    data = f"account,method,holder,owner\n{rows}\n".encode()
    return parse_accounts(data, "a.csv", REGISTRY, ADDRESSES, "main")


def made(*accounts: str, entity: Entity = ENTITY, issuer: str = "Example Audit") -> Challenges:
    return issue(entity, declared(*accounts), issuer, ANCHORS, b"\x9f" * 32, WINDOW)


def read(data: bytes) -> Challenges:
    """Parse and check as a run does."""
    challenges = parse_challenges(data, NAME)
    check_texts(challenges, NAME)
    check_signature(challenges)
    return challenges


def key_of(algorithm: str) -> SigningKey:
    private, _ = new_key("p256" if algorithm == "p256" else "ed25519", None)
    return load_signing(private, "key", lambda: b"")


KEY = key_of("ed25519")
SIGNED = write_challenges(made(f"bitcoin:{GENESIS}"), KEY)
UNSIGNED = write_challenges(made(f"bitcoin:{GENESIS}"), None)


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_what_is_issued_is_read_again(algorithm: str) -> None:
    key = key_of(algorithm)
    challenges = made(f"bitcoin:{GENESIS}", f"ethereum:{DONE}", f"base:{DONE}")
    data = write_challenges(challenges, key)
    found = read(data)
    assert challenges == replace(found, signatures=())
    assert [key.public.keyid] == [one.keyid for one in found.signatures]
    assert ("5493001KJTIIGC8Y1R12", "Example Audit") == (found.entity, found.issuer)
    assert ("2026-11-22T00:00:00Z", "2026-12-06T00:00:00Z") == (found.issuedAt, found.expiresAt)


def test_an_unsigned_file_is_read_again() -> None:
    assert made(f"bitcoin:{GENESIS}") == read(UNSIGNED)
    check_signature(None)


def test_the_file_is_one_line_of_readable_texts() -> None:
    assert 1 == SIGNED.count(b"\n")
    assert SIGNED.endswith(b"}\n")
    assert b"custody-attest challenge v1\\nentity: 5493001KJTIIGC8Y1R12\\n" in SIGNED


def test_the_signature_is_over_the_form_without_signatures() -> None:
    document = json.loads(SIGNED)
    (signature,) = document.pop("signatures")
    payload = canonical(document)
    message = b"DSSEv1 %d %s %d %s" % (
        len(PAYLOAD_TYPE),
        PAYLOAD_TYPE.encode(),
        len(payload),
        payload,
    )
    KEY.public.verify(base64.b64decode(signature["sig"]), message)


def test_texts_are_for_accounts_keys_and_every_evm_network() -> None:
    accounts = declared(
        f"bitcoin:{GENESIS}", f"ethereum:{DONE}", f"base:{DONE}", f"bitcoin:{ZPUB}?last=3"
    )
    found = subjects(accounts)
    (key,) = (one for one in found if "(" in one)
    assert key.startswith(f"{BITCOIN}:wpkh(xpub")
    expected = {
        f"{BITCOIN}:{GENESIS}",
        f"eip155:1:{DONE}",
        f"eip155:8453:{DONE}",
        f"eip155:*:{DONE}",
        key,
    }
    assert sorted(expected) == list(found)


def test_an_evm_address_has_a_text_for_its_network_and_one_for_all() -> None:
    assert (f"eip155:*:{DONE}", f"eip155:1:{DONE}") == subjects(declared(f"ethereum:{DONE}"))


def test_an_address_declared_beside_its_key_has_its_own_text() -> None:
    key, address = f"bitcoin:{ZPUB}?last=1", f"bitcoin:{RECEIVE_0}"
    for order in ((key, address), (address, key)):
        found = subjects(declared(*order))
        assert 2 == len(found)
        assert f"{BITCOIN}:{RECEIVE_0}" in found
        assert f"{BITCOIN}:{CHANGE_0}" not in found


def test_an_extended_key_is_issued_and_read_again() -> None:
    data = write_challenges(made(f"bitcoin:{ZPUB}?last=3"), KEY)
    (account,) = read(data).texts
    assert account.endswith("/<0;1>/*)")


@pytest.mark.parametrize("name", ["株式会社 取引所", "Exämple", "Example\u00a0Exchange"])
def test_an_entity_without_an_ascii_name_needs_an_lei(name: str) -> None:
    error = refusal(lambda: made(f"bitcoin:{GENESIS}", entity=Entity(name=name)))
    hint = "a device may show other characters differently; give an LEI or an ASCII name"
    assert (f"not printable ASCII: {name!r}", hint) == (str(error), error.hint)
    named = made(f"bitcoin:{GENESIS}", entity=replace(ENTITY, name=name))
    assert "5493001KJTIIGC8Y1R12" == named.entity


@pytest.mark.parametrize("issuer", ["", " ", "監査法人", "a\nb", " Audit", "Audit ", "a\x7f"])
def test_an_issuer_is_printable_ascii(issuer: str) -> None:
    error = refusal(lambda: made(f"bitcoin:{GENESIS}", issuer=issuer))
    assert f"not printable ASCII: {issuer!r}" == str(error)


def test_an_issuer_has_a_length() -> None:
    read(write_challenges(made(f"bitcoin:{GENESIS}", issuer="x" * 200), KEY))
    error = refusal(lambda: made(f"bitcoin:{GENESIS}", issuer="x" * 201))
    assert "name of 201 characters, at most 200 are allowed" == str(error)


def test_every_bit_of_a_signed_file_counts() -> None:
    read(SIGNED)
    for place, byte in enumerate(SIGNED):
        for bit in range(8):
            altered = SIGNED[:place] + bytes((byte ^ (1 << bit),)) + SIGNED[place + 1 :]
            with pytest.raises(InputError):
                read(altered)


def test_every_byte_taken_out_is_noticed() -> None:
    for place in range(len(SIGNED) - 1):
        with pytest.raises(InputError):
            read(SIGNED[:place] + SIGNED[place + 1 :])
        with pytest.raises(InputError):
            read(SIGNED[:place])


@pytest.mark.parametrize("added", [b" ", b"\t", b'"', b"\\", b",", b"0"])
def test_every_byte_put_in_is_noticed(added: bytes) -> None:
    for place in range(len(SIGNED)):
        with pytest.raises(InputError):
            read(SIGNED[:place] + added + SIGNED[place:])


@pytest.mark.parametrize(
    "data",
    [SIGNED.rstrip(), SIGNED + b"\n", SIGNED[:-1] + b"\r\n", b"\xef\xbb\xbf" + SIGNED],
)
def test_what_an_editor_adds_at_the_edges_is_taken_off(data: bytes) -> None:
    assert read(SIGNED) == read(data)


def test_a_signed_file_is_in_canonical_form() -> None:
    document = json.loads(SIGNED)
    for data in (
        json.dumps(document, indent=2, sort_keys=True),
        SIGNED.decode().rstrip() + " ",
        SIGNED.decode().replace("Example Audit", "Example\\u0020Audit"),
    ):
        error = refusal(read, data.encode())
        assert f"{NAME}: signed, and not in canonical form (RFC 8785)" == str(error)
        assert "use the file as the issuer wrote it" == error.hint


def test_an_unsigned_file_may_be_written_by_hand() -> None:
    document = json.loads(UNSIGNED)
    for text in (json.dumps(document, indent=2), json.dumps({**document, "signatures": []})):
        assert read(UNSIGNED) == read(text.encode())


def signed_with(**changes: object) -> bytes:
    document = json.loads(SIGNED)
    document["signatures"][0] |= changes
    return canonical(document) + b"\n"


@pytest.mark.parametrize("sig", ["", "é", "AAAA", "AAA", "A A=", "====", "\n"])
def test_a_signature_that_is_none_is_refused(sig: str) -> None:
    error = refusal(read, signed_with(sig=sig))
    assert "challenges.json: the issuer's signature does not verify" == str(error)


def test_base64_has_one_form() -> None:
    sig = json.loads(SIGNED)["signatures"][0]["sig"]
    # 64 bytes end in `==`: the last letter before it carries four unused bits.
    assert sig.endswith("==")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = letters[letters.index(sig[-3]) ^ 1]
    same = sig[:-3] + other + "=="
    assert base64.b64decode(sig) == base64.b64decode(same)
    error = refusal(read, signed_with(sig=same))
    assert "challenges.json: the issuer's signature does not verify" == str(error)


def test_a_key_has_one_form_and_its_own_id() -> None:
    other = key_of("ed25519").public
    pem = KEY.public.pem.decode()
    for changes in (
        {"keyid": other.keyid},
        {"publicKey": other.pem.decode()},
        {"publicKey": pem.replace("\n", "\r\n")},
        {"publicKey": pem + "\n"},
        {"publicKey": "a comment\n" + pem},
    ):
        found = str(refusal(read, signed_with(**changes)))
        assert found.startswith(f"{NAME}: keyid is ")
    both = signed_with(keyid=other.keyid, publicKey=other.pem.decode())
    assert "does not verify" in str(refusal(read, both))
    assert "not a public key in PEM" in str(refusal(read, signed_with(publicKey="")))


def test_another_issuer_s_signature_is_another_issuer_s() -> None:
    other = key_of("p256")
    found = read(write_challenges(read(SIGNED), other))
    assert [other.public.keyid] == [one.keyid for one in found.signatures]


def test_a_signature_is_not_taken_from_another_kind_of_document() -> None:
    document = json.loads(UNSIGNED)
    raw = KEY.sign(pae("application/vnd.in-toto+json", canonical(document)))
    error = refusal(read, signed_with(sig=base64.b64encode(raw).decode()))
    assert "does not verify" in str(error)


def test_two_signatures_are_refused() -> None:
    document = json.loads(SIGNED)
    document["signatures"] *= 2
    error = refusal(read, canonical(document))
    assert f"{NAME}: signatures: one issuer signs, met 2 signatures" == str(error)


@given(st.binary(max_size=40), st.integers(min_value=0, max_value=len(UNSIGNED)))
def test_any_bytes_are_read_or_refused(data: bytes, place: int) -> None:
    for text in (data, UNSIGNED[:place] + data + UNSIGNED[place + len(data) :]):
        with contextlib.suppress(InputError):
            read(text)
