from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import ChainEvidence, Exchange, SourceLog
from chains.evm.calls import (
    STATE_METHODS,
    block_hash_call,
    by_hash,
    by_number,
    control_call,
)
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.evm.state import holding_sweeps, question_calls, token_calls
from chains.snapshot import Question
from config.caip import ChainId
from tests.chains.columns import flat, gathered
from tests.chains.evm.fakechain import BOB, CHAIN, GENESIS_TIME, FakeChain, World, plan_of
from tests.chains.evm.fakenodes import nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chains.evidence import ChainPlan, Json
    from chains.snapshot import ChainSnapshot

MOMENT = GENESIS_TIME + 84
PLAN = plan_of(as_of=MOMENT, quorum=2, questions=(Question(CHAIN.id, "code", BOB),))


def evidence_of(plan: ChainPlan, *chains: FakeChain) -> ChainEvidence:
    with nodes(*chains) as sources:
        return read(plan, sources, World().around)


@pytest.fixture(scope="module")
def two() -> ChainEvidence:
    return evidence_of(PLAN, FakeChain(), FakeChain())


def with_log(evidence: ChainEvidence, place: int, exchanges: list[Exchange]) -> ChainEvidence:
    logs = list(evidence.logs)
    logs[place] = gathered(logs[place], exchanges)
    return replace(evidence, logs=tuple(logs))


def changed(
    evidence: ChainEvidence, change: Callable[[Exchange], Exchange | None]
) -> ChainEvidence:
    """Change or drop exchanges of every log."""
    for place, log in enumerate(evidence.logs):
        kept = [other for item in flat(log) if (other := change(item)) is not None]
        evidence = with_log(evidence, place, kept)
    return evidence


def outcomes(snapshot: ChainSnapshot) -> dict[tuple[str, str], int]:
    return {(item.account, item.asset): item.units for item in snapshot.balances}


def test_the_readers_evidence_gives_everything(two: ChainEvidence) -> None:
    snapshot = recheck(PLAN, two)
    assert sorted(outcomes(snapshot).values()) == [0, 0, 7, 500]
    assert snapshot.failures == ()
    assert [answer.value for answer in snapshot.answers] == ["0x"]


def test_a_missing_exchange_never_changes_a_value(two: ChainEvidence) -> None:
    truth = recheck(PLAN, two)
    for place, log in enumerate(two.logs):
        for at in range(len(flat(log))):
            kept = flat(log)
            del kept[at]
            try:
                snapshot = recheck(PLAN, with_log(two, place, kept))
            except ChainError:
                continue
            assert outcomes(snapshot).items() <= outcomes(truth).items()
            assert (snapshot.pin.height, snapshot.pin.block_hash) == (7, truth.pin.block_hash)
            assert len(snapshot.balances) + len(snapshot.failures) == 4


BAD_RESULTS: tuple[Json, ...] = (None, "0x", "0x1", "0x0", "", 0, {}, (), "0x" + "01" * 32)


def test_a_changed_result_of_one_source_never_passes(two: ChainEvidence) -> None:
    truth = outcomes(recheck(PLAN, two))
    for at, exchange in enumerate(flat(two.logs[0])):
        for result in BAD_RESULTS:
            exchanges = flat(two.logs[0])
            exchanges[at] = replace(exchange, result=result)
            try:
                found = outcomes(recheck(PLAN, with_log(two, 0, exchanges)))
            except ChainError:
                continue
            assert found.items() <= truth.items()


def test_what_was_not_recorded_is_not_read_and_not_zero(two: ChainEvidence) -> None:
    bare = changed(two, lambda item: None if item.call.method == "eth_getBalance" else item)
    snapshot = recheck(PLAN, bare)
    assert [(item.asset, item.reason) for item in snapshot.failures] == [
        (CHAIN.native, "not_read"),
        (CHAIN.native, "not_read"),
    ]
    said = (("node-1", "not_read"), ("node-2", "not_read"))
    assert {item.answers for item in snapshot.failures} == {said}


def test_a_tokens_code_must_be_recorded_too(two: ChainEvidence) -> None:
    bare = changed(two, lambda item: None if item.call.method == "eth_getCode" else item)
    snapshot = recheck(PLAN, bare)
    assert {item.reason for item in snapshot.failures} == {"not_read"}
    assert len(snapshot.failures) == 2
    assert snapshot.answers == ()


