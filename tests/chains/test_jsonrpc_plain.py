"""The short reading of a faultless batch gives what the whole reading gives, or nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains import jsonrpc
from chains.evidence import Call, Exchange
from chains.jsonrpc import read_reply

CALLS = tuple(Call("eth_getBalance", (f"0x{number}",)) for number in range(3))
IDS = (7, 8, 9)
PLAIN = b'[{"jsonrpc":"2.0","id":7,"result":"0x1"},{"jsonrpc":"2.0","id":8,"result":""},'
WHOLE = PLAIN + b'{"jsonrpc":"2.0","id":9,"result":"nodes"}]'


def both(body: bytes) -> tuple[tuple[Exchange, ...] | None, tuple[Exchange, ...]]:
    """Give what the short reading gives, and what the whole one does."""
    short = jsonrpc._read_plain(body, CALLS, IDS)  # noqa: SLF001 - held against the whole reading
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonrpc, "_read_plain", lambda _body, _calls, _ids: None)
        return short, read_reply(body, CALLS, IDS, "2.0")


def test_it_reads_what_most_nodes_write() -> None:
    short, whole = both(WHOLE)
    assert short == whole == tuple(map(Exchange, CALLS, ("0x1", "", "nodes")))
    assert both(WHOLE + b"\n")[0] == whole


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[",
        PLAIN[:-1] + b"]",
        PLAIN + b"]",
        WHOLE[:-1],
        WHOLE + b" ",
        b" " + WHOLE,
        WHOLE + WHOLE,
        WHOLE.replace(b",{", b", {"),
        WHOLE.replace(b",{", b"x{"),
        WHOLE.replace(b'"id":9', b'"id":8'),
        WHOLE.replace(b'"id":9', b'"id":6'),
        WHOLE.replace(b'"id":9', b'"id":"9"'),
        WHOLE.replace(b'"id":9', b'"id":09'),
        WHOLE.replace(b'"id":9', b'"id":9.0'),
        WHOLE.replace(b"nodes", b"\\u0030"),
        WHOLE.replace(b"nodes", b"no des"),
        WHOLE.replace(b"nodes", b"n\xc3\xb6des"),
        WHOLE.replace(b'"nodes"', b"null"),
        WHOLE.replace(b'"nodes"', b"5"),
        WHOLE.replace(b'"result":"nodes"', b'"error":{"code":-32000}'),
        WHOLE.replace(b"2.0", b"2x0"),
        WHOLE.replace(b'"nodes"', b'"nodes","result":"0x1"'),
    ],
)
def test_it_leaves_everything_else_to_the_whole_reading(body: bytes) -> None:
    assert both(body)[0] is None


def test_a_single_call_and_other_dialects_are_read_as_a_whole() -> None:
    one = b'[{"jsonrpc":"2.0","id":7,"result":"0x1"}]'
    assert read_reply(one, CALLS[:1], IDS[:1], "2.0")[0].error == "bad_reply"
    assert {item.error for item in read_reply(WHOLE, CALLS, IDS, "core")} == {"bad_reply"}


ITEMS = st.fixed_dictionaries(
    {"jsonrpc": st.sampled_from(("2.0", "1.0")), "id": st.integers(6, 10)},
    optional={
        "result": st.none() | st.integers() | st.text(max_size=4) | st.text("0xab", max_size=6),
        "error": st.just({"code": -32000, "message": "x"}),
    },
)


@given(items=st.lists(ITEMS, max_size=4), compact=st.booleans())
def test_it_never_differs_from_the_whole_reading(*, items: list[object], compact: bool) -> None:
    body = json.dumps(items, separators=(",", ":") if compact else None).encode()
    short, whole = both(body)
    assert short in {None, whole}


@given(st.permutations(range(3)), st.lists(st.text("0x9afZ", max_size=5), min_size=3, max_size=3))
def test_the_order_of_items_plays_no_part(order: list[int], results: list[str]) -> None:
    items = [{"jsonrpc": "2.0", "id": IDS[at], "result": results[at]} for at in order]
    short, whole = both(json.dumps(items, separators=(",", ":")).encode())
    assert short == whole == tuple(map(Exchange, CALLS, results))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_alike(place: int, byte: int) -> None:
    short, whole = both(WHOLE[:place] + bytes((byte,)) + WHOLE[place + 1 :])
    assert short in {None, whole}
