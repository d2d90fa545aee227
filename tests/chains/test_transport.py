from __future__ import annotations

import gzip
import json
import socket
import time
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.evidence import Call
from chains.transport import Endpoint, HttpSource, Limits
from tests.chains.echo import ALL, CALLS, GOOD, QUICK, ask, echo, source_at
from tests.misbehaving import Reply, always, delayed, faulty, first, honest, serve

if TYPE_CHECKING:
    from tests.misbehaving import Fault, Json, Script


def test_answers_come_in_the_order_of_the_calls() -> None:
    told = ask(GOOD)
    assert told.words == ALL
    assert len(told.requests) == 1
    assert told.pauses == []


def test_one_call_is_sent_as_a_plain_object_and_nothing_is_never_sent() -> None:
    assert isinstance(ask(GOOD, CALLS[:1]).requests[0], dict)
    assert ask(GOOD, ()).requests == []


def test_batches_are_capped_and_ids_never_repeat() -> None:
    told = ask(GOOD, CALLS, Limits(batch=2, attempts=1))
    assert told.words == ALL
    assert [len(request) if isinstance(request, list) else 1 for request in told.requests] == [
        2,
        2,
        1,
    ]
    ids = [item["id"] for request in told.requests[:2] for item in request]
    assert len({*ids, told.requests[2]["id"]}) == len(CALLS)


def drop(place: int) -> Fault:
    return lambda items: [item for at, item in enumerate(items) if at != place]


def test_a_dropped_item_is_asked_again_alone() -> None:
    told = ask(first(faulty(echo, drop(2)), GOOD))
    assert told.words == ALL
    assert told.requests[1]["params"] == ["0x2"]
    assert told.pauses == [0.5]


def test_an_item_that_is_always_dropped_is_named_and_shifts_nothing() -> None:
    told = ask(faulty(echo, lambda items: drop(2)(items) if len(items) > 1 else []))
    assert told.words == ["0x0", "0x1", "<bad_reply>", "0x3", "0x4"]
    assert len(told.requests) == QUICK.attempts


def test_an_item_that_always_comes_twice_is_no_reply() -> None:
    told = ask(faulty(echo, lambda items: [*items, items[0], items[-1]]), CALLS, Limits(attempts=1))
    assert told.words == ["<no_reply>", "0x1", "0x2", "0x3", "<no_reply>"]


def test_a_reordered_batch_is_put_in_order() -> None:
    assert ask(faulty(echo, lambda items: items[::-1])).words == ALL


def test_swapped_ids_cannot_be_seen_here() -> None:
    def swap(items: list[dict[str, Json]]) -> list[dict[str, Json]]:
        items[0]["id"], items[1]["id"] = items[1]["id"], items[0]["id"]
        return items

    # This is why a balance of one source is never better than `single`.
    assert ask(faulty(echo, swap)).words == ["0x1", "0x0", "0x2", "0x3", "0x4"]


def alter(items: list[dict[str, Json]], **members: Json) -> list[dict[str, Json]]:
    return [{**items[0], **members}, *items[1:]]


@pytest.mark.parametrize(
    "fault",
    [
        lambda items: alter(items, id=10**6),
        lambda items: alter(items, id=str(items[0]["id"])),
        lambda items: alter(items, id=None),
        lambda items: items[0],
        lambda items: {"unrelated": len(items)},
        lambda _items: "ok",
    ],
)
def test_a_reply_to_something_else_is_refused_as_a_whole(fault: Fault) -> None:
    told = ask(faulty(echo, fault))
    assert told.words == ["<bad_reply>"] * 5
    assert len(told.requests) == QUICK.attempts


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"",
        b"[" * 100_000,
        b"9" * 3000,
        b"\x00\xff",
    ],
)
def test_a_body_that_is_not_a_reply_is_refused(body: bytes) -> None:
    assert ask(always(Reply(body))).words == ["<bad_reply>"] * 5


def test_null_and_huge_integers_are_results() -> None:
    told = ask(honest(lambda _m, _p: {"result": [None, 10**30]}), CALLS[:1])
    assert told.words == [(None, str(10**30))]


def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    exact = json.dumps({"jsonrpc": "2.0", "id": 1, "result": ""}).encode()
    padding = b" " * (QUICK.body_bytes - len(exact))
    assert ask(always(Reply(exact + padding)), CALLS[:1]).words == [""]
    told = ask(
        first(Reply(exact + padding + b" "), always(Reply(exact + b" " * 10**7)), 1), CALLS[:1]
    )
    assert told.words == ["<bad_reply>"]


