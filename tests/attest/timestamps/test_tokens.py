"""What is taken out of a reply, what is refused in it, and its one kept form."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from attest.errors import InvalidTimestamp
from attest.timestamps import der
from attest.timestamps.der import write
from attest.timestamps.tokens import MAX_REPLY, kept, read_reply, read_token
from tests.attest.timestamps import forge
from tests.attest.timestamps.forge import DATA, Forged, algorithm, attribute, sequence
from tests.attest.timestamps.tsa import issue

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = issue("root", ca=True)
OWN = issue("own", ROOT)
HONEST = Forged(OWN)
REPLY = HONEST.reply()
CERTIFICATE = HONEST.certificate
CRITICAL = write(
    der.SECOND, sequence(write(der.OID, DATA), write(der.BOOLEAN, b"\xff"), write(der.OCTETS))
)
NO_HASH = sequence(algorithm(forge.SHA256))
OTHER = Forged(issue("other", ROOT)).certificate


def refusal(
    reply: bytes, read: Callable[[bytes], object] = read_reply, what: str | None = None
) -> str:
    with pytest.raises(InvalidTimestamp, match=what) as met:
        read(reply)
    return met.value.reason


def changed(**parts: Any) -> bytes:  # noqa: ANN401 - fields by name
    return replace(HONEST, **parts).reply()


def test_an_honest_reply_keeps_its_bytes() -> None:
    assert REPLY == kept(read_reply(REPLY))
    assert read_reply(REPLY) == read_token(REPLY)


@pytest.mark.parametrize(
    "parts",
    [
        {"text": sequence(write(0x0C, b"Operation Okay"))},
        {"unsigned": write(der.SECOND, attribute(DATA, der.write_integer(1)))},
        {"beside": (CERTIFICATE, OTHER)},
        {"beside": (OTHER, CERTIFICATE)},
        {"beside": (CERTIFICATE, CERTIFICATE)},
        {"beside": (CERTIFICATE, write(der.SECOND, b"an attribute certificate"))},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_what_nobody_signed_is_left_out(parts: dict[str, object]) -> None:
    reply = changed(**parts)

    same = replace(read_reply(reply), signature=read_reply(REPLY).signature)
    assert REPLY == kept(same)
    assert "malformed_timestamp" == refusal(reply, read_token)


@pytest.mark.parametrize(
    "parts",
    [
        {"version": 2},
        {"kind": DATA},
        {"stated": DATA},
        {"naming": ()},
        {"naming": (forge.names_v2(OTHER),)},
        {"naming": (forge.names_v1(OTHER),)},
        {"naming": (forge.names_v2(CERTIFICATE), forge.names_v1(OTHER))},
        {"naming": (forge.names_v2(CERTIFICATE), forge.names_v2(CERTIFICATE))},
        {"naming": (attribute(forge.CERTIFICATE_V2),)},
        {"naming": (attribute(forge.CERTIFICATE_V2, sequence(sequence(sequence()))),)},
        {"naming": (attribute(forge.CERTIFICATE_V2, sequence(sequence(NO_HASH))),)},
        {"naming": (forge.names_v2(CERTIFICATE), write(der.NULL))},
        {"beside": ()},
        {"beside": (OTHER,)},
        {"beside": (write(der.SEQUENCE, b""),)},
        {"signers": 0},
        {"signers": 2},
        {"after": (CRITICAL,)},
        {"after": (write(der.INTEGER),)},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_what_is_refused(parts: dict[str, object]) -> None:
    assert "malformed_timestamp" == refusal(changed(**parts))


def test_a_certificate_may_be_named_by_other_digests() -> None:
    sha512 = bytes.fromhex("608648016503040203")
    hashed = write(der.OCTETS, hashlib.sha512(CERTIFICATE).digest())
    second = attribute(
        forge.CERTIFICATE_V2, sequence(sequence(sequence(algorithm(sha512), hashed)))
    )
    for naming in ((forge.names_v1(CERTIFICATE),), (second,)):
        reply = changed(naming=naming)

        assert reply == kept(read_reply(reply))


def test_an_extension_that_is_not_critical_is_passed_over() -> None:
    extension = sequence(write(der.OID, DATA), write(der.OCTETS))
    reply = changed(after=(der.write_integer(5), write(der.SECOND, extension)))

    assert 5 == read_reply(reply).imprint.nonce


def test_a_key_that_is_neither_of_a_curve_nor_rsa() -> None:
    own = issue("own", ROOT, key=ed25519.Ed25519PrivateKey.generate())
    token = read_reply(Forged(replace(own, key=OWN.key)).reply())

    with pytest.raises(InvalidTimestamp, match="expected EC or RSA"):
        kept(token)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x05" + REPLY[4:9],
        b"\x30\x85\x01\x00\x00\x00\x00",
        b"\x3f\x20\x00",
        sequence(sequence(write(der.INTEGER, b"\0\0"))),
        sequence(sequence(der.write_integer(0))),
        sequence(sequence(der.write_integer(0)), write(der.SET)),
        sequence(),
    ],
)
def test_bytes_that_are_no_reply(data: bytes) -> None:
    assert "malformed_timestamp" == refusal(data)


@given(st.data())
def test_whatever_is_taken_has_one_kept_form(data: st.DataObject) -> None:
    reply = bytearray(REPLY)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(reply) - 1))
        reply[at] = data.draw(st.integers(0, 255))
    try:
        token = read_reply(bytes(reply))
    except InvalidTimestamp:
        return

    assert token == read_token(kept(token))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for reply in (data, sequence(sequence(der.write_integer(0)), data)):
        refusal(reply)


def test_a_reply_that_is_too_large() -> None:
    what = f"{MAX_REPLY + 1} bytes, the limit is {MAX_REPLY}"
    assert "malformed_timestamp" == refusal(bytes(MAX_REPLY + 1), what=what)


def test_content_that_is_not_signed_data() -> None:
    reply = REPLY.replace(forge.SIGNED_DATA, DATA)
    assert "malformed_timestamp" == refusal(reply, what="content is not signed data")
