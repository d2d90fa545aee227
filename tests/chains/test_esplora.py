from __future__ import annotations

import logging
import traceback
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.electrum.replies import MAX_READ
from chains.esplora import PATIENCE, EsploraSource
from chains.evidence import Call, Sweep
from chains.transport import Endpoint, Limits
from config.errors import InputError
from tests.misbehaving import Reply, always, delayed, first, serve

if TYPE_CHECKING:
    from chains.evidence import Exchange
    from tests.misbehaving import Json, Script, Server

QUICK = Limits(connect_seconds=2, read_seconds=2, body_bytes=4000, attempts=3)

TXID = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
HASH = "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee"
TIP = Call("GET", ("/blocks/tip/height",))
PROOF = Call("GET", (f"/tx/{TXID}/merkle-proof",))

ANSWERS = {
    "/blocks/tip/height": b"840000",
    "/blocks/tip/hash": HASH.encode(),
    "/block-height/170": HASH.encode(),
    f"/block/{HASH}/header": b"01000000",
    f"/tx/{TXID}/hex": b"0100000001",
    f"/tx/{TXID}/merkle-proof": b'{"block_height":170,"merkle":["b1fe"],"pos":1}',
    f"/scripthash/{TXID}/txs/chain": b'[{"txid":"a","fee":1.5,"locktime":9007199254740993}]',
    f"/scripthash/{TXID}/txs/chain/{HASH}": b"[]",
}


def good(request: Json, _number: int) -> Reply:
    """Answer as Esplora does; its paths stand under the base /api."""
    body = ANSWERS.get(str(request).removeprefix("/api"))
    return Reply(b"Transaction not found", 404) if body is None else Reply(body)


class Told:
    """What came of asking."""

    def __init__(
        self, exchanges: tuple[Exchange, ...], pauses: list[float], server: Server
    ) -> None:
        self.words = [f"<{item.error}>" if item.error else item.result for item in exchanges]
        self.pauses = pauses
        self.requests = server.requests
        self.headers = server.headers


def source_at(url: str, pauses: list[float] | None = None, limits: Limits = QUICK) -> EsploraSource:
    waits = [] if pauses is None else pauses
    return EsploraSource(Endpoint("node-1", "acme", url), waits.append, limits)


def ask(script: Script, *calls: Call, limits: Limits = QUICK, base: str = "/api") -> Told:
    pauses: list[float] = []
    with serve(script) as server:
        source = source_at(f"esplora+{server.url}{base}", pauses, limits)
        exchanges = source.ask(calls)
        source.close()
    assert [exchange.call for exchange in exchanges] == list(calls)
    return Told(exchanges, pauses, server)


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("/blocks/tip/height", "840000"),
        ("/blocks/tip/hash", HASH),
        ("/block-height/170", HASH),
        (f"/block/{HASH}/header", "01000000"),
        (f"/tx/{TXID}/hex", "0100000001"),
        (f"/tx/{TXID}/merkle-proof", {"block_height": 170, "merkle": ("b1fe",), "pos": 1}),
        (
            f"/scripthash/{TXID}/txs/chain",
            ({"txid": "a", "fee": "1.5", "locktime": "9007199254740993"},),
        ),
        (f"/scripthash/{TXID}/txs/chain/{HASH}", ()),
        (f"/tx/{HASH}/hex", "<rpc_error>"),
    ],
)
def test_paths_have_text_or_json(path: str, result: object) -> None:
    told = ask(good, Call("GET", (path,)))
    assert [result] == told.words
    assert [f"/api{path}"] == told.requests
    assert [] == told.pauses


def test_calls_go_one_by_one_whatever_the_batch() -> None:
    told = ask(good, TIP, PROOF, TIP, limits=replace(QUICK, batch=50))
    assert ["840000", "840000"] == [told.words[0], told.words[2]]
    assert ["/api/blocks/tip/height", f"/api{PROOF.params[0]}"] == told.requests[:2]
    assert 3 == len(told.requests)


def test_a_request_is_a_plain_get() -> None:
    headers = ask(good, TIP).headers[0]
    assert "identity" == headers["Accept-Encoding"]
    assert {"Content-Length", "Content-Type", "Authorization"} & set(headers) == set()


@pytest.mark.parametrize("base", ["", "/", "/api", "/api/", "/a/b"])
def test_paths_stand_under_the_base(base: str) -> None:
    told = ask(always(Reply(b"1")), TIP, base=base)
    assert [base.rstrip("/") + "/blocks/tip/height"] == told.requests


def test_a_query_of_the_endpoint_stays_behind_the_path() -> None:
    told = ask(always(Reply(b"1")), TIP, base="/api?token=k3y")
    assert ["/api/blocks/tip/height?token=k3y"] == told.requests


