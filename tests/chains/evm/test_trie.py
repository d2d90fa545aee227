from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.evm.trie import (
    EMPTY_CODE,
    EMPTY_ROOT,
    AccountState,
    InvalidStateProof,
    StateReader,
    check_proof,
    decode_account,
    decode_slot,
    hashed_nodes,
    walk,
)
from tests.chains.evm import oracle
from tests.chains.evm.mainnet import ACCOUNT_PROOFS, CASES, PROOFS, SLOT_PROOFS, data, slot_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chains.evm.mainnet import Recorded

WHOLE = (ACCOUNT_PROOFS[0], SLOT_PROOFS[0], SLOT_PROOFS[-1])
"""Proofs in which every byte is changed; in the others some are."""


def refused(root: bytes, key: bytes, proof: Sequence[bytes]) -> str:
    """Give the reason for which a proof is refused, or `taken`."""
    try:
        check_proof(root, key, proof)
    except InvalidStateProof as error:
        return error.reason
    return "taken"


def named(recorded: Recorded) -> str:
    return recorded.name


# What real nodes gave.


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_recorded_account_is_what_the_node_said(number: int) -> None:
    said, recorded = CASES[number]["proof"], ACCOUNT_PROOFS[number]
    leaf = check_proof(recorded.root, recorded.key, recorded.proof)
    account = None if leaf is None else decode_account(leaf)
    stated = AccountState(
        int(said["nonce"], 16),
        int(said["balance"], 16),
        data(said["storageHash"]),
        data(said["codeHash"]),
    )
    # Of an account that is not there this node stated hashes of zeros, where others state the empty
    # ones: only the leaf counts.
    expected = None if stated == AccountState(0, 0, bytes(32), bytes(32)) else stated

    assert expected == account
    assert (leaf or oracle.ABSENT) == oracle.check(recorded.root, recorded.key, recorded.proof)


def test_a_recorded_slot_is_what_the_node_said() -> None:
    slots = [slot for case in CASES for slot in case["proof"]["storageProof"]]
    leaves = [check_proof(one.root, one.key, one.proof) for one in SLOT_PROOFS]
    found = [0 if leaf is None else decode_slot(leaf) for leaf in leaves]

    assert [int(slot["value"], 16) for slot in slots] == found
    assert [leaf or oracle.ABSENT for leaf in leaves] == [
        oracle.check(one.root, one.key, one.proof) for one in SLOT_PROOFS
    ]


def test_recorded_absence_is_proved() -> None:
    absent = [
        case["block"]
        for case, one in zip(CASES, ACCOUNT_PROOFS, strict=True)
        if check_proof(one.root, one.key, one.proof) is None
    ]
    unset = [one for one in SLOT_PROOFS if check_proof(one.root, one.key, one.proof) is None]

    assert [23_663_419] == absent
    assert unset


def test_known_balances() -> None:
    balances = [
        (case["block"], decode_account(leaf).balance)
        for case, one in zip(CASES, ACCOUNT_PROOFS, strict=True)
        if (leaf := check_proof(one.root, one.key, one.proof)) is not None
    ]

    assert (22_083_261, 3_961_662399141452518789) in balances
    assert (23_663_488, 2_195_357_708247144341812283) in balances


# Changes of real proofs.


@pytest.mark.parametrize("recorded", WHOLE, ids=named)
def test_every_changed_byte_is_refused(recorded: Recorded) -> None:
    for at, node in enumerate(recorded.proof):
        for place in range(len(node)):
            other = bytearray(node)
            other[place] ^= 1 << place % 8
            changed = [*recorded.proof[:at], bytes(other), *recorded.proof[at + 1 :]]
            assert refused(recorded.root, recorded.key, changed) == "hash_mismatch"


