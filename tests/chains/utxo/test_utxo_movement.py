"""What a transaction moved: nodes with an index, index servers, liars, and each side of the pin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.movement import NOT_THERE, Entry, Movement, decode_movement
from chains.recording import RecordedSource
from chains.rereading import REREADERS
from chains.snapshot import Question
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from chains.utxo.transactions import block_call, placed_call, previous_call
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    address_in,
    lived,
    plan_of,
    row_of,
)
from tests.chains.utxo.history.minting import MINER, SCRIPTS, SUBSIDY, Minted, written
from tests.chains.utxo.minted_readings import World, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Exchange, Json, ProtocolName, Source
    from chains.snapshot import ChainSnapshot

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")
BARE, DATA = "51", "6a0401020304"


def entry(chain: Minted, script: str, units: int) -> Entry:
    row = row_of(chain)
    return Entry(address_in(row, script), row.native, units)


def ordered(*entries: Entry) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda one: one.address))


def funded() -> tuple[Minted, tuple[tuple[str, int], ...]]:
    """A chain, and three coins of accounts in it."""
    chain = lived()
    source = next(at for at, one in chain.held.items() if one.script not in SCRIPTS)
    paid = [(SCRIPTS[0], 700), (SCRIPTS[1], 900), (SCRIPTS[0], 50)]
    (txid,) = chain.add(((source,), paid))
    return chain, ((txid, 0), (txid, 1), (txid, 2))


def withdrawal() -> tuple[Minted, str, Movement]:
    """Two accounts and one of them again pay two others, with change and a mark; in a block."""
    chain, coins = funded()
    paid = [(MINER, 600), (SCRIPTS[1], 500), (BARE, 250), (MINER, 100), (DATA, 0), (DATA, 7)]
    (txid,) = chain.add((coins, paid))
    height = chain.height
    chain.grow(5)
    native = row_of(chain).native
    scripts = (
        Entry(f"script:{BARE}", native, 250),
        Entry(f"script:{DATA}", native, 7),
    )
    moved = Movement(
        "pin",
        "success",
        height,
        ordered(entry(chain, SCRIPTS[0], 750), entry(chain, SCRIPTS[1], 900)),
        ordered(entry(chain, MINER, 700), entry(chain, SCRIPTS[1], 500), *scripts),
        193,
    )
    return chain, txid, moved


def asking(chain: Minted, txid: str, quorum: int = 1, **more: object) -> ChainPlan:
    plan = plan_of(chain, quorum=quorum, confirmations=1, **more)  # type: ignore[arg-type]
    return replace(plan, questions=(Question(plan.chain.id, "movement", txid),))


def said(snapshot: ChainSnapshot) -> Movement | None:
    return decode_movement(snapshot.answers[0].value) if snapshot.answers else None


def told(chain: Minted, txid: str, *sources: Source) -> Movement | None:
    return said(snapshot_of(asking(chain, txid), *(sources or (FakeCore(chain),))))


def altering(
    method: str, params: tuple[Json, ...], change: Callable[[Json], Json]
) -> Callable[[Exchange], Exchange]:
    """Change the results of a method whose last parameters are given."""

    def changed(exchange: Exchange) -> Exchange:
        call = exchange.call
        if call.method != method or call.params[1:] != params or exchange.error is not None:
            return exchange
        return replace(exchange, result=change(exchange.result))

    return changed


def above(chain: Minted) -> Callable[[Exchange], Exchange]:
    """Let every block that is asked for lie above the pin."""
    return altering(
        "getblockheader",
        (True,),
        lambda one: one | {"height": chain.height + 1} if isinstance(one, dict) else one,
    )


def test_a_node_gives_inputs_outputs_and_fee_in_full() -> None:
    chain, txid, expected = withdrawal()

    assert expected == told(chain, txid)
    out, into = (sum(one.units for one in side) for side in (expected.debits, expected.credits))
    assert expected.fee_units == out - into


def test_a_node_without_an_index_says_nothing() -> None:
    chain, txid, _ = withdrawal()

    assert None is told(chain, txid, FakeCore(chain, indexes=False))


def test_what_a_node_does_not_know_is_not_known() -> None:
    chain, _, _ = withdrawal()

    assert None is told(chain, "ab" * 32)


def test_one_that_waits_for_a_block_is_absent() -> None:
    chain, coins = funded()
    raw, txid = written(coins, [(MINER, 1500)])
    chain.raw[txid] = raw

    assert NOT_THERE == told(chain, txid)


def test_one_mined_above_the_pin_is_after_it_in_whatever_block() -> None:
    chain, txid, expected = withdrawal()
    after = replace(expected, side="after", height=None)

    assert after == told(chain, txid, FakeCore(chain, change=above(chain)))


def test_one_mined_while_the_reading_is_held_is_seen() -> None:
    chain, coins = funded()
    raw, txid = written(coins, [(MINER, 1500)])
    plan = replace(asking(chain, txid), confirmations=3)

    def mine() -> None:
        if txid not in chain.raw:
            assert (txid,) == chain.add((coins, [(MINER, 1500)]))
        else:
            chain.grow(1)

    found = snapshot_of(plan, FakeCore(chain), world=World(mine))
    met = said(found)
    assert met is not None
    assert raw == chain.raw[txid]
    assert ("after", 150, 3) == (met.side, met.fee_units, found.pin.depth)


def test_a_block_off_the_best_chain_does_not_count() -> None:
    chain, txid, _ = withdrawal()
    stale = altering(
        "getblockheader",
        (True,),
        lambda one: one | {"confirmations": -1} if isinstance(one, dict) else one,
    )

    assert NOT_THERE == told(chain, txid, FakeCore(chain, change=stale))


def test_a_coinbase_has_no_debits_and_no_fee() -> None:
    chain, _, _ = withdrawal()
    txid = chain.blocks[4].txids[0]
    expected = Movement("pin", "success", 4, (), (entry(chain, MINER, SUBSIDY),))

    assert expected == told(chain, txid)


@pytest.mark.parametrize("protocol", BOTH)
def test_an_index_server_answers_from_its_histories(protocol: ProtocolName) -> None:
    chain, txid, expected = withdrawal()
    server = FakeServer(chain, protocol=protocol)
    without = FakeServer(chain, protocol=protocol)

    assert expected == told(chain, txid, server)
    snapshot_of(replace(asking(chain, txid), questions=()), without)
    assert without.asked == server.asked


@pytest.mark.parametrize("protocol", BOTH)
def test_nodes_and_servers_agree(protocol: ProtocolName) -> None:
    chain, txid, expected = withdrawal()
    sources = (FakeCore(chain), FakeServer(chain, protocol=protocol))
    found = snapshot_of(asking(chain, txid, quorum=2), *sources)

    assert expected == said(found)
    assert ("node-1", "server-1") == found.answers[0].sources


def test_bytes_prove_themselves() -> None:
    chain, txid, _ = withdrawal()
    known = chain.raw[chain.blocks[2].txids[0]].hex()
    placed: tuple[Callable[[Json], Json], ...] = (
        lambda one: one | {"hex": known} if isinstance(one, dict) else one,
        lambda one: one | {"hex": None} if isinstance(one, dict) else one,
        lambda one: one | {"hex": "zz"} if isinstance(one, dict) else one,
        lambda one: one | {"blockhash": "00"} if isinstance(one, dict) else one,
        lambda one: one | {"blockhash": 7} if isinstance(one, dict) else one,
        lambda _: None,
        lambda _: "",
        lambda _: "00" * 5_000_000,
    )
    for change in placed:
        lie = altering("getrawtransaction", (True,), change)
        assert None is told(chain, txid, FakeCore(chain, change=lie))
    for previous in (known, None, "", "zz", 7):
        lie = altering("getrawtransaction", (False,), lambda _, it=previous: it)  # type: ignore[misc]
        assert None is told(chain, txid, FakeCore(chain, change=lie))


def test_one_that_pays_more_than_it_spends_gives_no_answer() -> None:
    chain, coins = funded()
    # No chain takes it: the minted one checks no amounts.
    (txid,) = chain.add((coins, [(MINER, 1651)]))

    assert None is told(chain, txid)


def test_one_that_spends_what_was_not_made_gives_no_answer() -> None:
    chain, coins = funded()
    raw, txid = written(((coins[0][0], 3),), [(MINER, 1)])
    chain.raw[txid] = raw
    in_a_block = altering(
        "getrawtransaction",
        (True,),
        lambda one: one | {"blockhash": chain.blocks[-1].name} if isinstance(one, dict) else one,
    )

    assert None is told(chain, txid, FakeCore(chain, change=in_a_block))


def test_liars_stop_the_answer() -> None:
    chain, txid, expected = withdrawal()
    waits = altering(
        "getrawtransaction",
        (True,),
        lambda one: {"hex": one["hex"]} if isinstance(one, dict) else one,
    )
    for lie in (waits, above(chain)):
        liar = FakeCore(chain, "node-2", "b", change=lie)
        assert None is told(chain, txid, FakeCore(chain), liar)
        assert None is said(snapshot_of(asking(chain, txid, 2), FakeCore(chain), liar))
    silent = FakeCore(chain, "node-2", "b", indexes=False)
    assert expected == told(chain, txid, FakeCore(chain), silent)
    assert None is said(snapshot_of(asking(chain, txid, 2), FakeCore(chain), silent))


def test_a_recording_gives_the_same_and_a_shortened_one_gives_nothing() -> None:
    chain, txid, expected = withdrawal()
    plan = asking(chain, txid)
    evidence = read(plan, (FakeCore(chain),), World().around())
    (log,) = evidence.logs
    assert expected == said(recheck(plan, evidence))
    again = read(plan, (RecordedSource(log),), World().around())
    assert recheck(plan, evidence) == recheck(plan, again)
    paying = next(one.call.params[0] for one in log.exchanges if one.call.params[1:] == (False,))
    assert expected.height is not None
    calls = (
        placed_call(txid),
        block_call(chain.blocks[expected.height].name),
        previous_call(str(paying)),
    )
    for call in calls:
        entries = tuple(one for one in log.entries if one.call != call)
        assert len(entries) == len(log.entries) - 1
        cut = replace(evidence, logs=(replace(log, entries=entries),))
        assert None is said(recheck(plan, cut))


def test_both_kinds_are_answered_and_the_node_is_asked_once() -> None:
    chain, txid, _ = withdrawal()
    plan = asking(chain, txid)
    both = replace(plan, questions=(*plan.questions, replace(plan.questions[0], kind="inclusion")))
    one, two = FakeCore(chain), FakeCore(chain)
    snapshot_of(plan, one)
    found = snapshot_of(both, two)

    assert ["movement", "inclusion"] == [answer.question.kind for answer in found.answers]
    assert one.asked == two.asked


@pytest.mark.parametrize("kind", ["core", *BOTH])
def test_a_verifiers_source_is_asked_again(kind: str) -> None:
    chain, txid, _ = withdrawal()
    plan = asking(chain, txid)
    stated = snapshot_of(plan, FakeCore(chain))
    chain.grow(3)

    def again(value: str, **change: object) -> list[tuple[str, str]]:
        source: Source
        if kind == "core":
            source = FakeCore(chain, **change)  # type: ignore[arg-type]
        else:
            source = FakeServer(chain, protocol=kind, **change)  # type: ignore[arg-type]
        altered = replace(stated, answers=(replace(stated.answers[0], value=value),))
        found = REREADERS["utxo"](plan, altered, (source,), World().around())
        return [one for one in found if one[1].startswith("transaction")]

    assert [] == again(stated.answers[0].value)
    (met,) = again('{"side":"absent"}')
    assert "answer_mismatch" == met[0]
    if kind == "core":
        assert [] == again('{"side":"absent"}', change=above(chain))
        silent = ("not_read_again", f"transaction {txid}: rpc_error")
        assert [silent] == again(stated.answers[0].value, indexes=False)