def test_user_and_password_become_basic_authentication() -> None:
    with serve(always(Reply(b"1"))) as server:
        url = server.url.replace("//", "//user:pa55@")
        source_at(f"esplora+{url}").ask((TIP,))
    scheme, token = server.headers[0]["Authorization"].split(" ")
    assert (scheme, b64decode(token)) == ("Basic", b"user:pa55")
    assert ["/blocks/tip/height"] == server.requests


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"84 0000", b"840000\n", b'"840000"', b"\xff", b"-1", b"1,5", "８".encode()],
)
def test_text_is_letters_and_digits_alone(body: bytes) -> None:
    assert ["<bad_reply>"] == ask(always(Reply(body)), TIP).words


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[", b"NaN", b'{"a":1,"a":2}', b"\xff", b"[" * 3000, b"1 2"]
)
def test_json_is_strict(body: bytes) -> None:
    assert ["<bad_reply>"] == ask(always(Reply(body)), PROOF).words


def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    exact = b"1" * QUICK.body_bytes
    assert [exact.decode()] == ask(always(Reply(exact)), TIP).words
    assert ["<bad_reply>"] == ask(always(Reply(exact + b"1")), TIP).words


@pytest.mark.parametrize(
    ("status", "body", "code", "count"),
    [
        (404, b"Transaction not found", "rpc_error", 1),
        (404, b"", "rpc_error", 1),
        (400, b"Invalid hex string", "rpc_error", 1),
        (400, b"Too many history entries", "too_large", 1),
        (400, b"\xff" * 9000, "rpc_error", 1),
        (400, b" " * MAX_READ + b"too many history entries", "rpc_error", 1),
        (401, b"", "unreachable", 1),
        (403, b"", "unreachable", 1),
        (204, b"", "unreachable", 1),
        (206, b"1", "unreachable", 1),
        (500, b"1", "unreachable", 3),
        (503, b"1", "unreachable", 3),
        (429, b"1", "throttled", 3),
    ],
)
def test_statuses(status: int, body: bytes, code: str, count: int) -> None:
    told = ask(always(Reply(body, status)), TIP)
    assert [f"<{code}>"] == told.words
    assert count == len(told.requests)


def test_a_servers_wish_to_wait_is_obeyed() -> None:
    told = ask(first(Reply(b"", 429, (("Retry-After", "7"),)), good), TIP)
    assert (["840000"], [7.0]) == (told.words, told.pauses)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with serve(good) as other:
        told = ask(always(Reply(b"", status, (("Location", f"{other.url}/api"),))), TIP)
        assert [] == other.requests
    assert ["<unreachable>"] == told.words


def test_silence_is_given_up() -> None:
    told = ask(delayed(good, 0.5), TIP, limits=replace(QUICK, read_seconds=0.1, attempts=2))
    assert ["<unreachable>"] == told.words


def test_one_heavy_path_does_not_end_the_asking() -> None:
    def script(request: Json, number: int) -> Reply:
        return Reply(b"", 504) if "proof" in request else good(request, number)

    told = ask(script, TIP, PROOF, PROOF, TIP, PROOF, PROOF, TIP)
    assert ["840000", "840000", "840000"] == [told.words[at] for at in (0, 3, 6)]
    assert {"<unreachable>"} == {told.words[at] for at in (1, 2, 4, 5)}


@pytest.mark.parametrize(("status", "code"), [(503, "unreachable"), (429, "throttled")])
def test_a_server_that_is_away_is_not_asked_for_everything(status: int, code: str) -> None:
    told = ask(always(Reply(b"", status)), *[TIP] * 50)
    assert [f"<{code}>"] * 50 == told.words
    assert PATIENCE * QUICK.attempts == len(told.requests)


def test_refusals_do_not_end_the_asking() -> None:
    told = ask(always(Reply(b"", 404)), *[TIP] * 10)
    assert ["<rpc_error>"] * 10 == told.words
    assert 10 == len(told.requests)


@pytest.mark.parametrize(
    "call",
    [
        Call("POST", ("/tx",)),
        Call("get", ("/tx",)),
        Call("GET", ()),
        Call("GET", ("/tx", "/tx")),
        Call("GET", (1,)),
        Call("GET", ("tx",)),
        Call("GET", ("",)),
        Call("GET", ("/",)),
        Call("GET", ("/tx/",)),
        Call("GET", ("//host/tx",)),
        Call("GET", ("/../tx",)),
        Call("GET", ("/tx?a=b",)),
        Call("GET", ("/tx#a",)),
        Call("GET", ("/tx/%2e",)),
        Call("GET", ("/tx\n",)),
        Call("GET", ("http://host/",)),
    ],
)
def test_a_call_that_is_no_path_is_a_mistake_of_the_caller(call: Call) -> None:
    with serve(good) as server:
        with pytest.raises(ValueError, match="not a GET of a path"):
            source_at(f"esplora+{server.url}").ask((call,))
        assert [] == server.requests


def test_a_sweep_is_asked_as_single_calls() -> None:
    with serve(good) as server:
        source = source_at(f"esplora+{server.url}/api")
        sweep = Sweep(Call("GET", ("/tx/@/hex",)), (TXID, HASH))
        column = source.sweep(sweep)
        source.close()
    assert (("0100000001", None), ((1, "rpc_error"),)) == (column.results, column.errors)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://s3cret",
        "https://s3cret/",
        "esplora://s3cret",
        "esplora+ftp://s3cret",
        "esplora+electrum+tls://s3cret:1",
        "esplora+http://",
        "esplora+http://s3cret:x@host:99999/",
        "esplora+http://[s3cret/",
        "ESPLORA+http://s3cret",
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InputError, match="url of source 'node-1' not understood") as caught:
        source_at(url)
    assert "s3cret" not in f"{caught.value.what} {caught.value.hint}"
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_secrets_are_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serve(always(Reply(b"x", 500, (("Malformed header", "x"),)))) as server:
        url = server.url.replace("//", "//user:pa55@") + "/v3/k3y?apikey=k3y"
        source = source_at(f"esplora+{url}")
        texts = [repr(source), str(source), repr(source.ask((TIP,))), caplog.text]
    assert not any(secret in text for text in texts for secret in ("pa55", "k3y", "user"))
