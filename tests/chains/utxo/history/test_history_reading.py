"""Readings of both protocols from start to end, from honest servers."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chains.utxo.history import electrum, esplora
from chains.utxo.history.reach import Span
from chains.utxo.history.replay import flows
from chains.utxo.history.voice import Checks
from tests.chains.utxo.history.minting import (
    SCRIPTS,
    START,
    Minted,
    small_chain,
)
from tests.chains.utxo.history.readings import (
    PROTOCOLS,
    TWO,
    Protocol,
    coins,
    state,
    voice,
)
from tests.chains.utxo.history.servers import Electrum, Esplora, Server

if TYPE_CHECKING:
    from chains.evidence import Call, Exchange

PIN = 8


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return PROTOCOLS[request.param]


@pytest.fixture(params=TWO)
def either(request: pytest.FixtureRequest) -> Protocol:
    return PROTOCOLS[request.param]


def test_the_coins_of_every_past_height(protocol: Protocol) -> None:
    chain = small_chain()
    for pin in range(chain.height + 1):
        found = voice(protocol.vote(chain, Span(pin, chain.height)))
        assert state(chain, pin) == coins(found)
        assert {} == found.replayed.silent
        assert (pin, chain.blocks[pin].name) == (found.scan.height, found.scan.block_hash)
        assert chain.height - pin + 1 == found.depth


def test_times_of_the_pin_and_of_the_block_after_it(protocol: Protocol) -> None:
    chain = small_chain()
    chain.grow(10)
    found = voice(protocol.vote(chain, Span(15, 17)))
    assert START + 10 * 600 == found.median_time
    assert START + 11 * 600 == found.next_median_time
    assert None is voice(protocol.vote(chain, Span(15, 15))).next_median_time
    log = Server(protocol.answers(chain)).read(partial(protocol.module.missing_median, 15))
    assert START + 10 * 600 == protocol.module.median_time(15, log).value
    first = Server(protocol.answers(chain)).read(partial(protocol.module.missing_median, 3))
    assert START + 2 * 600 == protocol.module.median_time(3, first).value
    assert "not_read" == protocol.module.median_time(4, first).said


def test_what_was_checked_is_said() -> None:
    chain = small_chain()
    name = chain.blocks[4].name
    form = chain.form(checkpoint_height=4, checkpoint_hash=name)
    span = Span(PIN, chain.height)
    found = voice(PROTOCOLS["electrum-1.6"].vote(chain, span, form=form))
    assert Checks("all", "checked", targets=False, anchor=4) == found.checks
    found = voice(PROTOCOLS["esplora"].vote(chain, span, form=form))
    assert Checks("pin", "checked", targets=False, anchor=4) == found.checks
    form = chain.form(proof_of_work="unchecked", pow_limit=None)
    found = voice(PROTOCOLS["electrum-1.6"].vote(chain, span, form=form))
    assert Checks("all", "unchecked", targets=False, anchor=0) == found.checks
    form = chain.form(retarget="bitcoin")
    assert voice(PROTOCOLS["electrum-1.6"].vote(chain, span, form=form)).checks.targets
    assert not voice(PROTOCOLS["esplora"].vote(chain, span, form=form)).checks.targets


def test_electrum_is_asked_in_three_rounds() -> None:
    server = Server(Electrum(small_chain()))
    server.read(partial(electrum.missing, small_chain().form(), SCRIPTS, Span(PIN, 9)))
    methods = [{call.method.rpartition(".")[2] for call in calls} for calls in server.rounds]
    expected = [
        {"features", "header"},
        {"get_history"},
        {"get", "get_merkle", "headers"},
    ]
    assert expected == methods
    assert len({*server.rounds[2]}) == len(server.rounds[2])


def test_only_what_counts_is_asked_for() -> None:
    chain = small_chain()
    server = Server(Electrum(chain))
    server.read(partial(electrum.missing, chain.form(), SCRIPTS, Span(3, 4)))
    asked = {call.params for call in server.rounds[2]}
    later = {txid for _, txid, height in chain.touched if height > 3}
    assert not later & {params[0] for params in asked}
    assert (0, 5) in asked


def test_esplora_follows_a_history_to_an_empty_page() -> None:
    chain = Minted()
    chain.grow(1)
    for _ in range(50):
        chain.add(reward=SCRIPTS[0])
    for page, pages in ((25, 3), (24, 4), (1000, 2)):
        server = Server(Esplora(chain, page=page))
        log = server.read(partial(esplora.missing, chain.form(), SCRIPTS, Span(40, 50)))
        asked = [call for calls in server.rounds for call in calls]
        paths = [str(call.params[0]) for call in asked]
        own = hashlib.sha256(bytes.fromhex(SCRIPTS[0])).hexdigest()
        assert pages == sum(own in path for path in paths)
        found = voice(esplora.history_voice(chain.form(), SCRIPTS, Span(40, 50), log))
        assert 40 == len(found.scan.unspents)


def test_the_mempool_is_left_out() -> None:
    chain = small_chain()
    pending = ((SCRIPTS[0], "ab" * 32, 0), (SCRIPTS[1], "cd" * 32, -1))
    with_mempool = Protocol(electrum, lambda one: Electrum(one, mempool=pending))
    found = voice(with_mempool.vote(chain, Span(9, 9)))
    assert state(chain, 9) == coins(found)


def test_blocks_that_come_during_a_reading_change_nothing(either: Protocol) -> None:
    chain = small_chain()
    asked: list[Call] = []

    def growing(exchange: Exchange) -> Exchange:
        asked.append(exchange.call)
        if len(asked) == 5:
            spendable = next(at for at, one in chain.held.items() if one.script == SCRIPTS[0])
            chain.add(([spendable], [(SCRIPTS[1], 5)]))
        return exchange

    found = voice(either.vote(chain, Span(PIN, 9), growing))
    assert state(chain, PIN) == coins(found)


def test_flows_from_a_voice(either: Protocol) -> None:
    chain = small_chain()
    told = voice(either.vote(chain, Span(9, 9))).replayed
    flow = flows(SCRIPTS[0], 4, 9, told.histories[SCRIPTS[0]], told.transactions)
    assert (1050, 950, 3) == (flow.received, flow.spent, flow.transactions)


def test_unused_scripts_are_a_real_zero(either: Protocol) -> None:
    chain = Minted()
    chain.grow(14)
    found = voice(either.vote(chain, Span(12, 13)))
    assert ((), {}) == (found.scan.unspents, found.replayed.silent)
    assert set(SCRIPTS) == set(found.replayed.histories)