def at_block(item: Exchange, block: Json) -> Exchange:
    if item.call.method not in STATE_METHODS:
        return item
    return replace(item, call=replace(item.call, params=(item.call.params[0], block)))


@pytest.mark.parametrize(
    "block",
    [
        "latest",
        "finalized",
        "pending",
        "0x6",
        "0x07",
        by_hash(FakeChain().block_hash(6)),
        {"blockHash": FakeChain().block_hash(7)},
        {"blockHash": FakeChain().block_hash(7), "requireCanonical": False},
        {"blockHash": FakeChain().block_hash(7), "requireCanonical": 1},
        {"blockNumber": "0x7"},
    ],
)
def test_answers_at_another_block_do_not_count(two: ChainEvidence, block: Json) -> None:
    snapshot = recheck(PLAN, changed(two, lambda item: at_block(item, block)))
    assert snapshot.balances == ()
    assert {item.reason for item in snapshot.failures} == {"not_read"}


def test_answers_by_number_count_only_between_two_looks_at_the_block(two: ChainEvidence) -> None:
    numbered = changed(two, lambda item: at_block(item, by_number(7)))
    assert outcomes(recheck(PLAN, numbered)) == outcomes(recheck(PLAN, two))
    open_ended = with_log(numbered, 0, flat(numbered.logs[0])[:-1])
    with pytest.raises(ChainError, match=r"too few sources .* node-1 says not_read"):
        recheck(PLAN, open_ended)
    snapshot = recheck(replace(PLAN, quorum=1), open_ended)
    assert {item.sources for item in snapshot.balances} == {("node-2",)}


def test_answers_by_hash_of_a_source_that_left_still_contradict(two: ChainEvidence) -> None:
    plan = replace(PLAN, quorum=1)
    kept = [
        replace(item, result="0x9") if item.call.method == "eth_getBalance" else item
        for item in flat(two.logs[0])[:-1]
    ]
    snapshot = recheck(plan, with_log(two, 0, kept))
    assert {item.reason for item in snapshot.failures} == {"sources_disagree"}
    assert len(snapshot.failures) == 2


def test_state_of_a_source_that_never_gave_the_pin_does_not_count(two: ChainEvidence) -> None:
    kept = [item for item in flat(two.logs[0]) if item.call != block_hash_call(7)]
    snapshot = recheck(replace(PLAN, quorum=1), with_log(two, 0, kept))
    assert {item.sources for item in snapshot.balances} == {("node-2",)}
    with pytest.raises(ChainError, match=r"too few sources .* node-1 says no_block"):
        recheck(PLAN, with_log(two, 0, kept))


def test_two_answers_to_one_question_are_none(two: ChainEvidence) -> None:
    exchanges = flat(two.logs[0])
    at = next(n for n, item in enumerate(exchanges) if item.call.method == "eth_getBalance")
    exchanges.insert(at, replace(exchanges[at], result="0x8"))
    snapshot = recheck(PLAN, with_log(two, 0, exchanges))
    assert [item.reason for item in snapshot.failures] == ["sources_disagree"]


def test_evidence_of_another_chain_is_refused(two: ChainEvidence) -> None:
    with pytest.raises(ChainError, match="evidence is of eip155:1, eip155:31337 is planned"):
        recheck(PLAN, replace(two, chain=ChainId("eip155:1")))


def test_one_source_cannot_speak_twice(two: ChainEvidence) -> None:
    with pytest.raises(ChainError, match="two sources of eip155:31337 have one name"):
        recheck(PLAN, replace(two, logs=(two.logs[0], two.logs[0])))
    twin = replace(two.logs[0], name="node-2")
    with pytest.raises(ChainError, match="too few sources"):
        recheck(PLAN, replace(two, logs=(two.logs[0], twin)))


def test_evidence_without_sources_is_refused() -> None:
    with pytest.raises(ChainError, match="no source of eip155:31337 answered"):
        recheck(PLAN, ChainEvidence(CHAIN.id, ()))
    with pytest.raises(ChainError, match="no source of eip155:31337 answered"):
        recheck(PLAN, ChainEvidence(CHAIN.id, (SourceLog("node-1", "a", ()),)))


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (MOMENT - 12, "too few sources stand for block 6 .* node-2 says no_block"),
        (MOMENT + 12, "too few sources stand for block 8 .* node-2 says not_read"),
        (GENESIS_TIME - 1, "no block of eip155:31337 is recorded at or before"),
        (None, "too few sources stand for block 18"),
    ],
)
def test_evidence_made_for_another_moment_gives_no_pin(
    two: ChainEvidence, moment: int | None, message: str
) -> None:
    with pytest.raises(ChainError, match=message):
        recheck(replace(PLAN, as_of=moment), two)


