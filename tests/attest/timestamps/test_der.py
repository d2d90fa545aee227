"""DER is read in its one form alone; openssl agrees on what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.timestamps import der
from attest.timestamps.der import cut, exactly, inside, read_integer, single, write, write_integer
from tests.attest.timestamps.tsa import openssl

if TYPE_CHECKING:
    from pathlib import Path


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_what_is_written_is_cut_again(contents: list[bytes]) -> None:
    data = b"".join(write(der.OCTETS, one) for one in contents)

    assert contents == [one.content for one in cut(data)]
    assert data == b"".join(one.whole for one in cut(data))


@given(st.integers(0, 2**160))
def test_integers(value: int) -> None:
    assert value == read_integer(single(write_integer(value), der.INTEGER))


@pytest.mark.parametrize(
    ("content", "value"), [(b"\xff", -1), (b"\x80", -128), (b"\xff\x7f", -129)]
)
def test_negative_integers(content: bytes, value: int) -> None:
    assert value == read_integer(single(write(der.INTEGER, content), der.INTEGER))


@pytest.mark.parametrize("content", [b"", b"\0\0", b"\0\x7f", b"\xff\xff", b"\xff\x80"])
def test_integers_that_are_not_in_their_shortest_form(content: bytes) -> None:
    with pytest.raises(ValueError, match="not an integer in its shortest form"):
        read_integer(single(write(der.INTEGER, content), der.INTEGER))


def test_what_is_no_integer() -> None:
    with pytest.raises(ValueError, match="not an integer"):
        read_integer(single(write(der.OCTETS, b"\1"), der.OCTETS))


@pytest.mark.parametrize(
    "data",
    [
        b"\x04",
        b"\x04\x01",
        b"\x04\x80\x00\x00",  # no length: the content's end is marked
        b"\x04\x81\x01x",  # a length that fits into one byte
        b"\x04\x81\x7f" + bytes(127),
        b"\x04\x82\x00\x80" + bytes(128),
        b"\x04\x85\x01\x00\x00\x00\x00",
        b"\x04\x84\xff\xff\xff\xff",
        b"\x1f\x20\x00",  # a tag that goes on
        b"\x04\x00\x04",
    ],
)
def test_bytes_that_are_not_whole_elements(data: bytes) -> None:
    with pytest.raises(ValueError, match="byte"):
        cut(data)


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65535, 65536])
def test_lengths_as_openssl_reads_them(size: int, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(write(der.OCTETS, bytes(size)))
    read = openssl("asn1parse", "-inform", "DER", "-in", tmp_path / "x")

    assert f"l={size:4d} prim: OCTET STRING" in read.stdout.decode()


def test_parts_of_an_element() -> None:
    whole = single(write(der.SEQUENCE, write_integer(1), write(der.NULL)), der.SEQUENCE)

    assert 2 == len(inside(whole, der.INTEGER)) == len(exactly(whole, None, der.NULL))
    for read in (
        lambda: inside(whole, der.NULL),
        lambda: inside(whole, None, None, None),
        lambda: exactly(whole, der.INTEGER),
        lambda: single(whole.content, der.INTEGER),
        lambda: single(whole.whole, der.SET),
    ):
        with pytest.raises(ValueError, match="expected"):
            read()
