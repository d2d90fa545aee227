"""Nodes and index servers together: the scan makes the pin, and the servers replay at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Exchange
from chains.recording import RecordedSource, decode_log, encode_log
from chains.utxo import depth
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    failing,
    lived,
    median_at,
    plan_of,
)
from tests.chains.utxo.history.minting import SCRIPTS, Minted
from tests.chains.utxo.minted_readings import World, held, other_branch, snapshot_of, totals

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Json, ProtocolName
    from chains.snapshot import ChainSnapshot

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")


def two(chain: Minted, protocol: ProtocolName = "electrum") -> tuple[FakeCore, FakeServer]:
    return FakeCore(chain), FakeServer(chain, protocol=protocol)


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("confirmations", [1, 3])
def test_the_scan_makes_the_pin_and_the_server_agrees(
    protocol: ProtocolName, confirmations: int
) -> None:
    chain = lived()
    world = World(lambda: chain.grow(1))
    plan = plan_of(chain, quorum=2, confirmations=confirmations, as_of=median_at(4))
    found = snapshot_of(plan, *two(chain, protocol), world=world)
    # The moment is not aimed at where a node is among the sources.
    assert (30, chain.blocks[30].name) == (found.pin.height, found.pin.block_hash)
    assert (median_at(30), confirmations) == (found.pin.block_time, found.pin.depth)
    assert confirmations - 1 == len(world.pauses)
    assert held(chain, 30) == totals(found)
    expected = ("quorum", ("node-1", "server-1"))
    assert {expected} == {(one.evidence, one.sources) for one in found.balances}
    assert "no_node" not in {remark.code for remark in found.remarks}


def test_logs_come_in_the_order_of_the_declaration() -> None:
    chain = lived()
    core, server = two(chain)
    evidence = read(plan_of(chain, confirmations=1), [server, core], World().around())
    assert ["server-1", "node-1"] == [log.name for log in evidence.logs]
    assert ["electrum", "json-rpc"] == [log.protocol for log in evidence.logs]


def test_a_mixed_recording_gives_the_same_evidence() -> None:
    chain = lived()
    plan = plan_of(chain, quorum=2, window=(median_at(4), median_at(20)))
    grow = World(lambda: chain.grow(1))
    evidence = read(plan, two(chain), grow.around())
    logs = [decode_log(encode_log(evidence.chain, log), "log")[1] for log in evidence.logs]
    again = World()
    assert evidence == read(plan, [RecordedSource(log) for log in logs], again.around())
    assert [] == again.pauses


def test_a_server_on_another_branch_gives_no_pin() -> None:
    chain = lived()
    fork = other_branch(chain, 20, 11)
    with pytest.raises(ChainError, match="different blocks in each of 5 readings"):
        snapshot_of(plan_of(chain, confirmations=1), FakeCore(chain), FakeServer(fork))


def test_a_server_that_is_behind_is_waited_for_a_little() -> None:
    chain = lived()
    late = FakeServer(chain, tip=29)
    catching_up = World(lambda: setattr(late, "tip", 30))
    plan = plan_of(chain, quorum=2, confirmations=1)
    found = snapshot_of(plan, FakeCore(chain), late, world=catching_up)
    assert (1, 30) == (len(catching_up.pauses), found.pin.height)


def test_a_server_that_stays_behind_does_not_speak() -> None:
    chain, world = lived(), World()
    short = lived(25)
    behind = FakeServer(short)
    plan = plan_of(chain, confirmations=1)
    found = snapshot_of(plan, FakeCore(chain), behind, world=world)
    assert depth.LAG_SECONDS == sum(world.pauses)
    assert {("node-1",)} == {one.sources for one in found.balances}
    with pytest.raises(ChainError, match=r"quorum_not_met: node-1 .*server-1 \(acme\) says"):
        snapshot_of(replace(plan, quorum=2), FakeCore(chain), behind)


@pytest.mark.parametrize("protocol", BOTH)
def test_a_server_that_is_away_leaves_the_node_alone(protocol: ProtocolName) -> None:
    chain = lived()
    away = FakeServer(chain, protocol=protocol, change=lambda one: failing(one, "unreachable"))
    plan = plan_of(chain, confirmations=1, window=(median_at(4), median_at(20)))
    found = snapshot_of(plan, FakeCore(chain), away)
    assert {("single", ("node-1",))} == {(one.evidence, one.sources) for one in found.balances}
    assert {(None, None)} == {(one.before, one.received) for one in found.window}
    with pytest.raises(ChainError, match="quorum_not_met"):
        snapshot_of(replace(plan, quorum=2), FakeCore(chain), away)


def test_servers_do_not_make_the_pin_of_a_node_that_is_away() -> None:
    chain = lived()
    away = FakeCore(chain, change=lambda one: failing(one, "unreachable"))
    server = FakeServer(chain)
    with pytest.raises(ChainError, match=r"has no pin, source_failed: node-1"):
        snapshot_of(plan_of(chain), away, server)
    evidence = read(plan_of(chain), [FakeServer(chain)], World().around())
    log = replace(evidence.logs[0], name="node-1", entries=(), protocol="json-rpc")
    with pytest.raises(ChainError, match="has no pin, not_read"):
        recheck(plan_of(chain), ChainEvidence(evidence.chain, (*evidence.logs, log)))


# One of two lies.


def hiding_last(chain: Minted) -> Minted:
    """The same chain for a server that leaves out the first script's last transaction."""
    last = chain.history(SCRIPTS[0])[-1][0]
    return replace(chain, touched=[one for one in chain.touched if one[1] != last])


