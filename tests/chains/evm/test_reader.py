from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Call
from chains.evm import reader
from chains.evm.pin import UnsettledPin
from chains.evm.reader import read
from chains.evm.recheck import recheck
from chains.recording import RecordedSource, decode_log, encode_log
from chains.snapshot import Answer, Balance, FailedRead, Pin, Question
from config.caip import AssetId, account_id
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CHAIN,
    COIN,
    COIN_ASSET,
    GENESIS_TIME,
    FakeChain,
    World,
    plan_of,
)
from tests.chains.evm.fakenodes import nodes
from tests.misbehaving import Reply, always, faulty, first, honest

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan
    from chains.snapshot import ChainSnapshot, EvidenceClass, FailureReason
    from tests.misbehaving import Fault, Json, Script


def reading(
    plan: ChainPlan,
    *behaviours: FakeChain | Script,
    operators: str = "abcdef",
    world: World | None = None,
) -> ChainSnapshot:
    with nodes(*behaviours, operators=operators) as sources:
        evidence = read(plan, sources, (world or World()).around)
    return recheck(plan, evidence)


def balance(address: str, asset: AssetId, units: int, *sources: str) -> Balance:
    evidence: EvidenceClass = "quorum" if len(sources) > 1 else "single"
    return Balance(account_id(CHAIN.id, address), asset, units, 0, evidence, sources)


def units_of(snapshot: ChainSnapshot) -> list[int]:
    return [balance.units for balance in snapshot.balances]


def failed(address: str, asset: AssetId, reason: FailureReason, *answers: str) -> FailedRead:
    named = tuple((f"node-{number}", text) for number, text in enumerate(answers, 1))
    return FailedRead(account_id(CHAIN.id, address), asset, reason, named)


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


def test_questions_are_answered_at_the_pin() -> None:
    asked = tuple(Question(CHAIN.id, "code", address) for address in (COIN, BOB))
    snapshot = reading(plan_of(quorum=2, questions=asked), FakeChain(), FakeChain())
    both = ("node-1", "node-2")
    assert snapshot.answers == (Answer(asked[0], "0x6001", both), Answer(asked[1], "0x", both))


def test_a_question_without_agreement_has_no_answer() -> None:
    asked = Question(CHAIN.id, "code", BOB)
    other = FakeChain(tokens={COIN: {ALICE: 500}, BOB: {}})
    assert reading(plan_of(questions=(asked,)), FakeChain(), other).answers == ()


def test_a_source_with_another_balance_stops_that_balance_alone() -> None:
    liar = FakeChain(balances={ALICE: 8, BOB: 0}, tokens={COIN: {ALICE: 500, BOB: 1}})
    snapshot = reading(plan_of(), FakeChain(), liar)
    assert snapshot.failures == (
        failed(ALICE, CHAIN.native, "sources_disagree", "7", "8"),
        failed(BOB, COIN_ASSET, "sources_disagree", "0", "1"),
    )
    assert units_of(snapshot) == [500, 0]


def test_swapped_answers_inside_a_batch_are_seen_by_a_second_source() -> None:
    def swap(items: list[dict[str, Json]]) -> list[dict[str, Json]]:
        if len(items) == 5:
            items[1]["id"], items[3]["id"] = items[3]["id"], items[1]["id"]
        return items

    swapping = faulty(FakeChain().answer, swap)
    assert units_of(reading(plan_of(), swapping)) == [0, 500, 7, 0]
    assert units_of(reading(plan_of(), swapping, FakeChain())) == [500, 0]


@pytest.mark.parametrize("result", ["0x", "0x0", None, 0, "0x" + "00" * 64, "0x" + "00" * 31, ""])
def test_a_token_answer_that_is_not_one_word_is_no_balance(result: Json) -> None:
    snapshot = reading(plan_of(), FakeChain(overrides={"eth_call": result}))
    assert snapshot.failures == (
        failed(ALICE, COIN_ASSET, "malformed_answer", "malformed_answer"),
        failed(BOB, COIN_ASSET, "malformed_answer", "malformed_answer"),
    )
    assert units_of(snapshot) == [7, 0]


@pytest.mark.parametrize("result", ["0x", "", None, 0, "0x00", "7", "0x1" + "0" * 64, {}])
def test_a_balance_that_is_not_a_quantity_is_no_balance(result: Json) -> None:
    snapshot = reading(plan_of(), FakeChain(overrides={"eth_getBalance": result}))
    assert [failure.asset for failure in snapshot.failures] == [CHAIN.native] * 2
    assert {failure.reason for failure in snapshot.failures} == {"malformed_answer"}


def test_a_malformed_answer_is_not_outvoted() -> None:
    broken = FakeChain(overrides={"eth_call": "0x"})
    snapshot = reading(plan_of(quorum=2), FakeChain(), FakeChain(), broken)
    expected = failed(ALICE, COIN_ASSET, "sources_disagree", "500", "500", "malformed_answer")
    assert expected == snapshot.failures[0]