def drop_block(evidence: ChainEvidence, height: int) -> ChainEvidence:
    call = block_hash_call(height)
    return changed(evidence, lambda item: None if item.call == call else item)


def test_a_pin_below_the_final_block_needs_the_block_after_it(two: ChainEvidence) -> None:
    with pytest.raises(ChainError, match="gives no block 8 after the pin"):
        recheck(PLAN, drop_block(two, 8))


def test_an_earlier_block_cannot_be_passed_off_as_the_last(two: ChainEvidence) -> None:
    with pytest.raises(ChainError, match=r"too few sources stand for block 6"):
        recheck(PLAN, drop_block(drop_block(two, 7), 8))


def forged(evidence: ChainEvidence, height: int, **fields: Json) -> ChainEvidence:
    def change(item: Exchange) -> Exchange:
        block = item.result
        if isinstance(block, dict) and block.get("number") == hex(height):
            return replace(item, result=block | fields)
        return item

    return changed(evidence, change)


def test_the_block_after_the_pin_must_be_its_child_and_later(two: ChainEvidence) -> None:
    with pytest.raises(ChainError, match="gives no block 8 after the pin"):
        recheck(PLAN, forged(two, 8, parentHash="0x" + "11" * 32))
    with pytest.raises(ChainError, match=r"too few sources stand for block 8"):
        recheck(PLAN, forged(two, 8, timestamp=hex(MOMENT)))


def test_sources_must_agree_on_the_time_of_the_pin_too(two: ChainEvidence) -> None:
    other = forged(two, 7, timestamp=hex(MOMENT - 1))
    mixed = replace(two, logs=(two.logs[0], other.logs[1]))
    with pytest.raises(ChainError, match="no agreement on block 7"):
        recheck(PLAN, mixed)


def test_without_a_moment_the_pin_is_the_last_final_block() -> None:
    plan = plan_of()
    evidence = evidence_of(plan, FakeChain())
    later = forged(evidence, 18, number=hex(19))
    with pytest.raises(ChainError, match="too few sources stand for block 19"):
        recheck(plan, later)


def test_depth_is_counted_from_the_lowest_tip() -> None:
    plan = plan_of(quorum=2)
    snapshot = recheck(plan, evidence_of(plan, FakeChain(height=40), FakeChain(height=30)))
    assert snapshot.pin.depth == 30 - 18 + 1


def test_every_state_call_is_planned_once() -> None:
    plan = plan_of(BOB, BOB)
    assert [call.method for call in token_calls(plan, by_number(7))] == ["eth_getCode"]
    sweeps = holding_sweeps(plan, by_number(7), 10)
    assert [sweep.template.method for sweep in sweeps] == ["eth_getBalance", "eth_call"]
    assert [sweep.subjects for sweep in sweeps] == [(BOB,), (BOB[2:].lower(),)]


def test_a_sweep_with_its_control_call_fits_one_request() -> None:
    accounts = [f"0x{number:040x}" for number in range(7)]
    sweeps = holding_sweeps(plan_of(*accounts, assets=(CHAIN.native,)), by_number(7), 4)
    assert [len(sweep.subjects) for sweep in sweeps] == [3, 3, 1]
    assert [sweep.lead for sweep in sweeps] == [(control_call(by_number(7)),)] * 3


def test_a_question_for_another_chain_is_not_asked() -> None:
    question = Question(ChainId("eip155:1"), "code", BOB)
    plan = plan_of(questions=(question,), assets=())
    assert question_calls(plan, plan.questions, by_number(7)) == ()
    assert holding_sweeps(plan, by_number(7), 10) == ()
    assert recheck(plan, evidence_of(plan, FakeChain())).answers == ()


def loaded_by(module: str) -> Iterator[str]:
    code = f"import {module}, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    yield from done.stdout.split()


@pytest.mark.parametrize(
    "module", ["chains.evm.recheck", "chains.evm.address", "chains.recording", "chains.evm.reader"]
)
def test_no_network_client_is_loaded(module: str) -> None:
    assert not {"requests", "urllib3", "web3", "eth_account", "http.client"} & set(
        loaded_by(module)
    )
