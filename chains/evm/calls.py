"""Ethereum's JSON-RPC: the calls this tool makes, and what their results must look like.

Pure, and shared by the reader and by `recheck`, so that both ask and decode in one way. Decoding is
strict, because zero is the dangerous value here: an empty return, an absent account and a padded
number would all read as some amount in a lenient decoder. What has not exactly the form of its
method raises `MalformedAnswer`.

A state call names its block by hash with `requireCanonical` (EIP-1898), or by number for a node
that does not know that form. A verifier who asks his own node about a pin needs `block_hash_call`
alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chains.evidence import HOLE, Call

if TYPE_CHECKING:
    from chains.evidence import Json

Block: TypeAlias = "str | dict[str, Json]"
"""How a state call names its block: a number as 0x hex, or an EIP-1898 object."""

BLOCK_BY_NUMBER = "eth_getBlockByNumber"
BLOCK_BY_HASH = "eth_getBlockByHash"
NONCE_METHOD = "eth_getTransactionCount"
STATE_METHODS = frozenset({"eth_getBalance", "eth_call", "eth_getCode", NONCE_METHOD})

CONTROL_CODE = "0x43600052600143034060205246604052426060526080" + "6000f3"
"""Code that returns NUMBER, BLOCKHASH(NUMBER - 1), CHAINID and TIMESTAMP as four words.

    43 6000 52  6001 43 03 40 6020 52  46 6040 52  42 6060 52  6080 6000 f3

It is run as the creation code of an `eth_call` without recipient, so nothing has to be deployed and
any block can be asked, also one from before a helper contract existed.
"""

BALANCE_OF = "0x70a08231"
"""Selector of ERC-20 `balanceOf(address)`."""

MAX_CODE_BYTES = 1 << 20
"""Ethereum allows 24 KiB (EIP-170), some chains a few times that."""

NONCES = 1 << 64
"""An account's nonce is below it (EIP-2681)."""

_MAX_INDEX = 2**53 - 1
_QUANTITY = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,63})", re.ASCII)
_WORD = re.compile(r"0x[0-9a-f]{64}", re.ASCII)
_FOUR_WORDS = re.compile(r"0x[0-9a-f]{256}", re.ASCII)
_CODE = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)


class MalformedAnswer(ValueError):  # noqa: N818 - it is about a node's answer, not about our work
    """A result has not the form that its method gives."""


@dataclass(frozen=True, slots=True)
class State:
    """Which state answered a call."""

    height: int
    parent_hash: str
    chain_id: int
    time: int


@dataclass(frozen=True, slots=True)
class Header:
    """What is used of a block's header."""

    height: int
    block_hash: str
    """0x and 64 lower-case hex digits."""
    parent_hash: str
    time: int
    """Unix seconds."""
    state_root: str | None = None
    """None unless the block's fields were seen to hash to its name (`chains.evm.header`)."""


def chain_id_call() -> Call:
    """Ask for the chain's id (EIP-695)."""
    return Call("eth_chainId", ())


def tip_call(tag: Literal["latest", "finalized"]) -> Call:
    """Ask for the last block, or for the last one the node holds final."""
    return Call(BLOCK_BY_NUMBER, (tag, False))


def block_hash_call(height: int) -> Call:
    """Ask for the canonical block at a height; `decode_header` reads its hash."""
    return Call(BLOCK_BY_NUMBER, (hex(height), False))


def block_by_hash_call(block_hash: str) -> Call:
    """Ask for a block by its hash."""
    return Call(BLOCK_BY_HASH, (block_hash, False))


def by_hash(block_hash: str) -> Block:
    """Name a block by its hash, and only while it is canonical (EIP-1898)."""
    return {"blockHash": block_hash, "requireCanonical": True}


def by_number(height: int) -> Block:
    """Name a block by its height."""
    return hex(height)


def balance_call(address: str, block: Block) -> Call:
    """Ask for an account's native balance at a block."""
    return Call("eth_getBalance", (address, block))


def nonce_call(address: str, block: Block) -> Call:
    """Ask how many transactions an account had sent at a block: its nonce."""
    return Call(NONCE_METHOD, (address, block))


def token_balance_call(token: str, address: str, block: Block) -> Call:
    """Ask an ERC-20 contract for an account's balance at a block."""
    return _balance_of(token, token_subject(address), block)


def token_balance_template(token: str, block: Block) -> Call:
    """Ask the same of many accounts; their subjects are what `token_subject` gives."""
    return _balance_of(token, HOLE, block)


def token_subject(address: str) -> str:
    """Give a holder's address as the 40 digits that stand in a token call."""
    return address[2:].lower()


def _balance_of(token: str, subject: str, block: Block) -> Call:
    return Call("eth_call", ({"to": token, "data": f"{BALANCE_OF}{'0' * 24}{subject}"}, block))


def control_call(block: Block) -> Call:
    """Ask which state answers at a block; `decode_state` reads it."""
    return Call("eth_call", ({"data": CONTROL_CODE}, block))


def code_call(address: str, block: Block) -> Call:
    """Ask for the code at an address at a block."""
    return Call("eth_getCode", (address, block))


def decode_quantity(result: Json) -> int:
    """Read a quantity: 0x, then hex digits without leading zeros, below 2**256."""
    if not isinstance(result, str) or _QUANTITY.fullmatch(result) is None:
        raise MalformedAnswer("not a quantity")
    return int(result, 16)


def decode_nonce(result: Json) -> int:
    """Read a nonce: a quantity below 2**64 (EIP-2681)."""
    nonce = decode_quantity(result)
    if nonce >= NONCES:
        raise MalformedAnswer("not a nonce")
    return nonce


def decode_word(result: Json) -> int:
    """Read one ABI word: exactly 32 bytes. An address without code returns none at all."""
    return int(_hash(result), 16)


def decode_state(result: Json) -> State:
    """Read what CONTROL_CODE returns: exactly four words."""
    if not isinstance(result, str) or _FOUR_WORDS.fullmatch(result) is None:
        raise MalformedAnswer("not four words")
    height, parent, chain_id, time = (result[at : at + 64] for at in range(2, 258, 64))
    return State(int(height, 16), f"0x{parent}", int(chain_id, 16), int(time, 16))


def decode_code(result: Json) -> str:
    """Read code, `0x` for none."""
    if not isinstance(result, str) or len(result) > 2 + 2 * MAX_CODE_BYTES:
        raise MalformedAnswer("not code, or more than the limit")
    if _CODE.fullmatch(result) is None:
        raise MalformedAnswer("not code")
    return result


def decode_header(result: Json) -> Header:
    """Read what is used of a block; a null block (the node does not know it) is malformed too."""
    if not isinstance(result, dict):
        raise MalformedAnswer("not a block")
    height, time = decode_quantity(result.get("number")), decode_quantity(result.get("timestamp"))
    if height > _MAX_INDEX or time > _MAX_INDEX:
        raise MalformedAnswer("height or time beyond 2**53")
    return Header(height, _hash(result.get("hash")), _hash(result.get("parentHash")), time)


def _hash(result: Json) -> str:
    if not isinstance(result, str) or _WORD.fullmatch(result) is None:
        raise MalformedAnswer("not 32 bytes")
    return result
