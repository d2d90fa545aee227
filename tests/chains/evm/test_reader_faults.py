from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Call
from chains.evm import reader
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.recording import RecordedSource, decode_log, encode_log
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CAROL,
    CHAIN,
    COIN_ASSET,
    GENESIS_TIME,
    FakeChain,
    World,
    plan_of,
)
from tests.chains.evm.fakenodes import at_call, fork, nodes, reading, units_of
from tests.misbehaving import Reply, always, faulty, first, honest

if TYPE_CHECKING:
    from tests.misbehaving import Fault, Json, Script


DEAD = always(Reply(drop=True))


def test_a_dead_source_does_not_hide_a_living_one() -> None:
    snapshot = reading(plan_of(), DEAD, FakeChain())
    assert {balance.sources for balance in snapshot.balances} == {("node-2",)}
    assert {balance.evidence for balance in snapshot.balances} == {"single"}


def test_a_dead_source_is_missed_by_the_quorum() -> None:
    with pytest.raises(ChainError, match="too few sources stand for block 18"):
        reading(plan_of(quorum=2), DEAD, FakeChain())


def test_only_dead_sources_are_an_error() -> None:
    for sources in ((), (DEAD,), (DEAD, DEAD)):
        with pytest.raises(ChainError, match="no source of eip155:31337 answered"):
            reading(plan_of(), *sources)


def state_only(script: Script) -> Script:
    """Misbehave for state calls alone."""
    good = honest(FakeChain().answer)

    def behave(request: Json, number: int) -> Reply:
        calls = request if isinstance(request, list) else [request]
        state = {"eth_getBalance", "eth_call"} & {call["method"] for call in calls}
        return script(request, number) if state else good(request, number)

    return behave


@pytest.mark.parametrize(
    "script",
    [
        DEAD,
        always(Reply(b"<html>busy</html>")),
        always(Reply(b"", 429)),
        always(Reply(b"", 500)),
        always(Reply(b" " * (1 << 20) + b"{")),
    ],
)
def test_a_source_that_serves_no_state_fails_its_balances(script: Script) -> None:
    snapshot = reading(plan_of(), state_only(script))
    assert snapshot.balances == ()
    # The second sweep is not asked of a source that gave nothing for the first.
    reasons = [failure.reason for failure in snapshot.failures]
    assert reasons == ["source_failed", "not_read"] * 2
    other = reading(plan_of(quorum=2), state_only(script), FakeChain())
    assert other.balances == ()
    assert {failure.reason for failure in other.failures} == {"quorum_not_met"}


def test_a_source_that_recovers_is_waited_for() -> None:
    good = honest(FakeChain().answer)
    assert units_of(reading(plan_of(), first(Reply(b"", 429), good))) == [7, 500, 0, 0]


FAULTS: dict[str, Fault] = {
    "drop": lambda items: items[1:],
    "duplicate": lambda items: [items[0], *items],
    "wrong id": lambda items: [{**items[0], "id": 10**9}, *items[1:]],
    "null": lambda items: [{**items[0], "result": None}, *items[1:]],
    "shift": lambda items: [
        {**item, "result": other["result"]}
        for item, other in zip(items, [*items[1:], items[0]], strict=True)
    ],
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_of_one_source_passes_as_a_balance_of_two(name: str) -> None:
    def fault(items: list[dict[str, Json]]) -> Json:
        return FAULTS[name](items) if len(items) == 4 else items

    bad = faulty(FakeChain().answer, fault)
    truth = {
        (address, asset): 0
        for address in (ALICE, BOB, CAROL)
        for asset in (CHAIN.native, COIN_ASSET)
    }
    truth |= {(ALICE, CHAIN.native): 7, (ALICE, COIN_ASSET): 500}
    snapshot = reading(plan_of(ALICE, BOB, CAROL, quorum=2), bad, FakeChain())
    for found in snapshot.balances:
        assert truth[found.account.split(":")[2], found.asset] == found.units
    assert len(snapshot.balances) + len(snapshot.failures) == len(truth)


def test_progress_is_told_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    world = World()
    reading(plan_of(), FakeChain(), FakeChain(), world=world)
    stage = "anvil: reading balances"
    expected = [(stage, done, 4) for done in range(1, 5)]
    assert [("anvil: finding the pin", 0, 0), *expected] == world.progress


def test_a_source_that_dies_on_the_way_is_not_asked_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    asked: list[Json] = []

    def script(request: Json, _number: int) -> Reply:
        asked.append(request)
        return Reply(drop=True)

    snapshot = reading(plan_of(), state_only(script), FakeChain())
    assert {balance.sources for balance in snapshot.balances} == {("node-2",)}
    # The probe in both forms is not made for a dead source; it and one sweep are asked twice.
    assert len(asked) == 4


def test_a_reading_is_asked_again_from_its_record() -> None:
    moments = (None, GENESIS_TIME + 84, GENESIS_TIME + 10**9)
    for chain in (FakeChain(), FakeChain(knows_hashes=False), FakeChain(finalized=None)):
        for as_of in moments:
            plan = plan_of(as_of=as_of, quorum=2)
            with nodes(chain, FakeChain()) as sources:
                evidence = read(plan, sources, World().around)
            files = [encode_log(evidence.chain, log) for log in evidence.logs]
            recorded = [RecordedSource(decode_log(file, "f")[1]) for file in files]
            assert evidence == read(plan, recorded, World().around)


def test_a_record_answers_no_other_plan() -> None:
    with nodes(FakeChain()) as sources:
        evidence = read(plan_of(ALICE), sources, World().around)
    recorded = [RecordedSource(log) for log in evidence.logs]
    plan = plan_of(ALICE, BOB)
    snapshot = recheck(plan, read(plan, recorded, World().around))
    assert units_of(snapshot) == [7, 500]
    assert {failure.reason for failure in snapshot.failures} == {"source_failed"}


def test_evidence_holds_no_probe_and_no_reading_that_was_started_over() -> None:
    chain = at_call(9, fork)
    with nodes(chain) as sources:
        evidence = read(plan_of(), sources, World().around)
    calls = [entry.call for entry in evidence.logs[0].entries]
    assert sum(call.method == "eth_chainId" for call in calls) == 1
    assert [call.method for call in calls].count("eth_getBalance") == 1
    assert calls[-1] == Call("eth_getBlockByNumber", ("0x12", False))
    old = FakeChain().block_hash(18)
    assert old not in json.dumps([str(exchange) for exchange in evidence.logs[0].entries])
