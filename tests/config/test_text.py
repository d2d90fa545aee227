from __future__ import annotations

import contextlib
import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from config.errors import InputError, shown
from config.text import MAX_PLAIN, PLAIN, decode, is_plain
from tests.config.known import refusal

LIMIT = 1000


def read(data: bytes) -> str:
    return decode(data, "x.csv", LIMIT)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a,b\n1,2\n", "a,b\n1,2\n"),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", "a,b\n1,2\n"),
        ("残高,1\n".encode(), "残高,1\n"),
        (b"a\n", "a\n"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
    ],
)
def test_text_comes_without_mark_and_with_line_feeds(data: bytes, text: str) -> None:
    assert text == read(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.csv: file is empty"),
        (b" \n\t\r\n", "x.csv: file is empty"),
        (b"\xef\xbb\xbf", "x.csv: file is empty"),
        (b"a\xff", "x.csv: byte 1: not UTF-8"),
        (b"\xff\xfea\x00", "x.csv: byte 0: not UTF-8"),
        (b"\xed\xa0\x80", "x.csv: byte 0: not UTF-8"),
        (b"a\nb\x00", "x.csv: line 2: text expected, met a NUL character"),
        (b"a\nb\rc", "x.csv: line 2: carriage return without a line feed"),
        (b"a\r\r\nb", "x.csv: line 1: carriage return without a line feed"),
        (b"a\n" * 501, "x.csv: file too large: 1002 bytes, the limit is 1000"),
    ],
)
def test_what_is_not_a_text_file_is_refused(data: bytes, message: str) -> None:
    assert message == str(refusal(read, data))


def test_a_file_of_exactly_the_limit_is_read() -> None:
    assert "a\n" * 500 == read(b"a\n" * 500)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        assert "\r" not in read(data)


PLAIN_TEXTS = [
    "Example Exchange",
    "株式会社 取引所",
    "a",
    "Ünïcode 株式会社\u3000東京",
    "नि\u200dष",
]
NOT_PLAIN = [
    "",
    " ",
    " self",
    "self ",
    "self\u3000",
    "a\nb",
    "a\tb",
    "\x1b[2Jcold",
    "a\x9bb",
    "self\u200b",
    "\u202eflesruoy",
    "a\u2066b",
    "a\u2028b",
    "\ufeffself",
]


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_names_of_any_script_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_not_seen_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize("text", PLAIN_TEXTS + NOT_PLAIN)
def test_the_pattern_means_the_same_to_pydantic(text: str) -> None:
    # Python and pydantic have two regular expression engines; both read this pattern.
    checked = TypeAdapter(Annotated[str, StringConstraints(pattern=PLAIN)])
    try:
        checked.validate_python(text)
    except ValidationError:
        taken = False
    else:
        taken = True
    assert is_plain(text) == taken


def test_plain_text_has_a_length() -> None:
    assert is_plain("a" * MAX_PLAIN)
    assert not is_plain("a" * (MAX_PLAIN + 1))


@given(st.text(max_size=20))
def test_plain_text_is_one_line_with_nothing_at_its_edges(text: str) -> None:
    if is_plain(text):
        assert [text] == text.splitlines()
        assert text.strip() == text


def test_a_refused_value_is_shown_short_and_escaped() -> None:
    assert "'\\x1b[2J'" == shown("\x1b[2J")
    assert "'aaa'…" == shown("a" * 1000, 3)
    assert re.fullmatch("'a{80}'…", shown("a" * 81))
