from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.snapshot import Answer, Question
from config.caip import AssetId
from tests.chains.evm.fakechain import (
    ALICE,
    BOB,
    CAROL,
    CHAIN,
    COIN,
    COIN_ASSET,
    FakeChain,
    plan_of,
)
from tests.chains.evm.fakenodes import balance, failed, reading, units_of
from tests.misbehaving import faulty, honest

if TYPE_CHECKING:
    from tests.misbehaving import Json


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
        if len(items) == 4:
            items[1]["id"], items[2]["id"] = items[2]["id"], items[1]["id"]
        return items

    swapping = faulty(FakeChain().answer, swap)
    plan = plan_of(ALICE, BOB, CAROL)
    assert units_of(reading(plan, swapping)) == [0, 0, 7, 500, 0, 0]
    assert units_of(reading(plan, swapping, FakeChain())) == [0, 0]


def test_a_node_that_answers_from_another_block_is_not_heard() -> None:
    for stale in (FakeChain(state_height=20), FakeChain(state_height=17)):
        snapshot = reading(plan_of(), stale)
        assert snapshot.balances == ()
        assert {failure.answers for failure in snapshot.failures} == {(("node-1", "wrong_state"),)}
        other = reading(plan_of(), FakeChain(state_height=20, knows_hashes=False))
        assert other.balances == ()


def test_a_node_that_answers_from_another_block_leaves_the_word_to_others() -> None:
    snapshot = reading(plan_of(), FakeChain(state_height=20, balances={}), FakeChain())
    assert {balance.sources for balance in snapshot.balances} == {("node-2",)}
    assert units_of(snapshot) == [7, 500, 0, 0]
    assert reading(plan_of(quorum=2), FakeChain(state_height=20), FakeChain()).balances == ()


def test_a_node_that_cannot_tell_its_state_is_believed_as_far_as_it_goes() -> None:
    def without(method: str, params: list[Json]) -> dict[str, Json]:
        if method == "eth_call" and "to" not in params[0]:
            return {"error": {"code": -32602, "message": "to is missing"}}
        return FakeChain().answer(method, params)

    assert units_of(reading(plan_of(), honest(without))) == [7, 500, 0, 0]


def test_on_a_chain_whose_opcodes_speak_of_another_the_state_is_not_asked() -> None:
    plan = replace(plan_of(), chain=replace(CHAIN, block_opcodes="foreign"))
    assert units_of(reading(plan, FakeChain(state_height=20))) == [7, 500, 0, 0]


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
