from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.statement import build_statement, canonical, check_name, read_statement
from config.errors import InputError

KIND = "urn:custody-attest:attestation:v0"
SUBJECTS = {"evidence/a.json": "0" * 64, "VERIFY.md": "1" * 64}
GOOD = build_statement(KIND, {"amount": "1"}, SUBJECTS)


def changed(**change: object) -> bytes:
    return canonical({**json.loads(GOOD), **change})


def subject(name: object = "a", digest: object = "0" * 64) -> dict[str, object]:
    return {"name": name, "digest": {"sha256": digest}}


def test_what_is_built_is_read() -> None:
    statement = read_statement(GOOD)

    assert statement.predicate_type == KIND
    assert statement.predicate == {"amount": "1"}
    assert statement.subjects == SUBJECTS


def test_the_bytes_are_canonical_and_in_order() -> None:
    assert GOOD == (
        b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"amount":"1"},'
        b'"predicateType":"urn:custody-attest:attestation:v0","subject":['
        b'{"digest":{"sha256":"' + b"1" * 64 + b'"},"name":"VERIFY.md"},'
        b'{"digest":{"sha256":"' + b"0" * 64 + b'"},"name":"evidence/a.json"}]}'
    )


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (GOOD + b" ", "canonical"),
        (GOOD.replace(b":", b": ", 1), "canonical"),
        (b"[]", "not a statement"),
        (b"", "not JSON"),
        (b'{"a":1,"a":1}', "key given twice"),
        (b'{"a":0.5}', "number not allowed"),
        (b'{"a":9007199254740993}', "beyond 2"),
        (changed(_type="https://in-toto.io/Statement/v0.1"), "_type is"),
        (changed(predicateType=1), "wrong form"),
        (changed(predicate=[]), "wrong form"),
        (changed(more=1), "keys differ"),
        (changed(subject=[]), "no subjects"),
        (changed(subject={}), "no subjects"),
        (changed(subject=[subject(), subject()]), "two subjects"),
        (changed(subject=[subject("a"), subject("A")]), "two subjects"),
        (changed(subject=[subject(digest="0" * 63)]), "wrong form"),
        (changed(subject=[subject(digest="G" * 64)]), "wrong form"),
        (changed(subject=[subject(1)]), "wrong form"),
        (changed(subject=[{**subject(), "uri": "x"}]), "wrong form"),
        (changed(subject=[{"name": "a", "digest": {"sha256": "0" * 64, "md5": ""}}]), "wrong"),
        (changed(subject=[subject("../a")]), "plain relative path"),
    ],
)
def test_anything_else_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_statement(payload)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        ".",
        "a/./b",
        "a\\b",
        "a\nb",
        "é",
        "a" * 301,
        "...",
        "~",
    ],
)
def test_names_that_are_no_plain_paths_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="plain relative path"):
        check_name(name)


@pytest.mark.parametrize("name", ["a", "a/b.csv", ".hidden", "a b/c", "0001.signer.dsse.json"])
def test_plain_paths_pass(name: str) -> None:
    check_name(name)


def test_a_payload_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attest.statement.MAX_PAYLOAD", 10)

    with pytest.raises(InputError, match="the limit is 10"):
        read_statement(GOOD)


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(InputError, match="canonical form"):
        canonical({"wei": 10**18})


@given(st.binary(max_size=300))
def test_nothing_else_escapes(payload: bytes) -> None:
    with pytest.raises(InputError):
        read_statement(payload)


@given(st.text(max_size=40))
def test_a_name_passes_or_is_refused(name: str) -> None:
    try:
        check_name(name)
    except InputError:
        return
    assert not name.startswith("/")
    assert ".." not in name.split("/")
