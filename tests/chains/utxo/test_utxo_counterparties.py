"""Coins sent on to another entity and back, held against what the minted transactions say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.recording import RecordedSource
from chains.snapshot import CounterpartyFlow
from chains.utxo import counterparties
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.caip import account_id
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    address_in,
    failing,
    lived,
    median_at,
    plan_of,
    row_of,
)
from tests.chains.utxo.history.minting import MINER, SCRIPTS, SUBSIDY, Minted
from tests.chains.utxo.minted_readings import World, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.evidence import ChainPlan, Exchange, ProtocolName
    from chains.snapshot import ChainSnapshot

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")
FIRST, SECOND, THIRD = SCRIPTS
ONE, TWO = ("0014" + name * 20 for name in ("d4", "e5"))
"""Of others."""
FROM, TO = 15, 20
"""Heights after and up to which it counts."""


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


def paid(chain: Minted, script: str) -> tuple[str, int]:
    """Let a block be mined by somebody; give the coin."""
    chain.add(reward=script)
    return chain.blocks[-1].txids[0], 0


def coin_of(chain: Minted, script: str) -> tuple[str, int]:
    return next(at for at, one in chain.held.items() if one.script == script)


def lending() -> tuple[Minted, list[str]]:
    """A chain on which others lend to accounts and get it back; and the transactions that count."""
    chain = lived(10)
    loan, second = paid(chain, ONE), paid(chain, TWO)
    chain.grow(FROM - 1 - chain.height)
    (early,) = chain.add(([loan], [(FIRST, 900), (ONE, SUBSIDY - 900)]))
    assert FROM == chain.height
    (came,) = chain.add(([(early, 1)], [(FIRST, 1000), (SECOND, 500), (ONE, SUBSIDY - 2400)]))
    mixed = [(came, 0), (came, 1), coin_of(chain, MINER)]
    (went,) = chain.add((mixed, [(ONE, 1200), (MINER, 7), (TWO, 250), (SECOND, 60)]))
    (joint,) = chain.add(([second, (went, 3)], [(THIRD, 40), (TWO, SUBSIDY - 40), (SECOND, 60)]))
    (own,) = chain.add(([(early, 0)], [(THIRD, 800), (FIRST, 100)]))
    chain.add(([(joint, 0)], [(MINER, 40)]))
    assert TO == chain.height
    chain.add(([(own, 0)], [(ONE, 800)]))
    chain.grow(9)
    return chain, [came, went, joint, own]


def flow(chain: Minted, own: str, other: str, sent: int, received: int) -> CounterpartyFlow:
    row = row_of(chain)
    account, theirs = (account_id(row.id, address_in(row, one)) for one in (own, other))
    return CounterpartyFlow(account, row.native, theirs, sent, received)


def expected(chain: Minted) -> list[CounterpartyFlow]:
    """By hand.

    The mixed transaction takes 1000 of the first account and 500 of the second for 1200 to one and
    250 to the other. In the joint one, coins of others pay all accounts, in order, and the 60 of
    the second go to the others, as if nobody knew that they come back.
    """
    return sorted(
        (
            flow(chain, FIRST, ONE, 1000, 1000),
            flow(chain, SECOND, ONE, 200, 500),
            flow(chain, SECOND, TWO, 250 + 60, 60),
            flow(chain, THIRD, TWO, 0, 40),
        ),
        key=lambda one: (one.account, one.other),
    )


SUMS = [(1000, 1000), (510, 560), (0, 40)]
UNKNOWN = [(None, None)] * 3
PARTLY = [(1000, 1000), (510, None), (0, None)]
"""Without the coinbase that the joint transaction spends."""


def planned(chain: Minted, *others: str, quorum: int = 1, **more: object) -> ChainPlan:
    window = median_at(FROM), median_at(TO)
    plan = plan_of(chain, as_of=median_at(18), quorum=quorum, window=window, **more)  # type: ignore[arg-type]
    named = sorted(address_in(plan.chain, one) for one in others or (ONE, TWO))
    return replace(plan, others=tuple(named))


def sums(found: ChainSnapshot) -> list[tuple[int | None, int | None]]:
    return [(one.to_others, one.from_others) for one in found.window]


def test_what_passed_between_two_entities_in_the_window(protocol: ProtocolName) -> None:
    chain, _ = lending()
    found = snapshot_of(planned(chain), FakeServer(chain, protocol=protocol))

    assert [FROM, TO] == [one.height for one in found.window_blocks]
    assert expected(chain) == list(found.flows)
    assert SUMS == sums(found)
    # It is a part of what moved at all.
    for one in found.window:
        assert one.received is not None
        assert one.spent is not None
        assert (one.to_others or 0) <= one.spent
        assert (one.from_others or 0) <= one.received


def test_the_rest_of_the_reading_is_as_without(protocol: ProtocolName) -> None:
    chain, _ = lending()
    servers = [FakeServer(chain, protocol=protocol) for _ in range(2)]
    found = snapshot_of(planned(chain), servers[0])
    bare = snapshot_of(replace(planned(chain), others=()), servers[1])

    alone = tuple(replace(one, to_others=None, from_others=None) for one in found.window)
    assert (bare.window, ()) == (alone, bare.flows)
    assert (bare.pin, bare.balances, bare.coins, bare.remarks) == (
        found.pin,
        found.balances,
        found.coins,
        found.remarks,
    )
    # Only what the window's transactions spend, and no history shows, is asked for besides.
    assert 2 == len(servers[0].asked) - len(servers[1].asked)


def test_others_with_whom_nothing_passed_are_a_zero(protocol: ProtocolName) -> None:
    chain, _ = lending()
    nobody = "0014" + "f6" * 20
    found = snapshot_of(planned(chain, nobody), FakeServer(chain, protocol=protocol))

    assert ((), [(0, 0)] * 3) == (found.flows, sums(found))


def source_of(chain: Minted) -> str:
    """The coinbase of others that the joint transaction spends, and no account's history shows."""
    return chain.blocks[12].txids[0]


