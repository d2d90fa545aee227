"""What a store of nodes proves: nothing without every node, and nothing else with other ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256

from chains.errors import ChainError
from chains.evm.nodes import NodeStore, encode_nodes
from chains.evm.proven import ProvenState
from chains.evm.proving import proof_call, proof_nodes
from chains.evm.slots import storage_key
from tests.chains.evm import oracle
from tests.chains.evm.fakechain import CHAIN
from tests.chains.evm.statechain import (
    BEHIND,
    HOLDERS,
    NOBODY,
    PLACE,
    ROW,
    SWITCH,
    TOKEN,
    TOKEN_ASSET,
    TRUTH,
    StateChain,
)
from tests.chains.evm.test_proving import frozen

if TYPE_CHECKING:
    from chains.evm.calls import Block
    from config.slots import Slot

CHAIN_OF = StateChain()
BLOCK: Block = "0x12"
KEY = f"0x{storage_key(ROW, HOLDERS[0]).hex()}"


def nodes_of(address: str, *keys: str, chain: StateChain = CHAIN_OF) -> set[bytes]:
    reply = chain.answer("eth_getProof", [address, list(keys), BLOCK])["result"]
    return set(proof_nodes(proof_call(address, keys, BLOCK), frozen(reply), chain.root))


def state(*groups: set[bytes], row: Slot = ROW, chain: StateChain = CHAIN_OF) -> ProvenState:
    return ProvenState(chain.root, encode_nodes(set().union(*groups)), {row.asset: row})


def test_accounts_and_words_are_read_from_the_nodes_alone() -> None:
    found = state(nodes_of(HOLDERS[0]), nodes_of(TOKEN, PLACE, SWITCH, KEY), nodes_of(BEHIND))
    assert found.units(CHAIN.native, None, HOLDERS[0]) == TRUTH.balances[HOLDERS[0]]
    assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) == TRUTH.units[HOLDERS[0]]
    assert found.unused() == 0


def test_an_empty_store_proves_nothing() -> None:
    found = state()
    assert found.units(CHAIN.native, None, HOLDERS[0]) is None
    assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) is None
    assert found.holds(TOKEN_ASSET, TOKEN) is None
    assert found.unused() == 0


def test_a_token_without_a_row_is_not_proved() -> None:
    found = ProvenState(CHAIN_OF.root, encode_nodes(nodes_of(TOKEN, KEY)), {})
    assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) is None
    assert found.holds(TOKEN_ASSET, TOKEN) is None


def test_a_word_alone_proves_no_balance() -> None:
    """Without the code of the implementation, or a guard, the word may mean anything."""
    parts = (nodes_of(TOKEN, PLACE), nodes_of(TOKEN, SWITCH), nodes_of(BEHIND))
    word = nodes_of(TOKEN, KEY)
    assert state(word, *parts).units(TOKEN_ASSET, TOKEN, HOLDERS[0]) == 500
    whole = set().union(word, *parts)
    for left_out in range(len(parts)):
        kept = set().union(word, *(part for at, part in enumerate(parts) if at != left_out))
        if kept == whole:
            continue
        found = state(kept)
        assert found.holds(TOKEN_ASSET, TOKEN) is None
        assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) is None


def test_without_any_one_node_nothing_else_is_shown() -> None:
    whole = nodes_of(TOKEN, PLACE, SWITCH, KEY) | nodes_of(BEHIND) | nodes_of(HOLDERS[0])
    for size in (1, 2):
        for left_out in combinations(sorted(whole), size):
            found = state(whole - set(left_out))
            assert found.units(CHAIN.native, None, HOLDERS[0]) in {None, 10**18}
            assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) in {None, 500}
            # Absence cannot be shown by leaving nodes out.
            assert found.units(CHAIN.native, None, NOBODY) in {None, 0}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, True),
        ({SWITCH: 0x01}, True),
        ({SWITCH: 0xFF01}, True),
        ({SWITCH: 0x00}, False),
        ({SWITCH: 0x02}, False),
        ({PLACE: 0}, False),
        ({PLACE: int(NOBODY, 16)}, False),
    ],
)
def test_a_row_holds_by_every_word_of_it(words: dict[str, int], expected: bool) -> None:  # noqa: FBT001 - the outcome
    chain = StateChain(replace(TRUTH, words={**TRUTH.words, **words}))
    nodes = nodes_of(TOKEN, PLACE, SWITCH, KEY, chain=chain) | nodes_of(BEHIND, chain=chain)
    found = state(nodes, chain=chain)
    assert found.holds(TOKEN_ASSET, TOKEN) is expected
    assert found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]) == (500 if expected else None)


def test_a_row_that_is_shown_not_to_hold_uses_all_its_nodes() -> None:
    for row in (
        replace(ROW, code_hash=f"0x{1:064x}"),
        replace(ROW, implementation_code_hash=f"0x{1:064x}"),
        replace(ROW, implementation=NOBODY),
    ):
        behind = row.implementation
        assert behind is not None
        found = state(nodes_of(TOKEN, SWITCH, PLACE), nodes_of(behind), row=row)
        assert found.holds(TOKEN_ASSET, TOKEN) is False
        assert found.unused() == 0


def test_one_condition_that_is_shown_to_fail_is_enough() -> None:
    row = replace(ROW, code_hash=f"0x{1:064x}")
    assert state(nodes_of(TOKEN), row=row).holds(TOKEN_ASSET, TOKEN) is False


def test_a_token_that_is_not_there_fails_its_row() -> None:
    chain = StateChain(replace(TRUTH, codes={}))
    nodes = nodes_of(TOKEN, SWITCH, PLACE, chain=chain) | nodes_of(BEHIND, chain=chain)
    found = state(nodes, chain=chain)
    assert found.holds(TOKEN_ASSET, TOKEN) is False
    assert found.unused() == 0


def test_nodes_of_no_proof_are_counted() -> None:
    found = state(nodes_of(HOLDERS[0]), {b"\xc0" * 40}, nodes_of(TOKEN, KEY))
    assert found.units(CHAIN.native, None, HOLDERS[0]) == 10**18
    assert found.unused() >= 2


def test_every_byte_of_a_store_counts() -> None:
    """A changed byte ends the proof or the reading; it never makes another balance."""
    nodes = nodes_of(HOLDERS[0]) | nodes_of(TOKEN, PLACE, SWITCH, KEY) | nodes_of(BEHIND)
    whole = encode_nodes(nodes)
    for place in range(len(whole)):
        for mask in (0x01, 0x80):
            changed = bytearray(whole)
            changed[place] ^= mask
            try:
                found = ProvenState(CHAIN_OF.root, bytes(changed), {TOKEN_ASSET: ROW})
                shown = (
                    found.units(CHAIN.native, None, HOLDERS[0]),
                    found.units(TOKEN_ASSET, TOKEN, HOLDERS[0]),
                )
            except ChainError:
                continue
            assert shown[0] in {None, 10**18}
            assert shown[1] in {None, 500}
            assert None in shown or found.unused()


def test_a_node_that_is_none_ends_the_reading_with_its_name() -> None:
    good = sorted(nodes_of(HOLDERS[0]))
    store = bytearray(encode_nodes(good))
    store[-1] ^= 1
    found = ProvenState(CHAIN_OF.root, bytes(store), {})
    with pytest.raises(ChainError, match="node store is not sound: hash_mismatch"):
        found.units(CHAIN.native, None, HOLDERS[0])


def test_a_root_above_what_is_no_account_ends_the_reading() -> None:
    """A chain made up by a node may have a root over anything; it is not an account."""
    for leaf in (b"\x05", oracle.encode([b"", b""]), oracle.encode([b"", b"", b"", b""])):
        key = bytes.fromhex(HOLDERS[0][2:])
        trie = oracle.Trie({keccak256(key): leaf * (1 if len(leaf) > 31 else 40)})
        root = f"0x{trie.root.hex()}"
        found = ProvenState(root, encode_nodes(trie.proof(keccak256(key))), {})
        with pytest.raises(ChainError, match="malformed_node"):
            found.units(CHAIN.native, None, HOLDERS[0])


def test_what_is_no_store_is_refused() -> None:
    for data in (b"x", b"", encode_nodes(())[:-1], encode_nodes(()) + b"\0"):
        with pytest.raises(ChainError, match="node store"):
            ProvenState(CHAIN_OF.root, data, {})
    assert len(NodeStore(encode_nodes(()))) == 0