def chunks(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(size.encode() + b"\r\n" + part + b"\r\n" for size, part in parts)


def test_a_body_may_come_in_chunks() -> None:
    def script(request: Json, number: int) -> Reply:
        body = GOOD(request, number).body
        parts = (f"{len(part):x}" for part in (body[:7], body[7:]))
        sent = chunks(*zip(parts, (body[:7], body[7:]), strict=True), ("0", b""))
        return Reply(sent, chunked=True)

    assert ALL == ask(script).words


@pytest.mark.parametrize("size", ["-1", "-5", "-0x1", "1_0", "zz", ""])
def test_a_chunk_of_no_size_is_no_answer_and_is_not_read_to_its_end(size: str) -> None:
    limits = replace(QUICK, attempts=1, body_bytes=1 << 16)
    endless = chunks((size, b" " * (1 << 24)))
    tracemalloc.start()
    told = ask(always(Reply(endless, chunked=True, hang_up=True)), CALLS[:1], limits)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told.words[0] in {"<unreachable>", "<bad_reply>"}
    assert most < 1 << 23


def test_compressed_bodies_are_not_opened() -> None:
    bomb = gzip.compress(b" " * 10**7)
    encoded = (("Content-Encoding", "gzip"),)
    assert ask(always(Reply(bomb, headers=encoded))).words == ["<bad_reply>"] * 5
    small = gzip.compress(json.dumps({"jsonrpc": "2.0", "id": 1, "result": "a"}).encode())
    told = ask(always(Reply(small, headers=encoded)), CALLS[:1])
    assert told.words == ["<bad_reply>"]
    assert told.headers[0]["Accept-Encoding"] == "identity"


def test_a_cut_off_body_is_asked_again() -> None:
    assert ask(first(Reply(b"[{", length=500), GOOD)).words == ALL
    assert ask(always(Reply(b"[{", length=500))).words == ["<unreachable>"] * 5


def test_a_closed_connection_is_opened_again() -> None:
    told = ask(first(Reply(drop=True), GOOD))
    assert (told.words, told.pauses) == (ALL, [0.5])
    assert ask(always(Reply(drop=True))).words == ["<unreachable>"] * 5


def test_an_idle_connection_that_the_server_closed_is_opened_again() -> None:
    with serve(lambda request, number: replace(GOOD(request, number), hang_up=True)) as server:
        source = source_at(server.url)
        for _ in range(3):
            assert source.ask(CALLS[:1])[0].result == "0x0"
            time.sleep(0.05)
        source.close()


def test_silence_is_given_up() -> None:
    limits = Limits(read_seconds=0.1, attempts=2)
    told = ask(delayed(GOOD, 0.5), CALLS[:1], limits)
    assert told.words == ["<unreachable>"]
    assert len(told.requests) == limits.attempts


def test_a_slow_method_is_waited_for() -> None:
    scan = (Call("scantxoutset", ("start",)),)
    told = ask(delayed(GOOD, 0.4), scan, Limits(read_seconds=0.1, attempts=1))
    assert told.words == ["start"]


def test_a_port_nobody_listens_on() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pauses: list[float] = []
    exchanges = source_at(f"http://127.0.0.1:{port}", pauses).ask(CALLS)
    assert {exchange.error for exchange in exchanges} == {"unreachable"}
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ((("Retry-After", "7"),), 7.0),
        ((("Retry-After", "100000"),), 120.0),
        ((("Retry-After", "never"),), 0.5),
        ((), 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_servers_wish_to_wait_is_obeyed(
    status: int, headers: tuple[tuple[str, str], ...], pause: float
) -> None:
    told = ask(first(Reply(b"slow down", status, headers), GOOD))
    assert (told.words, told.pauses) == (ALL, [pause])


def test_a_wish_may_be_a_date() -> None:
    headers = (("Retry-After", "Fri, 01 Jan 1999 00:00:00 GMT"),)
    told = ask(first(Reply(b"", 429, headers), GOOD))
    assert (told.words, told.pauses) == (ALL, [0.0])


@pytest.mark.parametrize(
    ("status", "code", "attempts"),
    [
        (429, "throttled", 3),
        (500, "unreachable", 3),
        (502, "unreachable", 3),
        (503, "unreachable", 3),
        (401, "unreachable", 1),
        (403, "unreachable", 1),
        (404, "unreachable", 1),
        (204, "unreachable", 1),
        (206, "unreachable", 1),
    ],
)
def test_only_status_200_is_an_answer(status: int, code: str, attempts: int) -> None:
    def script(request: Json, number: int) -> Reply:
        return Reply(GOOD(request, number).body if status != 204 else b"", status)

    told = ask(script)
    assert [f"<{code}>"] * 5 == told.words
    assert attempts == len(told.requests)


def capped(cap: int, refusal: Reply) -> Script:
    """Refuse batches of more calls than a cap."""

    def script(request: Json, number: int) -> Reply:
        size = len(request) if isinstance(request, list) else 1
        return GOOD(request, number) if size <= cap else refusal

    return script


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(b"", 400),
        Reply(b"", 413),
        Reply(b"<html>too many", 422),
        Reply(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch too large"}}'),
        Reply(b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"batch too large"}}'),
    ],
)
@pytest.mark.parametrize(("cap", "sizes"), [(3, [5, 3, 2]), (2, [5, 3, 2, 1, 2]), (5, [5])])
def test_a_server_that_refuses_a_batch_gets_smaller_ones(
    refusal: Reply, cap: int, sizes: list[int]
) -> None:
    told = ask(capped(cap, refusal))
    assert (told.words, told.pauses) == (ALL, [])
    assert [len(r) if isinstance(r, list) else 1 for r in told.requests] == sizes


