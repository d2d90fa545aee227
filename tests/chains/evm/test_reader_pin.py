from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evm.witness import UnsettledPin
from chains.snapshot import Pin
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CHAIN,
    COIN_ASSET,
    GENESIS_TIME,
    FakeChain,
    World,
    plan_of,
)
from tests.chains.evm.fakenodes import at_call, balance, fork, reading, units_of
from tests.misbehaving import honest

if TYPE_CHECKING:
    from tests.misbehaving import Json


def test_one_source_is_read_at_its_last_final_block() -> None:
    chain = FakeChain()
    snapshot = reading(plan_of(), chain)
    assert snapshot.pin == Pin(CHAIN.id, 18, chain.block_hash(18), chain.time(18), 3)
    assert snapshot.failures == ()
    assert snapshot.balances == (
        balance(ALICE, CHAIN.native, 7, "node-1"),
        balance(ALICE, COIN_ASSET, 500, "node-1"),
        balance(BOB, CHAIN.native, 0, "node-1"),
        balance(BOB, COIN_ASSET, 0, "node-1"),
    )


def test_two_operators_are_a_quorum() -> None:
    snapshot = reading(plan_of(quorum=2), FakeChain(), FakeChain())
    assert balance(BOB, COIN_ASSET, 0, "node-1", "node-2") == snapshot.balances[3]


def test_two_sources_of_one_operator_are_not() -> None:
    with pytest.raises(ChainError, match="too few sources stand for block 18"):
        reading(plan_of(quorum=2), FakeChain(), FakeChain(), operators="aa")
    snapshot = reading(plan_of(), FakeChain(), FakeChain(), operators="aa")
    assert {balance.evidence for balance in snapshot.balances} == {"single"}


def test_the_lowest_final_block_is_final_for_all() -> None:
    behind = FakeChain(height=12, finalized=9)
    snapshot = reading(plan_of(quorum=2), FakeChain(), behind)
    assert (snapshot.pin.height, snapshot.pin.depth) == (9, 4)


@pytest.mark.parametrize(("confirmations", "height"), [(1, 18), (3, 18), (4, 17), (21, 0)])
def test_a_declaration_may_ask_for_more_depth_than_the_tag_gives(
    confirmations: int, height: int
) -> None:
    assert reading(plan_of(confirmations=confirmations), FakeChain()).pin.height == height


@pytest.mark.parametrize(("confirmations", "height"), [(1, 20), (3, 18), (21, 0)])
def test_without_the_tag_the_depth_decides(confirmations: int, height: int) -> None:
    plan = plan_of(confirmations=confirmations)
    assert reading(plan, FakeChain(finalized=None)).pin.height == height


def test_a_tag_above_the_last_block_is_not_followed() -> None:
    chain = FakeChain(height=20, finalized=20)
    chain.before = lambda self, _method, number: setattr(self, "height", 15 if number == 2 else 20)
    assert reading(plan_of(), chain).pin.height == 15


@pytest.mark.parametrize("block", ["0x12", {}, {"number": "0x12"}, 18, ()])
def test_a_tag_that_is_answered_with_something_else_silences_the_source(block: Json) -> None:
    def answer(method: str, params: list[Json]) -> dict[str, Json]:
        if params[:1] == ["finalized"]:
            return {"result": block}
        return FakeChain().answer(method, params)

    with pytest.raises(ChainError, match="no source of eip155:31337 answered"):
        reading(plan_of(), honest(answer))


def test_a_chain_that_is_too_short_gives_no_pin() -> None:
    with pytest.raises(ChainError, match="no block of eip155:31337 is final: 22 deep is asked"):
        reading(plan_of(confirmations=22), FakeChain())


def test_a_source_on_another_chain_is_an_error_that_names_both() -> None:
    message = "source node-2 is on another chain: it says eip155:1, eip155:31337 is declared"
    world = World()
    with pytest.raises(ChainError, match=message):
        reading(plan_of(), FakeChain(), FakeChain(chain_id=1), world=world)
    assert world.pauses == []


@pytest.mark.parametrize("as_of", [GENESIS_TIME + 12 * 7, GENESIS_TIME + 12 * 8 - 1])
def test_the_pin_is_the_last_block_at_or_before_the_moment(as_of: int) -> None:
    snapshot = reading(plan_of(as_of=as_of, quorum=2), FakeChain(), FakeChain(height=22))
    assert (snapshot.pin.height, snapshot.pin.block_time) == (7, GENESIS_TIME + 84)
    assert snapshot.pin.depth == 14


def test_a_moment_after_the_last_final_block_gives_that_block() -> None:
    assert reading(plan_of(as_of=GENESIS_TIME + 10**9), FakeChain()).pin.height == 18


def test_blocks_of_one_second_are_told_apart() -> None:
    assert reading(plan_of(as_of=GENESIS_TIME), FakeChain(seconds=0)).pin.height == 18


