from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Call, Exchange
from chains.jsonrpc import encode_request, read_reply

if TYPE_CHECKING:
    from chains.jsonrpc import Dialect

CALLS = tuple(Call("eth_getBalance", (f"0x{number}",)) for number in range(3))
IDS = (7, 8, 9)
ONE = CALLS[:1]
WORDS = ("a", "b", "c")


def ok(number: object, result: object) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def bad(number: object, code: object = -32000) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": "m"}}


def good_batch() -> list[Any]:
    return [ok(number, word) for number, word in zip(IDS, WORDS, strict=True)]


def read(document: object, dialect: Dialect = "2.0") -> list[object]:
    """Each call's result, or its error in brackets."""
    exchanges = read_reply(json.dumps(document).encode(), CALLS, IDS, dialect)
    return shown(exchanges)


def read_one(document: object, dialect: Dialect = "2.0") -> object:
    return shown(read_reply(json.dumps(document).encode(), ONE, IDS[:1], dialect))[0]


def shown(exchanges: tuple[Exchange, ...]) -> list[object]:
    assert all(exchange.error is None or exchange.result is None for exchange in exchanges)
    return [f"<{item.error}>" if item.error else item.result for item in exchanges]


def test_one_call_is_a_plain_object() -> None:
    request = json.loads(encode_request(ONE, (7,), "2.0"))
    expected = {"jsonrpc": "2.0", "id": 7, "method": "eth_getBalance", "params": ["0x0"]}
    assert expected == request


def test_several_calls_are_a_batch() -> None:
    request = json.loads(encode_request(CALLS, IDS, "core"))
    assert [item["id"] for item in request] == [7, 8, 9]
    assert {item["jsonrpc"] for item in request} == {"1.0"}


def test_an_empty_batch_is_never_sent() -> None:
    with pytest.raises(ValueError, match="without calls"):
        encode_request((), (), "2.0")


def test_replies_are_matched_by_id() -> None:
    assert read(good_batch()) == ["a", "b", "c"]
    assert read(good_batch()[::-1]) == ["a", "b", "c"]


def test_a_dropped_reply_does_not_shift_its_neighbours() -> None:
    for missing in range(3):
        items = good_batch()
        del items[missing]
        expected = ["a", "b", "c"]
        expected[missing] = "<no_reply>"
        assert expected == read(items)


def test_an_id_that_comes_twice_is_no_answer() -> None:
    assert read([*good_batch(), ok(8, "x")]) == ["a", "<no_reply>", "c"]
    assert read([*good_batch(), ok(8, "b")]) == ["a", "<no_reply>", "c"]
    assert read([ok(7, "a"), ok(8, "b"), ok(8, "c")]) == ["a", "<no_reply>", "<no_reply>"]


@pytest.mark.parametrize("number", [6, -7, "7", 7.0, True, None, [7], {}, 2**60])
def test_an_id_that_was_not_sent_spoils_the_whole_reply(number: object) -> None:
    spoilt = ["<bad_reply>"] * 3
    assert spoilt == read([ok(number, "a"), ok(8, "b"), ok(9, "c")])
    assert spoilt == read([*good_batch(), ok(number, "x")])
    assert read_one(ok(number, "a")) == "<bad_reply>"


def test_true_is_not_the_id_one() -> None:
    exchanges = read_reply(json.dumps(ok(True, "a")).encode(), ONE, (1,), "2.0")
    assert shown(exchanges) == ["<bad_reply>"]


def test_null_is_a_result() -> None:
    assert read([ok(7, None), ok(8, "b"), ok(9, "c")]) == [None, "b", "c"]


@pytest.mark.parametrize(
    "item",
    [
        {"id": 8, "result": "b"},
        {"jsonrpc": "1.0", "id": 8, "result": "b"},
        {"jsonrpc": 2, "id": 8, "result": "b"},
        {"jsonrpc": "2.0", "id": 8},
        {"jsonrpc": "2.0", "id": 8, "result": "b", "error": None},
        {"jsonrpc": "2.0", "id": 8, "result": "b", "error": {"code": 1}},
        {"jsonrpc": "2.0", "id": 8, "error": None},
        {"jsonrpc": "2.0", "id": 8, "error": "no"},
        {"jsonrpc": "2.0", "id": 8, "error": []},
    ],
)
def test_an_item_without_the_form_of_a_reply_is_refused_alone(item: dict[str, Any]) -> None:
    assert read([ok(7, "a"), item, ok(9, "c")]) == ["a", "<bad_reply>", "c"]
    assert read_one({**item, "id": 7}) == "<bad_reply>"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-32000, "<rpc_error>"),
        (-32005, "<throttled>"),
        (429, "<throttled>"),
        (-28, "<unreachable>"),
        ("429", "<rpc_error>"),
        (True, "<rpc_error>"),
        (None, "<rpc_error>"),
    ],
)
def test_a_nodes_error_keeps_its_call_and_loses_its_text(code: object, expected: str) -> None:
    assert read([ok(7, "a"), bad(8, code), ok(9, "c")]) == ["a", expected, "c"]
    assert expected == read_one(bad(7, code))
    whole = "<batch_refused>" if expected == "<rpc_error>" else expected
    assert [whole] * 3 == read(bad(None, code))
    assert expected == read_one(bad(None, code))


