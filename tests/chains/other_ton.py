"""TON addresses and cells as another library makes them; the only importer of its untyped half."""

from __future__ import annotations

from pytoniq_core import Address, Builder, Cell  # type: ignore[attr-defined]


def address(
    workchain: int,
    account: bytes,
    *,
    bounceable: bool = True,
    test: bool = False,
    raw: bool = False,
) -> str:
    found = Address((workchain, account))
    return str(found.to_str(is_user_friendly=not raw, is_bounceable=bounceable, is_test_only=test))


def cell_hash(numbers: tuple[tuple[int, int], ...]) -> bytes:
    """Give the hash of a cell of numbers, each with its count of bits; none of no bits."""
    builder = Builder()
    for number, bits in numbers:
        if bits:
            builder = builder.store_uint(number, bits)
    return bytes(builder.end_cell().hash)


def state_hashes(bag: str) -> tuple[bytes, bytes]:
    """Give the hash of a state, and of its code, from a base64 bag of cells."""
    state = Cell.one_from_boc(bag)
    return bytes(state.hash), bytes(state.refs[0].hash)
