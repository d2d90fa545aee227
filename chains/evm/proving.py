"""State proofs: what is asked for them, and what a reply is worth (EIP-1186). Pure.

A reply is taken only if

1. it speaks of the address and the keys that were asked;
2. its account proof leads from the pin's state root to the account, or proves that there is none,
   with exactly the nodes of the path;
3. each storage proof leads from that account's storage root in the same way;
4. the balance, nonce, hashes and values it tells beside its proofs are those that are proved.

What is kept of it are the nodes. The values are read from them again by whoever holds them, so
nothing a reply merely says enters a snapshot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import Call
from chains.evm.calls import MalformedAnswer, decode_quantity
from chains.evm.trie import (
    EMPTY_ROOT,
    check_proof,
    decode_account,
    decode_slot,
    hashed_nodes,
)

if TYPE_CHECKING:
    from chains.evidence import Json
    from chains.evm.calls import Block
    from chains.evm.trie import AccountState

PROOF_METHOD = "eth_getProof"

NODES = "nodes"
"""Stands in a log for a reply that was checked; the chain's store holds its nodes."""

MAX_PROOF_NODES = 64
"""A path of 32 bytes has 64 steps; mainnet's are 8 to 10 long."""

_NODE = re.compile(r"0x(?:[0-9a-f]{2}){1,600}", re.ASCII)
_WORD = re.compile(r"0x[0-9a-f]{1,64}", re.ASCII)


def proof_call(address: str, keys: tuple[str, ...], block: Block) -> Call:
    """Ask for an account's proof, and for those of some of its slots.

    Args:
        address: canonical.
        keys: places in its storage, each 0x and 64 hex digits.
        block: at which block.
    """
    return Call(PROOF_METHOD, (address, keys, block))


def proof_nodes(call: Call, result: Json, state_root: str) -> tuple[bytes, ...]:
    """Check a reply and give the nodes of its proofs.

    Args:
        call: what `proof_call` gave.
        result: what a source answered.
        state_root: the pin's, 0x and 64 hex digits.

    Raises:
        MalformedAnswer: it is not such a reply, or tells other values than it proves.
        InvalidStateProof: a proof does not lead from the root to a value or to its absence.
    """
    address, keys = str(call.params[0]), call.params[1]
    if not isinstance(result, dict) or not isinstance(keys, tuple):
        raise MalformedAnswer("not a proof")
    told = result.get("address")
    if not isinstance(told, str) or told.lower() != address.lower():
        raise MalformedAnswer("proof of another address")
    nodes = _nodes(result.get("accountProof"))
    leaf = check_proof(bytes.fromhex(state_root[2:]), keccak256(bytes.fromhex(address[2:])), nodes)
    account = None if leaf is None else decode_account(leaf)
    _compare(result, account)
    storage = result.get("storageProof")
    if not isinstance(storage, tuple) or len(storage) != len(keys):
        raise MalformedAnswer("not one storage proof a key")
    root = EMPTY_ROOT if account is None else account.storage_root
    found = list(nodes)
    for key, item in zip(keys, storage, strict=True):
        found += _slot_nodes(root, str(key), item)
    return tuple(found)


def _slot_nodes(storage_root: bytes, key: str, item: Json) -> tuple[bytes, ...]:
    if not isinstance(item, dict) or _word(item.get("key")) != int(key, 16):
        raise MalformedAnswer("storage proof of another key")
    nodes = _nodes(item.get("proof"))
    leaf = check_proof(storage_root, keccak256(bytes.fromhex(key[2:])), nodes)
    if _word(item.get("value")) != (0 if leaf is None else decode_slot(leaf)):
        raise MalformedAnswer("slot's value is not the one that is proved")
    return nodes


def _compare(result: dict[str, Json], account: AccountState | None) -> None:
    """Refuse a reply that tells another account than it proves.

    Clients differ in the hashes they tell of an account that is not there.
    """
    told = (decode_quantity(result.get("balance")), decode_quantity(result.get("nonce")))
    if told != ((0, 0) if account is None else (account.balance, account.nonce)):
        raise MalformedAnswer("account is not the one that is proved")
    if account is None:
        return
    hashes = (f"0x{account.storage_root.hex()}", f"0x{account.code_hash.hex()}")
    if (result.get("storageHash"), result.get("codeHash")) != hashes:
        raise MalformedAnswer("account's hashes are not those that are proved")


def _nodes(value: Json) -> tuple[bytes, ...]:
    if not isinstance(value, tuple) or len(value) > MAX_PROOF_NODES:
        raise MalformedAnswer("not a list of nodes, or too long")
    nodes = [item for item in value if isinstance(item, str) and _NODE.fullmatch(item)]
    if len(nodes) != len(value):
        raise MalformedAnswer("not a node")
    return hashed_nodes(bytes.fromhex(node[2:]) for node in nodes)


def _word(value: Json) -> int:
    """Read a word; clients write it with or without leading zeros."""
    if not isinstance(value, str) or _WORD.fullmatch(value) is None:
        raise MalformedAnswer("not a word")
    return int(value, 16)
