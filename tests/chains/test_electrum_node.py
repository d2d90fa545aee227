"""The Electrum source against a real server: e-x over a private litecoind."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from chains.electrum.limits import Limits
from chains.electrum.source import PROTOCOLS, ElectrumSource, version_call
from chains.evidence import Call
from chains.transport import Endpoint
from chains.utxo.bech32 import encode_witness
from tests.chains.certificates import make
from tests.nodes.electrumx import Electrumx, electrumx
from tests.nodes.litecoind import litecoind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chains.certificates import Certificate
    from tests.nodes.litecoind import Litecoind

pytestmark = pytest.mark.nodes

BLOCKS = 120
"""Below 432, where this version's wallet can mine no more blocks of its own test network."""

HEADER = 80


@pytest.fixture(scope="module")
def node() -> Iterator[Litecoind]:
    with litecoind("-txindex=1") as running:
        running.mine(BLOCKS, running.address())
        yield running


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return make("127.0.0.1")


@pytest.fixture(scope="module")
def server(
    node: Litecoind, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Electrumx]:
    paths = certificate.write(tmp_path_factory.mktemp("certificate"))
    with electrumx(node, paths, MAX_SEND="350000") as running:
        running.wait_for(node)
        yield running


@pytest.fixture(params=["1.4", "1.6"])
def source(server: Electrumx, request: pytest.FixtureRequest) -> Iterator[ElectrumSource]:
    """Sources of the oldest and of the newest protocol that is understood."""
    found = source_at(server.url, (request.param, request.param))
    yield found
    found.close()


def source_at(url: str, protocols: tuple[str, str] = PROTOCOLS) -> ElectrumSource:
    endpoint = Endpoint("node-1", "acme", url)
    return ElectrumSource(endpoint, lambda _seconds: None, protocols=protocols)


def results(source: ElectrumSource, *calls: Call) -> list[Any]:
    exchanges = source.ask(calls)
    assert [None] * len(calls) == [item.error for item in exchanges]
    return [item.result for item in exchanges]


def scripthash(node: Litecoind, address: str) -> str:
    script = bytes.fromhex(node.rpc("getaddressinfo", address)["scriptPubKey"])
    return sha256(script).digest()[::-1].hex()


