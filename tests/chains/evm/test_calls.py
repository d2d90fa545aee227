from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Call
from chains.evm import calls
from chains.evm.calls import (
    Header,
    MalformedAnswer,
    decode_code,
    decode_header,
    decode_quantity,
    decode_word,
)
from tests.chains.evm.fakechain import ALICE, COIN, FakeChain

if TYPE_CHECKING:
    from chains.evidence import Json

HASH = "0x" + "ab" * 32


def test_calls_are_those_of_the_standard() -> None:
    block = calls.by_hash(HASH)
    named: Json = {"blockHash": HASH, "requireCanonical": True}
    data = "0x70a08231" + "00" * 12 + ALICE[2:].lower()
    assert calls.chain_id_call() == Call("eth_chainId", ())
    assert calls.tip_call("finalized") == Call("eth_getBlockByNumber", ("finalized", False))
    assert calls.block_hash_call(255) == Call("eth_getBlockByNumber", ("0xff", False))
    assert calls.block_by_hash_call(HASH) == Call("eth_getBlockByHash", (HASH, False))
    assert calls.balance_call(ALICE, block) == Call("eth_getBalance", (ALICE, named))
    assert calls.code_call(COIN, calls.by_number(0)) == Call("eth_getCode", (COIN, "0x0"))
    expected = Call("eth_call", ({"to": COIN, "data": data}, named))
    assert expected == calls.token_balance_call(COIN, ALICE, block)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0x0", 0), ("0x1", 1), ("0xff", 255), ("0x" + "f" * 64, 2**256 - 1)],
)
def test_quantities(text: str, expected: int) -> None:
    assert expected == decode_quantity(text)


@pytest.mark.parametrize(
    "result",
    [
        None,
        0,
        1,
        True,
        (),
        {},
        "",
        "0",
        "0x",
        "0x00",
        "0x01",
        "0xFF",
        "0X1",
        "-0x1",
        " 0x1",
        "0x1\n",
        "0x1_0",
        "0x1g",
        "0x٣",
        "1",
        "0x1" + "0" * 64,
        "0x" + "f" * 100_000,
    ],
)
def test_other_quantities_are_malformed(result: Json) -> None:
    with pytest.raises(MalformedAnswer):
        decode_quantity(result)


def test_a_word_is_exactly_32_bytes() -> None:
    assert decode_word("0x" + "0" * 63 + "5") == 5
    assert decode_word("0x" + "f" * 64) == 2**256 - 1
    for digits in (*range(64), 65, 66, 128):
        with pytest.raises(MalformedAnswer):
            decode_word("0x" + "0" * digits)
    for result in (None, 0, "0" * 66, "0x" + "F" * 64):
        with pytest.raises(MalformedAnswer):
            decode_word(result)


def test_code_is_whole_bytes_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decode_code("0x") == "0x"
    assert decode_code("0x60ff") == "0x60ff"
    for result in (None, "", "0x6", "0x60FF", "60ff", "0x60 0", 0):
        with pytest.raises(MalformedAnswer):
            decode_code(result)
    monkeypatch.setattr(calls, "MAX_CODE_BYTES", 3)
    assert decode_code("0x010203") == "0x010203"
    with pytest.raises(MalformedAnswer):
        decode_code("0x01020304")


def good_block() -> dict[str, Json]:
    block = FakeChain().block(5)
    assert isinstance(block, dict)
    return block


def test_a_block_gives_its_header() -> None:
    chain = FakeChain()
    expected = Header(5, chain.block_hash(5), chain.block_hash(4), chain.time(5))
    assert expected == decode_header(good_block())


@pytest.mark.parametrize("key", ["number", "hash", "parentHash", "timestamp"])
@pytest.mark.parametrize("value", [None, 5, "", "0x", HASH.upper(), HASH + "0", hex(2**53), {}])
def test_a_header_with_one_field_wrong_is_malformed(key: str, value: Json) -> None:
    with pytest.raises(MalformedAnswer):
        decode_header(good_block() | {key: value})
    block = good_block()
    del block[key]
    with pytest.raises(MalformedAnswer):
        decode_header(block)


@pytest.mark.parametrize("result", [None, (), "0x", 5, {}])
def test_an_unknown_block_is_malformed(result: Json) -> None:
    with pytest.raises(MalformedAnswer):
        decode_header(result)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.from_regex(r"0x[0-9a-f]*"),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(json_values)
def test_nothing_but_malformed_answer_escapes(result: Json) -> None:
    for decode in (decode_quantity, decode_word, decode_code, decode_header):
        try:
            value = decode(result)
        except MalformedAnswer:
            continue
        assert not isinstance(value, int) or 0 <= value < 2**256
