"""EIP-712: how a value with named and typed fields becomes the 32 bytes that are signed.

    digest     = keccak256(0x19 0x01 || hashStruct(domain) || hashStruct(message))
    hashStruct = keccak256(keccak256(encodeType) || each field in 32 bytes)
    encodeType = Mail(Person from,string contents)Person(string name,address wallet)

A `string` or `bytes` field is its hash, a struct its hashStruct, a list the hash of its members one
after the other; the rest stands as it is. The structs named in a type follow it, sorted.

Only the types that our own schemas use are known; another one is an error of ours and never of a
claim, because no type comes from a prover. eth-account's encoder takes types as a wallet sends
them, guesses which one is meant, and costs a second to import; it is the oracle of the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from eth_hash.backends.pysha3 import keccak256

if TYPE_CHECKING:
    from collections.abc import Mapping

    Types: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
    """Each struct's fields in order: name and type."""

    Value: TypeAlias = str | bytes | int | tuple["Value", ...] | Mapping[str, "Value"]
    """`string` str; `bytes`, `bytes32` and the 20 bytes of `address` bytes; `uint256` int; a list
    tuple; a struct its fields by name."""

DOMAIN = "EIP712Domain"
_WORD = 32
_SIZES = {"bytes32": 32, "address": 20}


def typed_preimage(
    types: Types, domain: Mapping[str, Value], primary: str, message: Mapping[str, Value]
) -> bytes:
    """Give the 66 bytes whose Keccak-256 is signed.

    Args:
        types: all structs, `EIP712Domain` among them.
        domain: its fields.
        primary: which struct the message is.
        message: its fields.

    Raises:
        ValueError: a type that is not known here, or a value that is not of its type.
        KeyError: a field is missing.
    """
    parts = hash_struct(types, DOMAIN, domain), hash_struct(types, primary, message)
    return b"\x19\x01" + b"".join(parts)


def hash_struct(types: Types, name: str, value: Mapping[str, Value]) -> bytes:
    """Give a struct's 32 bytes; raises as `typed_preimage`."""
    fields = (_encode(types, kind, value[field]) for field, kind in types[name])
    return keccak256(keccak256(encode_type(types, name).encode()) + b"".join(fields))


def encode_type(types: Types, name: str) -> str:
    """Give the text of a struct's type, with those it names."""
    named = sorted(_named(types, name) - {name})
    return "".join(
        f"{one}({','.join(f'{kind} {field}' for field, kind in types[one])})"
        for one in (name, *named)
    )


def _named(types: Types, name: str) -> set[str]:
    """Give a struct and all that it names; no schema of ours has one that names itself."""
    kinds = {kind.removesuffix("[]") for _, kind in types[name]}
    return {name}.union(*(_named(types, kind) for kind in kinds & types.keys()))


def _encode(types: Types, kind: str, value: Value) -> bytes:
    """Give a field's 32 bytes."""
    if kind in types and not isinstance(value, str | bytes | int | tuple):
        return hash_struct(types, kind, value)
    match kind, value:
        case "string", str():
            return keccak256(value.encode())
        case "bytes", bytes():
            return keccak256(value)
        case _, bytes() if len(value) == _SIZES.get(kind):
            return value.rjust(_WORD, b"\0")
        case "uint256", int() if 0 <= value < 1 << 256:
            return value.to_bytes(_WORD, "big")
        case _, tuple() if kind.endswith("[]"):
            return keccak256(b"".join(_encode(types, kind[:-2], item) for item in value))
    raise ValueError(f"typed data: {kind} from {type(value).__name__}")