def test_the_smaller_size_is_kept() -> None:
    with serve(capped(2, Reply(b"", 413))) as server:
        source = source_at(server.url)
        source.ask(CALLS)
        asked = len(server.requests)
        source.ask(CALLS)
        source.close()
    assert [2, 2, 1] == [
        len(request) if isinstance(request, list) else 1 for request in server.requests[asked:]
    ]


def test_a_server_that_refuses_every_request_gives_each_call_its_error() -> None:
    told = ask(capped(0, Reply(b"", 400)))
    assert ["<unreachable>"] * 5 == told.words
    assert told.pauses == []


def test_the_pace_is_asked_before_every_request() -> None:
    paced: list[int] = []
    with serve(first(Reply(b"", 503), GOOD)) as server:
        endpoint = Endpoint("node-1", "acme", server.url)
        source = HttpSource(endpoint, lambda _seconds: None, Limits(batch=3), pace=paced.append)
        source.ask(CALLS)
        source.close()
    assert paced == [3, 3, 2]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with serve(GOOD) as other:
        told = ask(always(Reply(b"", status, (("Location", other.url),))))
        assert other.requests == []
    assert told.words == ["<unreachable>"] * 5
    assert len(told.requests) == 1


def test_a_nodes_error_is_final_and_a_throttle_is_not() -> None:
    def refuse(code: int) -> Script:
        return honest(lambda _m, _p: {"error": {"code": code, "message": "m"}})

    told = ask(first(refuse(-32000), GOOD))
    assert told.words == ["<rpc_error>"] * 5
    assert len(told.requests) == 1
    assert ask(first(refuse(-32005), GOOD)).words == ALL
    assert ask(refuse(429)).words == ["<throttled>"] * 5


def test_only_what_failed_is_asked_again() -> None:
    def moody(_method: str, params: list[Json]) -> dict[str, Json]:
        if params[0] == "0x1":
            return {"error": {"code": -32005, "message": "m"}}
        return {"error": {"code": -1}} if params[0] == "0x3" else {"result": params[0]}

    told = ask(honest(moody))
    assert told.words == ["0x0", "<throttled>", "0x2", "<rpc_error>", "0x4"]
    assert [request["params"] for request in told.requests[1:]] == [["0x1"], ["0x1"]]


def core_reply(status: int, error: Json) -> Script:
    def script(request: Json, _number: int) -> Reply:
        body = {"result": None, "error": error, "id": request["id"]}
        return Reply(json.dumps(body).encode(), status)

    return script


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_core_nodes_put_errors_under_other_statuses(status: int) -> None:
    with serve(core_reply(status, {"code": -8, "message": "m"})) as server:
        found = source_at(server.url, dialect="core").ask(CALLS[:1])
        assert [exchange.error for exchange in found] == ["rpc_error"]
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_other_nodes_do_not(status: int) -> None:
    told = ask(always(Reply(b'{"jsonrpc":"2.0","error":{"code":-8},"id":null}', status)))
    assert told.words == ["<unreachable>"] * 5


@pytest.mark.parametrize(
    "script", [core_reply(500, None), always(Reply(b"no", 500)), always(Reply(b"", 404))]
)
def test_a_core_status_without_an_error_object_is_no_answer(script: Script) -> None:
    with serve(script) as server:
        found = source_at(server.url, dialect="core").ask(CALLS[:1])
    assert [exchange.error for exchange in found] == ["unreachable"]


def test_a_core_node_that_is_loading_is_asked_again() -> None:
    with serve(core_reply(500, {"code": -28, "message": "Loading block index..."})) as server:
        found = source_at(server.url, dialect="core").ask(CALLS[:1])
        assert [exchange.error for exchange in found] == ["unreachable"]
        assert len(server.requests) == QUICK.attempts
