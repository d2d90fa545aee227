from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from proofs.evm.abi import (
    call_data,
    read_address,
    read_addresses,
    read_data,
    read_number,
    read_page,
)
from proofs.evm.safe import GUARDS, HANDLER, MASTER_COPY, MODULES, OWNERS, THRESHOLD

ADDRESS = "0x" + "ab" * 20
RAW = bytes.fromhex("ab" * 20)
READERS = (read_address, read_addresses, read_data, read_number, read_page)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.mark.parametrize(
    ("data", "selector"),
    [
        # As they stand in Safe's published interfaces, and in the ERC.
        (MASTER_COPY, "a619486e"),
        (OWNERS, "a0e67e2b"),
        (THRESHOLD, "e75235b8"),
        (MODULES, "cc2f8452"),
        (HANDLER, "5624b25b"),
        (call_data("isValidSignature(bytes32,bytes)", b"\1" * 32, b""), "1626ba7e"),
        (call_data("isValidSignature(bytes,bytes)", b"", b""), "20c13b0b"),
    ],
)
def test_calls_begin_with_their_selector(data: str, selector: str) -> None:
    assert data[2:10] == selector


def test_slots_are_the_hashes_of_their_names() -> None:
    from eth_hash.backends.pysha3 import keccak256  # noqa: PLC0415

    names = (
        b"guard_manager.guard.address",
        b"module_manager.module_guard.address",
        b"fallback_manager.handler.address",
    )
    for call, name in zip((*GUARDS, HANDLER), names, strict=True):
        assert call[10:] == keccak256(name).hex() + word(1).hex()


def test_values_are_read() -> None:
    two = (RAW, bytes(20))
    assert read_number(word(7)) == 7
    assert read_address(word(int(ADDRESS, 16))) == RAW
    assert read_addresses(encode(["address[]"], [two])) == two
    assert read_addresses(encode(["address[]"], [()])) == ()
    assert read_page(encode(["address[]", "address"], [two, ADDRESS])) == two
    assert read_data(encode(["bytes"], [b"some"])) == b"some"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\1",
        word(1)[:-1],
        word(32) + word(1),
        word(32) + word(1) + b"\xff" * 32,
        word(96) + word(0) * 3,
        word(32) + word(2**255),
        word(32) + word(2**64),
        word(32) + word(3) + b"abc" + b"\1" * 29,
        word(32) + word(3) + b"abc",
    ],
)
def test_no_other_form_is_read(data: bytes) -> None:
    assert read_addresses(data) is None
    assert read_data(data) is None
    assert read_page(data) is None
    assert read_address(data) is None


def test_trailing_bytes_are_refused() -> None:
    for reader, data in (
        (read_number, word(7)),
        (read_address, word(7)),
        (read_addresses, encode(["address[]"], [(RAW,)])),
        (read_page, encode(["address[]", "address"], [(RAW,), RAW])),
        (read_data, encode(["bytes"], [b"some"])),
    ):
        assert reader(data) is not None
        assert reader(data + b"\0") is None
        assert reader(data + word(0)) is None


@given(
    st.binary(max_size=300)
    | st.lists(st.integers(0, 130), max_size=9).map(lambda words: b"".join(map(word, words)))
)
def test_what_is_read_has_one_form(data: bytes) -> None:
    forms = {
        read_addresses: "address[]",
        read_data: "bytes",
        read_number: "uint256",
        read_address: "address",
    }
    for reader in READERS:
        found = reader(data)
        if found is not None and reader in forms:
            assert encode([forms[reader]], [found]) == data