def changed_scan(change: Callable[[dict[str, Json]], dict[str, Json]]) -> Callable[..., Exchange]:
    def changed(exchange: Exchange) -> Exchange:
        if exchange.call.method != "scantxoutset" or not isinstance(exchange.result, dict):
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed


def without_first_coin(scan: dict[str, Json]) -> dict[str, Json]:
    listed = scan["unspents"]
    assert isinstance(listed, tuple)
    left = [one for one in listed if isinstance(one, dict)][1:]
    total = sum(int(str(one["amount"]).replace(".", "")) for one in left)
    return scan | {"unspents": tuple(left), "total_amount": f"{total // 10**8}.{total % 10**8:08}"}


def disagreement(found: ChainSnapshot) -> set[str]:
    return {one.reason for one in found.failures}


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("quorum", [1, 2])
def test_a_server_that_hides_a_transaction_is_contradicted(
    protocol: ProtocolName, quorum: int
) -> None:
    chain = lived()
    spender = FakeServer(hiding_last(chain), protocol=protocol)
    plan = plan_of(chain, quorum=quorum, confirmations=1, scripts=SCRIPTS[:1])
    found = snapshot_of(plan, FakeCore(chain), spender)
    ((one),) = found.failures
    assert "sources_disagree" == one.reason
    assert ("node-1", "800") == one.answers[0]
    assert "800" != one.answers[1][1]
    # Alone, the same server is believed: its word is all there is, and the class says so.
    alone = snapshot_of(replace(plan, quorum=1), spender)
    assert "single" == alone.balances[0].evidence
    assert 800 != alone.balances[0].units
    assert "no_node" in {remark.code for remark in alone.remarks}


def test_a_node_that_hides_a_coin_is_contradicted() -> None:
    chain = lived()
    liar = FakeCore(chain, change=changed_scan(without_first_coin))
    found = snapshot_of(plan_of(chain, quorum=2, confirmations=1), liar, FakeServer(chain))
    assert {"sources_disagree"} == disagreement(found)
    assert 1 == len(found.failures)
    assert 2 == len(found.balances)


def test_two_servers_and_a_node_need_all_three() -> None:
    chain = lived()
    core, first = two(chain)
    second = FakeServer(chain, "server-2", "zenith", "esplora")
    plan = plan_of(chain, quorum=3, confirmations=1)
    assert {"quorum"} == {one.evidence for one in snapshot_of(plan, core, first, second).balances}
    second.chain = hiding_last(chain)
    assert {"sources_disagree"} == disagreement(snapshot_of(plan, core, first, second))
