from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chains.wire import MAX_DEPTH, decode_json, encode_json

if TYPE_CHECKING:
    from chains.evidence import Json

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", None),
        ("[1,[2]]", (1, (2,))),
        ('{"a":[true,""]}', {"a": (True, "")}),
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("1.50000000", "1.50000000"),
        ("1e5", "1e5"),
        ("9007199254740991", 2**53 - 1),
        ("-9007199254740991", 1 - 2**53),
        ("9007199254740992", "9007199254740992"),
        ("-9007199254740992", "-9007199254740992"),
        ("1" * 5000, "1" * 5000),
        ('"\\u00e9"', "é"),
        (" [ ] ", ()),
    ],
)
def test_values_are_kept_without_loss(text: str, expected: Json) -> None:
    assert expected == decode_json(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1 2",
        b"{} x",
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'"a\nb"',
        b"01",
        b"+1",
        b"0x10",
        b"<html></html>",
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kinds of ValueError are the parser's own
        decode_json(data)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded(opening: str, closing: str) -> None:
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert decode_json(nested(MAX_DEPTH)) is not None
    for depth in (MAX_DEPTH + 1, 2 * MAX_DEPTH, 1000, 200_000):
        with pytest.raises(ValueError, match="nested deeper than 32"):
            decode_json(nested(depth))


@pytest.mark.parametrize("before", ["", "[[", '{"a":', '["\\"",', '["]]",', '["\u0022",'])
def test_the_parser_is_not_asked_about_deep_text(before: str) -> None:
    # With the recursion limit raised, as libraries do, the parser would end the process.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    try:
        with pytest.raises(ValueError, match="nested deeper than 32"):
            decode_json(before.encode() + b"[" * 200_000)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    "text", ["[[[[", "]]]]", "{{{{", '\\"', "[[\\", "a[b]{c}", "é[{", "\\\\[", "}{"]
)
def test_brackets_in_strings_do_not_count(text: str) -> None:
    document = {"a" + text * 20: (text * 50, "", text)}
    assert document == decode_json(json.dumps(document).encode())


@given(documents)
def test_what_was_read_is_written_again(document: Json) -> None:
    written = encode_json(document)
    assert document == decode_json(written)
    assert written == encode_json(decode_json(written))
    assert json.loads(written) == json.loads(json.dumps(document))


@given(st.binary(max_size=200))
def test_nothing_but_value_error_escapes(data: bytes) -> None:
    try:
        decode_json(data)
    except ValueError:
        return


@given(documents)
def test_the_plain_way_of_writing_is_rfc_8785(value: Json) -> None:
    assert encode_json(value) == rfc8785.dumps(value)
