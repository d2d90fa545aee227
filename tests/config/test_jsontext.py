from __future__ import annotations

import contextlib
import json
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InputError
from config.jsontext import MAX_DEPTH, MAX_INTEGER, Number, parse_json, parse_json_as_written
from tests.config.known import refusal

NUMBERS = "write amounts as decimal text in quotes"
DEEP = f"x.json: nested deeper than {MAX_DEPTH}"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": [1, "x", true, null]}', {"a": [1, "x", True, None]}),
        (b' \n"\\ud83d\\ude00"\n', "\U0001f600"),
        (b"[]", []),
        (b"9007199254740991", MAX_INTEGER),
        (b"-9007199254740991", -MAX_INTEGER),
        ('"残高"'.encode(), "残高"),
    ],
)
def test_reads_json(data: bytes, value: object) -> None:
    assert value == parse_json(data, "x.json")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": 1, "a": 1}', "x.json: key given twice: 'a'"),
        (b'[{"b": {"a": 1, "c": 2, "\\u0061": 1}}]', "x.json: key given twice: 'a'"),
        (b"0.1", "x.json: number not allowed: 0.1"),
        (b"1e18", "x.json: number not allowed: 1e18"),
        (b"1.0", "x.json: number not allowed: 1.0"),
        (b'{"a": NaN}', "x.json: number not allowed: NaN"),
        (b"-Infinity", "x.json: number not allowed: -Infinity"),
        (b"9007199254740992", "x.json: integer beyond 2**53: 9007199254740992"),
        (b"-9007199254740992", "x.json: integer beyond 2**53: -9007199254740992"),
        (b"1" * 5000, f"x.json: integer beyond 2**53: {'1' * 40}"),
        (b"", "x.json: not JSON in UTF-8"),
        (b"{} {}", "x.json: not JSON in UTF-8"),
        (b"{}\0", "x.json: not JSON in UTF-8"),
        (b'{"a": 1,}', "x.json: not JSON in UTF-8"),
        (b"01", "x.json: not JSON in UTF-8"),
        (b"+1", "x.json: not JSON in UTF-8"),
        (b"'a'", "x.json: not JSON in UTF-8"),
        (b'"\t"', "x.json: not JSON in UTF-8"),
        (b'"\xff"', "x.json: not JSON in UTF-8"),
        (b"\xef\xbb\xbf{}", "x.json: not JSON in UTF-8"),
        (b'"\\ud800"', "x.json: half a character: '\\ud800'"),
        (b'{"a": [{"\\uDFFF": 1}]}', "x.json: half a character: '\\udfff'"),
        (b'"\\ude00\\ud83d"', "x.json: half a character: '\\ude00\\ud83d'"),
    ],
)
def test_refuses_what_could_mean_two_things(data: bytes, message: str) -> None:
    assert message == str(refusal(parse_json, data, "x.json"))


def test_the_hint_says_how_numbers_are_written() -> None:
    assert NUMBERS == refusal(parse_json, b"0.1", "x.json").hint
    assert "write it as decimal text in quotes" == refusal(parse_json, b"1" * 17, "x.json").hint


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("inside", ["", "1"])
def test_depth_is_limited(opening: str, closing: str, inside: str) -> None:
    inside = inside or (opening + closing).replace(":", ":1")
    depth = MAX_DEPTH if inside == "1" else MAX_DEPTH - 1
    parse_json((opening * depth + inside + closing * depth).encode(), "x.json")
    for more in (1, 2, 40, 500, 900, 200_000):
        text = opening * (depth + more) + inside + closing * (depth + more)
        assert str(refusal(parse_json, text.encode(), "x.json")).startswith(DEEP)


def test_depth_is_limited_where_kinds_alternate() -> None:
    for levels in range(1, 3 * MAX_DEPTH):
        text = "".join('{"a":' if level % 2 else "[" for level in range(levels)) + "1"
        text += "".join("}" if level % 2 else "]" for level in reversed(range(levels)))
        if levels <= MAX_DEPTH:
            parse_json(text.encode(), "x.json")
        else:
            assert str(refusal(parse_json, text.encode(), "x.json")).startswith(DEEP)


@pytest.mark.parametrize("before", ["", "[[", '{"a":', '["\\"",', '["]]",', '["\\\\",'])
def test_the_parser_is_not_asked_about_deep_text(before: str) -> None:
    # With the recursion limit raised, as libraries do, the parser would end the process.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    try:
        error = refusal(parse_json, before.encode() + b"[" * 200_000, "x.json")
    finally:
        sys.setrecursionlimit(limit)
    assert str(error).startswith(DEEP)


def test_many_shallow_brackets_are_read() -> None:
    value = {f'k"[{number}': [{"a": "]}"}, [], "\\"] for number in range(100)}
    assert value == parse_json(json.dumps(value).encode(), "x.json")


def test_a_key_given_twice_among_many_is_found_at_once() -> None:
    text = "{" + ",".join(f'"{number}":1' for number in range(50_000)) + ',"49999":1}'
    start = time.process_time()
    expected = "x.json: key given twice: '49999'"
    assert expected == str(refusal(parse_json, text.encode(), "x.json"))
    assert time.process_time() - start < 5


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_json(data, "x.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(), max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_read_is_what_was_written_and_can_be_written_again(value: object) -> None:
    with contextlib.suppress(InputError):
        found = parse_json(json.dumps(value).encode(), "x.json")
        assert value == found
        json.dumps(found, ensure_ascii=False).encode()


def test_numbers_can_be_kept_as_written() -> None:
    data = b'{"a": [1, 0.10, -2.50e3, 107595993240612342000000], "b": "1"}'
    numbers = [Number(one) for one in ("1", "0.10", "-2.50e3", "107595993240612342000000")]

    assert {"a": numbers, "b": "1"} == parse_json_as_written(data, "x.json")


@pytest.mark.parametrize("data", [b"NaN", b"[-Infinity]", b'{"a": 1, "a": 1}', b"1 2", b"\xff"])
def test_keeping_numbers_is_as_strict(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_json_as_written(data, "x.json")