def test_a_token_without_code_has_no_balances_and_not_zero() -> None:
    snapshot = reading(plan_of(), FakeChain(tokens={}, overrides={"eth_call": f"0x{0:064x}"}))
    assert snapshot.failures == (
        failed(ALICE, COIN_ASSET, "malformed_answer", "no_code"),
        failed(BOB, COIN_ASSET, "malformed_answer", "no_code"),
    )


def test_sources_that_disagree_on_a_tokens_code_stop_its_balances() -> None:
    without = FakeChain(tokens={}, overrides={"eth_call": f"0x{0:064x}"})
    snapshot = reading(plan_of(BOB), FakeChain(), without)
    (failure,) = snapshot.failures
    assert (failure.reason, failure.asset) == ("sources_disagree", COIN_ASSET)
    assert dict(failure.answers)["node-2"] == "no_code"
    assert len(dict(failure.answers)["node-1"]) == 66


@pytest.mark.parametrize(
    "asset",
    [
        "eip155:1/slip44:60",
        f"eip155:1/erc20:{COIN}",
        f"{CHAIN.id}/erc20:{COIN.lower()}",
        f"{CHAIN.id}/erc20:0x12",
        f"{CHAIN.id}/erc721:{COIN}",
        f"{CHAIN.id}/slip44:61",
    ],
)
def test_an_asset_this_reader_does_not_know_is_not_read(asset: str) -> None:
    snapshot = reading(plan_of(ALICE, assets=(AssetId(asset), CHAIN.native)), FakeChain())
    assert snapshot.failures == (failed(ALICE, AssetId(asset), "not_read"),)
    assert units_of(snapshot) == [7]


def test_an_account_planned_twice_is_asked_once_and_shown_twice() -> None:
    chain = FakeChain()
    asked: list[str] = []
    chain.before = lambda _chain, method, _number: asked.append(method)
    snapshot = reading(plan_of(ALICE, ALICE, assets=(CHAIN.native,)), chain)
    assert units_of(snapshot) == [7, 7]
    # Once to find out the form, once to read.
    assert asked.count("eth_getBalance") == 2


def test_nothing_to_read_still_makes_a_pin() -> None:
    plan = plan_of(assets=())
    assert reading(plan, FakeChain()).pin.height == 18


def test_a_node_that_does_not_know_eip_1898_is_asked_by_number() -> None:
    old = FakeChain(knows_hashes=False)
    assert units_of(reading(plan_of(), old)) == [7, 500, 0, 0]
    snapshot = reading(plan_of(quorum=2), old, FakeChain())
    assert balance(ALICE, CHAIN.native, 7, "node-1", "node-2") == snapshot.balances[0]


def at_call(number: int, change: Callable[[FakeChain], None]) -> FakeChain:
    """Change a chain once, before its nth call."""

    def before(chain: FakeChain, _method: str, count: int) -> None:
        if count == number:
            change(chain)

    return FakeChain(before=before)


def fork(chain: FakeChain) -> None:
    chain.fork = "b"


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
        forgotten = count > 6 and method == "eth_getBlockByNumber" and chain.asked < 13
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
    assert {failure.reason for failure in snapshot.failures} == {"source_failed"}
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
        return FAULTS[name](items) if len(items) == 5 else items

    bad = faulty(FakeChain().answer, fault)
    truth = dict(
        zip(
            [(ALICE, CHAIN.native), (ALICE, COIN_ASSET), (BOB, CHAIN.native), (BOB, COIN_ASSET)],
            [7, 500, 0, 0],
            strict=True,
        )
    )
    snapshot = reading(plan_of(quorum=2), bad, FakeChain())
    for found in snapshot.balances:
        assert truth[found.account.split(":")[2], found.asset] == found.units
    assert len(snapshot.balances) + len(snapshot.failures) == len(truth)


def test_progress_is_told_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    world = World()
    reading(plan_of(), FakeChain(), FakeChain(), world=world)
    stage = "anvil: reading state"
    assert world.progress == [
        ("anvil: finding the pin", 0, 0),
        (stage, 2, 5),
        (stage, 4, 5),
        (stage, 5, 5),
    ]


def test_a_source_that_dies_on_the_way_is_not_asked_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 1)
    asked: list[Json] = []

    def script(request: Json, _number: int) -> Reply:
        asked.append(request)
        return Reply(drop=True)

    snapshot = reading(plan_of(), state_only(script), FakeChain())
    assert {balance.sources for balance in snapshot.balances} == {("node-2",)}
    # The probe in both forms is not made for a dead source, and one chunk is asked twice.
    assert len(asked) == 2


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
    calls = [exchange.call for exchange in evidence.logs[0].exchanges]
    assert sum(call.method == "eth_chainId" for call in calls) == 1
    assert [call.method for call in calls].count("eth_getBalance") == 2
    assert calls[-1] == Call("eth_getBlockByNumber", ("0x12", False))
    old = FakeChain().block_hash(18)
    assert old not in json.dumps([str(exchange) for exchange in evidence.logs[0].exchanges])
