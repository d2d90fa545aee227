from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.signers.uri import MAX_URI, KeyPlace, parse_uri
from config.errors import InputError

MODULE = "?module-path=/usr/lib/libmodule.so"


def place(token: str | None, serial: str | None, label: str | None, of: bytes | None) -> KeyPlace:
    return KeyPlace("/usr/lib/libmodule.so", token, serial, label, of)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("pkcs11:token=att;object=p256", place("att", None, "p256", None)),
        ("pkcs11:object=p256;token=att;type=private", place("att", None, "p256", None)),
        ("pkcs11:serial=7a3e;id=%01%fF", place(None, "7a3e", None, b"\x01\xff")),
        ("pkcs11:token=a%20b%3Bc;id=ab;object=%C3%A9", place("a b;c", None, "é", b"ab")),
    ],
)
def test_a_uri_names_module_token_and_key(uri: str, expected: KeyPlace) -> None:
    assert expected == parse_uri(uri + MODULE)


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("pkcs11:", "no token is named"),
        ("pkcs11:object=p256" + MODULE, "no token is named"),
        ("pkcs11:token=att" + MODULE, "no object is named"),
        ("pkcs11:token=att;object=p256", "module-path is not given, or is not absolute"),
        ("pkcs11:token=att;object=p256?module-path=lib.so", "is not absolute"),
        ("pkcs11:token=att;token=att;object=p256" + MODULE, "token is given twice"),
        ("pkcs11:token=att;object=p256;type=public" + MODULE, "type is not 'private'"),
        ("pkcs11:token=att;object=p256;slot-id=1" + MODULE, "a part is not one of token, serial"),
        ("pkcs11:token=att;object=p256;x-mine=1" + MODULE, "a part is not one of token, serial"),
        ("pkcs11:token=att;object=p256" + MODULE + "&module-name=a", "a part is not one of module"),
        ("pkcs11:token=;object=p256" + MODULE, "token is empty"),
        ("pkcs11:token=a b;object=p256" + MODULE, "must be written as %XX"),
        ("pkcs11:token=a%2;object=p256" + MODULE, "must be written as %XX"),
        ("pkcs11:token=%ff;object=p256" + MODULE, "token is not UTF-8"),
        ("pkcs11:token=%0a;object=p256" + MODULE, "cannot be shown"),
        ("pkcs11:token=att;;object=p256" + MODULE, "a part is not one of"),
        ("pkcs11:token=att;object=p256?" + MODULE, "a part is not one of"),
        ("pkcs11:token=att;object=" + "x" * MAX_URI, "the limit is 4096"),
    ],
)
def test_what_is_not_understood_is_refused(uri: str, error: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_uri(uri)

    assert error in caught.value.what
    assert caught.value.hint.startswith("write pkcs11:token=")


@pytest.mark.parametrize("name", ["pin-value", "pin-source"])
@pytest.mark.parametrize("joined", [";{}={}" + MODULE, MODULE + "&{}={}"])
def test_a_pin_in_a_uri_is_refused_and_not_repeated(name: str, joined: str) -> None:
    with pytest.raises(InputError, match=f"{name} is refused") as caught:
        parse_uri("pkcs11:token=att;object=p256" + joined.format(name, "987654"))

    assert "987654" not in caught.value.what + caught.value.hint


PARTS = st.sampled_from(
    [
        *("pkcs11:", "token", "serial", "object", "id", "type", "private", "module-path", "/a.so"),
        *("=", ";", "?", "&", "%", "%41", "%ff", "pin-value", "é", " ", "\n"),
    ]
)


@given(st.lists(PARTS, max_size=14).map("".join) | st.text(max_size=80))
def test_nothing_but_our_own_error_comes_out(text: str) -> None:
    try:
        found = parse_uri(f"pkcs11:{text}")
    except InputError:
        return
    assert found.module.startswith("/")
    assert found.token or found.serial
    assert found.label or found.id