def double_sha256(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


@pytest.mark.parametrize("version", ["1.4", "1.6"])
def test_the_protocol_is_the_one_offered(server: Electrumx, version: str) -> None:
    source = source_at(server.url, (version, version))
    ((software, protocol),) = results(source, version_call((version, version)))
    source.close()
    assert software.startswith("ElectrumX 2.")
    assert version == protocol


def test_the_newest_protocol_is_agreed_on(server: Electrumx) -> None:
    source = source_at(server.url)
    ((_, protocol),) = results(source, version_call())
    source.close()
    assert PROTOCOLS[1] == protocol


def test_a_protocol_that_the_server_does_not_speak(server: Electrumx) -> None:
    source = source_at(server.url, ("99.0", "99.1"))
    assert ["rpc_error"] == [item.error for item in source.ask([Call("server.ping", ())])]
    source.close()


def test_a_history_leads_to_the_chain(
    source: ElectrumSource, server: Electrumx, node: Litecoind
) -> None:
    address = node.address()
    txid = node.rpc("sendtoaddress", address, "1.5")
    (block,) = node.mine()
    height = node.rpc("getblockcount")
    server.wait_for(node)

    history, raw, proof, header = results(
        source,
        Call("blockchain.scripthash.get_history", (scripthash(node, address),)),
        Call("blockchain.transaction.get", (txid,)),
        Call("blockchain.transaction.get_merkle", (txid, height)),
        Call("blockchain.block.header", (height,)),
    )
    assert ({"tx_hash": txid, "height": height},) == history
    assert node.rpc("getrawtransaction", txid) == raw
    assert height == proof["block_height"]
    root = bytes.fromhex(txid)[::-1]
    for depth, other in enumerate(proof["merkle"]):
        pair = [root, bytes.fromhex(other)[::-1]]
        root = double_sha256(b"".join(pair[:: -1 if proof["pos"] >> depth & 1 else 1]))
    assert root == bytes.fromhex(header)[36:68]
    assert block == double_sha256(bytes.fromhex(header))[::-1].hex()


def test_features_name_the_chain(source: ElectrumSource, node: Litecoind) -> None:
    (features,) = results(source, Call("server.features", ()))
    assert node.rpc("getblockhash", 0) == features["genesis_hash"]


def test_headers_come_as_text_or_as_a_list(server: Electrumx, node: Litecoind) -> None:
    call = Call("blockchain.block.headers", (0, 50))
    found = {}
    for version in ("1.4", "1.6"):
        source = source_at(server.url, (version, version))
        (found[version],) = results(source, call)
        source.close()
    assert {50} == {answer["count"] for answer in found.values()}
    assert found["1.4"]["hex"] == "".join(found["1.6"]["headers"])
    last = bytes.fromhex(found["1.4"]["hex"])[-HEADER:]
    assert node.rpc("getblockhash", 49) == double_sha256(last)[::-1].hex()


def test_a_thousand_calls_go_together(source: ElectrumSource, node: Litecoind) -> None:
    heights = [number % BLOCKS for number in range(1000)]
    found = results(source, *[Call("blockchain.block.header", (at,)) for at in heights])
    hashes = {
        at: double_sha256(bytes.fromhex(header))[::-1].hex()
        for at, header in zip(heights, found, strict=True)
    }
    assert {at: node.rpc("getblockhash", at) for at in range(BLOCKS)} == hashes


def test_refusals_are_the_servers_word(source: ElectrumSource) -> None:
    exchanges = source.ask(
        [
            Call("blockchain.block.header", (10**6,)),
            Call("blockchain.transaction.get", ("00" * 32,)),
            Call("blockchain.scripthash.get_history", ("00",)),
            Call("no.such.method", ()),
            Call("server.ping", ()),
        ]
    )
    assert [*["rpc_error"] * 4, None] == [item.error for item in exchanges]


def test_an_answer_over_the_servers_limit_is_said_to_be_so(
    server: Electrumx, node: Litecoind
) -> None:
    # Told at length, a transaction with so many outputs takes more than MAX_SEND.
    addresses = [encode_witness("rltc", 0, number.to_bytes(20)) for number in range(1200)]
    txid = str(node.rpc("sendmany", "", dict.fromkeys(addresses, "0.001")))
    node.mine()
    server.wait_for(node)

    source = source_at(server.url)
    large, small = source.ask(
        [
            Call("blockchain.transaction.get", (txid, True)),
            Call("blockchain.transaction.get", (txid,)),
        ]
    )
    source.close()
    assert ("too_large", None) == (large.error, small.error)
    assert node.rpc("getrawtransaction", txid) == small.result


def test_a_new_block_is_announced_and_passed_over(
    source: ElectrumSource, server: Electrumx, node: Litecoind
) -> None:
    results(source, Call("blockchain.headers.subscribe", ()))
    for _ in range(3):
        node.mine()
        server.wait_for(node)
    (tip,) = results(source, Call("blockchain.headers.subscribe", ()))
    assert node.rpc("getblockcount") == tip["height"]


def test_tls_with_a_pinned_certificate(server: Electrumx, certificate: Certificate) -> None:
    source = source_at(f"{server.tls_url}#{certificate.pin}")
    headers = results(source, *[Call("blockchain.block.header", (at,)) for at in range(100)])
    source.close()
    assert 100 == len(set(headers))


@pytest.mark.parametrize("pin", ["", "#sha256=" + "0" * 64])
def test_tls_with_a_certificate_nobody_vouches_for(server: Electrumx, pin: str) -> None:
    pauses: list[float] = []
    endpoint = Endpoint("node-1", "acme", server.tls_url + pin)
    source = ElectrumSource(endpoint, pauses.append)
    assert ["unreachable"] == [item.error for item in source.ask([version_call()])]
    assert [0.5, 1.0, 2.0, 4.0] == pauses


def test_who_uses_too_much_is_told_so_or_cut_off(node: Litecoind) -> None:
    pauses: list[float] = []
    with electrumx(node, COST_SOFT_LIMIT="1", COST_HARD_LIMIT="20", REQUEST_SLEEP="0") as server:
        # Over its limit this server answers -101, hangs up, or says nothing more, as it happens.
        endpoint = Endpoint("node-1", "acme", server.url)
        source = ElectrumSource(endpoint, pauses.append, Limits(read_seconds=2))
        found = source.ask([Call("blockchain.block.header", (1,))] * 2000)
        source.close()
    assert {"throttled", "unreachable"} >= {item.error for item in found if item.error is not None}
    assert 0 < sum(item.error is None for item in found) < 2000
    assert 1 == len({item.result for item in found if item.error is None})
    assert [0.5, 1.0, 2.0, 4.0] == pauses