def test_a_moment_before_the_chain_gives_no_pin() -> None:
    with pytest.raises(ChainError, match="begins after"):
        reading(plan_of(as_of=GENESIS_TIME - 1), FakeChain())


def test_the_moment_is_searched_on_a_source_that_shows_its_blocks() -> None:
    def hiding(chain: FakeChain, method: str, _number: int) -> None:
        chain.overrides = {} if method != "eth_getBlockByNumber" else {"eth_getBlockByNumber": None}

    shy = FakeChain(before=hiding)
    with pytest.raises(ChainError, match="no source of eip155:31337 answered"):
        reading(plan_of(as_of=GENESIS_TIME + 84), shy)

    def pruned(method: str, params: list[Json]) -> dict[str, Json]:
        if method == "eth_getBlockByNumber" and params[0] == "0x5":
            return {"result": None}
        return FakeChain().answer(method, params)

    snapshot = reading(plan_of(as_of=GENESIS_TIME + 84, quorum=2), honest(pruned), FakeChain())
    assert snapshot.pin.height == 7
    with pytest.raises(ChainError, match="shows the times"):
        reading(plan_of(as_of=GENESIS_TIME + 84), honest(pruned))


@pytest.mark.parametrize("knows_hashes", [True, False])
@pytest.mark.parametrize("number", range(2, 13))
def test_a_block_that_changes_during_the_run_starts_it_over(
    number: int, *, knows_hashes: bool
) -> None:
    chain = at_call(number, fork)
    chain.knows_hashes = knows_hashes
    world = World()
    snapshot = reading(plan_of(), chain, world=world)
    assert chain.block_hash(18) == snapshot.pin.block_hash
    assert units_of(snapshot) == [7, 500, 0, 0]
    started_over = number > 4
    assert world.pauses == ([3.0] if started_over else [])


def test_a_block_that_keeps_changing_is_an_error_in_the_end() -> None:
    def before(chain: FakeChain, _method: str, count: int) -> None:
        chain.fork = str(count // 5)

    world = World()
    with pytest.raises(UnsettledPin):
        reading(plan_of(), FakeChain(before=before), world=world)
    assert world.pauses == [3.0, 6.0, 12.0]


def test_a_source_that_no_longer_knows_the_pin_starts_the_reading_over() -> None:
    def forgetting(chain: FakeChain, method: str, count: int) -> None:
        forgotten = count > 6 and method == "eth_getBlockByNumber" and chain.asked < 16
        chain.overrides = {"eth_getBlockByNumber": None} if forgotten else {}

    world = World()
    snapshot = reading(plan_of(), FakeChain(), FakeChain(before=forgetting), world=world)
    assert world.pauses == [3.0]
    assert {balance.sources for balance in snapshot.balances} == {("node-1", "node-2")}


def test_sources_on_different_forks_are_read_again_until_they_agree() -> None:
    late = FakeChain(fork="b", fork_height=15)
    late.before = lambda chain, method, _number: (
        setattr(chain, "fork", "a") if method == "eth_chainId" and chain.asked > 3 else None
    )
    world = World()
    assert reading(plan_of(quorum=2), FakeChain(), late, world=world).pin.height == 18
    assert world.pauses == [3.0]


def test_sources_that_stay_on_different_forks_are_an_error_that_names_both() -> None:
    one, other = FakeChain(), FakeChain(fork="b", fork_height=15)
    message = (
        f"no agreement on block 18 of eip155:31337: "
        f"node-1 says {one.block_hash(18)}, node-2 says {other.block_hash(18)}"
    )
    with pytest.raises(ChainError, match=message):
        reading(plan_of(), one, other)


def test_a_fork_above_the_pin_does_no_harm() -> None:
    other = FakeChain(fork="b", fork_height=19)
    assert reading(plan_of(quorum=2), FakeChain(), other).pin.height == 18


def test_a_source_whose_block_is_not_found_by_its_hash_has_no_say() -> None:
    with pytest.raises(ChainError, match="node-1 says malformed_answer"):
        reading(plan_of(), FakeChain(overrides={"eth_getBlockByHash": None}))


def test_a_source_without_the_block_takes_no_part() -> None:
    def without(method: str, params: list[Json]) -> dict[str, Json]:
        if method == "eth_getBlockByNumber" and params[0] == "0x12":
            return {"result": None}
        return FakeChain().answer(method, params)

    snapshot = reading(plan_of(), FakeChain(), honest(without))
    assert {balance.sources for balance in snapshot.balances} == {("node-1",)}
    with pytest.raises(ChainError, match=r"2 operators are asked, .* node-2 says no_block"):
        reading(plan_of(quorum=2), FakeChain(), honest(without))


def test_a_node_that_ignores_which_block_it_is_asked_for_has_no_say() -> None:
    chain = FakeChain()
    latest = FakeChain(overrides={"eth_getBlockByNumber": chain.block(20)})
    with pytest.raises(ChainError):
        reading(plan_of(confirmations=5), latest)