@pytest.mark.parametrize("recorded", PROOFS, ids=named)
def test_some_changed_bytes_of_every_node_are_refused(recorded: Recorded) -> None:
    random_ = random.Random(recorded.name)  # noqa: S311 - places to change, not a secret
    for at, node in enumerate(recorded.proof):
        for place in [0, 1, len(node) - 1, *(random_.randrange(len(node)) for _ in range(12))]:
            other = bytearray(node)
            other[place] ^= random_.randrange(1, 256)
            changed = [*recorded.proof[:at], bytes(other), *recorded.proof[at + 1 :]]
            assert refused(recorded.root, recorded.key, changed) == "hash_mismatch"


@pytest.mark.parametrize("recorded", PROOFS, ids=named)
def test_a_node_cut_or_lengthened_is_refused(recorded: Recorded) -> None:
    for at, node in enumerate(recorded.proof):
        for other in (node[:-1], node[1:], node + b"\0", b"", bytes(1 << 20)):
            changed = [*recorded.proof[:at], other, *recorded.proof[at + 1 :]]
            assert refused(recorded.root, recorded.key, changed) in {
                "hash_mismatch",
                "malformed_node",
            }


@pytest.mark.parametrize("recorded", PROOFS, ids=named)
def test_nodes_taken_away_moved_or_added_are_refused(recorded: Recorded) -> None:
    root, key, proof = recorded.root, recorded.key, recorded.proof
    stranger = next(one.proof[-1] for one in PROOFS if one.proof[-1] not in proof)
    for at in range(len(proof)):
        last = at == len(proof) - 1
        fault = "missing_node" if last else "hash_mismatch"
        assert refused(root, key, [*proof[:at], *proof[at + 1 :]]) == fault
        fault = "extra_node" if last else "hash_mismatch"
        assert refused(root, key, [*proof[: at + 1], proof[at], *proof[at + 1 :]]) == fault
        assert refused(root, key, [*proof[: at + 1], stranger, *proof[at + 1 :]]) == fault
        assert refused(root, key, [*proof[:at], stranger, *proof[at:]]) == "hash_mismatch"
        for to in range(at):
            moved = list(proof)
            moved[at], moved[to] = moved[to], moved[at]
            assert refused(root, key, moved) == "hash_mismatch"
    assert refused(root, key, proof[::-1]) == "hash_mismatch"
    assert refused(root, key, []) == "missing_node"


@pytest.mark.parametrize("recorded", PROOFS, ids=named)
def test_a_proof_is_of_its_key_and_root_alone(recorded: Recorded) -> None:
    for other in PROOFS:
        if (
            other.key != recorded.key
            and refused(recorded.root, other.key, recorded.proof) == "taken"
        ):
            # In a small trie the same nodes may prove that there is nothing under another key.
            assert len(recorded.proof) == 2
            assert check_proof(recorded.root, other.key, recorded.proof) is None
        if other.root != recorded.root:
            assert refused(other.root, recorded.key, recorded.proof) == "hash_mismatch"


def test_a_changed_nibble_of_the_key_is_another_key() -> None:
    recorded = ACCOUNT_PROOFS[0]
    for place in range(32):
        key = bytearray(recorded.key)
        key[place] ^= 0x11
        if 2 * place >= len(recorded.proof) - 1:
            # The leaf is of another key with the same beginning: it proves that there is none.
            assert check_proof(recorded.root, bytes(key), recorded.proof) is None
        else:
            assert refused(recorded.root, bytes(key), recorded.proof) != "taken"


# Tries that the other package built.

