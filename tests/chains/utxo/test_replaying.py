"""Index servers read at past blocks: which block is the pin, waits, and servers that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.recording import RecordedSource
from chains.utxo import depth, replaying
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.fake_server import (
    FakeServer,
    failing,
    lived,
    median_at,
    plan_of,
)
from tests.chains.utxo.history.minting import START, Minted
from tests.chains.utxo.minted_readings import (
    World,
    held,
    other_branch,
    shifted,
    snapshot_of,
    totals,
)

if TYPE_CHECKING:
    from chains.evidence import Call, Exchange, ProtocolName

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


# Which block is the pin.


def test_without_a_moment_the_pin_is_as_deep_as_asked(protocol: ProtocolName) -> None:
    chain = lived()
    for confirmations in (1, 3, 6):
        plan = plan_of(chain, confirmations=confirmations)
        found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
        pin = found.pin
        assert (31 - confirmations, confirmations) == (pin.height, pin.depth)
        assert chain.blocks[pin.height].name == pin.block_hash
        assert held(chain, pin.height) == totals(found)


def test_the_lowest_tip_counts_and_nobody_waits_for_it() -> None:
    chain, world = lived(), World()
    sources = [FakeServer(chain), FakeServer(chain, "server-2", "zenith", tip=25)]
    plan = plan_of(chain, quorum=2)
    found = snapshot_of(plan, *sources, world=world)
    assert (23, 3) == (found.pin.height, found.pin.depth)
    assert {"quorum"} == {one.evidence for one in found.balances}
    assert [] == world.pauses


def test_every_past_block_is_found_by_its_time(protocol: ProtocolName) -> None:
    chain = lived(20)
    # Up to the sixth block the median time stands still or jumps; later it goes by one block.
    for height in range(1, 18):
        for late in (0, 1, 599):
            moment = median_at(height) + late
            last = max(at for at in range(21) if median_at(at) <= moment)
            plan = plan_of(chain, as_of=moment)
            found = snapshot_of(plan, FakeServer(chain, protocol=protocol))
            assert min(last, 18) == found.pin.height
            assert median_at(found.pin.height) == found.pin.block_time
            assert held(chain, found.pin.height) == totals(found)


def test_a_chain_that_begins_later_has_no_pin(protocol: ProtocolName) -> None:
    chain = lived(20)
    with pytest.raises(ChainError, match=f"minted begins after {START - 1}"):
        snapshot_of(plan_of(chain, as_of=START - 1), FakeServer(chain, protocol=protocol))


def test_a_chain_that_is_too_short_has_no_pin() -> None:
    chain = lived(10)
    with pytest.raises(ChainError, match="minted has 11 blocks, a depth of 12 is needed"):
        snapshot_of(plan_of(chain, confirmations=12), FakeServer(chain))


def test_a_block_that_is_not_deep_yet_is_waited_for(protocol: ProtocolName) -> None:
    chain = lived(20)
    world = World(lambda: chain.grow(1))
    plan = plan_of(chain, as_of=START + 10**6, confirmations=4)
    source = FakeServer(chain, protocol=protocol)
    evidence = read(plan, [source], world.around())
    pin = recheck(plan, evidence).pin
    assert (20, 4, [depth.POLL_SECONDS] * 3) == (pin.height, pin.depth, world.pauses)
    waits = [what[1:] for what in world.said if "waiting" in what[0]]
    assert [(1, 4), (2, 4), (3, 4)] == waits
    # The recording asks nobody to wait again.
    again = World()
    assert evidence == read(plan, [RecordedSource(evidence.logs[0])], again.around())
    assert [] == again.pauses


def test_waiting_for_depth_has_an_end() -> None:
    chain, world = lived(20), World()
    plan = plan_of(chain, as_of=START + 10**6, confirmations=2)
    with pytest.raises(ChainError, match=r"block 21 is needed: server-1 is at 20"):
        snapshot_of(plan, FakeServer(chain), world=world)
    assert depth.WAIT_PER_BLOCK_SECONDS + depth.LAG_SECONDS == sum(world.pauses)


def test_a_server_that_stays_behind_is_waited_for_a_little() -> None:
    chain, world = lived(), World()
    stuck = FakeServer(chain, "server-2", "zenith", tip=12)
    plan = plan_of(chain, as_of=median_at(11))
    with pytest.raises(
        ChainError, match=r"block 13 is needed: server-1 is at 30, server-2 is at 12"
    ):
        snapshot_of(plan, FakeServer(chain), stuck, world=world)
    assert depth.LAG_SECONDS == sum(world.pauses)


def test_a_server_that_catches_up_speaks() -> None:
    chain = lived()
    late = FakeServer(chain, "server-2", "zenith", tip=12)
    world = World(lambda: setattr(late, "tip", (late.tip or 0) + 1))
    plan = plan_of(chain, as_of=median_at(11), quorum=2)
    found = snapshot_of(plan, FakeServer(chain), late, world=world)
    assert (11, 1) == (found.pin.height, len(world.pauses))


def test_a_server_that_falls_silent_while_waiting_is_left_behind() -> None:
    chain = lived(20)

    def dying(exchange: Exchange) -> Exchange:
        gone = "subscribe" in exchange.call.method and chain.height > 20
        return failing(exchange, "unreachable") if gone else exchange

    second = FakeServer(chain, "server-2", "zenith", change=dying)
    world = World(lambda: chain.grow(1))
    plan = plan_of(chain, as_of=START + 10**6)
    found = snapshot_of(plan, FakeServer(chain), second, world=world)
    assert depth.MAX_FAILED_POLLS < len(world.pauses) < depth.MAX_FAILED_POLLS + 4
    assert {("server-1", "server-2")} == {one.sources for one in found.balances}


# Servers that differ, and chains that change.


def test_servers_on_different_branches_have_no_pin(protocol: ProtocolName) -> None:
    chain, world = lived(), World()
    fork = other_branch(chain, 20, 11)
    second = FakeServer(fork, "server-2", "zenith", protocol)
    with pytest.raises(ChainError, match=r"different blocks in each of 5 readings: server-1 is at"):
        snapshot_of(plan_of(chain), FakeServer(chain), second, world=world)
    assert [replaying.START_SECONDS] * replaying.MAX_STARTS == world.pauses
    # Found out before a single history was asked for.
    assert [] == second.sweeps


def test_branches_above_the_pin_do_not_matter() -> None:
    chain = lived()
    fork = other_branch(chain, 20, 11)
    sources = FakeServer(chain), FakeServer(fork, "server-2", "zenith")
    found = snapshot_of(plan_of(chain, as_of=median_at(17), quorum=2), *sources)
    assert (17, held(chain, 17)) == (found.pin.height, totals(found))


def test_a_reorganisation_during_the_reading_starts_it_over(protocol: ProtocolName) -> None:
    chain, world = lived(), World()
    fork = other_branch(chain, 25, 12)
    server = FakeServer(chain, protocol=protocol)

    def reorganise(call: Call) -> None:
        if any(txid in str(call.params) for txid in fork.raw):
            server.chain = fork

    server.before = reorganise
    found = snapshot_of(plan_of(chain), server, world=world)
    assert [replaying.START_SECONDS] == world.pauses
    assert (34, fork.blocks[34].name) == (found.pin.height, found.pin.block_hash)
    assert held(fork, 34) == totals(found)


def test_a_chain_that_never_rests_has_no_pin() -> None:
    chain, world = lived(), World()
    forks = [chain, other_branch(chain, 25, 6)]
    server = FakeServer(chain)

    def flip(call: Call) -> None:
        if "get_history" in call.method:
            server.chain = forks[forks.index(server.chain) - 1]

    server.before = flip
    with pytest.raises(ChainError, match="different blocks in each of 5 readings"):
        snapshot_of(plan_of(chain), server, world=world)


def test_another_chain_is_an_error_at_once(protocol: ProtocolName) -> None:
    other = Minted(spacing=601)
    other.grow(30)
    server = FakeServer(lived(), protocol=protocol)
    with pytest.raises(ChainError, match="source server-1 follows another chain"):
        snapshot_of(plan_of(other, genesis=other.blocks[1].name), server)
    assert [] == server.sweeps


@pytest.mark.parametrize("seconds", [-6000, 6000])
def test_a_server_that_lies_about_times_finds_no_pin(seconds: int) -> None:
    chain = lived()
    liar = FakeServer(chain, change=shifted(chain, seconds))
    plan = plan_of(chain, as_of=median_at(15))
    with pytest.raises(ChainError, match=r"is not the last one at or before"):
        read(plan, [liar], World().around())
    # Nor if another server tells the truth: nobody knows who is right.
    with pytest.raises(ChainError, match=r"is not the last one|has no pin"):
        snapshot_of(plan, liar, FakeServer(chain, "server-2", "zenith"))


def test_the_next_server_is_searched_if_the_first_shows_no_times() -> None:
    chain = lived()

    def timeless(exchange: Exchange) -> Exchange:
        short = exchange.call.method.endswith("headers") and exchange.call.params[-1] == 11
        return failing(exchange, "rpc_error") if short else exchange

    first = FakeServer(chain, change=timeless)
    plan = plan_of(chain, as_of=median_at(15), quorum=2)
    found = snapshot_of(plan, first, FakeServer(chain, "server-2", "zenith"))
    assert (15, held(chain, 15)) == (found.pin.height, totals(found))
    with pytest.raises(ChainError, match="no source of minted shows the times of its blocks"):
        snapshot_of(replace(plan, quorum=1), first)


@pytest.mark.parametrize("tip", [10**6, 31])
def test_a_tip_that_is_not_there_gives_no_pin(tip: int, protocol: ProtocolName) -> None:
    chain = lived()
    source = FakeServer(chain, protocol=protocol, tip=tip)
    with pytest.raises(ChainError, match=r"no pin|not deep|shows the times"):
        snapshot_of(plan_of(chain, confirmations=1), source)