@pytest.mark.parametrize(
    "document",
    [
        None,
        "no",
        7,
        {},
        [],
        [[]],
        ["a", "b", "c"],
        [None],
        ok(7, "a"),
        {"jsonrpc": "2.0", "id": None, "result": None},
        {"jsonrpc": "2.0", "id": None, "error": "text"},
    ],
)
def test_other_documents_are_no_reply_to_a_batch(document: object) -> None:
    expected = ["<no_reply>"] * 3 if document == [] else ["<bad_reply>"] * 3
    assert expected == read(document)


@pytest.mark.parametrize("document", [[], [ok(7, "a")], ok(8, "a"), None, "a", bad(8), bad("7")])
def test_other_documents_are_no_reply_to_one_call(document: object) -> None:
    assert read_one(document) == "<bad_reply>"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"jsonrpc":"2.0","id":7,"result":"a"',
        b'{"jsonrpc":"2.0","id":7,"result":"a"}{}',
        b'{"jsonrpc":"2.0","id":7,"result":NaN}',
        b'{"jsonrpc":"2.0","id":8,"id":7,"result":"a"}',
        b'{"jsonrpc":"2.0","id":7,"result":"\xff"}',
        b'{"jsonrpc":"2.0","id":7,"result":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_other_bodies_are_refused(body: bytes) -> None:
    assert shown(read_reply(body, ONE, IDS[:1], "2.0")) == ["<bad_reply>"]


def test_numbers_come_without_loss() -> None:
    body = b'{"jsonrpc":"2.0","id":7,"result":[0.1,1e5,9007199254740993,12]}'
    (exchange,) = read_reply(body, ONE, IDS[:1], "2.0")
    assert exchange.result == ("0.1", "1e5", "9007199254740993", 12)


def core(number: object, result: object, error: object = None) -> dict[str, Any]:
    return {"result": result, "error": error, "id": number}


def test_core_nodes_answer_with_both_members() -> None:
    items = [core(7, "a"), core(8, None), core(9, None, {"code": -8, "message": "m"})]
    assert read(items, "core") == ["a", None, "<rpc_error>"]
    assert read_one(core(7, "a"), "core") == "a"
    assert read_one(core(7, None, {"code": -28}), "core") == "<unreachable>"


@pytest.mark.parametrize(
    "item",
    [
        {"result": "b", "id": 8},
        {"error": None, "id": 8},
        {"jsonrpc": "2.0", "result": "b", "error": None, "id": 8},
        core(8, "b", {"code": 1}),
        core(8, None, "text"),
        core(8, None, 0),
    ],
)
def test_core_replies_have_exactly_three_members(item: dict[str, Any]) -> None:
    assert read([core(7, "a"), item, core(9, "c")], "core") == ["a", "<bad_reply>", "c"]


def test_the_dialects_are_not_mixed() -> None:
    assert read([core(7, "a"), core(8, "b"), core(9, "c")], "2.0") == ["<bad_reply>"] * 3
    assert read(good_batch(), "core") == ["<bad_reply>"] * 3


members = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "1.0", 2]),
        "id": st.sampled_from([7, 8, 9, 6, None, True, "7"]),
        "result": st.sampled_from(["a", "b", "c", None]),
        "error": st.none() | st.fixed_dictionaries({"code": st.sampled_from([1, -32005, "x"])}),
    },
)


@given(st.lists(members, max_size=5) | members, st.sampled_from(["2.0", "core"]))
def test_a_value_is_only_ever_that_of_its_own_id(document: Any, dialect: Dialect) -> None:  # noqa: ANN401 - JSON
    exchanges = read_reply(json.dumps(document).encode(), CALLS, IDS, dialect)
    assert [exchange.call for exchange in exchanges] == list(CALLS)
    for number, exchange in zip(IDS, exchanges, strict=True):
        if exchange.error is None:
            own = [item for item in document if item.get("id") == number]
            assert len(own) == 1
            assert exchange.result == own[0]["result"]


@given(st.binary(max_size=300))
def test_any_body_gives_one_exchange_a_call(body: bytes) -> None:
    assert len(read_reply(body, CALLS, IDS, "2.0")) == len(CALLS)
