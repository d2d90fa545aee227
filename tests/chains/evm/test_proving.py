"""What a reply to a request for proofs is worth: real ones, each byte changed, any JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.evm.calls import MalformedAnswer, by_hash
from chains.evm.proving import MAX_PROOF_NODES, proof_call, proof_nodes
from chains.evm.slots import storage_key
from chains.evm.trie import InvalidStateProof
from chains.wire import decode_json
from tests.chains.evm.mainnet import CASES, data
from tests.chains.evm.statechain import HOLDERS, NOBODY, ROW, SWITCH, TOKEN, StateChain

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Call, Json

BLOCK = by_hash("0x" + "ab" * 32)
CHAIN = StateChain()
REFUSED = (MalformedAnswer, InvalidStateProof)


def key_of(holder: str) -> str:
    return f"0x{storage_key(ROW, holder).hex()}"


def ask(address: str, *keys: str) -> tuple[Call, dict[str, Any]]:
    """Ask the chain in memory; give the call and the reply as the wire has it."""
    reply = CHAIN.answer("eth_getProof", [address, list(keys), BLOCK])["result"]
    return proof_call(address, keys, BLOCK), reply


def frozen(reply: object) -> Json:
    return decode_json(json.dumps(reply).encode())


def take(call: Call, reply: object, root: str = CHAIN.root) -> tuple[bytes, ...]:
    return proof_nodes(call, frozen(reply), root)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_real_replies_are_taken_with_exactly_their_nodes(number: int) -> None:
    proof, root = CASES[number]["proof"], CASES[number]["header"]["stateRoot"]
    keys = tuple(f"0x{int(slot['key'], 16):064x}" for slot in proof["storageProof"])
    nodes = take(proof_call(proof["address"], keys, BLOCK), proof, root)
    given_nodes = [*proof["accountProof"], *(n for s in proof["storageProof"] for n in s["proof"])]
    assert nodes == tuple(data(node) for node in given_nodes)


def test_words_may_have_leading_zeros_or_none() -> None:
    call, reply = ask(TOKEN, key_of(HOLDERS[0]), SWITCH)
    for write in (hex, lambda word: f"0x{word:064x}", lambda word: f"0x0{word:x}"):
        slots = [
            {**one, "key": write(int(one["key"], 16)), "value": write(int(one["value"], 16))}
            for one in reply["storageProof"]
            if len(write(int(one["key"], 16))) <= 66
        ]
        if len(slots) == 2:
            assert take(call, {**reply, "storageProof": slots}) == take(call, reply)


def test_what_some_clients_add_is_left_out() -> None:
    call, reply = ask(HOLDERS[0], SWITCH)
    slot = reply["storageProof"][0]
    assert slot["proof"] == []
    assert take(call, {**reply, "storageProof": [{**slot, "proof": ["0x80"]}]}) == take(call, reply)


def test_clients_differ_in_the_hashes_of_an_account_that_is_not_there() -> None:
    call, reply = ask(NOBODY)
    zero = "0x" + "00" * 32
    told = {**reply, "codeHash": zero, "storageHash": zero}
    assert take(call, told) == take(call, reply)
    assert take(call, reply)
    with pytest.raises(MalformedAnswer):
        take(call, {**reply, "balance": "0x1"})
    with pytest.raises(MalformedAnswer):
        take(call, {**reply, "nonce": "0x1"})


def change_slot(reply: dict[str, Any], **more: object) -> dict[str, Any]:
    first, *rest = reply["storageProof"]
    return {**reply, "storageProof": [{**first, **more}, *rest]}


LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "of another address": lambda r: {**r, "address": HOLDERS[1]},
    "of no address": lambda r: {k: v for k, v in r.items() if k != "address"},
    "an address that is none": lambda r: {**r, "address": [TOKEN.lower()]},
    "balance": lambda r: {**r, "balance": "0x1"},
    "balance with a leading zero": lambda r: {**r, "balance": "0x00"},
    "nonce": lambda r: {**r, "nonce": "0x6"},
    "code hash": lambda r: {**r, "codeHash": "0x" + "11" * 32},
    "code hash in capitals": lambda r: {**r, "codeHash": r["codeHash"].upper()},
    "storage hash": lambda r: {**r, "storageHash": "0x" + "11" * 32},
    "no storage hash": lambda r: {**r, "storageHash": None},
    "no account proof": lambda r: {**r, "accountProof": []},
    "account proof is text": lambda r: {**r, "accountProof": "0x"},
    "a node is a number": lambda r: {**r, "accountProof": [5]},
    "a node is not hex": lambda r: {**r, "accountProof": ["0xzz"]},
    "a node of half a byte": lambda r: {**r, "accountProof": [r["accountProof"][0] + "0"]},
    "a node in capitals": lambda r: {**r, "accountProof": [n.upper() for n in r["accountProof"]]},
    "first node missing": lambda r: {**r, "accountProof": r["accountProof"][1:]},
    "last node missing": lambda r: {**r, "accountProof": r["accountProof"][:-1]},
    "a node twice": lambda r: {**r, "accountProof": [*r["accountProof"], r["accountProof"][-1]]},
    "in reverse": lambda r: {**r, "accountProof": r["accountProof"][::-1]},
    "an unrelated node": lambda r: {
        **r,
        "accountProof": [*r["accountProof"], "0x" + "c0" * 40],
    },
    "too many nodes": lambda r: {
        **r,
        "accountProof": [*r["accountProof"], *["0x80"] * MAX_PROOF_NODES],
    },
    "a node of 601 bytes": lambda r: {**r, "accountProof": ["0x" + "00" * 601]},
    "slots are not a list": lambda r: {**r, "storageProof": None},
    "a slot less": lambda r: {**r, "storageProof": r["storageProof"][1:]},
    "a slot more": lambda r: {**r, "storageProof": [*r["storageProof"], r["storageProof"][0]]},
    "slots swapped": lambda r: {**r, "storageProof": r["storageProof"][::-1]},
    "a slot that is none": lambda r: {**r, "storageProof": [None, r["storageProof"][1]]},
    "keys swapped": lambda r: change_slot(r, key=r["storageProof"][1]["key"]),
    "proofs swapped": lambda r: change_slot(r, proof=r["storageProof"][1]["proof"]),
    "no key": lambda r: change_slot(r, key=None),
    "a key that is empty": lambda r: change_slot(r, key="0x"),
    "a key of 33 bytes": lambda r: change_slot(r, key="0x" + "0" * 66),
    "value": lambda r: change_slot(r, value="0x1"),
    "no value": lambda r: change_slot(r, value=None),
    "value zero": lambda r: change_slot(r, value="0x0"),
    "no proof of a slot": lambda r: change_slot(r, proof=[]),
}


@pytest.mark.parametrize("name", LIES)
def test_a_reply_that_is_not_exactly_its_proof_is_refused(name: str) -> None:
    call, reply = ask(TOKEN, key_of(HOLDERS[0]), SWITCH)
    assert take(call, reply)
    with pytest.raises(REFUSED):
        take(call, LIES[name](reply))


def test_a_proof_at_another_block_is_refused() -> None:
    other = StateChain(StateChain().state.__class__({HOLDERS[0]: 1}))
    call, reply = ask(HOLDERS[0])
    with pytest.raises(REFUSED):
        take(call, reply, other.root)


@pytest.mark.parametrize(("asked", "given_for"), [(0, 1), (1, 0)])
def test_a_proof_of_another_account_under_the_asked_name_is_refused(
    asked: int, given_for: int
) -> None:
    call, _ = ask(HOLDERS[asked])
    _, other = ask(HOLDERS[given_for])
    with pytest.raises(REFUSED):
        take(call, {**other, "address": HOLDERS[asked]})
    _, nobody = ask(NOBODY)
    with pytest.raises(REFUSED):
        take(call, {**nobody, "address": HOLDERS[asked]})


def test_every_byte_of_a_reply_counts() -> None:
    """A changed byte is no JSON, is refused, or is in a letter's case or a name nobody reads."""
    call, reply = ask(TOKEN, key_of(HOLDERS[0]))
    text = json.dumps(reply).encode()
    truth, passed = take(call, reply), []
    for place in range(len(text)):
        for mask in (0x01, 0x20):
            changed = text[:place] + bytes((text[place] ^ mask,)) + text[place + 1 :]
            try:
                nodes = proof_nodes(call, decode_json(changed), CHAIN.root)
            except (ValueError, InvalidStateProof):
                continue
            assert nodes == truth
            passed.append(place)
    address = text.index(TOKEN.lower().encode())
    assert set(passed) <= set(range(address, address + 42)) | spaces(text)


