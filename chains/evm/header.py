"""A block's hash, computed again from the fields a node gives of it.

    hash = keccak256(rlp(fields)), the fields in the order of the tables below

A block whose fields hash to its own name cannot differ from what that name stands for, its state
root included; that the name is on the chain is another matter (quorum, anchors).

Fields were only ever added at the end: 15 up to Berlin, then those of London (EIP-1559), Shanghai
(EIP-4895), Cancun (EIP-4844, EIP-4788), Prague (EIP-7685) and Amsterdam (EIP-7928, EIP-7843); Osaka
adds none. Which fork a block is of is told by the last field it has, so a block that lacks one in
between is malformed. No table of fork heights is needed: a field left out or made up changes the
hash. Amsterdam's order is that of go-ethereum's `core/types/block.go`, its names those of
`eth_getBlockByNumber`, both held by a vector: Sepolia's first block of that fork.

Refused as malformed: a field in another form than its own, more bytes than a field has. Not read:
fields of other header formats. A chain that hashes its blocks otherwise gives None, or is malformed
where it lacks a field of Ethereum's; what that means is the caller's to say.

    sealed = seal(result)  # of eth_getBlockByNumber(height, false)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from eth_hash.backends.pysha3 import keccak256

from chains.evm.calls import MalformedAnswer, decode_header, decode_quantity
from chains.evm.rlplist import encode_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Json

    Field: TypeAlias = tuple[str, Callable[[Json], bytes]]

MAX_EXTRA_BYTES = 100 * 1024
"""Ethereum allows 32 bytes; chains of authorities list their signers here. The limit is that of
go-ethereum's `Header.SanityCheck`."""

_BYTES = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class SealedHeader:
    """What is used of a block whose fields hash to its own hash."""

    height: int
    block_hash: str
    """0x and 64 lower-case hex digits, as the other hashes."""
    parent_hash: str
    time: int
    """Unix seconds."""
    state_root: str
    """Root of the accounts' trie after this block."""


def seal(block: Json) -> SealedHeader | None:
    """Compute a block's hash again; None if it is not the hash the block gives for itself.

    Args:
        block: the result of `eth_getBlockByNumber` or `eth_getBlockByHash`.

    Raises:
        MalformedAnswer: it is not a block, or a field of it has not its form.
    """
    header, fields = decode_header(block), _fields(block)
    if header.block_hash != f"0x{keccak256(encode_list(fields)).hex()}":
        return None
    root = f"0x{fields[_STATE_ROOT].hex()}"
    return SealedHeader(header.height, header.block_hash, header.parent_hash, header.time, root)


def state_root_of(block: Json) -> str | None:
    """Give a block's state root; None if it is no block, or its fields hash to another name."""
    try:
        sealed = seal(block)
    except MalformedAnswer:
        return None
    return None if sealed is None else sealed.state_root


def header_rlp(block: Json) -> bytes:
    """Encode a block's header as it is hashed.

    Raises:
        MalformedAnswer: it is not a block, a field has not its form, or one is missing before
            another that is there. A field that is null counts as missing.
    """
    return encode_list(_fields(block))


def _fields(block: Json) -> list[bytes]:
    if not isinstance(block, dict):
        raise MalformedAnswer("not a block")
    later = sum(block.get(name) is not None for name, _ in _LATER)
    # With one missing in between, as many as are there do not end at the last one: the missing one
    # is read among them, and nothing is not the form of any field.
    return [read(block.get(name)) for name, read in (*_FIRST, *_LATER[:later])]


def _data(result: Json, least: int, most: int) -> bytes:
    if not isinstance(result, str) or not least <= len(result) // 2 - 1 <= most:
        raise MalformedAnswer(f"not data of {least} to {most} bytes")
    if _BYTES.fullmatch(result) is None:
        raise MalformedAnswer("not data")
    return bytes.fromhex(result[2:])


def _fixed(size: int) -> Callable[[Json], bytes]:
    return partial(_data, least=size, most=size)


def _quantity(result: Json) -> bytes:
    value = decode_quantity(result)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


_FIRST: tuple[Field, ...] = (
    ("parentHash", _fixed(32)),
    ("sha3Uncles", _fixed(32)),
    ("miner", _fixed(20)),
    ("stateRoot", _fixed(32)),
    ("transactionsRoot", _fixed(32)),
    ("receiptsRoot", _fixed(32)),
    ("logsBloom", _fixed(256)),
    ("difficulty", _quantity),
    ("number", _quantity),
    ("gasLimit", _quantity),
    ("gasUsed", _quantity),
    ("timestamp", _quantity),
    ("extraData", partial(_data, least=0, most=MAX_EXTRA_BYTES)),
    ("mixHash", _fixed(32)),
    ("nonce", _fixed(8)),
)
"""Every block has these."""

_LATER: tuple[Field, ...] = (
    ("baseFeePerGas", _quantity),  # London
    ("withdrawalsRoot", _fixed(32)),  # Shanghai
    ("blobGasUsed", _quantity),  # Cancun, with the next two
    ("excessBlobGas", _quantity),
    ("parentBeaconBlockRoot", _fixed(32)),
    ("requestsHash", _fixed(32)),  # Prague
    ("blockAccessListHash", _fixed(32)),  # Amsterdam, with the next one
    ("slotNumber", _quantity),
)
"""Each came with a fork, and none without those before it."""

_STATE_ROOT = [name for name, _ in _FIRST].index("stateRoot")
