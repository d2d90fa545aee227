"""Readings without an account: where nodes stand, and what transactions move all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Exchange, Surroundings
from chains.movement import decode_movement
from chains.recording import RecordedSource
from chains.rereading import REREADERS
from chains.snapshot import Question
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from chains.utxo.standing import COUNT
from tests.chains.utxo.fake_server import FakeCore, FakeServer, median_at, plan_of
from tests.chains.utxo.history.minting import MINER, SCRIPTS
from tests.chains.utxo.minted_readings import World, snapshot_of
from tests.chains.utxo.test_utxo_movement import withdrawal

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, ProtocolName
    from tests.chains.utxo.history.minting import Minted


def bare(chain: Minted, txid: str, **more: object) -> ChainPlan:
    plan = plan_of(chain, scripts=(), **more)  # type: ignore[arg-type]
    return replace(plan, questions=(Question(plan.chain.id, "movement", txid),))


def test_a_node_is_asked_at_a_block_that_is_deep_and_scans_nothing() -> None:
    chain, txid, moved = withdrawal()
    node, world = FakeCore(chain), World()
    snapshot = snapshot_of(bare(chain, txid), node, world=world)

    assert (chain.height - 2, 3) == (snapshot.pin.height, snapshot.pin.depth)
    assert chain.blocks[chain.height - 2].name == snapshot.pin.block_hash
    assert moved == decode_movement(snapshot.answers[0].value)
    assert ((), ()) == (snapshot.balances, snapshot.coins)
    assert [] == world.pauses
    assert "scantxoutset" not in {call.method for call in node.asked}


@pytest.mark.parametrize("height", [0, 1, 7, 20, 27])
def test_the_block_is_the_last_one_at_or_before_the_moment(height: int) -> None:
    chain, txid, _ = withdrawal()
    times = [median_at(at) for at in range(chain.height + 1)]
    last = max(at for at, time in enumerate(times) if time <= times[height])
    plan = bare(chain, txid, as_of=times[height])

    assert last == snapshot_of(plan, FakeCore(chain)).pin.height


def test_a_moment_to_come_is_the_last_block_that_is_deep() -> None:
    chain, txid, _ = withdrawal()
    plan = bare(chain, txid, as_of=median_at(chain.height) + 10**6)

    assert chain.height - 2 == snapshot_of(plan, FakeCore(chain)).pin.height


def test_a_chain_that_grows_meanwhile_changes_nothing() -> None:
    chain, txid, moved = withdrawal()
    grown: list[None] = []

    def change(exchange: Exchange) -> Exchange:
        told = exchange.result
        if exchange.call.method != "getblockheader" or not isinstance(told, dict):
            return exchange
        grown.append(None)
        return replace(exchange, result=told | {"confirmations": 100 + len(grown)})

    # The transaction's own block is looked at on the way to the pin.
    plan = bare(chain, txid, as_of=median_at(moved.height or 0))
    (answer,) = snapshot_of(plan, FakeCore(chain, change=change)).answers
    assert moved == decode_movement(answer.value)


def test_a_transaction_above_the_block_says_so() -> None:
    chain, txid, moved = withdrawal()
    plan = bare(chain, txid, as_of=median_at((moved.height or 0) - 1))
    (answer,) = snapshot_of(plan, FakeCore(chain)).answers

    assert replace(moved, side="after", height=None) == decode_movement(answer.value)


def test_a_chain_that_is_too_short_or_too_young_has_no_pin() -> None:
    chain, txid, _ = withdrawal()

    with pytest.raises(ChainError, match="a depth of 100 is needed"):
        snapshot_of(bare(chain, txid, confirmations=100), FakeCore(chain))
    with pytest.raises(ChainError, match="the chain begins after 5"):
        snapshot_of(bare(chain, txid, as_of=5), FakeCore(chain))


@pytest.mark.parametrize("result", [None, "30", True, -1, 10**9])
def test_a_node_that_does_not_count_its_blocks_is_silent(result: int | str | None) -> None:
    chain, txid, _ = withdrawal()

    def change(exchange: Exchange) -> Exchange:
        return replace(exchange, result=result) if exchange.call == COUNT else exchange

    with pytest.raises(ChainError, match="has no pin"):
        snapshot_of(bare(chain, txid), FakeCore(chain, change=change))


def test_two_nodes_stand_at_one_block() -> None:
    chain, txid, moved = withdrawal()
    behind = FakeCore(chain, "node-2", "other", change=_first_lagging())
    world = World()
    snapshot = snapshot_of(bare(chain, txid, quorum=2), FakeCore(chain), behind, world=world)

    assert moved == decode_movement(snapshot.answers[0].value)
    assert ("node-1", "node-2") == snapshot.answers[0].sources
    assert 1 == len(world.pauses)


def _first_lagging() -> Callable[[Exchange], Exchange]:
    """Count a block less the first time."""
    told: list[int] = []

    def change(exchange: Exchange) -> Exchange:
        if exchange.call != COUNT or told:
            return exchange
        told.append(1)
        return replace(exchange, result=int(str(exchange.result)) - 1)

    return change


def test_the_evidence_gives_the_reading_again() -> None:
    chain, txid, _ = withdrawal()
    plan = bare(chain, txid, as_of=median_at(12))
    evidence = read(plan, (FakeCore(chain),), World().around())
    (log,) = evidence.logs

    assert evidence == read(plan, (RecordedSource(log),), World().around())
    for place in range(len(log.entries)):
        cut = replace(log, entries=log.entries[:place] + log.entries[place + 1 :])
        try:
            found = recheck(plan, replace(evidence, logs=(cut,)))
        except ChainError:
            continue
        # What was asked once to choose the block and once for the transaction may be missed once.
        assert found.pin == recheck(plan, evidence).pin


def test_a_co_observation_is_replayed_at_its_block() -> None:
    chain, txid, _ = withdrawal()
    plan = bare(chain, txid)
    plan = replace(plan, chain=replace(plan.chain, confirmations=3))
    evidence = read(plan, (FakeCore(chain),), World().around())

    assert recheck(plan, evidence) == recheck(replace(plan, confirmations=1), evidence)


def test_a_verifiers_node_compares_the_answers_alone() -> None:
    chain, txid, _ = withdrawal()
    plan = bare(chain, txid)
    stated = snapshot_of(plan, FakeCore(chain))
    chain.grow(4)
    node = FakeCore(chain)
    around = Surroundings(lambda _: None, lambda *_: None)

    assert () == REREADERS["utxo"](plan, stated, (node,), around)
    assert "scantxoutset" not in {call.method for call in node.asked}


@pytest.mark.parametrize("protocol", ["electrum", "esplora"])
def test_an_index_server_answers_without_a_history(protocol: ProtocolName) -> None:
    chain, txid, moved = withdrawal()
    server = FakeServer(chain, protocol=protocol, scripts=(*SCRIPTS, MINER))
    later = snapshot_of(bare(chain, txid, as_of=median_at(12)), server)
    now = snapshot_of(bare(chain, txid), server)

    assert median_at(12) == later.pin.block_time
    after = replace(moved, side="after", height=None)
    assert after == decode_movement(later.answers[0].value)
    assert moved == decode_movement(now.answers[0].value)


def test_a_plan_of_nothing_is_refused() -> None:
    chain, _, _ = withdrawal()

    with pytest.raises(ChainError, match="nothing to read"):
        snapshot_of(plan_of(chain, scripts=()), FakeCore(chain))
