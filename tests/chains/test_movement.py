"""The answer to what a transaction moved: one value, one text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.movement import (
    MAX_TEXT,
    NOT_THERE,
    Entry,
    Movement,
    confirms,
    decode_movement,
    encode_movement,
    entries_of,
)
from config.caip import AssetId

ETH, USDT = AssetId("eip155:1/slip44:60"), AssetId("eip155:1/erc20:0xA1")
A = '{"address":"0xA","asset":"eip155:1/slip44:60","units":"721"}'
B = '{"address":"0xB","asset":"eip155:1/slip44:60","units":"700"}'
RIGHT = (
    f'{{"credits":[{B}],"debits":[{A}],"fee_payer":"0xA","fee_units":"21","height":7,'
    '"side":"pin","status":"success"}'
)
AFTER = f'{{"credits":[{B}],"debits":[{A}],"fee_units":"21","side":"after","status":"success"}}'
LOST = '{"credits":[],"debits":[],"fee_payer":"0xA","height":7,"side":"pin","status":"failed"}'
GONE = '{"side":"absent"}'


def test_the_forms_that_the_module_shows() -> None:
    debits, received = (Entry("0xA", ETH, 721),), (Entry("0xB", ETH, 700),)
    known = {
        GONE: NOT_THERE,
        RIGHT: Movement("pin", "success", 7, debits, received, 21, "0xA"),
        AFTER: Movement("after", "success", None, debits, received, 21),
        LOST: Movement("pin", "failed", 7, (), (), None, "0xA"),
    }
    for text, value in known.items():
        assert text == encode_movement(value)
        assert value == decode_movement(text)


def test_a_fee_that_is_not_known_is_not_zero() -> None:
    free = Movement("after", "success", fee_units=0)

    assert 0 == decode_movement(encode_movement(free)).fee_units
    assert None is decode_movement(LOST).fee_units


def test_entries_are_sums_in_their_order_without_zeros() -> None:
    moved = [("b", ETH, 5), ("a", USDT, 1), ("a", ETH, 2), ("b", ETH, 6), ("c", ETH, 0)]

    assert (Entry("a", USDT, 1), Entry("a", ETH, 2), Entry("b", ETH, 11)) == entries_of(moved)


def test_only_what_was_absent_may_have_changed() -> None:
    assert confirms(GONE, GONE)
    assert confirms(RIGHT, RIGHT)
    assert confirms(GONE, AFTER)
    assert not confirms(GONE, RIGHT)
    assert not confirms(AFTER, GONE)
    assert not confirms(AFTER, RIGHT)
    assert not confirms(RIGHT, AFTER)
    assert confirms("0x60", "0x60")
    assert not confirms("0x60", "0x")


ENTRIES = st.lists(
    st.tuples(
        st.from_regex(r"\A(?:[0-9A-Za-z]{1,128}|script:(?:[0-9a-f]{2})*)\Z"),
        st.sampled_from([ETH, USDT]),
        st.integers(0, 2**300),
    ),
    max_size=5,
).map(entries_of)


@given(
    st.sampled_from(["pin", "after"]),
    st.sampled_from(["success", "failed"]),
    st.integers(0, 2**53 - 1),
    ENTRIES,
    ENTRIES,
    st.none() | st.integers(0, 2**320),
    st.sampled_from(["", "0xA"]),
)
def test_what_is_written_is_read(
    side: str,
    status: str,
    height: int,
    debits: tuple[Entry, ...],
    received: tuple[Entry, ...],
    fee: int | None,
    payer: str,
) -> None:
    value = Movement(
        side,  # type: ignore[arg-type]  # of the two
        status,  # type: ignore[arg-type]  # of the two
        height if side == "pin" else None,
        debits,
        received if status == "success" else (),
        fee,
        payer,
    )

    assert value == decode_movement(encode_movement(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"side":"here"}',
        '{"side":"pin"}',
        '{"side":"absent","status":"success"}',
        '{"credits":[],"debits":[],"side":"absent"}',
        '{"side":["pin"]}',
        RIGHT.replace("success", "absent"),
        RIGHT.replace('"success"', "null"),
        RIGHT.replace("success", "failed"),
        RIGHT.replace('"height":7,', ""),
        RIGHT.replace("7,", "-1,"),
        RIGHT.replace(":7,", ":true,"),
        RIGHT.replace(":7,", ':"7",'),
        RIGHT.replace(":7,", ":7.0,"),
        RIGHT.replace(":7,", ":9007199254740992,"),
        AFTER.replace('"side"', '"height":7,"side"'),
        RIGHT.replace('"side"', '"block":"0x5f","side"'),
        RIGHT.replace('"21"', "21"),
        RIGHT.replace('"21"', '"021"'),
        RIGHT.replace('"21"', '"-21"'),
        RIGHT.replace('"21"', "null"),
        RIGHT.replace('"21"', f'"1{"0" * 100}"'),
        RIGHT.replace('"fee_payer":"0xA"', '"fee_payer":""'),
        RIGHT.replace('"fee_payer":"0xA"', '"fee_payer":7'),
        RIGHT.replace('"fee_payer":"0xA"', '"fee_payer":"0x A"'),
        RIGHT.replace(f"[{A}]", "[]").replace('"debits":[],', ""),
        RIGHT.replace(f"[{A}]", "{}"),
        RIGHT.replace(f"[{A}]", "[1]"),
        RIGHT.replace(f"[{A}]", f"[{A},{A}]"),
        RIGHT.replace(f"[{A}]", f"[{B},{A}]"),
        RIGHT.replace('"721"', '"0"'),
        RIGHT.replace('"721"', "721"),
        RIGHT.replace('"address":"0xA"', '"address":""'),
        RIGHT.replace('"address":"0xA"', '"address":"a b"'),
        RIGHT.replace('"address":"0xA"', '"address":"script:5"'),
        RIGHT.replace('"address":"0xA"', '"address":"script:5A"'),
        RIGHT.replace('"address":"0xA"', '"address":1'),
        RIGHT.replace('"address":"0xA"', f'"address":"{"a" * 129}"'),
        RIGHT.replace('"asset":"eip155:1/slip44:60"', '"asset":"eth"', 1),
        RIGHT.replace('"asset":"eip155:1/slip44:60"', '"asset":60', 1),
        RIGHT.replace('"units":"721"', '"unit":"721"'),
        RIGHT + "\n",
        RIGHT.replace(":", ": ", 1),
        '{"side":"absent","side":"absent"}',
        " " * (MAX_TEXT + 1),
        "\ud800",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of many
        decode_movement(text)


PIECES = ['"side":', '"pin"', '"status":', '"success"', '"height":7', '"debits":', '"credits":']


@given(st.text(max_size=80) | st.lists(st.sampled_from([*PIECES, *'{}[],"', A, B])).map("".join))
def test_nothing_but_value_errors_comes_out(text: str) -> None:
    try:
        found = decode_movement(text)
    except ValueError:
        return
    assert text == encode_movement(found)
