from __future__ import annotations

import io
import mmap
import random
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.errors import ChainError
from chains.evm.nodes import NodeSpool, NodeStore, encode_nodes
from chains.evm.trie import (
    EMPTY_CODE,
    EMPTY_ROOT,
    MAX_NODE_BYTES,
    MIN_NODE_BYTES,
    InvalidStateProof,
    StateReader,
)
from tests.chains.evm import oracle
from tests.chains.evm.mainnet import PROOFS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAGIC = b"custody-attest nodes 1\n"
NODES = st.lists(st.binary(min_size=MIN_NODE_BYTES, max_size=MAX_NODE_BYTES), max_size=12)
REAL = tuple(node for one in PROOFS for node in one.proof)


def spelled(pairs: Iterable[tuple[bytes, bytes]], magic: bytes = MAGIC) -> bytes:
    """Write a file by the words of the format, pairs of hash and node as they are given."""
    hashes, nodes = b"", []
    ends, end = b"", 0
    for node_hash, node in pairs:
        end += len(node)
        hashes += node_hash
        ends += end.to_bytes(8, "big")
        nodes.append(node)
    return magic + len(nodes).to_bytes(8, "big") + hashes + ends + b"".join(nodes)


def sorted_pairs(nodes: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    return sorted({(keccak256(node), node) for node in nodes})


@settings(deadline=None)
@given(NODES)
def test_a_set_of_nodes_has_one_file(nodes: list[bytes]) -> None:
    data = encode_nodes(nodes)

    assert spelled(sorted_pairs(nodes)) == data
    assert data == encode_nodes(nodes[::-1])
    assert data == encode_nodes([*nodes, *nodes[:3]])
    assert data == encode_nodes(NodeStore(data))


@settings(deadline=None)
@given(NODES, st.binary(min_size=32, max_size=32))
def test_every_node_is_found_by_its_hash_and_no_other(nodes: list[bytes], other: bytes) -> None:
    store = NodeStore(encode_nodes(nodes))
    known = {keccak256(node): node for node in nodes}

    assert len(known) == len(store)
    assert list(known.values()) == [store.get(name) for name in known]
    assert [node for _, node in sorted_pairs(nodes)] == list(store)
    assert len(known) == store.used()
    for absent in (other, b"", bytes(32), b"\xff" * 32, b"\xff" * 33):
        with pytest.raises(KeyError):
            store.get(absent)


def test_used_nodes_are_counted_once() -> None:
    store = NodeStore(encode_nodes(REAL))
    names = [keccak256(node) for node in REAL[:5]]

    assert 0 == store.used()
    assert len(store) == len(list(store))
    assert 0 == store.used()
    for _ in range(3):
        for name in names:
            store.get(name)
    assert len(set(names)) == store.used()
    with pytest.raises(KeyError):
        store.get(bytes(32))
    assert len(set(names)) == store.used()


def test_the_empty_store() -> None:
    data = encode_nodes([])

    assert MAGIC + bytes(8) == data
    assert [] == list(NodeStore(data))
    with pytest.raises(KeyError):
        NodeStore(data).get(bytes(32))


# Structure.


def test_every_prefix_is_refused() -> None:
    data = encode_nodes(REAL[-3:])
    for size in range(len(data)):
        with pytest.raises(ChainError):
            NodeStore(data[:size])
    for more in (b"\0", bytes(40), b"\xff" * 600):
        with pytest.raises(ChainError):
            NodeStore(data + more)


A, B = sorted_pairs([b"a" * 40, b"b" * 50])


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "begin"),
        (spelled([A], MAGIC[:-2] + b"2\n"), "begin"),
        (spelled([A], MAGIC.upper()), "begin"),
        (spelled([B, A]), "sorted"),
        (spelled([A, A]), "sorted"),
        (spelled([A, (A[0], b"other" * 10), B]), "sorted"),
        (spelled([(A[0], b"a" * 31)]), "31 bytes"),
        (spelled([(A[0], b"a" * 533)]), "533 bytes"),
        (spelled([(A[0], b"")]), "0 bytes"),
        (MAGIC + b"\xff" * 8 + spelled([A])[31:], "nodes in"),
        (MAGIC + b"\0" * 7 + b"\3" + spelled([A])[31:], "nodes in"),
        (MAGIC + bytes(8) + A[1], "are there"),
        (spelled([A]) + b"\0", "are there"),
        (MAGIC + b"\0" * 7 + b"\1" + A[0] + b"\xff" * 8 + A[1], "bytes"),
        (
            MAGIC + b"\0" * 7 + b"\2" + A[0] + B[0] + b"\0" * 7 + b"\x5a" + b"\0" * 7 + b"\x28",
            "-50",
        ),
    ],
)
def test_another_structure_is_refused(data: bytes, fault: str) -> None:
    data += bytes(200) if fault == "-50" else b""
    with pytest.raises(ChainError, match=f"node store: .*{fault}"):
        NodeStore(data)


