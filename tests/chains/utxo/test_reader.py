from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Exchange, Surroundings
from chains.recording import RecordedSource, decode_log, encode_log
from chains.utxo import depth, scanning
from chains.utxo.calls import SCAN_STATUS
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo import rows
from tests.chains.utxo.fake_node import CHAIN, FakeNode, answering, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ErrorCode


@dataclass(slots=True)
class World:
    """Surroundings that count pauses and let the chain go on in them."""

    events: list[Callable[[], None]] = field(default_factory=list)
    """One for each pause, in order; the last one stays."""
    pauses: list[float] = field(default_factory=list)
    said: list[tuple[str, int, int]] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        if self.events:
            self.events[min(len(self.pauses), len(self.events) - 1)]()
        self.pauses.append(seconds)

    def around(self) -> Surroundings:
        return Surroundings(
            self.pause, lambda stage, done, all_: self.said.append((stage, done, all_))
        )


IMMATURE = 25 * 10**8


def grow(*nodes: FakeNode, by: int = 1) -> Callable[[], None]:
    def event() -> None:
        for node in nodes:
            node.height += by

    return event


def fork(node: FakeNode, branch: str) -> Callable[[], None]:
    def event() -> None:
        node.branch = branch
        node.height += 1

    return event


def failing(method: str, error: ErrorCode) -> Callable[[Exchange], Exchange]:
    def changed(exchange: Exchange) -> Exchange:
        if exchange.call.method == method and exchange.call != SCAN_STATUS:
            return Exchange(exchange.call, error=error)
        return exchange

    return changed


def methods(evidence: ChainEvidence, log: int = 0) -> list[str]:
    return [exchange.call.method for exchange in evidence.logs[log].exchanges]


def test_one_reading_asks_once_and_needs_no_pause() -> None:
    node, world = FakeNode(), World()
    evidence = read(plan(), [node], world.around())
    expected = ["getblockhash", "scantxoutset", "gettxout", "gettxout", "getblockheader"]
    assert expected == methods(evidence) == [call.method for call in node.asked]
    assert not world.pauses
    immature = [0, IMMATURE, 0]
    assert immature == [row.immature for row in recheck(plan(), evidence).balances]


def test_every_script_is_in_one_scan() -> None:
    node = FakeNode()
    read(plan(), [node], World().around())
    scans = [call for call in node.asked if call.method == "scantxoutset"]
    expected = [("start", tuple(f"raw(0014{byte * 20})" for byte in ("a1", "b2", "c3")))]
    assert expected == [call.params for call in scans]


def test_a_source_that_lags_is_scanned_again() -> None:
    first, second = FakeNode(height=201), FakeNode("node-2", "zenith", height=200)
    world = World([grow(second)])
    evidence = read(plan(quorum=2), [first, second], world.around())
    expected = [scanning.ROUND_SECONDS]
    assert expected == world.pauses
    scans = [[call.method for call in node.asked].count("scantxoutset") for node in (first, second)]
    expected = [1, 2]
    assert expected == scans
    expected = [1, 1]
    assert expected == [methods(evidence, log).count("scantxoutset") for log in (0, 1)]
    snapshot = recheck(plan(quorum=2), evidence)
    assert (201, {"quorum"}) == (snapshot.pin.height, {row.evidence for row in snapshot.balances})


def test_a_fork_at_the_tip_is_waited_out() -> None:
    first, second = FakeNode(), FakeNode("node-2", "zenith", branch="b")
    world = World([lambda: None, fork(second, "a"), grow(first)])
    evidence = read(plan(quorum=2), [first, second], world.around())
    expected = [scanning.ROUND_SECONDS] * 3
    assert expected == world.pauses
    assert first.hash_at(201) == recheck(plan(quorum=2), evidence).pin.block_hash


def test_sources_that_never_get_in_step_give_no_pin() -> None:
    first, second = FakeNode(height=201), FakeNode("node-2", "zenith", height=200)
    world = World()
    with pytest.raises(
        ChainError, match=r"not in step after 20 scans: node-1 is at a+0+c9, node-2"
    ):
        read(plan(), [first, second], world.around())
    expected = scanning.MAX_ROUNDS
    assert expected == len(world.pauses)


def busy_for(node: FakeNode, times: int) -> None:
    """Answer scans with an error, and the status with a scan under way, for some tries."""
    left = [times]

    def changed(exchange: Exchange) -> Exchange:
        if exchange.call.method != "scantxoutset" or left[0] == 0:
            return exchange
        if exchange.call == SCAN_STATUS:
            left[0] -= 1
            return Exchange(exchange.call, {"progress": 42})
        return Exchange(exchange.call, error="rpc_error")

    node.change = changed


