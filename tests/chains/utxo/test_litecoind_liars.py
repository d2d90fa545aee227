"""A real Electrum server behind a proxy that lies: alone, beside an honest one, beside a node.

Alone, a lie that contradicts nothing is believed, and its class says that it is one operator's
word. Beside any other source it stops the value. What contradicts blocks or other histories is seen
at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from chains.electrum.source import ElectrumSource
from chains.errors import ChainError
from chains.transport import Endpoint, HttpSource
from chains.utxo import depth
from tests.chains.electrum_proxy import proxy
from tests.chains.utxo.history.minting import shown
from tests.chains.utxo.lived_node import DEPTH, Lived, live, plan_of, snapshot_of
from tests.nodes.electrumx import electrumx
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chains.evidence import Source
    from chains.snapshot import ChainSnapshot
    from tests.chains.electrum_server import Item
    from tests.nodes.electrumx import Electrumx

    Change = Callable[[Item, Item], Item]
    Json = Any

pytestmark = pytest.mark.nodes

HISTORY = "blockchain.scripthash.get_history"
PIN = 117


@dataclass(frozen=True, slots=True)
class Place:
    """A node, an honest server over it, and what the accounts hold at the pin."""

    lived: Lived
    server: Electrumx

    def units(self) -> list[int]:
        return [self.lived.held(place, PIN) for place in range(3)]


@pytest.fixture(scope="module")
def place(quick: dict[str, str]) -> Iterator[Place]:
    with litecoind("-txindex=1") as node:
        lived = live(node)
        with electrumx(node, None, **quick) as server:
            server.wait_for(node)
            yield Place(lived, server)


def honest_reply(_request: Item, reply: Item) -> Item:
    return reply


def on(method: str, change: Callable[[Item, Json], Json]) -> Change:
    """Change the results of a method."""

    def changed(request: Item, reply: Item) -> Item:
        if request["method"] != method or "result" not in reply:
            return reply
        return reply | {"result": change(request, reply["result"])}

    return changed


def read_from_liar(
    place: Place,
    change: Change,
    beside: str = "",
    pass_on: Callable[[Item], Item] = lambda request: request,
) -> ChainSnapshot:
    """Read from a liar, and another source if one is named, which must agree then."""
    lived = place.lived
    others: dict[str, Source] = {}
    if beside == "server":
        others[beside] = ElectrumSource(Endpoint("honest", "zenith", place.server.url), _pass)
    elif beside == "node":
        others[beside] = HttpSource(Endpoint("honest", "zenith", lived.node.url, "core"), _pass)
    plan = plan_of(lived, PIN, 1 + len(others), 1 if beside == "node" else DEPTH)
    with proxy(place.server.port, change, pass_on) as liar:
        source = ElectrumSource(Endpoint("liar", "acme", liar.url), _pass)
        try:
            return snapshot_of(plan, *others.values(), source)
        finally:
            source.close()


def _pass(_seconds: float) -> None:
    """Wait for nothing."""


def reasons(found: ChainSnapshot, place: Place) -> list[str]:
    """Give, for each account, why it was not read, or an empty text."""
    failed = {one.account.rpartition(":")[2]: one.reason for one in found.failures}
    return [failed.get(address, "") for address in place.lived.addresses]


def test_the_proxy_alone_changes_nothing(place: Place) -> None:
    found = read_from_liar(place, honest_reply)
    assert place.units() == [one.units + one.immature for one in found.balances]


def hiding(lived: Lived, account: int, height: int) -> Change:
    """Leave the transaction of one block out of an account's history."""
    name = lived.name(account)

    def change(request: Item, history: Json) -> Json:
        if request["params"] != [name]:
            return history
        return [one for one in history if one["height"] != height]

    return on(HISTORY, change)


@pytest.mark.parametrize(
    ("account", "height", "difference"),
    [
        # The third account's payment to somebody else: it seems to have 0.70010001 more.
        (2, 116, 70_010_000),
        # What the first has mined: it seems to have nothing of it.
        (0, 110, -5_000_000_000),
    ],
)
def test_a_hidden_transaction(place: Place, account: int, height: int, difference: int) -> None:
    change = hiding(place.lived, account, height)
    found = read_from_liar(place, change)
    expected = place.units()
    expected[account] += difference
    assert expected == [one.units + one.immature for one in found.balances]
    assert {"single"} == {one.evidence for one in found.balances}
    assert "no_node" in {one.code for one in found.remarks}
    stopped = ["", "", ""]
    stopped[account] = "sources_disagree"
    for beside in ("server", "node"):
        assert stopped == reasons(read_from_liar(place, change, beside), place)


def test_a_hidden_spend_that_another_history_shows(place: Place) -> None:
    change = hiding(place.lived, 0, 114)
    assert ["malformed_answer", "", ""] == reasons(read_from_liar(place, change), place)
    for beside in ("server", "node"):
        stopped = reasons(read_from_liar(place, change, beside), place)
        assert ["sources_disagree", "", ""] == stopped


def false_branch(_request: Item, branch: Json) -> Json:
    return branch | {"merkle": ["00" * 32, *branch["merkle"][1:]]}


