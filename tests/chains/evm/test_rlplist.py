from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evm.rlplist import EMPTY, LIST_HEAD, encode_list, split_list, string_of
from tests.chains.evm import oracle

STRINGS = st.one_of(
    st.binary(max_size=70),
    st.sampled_from([b"", b"\0", b"\x7f", b"\x80", b"a" * 55, b"a" * 56, b"a" * 255, b"a" * 256]),
)
ITEMS = st.recursive(STRINGS, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def read(item: bytes) -> oracle.Item:
    """Read an item and all in it with the functions under test."""
    if item[:1] < bytes((LIST_HEAD,)):
        return string_of(item)
    return [read(inner) for inner in split_list(item)]


def opinions(data: bytes) -> tuple[oracle.Item | None, oracle.Item | None]:
    """Give what the package and what the functions under test read; None for a refusal."""
    try:
        expected: oracle.Item | None = oracle.decode(data)
    except oracle.RlpRefused:
        expected = None
    try:
        found: oracle.Item | None = read(data)
    except ValueError:
        found = None
    return expected, found


@given(st.lists(STRINGS, max_size=20))
def test_lists_are_written_as_the_rlp_package_writes_them(strings: list[bytes]) -> None:
    encoded = encode_list(strings)

    assert oracle.encode(strings) == encoded
    assert strings == [string_of(item) for item in split_list(encoded)]


@pytest.mark.parametrize("size", [0, 1, 54, 55, 56, 255, 256, 65_535, 65_536, 70_000])
def test_lengths_are_written_as_the_rlp_package_writes_them(size: int) -> None:
    assert oracle.encode([b"\xab" * size]) == encode_list([b"\xab" * size])
    assert oracle.encode([b"\x05"] * size) == encode_list([b"\x05"] * size)


@given(ITEMS, st.data())
def test_changed_bytes_are_read_as_the_rlp_package_reads_them(
    item: oracle.Item, draw: st.DataObject
) -> None:
    encoded = bytearray(oracle.encode(item))
    for _ in range(draw.draw(st.integers(0, 2))):
        encoded[draw.draw(st.integers(0, len(encoded) - 1))] = draw.draw(st.integers(0, 255))
    data = bytes(encoded[: draw.draw(st.integers(len(encoded) - 1, len(encoded)))])
    expected, found = opinions(data)

    assert expected == found


@given(st.binary(max_size=80))
def test_any_bytes_are_read_as_the_rlp_package_reads_them(data: bytes) -> None:
    expected, found = opinions(data)

    assert expected == found


def test_every_list_of_two_bytes_is_read_as_the_rlp_package_reads_it() -> None:
    for number in range(1 << 16):
        data = b"\xc2" + number.to_bytes(2, "big")
        expected, found = opinions(data)
        assert expected == found, data.hex()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x05",
        b"\x80",
        b"\x83abc",
        b"\xc0\xc0",
        b"\xc1",
        b"\xc2\x05",
        b"\xc2\x81\x05",
        b"\xc2\x82\x05",
        b"\xc3\xc3\x05\x05",
        b"\xc1\xa0",
        b"\xe0\xa0" + bytes(31),
        b"\xc1\xb8",
        b"\xc6\xb8\x04abcd",
        b"\xf8\x37" + b"\x05" * 55,
        b"\xf9\x00\x38" + b"\x05" * 56,
        b"\xf8\x38" + b"\x05" * 55,
        b"\xf8\x38" + b"\x05" * 57,
        b"\xf8",
        b"\xff" + b"\xff" * 8,
        b"\xff" + b"\xff" * 7,
    ],
)
def test_what_is_no_list_in_its_shortest_form_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="rlp: "):
        split_list(data)


@pytest.mark.parametrize(
    "item",
    [
        b"",
        b"\xc0",
        b"\x81",
        b"\x81\x05",
        b"\x80\x80",
        b"\x05\x05",
        b"\x82a",
        b"\x82abc",
        b"\xb8\x04abcd",
        b"\xb8",
        b"\xb9\x00\x38" + b"a" * 56,
        b"\xbf" + b"\xff" * 8,
    ],
)
def test_what_is_no_string_in_its_shortest_form_is_refused(item: bytes) -> None:
    with pytest.raises(ValueError, match="rlp: "):
        string_of(item)


def test_a_list_is_not_looked_into() -> None:
    deep = b"\xc0"
    for _ in range(200):
        deep = encode(deep)

    assert (deep,) == split_list(encode(deep))


def encode(payload: bytes) -> bytes:
    """Put a payload in a list."""
    if len(payload) < 56:
        return bytes((LIST_HEAD + len(payload),)) + payload
    size = len(payload).to_bytes((len(payload).bit_length() + 7) // 8, "big")
    return bytes((LIST_HEAD + 55 + len(size),)) + size + payload


def test_the_empty_string() -> None:
    assert b"" == string_of(EMPTY)
    assert b"\xc1\x80" == encode_list([b""])