def test_a_busy_node_is_asked_again() -> None:
    node, world = FakeNode(), World()
    busy_for(node, 3)
    evidence = read(plan(), [node], world.around())
    expected = [scanning.BUSY_SECONDS] * 3
    assert expected == world.pauses
    assert "status" not in repr(evidence)
    assert not recheck(plan(), evidence).failures


def test_a_node_that_stays_busy_is_given_up() -> None:
    node, world = FakeNode(), World()
    busy_for(node, 10**6)
    with pytest.raises(ChainError, match=r"node-1 .acme. says rpc_error"):
        read(plan(), [node], world.around())
    expected = scanning.MAX_SCAN_TRIES
    assert expected == len(world.pauses)


@pytest.mark.parametrize("error", ["rpc_error", "unreachable", "bad_reply", "not_recorded"])
def test_a_node_that_cannot_scan_is_given_up_at_once(error: ErrorCode) -> None:
    node, world = FakeNode(change=failing("scantxoutset", error)), World()
    with pytest.raises(ChainError, match=f"says {error}"):
        read(plan(), [node], world.around())
    assert not world.pauses


def test_a_source_without_a_scan_has_no_voice_if_others_suffice() -> None:
    dead = FakeNode("node-1", change=failing("scantxoutset", "unreachable"))
    evidence = read(plan(), [dead, FakeNode("node-2", "zenith")], World().around())
    snapshot = recheck(plan(), evidence)
    assert {("single", ("node-2",))} == {(row.evidence, row.sources) for row in snapshot.balances}
    expected = ["getblockhash", "scantxoutset"]
    assert expected == methods(evidence)
    with pytest.raises(ChainError, match="quorum_not_met"):
        read(plan(quorum=2), [dead, FakeNode("node-2", "zenith")], World().around())


def test_the_reading_is_held_until_the_pin_is_deep() -> None:
    node, world = FakeNode(), World()
    world.events = [grow(node)]
    evidence = read(plan(confirmations=6), [node], world.around())
    expected = [depth.POLL_SECONDS] * 5
    assert expected == world.pauses
    assert methods(evidence).count("getblockheader") == 1
    pin = recheck(plan(confirmations=6), evidence).pin
    height_and_depth = (200, 6)
    assert height_and_depth == (pin.height, pin.depth)
    assert ("litecoin-regtest: waiting for depth", 5, 6) in world.said


def test_the_slowest_source_decides_when_the_pin_is_deep() -> None:
    first, second = FakeNode(), FakeNode("node-2", "zenith")
    world = World([grow(first, by=9), grow(second), grow(second)])
    evidence = read(plan(quorum=2, confirmations=3), [first, second], world.around())
    expected = [depth.POLL_SECONDS] * 3
    assert expected == world.pauses
    wanted = plan(quorum=2, confirmations=3)
    assert wanted.confirmations == recheck(wanted, evidence).pin.depth


def test_a_pin_that_never_gets_deep_is_given_up() -> None:
    world = World()
    with pytest.raises(
        ChainError, match=r"after 7200 s of waiting, a{8}0+c8 has depth 1, 2 are needed"
    ):
        read(plan(confirmations=2), [FakeNode()], world.around())
    assert sum(world.pauses) == depth.WAIT_PER_BLOCK_SECONDS * 2


def test_a_pin_that_left_the_best_chain_is_read_again() -> None:
    node, world = FakeNode(), World()
    world.events = [grow(node), fork(node, "b"), grow(node, by=2)]
    evidence = read(plan(confirmations=3), [node], world.around())
    pin = recheck(plan(confirmations=3), evidence).pin
    assert pin.block_hash == "b" * 8 + f"{202:056x}"
    assert "a" * 8 not in repr(evidence)
    scans = [call for call in node.asked if call.method == "scantxoutset"]
    assert [scans[0]] * 2 == scans


def test_a_chain_that_never_calms_down_is_given_up() -> None:
    node, world = FakeNode(), World()
    world.events = [fork(node, branch) for branch in "cdef0123"]
    with pytest.raises(ChainError, match="left the best chain in each of 5 readings"):
        read(plan(confirmations=2), [node], world.around())
    expected = scanning.MAX_STARTS
    assert expected == len(world.pauses)


