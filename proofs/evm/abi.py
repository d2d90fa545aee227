"""The contract ABI of calls and what they return: the one place that knows eth-abi.

    selector (4)  first bytes of keccak256 of the function's text, `getOwners()`
    arguments     in words of 32 bytes, as the Solidity ABI lays them out

eth-abi reads more than one writing of a value: trailing bytes, and offsets to anywhere. What was
returned is taken only if writing what was read gives the same bytes, so that one value has one form
and a contract's answer cannot be read in two ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_hash.backends.pysha3 import keccak256

if TYPE_CHECKING:
    from typing import TypeAlias

    Argument: TypeAlias = bytes | int | str

_SELECTOR = 4


def call_data(function: str, *arguments: Argument) -> str:
    """Write a call.

    Args:
        function: its text, such as `isValidSignature(bytes32,bytes)`; plain types alone.
        arguments: one for each type.

    Returns:
        0x hex, as a question's subject has it.
    """
    kinds = [kind for kind in function.partition("(")[2].removesuffix(")").split(",") if kind]
    return f"0x{(keccak256(function.encode())[:_SELECTOR] + encode(kinds, arguments)).hex()}"


def read_number(data: bytes) -> int | None:
    """Read one `uint256`; None if it is anything else."""
    found = _read(("uint256",), data)
    return None if found is None else cast("int", found[0])


def read_address(data: bytes) -> bytes | None:
    """Read one `address`, 20 bytes; None if it is anything else."""
    found = _read(("address",), data)
    return None if found is None else _raw(found[0])


def read_addresses(data: bytes) -> tuple[bytes, ...] | None:
    """Read one `address[]`; None if it is anything else."""
    found = _read(("address[]",), data)
    return None if found is None else tuple(map(_raw, cast("tuple[object, ...]", found[0])))


def read_page(data: bytes) -> tuple[bytes, ...] | None:
    """Read the list of a page: `address[]` with the `address` to go on from."""
    found = _read(("address[]", "address"), data)
    return None if found is None else tuple(map(_raw, cast("tuple[object, ...]", found[0])))


def read_data(data: bytes) -> bytes | None:
    """Read one `bytes`; None if it is anything else."""
    found = _read(("bytes",), data)
    return None if found is None else cast("bytes", found[0])


def _read(kinds: tuple[str, ...], data: bytes) -> tuple[object, ...] | None:
    """Decode what has the one form of its value."""
    try:
        found = cast("tuple[object, ...]", decode(kinds, data))
    except (DecodingError, OverflowError):
        return None
    return found if encode(kinds, found) == data else None


def _raw(address: object) -> bytes:
    return bytes.fromhex(str(address)[2:])
