from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Call, ChainEvidence, Exchange, PlannedAccount, SourceLog
from chains.snapshot import Balance, Coin, FailedRead, Pin, Question
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.caip import AssetId, ChainId, account_id
from tests.chains.utxo import rows
from tests.chains.utxo.fake_node import (
    ADDRESSES,
    CHAIN,
    OUTPUTS,
    SCRIPTS,
    FakeNode,
    Output,
    answering,
    plan,
    surroundings,
    txid,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Json

ONE = 100_000_000


def evidence_of(*nodes: FakeNode, chain_plan: ChainPlan | None = None) -> ChainEvidence:
    return read(chain_plan or plan(), nodes, surroundings())


def with_result(
    evidence: ChainEvidence, method: str, change: Callable[[Json], Json], *, log: int = 0
) -> ChainEvidence:
    """Alter what the first call of a method answered in one log."""
    exchanges = list(evidence.logs[log].exchanges)
    place = next(at for at, item in enumerate(exchanges) if item.call.method == method)
    exchanges[place] = replace(exchanges[place], result=change(exchanges[place].result))
    return with_exchanges(evidence, exchanges, log=log)


def with_exchanges(
    evidence: ChainEvidence, exchanges: list[Exchange], *, log: int = 0
) -> ChainEvidence:
    logs = list(evidence.logs)
    logs[log] = replace(logs[log], exchanges=tuple(exchanges))
    return replace(evidence, logs=tuple(logs))


def scan_with(**change: Json) -> Callable[[Json], Json]:
    def changed(result: Json) -> Json:
        assert isinstance(result, dict)
        return result | change

    return changed


def coin_with(**change: Json) -> Callable[[Json], Json]:
    """Alter the first listed output, leaving the total as it was."""

    def changed(result: Json) -> Json:
        assert isinstance(result, dict)
        listed = result["unspents"]
        assert isinstance(listed, tuple)
        assert isinstance(listed[0], dict)
        return result | {"unspents": (listed[0] | change, *listed[1:])}

    return changed


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


@pytest.mark.parametrize(
    "change",
    [
        scan_with(success=False),
        scan_with(success=None),
        scan_with(unspents=None),
        scan_with(unspents=()),
        scan_with(bestblock=None),
        scan_with(bestblock="b" * 64),
        scan_with(height=201),
        scan_with(height=199),
        scan_with(height="200"),
        scan_with(total_amount="76.60000002"),
        scan_with(total_amount="-76.60000001"),
        scan_with(total_amount=None),
        coin_with(amount="1.50000001"),
        coin_with(amount="-1.50000000"),
        coin_with(amount="1.500000000000000001"),
        coin_with(amount=None),
        coin_with(scriptPubKey=SCRIPTS[2].hex() + "00"),
        coin_with(scriptPubKey=SCRIPTS[2].hex().upper()),
        coin_with(scriptPubKey=None),
        coin_with(vout=1),
        coin_with(vout=-1),
        coin_with(vout=False),
        coin_with(txid=txid(1)[1:]),
        coin_with(txid=txid(1).upper() + "F"),
        coin_with(height=201),
        coin_with(height=None),
        coin_with(coinbase="false"),
        lambda _: None,
        lambda _: (),
        lambda _: "0",
    ],
)
def test_a_scan_that_contradicts_itself_gives_no_pin(change: Callable[[Json], Json]) -> None:
    evidence = with_result(evidence_of(FakeNode()), "scantxoutset", change)
    with pytest.raises(ChainError, match=r"has no pin, (malformed_answer|not_read)"):
        recheck(plan(), evidence)


@pytest.mark.parametrize("log", [0, 1])
def test_a_scan_that_contradicts_itself_stops_a_quorum_too(log: int) -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith"))
    evidence = with_result(evidence_of(*two), "scantxoutset", scan_with(success=False), log=log)
    with pytest.raises(ChainError, match="sources_disagree"):
        recheck(plan(), evidence)


def test_coins_swapped_between_scripts_with_the_same_total_are_seen_by_the_other_source() -> None:
    swapped = (replace(OUTPUTS[0], script=SCRIPTS[1]), *OUTPUTS[1:])
    evidence = evidence_of(FakeNode(), FakeNode("node-2", "zenith", outputs=swapped))
    reasons = [
        (row.reason, row.account.split(":")[2]) for row in recheck(plan(), evidence).failures
    ]
    assert [("sources_disagree", address) for address in ADDRESSES[:2]] == reasons


def test_scans_at_two_blocks_give_no_pin() -> None:
    first = evidence_of(FakeNode())
    second = evidence_of(FakeNode("node-2", "zenith", branch="b"))
    both = replace(first, logs=first.logs + second.logs)
    with pytest.raises(
        ChainError, match=r"node-1 .acme. says aaaaaaaa.*node-2 .zenith. says bbbbbbbb"
    ):
        recheck(plan(), both)


@pytest.mark.parametrize(
    "change",
    [
        scan_with(hash="b" * 64),
        scan_with(height=199),
        scan_with(confirmations=0),
        scan_with(confirmations=True),
        scan_with(mediantime=None),
        lambda _: None,
    ],
)
def test_a_header_that_contradicts_the_scan_gives_no_pin(change: Callable[[Json], Json]) -> None:
    evidence = with_result(evidence_of(FakeNode()), "getblockheader", change)
    with pytest.raises(ChainError, match="malformed_answer"):
        recheck(plan(), evidence)


def test_sources_that_differ_in_the_median_time_give_no_pin() -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith"))
    evidence = with_result(evidence_of(*two), "getblockheader", scan_with(mediantime=5), log=1)
    with pytest.raises(ChainError, match=r"median time 1700000200.*median time 5"):
        recheck(plan(), evidence)


@pytest.mark.parametrize("depth", [-1, 1, 5])
def test_a_pin_that_is_not_deep_enough_is_none(depth: int) -> None:
    evidence = with_result(
        evidence_of(FakeNode()), "getblockheader", scan_with(confirmations=depth)
    )
    with pytest.raises(ChainError, match=f"depth {depth}, 6 are needed"):
        recheck(plan(confirmations=6), evidence)


def test_the_depth_is_the_smallest_that_any_source_saw() -> None:
    two = (FakeNode(), FakeNode("node-2", "zenith"))
    evidence = with_result(evidence_of(*two), "getblockheader", scan_with(confirmations=9))
    evidence = with_result(evidence, "getblockheader", scan_with(confirmations=7), log=1)
    expected = 7
    assert expected == recheck(plan(confirmations=6), evidence).pin.depth


def test_another_genesis_is_an_error_at_once() -> None:
    evidence = with_result(evidence_of(FakeNode()), "getblockhash", lambda _: "0" * 64)
    with pytest.raises(ChainError, match=f"block 0 is {'0' * 64}, must be 530827f3"):
        recheck(plan(), evidence)


def test_the_fork_block_tells_chains_with_one_genesis_apart() -> None:
    cash = plan(rows.BITCOIN_CASH)
    accounts = (PlannedAccount("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", (cash.chain.native,)),)
    cash = replace(cash, accounts=accounts)
    node = FakeNode(chain=rows.BITCOIN_CASH, height=800_000, outputs=())
    expected = 800_000
    assert expected == recheck(cash, evidence_of(node, chain_plan=cash)).pin.height
    bitcoin = FakeNode(chain=rows.BITCOIN, height=800_000, outputs=())
    with pytest.raises(ChainError, match=r"block 478559 is .*, must be 000000000000000000651ef9"):
        evidence_of(bitcoin, chain_plan=cash)


def test_evidence_of_another_chain_is_refused() -> None:
    evidence = replace(evidence_of(FakeNode()), chain=ChainId("bip122:" + "0" * 32))
    with pytest.raises(
        ChainError, match=r"evidence is of bip122:0000.*, the plan is of bip122:5308"
    ):
        recheck(plan(), evidence)


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


def test_a_scan_of_other_scripts_is_no_scan_of_these() -> None:
    evidence = evidence_of(FakeNode())
    fewer = replace(plan(), accounts=plan().accounts[:2])
    swapped = replace(plan(), accounts=plan().accounts[::-1])
    for other in (fewer, swapped):
        with pytest.raises(ChainError, match="has no pin, not_read"):
            recheck(other, evidence)


def test_a_scan_request_that_lost_a_script_is_not_taken() -> None:
    evidence = evidence_of(FakeNode(outputs=()))
    exchanges = list(evidence.logs[0].exchanges)
    place = next(at for at, item in enumerate(exchanges) if item.call.method == "scantxoutset")
    start, wanted = exchanges[place].call.params
    assert isinstance(wanted, tuple)
    less = Call("scantxoutset", (start, wanted[:-1]))
    exchanges[place] = replace(exchanges[place], call=less)
    with pytest.raises(ChainError, match="not_read"):
        recheck(plan(), with_exchanges(evidence, exchanges))


def test_two_logs_of_one_name_are_refused() -> None:
    evidence = evidence_of(FakeNode())
    with pytest.raises(ChainError, match="two logs of one source"):
        recheck(plan(), replace(evidence, logs=evidence.logs * 2))


def test_no_logs_give_no_pin() -> None:
    with pytest.raises(ChainError, match="has no pin"):
        recheck(plan(), ChainEvidence(CHAIN.id, ()))
    with pytest.raises(ChainError, match="has no pin, not_read"):
        recheck(plan(), ChainEvidence(CHAIN.id, (SourceLog("node-1", "acme", ()),)))


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


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"accounts": ()}, "no address"),
        ({"accounts": plan().accounts * 2}, "one of them twice"),
        ({"quorum": 0}, "quorum is 0"),
        ({"confirmations": 0}, "depth 0"),
        ({"chain": replace(CHAIN, utxo=None, family="evm")}, "family 'evm'"),
    ],
)
def test_plans_that_cannot_be_read_are_refused(change: dict[str, object], why: str) -> None:
    evidence = evidence_of(FakeNode())
    broken = replace(plan(), **change)  # type: ignore[arg-type]  # fields of several types
    with pytest.raises(ChainError, match=why):
        recheck(broken, evidence)
