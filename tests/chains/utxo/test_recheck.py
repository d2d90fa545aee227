from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Exchange, PlannedAccount
from chains.snapshot import Balance, Coin, FailedRead, Pin, Question
from chains.utxo.recheck import recheck
from config.caip import AssetId, account_id
from tests.chains.utxo.fake_node import (
    ADDRESSES,
    CHAIN,
    OUTPUTS,
    SCRIPTS,
    FakeNode,
    Output,
    answering,
    plan,
    txid,
)
from tests.chains.utxo.forging import evidence_of, scan_with, with_exchanges

if TYPE_CHECKING:
    from collections.abc import Callable


ONE = 100_000_000


def test_balances_pin_and_coins() -> None:
    snapshot = recheck(plan(), evidence_of(FakeNode()))
    assert Pin(CHAIN.id, 200, "a" * 8 + f"{200:056x}", 1_700_000_200, 1) == snapshot.pin
    expected = [(150_000_001, 0), (50 * ONE + 10_000_000, 25 * ONE), (0, 0)]
    assert expected == [(balance.units, balance.immature) for balance in snapshot.balances]
    assert {("single", ("node-1",))} == {(row.evidence, row.sources) for row in snapshot.balances}
    accounts = [account_id(CHAIN.id, address) for address in ADDRESSES]
    assert accounts == [balance.account for balance in snapshot.balances]
    assert not snapshot.failures
    coin = Coin(CHAIN.id, txid(3), 0, SCRIPTS[1].hex(), 25 * ONE, 150, coinbase=True)
    assert [coin] == [item for item in snapshot.coins if item.coinbase]
    outpoints = [(coin.txid, coin.vout) for coin in snapshot.coins]
    assert [(out.txid, out.vout) for out in OUTPUTS] == outpoints


def test_an_address_without_coins_is_a_real_zero() -> None:
    snapshot = recheck(plan(), evidence_of(FakeNode(outputs=())))
    expected = [0, 0, 0]
    assert expected == [balance.units for balance in snapshot.balances]
    assert not snapshot.failures


def test_two_operators_that_agree_are_a_quorum() -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith"))
    snapshot = recheck(plan(quorum=2), evidence_of(*two, chain_plan=plan(quorum=2)))
    assert {("quorum", ("node-1", "node-2"))} == {
        (row.evidence, row.sources) for row in snapshot.balances
    }


def test_two_sources_of_one_operator_are_one_voice() -> None:
    two = (FakeNode(), FakeNode("node-2"))
    snapshot = recheck(plan(), evidence_of(*two))
    assert {"single"} == {row.evidence for row in snapshot.balances}
    with pytest.raises(ChainError, match=r"quorum_not_met.*operators needed: 2"):
        recheck(plan(quorum=2), evidence_of(*two))


def test_nodes_that_tell_coinbase_and_nodes_that_do_not_agree() -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith", says_coinbase=True))
    snapshot = recheck(plan(quorum=2), evidence_of(*two))
    assert not snapshot.failures
    expected = [0, 25 * ONE, 0]
    assert expected == [balance.immature for balance in snapshot.balances]


@pytest.mark.parametrize(("height", "immature"), [(101, 0), (102, 1), (200, 1)])
def test_maturity_at_its_edge(height: int, immature: int) -> None:
    # Block 201 could spend the coinbase of block 101: 201 - 101 is 100.
    node = FakeNode(outputs=(Output(txid(1), 0, SCRIPTS[0], "0.00000001", height, coinbase=True),))
    balance = recheck(plan(), evidence_of(node)).balances[0]
    assert (1 - immature, immature) == (balance.units, balance.immature)


def test_old_coins_are_not_asked_about() -> None:
    node = FakeNode()
    evidence_of(node)
    asked = {call.params[0] for call in node.asked if call.method == "gettxout"}
    assert {txid(3), txid(4)} == asked


def test_a_coin_spent_since_is_looked_up_in_its_block() -> None:
    node = FakeNode(change=answering("gettxout", lambda _: None))
    evidence = evidence_of(node)
    assert {150, 200} == {
        call.params[0] for call in node.asked if call.method == "getblockhash"
    } - {0}
    expected = [0, 25 * ONE, 0]
    assert expected == [row.immature for row in recheck(plan(), evidence).balances]


def test_a_coin_whose_kind_is_unknown_is_a_failed_read_and_never_spendable() -> None:
    def unanswered(exchange: Exchange) -> Exchange:
        if exchange.call.method == "gettxout":
            return Exchange(exchange.call, error="unreachable")
        return exchange

    snapshot = recheck(plan(), evidence_of(FakeNode(change=unanswered)))
    account = account_id(CHAIN.id, ADDRESSES[1])
    failed = FailedRead(account, CHAIN.native, "source_failed", (("node-1", "unreachable"),))
    assert (failed,) == snapshot.failures
    assert [ADDRESSES[0], ADDRESSES[2]] == [row.account.split(":")[2] for row in snapshot.balances]
    assert SCRIPTS[1].hex() not in {coin.script for coin in snapshot.coins}


def test_one_silent_of_two_operators_is_a_quorum_not_met() -> None:
    def unanswered(exchange: Exchange) -> Exchange:
        if exchange.call.method == "gettxout":
            return Exchange(exchange.call, error="throttled")
        return exchange

    two = (FakeNode(), FakeNode("node-2", "zenith", change=unanswered))
    snapshot = recheck(plan(quorum=2), evidence_of(*two))
    expected = [("quorum_not_met", (("node-1", "7510000000"), ("node-2", "throttled")))]
    assert expected == [(row.reason, row.answers) for row in snapshot.failures]