def spaces(text: bytes) -> set[int]:
    return {place for place, byte in enumerate(text) if byte == ord(" ")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.just("0x80"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=12,
)
MEMBERS = (
    "address",
    "accountProof",
    "balance",
    "nonce",
    "codeHash",
    "storageHash",
    "storageProof",
)


@given(JSON)
def test_any_json_in_place_of_a_reply_is_refused(reply: object) -> None:
    call, _ = ask(TOKEN, SWITCH)
    with pytest.raises(REFUSED):
        take(call, reply)


@settings(max_examples=200)
@given(st.sampled_from(MEMBERS), JSON)
def test_any_json_in_place_of_a_member_is_refused_or_the_same(member: str, value: object) -> None:
    call, reply = ask(TOKEN, SWITCH)
    try:
        nodes = take(call, {**reply, member: value})
    except REFUSED:
        return
    assert nodes == take(call, reply)


@settings(max_examples=200)
@given(st.sampled_from(("key", "value", "proof")), JSON)
def test_any_json_in_place_of_a_slots_member_is_refused_or_the_same(
    member: str, value: object
) -> None:
    call, reply = ask(TOKEN, SWITCH)
    try:
        nodes = take(call, change_slot(reply, **{member: value}))
    except REFUSED:
        return
    assert nodes == take(call, reply)


@settings(max_examples=300)
@given(st.lists(st.binary(min_size=0, max_size=80), max_size=5))
def test_any_nodes_in_place_of_a_proof_are_refused(nodes: list[bytes]) -> None:
    call, reply = ask(HOLDERS[0])
    with pytest.raises(REFUSED):
        take(call, {**reply, "accountProof": [f"0x{node.hex()}" for node in nodes]})


@settings(max_examples=300)
@given(st.data())
def test_nodes_of_the_trie_in_another_order_are_refused(pick: st.DataObject) -> None:
    call, reply = ask(HOLDERS[0])
    pool = sorted({node for one in HOLDERS for node in ask(one)[1]["accountProof"]})
    nodes = pick.draw(st.lists(st.sampled_from(pool), max_size=4))
    if nodes == reply["accountProof"]:
        return
    with pytest.raises(REFUSED):
        take(call, {**reply, "accountProof": nodes})
