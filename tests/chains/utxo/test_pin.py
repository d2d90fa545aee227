from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.errors import ChainError
from chains.evidence import Call, ChainEvidence, PlannedAccount, SourceLog
from chains.utxo import pin
from chains.utxo.recheck import recheck
from config.caip import ChainId
from tests.chains.utxo import rows
from tests.chains.utxo.fake_node import (
    CHAIN,
    SCRIPTS,
    FakeNode,
    plan,
    txid,
)
from tests.chains.utxo.forging import coin_with, evidence_of, scan_with, with_exchanges, with_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import Json


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


def test_more_scripts_than_one_scan_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = evidence_of(FakeNode())
    monkeypatch.setattr(pin, "MAX_SCRIPTS", 2)
    with pytest.raises(ChainError, match="3 addresses, one scan takes 2"):
        recheck(plan(), evidence)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"accounts": ()}, "nothing to read"),
        ({"accounts": plan().accounts * 2}, "an address twice"),
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
