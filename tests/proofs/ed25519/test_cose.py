from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.cardano.address import address_of_key, data_of
from proofs.ed25519 import cbor
from tests.proofs.ed25519.ed25519_claims import (
    ADDRESSES,
    ENTERPRISE,
    PUBLIC,
    claim,
    sign,
    vectors,
    verdict,
)

SCHEME = "ed25519-prefixed"
PUBLISHED = vectors("cardano-cip-8")[0]
SCRIPT = "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx"
"""CIP-19's own example of an address whose payments a script decides."""


def signed(payload: bytes, address: str = "", **changes: Any) -> str:  # noqa: ANN401 - any value
    """Make a COSE_Sign1 with an independent encoder; `changes` replaces its parts."""
    header = {1: -8, "address": data_of(address or ADDRESSES["cardano"])}
    protected = changes.get("protected", cbor2.dumps({**header, **changes.get("header", {})}))
    structure = cbor2.dumps(["Signature1", protected, b"", payload])
    parts = [protected, changes.get("unprotected", {"hashed": False}), payload, sign(structure)]
    return cbor2.dumps(changes.get("value", parts)).hex()


def outcome(message: bytes, signature: str, **changes: str) -> str:
    return verdict(SCHEME, claim("cardano", message, signature, profile="cip-8", **changes))


def published() -> Any:  # noqa: ANN401 - a claim
    return claim(
        "cardano",
        PUBLISHED["message"].encode(),
        PUBLISHED["signature"],
        PUBLISHED["address"],
        PUBLISHED["public_key"],
        "cip-8",
    )


def test_the_published_message() -> None:
    assert "proved" == verdict(SCHEME, published())
    assert "message_not_signed" == verdict(SCHEME, replace(published(), message=b"hello "))


def test_every_flipped_byte_of_the_published_message_is_refused() -> None:
    data = bytes.fromhex(PUBLISHED["signature"])
    # The word `hashed` is in no signature: renamed, it is not there, and false is the default.
    name = data.index(b"hashed")
    for place in range(len(data)):
        if name <= place < name + len(b"hashed"):
            continue
        changed = data[:place] + bytes((data[place] ^ 0x55,)) + data[place + 1 :]
        assert "proved" != verdict(SCHEME, replace(published(), signature=changed.hex()))


def test_every_prefix_and_any_tail_is_refused() -> None:
    text = PUBLISHED["signature"]
    for size in range(0, len(text), 2):
        assert "malformed_signature" == verdict(SCHEME, replace(published(), signature=text[:size]))
    assert "malformed_signature" == verdict(SCHEME, replace(published(), signature=text + "00"))


def test_a_key_may_be_given_as_a_wallet_does() -> None:
    text = b"proof"
    key = cbor2.dumps({1: 1, 3: -8, -1: 6, -2: PUBLIC}).hex()
    assert "proved" == outcome(text, signed(text), public_key=key)
    for wrong in (
        {1: 2, -1: 6, -2: PUBLIC},
        {1: 1, -1: 1, -2: PUBLIC},
        {1: 1, 3: -7, -1: 6, -2: PUBLIC},
        {1: 1, -1: 6, -2: PUBLIC[1:]},
        {1: 1, -1: 6, -2: PUBLIC, -4: bytes(32)},
        {1: 1, -1: 6},
        [1, 1],
    ):
        given = cbor2.dumps(wrong).hex()
        assert "malformed_public_key" == outcome(text, signed(text), public_key=given)


def test_the_text_may_be_hashed() -> None:
    text = b"proof"
    digest = hashlib.blake2b(text, digest_size=28).digest()
    assert "proved" == outcome(text, signed(digest, unprotected={"hashed": True}))
    assert "message_not_signed" == outcome(text, signed(text, unprotected={"hashed": True}))
    assert "message_not_signed" == outcome(text, signed(digest, unprotected={}))
    for odd in (1, 0, "true", None):
        given = signed(text, unprotected={"hashed": odd})
        assert "malformed_signature" == outcome(text, given)


def test_the_header_names_the_address() -> None:
    text = b"proof"
    other = address_of_key(bytes(32), like=ENTERPRISE)
    assert "address_not_signed" == outcome(text, signed(text, other))
    for header in ({"address": "text"}, {1: -7}, {2: ["x"]}, {"x": 1}):
        assert "malformed_signature" == outcome(text, signed(text, header=header))
    for protected in (b"", b"\xa0", b"\x80", cbor2.dumps({1: -8})):
        assert "malformed_signature" == outcome(text, signed(text, protected=protected))


@pytest.mark.parametrize(
    "value",
    [
        [],
        [b"", {}, b""],
        [b"", {}, b"", b""],
        [b"", [], b"", bytes(64)],
        [b"", {}, None, bytes(64)],
        {},
        1,
    ],
)
def test_another_shape_is_refused(value: object) -> None:
    assert "malformed_signature" == outcome(b"proof", signed(b"proof", value=value))


def test_the_key_must_be_the_payment_key_of_the_address() -> None:
    text = b"proof"
    given = signed(text, ENTERPRISE)
    assert "key_mismatch" == outcome(text, given, address=ENTERPRISE)
    assert "not_a_key" == outcome(text, signed(text, SCRIPT), address=SCRIPT)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.binary() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers(0, 99) | st.text(), inner),
    max_leaves=5,
)


def plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@given(VALUES)
def test_what_another_library_writes_is_read(value: object) -> None:
    data = cbor2.dumps(value)
    try:
        assert plain(value) == cbor.decode(data)
    except cbor.CborError as error:
        assert "too many levels" == str(error)  # noqa: PT017 - the only reason there may be


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cbor.decode(data)
    except cbor.CborError:
        return
    cbor2.loads(data)


@pytest.mark.parametrize("size", [0, 23, 24, 255, 256, 65535, 65536])
def test_byte_strings_are_written_as_another_library_does(size: int) -> None:
    assert cbor2.dumps(bytes(size)) == cbor.encode_bytes(bytes(size))


@pytest.mark.parametrize(
    "text",
    [
        "a201000100",
        "a1f500",
        "c100",
        "5f4100ff",
        "fb3ff0000000000000",
        "9affffffff",
        "bbffffffffffffffff",
        "818181818100",
        "5bffffffffffffffff",
        "61ff",
        "f8",
        "1c",
        "",
        "0000",
    ],
)
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(cbor.CborError):
        cbor.decode(bytes.fromhex(text))
