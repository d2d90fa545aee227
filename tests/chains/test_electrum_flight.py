"""What a flight writes, and what each line settles, without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.electrum.flight import Broken, Flight
from chains.electrum.limits import DEFAULT_LIMITS, Limits
from chains.electrum.replies import MAX_READ, read_item
from chains.evidence import Call, Exchange
from chains.recording import MAX_LINE_BYTES, MAX_LOG_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ErrorCode

CALLS = tuple(Call("echo", (f"{number}",)) for number in range(4))

NOTICE = b'{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[]}'


def flight(calls: Sequence[Call] = CALLS, **limits: int) -> Flight:
    return Flight(calls, count(1), replace(DEFAULT_LIMITS, **limits))


def requests(lines: tuple[bytes, ...]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def line(number: int, **members: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, **members}).encode()


def words(flying: Flight) -> list[object]:
    return [item.result if item.error is None else item.error for item in flying.exchanges()]


def test_requests_are_lines_of_json_rpc() -> None:
    flying = flight()
    expected = [
        {"jsonrpc": "2.0", "id": number, "method": "echo", "params": [f"{number - 1}"]}
        for number in range(1, 5)
    ]
    assert expected == requests(flying.due())
    assert () == flying.due()


def test_as_many_are_due_as_there_is_room_for() -> None:
    flying = flight(flight=2)
    assert [1, 2] == [item["id"] for item in requests(flying.due())]
    assert () == flying.due()
    flying.take(line(2, result="1"))
    assert [3] == [item["id"] for item in requests(flying.due())]
    assert ["no_reply", "1", "no_reply", "no_reply"] == words(flying)


def test_it_lands_when_everything_is_settled() -> None:
    flying = flight()
    for _ in requests(flying.due()):
        assert flying.under_way
        assert not flying.landed
    for number in (3, 1, 4, 2):
        flying.take(line(number, result=f"{number - 1}"))
    assert (False, True) == (flying.under_way, flying.landed)
    assert ["0", "1", "2", "3"] == words(flying)


def test_what_broke_the_line_is_asked_after_all_others() -> None:
    flying = flight(flight=2)
    flying.due()
    flying.take(line(1, result="0"))
    flying.broken("unreachable")
    assert ["0", *["unreachable"] * 3] == words(flying)
    flying.repeat()
    assert [["2"], ["3"]] == [item["params"] for item in requests(flying.due())]
    flying.take(line(3, result="2"))
    assert [["1"]] == [item["params"] for item in requests(flying.due())]


def test_a_line_over_the_limit_makes_flights_narrower() -> None:
    flying = flight([CALLS[0]] * 600)
    widths = []
    for _ in range(4):
        widths.append(len(requests(flying.due())))
        flying.broken("too_large")
        flying.repeat()
    assert [256, 32, 4, 1] == widths
    flying.broken("unreachable")
    assert 1 == len(requests(flying.due()))


@pytest.mark.parametrize("code", ["unreachable", "throttled", "bad_reply", "no_reply"])
def test_other_breaks_leave_flights_wide(code: ErrorCode) -> None:
    flying = flight([CALLS[0]] * 600)
    for _ in range(4):
        assert 256 == len(requests(flying.due()))
        flying.broken(code)
        flying.repeat()


def test_a_line_over_the_limit_is_a_calls_own_fault_if_it_was_alone() -> None:
    flying = flight(flight=2)
    flying.due()
    flying.broken("too_large")
    assert ["bad_reply"] * 4 == words(flying)
    flying.repeat()
    flying.due()
    flying.broken("too_large")
    # The third call was alone on its way; the others were not even asked.
    assert ["no_reply", "no_reply", "too_large", "no_reply"] == words(flying)
    assert not flying.landed


def test_who_throttles_one_call_and_hangs_up_has_throttled_all() -> None:
    flying = flight()
    flying.due()
    flying.take(line(2, error={"code": -101, "message": "excessive resource usage"}))
    flying.broken("unreachable")
    assert ["throttled"] * 4 == words(flying)
    flying.repeat()
    flying.due()
    flying.broken("unreachable")
    assert ["unreachable"] * 4 == words(flying)


def test_what_is_known_is_not_asked() -> None:
    flying = flight((CALLS[0], CALLS[1], CALLS[0]))
    flying.known(CALLS[0], "known")
    assert [["1"]] == [item["params"] for item in requests(flying.due())]
    flying.take(line(1, result="1"))
    assert flying.landed
    assert ["known", "1", "known"] == words(flying)


def test_a_third_answer_changes_nothing_more() -> None:
    flying = flight()
    flying.due()
    for number in (1, 1, 1, 2, 3, 4):
        flying.take(line(number, result="x"))
    assert ["no_reply", "x", "x", "x"] == words(flying)
    flying.repeat()
    assert [["0"]] == [item["params"] for item in requests(flying.due())]
    # Another answer to the first asking is late, not a second answer to this one.
    flying.take(line(1, result="late"))
    flying.take(line(5, result="0"))
    assert ["0", "x", "x", "x"] == words(flying)
    assert flying.landed


@pytest.mark.parametrize("number", [True, 1.0, "1", None, [], {}, 0, -1, 5, 10**30])
def test_an_id_that_was_not_given_breaks_the_line(number: object) -> None:
    flying = flight()
    flying.due()
    with pytest.raises(Broken, match="bad_reply"):
        flying.take(json.dumps({"jsonrpc": "2.0", "id": number, "result": "x"}).encode())
    assert ["no_reply"] * 4 == words(flying)


def test_strays_are_counted_over_the_whole_flight() -> None:
    flying = flight(strays=3)
    flying.due()
    for _ in range(3):
        flying.take(NOTICE)
    flying.broken("unreachable")
    flying.repeat()
    flying.due()
    with pytest.raises(Broken, match="bad_reply"):
        flying.take(NOTICE)


def test_bytes_are_counted_over_the_whole_flight() -> None:
    reply = line(1, result="0")
    flying = flight(reply_bytes=len(reply))
    flying.due()
    flying.take(reply)
    with pytest.raises(Broken, match="bad_reply"):
        flying.take(b"")


def test_limits_are_those_of_what_is_recorded() -> None:
    assert Limits() == DEFAULT_LIMITS
    assert (MAX_LINE_BYTES, MAX_LOG_BYTES) == (Limits().line_bytes, Limits().reply_bytes)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 1, "message": "history too large"}, "too_large"),
        ({"code": 10001}, "too_large"),
        ({"code": -32600, "message": "response too large (over 1,000,000 bytes"}, "too_large"),
        ({"code": -32600, "message": "response too large (at least 1020631 bytes)"}, "too_large"),
        ({"code": 1, "message": "Too many history entries"}, "too_large"),
        ({"code": 1, "message": "response line exceeds max_response_bytes"}, "too_large"),
        ("10000+ transactions found, query may take a long time", "too_large"),
        ({"message": "History too large"}, "too_large"),
        ({"code": True, "message": "m"}, "rpc_error"),
        ({"code": "10001"}, "rpc_error"),
        ({"code": 1, "message": ["history too large"]}, "rpc_error"),
        ({"code": 1, "message": " " * MAX_READ + "history too large"}, "rpc_error"),
        ({"code": -101, "message": "excessive resource usage"}, "throttled"),
        ({"code": -102, "message": "server busy - request timed out"}, "throttled"),
        ({"code": -32005, "message": "limit exceeded"}, "throttled"),
        ({"code": -32601, "message": "unknown method"}, "rpc_error"),
        ({"code": 2, "message": "daemon error: DaemonError({'code': -5})"}, "rpc_error"),
        ({}, "rpc_error"),
        ({"code": {}, "message": {}}, "rpc_error"),
        ("missing hash", "rpc_error"),
        ("", "rpc_error"),
        (None, "bad_reply"),
        (1, "bad_reply"),
        ((), "bad_reply"),
        (False, "bad_reply"),
    ],
)
def test_errors_and_their_codes(error: Any, code: str) -> None:  # noqa: ANN401 - whatever JSON holds
    item = {"jsonrpc": "2.0", "id": 1, "error": error}
    assert Exchange(CALLS[0], error=code) == read_item(CALLS[0], item)  # type: ignore[arg-type] # a code of the table above


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int]]:
    """Draw what a server does: each step is an act and the number of an id it does it with."""
    acts = st.sampled_from(["answer", "answer", "answer", "error", "busy", "notice", "break"])
    return draw(st.lists(st.tuples(acts, st.integers(0, 12)), max_size=60))


@given(histories(), st.integers(1, 6))
def test_no_answer_ever_moves_to_another_call(history: list[tuple[str, int]], width: int) -> None:
    flying = flight(flight=width)
    asked: dict[int, str] = {}
    for act, choice in history:
        for item in requests(flying.due()):
            assert item["id"] not in asked
            asked[item["id"]] = item["params"][0]
        if act == "break":
            flying.broken("unreachable")
            flying.repeat()
            continue
        number = choice + 1
        members: dict[str, dict[str, object]] = {
            "answer": {"result": asked.get(number)},
            "error": {"error": {"code": 1, "message": "m"}},
            "busy": {"error": {"code": -102, "message": "m"}},
        }
        try:
            flying.take(NOTICE if act == "notice" else line(number, **members[act]))
        except Broken:
            assert number not in asked
            flying.broken("bad_reply")
            flying.repeat()
    for call, exchange in zip(CALLS, flying.exchanges(), strict=True):
        assert call == exchange.call
        assert exchange.error is not None or exchange.result == call.params[0]


@given(histories())
def test_a_flight_that_is_carried_on_lands(history: list[tuple[str, int]]) -> None:
    flying = flight(flight=3)
    for act, choice in history:
        flying.due()
        if act == "answer" and choice:
            try:
                flying.take(line(choice, result="x"))
            except Broken:
                flying.broken("bad_reply")
        elif act == "break":
            flying.broken("throttled")
            flying.repeat()
    flying.broken("unreachable")
    flying.repeat()
    while not flying.landed:
        for item in requests(flying.due()):
            flying.take(line(item["id"], result=item["params"][0]))
    assert all(item.error is None for item in flying.exchanges())
    assert not flying.under_way
