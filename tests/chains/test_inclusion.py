"""The answer to whether a transaction is in a block: one value, one text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.inclusion import (
    ABSENT,
    MAX_TEXT,
    Inclusion,
    Prevout,
    decode_inclusion,
    encode_inclusion,
)

BLOCK = "0x" + "5f" * 32
RIGHT = '{"height":7,"prevouts":[{"script":"51","units":"10"}],"status":"success"}'


def test_the_forms_that_the_module_shows() -> None:
    known = {
        '{"status":"absent"}': ABSENT,
        f'{{"block":"{BLOCK}","height":7,"status":"failed"}}': Inclusion("failed", 7, BLOCK),
        RIGHT: Inclusion("success", 7, "", (Prevout("51", 10),)),
    }
    for text, value in known.items():
        assert encode_inclusion(value) == text
        assert decode_inclusion(text) == value


@given(
    st.sampled_from(["success", "failed"]),
    st.integers(0, 2**53 - 1),
    st.sampled_from(["", BLOCK]),
    st.lists(st.builds(Prevout, st.binary().map(bytes.hex), st.integers(0, 10**18)), max_size=4),
)
def test_what_is_written_is_read(
    status: str, height: int, block: str, prevouts: list[Prevout]
) -> None:
    value = Inclusion(status, height, block, tuple(prevouts))  # type: ignore[arg-type]
    assert decode_inclusion(encode_inclusion(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"status":"maybe"}',
        '{"status":"success"}',
        '{"height":7,"status":"absent"}',
        '{"height":-1,"status":"success"}',
        '{"height":true,"status":"success"}',
        '{"height":"7","status":"success"}',
        '{"height":7.0,"status":"success"}',
        '{"block":"","height":7,"status":"success"}',
        '{"block":7,"height":7,"status":"success"}',
        f'{{"block":"{BLOCK[2:]}","height":7,"status":"success"}}',
        '{"height":7,"more":1,"status":"success"}',
        '{"height":7,"prevouts":[],"status":"success"}',
        '{"height":7,"prevouts":{},"status":"success"}',
        '{"height":7,"prevouts":[1],"status":"success"}',
        RIGHT.replace('"51"', '"5"'),
        RIGHT.replace('"51"', '"5A"'),
        RIGHT.replace('"10"', "10"),
        RIGHT.replace('"10"', '"010"'),
        RIGHT.replace('"10"', '"-1"'),
        RIGHT + "\n",
        RIGHT.replace(":", ": ", 1),
        '{"status":"success","height":7}',
        " " * (MAX_TEXT + 1),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of many
        decode_inclusion(text)


@given(st.text(max_size=80))
def test_nothing_but_value_errors_comes_out(text: str) -> None:
    try:
        decode_inclusion(text)
    except ValueError:
        return
    assert text == encode_inclusion(decode_inclusion(text))