def test_a_source_that_fails_for_a_while_is_waited_for() -> None:
    node, world = FakeNode(change=failing("getblockheader", "unreachable")), World()
    world.events = [lambda: None, lambda: setattr(node, "change", lambda exchange: exchange)]
    evidence = read(plan(), [node], world.around())
    expected = [depth.POLL_SECONDS] * 2
    assert expected == world.pauses
    assert not recheck(plan(), evidence).failures


def test_a_source_that_fails_for_good_is_left_behind() -> None:
    dead = FakeNode(change=failing("getblockheader", "unreachable"))
    world = World()
    evidence = read(plan(), [dead, FakeNode("node-2", "zenith")], world.around())
    expected = depth.MAX_FAILED_POLLS
    assert expected == len(world.pauses)
    snapshot = recheck(plan(), evidence)
    assert {("node-2",)} == {row.sources for row in snapshot.balances}


@pytest.mark.parametrize(
    "change",
    [
        failing("getblockheader", "unreachable"),
        answering("getblockheader", lambda _: {"hash": "x"}),
    ],
)
def test_too_few_headers_give_no_pin(change: Callable[[Exchange], Exchange]) -> None:
    world = World()
    with pytest.raises(ChainError, match=r"says (unreachable|malformed_answer)"):
        read(plan(quorum=2), [FakeNode(change=change), FakeNode("b", "zenith")], world.around())


def test_another_chain_is_an_error_at_once() -> None:
    node, world = FakeNode(chain=rows.BITCOIN), World()
    with pytest.raises(ChainError, match="source node-1 follows another chain"):
        read(plan(), [node], world.around())
    assert not world.pauses


@pytest.mark.parametrize("nodes", [[], [FakeNode(), FakeNode()]])
def test_sources_must_have_names_of_their_own(nodes: list[FakeNode]) -> None:
    with pytest.raises(ChainError, match="no source, or two of one name"):
        read(plan(), nodes, World().around())


def test_a_plan_that_cannot_be_read_is_refused_before_asking() -> None:
    node = FakeNode()
    with pytest.raises(ChainError, match="nothing to read"):
        read(replace(plan(), accounts=()), [node], World().around())
    assert not node.asked


def test_a_recording_read_as_a_source_gives_the_same_evidence() -> None:
    spent = answering("gettxout", lambda _: None)
    two = [FakeNode(change=spent), FakeNode("node-2", "zenith", says_coinbase=True)]
    world = World([grow(*two)])
    wanted = plan(quorum=2, confirmations=4)
    evidence = read(wanted, two, world.around())
    files = [encode_log(evidence.chain, log) for log in evidence.logs]
    logs = [decode_log(data, "log")[1] for data in files]
    again, quiet = ChainEvidence(CHAIN.id, tuple(logs)), World()
    assert evidence == again
    assert evidence == read(wanted, [RecordedSource(log) for log in logs], quiet.around())
    assert not quiet.pauses
    assert recheck(wanted, evidence) == recheck(wanted, again)


CORRUPTIONS: list[Callable[[Exchange], Exchange]] = [
    lambda exchange: exchange,
    lambda exchange: Exchange(exchange.call, error="unreachable"),
    lambda exchange: Exchange(exchange.call, error="rpc_error"),
    lambda exchange: Exchange(exchange.call, None),
    lambda exchange: Exchange(exchange.call, ()),
    lambda exchange: Exchange(exchange.call, {}),
    lambda exchange: Exchange(exchange.call, 0),
    lambda exchange: Exchange(exchange.call, "00" * 32),
]


@given(st.lists(st.sampled_from(CORRUPTIONS), min_size=1, max_size=12), st.integers(1, 2))
def test_a_misbehaving_source_never_makes_a_wrong_balance(
    corruptions: list[Callable[[Exchange], Exchange]], quorum: int
) -> None:
    truth = recheck(plan(), read(plan(), [FakeNode()], World().around()))
    left = list(corruptions)

    def changed(exchange: Exchange) -> Exchange:
        return (left.pop(0) if left else CORRUPTIONS[0])(exchange)

    nodes = [FakeNode(change=changed), FakeNode("node-2", "zenith")]
    try:
        snapshot = recheck(plan(quorum=quorum), read(plan(quorum=quorum), nodes, World().around()))
    except ChainError:
        return
    units = {row.account: (row.units, row.immature) for row in truth.balances}
    assert all((row.units, row.immature) == units[row.account] for row in snapshot.balances)
    assert len(units) == len(snapshot.balances) + len(snapshot.failures)