KEY = st.binary(min_size=32, max_size=32)
NEAR = st.builds(
    lambda shared, place, end: (b"\x5a" * 32)[:place] + bytes((shared,)) + end[: 31 - place],
    st.integers(0, 255),
    st.integers(0, 31),
    st.sampled_from([b"\x5a" * 32, b"\x00" * 32, b"\xa5" * 32]),
)
"""Keys that share long beginnings, so that nodes get small enough to be written in place."""
KEYS = st.one_of(KEY, NEAR, NEAR)
VALUES = st.one_of(
    st.binary(min_size=1, max_size=2),
    st.binary(min_size=1, max_size=120),
    st.integers(1, 2**256 - 1).map(lambda one: oracle.encode(one.to_bytes(32).lstrip(b"\0"))),
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=40), st.lists(KEYS, max_size=10), st.data())
def test_random_tries_read_as_the_other_package_reads_them(
    items: dict[bytes, bytes], others: list[bytes], draw: st.DataObject
) -> None:
    trie = oracle.Trie(items)
    for gone in draw.draw(st.lists(st.sampled_from(sorted(items) or [b"\0" * 32]), max_size=5)):
        trie.delete(gone)
        items.pop(gone, None)
    for key in [*items, *others, *(bytes((key[0] ^ 1, *key[1:])) for key in items)]:
        proof = trie.proof(key)
        expected = items.get(key)
        assert expected == walk(trie.root, key, trie.nodes.__getitem__)
        if trie.root != EMPTY_ROOT:
            assert expected == check_proof(trie.root, key, proof)
            assert (expected or oracle.ABSENT) == oracle.check(trie.root, key, proof)
            assert refused(trie.root, key, proof[:-1]) == "missing_node"
            assert refused(trie.root, key, [*proof, proof[-1]]) == "extra_node"


def test_nodes_in_place_are_walked() -> None:
    first, second = b"\x11" * 31 + b"\x01", b"\x11" * 31 + b"\x02"
    far = b"\x22" * 32
    trie = oracle.Trie({first: b"\x01", second: b"\x02", far: b"\x03"})

    assert len(trie.nodes) == 3
    assert [2, 2, 2] == [len(trie.proof(key)) for key in (first, second, far)]
    assert b"\x01" == check_proof(trie.root, first, trie.proof(first))
    assert b"\x02" == check_proof(trie.root, second, trie.proof(second))
    assert check_proof(trie.root, b"\x11" * 31 + b"\x03", trie.proof(first)) is None
    assert check_proof(trie.root, b"\x11" * 32, trie.proof(first)) is None


def test_what_other_clients_add_to_a_proof_is_left_out() -> None:
    keys = b"\x11" * 31 + b"\x01", b"\x11" * 31 + b"\x02"
    trie = oracle.Trie({keys[0]: b"\x01", keys[1]: b"\x02"})
    proof = trie.proof(keys[0])
    in_place = oracle.encode([b"\x31", b"\x01"])

    assert refused(trie.root, keys[0], [*proof, in_place]) == "extra_node"
    assert proof == hashed_nodes([*proof, in_place])
    assert refused(EMPTY_ROOT, keys[0], [b"\x80"]) == "extra_node"
    assert () == hashed_nodes([b"\x80"])


def test_the_empty_trie_holds_nothing_and_has_no_node() -> None:
    assert "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421" == EMPTY_ROOT.hex()
    assert "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470" == EMPTY_CODE.hex()
    assert check_proof(EMPTY_ROOT, b"\x11" * 32, ()) is None


# Nodes that no trie has, under a root made for them.

NOTHING: dict[bytes, bytes] = {}
KEY_11 = b"\x11" * 32
HASH = keccak256(b"some node")
LEAF: oracle.Item = [b"\x20" + KEY_11, b"value"]


