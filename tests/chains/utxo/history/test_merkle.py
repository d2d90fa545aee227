from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo.history.headers import read_header
from chains.utxo.history.merkle import MAX_DEPTH, Branch, merkle_root
from chains.utxo.history.transaction import could_be_transaction
from tests.chains.utxo.history.minting import shown, tree
from tests.chains.utxo.history.vectors import BITCOIN_BLOCK, LITECOIN_BLOCK


def branch_of(txids: list[str], position: int) -> Branch:
    siblings, at = [], position
    for level in tree(txids)[:-1]:
        siblings.append(level[min(at ^ 1, len(level) - 1)])
        at //= 2
    return Branch(tuple(siblings), position)


BLOCKS = {
    "bitcoin": (
        [one["txid"] for one in BITCOIN_BLOCK["transactions"]],
        read_header(bytes.fromhex(BITCOIN_BLOCK["header"])).root,
    ),
    # Fifty-eight transactions: levels of 29, 15, 8, 4 and 2, of which two are odd.
    "litecoin": (
        LITECOIN_BLOCK["txids"],
        read_header(bytes.fromhex(LITECOIN_BLOCK["header"])).root,
    ),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_every_transaction_of_a_real_block_leads_to_its_root(name: str) -> None:
    txids, root = BLOCKS[name]
    for position, txid in enumerate(txids):
        assert root == merkle_root(txid, branch_of(txids, position))


def test_a_published_branch() -> None:
    # ethereum/btcrelay, test/test_btcrelay.py: transaction 0 of block 100000.
    branch = Branch(
        (
            "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
            "8e30899078ca1813be036a073bbf80b86cdddde1c96e9e9c99e9e3782df4ae49",
        ),
        0,
    )
    txids, root = BLOCKS["bitcoin"]
    assert root == merkle_root(txids[0], branch)


def test_the_only_transaction_of_a_block_is_the_root() -> None:
    assert "ab" * 32 == merkle_root("ab" * 32, Branch((), 0))


@pytest.mark.parametrize("position", [0, 2, 56, 57])
def test_every_changed_bit_of_a_branch_leads_elsewhere(position: int) -> None:
    txids, root = BLOCKS["litecoin"]
    branch = branch_of(txids, position)
    for level, sibling in enumerate(branch.siblings):
        for at in range(64):
            changed = sibling[:at] + f"{int(sibling[at], 16) ^ 1:x}" + sibling[at + 1 :]
            siblings = (*branch.siblings[:level], changed, *branch.siblings[level + 1 :])
            assert root != merkle_root(txids[position], replace(branch, siblings=siblings))
    for at in range(64):
        txid = txids[position]
        changed = txid[:at] + f"{int(txid[at], 16) ^ 1:x}" + txid[at + 1 :]
        assert root != merkle_root(changed, branch)


def test_every_other_place_leads_elsewhere_or_nowhere() -> None:
    txids, root = BLOCKS["litecoin"]
    branch = branch_of(txids, 20)
    for position in [*range(20), *range(21, 64)]:
        assert root != merkle_root(txids[20], replace(branch, position=position))


@pytest.mark.parametrize("position", [-1, 4, 5, 2**31])
def test_a_place_beyond_the_branch_is_refused(position: int) -> None:
    txids, _ = BLOCKS["bitcoin"]
    branch = replace(branch_of(txids, 0), position=position)
    with pytest.raises(ValueError, match=f"merkle position {position}, the branch spans 4"):
        merkle_root(txids[0], branch)


def test_a_shorter_or_longer_branch_leads_elsewhere() -> None:
    txids, root = BLOCKS["bitcoin"]
    branch = branch_of(txids, 1)
    for siblings in (branch.siblings[:1], (*branch.siblings, "00" * 32)):
        assert root != merkle_root(txids[1], replace(branch, siblings=siblings))


def test_a_deep_branch_is_refused() -> None:
    siblings = ("00" * 32,) * (MAX_DEPTH + 1)
    with pytest.raises(ValueError, match="33 levels, the limit is 32"):
        merkle_root("ab" * 32, Branch(siblings, 0))
    merkle_root("ab" * 32, Branch(siblings[1:], 0))


def test_the_repeated_last_node_has_one_place_alone() -> None:
    # Three transactions: the third is hashed with itself, and could be said to be the fourth.
    txids = [f"{number:064x}" for number in (1, 2, 3)]
    branch = branch_of(txids, 2)
    assert tree(txids)[-1][0] == merkle_root(txids[2], branch)
    with pytest.raises(ValueError, match="repeats a node on its right"):
        merkle_root(txids[2], replace(branch, position=3))


def test_a_node_that_could_be_a_transaction_is_refused() -> None:
    # The attack of CVE-2017-12842: a transaction of 64 bytes is mined, whose first 32 bytes are the
    # hash of an invented one. Only its fifth byte, the number of inputs, has to be searched for.
    tried = (struct.pack("<I", number) for number in range(10_000))
    invented = next(raw for raw in tried if inner(raw)[4] == 1)
    end = bytes(5) + struct.pack("<IB", 1, 0) + b"\xff" * 4 + struct.pack("<BqB", 1, 9, 4)
    real = inner(invented) + end + bytes(8)
    assert could_be_transaction(real)
    claim = Branch((real[32:][::-1].hex(), "cd" * 32), 0)
    assert [shown(real)] == tree([shown(invented), claim.siblings[0]])[-1]
    with pytest.raises(ValueError, match="could be a transaction"):
        merkle_root(shown(invented), claim)


def inner(raw: bytes) -> bytes:
    """A transaction's hash as it stands in a node."""
    return bytes.fromhex(shown(raw))[::-1]


@given(st.integers(1, 40), st.data())
def test_branches_of_any_block(size: int, data: st.DataObject) -> None:
    txids = [shown(bytes([number])) for number in range(size)]
    position = data.draw(st.integers(0, size - 1))
    assert tree(txids)[-1][0] == merkle_root(txids[position], branch_of(txids, position))
