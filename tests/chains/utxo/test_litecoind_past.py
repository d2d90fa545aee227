"""Index servers over a real node: past balances and flows against the node's own, and reorgs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.blocks import BLOCKS
from chains.electrum.source import ElectrumSource
from chains.esplora import EsploraSource
from chains.rereading import REREADERS
from chains.transport import Endpoint, HttpSource
from chains.utxo.answers import read_amount
from chains.utxo.reader import read
from chains.utxo.recheck import recheck
from config.caip import address_of
from tests.chains.certificates import make
from tests.chains.electrum_proxy import proxy
from tests.chains.utxo.lived_node import (
    PINS,
    Lived,
    around,
    listed,
    live,
    medians_of,
    mine,
    plan_of,
    require_right,
    scanned,
    snapshot_of,
    spend,
)
from tests.nodes.electrumx import electrumx
from tests.nodes.esplora import esplora
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.chains.electrum_server import Item
    from tests.nodes.electrumx import Electrumx
    from tests.nodes.esplora import Esplora

    Opened = Callable[..., Any]

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    with litecoind("-txindex=1") as running:
        yield live(running)


@pytest.fixture(scope="module")
def served(
    lived: Lived, quick: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Electrumx, str]]:
    """A server over the node, and what pins its certificate."""
    certificate = make("127.0.0.1")
    paths = certificate.write(tmp_path_factory.mktemp("certificate"))
    with electrumx(lived.node, paths, **quick) as running:
        running.wait_for(lived.node)
        yield running, certificate.pin


@pytest.fixture
def server(served: tuple[Electrumx, str]) -> Electrumx:
    return served[0]


@pytest.fixture(scope="module")
def pages(lived: Lived) -> Iterator[Esplora]:
    with esplora(lived.node, page=2) as running:
        yield running


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Open sources that are closed when the test ends."""
    sources: list[Any] = []

    def source_of(kind: Opened, url: str, name: str = "server-1", **more: object) -> object:
        endpoint = Endpoint(name, f"operator of {name}", url, "core")
        sources.append(kind(endpoint, lambda _seconds: None, **more))
        return sources[-1]

    yield source_of
    for source in sources:
        source.close()


@pytest.mark.parametrize(("layer", "version"), [("tcp", "1.4"), ("tls", "1.6")])
def test_past_balances_are_the_nodes_own(
    lived: Lived, served: tuple[Electrumx, str], opened: Opened, layer: str, version: str
) -> None:
    running, certificate = served
    url = running.url if layer == "tcp" else f"{running.tls_url}#{certificate}"
    source = opened(ElectrumSource, url, protocols=(version, version))
    for pin in PINS:
        require_right(snapshot_of(plan_of(lived, pin), source), lived, pin)
    assert 3 == len({frozenset(coins) for coins in lived.coins.values()})


def test_past_balances_from_pages(lived: Lived, pages: Esplora, opened: Opened) -> None:
    source = opened(EsploraSource, pages.url)
    for pin in PINS:
        require_right(snapshot_of(plan_of(lived, pin), source), lived, pin)
    assert any("/txs/chain/" in path for path in pages.paths)


def test_two_protocols_and_a_node_agree(
    lived: Lived, server: Electrumx, pages: Esplora, opened: Opened
) -> None:
    two = opened(ElectrumSource, server.url), opened(EsploraSource, pages.url, "server-2")
    found = snapshot_of(plan_of(lived, 114, quorum=2), *two)
    require_right(found, lived, 114)
    assert {"quorum"} == {one.evidence for one in found.balances}
    core = opened(HttpSource, lived.node.url, "node-1")
    found = snapshot_of(plan_of(lived, 111, quorum=3, depth=1), *two, core)
    assert (lived.top, 1) == (found.pin.height, found.pin.depth)
    own = lived.node.rpc("scantxoutset", "start", [f"raw({one})" for one in lived.scripts])
    total = sum(one.units + one.immature for one in found.balances)
    assert (read_amount(own["total_amount"]), {3}) == (
        total,
        {len(one.sources) for one in found.balances},
    )


def test_flows_are_what_the_blocks_say(
    lived: Lived, server: Electrumx, pages: Esplora, opened: Opened
) -> None:
    two = opened(ElectrumSource, server.url), opened(EsploraSource, pages.url, "server-2")
    window = lived.medians[111], lived.medians[117]
    found = snapshot_of(plan_of(lived, 114, quorum=2, window=window), *two)
    require_right(found, lived, 114)
    assert [111, 117] == [one.height for one in found.window_blocks]
    first, second, third = found.window
    paid, back, gift = 150_000_000, 79_990_000, 70_000_001
    for place, one, received, spent, transactions in (
        # Paid at 111 already; paid the second at 114.
        (0, first, back, paid, 1),
        # Paid at 112, and by the first at 114; paid somebody else at 115.
        (1, second, paid + gift + back, paid, 3),
        (2, third, paid + back, paid, 2),
    ):
        assert (lived.held(place, 111), lived.held(place, 117)) == (one.before, one.after)
        assert (received, spent, transactions) == (one.received, one.spent, one.transactions)


