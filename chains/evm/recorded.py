"""A recorded EVM source that gives state proofs again, out of the store that holds their nodes.

A log keeps `NODES` in place of a reply that was checked. Read as if it were the node, the recording
gives the whole reply: the path's nodes from the store, and beside them what they prove. A reader
checks it like any other, so nothing is believed for being recorded. What the store does not hold,
or not as it was, is `not_recorded`.

The root under which a path begins is found by the block's hash in any log of the chain: a source
whose client does not show all fields of a block may still have proved balances at it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eth_hash.backends.pysha3 import keccak256

from chains.evidence import Exchange
from chains.evm.calls import BLOCK_BY_HASH, BLOCK_BY_NUMBER, MalformedAnswer, decode_header
from chains.evm.header import state_root_of
from chains.evm.nodes import NodeStore, encode_nodes
from chains.evm.pin import before_window
from chains.evm.proving import NODES, PROOF_METHOD
from chains.evm.trie import (
    EMPTY_CODE,
    EMPTY_ROOT,
    InvalidStateProof,
    decode_account,
    decode_slot,
    walk,
)
from chains.recording import RecordedSource
from chains.sweep import collect, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chains.evidence import Call, ChainEvidence, Column, Json, Source, SourceLog, Sweep
    from chains.evm.calls import Header


class RecordedNode:
    """A log and the chain's store, asked as if they were the node."""

    def __init__(self, log: SourceLog, store: NodeStore, roots: Mapping[str, str]) -> None:
        """Prepare to answer from a log.

        Args:
            log: what was recorded.
            store: the nodes of all proofs of the chain.
            roots: state roots by block hash.
        """
        self.name = log.name
        self.operator = log.operator
        self.protocol = log.protocol
        self._source = RecordedSource(log)
        self._store = store
        named = ((hex(header.height), header.block_hash) for header in _blocks(before_window(log)))
        self._roots = {**roots, **{at: roots[name] for at, name in named if name in roots}}

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        """Give the recorded exchange of each call, in the order of the calls."""
        return tuple(self._whole(exchange) for exchange in self._source.ask(calls))

    def sweep(self, sweep: Sweep) -> Column:
        """Give the recorded answer of each subject, in the order of the subjects."""
        column = self._source.sweep(sweep)
        if sweep.template.method != PROOF_METHOD:
            return column
        return collect(sweep, [self._whole(exchange) for exchange in spread(column)])

    def _whole(self, exchange: Exchange) -> Exchange:
        """Put the reply back where the log has a word for it."""
        call = exchange.call
        if call.method != PROOF_METHOD or exchange.result != NODES:
            return exchange
        address, keys, block = call.params
        named = block.get("blockHash") if isinstance(block, dict) else block
        root = self._roots.get(str(named))
        if root is None or not isinstance(keys, tuple):
            return Exchange(call, error="not_recorded")
        try:
            return Exchange(call, self._reply(bytes.fromhex(root[2:]), str(address), keys))
        except InvalidStateProof:
            return Exchange(call, error="not_recorded")  # Its nodes were taken out or changed.

    def _reply(self, root: bytes, address: str, keys: tuple[Json, ...]) -> Json:
        leaf, nodes = self._path(root, bytes.fromhex(address[2:]))
        account = None if leaf is None else decode_account(leaf)
        storage_root = EMPTY_ROOT if account is None else account.storage_root
        slots: list[Json] = []
        for key in keys:
            value, path = self._path(storage_root, bytes.fromhex(str(key)[2:]))
            number = 0 if value is None else decode_slot(value)
            slots.append({"key": key, "value": hex(number), "proof": path})
        return {
            "address": address,
            "accountProof": nodes,
            "balance": hex(0 if account is None else account.balance),
            "nonce": hex(0 if account is None else account.nonce),
            "codeHash": f"0x{(EMPTY_CODE if account is None else account.code_hash).hex()}",
            "storageHash": f"0x{storage_root.hex()}",
            "storageProof": tuple(slots),
        }

    def _path(self, root: bytes, key: bytes) -> tuple[bytes | None, tuple[Json, ...]]:
        nodes: list[Json] = []

        def node(node_hash: bytes) -> bytes:
            data = self._store.get(node_hash)
            nodes.append(f"0x{data.hex()}")
            return data

        value = walk(root, keccak256(key), node)
        return value, tuple(nodes)


def recorded_sources(evidence: ChainEvidence) -> tuple[Source, ...]:
    """Make the sources of a recording; raise ChainError if its store is not one."""
    store = NodeStore(evidence.nodes or encode_nodes(()))
    blocks = [block for log in evidence.logs for block in _blocks(log)]
    roots = {one.block_hash: one.state_root for one in blocks if one.state_root is not None}
    return tuple(RecordedNode(log, store, roots) for log in evidence.logs)


def _blocks(log: SourceLog) -> Iterator[Header]:
    """Give every block in a log, with its state root if its fields hash to its name."""
    for exchange in log.exchanges:
        if exchange.call.method in {BLOCK_BY_HASH, BLOCK_BY_NUMBER} and exchange.error is None:
            try:
                header = decode_header(exchange.result)
            except MalformedAnswer:
                continue
            yield replace(header, state_root=state_root_of(exchange.result))
