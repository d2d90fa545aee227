"""Reading stated coins again from index servers at the recorded pin, and which blocks they have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.blocks import BLOCKS
from chains.rereading import REREADERS
from chains.snapshot import FailedRead
from config.caip import account_id
from tests.chains.utxo.fake_node import surroundings
from tests.chains.utxo.fake_server import (
    FakeCore,
    FakeServer,
    address_in,
    failing,
    lived,
    median_at,
    plan_of,
)
from tests.chains.utxo.history.minting import SCRIPTS, Minted
from tests.chains.utxo.history.readings import names
from tests.chains.utxo.minted_readings import other_branch, snapshot_of

if TYPE_CHECKING:
    from chains.evidence import ChainPlan, Exchange, ProtocolName, Source
    from chains.snapshot import ChainSnapshot, Coin

BOTH: tuple[ProtocolName, ...] = ("electrum", "esplora")
PIN = 12


@pytest.fixture(params=BOTH)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    found: ProtocolName = request.param
    return found


@pytest.fixture
def chain() -> Minted:
    """The coins of the pin are spent in the blocks after it."""
    found = lived(PIN + 2)
    for script in SCRIPTS:
        own = [at for at, one in found.held.items() if one.script == script]
        if own:
            found.add((own, [(SCRIPTS[2], 99)]))
    found.grow(5)
    return found


def stated_by(chain: Minted) -> tuple[ChainPlan, ChainSnapshot]:
    plan = plan_of(chain, as_of=median_at(PIN), window=(median_at(3), median_at(13)))
    found = snapshot_of(plan, FakeServer(chain))
    assert PIN == found.pin.height
    assert found.coins
    return plan, found


def again(plan: ChainPlan, stated: ChainSnapshot, *sources: Source) -> list[tuple[str, str]]:
    return list(REREADERS["utxo"](plan, stated, sources, surroundings()))


def test_the_same_coins_are_no_difference(chain: Minted, protocol: ProtocolName) -> None:
    plan, stated = stated_by(chain)
    own = FakeServer(chain, protocol=protocol)
    assert [] == again(plan, stated, own)
    # However long ago, and however deep the plan wanted it.
    chain.grow(100)
    assert [] == again(replace(plan, quorum=3), stated, own)


def name(coin: Coin) -> str:
    return f"coin {coin.txid}:{coin.vout}"


def test_coins_that_differ_are_named(chain: Minted, protocol: ProtocolName) -> None:
    plan, stated = stated_by(chain)
    own, coin = FakeServer(chain, protocol=protocol), stated.coins[0]
    for change in ({"units": 1}, {"height": 3}, {"coinbase": not coin.coinbase}):
        wrong = replace(coin, **change)
        met = again(plan, replace(stated, coins=(wrong, *stated.coins[1:])), own)
        assert [("balance_mismatch", f"{name(coin)} differs from the server's")] == met
    met = again(plan, replace(stated, coins=stated.coins[1:]), own)
    assert [("balance_mismatch", f"{name(coin)} is not in the statement")] == met
    for script in (coin.script, "0014" + "dd" * 20):
        invented = replace(coin, txid="ab" * 32, script=script)
        met = again(plan, replace(stated, coins=(*stated.coins, invented)), own)
        assert [("balance_mismatch", f"{name(invented)} was not unspent at the pin")] == met


def test_what_was_unread_is_compared_with_nothing(chain: Minted, protocol: ProtocolName) -> None:
    plan, stated = stated_by(chain)
    account = account_id(plan.chain.id, address_in(plan.chain, SCRIPTS[0]))
    failed = FailedRead(account, plan.chain.native, "source_failed", ())
    fewer = tuple(coin for coin in stated.coins if coin.script != SCRIPTS[0])
    assert len(fewer) < len(stated.coins)
    told = replace(stated, coins=fewer, failures=(failed,))
    assert [] == again(plan, told, FakeServer(chain, protocol=protocol))


def test_what_the_server_does_not_give_is_not_read_again(
    chain: Minted, protocol: ProtocolName
) -> None:
    plan, stated = stated_by(chain)

    def busy(exchange: Exchange) -> Exchange:
        hit = any(one in str(exchange.call.params) for one in names(SCRIPTS[1]))
        return failing(exchange, "too_large") if hit else exchange

    met = again(plan, stated, FakeServer(chain, protocol=protocol, change=busy))
    address = address_in(plan.chain, SCRIPTS[1])
    assert [("not_read_again", f"{address}: too_large")] == met


def test_a_server_of_no_use_reads_nothing_again(chain: Minted, protocol: ProtocolName) -> None:
    plan, stated = stated_by(chain)
    away = FakeServer(chain, protocol=protocol, change=lambda one: failing(one, "unreachable"))
    short = FakeServer(lived(5), protocol=protocol)
    fork = FakeServer(other_branch(chain, PIN - 2, 9), protocol=protocol)
    other = FakeServer(Minted(spacing=601), protocol=protocol)
    other.chain.add(reward=SCRIPTS[0])
    other.chain.add(reward=SCRIPTS[0])
    for own, said in (
        (away, "block 12 is not known, the chain's end is unreachable"),
        (short, "block 12 is not known, the chain's end is 9"),
        (fork, f"block 12 is {fork.chain.blocks[12].name}, statement {stated.pin.block_hash}"),
        (other, "source server-1 follows another chain"),
    ):
        ((code, detail),) = again(plan, stated, own)
        assert ("not_read_again", True) == (code, said in detail), detail


def test_every_own_source_is_asked(chain: Minted) -> None:
    plan, stated = stated_by(chain)
    coin = next(coin for coin in stated.coins if coin.script == SCRIPTS[0])
    hiding = replace(chain, touched=[one for one in chain.touched if one[1] != coin.txid])
    liar = FakeServer(hiding, "own-2", protocol="esplora")
    met = again(plan, stated, FakeServer(chain, "own-1"), liar)
    assert ("balance_mismatch", f"own-2: {name(coin)} was not unspent at the pin") in met
    assert all(detail.startswith("own-2: ") for _, detail in met)
    assert [] == again(plan, stated, FakeServer(chain, "own-1"), FakeServer(chain, "own-2"))


def test_a_server_and_a_node_side_by_side(chain: Minted) -> None:
    plan, stated = stated_by(chain)
    # The fake node shows no blocks, and so not what became of the coins.
    met = again(plan, stated, FakeServer(chain, "own-1"), FakeCore(chain, "own-2"))
    assert {"not_read_again"} == {code for code, _ in met}
    assert all(detail.startswith("own-2: ") for _, detail in met)


# Which blocks a server has.


def test_blocks_and_head_of_a_server(chain: Minted, protocol: ProtocolName) -> None:
    own = FakeServer(chain, protocol=protocol)
    for height in (0, 5, chain.height):
        expected = chain.blocks[height].name, median_at(height)
        assert expected == BLOCKS["utxo"].block_at(own, height)
    assert (chain.height, chain.blocks[-1].name) == BLOCKS["utxo"].head(own)
    assert None is BLOCKS["utxo"].block_at(own, chain.height + 1)


def test_what_a_server_does_not_say_of_blocks_is_none(
    chain: Minted, protocol: ProtocolName
) -> None:
    away = FakeServer(chain, protocol=protocol, change=lambda one: failing(one, "unreachable"))
    odd = FakeServer(chain, protocol=protocol, change=lambda one: replace(one, result=True))
    for own in (away, odd):
        assert None is BLOCKS["utxo"].block_at(own, 5)
        assert None is BLOCKS["utxo"].head(own)

    def timeless(exchange: Exchange) -> Exchange:
        hit = exchange.call.method.endswith("headers") or "/header" in str(exchange.call.params)
        return failing(exchange, "rpc_error") if hit else exchange

    own = FakeServer(chain, protocol=protocol, change=timeless)
    assert (chain.blocks[5].name, None) == BLOCKS["utxo"].block_at(own, 5)
