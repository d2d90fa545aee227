"""Movements from a real Electrum server, around a real pin, alone and beside its node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from chains.electrum.source import ElectrumSource
from chains.evidence import ChainPlan, PlannedAccount
from chains.recording import RecordedSource
from chains.rereading import REREADERS
from chains.snapshot import Question
from chains.transport import Endpoint, HttpSource
from chains.utxo.answers import read_amount
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from tests.chains.utxo.lived_node import CHAIN, around, medians_of
from tests.chains.utxo.test_movement_litecoind import (
    DEPTH,
    UNKNOWN,
    Life,
    by_node,
    live,
    mine,
    pay,
    told,
    txid_of,
)
from tests.nodes.electrumx import Electrumx, electrumx
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.nodes

SUBSIDY = 50 * 10**8


@dataclass(slots=True)
class Served:
    """A lived node with an Electrum server, and a payment of strangers before and after the pin."""

    life: Life
    server: Electrumx
    foreign: str
    late: str

    def grow(self, *raws: str) -> None:
        """Mine a block, and wait until the server has it."""
        mine(self.life.node, self.life.miner, *raws)
        self.server.wait_for(self.life.node)

    def plan(self, quorum: int, *txids: str) -> ChainPlan:
        accounts = tuple(PlannedAccount(one, (CHAIN.native,)) for one in self.life.owners)
        asked = tuple(Question(CHAIN.id, "movement", txid) for txid in txids)
        return ChainPlan(CHAIN, None, quorum, DEPTH, accounts, asked)


@pytest.fixture(scope="module")
def served(quick: dict[str, str]) -> Iterator[Served]:
    with litecoind("-txindex=1") as node:
        life = live(node)
        # The node lists what waits as spent, and the change that the miner got is too small.
        coins = [one for one in node.rpc("listunspent") if read_amount(one["amount"]) == SUBSIDY]
        raws = [
            pay(node, [one], [{"data": "c0ffee"}, {node.address(): "49.9"}]) for one in coins[:2]
        ]
        with electrumx(node, None, **quick) as server:
            found = Served(life, server, *(txid_of(node, raw) for raw in raws))
            found.grow(raws[0])
            life.pinned = node.rpc("getblockcount")
            for raw in (life.raw, raws[1]):
                found.grow(raw)
            for _ in range(DEPTH):
                found.grow()
            yield found


@pytest.fixture(scope="module")
def electrum(served: Served) -> Iterator[ElectrumSource]:
    source = ElectrumSource(Endpoint("server-1", "b", served.server.url), lambda _: None)
    yield source
    source.close()


@pytest.fixture(scope="module")
def core(served: Served) -> Iterator[HttpSource]:
    url = served.life.node.url
    source = HttpSource(Endpoint("node-1", "a", url, "core"), lambda _: None)
    yield source
    source.close()


def test_a_server_alone_says_what_its_node_says(served: Served, electrum: ElectrumSource) -> None:
    life = served.life
    txids = (life.deposit, served.foreign, life.out, served.late, life.waiting, UNKNOWN)
    as_of = medians_of(life.node)[life.pinned]
    plan = replace(served.plan(1, *txids), as_of=as_of)
    evidence = read(plan, (electrum,), around())
    found = recheck(plan, evidence)
    (log,) = evidence.logs

    assert life.pinned == found.pin.height
    assert {
        life.deposit: by_node(life, life.deposit, life.pinned - 2),
        served.foreign: by_node(life, served.foreign, life.pinned),
        life.out: by_node(life, life.out, None),
        served.late: by_node(life, served.late, None),
    } == told(found)
    assert found == recheck(plan, read(plan, (RecordedSource(log),), around()))
    assert () == REREADERS["utxo"](plan, found, (electrum,), around())


def test_a_node_and_a_server_agree_on_both_sides_of_the_pin(
    served: Served, electrum: ElectrumSource, core: HttpSource
) -> None:
    life = served.life
    pending = life.node.rpc("getrawtransaction", life.waiting)

    def pause(_seconds: float) -> None:
        mined = life.node.rpc("getrawtransaction", life.waiting, True).get("blockhash")
        served.grow(*(() if mined else (pending,)))

    txids = (life.deposit, served.foreign, life.out, served.late, life.waiting, UNKNOWN)
    plan = served.plan(2, *txids)
    pin = life.node.rpc("getblockcount")
    found = recheck(plan, read(plan, (core, electrum), around(pause)))

    assert pin == found.pin.height
    assert set(txids[:-1]) == told(found).keys()
    assert by_node(life, life.waiting, None) == told(found)[life.waiting]
    assert {("node-1", "server-1")} == {one.sources for one in found.answers}
    for source in (core, electrum):
        assert () == REREADERS["utxo"](plan, found, (source,), around())
