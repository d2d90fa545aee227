"""Whether a transaction is in a block: nodes with an index, index servers, and liars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evidence import Exchange
from chains.inclusion import ABSENT, Inclusion, Prevout, decode_inclusion
from chains.rereading import REREADERS
from chains.snapshot import Question
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from chains.utxo.transactions import placed_call, previous_call
from tests.chains.utxo.fake_server import FakeCore, FakeServer, lived, plan_of
from tests.chains.utxo.history.minting import SCRIPTS
from tests.chains.utxo.minted_readings import World, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Json, ProtocolName, Source
    from chains.snapshot import ChainSnapshot
    from tests.chains.utxo.history.minting import Minted

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")


def spending() -> tuple[Minted, str, Inclusion]:
    """A chain, a transaction in it that spends two coins of accounts, and where it is."""
    chain = lived()
    (txid,) = chain.add((_paid(chain), [(SCRIPTS[2], 1500)]))
    prevouts = (Prevout(SCRIPTS[0], 700), Prevout(SCRIPTS[1], 900))
    height = chain.height
    chain.grow(5)
    return chain, txid, Inclusion("success", height, "", prevouts)


def _paid(chain: Minted) -> tuple[tuple[str, int], tuple[str, int]]:
    source = next(at for at, one in chain.held.items() if one.script not in SCRIPTS)
    (txid,) = chain.add(((source,), [(SCRIPTS[0], 700), (SCRIPTS[1], 900)]))
    return (txid, 0), (txid, 1)


def asking(chain: Minted, txid: str, quorum: int = 1) -> ChainPlan:
    plan = plan_of(chain, quorum=quorum, confirmations=1)
    return replace(plan, questions=(Question(plan.chain.id, "inclusion", txid),))


def said(snapshot: ChainSnapshot) -> Inclusion | None:
    return decode_inclusion(snapshot.answers[0].value) if snapshot.answers else None


def altering(call_of: str, change: Callable[[Json], Json]) -> Callable[[Exchange], Exchange]:
    def changed(exchange: Exchange) -> Exchange:
        if exchange.call.method != call_of:
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed


def test_a_node_with_an_index_gives_block_and_prevouts() -> None:
    chain, txid, expected = spending()
    assert said(snapshot_of(asking(chain, txid), FakeCore(chain))) == expected


def test_a_node_without_an_index_says_nothing() -> None:
    chain, txid, _ = spending()
    assert said(snapshot_of(asking(chain, txid), FakeCore(chain, indexes=False))) is None


@pytest.mark.parametrize("protocol", BOTH)
def test_an_index_server_is_asked_nothing_more(protocol: ProtocolName) -> None:
    chain, txid, expected = spending()
    server = FakeServer(chain, protocol=protocol)
    assert said(snapshot_of(asking(chain, txid), server)) == expected
    without = FakeServer(chain, protocol=protocol)
    snapshot_of(replace(asking(chain, txid), questions=()), without)
    assert without.asked == server.asked


@pytest.mark.parametrize("protocol", BOTH)
def test_nodes_and_servers_agree(protocol: ProtocolName) -> None:
    chain, txid, expected = spending()
    plan = asking(chain, txid, quorum=2)
    sources = (FakeCore(chain), FakeServer(chain, protocol=protocol))
    found = snapshot_of(plan, *sources)
    assert said(found) == expected
    assert found.answers[0].sources == ("node-1", "server-1")


@pytest.mark.parametrize("protocol", BOTH)
def test_a_transaction_that_no_history_shows_is_not_known(protocol: ProtocolName) -> None:
    chain, _, _ = spending()
    for txid in ("ab" * 32, chain.blocks[3].txids[0]):
        server = FakeServer(chain, protocol=protocol)
        assert said(snapshot_of(asking(chain, txid), server)) is None


def test_one_that_waits_or_is_above_the_pin_is_absent() -> None:
    chain, txid, _ = spending()

    def unplaced(value: Json) -> Json:
        assert isinstance(value, dict)
        return {key: item for key, item in value.items() if key != "blockhash"}

    core = FakeCore(
        chain,
        change=altering(
            "getrawtransaction", lambda one: unplaced(one) if isinstance(one, dict) else one
        ),
    )
    assert said(snapshot_of(asking(chain, txid), core)) == ABSENT
    evidence = read(asking(chain, txid), (FakeCore(chain),), World().around())
    log = evidence.logs[0]

    def above(entry: object) -> object:
        if isinstance(entry, Exchange) and entry.call.params[1:] == (True,):
            result = entry.result
            if entry.call.method == "getblockheader" and isinstance(result, dict):
                return replace(entry, result=result | {"height": chain.height + 1})
        return entry

    entries = tuple(above(one) for one in log.entries)
    late = replace(evidence, logs=(replace(log, entries=entries),))  # type: ignore[arg-type]
    assert said(recheck(asking(chain, txid), late)) == ABSENT


def test_bytes_prove_themselves() -> None:
    chain, txid, expected = spending()
    # The one that paid the accounts is a whole transaction of the chain too.
    paying = next(one for one, at in chain.history(SCRIPTS[1]) if at == expected.height - 1)
    known, other = chain.raw[paying].hex(), chain.raw[chain.blocks[2].txids[0]].hex()

    def lie(value: Json) -> Json:
        return value | {"hex": known} if isinstance(value, dict) else value

    def lie_of_previous(value: Json) -> Json:
        return other if isinstance(value, str) else value

    def no_text(value: Json) -> Json:
        return value | {"hex": None} if isinstance(value, dict) else value

    def no_hex(value: Json) -> Json:
        return "zz" if isinstance(value, str) else value

    for change in (lie, lie_of_previous, no_text, no_hex):
        core = FakeCore(chain, change=altering("getrawtransaction", change))
        assert said(snapshot_of(asking(chain, txid), core)) is None


def test_a_block_off_the_best_chain_does_not_count() -> None:
    chain, txid, _ = spending()

    def stale(exchange: Exchange) -> Exchange:
        result, call = exchange.result, exchange.call
        asked = call.method == "getblockheader" and call.params[1:] == (True,)
        if asked and isinstance(result, dict):
            return replace(exchange, result=result | {"confirmations": -1})
        return exchange

    assert said(snapshot_of(asking(chain, txid), FakeCore(chain, change=stale))) == ABSENT


def test_liars_stop_the_answer() -> None:
    chain, txid, expected = spending()
    plan = asking(chain, txid, quorum=1)
    right, silent = FakeCore(chain, "node-1", "a"), FakeCore(chain, "node-2", "b", indexes=False)
    assert said(snapshot_of(plan, right, silent)) == expected
    lie = altering(
        "getrawtransaction",
        lambda one: {"hex": one["hex"]} if isinstance(one, dict) else one,
    )
    liar = FakeCore(chain, "node-2", "b", change=lie)
    assert said(snapshot_of(plan, right, liar)) is None


def test_evidence_without_a_previous_transaction_gives_no_answer() -> None:
    chain, txid, expected = spending()
    plan = asking(chain, txid)
    evidence = read(plan, (FakeCore(chain),), World().around())
    assert said(recheck(plan, evidence)) == expected
    (log,) = evidence.logs
    previous = [one.call for one in log.exchanges if one.call.params[1:] == (False,)]
    for call in (*previous, placed_call(txid)):
        entries = tuple(one for one in log.entries if one.call != call)
        cut = replace(evidence, logs=(replace(log, entries=entries),))
        assert said(recheck(plan, cut)) is None
    assert previous == [previous_call(previous[0].params[0])]  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["core", *BOTH])
def test_a_verifiers_source_is_asked_again(kind: str) -> None:
    chain, txid, _ = spending()
    plan = asking(chain, txid)
    stated = snapshot_of(plan, FakeCore(chain))
    chain.grow(3)

    def source(**change: object) -> Source:
        if kind == "core":
            return FakeCore(chain, **change)  # type: ignore[arg-type]
        return FakeServer(chain, protocol=kind, **change)  # type: ignore[arg-type]

    def again(stated: ChainSnapshot, **change: object) -> list[tuple[str, str]]:
        around = World().around()
        found = REREADERS["utxo"](plan, stated, (source(**change),), around)
        return [one for one in found if one[1].startswith("transaction")]

    assert again(stated) == []
    other = replace(stated.answers[0], value='{"status":"absent"}')
    (met,) = again(replace(stated, answers=(other,)))
    assert met[0] == "answer_mismatch"
    if kind == "core":
        silent = ("not_read_again", f"transaction {txid}: rpc_error")
        assert again(stated, indexes=False) == [silent]
