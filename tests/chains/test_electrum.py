"""The Electrum source against a server in this process that does everything wrong."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chains.electrum.source import ElectrumSource, version_call
from chains.evidence import Call, Sweep
from chains.sweep import expand
from chains.transport import Endpoint
from tests.chains.electrum_server import (
    ALL,
    CALLS,
    GOOD,
    GREETING,
    QUICK,
    ask,
    error,
    first,
    greeted,
    reply,
    serve,
    source_at,
)

if TYPE_CHECKING:
    from chains.electrum.limits import Limits
    from tests.chains.electrum_server import Item, Peer, Script

MANY = tuple(Call("echo", (f"{number}",)) for number in range(1000))

NOTICE = {"jsonrpc": "2.0", "method": "blockchain.headers.subscribe", "params": [{"height": 1}]}


def attempts(count: int) -> Limits:
    return replace(QUICK, attempts=count)


def collected(peer: Peer, count: int) -> list[Item]:
    """Read some requests before anything is answered."""
    return [request for _, request in zip(range(count), peer, strict=False)]


def altered(members: Item) -> Script:
    """Answer everything, but change the members of the third reply."""

    def script(peer: Peer) -> None:
        for number, request in enumerate(peer):
            peer.send({**reply(request), **(members if number == 2 else {})})

    return greeted(script)


def test_answers_come_in_the_order_of_the_calls() -> None:
    told = ask(GOOD)
    assert ALL == told.words
    assert 1 == told.server.connections
    assert [] == told.pauses


def test_nothing_is_asked_before_the_protocol_is_agreed_on() -> None:
    quiet: list[bool] = []

    def script(peer: Peer) -> None:
        (request,) = collected(peer, 1)
        quiet.append(peer.silent_for(0.1))
        peer.send(reply(request))
        GOOD(peer)

    told = ask(script)
    assert ALL == told.words
    assert [True] == quiet
    greeting = told.server.requests[0][0]
    assert ("server.version", ["custody-attest", ["1.4", "1.6"]]) == (
        greeting["method"],
        greeting["params"],
    )


def test_many_calls_are_on_their_way_together() -> None:
    def script(peer: Peer) -> None:
        # Answers nothing until as many requests have come as may be on their way at once.
        while requests := collected(peer, 100):
            peer.send(*map(reply, requests))

    told = ask(greeted(script), MANY)
    assert [f"{number}" for number in range(1000)] == told.words
    assert 1 == told.server.connections


def test_no_more_calls_are_on_their_way_than_the_limit() -> None:
    quiet: list[bool] = []

    def script(peer: Peer) -> None:
        requests = collected(peer, 7)
        quiet.append(peer.silent_for(0.1))
        peer.send(*map(reply, requests))
        GOOD(peer)

    told = ask(greeted(script), MANY[:20], replace(QUICK, flight=7))
    assert [f"{number}" for number in range(20)] == told.words
    assert [True] == quiet


def test_no_more_bytes_are_on_their_way_than_the_limit() -> None:
    sizes: list[int] = []

    def script(peer: Peer) -> None:
        sizes.append(len(collected(peer, 2)))
        assert peer.silent_for(0.1)
        peer.send(*map(reply, peer.requests[1:]))
        GOOD(peer)

    long = tuple(Call("echo", ("x" * 1000 + f"{number}",)) for number in range(6))
    told = ask(greeted(script), long, replace(QUICK, flight_bytes=2500))
    assert [call.params[0] for call in long] == told.words
    assert [2] == sizes
    # One request over the limit goes alone.
    alone = ask(GOOD, long[:2], replace(QUICK, flight_bytes=10))
    assert [call.params[0] for call in long[:2]] == alone.words


def test_no_call_is_written_before_its_pace_allows_it() -> None:
    sent: list[int] = []
    seen: list[int] = []
    with serve(GOOD) as server:

        def pace(calls: int) -> None:
            sent.append(calls)
            seen.append(len(server.asked))

        endpoint = Endpoint("node-1", "acme", server.url)
        source = ElectrumSource(endpoint, lambda _seconds: None, QUICK, pace=pace)
        assert ALL == [exchange.result for exchange in source.ask(CALLS)]
        source.close()
    assert ([1, 5], [0, 0]) == (sent, seen)


def test_replies_in_any_order_find_their_calls() -> None:
    def script(peer: Peer) -> None:
        peer.send(*map(reply, collected(peer, 5)[::-1]))
        GOOD(peer)

    assert ALL == ask(greeted(script)).words


def test_a_reply_may_come_byte_by_byte() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            for byte in b'{"jsonrpc": "2.0", "result": "0", "id": %d   }\r\n' % request["id"]:
                peer.write(bytes([byte]))

    assert ["0"] == ask(greeted(script), CALLS[:1]).words


def test_lines_may_be_cut_anywhere() -> None:
    def script(peer: Peer) -> None:
        whole = b"".join(json.dumps(reply(item)).encode() + b"\n" for item in collected(peer, 5))
        for start in range(0, len(whole), 37):
            peer.write(whole[start : start + 37])
            time.sleep(0.001)
        GOOD(peer)

    told = ask(greeted(script))
    assert (ALL, 1) == (told.words, told.server.connections)


def test_who_asks_for_the_version_gets_what_the_connection_began_with() -> None:
    told = ask(GOOD, (CALLS[0], version_call(), CALLS[1], version_call()))
    assert ["0", tuple(GREETING), "1", tuple(GREETING)] == told.words
    assert ["server.version", "echo", "echo"] == [
        request["method"] for request in told.server.requests[0]
    ]


def test_who_asks_for_another_version_is_not_given_this_one() -> None:
    other = Call("server.version", ("custody-attest", "1.4"))
    told = ask(GOOD, (other,))
    assert [tuple(GREETING)] == told.words
    assert 2 == len(told.server.requests[0])


@pytest.mark.parametrize("told", ["1.4", "1.4.2", "1.5", "1.6", "1.6.1.1"])
def test_protocols_that_are_understood(told: str) -> None:
    def script(peer: Peer) -> None:
        for request in collected(peer, 1):
            peer.send(reply(request, result=["s", told]))
        GOOD(peer)

    assert ALL == ask(script).words


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"result": ["s", "1.3"]}, "bad_reply"),
        ({"result": ["s", "1.7"]}, "bad_reply"),
        ({"result": ["s", "2.4"]}, "bad_reply"),
        ({"result": ["s", "1.4", "x"]}, "bad_reply"),
        ({"result": ["s", None]}, "bad_reply"),
        ({"result": [1, "1.4"]}, "bad_reply"),
        ({"result": ["s", "1,4"]}, "bad_reply"),
        ({"result": ["s", "1.4\n"]}, "bad_reply"),
        ({"result": "1.4"}, "bad_reply"),
        ({"result": None}, "bad_reply"),
        ({"result": ["s", "1.4"], "error": {}}, "bad_reply"),
        ({"error": {"code": 1, "message": "unsupported protocol version: 1.4"}}, "rpc_error"),
        ({"error": {"code": -102, "message": "server busy"}}, "throttled"),
    ],
)
def test_without_an_understood_protocol_nothing_is_asked(members: Item, code: str) -> None:
    def script(peer: Peer) -> None:
        for request in collected(peer, 1):
            peer.send(reply(request, **members))
        GOOD(peer)

    told = ask(script, (version_call(), *CALLS))
    assert [f"<{code}>"] * 6 == told.words
    assert [] == told.server.asked
    assert QUICK.attempts == told.server.connections


def test_a_closed_connection_is_opened_again_and_answers_are_kept() -> None:
    def script(peer: Peer) -> None:
        peer.send(*map(reply, collected(peer, 5)[:3]))

    told = ask(first(greeted(script)))
    assert (ALL, [0.5]) == (told.words, told.pauses)
    ids = [request["id"] for requests in told.server.requests for request in requests]
    assert len(ids) == len(set(ids)) == 1 + 5 + 1 + 2
    assert [["3"], ["4"]] == [request["params"] for request in told.server.requests[1][1:]]


def test_a_server_that_hangs_up_at_once_is_given_up() -> None:
    def hang_up(_peer: Peer) -> None:
        return

    for script in (hang_up, greeted(hang_up)):
        told = ask(script)
        assert ["<unreachable>"] * 5 == told.words
        assert (QUICK.attempts, [0.5, 1.0]) == (told.server.connections, told.pauses)


def test_half_a_line_is_no_answer() -> None:
    def script(peer: Peer) -> None:
        requests = collected(peer, 5)
        peer.send(reply(requests[0]))
        # All of the object but the end of the line: more digits might have followed.
        peer.write(b'{"jsonrpc":"2.0","result":"x","id":%d}' % requests[1]["id"])

    assert ["0", *["<unreachable>"] * 4] == ask(greeted(script), limits=attempts(1)).words
    assert ALL == ask(first(greeted(script))).words


def test_silence_is_given_up() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            if request["params"] != ["2"]:
                peer.send(reply(request))

    told = ask(greeted(script), limits=replace(QUICK, read_seconds=0.1, attempts=2))
    assert ["0", "1", "<unreachable>", "3", "4"] == told.words
    assert [["2"]] == [request["params"] for request in told.server.requests[1][1:]]


def test_a_server_that_says_nothing_at_all_is_given_up() -> None:
    def script(peer: Peer) -> None:
        list(peer)

    told = ask(script, limits=replace(QUICK, read_seconds=0.1, attempts=2))
    assert ["<unreachable>"] * 5 == told.words


@pytest.mark.parametrize(
    "members",
    [{"id": 10**6}, {"id": None}, {"id": "3"}, {"id": True}, {"id": 1.5}, {"id": [3]}, {"id": -1}],
)
def test_a_reply_to_something_else_drops_the_connection(members: Item) -> None:
    told = ask(altered(members), limits=attempts(1))
    assert ["0", "1", "<bad_reply>", "<bad_reply>", "<bad_reply>"] == told.words
    assert ALL == ask(first(altered(members))).words


@pytest.mark.parametrize(
    "line",
    [
        b"<html>hello</html>",
        b"",
        b"[]",
        b"[{}]",
        b"1",
        b"null",
        b'{"jsonrpc":"2.0","id":2,"result":"a"}{}',
        b'{"jsonrpc":"2.0","id":2,"id":3,"result":"a"}',
        b'{"jsonrpc":"2.0","id":2,"result":NaN}',
        b"\xff\xfe",
        b"[" * 3000,
        b"{}",
        b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"parse error"},"id":null}',
        b'{"jsonrpc":"2.0","method":1}',
    ],
)
def test_a_line_that_is_no_reply_drops_the_connection(line: bytes) -> None:
    def script(peer: Peer) -> None:
        requests = collected(peer, 5)
        peer.send(reply(requests[0]))
        peer.write(line + b"\n")
        peer.send(*map(reply, requests[1:]))
        GOOD(peer)

    assert ["0", *["<bad_reply>"] * 4] == ask(greeted(script), limits=attempts(1)).words
    told = ask(first(greeted(script)))
    assert (ALL, 2) == (told.words, told.server.connections)


@pytest.mark.parametrize(
    "members",
    [
        {"jsonrpc": "1.0"},
        {"jsonrpc": None},
        {"error": None},
        {"error": {"code": 1}},
        {"method": "echo", "jsonrpc": 2},
    ],
)
def test_an_item_that_is_no_reply_fails_its_call_alone(members: Item) -> None:
    told = ask(altered(members), limits=attempts(1))
    assert ["0", "1", "<bad_reply>", "3", "4"] == told.words
    assert 1 == told.server.connections


def test_two_answers_are_none() -> None:
    def script(peer: Peer) -> None:
        requests = collected(peer, 5)
        items = list(map(reply, requests))
        peer.send(*items[:3], reply(requests[1], result="other"), *items[3:])
        GOOD(peer)

    told = ask(greeted(script), limits=attempts(1))
    assert ["0", "<no_reply>", "2", "3", "4"] == told.words
    again = ask(greeted(script))
    assert (ALL, 1) == (again.words, again.server.connections)
    assert [["1"]] == [request["params"] for request in again.server.asked[5:]]


def test_a_second_answer_after_the_batch_drops_the_connection() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            peer.send(reply(request))
            time.sleep(0.02)
            peer.send(reply(request, result="other"))

    with serve(first(greeted(script))) as server:
        source = source_at(server.url)
        assert "0" == source.ask(CALLS[:1])[0].result
        time.sleep(0.1)
        assert "1" == source.ask(CALLS[1:2])[0].result
        source.close()
        assert 2 == server.connections


def test_an_endless_line_is_not_read_to_its_end() -> None:
    written = 0

    def script(peer: Peer) -> None:
        nonlocal written
        collected(peer, 1)
        while True:
            peer.write(b"x" * 100_000)
            written += 100_000

    told = ask(greeted(script), limits=attempts(1))
    assert ["<bad_reply>"] * 5 == told.words
    assert written < 100_000_000
    assert ["<too_large>"] == ask(greeted(script), CALLS[:1]).words


def test_a_line_may_be_as_long_as_the_limit() -> None:
    def sized(length: int) -> Script:
        def script(peer: Peer) -> None:
            for request in peer:
                line = b'{"jsonrpc":"2.0","id":%d,"result":"x"' % request["id"]
                peer.write(line.ljust(length - 1) + b"}\n")

        return greeted(script)

    assert ["x"] == ask(sized(QUICK.line_bytes), CALLS[:1]).words


def test_an_answer_over_the_limit_hinders_no_other_call() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            if request["params"] == ["17"]:
                peer.write(b"x" * 100_000)
            peer.send(reply(request))

    limits = replace(QUICK, flight=64, attempts=4)
    told = ask(greeted(script), MANY[:200], limits)
    expected = [f"{number}" for number in range(200)]
    expected[17] = "<too_large>"
    assert expected == told.words


def test_all_answers_together_are_limited() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            peer.send(reply(request, result="x" * 1000))

    told = ask(greeted(script), MANY[:50], replace(QUICK, reply_bytes=20_000))
    assert ["x" * 1000] * 19 == told.words[:19]
    assert {"<bad_reply>"} == set(told.words[19:])


def test_notices_are_passed_over() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            peer.send(NOTICE, reply(request), NOTICE)

    assert ALL == ask(script, limits=replace(QUICK, strays=12)).words


def test_a_flood_of_notices_drops_the_connection() -> None:
    def script(peer: Peer) -> None:
        collected(peer, 5)
        while True:
            peer.send(NOTICE)

    told = ask(greeted(script), limits=attempts(1))
    assert ["<bad_reply>"] * 5 == told.words
    assert ALL == ask(first(greeted(script))).words


def test_a_flood_of_errors_is_an_error_each() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            peer.send(error(request, -32603, "internal server error"))

    told = ask(greeted(script), MANY)
    assert ["<rpc_error>"] * 1000 == told.words
    assert (1, []) == (told.server.connections, told.pauses)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (1, "history too large"),
        (10001, "history too large"),
        (10001, ""),
        (-32600, "response too large (over 1,000,000 bytes"),
    ],
)
def test_a_history_over_the_servers_limit_is_said_to_be_so(code: int, message: str) -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            busy = request["params"] == ["2"]
            peer.send(error(request, code, message) if busy else reply(request))

    told = ask(greeted(script))
    assert ["0", "1", "<too_large>", "3", "4"] == told.words
    assert 5 == len(told.server.asked)


def test_a_throttled_call_is_asked_again_after_a_pause() -> None:
    def script(peer: Peer) -> None:
        for number, request in enumerate(peer):
            peer.send(error(request, -102) if number == 3 else reply(request))

    told = ask(greeted(script))
    assert (ALL, [0.5], 1) == (told.words, told.pauses, told.server.connections)
    assert [["3"]] == [request["params"] for request in told.server.asked[5:]]


def test_a_server_that_throttles_and_hangs_up_is_waited_for() -> None:
    def script(peer: Peer) -> None:
        requests = collected(peer, 5 if peer.number == 1 else 4)
        peer.send(reply(requests[0]), error(requests[1], -101, "excessive resource usage"))

    told = ask(first(greeted(script), times=2), limits=replace(QUICK, attempts=4))
    assert (ALL, [0.5, 1.0]) == (told.words, told.pauses)
    once = ask(greeted(script), limits=attempts(1))
    assert ["0", *["<throttled>"] * 4] == once.words

    def weary(peer: Peer) -> None:
        for request in collected(peer, 1):
            peer.send(error(request, -101, "excessive resource usage"))

    given_up = ask(greeted(weary), CALLS[:1])
    assert (["<throttled>"], [0.5, 1.0]) == (given_up.words, given_up.pauses)


def test_a_server_that_is_away_is_not_asked_for_every_batch() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pauses: list[float] = []
    source = source_at(f"electrum+tcp://127.0.0.1:{port}", pauses, replace(QUICK, batch=10))
    found = source.ask(MANY)
    assert {"unreachable"} == {exchange.error for exchange in found}
    assert list(MANY) == [exchange.call for exchange in found]
    assert [0.5, 1.0] == pauses


def test_batches_follow_one_another_over_one_connection() -> None:
    told = ask(GOOD, MANY[:95], replace(QUICK, batch=10))
    assert [f"{number}" for number in range(95)] == told.words
    assert 1 == told.server.connections


def test_one_bad_batch_does_not_stop_the_next() -> None:
    def script(peer: Peer) -> None:
        for request in peer:
            known = int(request["params"][0]) >= 10
            peer.send(reply(request) if known else error(request, 2))

    told = ask(greeted(script), MANY[:20], replace(QUICK, batch=10))
    assert ["<rpc_error>"] * 10 + [f"{number}" for number in range(10, 20)] == told.words


def test_nothing_is_asked_for_nothing() -> None:
    told = ask(GOOD, ())
    assert ([], 0) == (told.words, told.server.connections)


def test_an_idle_connection_that_the_server_closed_is_opened_again() -> None:
    def script(peer: Peer) -> None:
        for request in collected(peer, 1):
            peer.send(reply(request))

    with serve(greeted(script)) as server:
        source = source_at(server.url)
        for call in CALLS:
            assert call.params[0] == source.ask([call])[0].result
            time.sleep(0.02)
        source.close()
        assert 5 == server.connections


def test_a_closed_source_can_be_asked_again() -> None:
    with serve(GOOD) as server:
        source = source_at(server.url)
        for _ in range(2):
            assert ALL == [exchange.result for exchange in source.ask(CALLS)]
            source.close()
            source.close()
        ids = [request["id"] for request in server.asked]
    assert len(ids) == len(set(ids))


def test_a_source_that_is_forgotten_leaves_no_connection_open() -> None:
    # Warnings of sockets left open are errors in these tests.
    with serve(GOOD) as server:
        assert ALL == [exchange.result for exchange in source_at(server.url).ask(CALLS)]


def test_a_sweep_is_asked_as_single_calls() -> None:
    sweep = Sweep(Call("echo", ("@",)), ("a", "b"), (CALLS[0],))
    with serve(GOOD) as server:
        source = source_at(server.url)
        column = source.sweep(sweep)
        source.close()
        assert len(expand(sweep)) == len(server.asked)
    assert (("a", "b"), ("0",)) == (column.results, tuple(item.result for item in column.lead))