def without(txid: str) -> Callable[[Exchange], Exchange]:
    """A server that does not give a transaction."""

    def change(exchange: Exchange) -> Exchange:
        hit = txid in str(exchange.call.params)
        return failing(exchange, "rpc_error") if hit else exchange

    return change


def test_where_it_is_not_known_whose_coins_came_the_sum_is_not(protocol: ProtocolName) -> None:
    chain, _ = lending()
    server = FakeServer(chain, protocol=protocol, change=without(source_of(chain)))
    found = snapshot_of(planned(chain), server)

    # The joint transaction pays the second and the third with coins of which nobody is known.
    assert PARTLY == sums(found)
    seen = [one for one in expected(chain) if one.sent or one.received != 40]
    kept = [replace(one, received=0) if one.received == 60 else one for one in seen]
    assert kept == list(found.flows)


def test_a_server_that_does_not_know_is_silent_beside_one_that_does() -> None:
    chain, _ = lending()
    two = (
        FakeServer(chain, change=without(source_of(chain))),
        FakeServer(chain, "server-2", "zenith"),
    )

    assert SUMS == sums(snapshot_of(planned(chain), *two))
    assert PARTLY == sums(snapshot_of(planned(chain, quorum=2), *two))


def test_false_bytes_are_no_transaction(protocol: ProtocolName) -> None:
    """Bytes that do not hash to the name that is spent say nothing of whose coins they were."""
    chain, _ = lending()
    source, other = source_of(chain), chain.blocks[5].txids[0]

    def lying(exchange: Exchange) -> Exchange:
        if source not in str(exchange.call.params) or exchange.error is not None:
            return exchange
        return replace(exchange, result=chain.raw[other].hex())

    found = snapshot_of(planned(chain), FakeServer(chain, protocol=protocol, change=lying))
    assert PARTLY == sums(found)


def test_too_many_to_ask_for_are_not_known(
    protocol: ProtocolName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counterparties, "MAX_PREVIOUS", 1)
    chain, _ = lending()
    found = snapshot_of(planned(chain), FakeServer(chain, protocol=protocol))

    # The first loan is shown by the first account's own history.
    assert [1000, 510, 0] == [one.to_others for one in found.window]
    assert None in {one.from_others for one in found.window}


def test_a_node_alone_does_not_know() -> None:
    chain, _ = lending()
    plan = replace(planned(chain, confirmations=1), as_of=None)
    found = snapshot_of(plan, FakeCore(chain))

    assert ((), UNKNOWN) == (found.flows, sums(found))


def test_servers_that_differ_leave_it_unknown() -> None:
    chain, (_, went, _, _) = lending()
    hiding = replace(chain, touched=[one for one in chain.touched if one[1] != went])
    two = FakeServer(chain), FakeServer(hiding, "server-2", "zenith")
    found = snapshot_of(planned(chain), *two)

    # What came is told alike, and what went is not; the third was in neither.
    assert [(None, 1000), (None, 560), (0, 40)] == sums(found)
    assert {0} == {one.sent for one in found.flows}


def test_a_window_that_is_not_over_has_no_sums(protocol: ProtocolName) -> None:
    chain, _ = lending()
    plan = planned(chain)
    assert plan.window is not None
    later = replace(plan, window=(plan.window[0], plan.window[1] + 10**7))
    found = snapshot_of(later, FakeServer(chain, protocol=protocol))

    assert UNKNOWN == sums(found)
    # Up to the pin, in which the joint transaction is the last.
    assert expected(chain) == list(found.flows)


def test_a_recording_gives_the_same_and_a_shortened_one_no_more() -> None:
    chain, _ = lending()
    plan = planned(chain)
    evidence = read(plan, (FakeServer(chain),), World().around())
    (log,) = evidence.logs
    again = read(plan, (RecordedSource(log),), World().around())

    assert evidence == again
    assert SUMS == sums(recheck(plan, evidence))
    entries = tuple(one for one in log.entries if one.call.params != (source_of(chain),))
    assert len(entries) == len(log.entries) - 1
    cut = replace(evidence, logs=(replace(log, entries=entries),))
    assert PARTLY == sums(recheck(plan, cut))
