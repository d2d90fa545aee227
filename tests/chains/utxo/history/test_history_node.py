"""History replay against a real server: e-x over litecoind, whose own coins are the oracle."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from chains.electrum.source import ElectrumSource
from chains.evidence import SourceLog
from chains.index import index_log
from chains.transport import Endpoint
from chains.utxo.history import electrum
from chains.utxo.history.reach import Span
from config.registry_files import load_registry
from tests.nodes.electrumx import electrumx
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.index import IndexedLog
    from config.registry import UtxoFormat
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

PINS = (101, 104, 106)


@pytest.fixture(scope="module")
def node() -> Iterator[Litecoind]:
    with litecoind("-txindex=1") as running:
        yield running


def form() -> UtxoFormat:
    found = load_registry().chain("litecoin-regtest").utxo
    assert found is not None
    return found


def script_of(node: Litecoind, address: str) -> str:
    return str(node.rpc("getaddressinfo", address)["scriptPubKey"])


def lived(node: Litecoind) -> tuple[str, ...]:
    """Give scripts of each kind that were paid and have spent, in blocks and in the mempool."""
    addresses = [node.address(kind) for kind in ("legacy", "p2sh-segwit", "bech32")]
    node.mine(101, addresses[0])
    for address in addresses:
        node.rpc("sendtoaddress", address, "1.5")
        node.mine(1, addresses[2])
    for address in addresses:
        node.rpc("sendtoaddress", address, "0.25", "", "", True)
        node.rpc("sendtoaddress", node.address(), "1.75")
        node.mine(1)
    node.mine(2)
    node.rpc("sendtoaddress", addresses[1], "0.125")
    return tuple(script_of(node, address) for address in addresses)


def read(source: ElectrumSource, scripts: tuple[str, ...], span: Span) -> IndexedLog:
    log = index_log(SourceLog(source.name, source.operator, ()))
    while calls := electrum.missing(form(), scripts, span, log):
        entries = log.log.entries + source.ask(calls)
        log = index_log(SourceLog(source.name, source.operator, entries))
    return log


def scanned(node: Litecoind, scripts: tuple[str, ...], height: int) -> set[tuple[Any, ...]]:
    """Take the node back to a height, and ask it for its coins."""
    above = node.rpc("getblockhash", height + 1)
    node.rpc("invalidateblock", above)
    found = node.rpc("scantxoutset", "start", [f"raw({script})" for script in scripts])
    node.rpc("reconsiderblock", above)
    assert (True, height) == (found["success"], found["height"])
    return {
        (one["txid"], one["vout"], one["scriptPubKey"], units(one["amount"]), one["height"])
        for one in found["unspents"]
    }


def units(amount: object) -> int:
    return int(Decimal(str(amount)).scaleb(8))


def test_replay_equals_what_the_node_had_at_each_height(node: Litecoind) -> None:
    scripts = lived(node)
    top = int(node.rpc("getblockcount"))
    voices = {}
    with electrumx(node) as server:
        server.wait_for(node)
        for protocols in (("1.4", "1.4"), ("1.6", "1.6")):
            endpoint = Endpoint("server-1", "acme", server.url)
            source = ElectrumSource(endpoint, lambda _seconds: None, protocols=protocols)
            for pin in PINS:
                span = Span(pin, top)
                log = read(source, scripts, span)
                vote = electrum.history_voice(form(), scripts, span, log)
                assert vote.value is not None, vote.said
                voices[protocols[0], pin] = vote.value
                median = log_of(source, partial(electrum.missing_median, pin))
                assert electrum.median_time(pin, median).value == vote.value.median_time
            source.close()
    for (_, pin), voice in voices.items():
        block = node.rpc("getblockheader", node.rpc("getblockhash", pin))
        assert (block["hash"], block["mediantime"]) == (voice.scan.block_hash, voice.median_time)
        assert ("all", "checked", 0) == (
            voice.checks.linked,
            voice.checks.work,
            voice.checks.anchor,
        )
        assert {} == voice.replayed.silent
        coins = {
            (one.txid, one.vout, one.script, one.units, one.height) for one in voice.scan.unspents
        }
        assert scanned(node, scripts, pin) == coins
    assert len({frozenset(voice.scan.unspents) for voice in voices.values()}) == len(PINS)


def log_of(source: ElectrumSource, missing: Any) -> IndexedLog:  # noqa: ANN401 - a partial function
    empty = index_log(SourceLog(source.name, source.operator, ()))
    return index_log(SourceLog(source.name, source.operator, source.ask(missing(empty))))
