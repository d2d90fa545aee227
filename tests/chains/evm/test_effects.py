"""What a receipt says was moved and paid: transfers that count, every kind of fee, hostile logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from chains.evm.calls import MalformedAnswer
from chains.evm.effects import MAX_GAS, TRANSFER, Effects, Transfer, decode_effects
from chains.wire import decode_json, encode_json
from tests.chains.evm.fakechain import ALICE, BOB, CAROL, COIN, COIN_ASSET
from tests.chains.evm.receipts import FEE, GAS, MOST, PRICE, TXID, receipt, transfer_log, without

if TYPE_CHECKING:
    from tests.misbehaving import Json

TOKENS = {COIN.lower(): COIN_ASSET}


def decoded(result: Json, kind: int = 2) -> Effects | None:
    frozen = decode_json(encode_json(_tuples(result)))
    return decode_effects(frozen, TXID, kind, TOKENS)


def _tuples(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def transfers(*logs: Json) -> tuple[Transfer, ...]:
    found = decoded(receipt(5, *logs))
    assert found is not None
    return found.transfers


def fee(kind: int = 2, **change: Json) -> int | None:
    found = decoded(receipt(**change), kind)
    assert found is not None
    return found.fee


def test_the_topic_is_the_events_hash() -> None:
    assert f"0x{keccak(b'Transfer(address,address,uint256)').hex()}" == TRANSFER


def test_transfers_of_known_tokens_are_read_in_order() -> None:
    first = Transfer(COIN_ASSET, ALICE, BOB, 500)
    largest = Transfer(COIN_ASSET, CAROL, CAROL, MOST)

    assert (first, largest) == transfers(
        transfer_log(500), transfer_log(MOST, CAROL, CAROL, index=10)
    )
    assert (first, first) == transfers(transfer_log(500), transfer_log(500, index=1))
    assert (first,) == transfers(transfer_log(500, address=COIN))
    assert None is decoded(None)


OTHER = "0x" + "ab" * 32


@pytest.mark.parametrize(
    "log",
    [
        transfer_log(1, address=ALICE.lower()),
        transfer_log(1, topics=[]),
        transfer_log(1, topics=[TRANSFER]),
        transfer_log(1, topics=transfer_log(1)["topics"][:2]),
        transfer_log(1, topics=[*transfer_log(1)["topics"], OTHER]),
        transfer_log(1, topics=[OTHER, *transfer_log(1)["topics"][1:]]),
        transfer_log(1, data="0x"),
        transfer_log(1, data="0x" + "00" * 31),
        transfer_log(1, data="0x" + "00" * 33),
        transfer_log(1, data="0x" + "00" * 64),
        transfer_log(1, data="0x" + "00" * 500_000),
    ],
)
def test_other_events_are_passed_over(log: Json) -> None:
    assert () == transfers(log)
    assert 1 == len(transfers(log, transfer_log(2, index=1)))


@pytest.mark.parametrize(
    "logs",
    [
        [None],
        ["0x"],
        [{}],
        [transfer_log(1), transfer_log(1)],
        [transfer_log(1, index=1), transfer_log(1, index=0)],
        [transfer_log(1, removed=True)],
        [transfer_log(1, removed="false")],
        [transfer_log(1, transactionHash=OTHER)],
        [transfer_log(1, address=COIN[:-1])],
        [transfer_log(1, address=None)],
        [transfer_log(1, data=None)],
        [transfer_log(1, data=1)],
        [transfer_log(1, topics=None)],
        [transfer_log(1, topics=[TRANSFER, 1, 2])],
        [transfer_log(1, topics=[TRANSFER, OTHER, OTHER])],
        [transfer_log(1, topics=[TRANSFER, ALICE, BOB])],
        [transfer_log(1, topics=["0x" + "AB" * 32])],
        [transfer_log(1, logIndex=0)],
        *([without(transfer_log(1), name)] for name in without(transfer_log(1), "removed")),
    ],
)
def test_a_log_that_contradicts_its_form_spoils_the_receipt(logs: list[Json]) -> None:
    with pytest.raises(MalformedAnswer):
        decoded(receipt(5, *logs))


def test_fees_of_every_kind() -> None:
    assert FEE == fee()
    assert 0 == fee(effectiveGasPrice="0x0")
    assert FEE + 77 == fee(l1Fee=hex(77))
    assert FEE == fee(l1Fee=None)
    assert FEE == fee(operatorFeeScalar="0x0", operatorFeeConstant="0x0")
    assert FEE + 131_072 * 3 == fee(3, blobGasUsed=hex(131_072), blobGasPrice="0x3")
    assert FEE == fee(2, blobGasUsed=hex(131_072))
    assert (MAX_GAS - 1) * MOST == fee(gasUsed=hex(MAX_GAS - 1), effectiveGasPrice=hex(MOST))


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (2, {"effectiveGasPrice": None}),
        (2, {"operatorFeeScalar": "0x1"}),
        (2, {"operatorFeeConstant": "0x1"}),
        (2, {"tokenRatio": "0x1"}),
        (3, {}),
        (3, {"blobGasUsed": "0x20000"}),
        (3, {"blobGasPrice": "0x1"}),
    ],
)
def test_a_fee_that_is_not_all_there_is_not_known(kind: int, change: dict[str, Json]) -> None:
    assert None is fee(kind, **change)


@pytest.mark.parametrize(
    "result",
    [
        {},
        [],
        "0x1",
        without(receipt(), "logs"),
        without(receipt(), "gasUsed"),
        receipt(logs={}),
        receipt(logs=None),
        receipt(gasUsed=GAS),
        receipt(gasUsed=None),
        receipt(gasUsed=hex(MAX_GAS)),
        receipt(effectiveGasPrice=PRICE),
        receipt(effectiveGasPrice="0x01"),
        receipt(effectiveGasPrice=hex(2**256)),
        receipt(l1Fee="77"),
        receipt(operatorFeeScalar=True),
        receipt(contractAddress="0x"),
        receipt(contractAddress=7),
    ],
)
def test_a_receipt_that_is_none_is_refused(result: Json) -> None:
    with pytest.raises(MalformedAnswer):
        decoded(result)


def test_blob_gas_has_a_limit() -> None:
    with pytest.raises(MalformedAnswer):
        decoded(receipt(blobGasUsed=hex(MAX_GAS), blobGasPrice="0x1"), 3)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    )
)
def test_only_malformed_answers_come_out(value: Json) -> None:
    log = transfer_log(1)
    bent = (log | {name: value} for name in log)
    for result in (value, receipt(logs=value), *(receipt(logs=(one,)) for one in bent)):
        try:
            decode_effects(result, TXID, 3, TOKENS)
        except MalformedAnswer:
            continue