def test_the_coins_are_read_again_at_the_pin(
    lived: Lived, server: Electrumx, pages: Esplora, opened: Opened
) -> None:
    two = opened(ElectrumSource, server.url), opened(EsploraSource, pages.url, "server-2")
    core = opened(HttpSource, lived.node.url, "node-1")
    plan, everyone = plan_of(lived, 114), (*two, core)
    stated = snapshot_of(plan, two[0])
    assert () == REREADERS["utxo"](plan, stated, everyone, around())
    coin = stated.coins[-1]
    wrong = replace(stated, coins=(*stated.coins[:-1], replace(coin, units=coin.units + 1)))
    met = REREADERS["utxo"](plan, wrong, everyone, around())
    assert {"balance_mismatch"} == {code for code, _ in met}
    assert {"server-1", "server-2", "node-1"} == {text.split(":")[0] for _, text in met}


def test_servers_name_the_blocks_that_the_node_has(
    lived: Lived, server: Electrumx, pages: Esplora, opened: Opened
) -> None:
    everyone = (
        opened(ElectrumSource, server.url),
        opened(EsploraSource, pages.url),
        opened(HttpSource, lived.node.url),
    )
    for height in (0, 5, 114):
        block = lived.node.rpc("getblockhash", height), lived.medians[height]
        assert {block} == {BLOCKS["utxo"].block_at(source, height) for source in everyone}
    best = lived.top, lived.node.rpc("getbestblockhash")
    assert {best} == {BLOCKS["utxo"].head(source) for source in everyone}


def test_a_reorganisation_during_the_reading(opened: Opened, quick: dict[str, str]) -> None:
    with litecoind("-txindex=1") as node:
        before = live(node)
        spend(node, before.addresses[2], before.addresses[0], "0.25", "0.5498")
        pauses: list[float] = []
        turned: list[str] = []

        def reorganise(request: Item, reply: Item) -> Item:
            if request["method"] == "blockchain.transaction.get" and not turned:
                turned.append(node.rpc("getblockhash", 118))
                node.rpc("invalidateblock", turned[0])
                mine(node, 9, node.address())
                behind.wait_for(node)
            return reply

        with electrumx(node, None, **quick) as behind, proxy(behind.port, reorganise) as proxied:
            behind.wait_for(node)
            source = opened(ElectrumSource, proxied.url)
            plan = plan_of(before, None)
            found = recheck(plan, read(plan, [source], around(pauses.append)))
        assert ([15.0], 1) == (pauses, len(turned))
        after = Lived(
            node,
            before.addresses,
            before.scripts,
            {124: scanned(node, before.scripts, 124)},
            medians_of(node),
        )
        assert 126 == after.top
        require_right(found, after, 124)
        # The payment that waited was in none of the blocks that were undone.
        assert 25_000_000 in {units for _, _, _, units, _ in listed(found)}


def test_coins_of_others_are_followed_to_what_they_were_spent_from(
    lived: Lived, server: Electrumx, pages: Esplora, opened: Opened
) -> None:
    """Somebody else paid the second and the third, and was paid by them, after block 111."""
    two = opened(ElectrumSource, server.url), opened(EsploraSource, pages.url, "server-2")
    window = lived.medians[111], lived.medians[117]
    plan = replace(plan_of(lived, 114, quorum=2, window=window), others=(lived.miner,))
    found = snapshot_of(plan, *two)
    require_right(found, lived, 114)
    paid, gift = 150_000_000, 70_000_001
    assert [(0, 0), (gift, paid), (gift, paid)] == [
        (one.to_others, one.from_others) for one in found.window
    ]
    assert {(lived.addresses[place], lived.miner, gift, paid) for place in (1, 2)} == {
        (address_of(one.account), address_of(one.other), one.sent, one.received)
        for one in found.flows
    }
    # A node alone does not know.
    core = opened(HttpSource, lived.node.url, "node-1")
    alone = snapshot_of(
        replace(plan, as_of=lived.medians[lived.top], confirmations=1, quorum=1), core
    )
    assert {(None, None)} == {(one.to_others, one.from_others) for one in alone.window}