@pytest.mark.parametrize(
    "change",
    [
        answering("gettxout", scan_with(coinbase="yes")),
        answering("gettxout", scan_with(value="0.2")),
        answering("gettxout", lambda _: "0.1"),
    ],
)
def test_a_contradicting_answer_about_a_coin_is_a_failed_read(
    change: Callable[[Exchange], Exchange],
) -> None:
    snapshot = recheck(plan(), evidence_of(FakeNode(change=change)))
    assert [("malformed_answer", ADDRESSES[1])] == [
        (row.reason, row.account.split(":")[2]) for row in snapshot.failures
    ]


@pytest.mark.parametrize(
    "outputs",
    [
        OUTPUTS[:-1],
        (*OUTPUTS, Output(txid(9), 0, SCRIPTS[2], "1", 5)),
        (*OUTPUTS[:-1], replace(OUTPUTS[-1], amount="0.10000001")),
        (*OUTPUTS[:-1], replace(OUTPUTS[-1], vout=8)),
        (*OUTPUTS[:-1], replace(OUTPUTS[-1], txid=txid(5))),
        (*OUTPUTS[:-1], replace(OUTPUTS[-1], height=199)),
        (*OUTPUTS[:-1], replace(OUTPUTS[-1], coinbase=True)),
        (replace(OUTPUTS[0], script=SCRIPTS[1]), *OUTPUTS[1:]),
    ],
)
def test_sources_that_list_different_coins_disagree(outputs: tuple[Output, ...]) -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith", outputs=outputs))
    snapshot = recheck(plan(), evidence_of(*two))
    assert {"sources_disagree"} == {row.reason for row in snapshot.failures}
    assert len(ADDRESSES) == len(snapshot.failures) + len(snapshot.balances)
    failed = {row.account for row in snapshot.failures}
    assert not failed & {row.account for row in snapshot.balances}


def test_a_disagreement_names_both_sums() -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith", outputs=OUTPUTS[1:]))
    snapshot = recheck(plan(), evidence_of(*two))
    expected = (("node-1", "150000001"), ("node-2", "1"))
    assert [expected] == [row.answers for row in snapshot.failures]


def test_coins_swapped_between_scripts_with_the_same_total_are_seen_by_the_other_source() -> None:
    swapped = (replace(OUTPUTS[0], script=SCRIPTS[1]), *OUTPUTS[1:])
    evidence = evidence_of(FakeNode(), FakeNode("node-2", "zenith", outputs=swapped))
    reasons = [
        (row.reason, row.account.split(":")[2]) for row in recheck(plan(), evidence).failures
    ]
    assert [("sources_disagree", address) for address in ADDRESSES[:2]] == reasons


def test_every_missing_exchange_fails() -> None:
    evidence = evidence_of(FakeNode(change=answering("gettxout", lambda _: None)))
    whole = evidence.logs[0].exchanges
    for at, gone in enumerate(whole):
        cut = with_exchanges(evidence, [*whole[:at], *whole[at + 1 :]])
        try:
            snapshot = recheck(plan(), cut)
        except ChainError:
            continue
        assert [("not_read", ADDRESSES[1])] == [
            (row.reason, row.account.split(":")[2]) for row in snapshot.failures
        ], gone
        expected = 2
        assert expected == len(snapshot.balances)


def test_every_failed_exchange_fails() -> None:
    evidence = evidence_of(FakeNode(change=answering("gettxout", lambda _: None)))
    whole = evidence.logs[0].exchanges
    for at, gone in enumerate(whole):
        failed = Exchange(gone.call, error="unreachable")
        cut = with_exchanges(evidence, [*whole[:at], failed, *whole[at + 1 :]])
        try:
            snapshot = recheck(plan(), cut)
        except ChainError as error:
            assert "unreachable" in error.what  # noqa: PT017 - one of two right outcomes
            continue
        expected = ["source_failed"]
        assert expected == [row.reason for row in snapshot.failures], gone


def test_every_exchange_recorded_twice_with_another_result_fails() -> None:
    evidence = evidence_of(FakeNode(change=answering("gettxout", lambda _: None)))
    whole = evidence.logs[0].exchanges
    for at, item in enumerate(whole):
        for second in (replace(item, result="0"), replace(item, result=None), item):
            twice = with_exchanges(evidence, [*whole, second])
            if item.call.method == "getblockhash" and second is item and at == 0:
                assert not recheck(plan(), twice).failures
                continue
            try:
                snapshot = recheck(plan(), twice)
            except ChainError:
                continue
            expected = 1
            assert expected == len(snapshot.failures), item


def test_assets_that_are_not_native_are_not_read() -> None:
    token = AssetId(f"{CHAIN.id}/slip44:999")
    accounts = (PlannedAccount(ADDRESSES[0], (CHAIN.native, token)),)
    with_token = replace(plan(), accounts=accounts)
    snapshot = recheck(with_token, evidence_of(FakeNode(), chain_plan=with_token))
    account = account_id(CHAIN.id, ADDRESSES[0])
    assert (FailedRead(account, token, "not_read", ()),) == snapshot.failures
    expected = Balance(account, CHAIN.native, 150_000_001, 0, "single", ("node-1",))
    assert (expected,) == snapshot.balances


def test_questions_have_no_answers_on_this_family() -> None:
    asking = replace(plan(), questions=(Question(CHAIN.id, "code", ADDRESSES[0]),))
    assert not recheck(asking, evidence_of(FakeNode(), chain_plan=asking)).answers