def state(accounts: int) -> tuple[oracle.Trie, dict[bytes, int]]:
    """Build a trie of accounts, and what each holds."""
    balances = {keccak256(number.to_bytes(4))[:20]: 10**18 + number for number in range(accounts)}
    items = {
        keccak256(address): oracle.encode([b"", balance.to_bytes(8), EMPTY_ROOT, EMPTY_CODE])
        for address, balance in balances.items()
    }
    return oracle.Trie(items), balances


def test_every_changed_byte_of_a_store_is_refused_or_changes_no_answer() -> None:
    trie, balances = state(5)
    data = encode_nodes(trie.nodes.values())
    absent = keccak256(b"absent")[:20]
    outcomes = set()
    for place in range(len(data)):
        for mask in (0x01, 0x80, 0xFF, 1 << place % 8):
            changed = bytearray(data)
            changed[place] ^= mask
            outcomes.add(outcome(bytes(changed), trie.root, {**balances, absent: 0}))

    assert {"not opened", "not read"} == outcomes


def outcome(data: bytes, root: bytes, balances: dict[bytes, int]) -> str:
    """Read every account of a store: each is refused, or is what it was."""
    try:
        store = NodeStore(data)
    except ChainError:
        return "not opened"
    failed = False
    for address, balance in balances.items():
        try:
            found = StateReader(root, store.get).account(address)
        except InvalidStateProof:
            failed = True
        else:
            assert balance == (found.balance if found else 0)
    return "not read" if failed else "read"


def test_nodes_of_a_store_serve_a_reader_and_no_node_is_left() -> None:
    trie, balances = state(300)
    store = NodeStore(encode_nodes(trie.nodes.values()))
    reader = StateReader(trie.root, store.get, 10)
    found = [reader.account(address) for address in balances]

    assert list(balances.values()) == [one and one.balance for one in found]
    assert len(store) == store.used()


def test_a_node_that_no_proof_uses_is_seen() -> None:
    trie, balances = state(20)
    store = NodeStore(encode_nodes([*trie.nodes.values(), b"unrelated" * 10]))
    reader = StateReader(trie.root, store.get)
    for address in balances:
        reader.account(address)

    assert len(store) - 1 == store.used()


# Files.


def test_a_store_is_read_from_any_buffer(tmp_path: Path) -> None:
    data = encode_nodes(REAL)
    (tmp_path / "nodes").write_bytes(data)
    with (tmp_path / "nodes").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    for buffer in (data, bytearray(data), memoryview(data), memoryview(data).cast("b"), mapped):
        store = NodeStore(buffer)
        assert REAL[7] == store.get(keccak256(REAL[7]))
        store.release()
    mapped.close()


def test_a_mapped_file_that_is_refused_can_be_closed(tmp_path: Path) -> None:
    for data in (b"short", spelled([B, A]), spelled([(A[0], b"a" * 31)]), spelled([A]) + b"\0"):
        (tmp_path / "nodes").write_bytes(data)
        with (
            pytest.raises(ChainError),
            (tmp_path / "nodes").open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        ):
            NodeStore(mapped)


def test_a_store_is_written_through_files(tmp_path: Path) -> None:
    order = list(REAL)
    random.Random(3).shuffle(order)  # noqa: S311 - an order, not a secret
    with (tmp_path / "spool").open("w+b") as spool, (tmp_path / "nodes").open("wb") as out:
        gathered = NodeSpool(spool)
        for node in order:
            gathered.add(node)
        gathered.write(out)

    assert len(set(REAL)) == len(gathered)
    assert encode_nodes(REAL) == (tmp_path / "nodes").read_bytes()


def test_more_nodes_may_come_after_writing() -> None:
    spool, first, second = NodeSpool(io.BytesIO()), io.BytesIO(), io.BytesIO()
    for node in REAL[:9]:
        spool.add(node)
    spool.write(first)
    for node in REAL[5:20]:
        spool.add(node)
    spool.write(second)

    assert encode_nodes(REAL[:9]) == first.getvalue()
    assert encode_nodes(REAL[:20]) == second.getvalue()


@pytest.mark.parametrize("size", [0, 1, 31, 533, 1 << 20])
def test_what_has_not_the_size_of_a_node_is_not_gathered(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        encode_nodes([bytes(size)])


def test_a_spool_that_was_cut_off_is_seen() -> None:
    file = io.BytesIO()
    spool = NodeSpool(file)
    for node in REAL[:4]:
        spool.add(node)
    file.truncate(100)

    with pytest.raises(ChainError, match="spool"):
        spool.write(io.BytesIO())
