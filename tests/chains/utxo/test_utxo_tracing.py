"""What index servers tell of transactions that no planned history shows whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.movement import decode_movement
from chains.recording import RecordedSource, decode_log, encode_log
from chains.rereading import REREADERS
from chains.utxo import transactions
from chains.utxo.history import electrum_places, esplora_places
from chains.utxo.history.electrum_calls import history_call
from chains.utxo.history.transaction import read_transaction
from chains.utxo.indexers import INDEXERS
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.fake_server import FakeCore, failing
from tests.chains.utxo.history.minting import SCRIPTS
from tests.chains.utxo.history.servers import Electrum
from tests.chains.utxo.minted_readings import World, snapshot_of
from tests.chains.utxo.traced_life import (
    ALL,
    BOTH,
    MINED,
    STRANGER,
    UNKNOWN,
    Life,
    traced_life,
)

if TYPE_CHECKING:
    from chains.evidence import Exchange, ProtocolName


@pytest.fixture
def life() -> Life:
    return traced_life()


@pytest.mark.parametrize("protocol", BOTH)
def test_a_server_tells_what_a_node_tells(life: Life, protocol: ProtocolName) -> None:
    found = snapshot_of(life.plan(*MINED), life.server(protocol))
    # A node makes its pin from its tip, so it has no block above it here.
    node = life.told(snapshot_of(life.plan(*MINED, confirmations=1), FakeCore(life.chain)))

    assert life.pinned == found.pin.height
    assert set(MINED) == life.told(found).keys()
    for name, text in life.told(found).items():
        moved, expected = decode_movement(text), decode_movement(node[name])
        side = "after" if name in ("out", "foreign_late") else "pin"
        height = expected.height if side == "pin" else None
        assert replace(expected, side=side, height=height) == moved  # type: ignore[arg-type]


@pytest.mark.parametrize("protocol", BOTH)
def test_a_node_and_a_server_of_two_operators_agree(life: Life, protocol: ProtocolName) -> None:
    plan = life.plan(*MINED, "waiting", UNKNOWN, quorum=2)
    coin = life.txids["deposit"], 1
    paid = [(SCRIPTS[0], 90)]

    def mine() -> None:
        """Mine what waits while the reading is held for depth: then it is above the pin."""
        if coin in life.chain.held:
            life.chain.add(([coin], paid))
        else:
            life.chain.grow(1)

    pin = life.chain.height
    found = snapshot_of(plan, FakeCore(life.chain), life.server(protocol), world=World(mine))

    assert pin == found.pin.height
    assert {*MINED, "waiting"} == life.told(found).keys()
    assert {("node-1", "server-1")} == {one.sources for one in found.answers}
    sides = {name: decode_movement(text).side for name, text in life.told(found).items()}
    assert dict.fromkeys(MINED, "pin") | {"waiting": "after"} == sides


def test_servers_of_both_protocols_agree(life: Life) -> None:
    other = replace(life.server("esplora"), name="server-2", operator="b")
    found = snapshot_of(life.plan(*MINED, quorum=2), life.server(), other)

    assert set(MINED) == life.told(found).keys()


@pytest.mark.parametrize("protocol", BOTH)
def test_nothing_is_said_of_what_waits_or_is_not_known(life: Life, protocol: ProtocolName) -> None:
    assert {} == life.told(snapshot_of(life.plan("waiting", UNKNOWN), life.server(protocol)))


def test_what_a_server_lists_in_its_mempool_is_asked_no_further(life: Life) -> None:
    txid = life.txids["waiting"]
    pool = tuple((script, txid, 0) for script in (SCRIPTS[0], STRANGER))

    def listing(exchange: Exchange) -> Exchange:
        if not exchange.call.method.endswith("get_history"):
            return exchange
        return replace(
            exchange, result=Electrum(life.chain, ALL, mempool=pool).answer(exchange.call)
        )

    server = life.server(change=listing)
    assert {} == life.told(snapshot_of(life.plan("waiting"), server))
    assert [] == [
        one for one in server.asked if one.params[:1] == (txid,) and "merkle" in one.method
    ]


@pytest.mark.parametrize("protocol", BOTH)
def test_a_recording_gives_the_same_and_without_any_entry_never_another(
    life: Life, protocol: ProtocolName
) -> None:
    plan = life.plan(*MINED)
    evidence = read(plan, (life.server(protocol),), World().around())
    (log,) = evidence.logs
    stated = life.told(recheck(plan, evidence))
    again = decode_log(encode_log(evidence.chain, log), "log")[1]
    assert evidence == read(plan, (RecordedSource(again),), World().around())

    bare = read(life.plan(), (life.server(protocol),), World().around()).logs[0]
    besides = [at for at, one in enumerate(log.entries) if one not in bare.entries]
    assert besides
    for at in besides:
        cut = replace(log, entries=log.entries[:at] + log.entries[at + 1 :])
        told = life.told(recheck(plan, replace(evidence, logs=(cut,))))
        assert told.items() < stated.items()


@pytest.mark.parametrize("protocol", BOTH)
def test_a_verifiers_server_is_asked_again(life: Life, protocol: ProtocolName) -> None:
    plan = life.plan(*MINED)
    stated = snapshot_of(plan, life.server())
    life.chain.grow(50)
    around = World().around()
    assert () == REREADERS["utxo"](plan, stated, (life.server(protocol),), around)

    wrong = stated.answers[0].value.replace('"900"', '"901"')
    assert wrong != stated.answers[0].value
    altered = (replace(stated.answers[0], value=wrong), *stated.answers[1:])
    (met,) = REREADERS["utxo"](
        plan, replace(stated, answers=altered), (life.server(protocol),), around
    )
    assert "answer_mismatch" == met[0]

    gone = replace(stated.answers[0], question=replace(stated.answers[0].question, subject=UNKNOWN))
    (met,) = REREADERS["utxo"](
        plan, replace(stated, answers=(gone,)), (life.server(protocol),), around
    )
    assert ("not_read_again", f"transaction {UNKNOWN}: rpc_error") == met


@pytest.mark.parametrize("protocol", BOTH)
def test_what_was_waiting_may_be_mined_by_then(life: Life, protocol: ProtocolName) -> None:
    plan = life.plan("waiting", confirmations=1)
    stated = snapshot_of(plan, FakeCore(life.chain))
    assert {"waiting": '{"side":"absent"}'} == life.told(stated)
    later = replace(life.chain, raw=dict(life.chain.raw))
    assert later.add((((life.txids["deposit"], 1),), [(SCRIPTS[0], 90)])) == (
        life.txids["waiting"],
    )
    later.grow(2)
    server = replace(life.server(protocol), chain=later)
    assert () == REREADERS["utxo"](plan, stated, (server,), World().around())


def test_nothing_more_is_asked_without_questions_of_movement(life: Life) -> None:
    plan = life.plan("foreign")
    asked = tuple(replace(one, kind="inclusion") for one in plan.questions)
    one, two = life.server(), life.server()
    snapshot_of(replace(plan, questions=asked), one)
    snapshot_of(replace(plan, questions=()), two)

    assert two.asked == one.asked


@pytest.mark.parametrize("protocol", BOTH)
def test_of_what_histories_place_only_the_bytes_of_what_it_spends_are_asked(
    life: Life, protocol: ProtocolName
) -> None:
    one, two = life.server(protocol), life.server(protocol)
    snapshot_of(life.plan(), one)
    old = life.chain.blocks[6].txids[1]  # Accounts alone are in it.
    assert 2 == len(snapshot_of(life.plan("deposit", old), two).answers)
    besides = [call for call in two.asked if call not in one.asked]
    call_of = INDEXERS[protocol].transaction_call
    made = transactions.previous_txids(read_transaction(life.chain.raw[life.txids["deposit"]]))

    assert 2 == len(made)
    assert [call_of(txid) for txid in made] == besides


# Limits.


@pytest.mark.parametrize("protocol", BOTH)
def test_more_inputs_than_are_asked_for_give_no_answer(
    life: Life, protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "MAX_PREVIOUS", 1)
    found = snapshot_of(life.plan("foreign", "deposit"), life.server(protocol))
    assert {"foreign"} == life.told(found).keys()


def test_far_from_the_pin_esplora_says_nothing(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(esplora_places, "MAX_REACH", 7)
    found = snapshot_of(life.plan(*MINED), life.server("esplora"))
    assert {"deposit", "out"} == life.told(found).keys()


def test_histories_too_large_are_passed_over_up_to_a_limit(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(exchange: Exchange) -> Exchange:
        hit = exchange.call == history_call(STRANGER)
        return failing(exchange, "too_large") if hit else exchange

    plan = life.plan("foreign")
    assert {"foreign"} == life.told(snapshot_of(plan, life.server(change=busy))).keys()
    monkeypatch.setattr(electrum_places, "MAX_HISTORIES", 1)
    assert {} == life.told(snapshot_of(plan, life.server(change=busy)))
    assert {"foreign"} == life.told(snapshot_of(plan, life.server())).keys()


def test_an_account_whose_history_is_too_large_still_has_its_deposits_confirmed(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(exchange: Exchange) -> Exchange:
        hit = exchange.call == history_call(SCRIPTS[0])
        return failing(exchange, "too_large") if hit else exchange

    monkeypatch.setattr(electrum_places, "MAX_HISTORIES", 1)
    found = snapshot_of(life.plan("deposit"), life.server(change=busy))
    assert {"deposit"} == life.told(found).keys()
    assert 1 == len(found.failures)
