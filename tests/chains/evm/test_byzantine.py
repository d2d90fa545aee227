"""One source of two misbehaves in every way that was seen or thought of: right, or failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evm.bounds import MAX_WORD
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.recording import encode_log
from config.caip import address_of
from tests.chains.evm.fakechain import CHAIN, COIN_ASSET, FakeChain, World
from tests.chains.evm.fakechain import plan_of as fake_plan
from tests.chains.evm.fakenodes import nodes
from tests.chains.evm.fakenodes import reading as read_fakes
from tests.chains.evm.statechain import (
    HOLDERS,
    TOKEN_ASSET,
    TRUTH,
    StateChain,
    no_proofs,
    on,
    plan_of,
)
from tests.misbehaving import Reply, faulty, honest

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.snapshot import ChainSnapshot
    from tests.misbehaving import Fault, Json, Script

NATIVE = CHAIN.native
PLACES = {"the control call": 0, "a balance": 1, "the last balance": -1}
Item = dict[str, "Json"]


def at(place: int, change: Callable[[Item], list[Item]]) -> Fault:
    """Change the item at a place of a batch."""

    def fault(items: list[Item]) -> Json:
        place_of = place % len(items)
        return [
            one
            for number, item in enumerate(items)
            for one in (change(item) if number == place_of else [item])
        ]

    return fault


def without(item: Item, *names: str) -> Item:
    return {key: value for key, value in item.items() if key not in names}


ONE: dict[str, Callable[[Item], list[Item]]] = {
    "left out": lambda _item: [],
    "twice": lambda item: [item, item],
    "twice, once with another value": lambda item: [item, {**item, "result": "0x5"}],
    "null": lambda item: [{**item, "result": None}],
    "without a result": lambda item: [without(item, "result")],
    "an error": lambda item: [
        {**without(item, "result"), "error": {"code": -32000, "message": "x"}}
    ],
    "result and error": lambda item: [{**item, "error": {"code": -32000, "message": "x"}}],
    "throttled": lambda item: [
        {**without(item, "result"), "error": {"code": -32005, "message": "x"}}
    ],
    "under another id": lambda item: [{**item, "id": item["id"] + 10**6}],
    "under an id of text": lambda item: [{**item, "id": str(item["id"])}],
    "under no id": lambda item: [without(item, "id")],
    "under the id null": lambda item: [{**item, "id": None}],
    "of another version": lambda item: [{**item, "jsonrpc": "1.0"}],
    "not an object": lambda _item: [["0x1"]],  # type: ignore[list-item] # on purpose
    "an empty text": lambda item: [{**item, "result": ""}],
    "empty data": lambda item: [{**item, "result": "0x"}],
    "zero": lambda item: [{**item, "result": "0x0"}],
    "a word of zero": lambda item: [{**item, "result": "0x" + "00" * 32}],
    "four words of zero": lambda item: [{**item, "result": "0x" + "00" * 128}],
    "one too many": lambda item: [{**item, "result": "0xde0b6b3a7640001"}],
    "a number": lambda item: [{**item, "result": 5}],
    "true": lambda item: [{**item, "result": True}],
    "decimal": lambda item: [{**item, "result": "1000000000000000000"}],
    "with leading zeros": lambda item: [{**item, "result": "0x0de0b6b3a7640000"}],
    "in capitals": lambda item: [{**item, "result": "0xDE0B6B3A7640000"}],
    "a list": lambda item: [{**item, "result": ["0x1"]}],
    "an object": lambda item: [{**item, "result": {"balance": "0x1"}}],
    "beyond 256 bits": lambda item: [{**item, "result": "0x1" + "0" * 64}],
    "a megabyte": lambda item: [{**item, "result": "0x" + "1" * (1 << 20)}],
}
ALL: dict[str, Fault] = {
    "reversed": lambda items: items[::-1],
    "one more": lambda items: [*items, {**items[0], "id": 10**9}],
    "each twice": lambda items: [*items, *items],
    "empty": lambda _items: [],
    "one object for all": lambda items: items[0],
    "an error for all": lambda _items: {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32000, "message": "x"},
    },
    "ids moved by one": lambda items: [
        {**item, "id": items[(number + 1) % len(items)]["id"]} for number, item in enumerate(items)
    ],
    "results moved by one": lambda items: [
        {**item, "result": items[number - 1]["result"]} for number, item in enumerate(items)
    ],
    "the first result for all": lambda items: [
        {**item, "result": items[0]["result"]} for item in items
    ],
    "the last result for all": lambda items: [
        {**item, "result": items[-1]["result"]} for item in items
    ],
    "two ids swapped": lambda items: [items[0], *items[1:-2], *swapped(items[-2:])],
}


def swapped(items: list[Item]) -> list[Item]:
    return [{**item, "id": other["id"]} for item, other in zip(items, reversed(items), strict=True)]


def truth_of(snapshot: ChainSnapshot, count: int) -> int:
    """Count the balances, each of which is right; those that are not there are failures."""
    values = {NATIVE: TRUTH.balances, TOKEN_ASSET: TRUTH.units}
    for found in snapshot.balances:
        assert values[found.asset][address_of(found.account)] == found.units
    assert len(snapshot.balances) + len(snapshot.failures) == count
    return len(snapshot.balances)


PLAN = plan_of(*HOLDERS[:4], quorum=2)


def in_state_only(fault: Fault) -> Fault:
    """Misbehave in batches of balances alone: five items and more."""
    return lambda items: fault(items) if len(items) == 5 else items


def right(script: Script, *, lie: Callable[..., Json] = no_proofs) -> int:
    """Read from a misbehaving source and from an honest one; count what is right."""
    with nodes(script, honest(StateChain(lie=lie).answer)) as sources:
        evidence = read(PLAN, sources, World().around)
    found = recheck(PLAN, evidence)
    return truth_of(found, 8)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ONE)
def test_one_item_of_a_batch(name: str, place: str) -> None:
    fault = in_state_only(at(PLACES[place], ONE[name]))
    count = right(faulty(StateChain(lie=no_proofs).answer, fault))
    # What the control call does not show makes a whole sweep fail, another item itself alone.
    assert count in {0, 6, 8}
    proved = right(faulty(StateChain().answer, fault), lie=lambda _m, _p, result: result)
    assert proved >= count


@pytest.mark.parametrize("name", ALL)
def test_all_items_of_a_batch(name: str) -> None:
    fault = in_state_only(ALL[name])
    count = right(faulty(StateChain(lie=no_proofs).answer, fault))
    assert (count == 8) == (name in {"reversed", "an error for all"})
    assert right(faulty(StateChain().answer, fault), lie=lambda _m, _p, result: result) >= count


def test_a_refused_batch_is_asked_in_parts() -> None:
    """Until the batches are small enough; then every item has its answer."""
    fault = in_state_only(ALL["an error for all"])
    assert right(faulty(StateChain(lie=no_proofs).answer, fault)) == 8


@pytest.mark.parametrize("left", range(14))
@pytest.mark.parametrize("end", ["hangs up", "HTML", "500", "429", "half a reply"])
def test_a_source_that_vanishes_on_the_way(left: int, end: str) -> None:
    """With two asked for there are right values, failures, or no pin; never another value."""
    good = honest(StateChain(lie=no_proofs).answer)
    ends = {
        "hangs up": Reply(drop=True),
        "HTML": Reply(b"<html>busy</html>"),
        "500": Reply(b"", 500),
        "429": Reply(b"", 429),
        "half a reply": Reply(b'[{"jsonrpc":"2.0","id":1,"resu', length=500),
    }

    def script(request: Json, number: int) -> Reply:
        return good(request, number) if number <= left else ends[end]

    try:
        right(script)
    except ChainError as error:
        assert "too few sources" in str(error)  # noqa: PT017 - either end is right


def test_one_address_with_several_nodes_behind_it_is_caught_when_they_differ() -> None:
    """Every other request reaches a node that is some blocks behind and answers all the same."""
    ahead, behind = FakeChain(), FakeChain(state_height=15, balances={}, tokens={})
    turn = [0]

    def answer(method: str, params: list[Json]) -> dict[str, Json]:
        state = method in {"eth_getBalance", "eth_call"}
        return (behind if state and turn[0] % 2 else ahead).answer(method, params)

    def script(request: Json, number: int) -> Reply:
        turn[0] += isinstance(request, list)
        return honest(answer)(request, number)

    for first in (0, 1):
        turn[0] = first
        snapshot = read_fakes(fake_plan(), script)
        told = {found.asset: found.units for found in snapshot.balances if found.units}
        assert set(told.items()) <= {(NATIVE, 7), (COIN_ASSET, 500)}
        assert {dict(one.answers)["node-1"] for one in snapshot.failures} <= {
            "wrong_state",
            "malformed_answer",
            "no_code",
        }
        assert snapshot.failures


def test_a_source_that_left_still_contradicts_what_another_says() -> None:
    """Its answers were of the pin by its hash; that it is gone does not unsay them."""
    liar = StateChain(lie=on("eth_getBalance", lambda _params, _result: "0x5"))
    good = honest(liar.answer)
    plan = plan_of(*HOLDERS[:4], quorum=1)
    gone = [False]

    def script(request: Json, number: int) -> Reply:
        reply = Reply(drop=True) if gone[0] else good(request, number)
        gone[0] |= isinstance(request, list) and len(request) == 5
        return reply

    with nodes(script, honest(StateChain(lie=no_proofs).answer)) as sources:
        snapshot = recheck(plan, read(plan, sources, World().around))
    natives = [one for one in snapshot.failures if one.asset == NATIVE]
    assert [one.reason for one in natives] == ["sources_disagree"] * 4
    assert natives[0].answers == (("node-1", "5"), ("node-2", str(10**18)))
    assert {one.sources for one in snapshot.balances} == {("node-2",)}


def test_no_empty_batch_is_sent() -> None:
    found: list[Json] = []

    def script(request: Json, number: int) -> Reply:
        found.append(request)
        return honest(StateChain().answer)(request, number)

    with nodes(script) as sources:
        for plan in (plan_of(assets=()), plan_of(HOLDERS[0], assets=(NATIVE,)), plan_of()):
            read(plan, sources, World().around)
    assert len(found) > 20
    assert [] not in found


HUGE = "0x" + "1" * (1 << 21)


@pytest.mark.parametrize("method", ["eth_getBalance", "eth_getCode", "eth_call", "eth_getProof"])
@pytest.mark.parametrize(
    "value",
    [HUGE + "00", ["0x1"] * 100_000, {str(n): "0x1" for n in range(50_000)}],
    ids=["a text", "a list", "an object"],
)
def test_megabytes_in_place_of_an_answer_are_not_kept(method: str, value: Json) -> None:
    chain = StateChain(lie=on(method, lambda _params, _result: value))
    with nodes(honest(chain.answer)) as sources:
        plan = plan_of(HOLDERS[0])
        evidence = read(plan, sources, World().around)
    size = sum(len(encode_log(evidence.chain, log)) for log in evidence.logs)
    assert size + len(evidence.nodes) < (3 << 20)
    if method in {"eth_getBalance", "eth_call"}:
        assert size < 20_000
    assert not any(found.evidence == "single" for found in recheck(plan, evidence).balances)


def test_a_megabyte_in_place_of_a_block_is_no_pin() -> None:
    def change(method: str, _params: list[Json], result: Json) -> Json:
        return {**result, "transactions": ["0x1"] * (1 << 21)} if "Block" in method else result

    with (
        nodes(honest(StateChain(lie=change).answer)) as sources,
        pytest.raises(ChainError, match="no source of eip155:31337 answered"),
    ):
        read(plan_of(), sources, World().around)


def test_the_longest_balance_is_as_long_as_it_may_be() -> None:
    assert len(f"0x{2**256 - 1:064x}") == MAX_WORD
    rich = StateChain(
        TRUTH.__class__({HOLDERS[0]: 2**256 - 1}, {HOLDERS[0]: 2**255 - 1}), lie=no_proofs
    )
    with nodes(honest(rich.answer)) as sources:
        plan = plan_of(HOLDERS[0])
        snapshot = recheck(plan, read(plan, sources, World().around))
    assert [one.units for one in snapshot.balances] == [2**256 - 1, 2**255 - 1]
    assert json.loads(json.dumps(2**256 - 1)) == snapshot.balances[0].units