def leaf_at(depth: int, value: bytes = b"value") -> list[oracle.Item]:
    """Make the leaf of KEY_11 below a number of nibbles."""
    left = 64 - depth
    prefix = b"\x31" if left % 2 else b"\x20"
    return [prefix + b"\x11" * (left // 2), value]


def branch(*links: tuple[int, oracle.Item], value: oracle.Item = b"") -> list[oracle.Item]:
    items: list[oracle.Item] = [*[b""] * 16, value]
    for nibble, link in links:
        items[nibble] = link
    return items


def reason(*nodes: oracle.Item | bytes, raw: bool = False) -> str:
    """Give what a walk to KEY_11 says of nodes, the first of them the root."""
    encoded = [node if raw and isinstance(node, bytes) else oracle.encode(node) for node in nodes]
    known = {keccak256(node): node for node in encoded}
    try:
        walk(keccak256(encoded[0]), KEY_11, known.__getitem__)
    except InvalidStateProof as error:
        return error.reason
    return "taken"


def link_to(node: oracle.Item) -> bytes:
    return keccak256(oracle.encode(node))


def test_made_nodes_are_taken_in_their_one_form() -> None:
    below = leaf_at(1)
    fork = branch((1, link_to(leaf_at(3))), (2, HASH))

    assert reason(LEAF) == "taken"
    assert reason(branch((1, link_to(below)), (2, HASH)), below) == "taken"
    assert reason([b"\x00\x11", link_to(fork)], fork, leaf_at(3)) == "taken"
    assert reason([b"\x00\x21", link_to(fork)]) == "taken"
    assert reason([b"\x20" + b"\x12" * 32, b"value"]) == "taken"
    assert reason([b"\x11", link_to(branch((1, link_to(leaf_at(2))), (2, HASH)))]) == "missing_node"


@pytest.mark.parametrize("flag", range(256))
def test_only_hex_prefixes_in_their_one_form_are_taken(flag: int) -> None:
    found = reason([bytes((flag,)) + KEY_11, b"value"])
    # 0x20: a leaf of 64 nibbles. 0x3n: one of 65. 0x00, 0x1n: an extension, and `value` no link.
    expected = "taken" if flag == 0x20 else "depth" if flag >> 4 == 3 else "malformed_node"

    assert expected == found


@pytest.mark.parametrize("flag", range(256))
def test_only_hex_prefixes_in_their_one_form_are_taken_of_extensions(flag: int) -> None:
    found = reason([bytes((flag,)) + b"\x11", HASH])
    # 0x1n: the nibble n comes first, and the key has a 1 there. Leaves of two and three nibbles end
    # too early.
    known = {0x00: "missing_node", 0x11: "missing_node", 0x20: "depth"}
    expected = known.get(flag, {1: "taken", 3: "depth"}.get(flag >> 4, "malformed_node"))

    assert expected == found


def test_a_node_in_place_has_less_than_32_bytes() -> None:
    assert len(oracle.encode([b"\x20" + KEY_11[:27], b"v"])) == 31
    taken = branch((1, HASH), (2, [b"\x20" + KEY_11[:27], b"v"]))
    refused_ = branch((1, HASH), (2, [b"\x20" + KEY_11[:28], b"v"]))

    assert reason(taken) == "missing_node"
    assert reason(refused_) == "malformed_node"


@pytest.mark.parametrize(
    "node",
    [
        pytest.param([b"\x20" + KEY_11], id="one item"),
        pytest.param([b"\x20" + KEY_11, b"value", b""], id="three items"),
        pytest.param([b""] * 16 + [HASH, b""], id="eighteen items"),
        pytest.param([b""] * 15 + [HASH], id="sixteen items"),
        pytest.param(branch((1, HASH), (2, HASH), value=HASH), id="branch with a hash as value"),
        pytest.param(
            branch((1, HASH), (2, HASH), value=[b" ", b"v"]), id="branch with a leaf as value"
        ),
        pytest.param(branch((1, HASH), (2, HASH), value=b"v"), id="branch with a short value"),
        pytest.param(branch((1, HASH), (2, HASH), value=[]), id="branch with a list as value"),
        pytest.param(branch((1, HASH)), id="branch with one link"),
        pytest.param(branch(), id="branch without links"),
        pytest.param(branch((1, HASH), (2, HASH[1:])), id="branch with a hash of 31 bytes"),
        pytest.param(branch((1, HASH), (2, HASH + b"\0")), id="branch with a hash of 33 bytes"),
        pytest.param(branch((1, HASH), (2, b"\x05")), id="branch with a byte as link"),
        pytest.param(branch((1, HASH), (2, [])), id="branch with an empty list"),
        pytest.param(
            branch((1, HASH), (2, [b"\x20" + KEY_11[:29], b"v"])), id="in place, 33 bytes"
        ),
        pytest.param(
            branch((1, HASH), (2, [b"\x20" + KEY_11, b"v" * 40])), id="in place, 77 bytes"
        ),
        pytest.param([b"\x20" + KEY_11, b""], id="leaf without a value"),
        pytest.param([b"\x20" + KEY_11, [b"value"]], id="leaf with a list as value"),
        pytest.param([[b"\x20" + KEY_11], b"value"], id="leaf with a list as nibbles"),
        pytest.param([b"", b"v" * 40], id="no hex-prefix"),
        pytest.param([b"\x00", HASH], id="extension without nibbles"),
        pytest.param([b"\x00\x11", b""], id="extension to nothing, too small"),
        pytest.param([b"\x00" + KEY_11[:31], b""], id="extension to nothing"),
        pytest.param([b"\x00" + KEY_11[:31], b"link"], id="extension to a string"),
        pytest.param([b"\x00\x11", HASH + b"\0"], id="extension to a hash of 33 bytes"),
        pytest.param([b"\x00\x11", [b"\x20" + KEY_11, b"v"]], id="extension to a leaf in place"),
        pytest.param([b"\x20" + KEY_11, b"v" * 500], id="more bytes than a node has"),
        pytest.param([b"\x20" + KEY_11[:20], b"v"], id="fewer bytes than a node has"),
        pytest.param([], id="an empty list"),
        pytest.param(b"v" * 40, id="a string"),
    ],
)
def test_made_nodes_in_another_form_are_refused(node: oracle.Item) -> None:
    assert reason(node) == "malformed_node"


def test_an_extension_stands_above_a_branch_alone() -> None:
    leaf, extension = leaf_at(2), [b"\x00\x11", HASH]

    assert reason([b"\x00\x11", link_to(leaf)], leaf) == "malformed_node"
    assert reason([b"\x00\x11", link_to(extension)], extension) == "malformed_node"


def test_a_node_that_should_be_in_place_has_no_hash() -> None:
    small = [b"\x20" + b"\x11" * 20, b"v"]
    above = branch((1, link_to(small)), (2, HASH))

    assert reason(above, small) == "malformed_node"


@pytest.mark.parametrize("left", [0, 1, 31, 32, 61, 62, 64, 65, 66, 80])
def test_a_leaf_ends_at_the_key_alone(left: int) -> None:
    prefix = b"\x31" if left % 2 else b"\x20"
    leaf: oracle.Item = [prefix + b"\x11" * (left // 2), b"v" * 33]

    assert reason(branch((1, link_to(leaf)), (2, HASH)), leaf) == "depth"


@pytest.mark.parametrize("nibbles", [64, 66])
def test_an_extension_ends_before_the_key(nibbles: int) -> None:
    assert reason([b"\x00" + b"\x11" * (nibbles // 2), HASH]) == "depth"


def test_a_branch_stands_above_the_end_of_the_key() -> None:
    last = branch((1, [b"\x20", b"v"]), (2, [b"\x20", b"v"]))
    end = branch((1, HASH), (2, HASH))
    assert reason([b"\x11" + b"\x11" * 31, last]) == "taken"
    beyond = branch((1, link_to(end)), (2, HASH))
    assert reason([b"\x11" + b"\x11" * 31, link_to(beyond)], beyond, end) == "depth"


def test_every_shorter_form_of_rlp_is_asked_for() -> None:
    leaf = oracle.encode(LEAF)
    assert reason(leaf, raw=True) == "taken"
    assert reason(bytes((0xF8, leaf[0] - 0xC0)) + leaf[1:], raw=True) == "malformed_node"
    assert reason(leaf + b"\0", raw=True) == "malformed_node"
    spelled = oracle.encode(b"\x20" + KEY_11) + b"\x81\x05"
    assert reason(bytes((0xC0 + len(spelled),)) + spelled, raw=True) == "malformed_node"


def test_deeply_nested_lists_are_refused_without_going_into_them() -> None:
    deep = b"\xc0"
    for _ in range(250):
        deep = oracle_list(deep)
    for node in (deep, oracle_list(deep[-400:] + deep[-90:]), b"\xc1" * 531 + b"\xc0"):
        assert reason(node, raw=True) == "malformed_node"


def oracle_list(payload: bytes) -> bytes:
    if len(payload) < 56:
        return bytes((0xC0 + len(payload),)) + payload
    size = len(payload).to_bytes((len(payload).bit_length() + 7) // 8, "big")
    return bytes((0xF7 + len(size),)) + size + payload


def test_a_source_of_nodes_is_not_believed() -> None:
    one = ACCOUNT_PROOFS[0]
    nodes = {keccak256(node): node for node in one.proof}
    lie = dict.fromkeys(nodes, one.proof[0])

    assert walk(one.root, one.key, nodes.__getitem__) is not None
    with pytest.raises(InvalidStateProof, match="hash_mismatch"):
        walk(one.root, one.key, lie.__getitem__)
    for name in nodes:
        less = {other: node for other, node in nodes.items() if other != name}
        with pytest.raises(InvalidStateProof, match="missing_node"):
            walk(one.root, one.key, less.__getitem__)


@pytest.mark.parametrize("size", [0, 20, 31, 33])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        walk(EMPTY_ROOT, bytes(size), NOTHING.__getitem__)
    with pytest.raises(ValueError, match="bytes"):
        check_proof(EMPTY_ROOT, bytes(size), ())


# Values.

WORD = b"\xab" * 32


def account(*items: oracle.Item) -> bytes:
    return oracle.encode(items)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**256 - 1), st.binary(min_size=32, max_size=32))
def test_accounts_are_read_as_they_were_written(nonce: int, balance: int, word: bytes) -> None:
    leaf = account(
        nonce.to_bytes(8).lstrip(b"\0"), balance.to_bytes(32).lstrip(b"\0"), word, word[::-1]
    )

    assert AccountState(nonce, balance, word, word[::-1]) == decode_account(leaf)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"\x80",
        b"\xc0",
        account(b"", b"", WORD),
        account(b"", b"", WORD, WORD, b""),
        account(b"\0", b"", WORD, WORD),
        account(b"", b"\0", WORD, WORD),
        account(b"", b"\0\1", WORD, WORD),
        account(b"\1" * 9, b"", WORD, WORD),
        account(b"", b"\1" * 33, WORD, WORD),
        account(b"", b"", WORD[1:], WORD),
        account(b"", b"", WORD, WORD[1:]),
        account(b"", b"", WORD + b"\1", WORD),
        account(b"", b"", WORD, b""),
        account([], b"", WORD, WORD),
        account(b"", b"", [WORD], WORD),
        account(b"", b"", WORD, WORD) + b"\0",
        account(b"", b"", WORD, WORD)[:-1],
        b"\x00" + account(b"", b"", WORD, WORD),
    ],
)
def test_other_accounts_are_refused(leaf: bytes) -> None:
    with pytest.raises(InvalidStateProof, match="malformed_node"):
        decode_account(leaf)


@given(st.integers(1, 2**256 - 1))
def test_slots_are_read_as_they_were_written(value: int) -> None:
    assert value == decode_slot(oracle.encode(value.to_bytes(32).lstrip(b"\0")))


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"\x80",
        b"\x00",
        b"\xc0",
        b"\xc1\x05",
        b"\x81\x05",
        b"\x82\x00\x05",
        b"\x05\x05",
        b"\x83ab",
        oracle.encode(b"\1" * 33),
        oracle.encode(b"\0" * 32),
    ],
)
def test_other_slots_are_refused(leaf: bytes) -> None:
    with pytest.raises(InvalidStateProof, match="malformed_node"):
        decode_slot(leaf)


# The reader.


class Asked:
    """A source of nodes that counts how often it is asked."""

    def __init__(self, nodes: dict[bytes, bytes]) -> None:
        self.nodes = nodes
        self.count = 0

    def __call__(self, node_hash: bytes) -> bytes:
        self.count += 1
        return self.nodes[node_hash]


def state(accounts: int) -> tuple[oracle.Trie, list[bytes]]:
    """Build the trie of accounts whose balance is their number; the first has none."""
    addresses = [keccak256(number.to_bytes(4))[:20] for number in range(accounts)]
    leaves = [
        account(b"", number.to_bytes(8).lstrip(b"\0"), EMPTY_ROOT, EMPTY_CODE)
        for number in range(accounts)
    ]
    items = {keccak256(one): leaf for one, leaf in zip(addresses, leaves, strict=True)}
    return oracle.Trie(items), addresses


def test_a_reader_hashes_and_decodes_shared_nodes_once() -> None:
    trie, addresses = state(200)
    asked = Asked(trie.nodes)
    reader = StateReader(trie.root, asked)
    balances = [one and one.balance for one in map(reader.account, addresses)]
    absent = [reader.account(keccak256(one)[:20]) for one in addresses]

    assert list(range(200)) == balances
    assert [None] * 200 == absent
    assert len(trie.nodes) == asked.count


@pytest.mark.parametrize("cached", [1, 2, 10])
def test_a_reader_keeps_no_more_nodes_than_it_may(cached: int) -> None:
    trie, addresses = state(200)
    asked = Asked(trie.nodes)
    reader = StateReader(trie.root, asked, cached)
    balances = [one and one.balance for one in map(reader.account, addresses)]

    assert list(range(200)) == balances
    assert asked.count > len(trie.nodes)


def test_a_reader_reads_recorded_accounts_and_slots() -> None:
    for case in CASES:
        proof = case["proof"]
        given_ = [*proof["accountProof"], *(n for s in proof["storageProof"] for n in s["proof"])]
        nodes = {keccak256(data(node)): data(node) for node in given_}
        reader = StateReader(data(case["header"]["stateRoot"]), nodes.__getitem__)
        found = reader.account(data(proof["address"]))
        assert int(proof["balance"], 16) == (found.balance if found else 0)
        for slot in proof["storageProof"]:
            assert found is not None
            value = reader.slot(found.storage_root, slot_key(slot["key"]))
            assert int(slot["value"], 16) == value


def test_a_reader_asks_again_after_a_node_was_missing() -> None:
    trie, addresses = state(50)
    nodes = dict(trie.nodes)
    gone = trie.proof(keccak256(addresses[7]))[-1]
    reader = StateReader(trie.root, nodes.__getitem__)
    del nodes[keccak256(gone)]
    with pytest.raises(InvalidStateProof, match="missing_node"):
        reader.account(addresses[7])
    nodes[keccak256(gone)] = gone[:-1] + b"\0"
    with pytest.raises(InvalidStateProof, match="hash_mismatch"):
        reader.account(addresses[7])
    nodes[keccak256(gone)] = gone
    found = reader.account(addresses[7])

    assert found is not None
    assert 7 == found.balance


def test_a_reader_refuses_a_leaf_that_is_no_account() -> None:
    address, slot = bytes(20), bytes(32)
    accounts = oracle.Trie({keccak256(address): b"not an account"})
    slots = oracle.Trie({keccak256(slot): account(b"", b"", WORD, WORD)})
    reader = StateReader(accounts.root, {**accounts.nodes, **slots.nodes}.__getitem__)

    with pytest.raises(InvalidStateProof, match="malformed_node"):
        reader.account(address)
    with pytest.raises(InvalidStateProof, match="malformed_node"):
        reader.slot(slots.root, slot)


def test_a_slot_of_empty_storage_is_zero() -> None:
    reader = StateReader(EMPTY_ROOT, NOTHING.__getitem__)

    assert reader.account(bytes(20)) is None
    assert 0 == reader.slot(EMPTY_ROOT, bytes(32))


def test_a_reader_takes_keys_of_their_length_alone() -> None:
    reader = StateReader(EMPTY_ROOT, NOTHING.__getitem__)
    for size in (0, 19, 21, 32):
        with pytest.raises(ValueError, match="bytes"):
            reader.account(bytes(size))
    for size in (0, 20, 31, 33):
        with pytest.raises(ValueError, match="bytes"):
            reader.slot(EMPTY_ROOT, bytes(size))