def test_a_false_branch(place: Place) -> None:
    change = on("blockchain.transaction.get_merkle", false_branch)
    assert ["malformed_answer"] * 3 == reasons(read_from_liar(place, change), place)
    stopped = reasons(read_from_liar(place, change, "server"), place)
    assert ["sources_disagree"] * 3 == stopped


def little_work(_request: Item, found: Json) -> Json:
    """Make up headers that link, with next to no work behind them."""
    size = 160
    text = "".join(found.get("headers", ())) or found["hex"]
    made = [bytes.fromhex(text[:size])]
    for at in range(size, len(text), size):
        header = bytes.fromhex(text[at : at + size])
        previous = bytes.fromhex(shown(made[-1]))[::-1]
        made.append(header[:4] + previous + header[36:72] + b"\x01\x00\x00\x01" + header[76:])
    texts = [header.hex() for header in made]
    return found | ({"headers": texts} if "headers" in found else {"hex": "".join(texts)})


def test_headers_of_little_work(place: Place) -> None:
    change = on("blockchain.block.headers", little_work)
    for beside in ("", "server", "node"):
        with pytest.raises(ChainError, match="has no pin"):
            read_from_liar(place, change, beside)


def test_an_old_tip(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    change = on("blockchain.headers.subscribe", lambda _, tip: tip | {"height": 60})
    monkeypatch.setattr(depth, "LAG_SECONDS", depth.POLL_SECONDS)
    monkeypatch.setattr(depth, "WAIT_PER_BLOCK_SECONDS", depth.POLL_SECONDS)
    with pytest.raises(ChainError, match="block 62 is needed: liar is at 60"):
        read_from_liar(place, change)
    top = place.lived.top
    with pytest.raises(ChainError, match=f"honest is at {top}, liar is at 60"):
        read_from_liar(place, change, "server")
    # Where a node makes the pin, how far a server says it is makes no difference.
    assert ["", "", ""] == reasons(read_from_liar(place, change, "node"), place)


def test_another_first_block(place: Place) -> None:
    named = on("server.features", lambda _, told: told | {"genesis_hash": "ab" * 32})

    def shown_first(request: Item, header: Json) -> Json:
        return f"02{header[2:]}" if request["params"] == [0] else header

    for change in (named, on("blockchain.block.header", shown_first)):
        for beside in ("", "server"):
            with pytest.raises(ChainError, match="source liar follows another chain"):
                read_from_liar(place, change, beside)


def test_histories_of_two_accounts_swapped(place: Place) -> None:
    first, third = place.lived.name(0), place.lived.name(2)

    def swapped(request: Item) -> Item:
        other = {first: third, third: first}
        if request["method"] != HISTORY:
            return request
        (name,) = request["params"]
        return request | {"params": [other.get(name, name)]}

    found = read_from_liar(place, honest_reply, pass_on=swapped)
    assert ["malformed_answer", "malformed_answer"] == reasons(found, place)[::2]
    stopped = reasons(read_from_liar(place, honest_reply, "server", swapped), place)
    assert ["sources_disagree", "sources_disagree"] == stopped[::2]


def test_a_history_too_large(place: Place) -> None:
    name = place.lived.name(1)

    def change(request: Item, reply: Item) -> Item:
        if request["method"] == HISTORY and request["params"] == [name]:
            error = {"code": 1, "message": "history too large"}
            return {"jsonrpc": "2.0", "id": request["id"], "error": error}
        return reply

    found = read_from_liar(place, change)
    assert ["", "source_failed", ""] == reasons(found, place)
    assert ((("liar", "too_large"),),) == tuple(one.answers for one in found.failures)
    stopped = reasons(read_from_liar(place, change, "node"), place)
    assert ["", "quorum_not_met", ""] == stopped


def test_a_node_that_lies(place: Place) -> None:
    """The node leaves out a coin that the honest server has."""
    lived = place.lived

    class Lying(HttpSource):
        def ask(self, calls: Any) -> Any:  # noqa: ANN401 - as the source it stands for
            return tuple(_fewer_coins(exchange) for exchange in HttpSource.ask(self, calls))

    node = Lying(Endpoint("liar", "acme", lived.node.url, "core"), _pass)
    server = ElectrumSource(Endpoint("honest", "zenith", place.server.url), _pass)
    found = snapshot_of(plan_of(lived, None, quorum=2, depth=1), node, server)
    assert 1 == reasons(found, place).count("sources_disagree")
    assert 2 == len(found.balances)
    server.close()


def _fewer_coins(exchange: Any) -> Any:  # noqa: ANN401 - an exchange
    if exchange.call.method != "scantxoutset" or not isinstance(exchange.result, dict):
        return exchange
    scan = exchange.result
    gone, *left = scan["unspents"]
    total = sum(round(float(one["amount"]) * 10**8) for one in left)
    assert gone["txid"]
    told = {"unspents": tuple(left), "total_amount": f"{total // 10**8}.{total % 10**8:08}"}
    return replace(exchange, result=scan | told)
