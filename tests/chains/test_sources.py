from __future__ import annotations

import pytest

from chains.electrum.source import ElectrumSource
from chains.esplora import EsploraSource
from chains.evidence import Call
from chains.sources import open_source
from chains.transport import Endpoint, HttpSource
from config.errors import InputError
from tests.chains.electrum_server import GOOD
from tests.chains.electrum_server import serve as serve_electrum
from tests.config.known import REGISTRY
from tests.misbehaving import Reply, always, serve

INDEXERS = [
    ("electrum+tcp://k3y:1", ElectrumSource),
    ("electrum+tls://k3y:1", ElectrumSource),
    ("esplora+http://k3y/api", EsploraSource),
    ("esplora+https://k3y/api", EsploraSource),
]


def endpoint(url: str) -> Endpoint:
    return Endpoint("node-1", "acme", url)


@pytest.mark.parametrize(
    ("url", "kind"), [("http://h", HttpSource), ("https://h/path", HttpSource), *INDEXERS]
)
def test_the_scheme_names_the_source(url: str, kind: type) -> None:
    source = open_source(REGISTRY.chain("bitcoin"), endpoint(url), lambda _seconds: None)
    assert kind is type(source)
    assert ("node-1", "acme") == (source.name, source.operator)


@pytest.mark.parametrize("url", [url for url, _ in INDEXERS])
def test_chains_of_another_family_have_no_such_servers(url: str) -> None:
    with pytest.raises(InputError, match="does not serve ethereum") as caught:
        open_source(REGISTRY.chain("ethereum"), endpoint(url), lambda _seconds: None)
    assert "k3y" not in caught.value.what + caught.value.hint


def test_every_source_keeps_a_pace() -> None:
    sent: list[int] = []
    calls = (Call("GET", ("/blocks/tip/height",)),)
    with serve(always(Reply(b"1"))) as server, serve_electrum(GOOD) as indexer:
        for url in (server.url, f"esplora+{server.url}", indexer.url):
            chain = REGISTRY.chain("bitcoin")
            open_source(chain, endpoint(url), lambda _seconds: None, sent.append).ask(calls)
            assert sent
            sent.clear()


@pytest.mark.parametrize("url", ["electrum://k3y:1", "k3y", "", "ftp://k3y", "electrum+tls:k3y"])
def test_another_scheme_is_refused_without_showing_the_url(url: str) -> None:
    with pytest.raises(InputError, match="url of source 'node-1' not understood") as caught:
        open_source(REGISTRY.chain("bitcoin"), endpoint(url), lambda _seconds: None)
    assert "k3y" not in caught.value.what + caught.value.hint
