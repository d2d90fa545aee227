"""Rows of price feeds in instruments.toml: what is refused, and what is shipped."""

from __future__ import annotations

import pytest

from config.caip import address_of
from config.errors import InputError
from config.registry_files import load_registry, parse_registry
from tests.config.test_registry import is_eip55
from tests.config.test_registry_checks import INSTRUMENT, TEXTS

CONTRACT = "eip155:7:0x5FbDB2315678afecb367f032d93F642f64180aa3"
ROW = f"""
[[feed]]
instrument = "coin"
currency = "eth"
contract = "{CONTRACT}"
description = "COIN / ETH"
decimals = 8
heartbeat = 3600
source = "one"
checked = "two"
"""
OTHER = ROW.replace('"coin"', '"wcoin"')


def parse(text: str) -> int:
    return len(parse_registry({**TEXTS, "instruments.toml": INSTRUMENT + text}).feeds)


def test_rows_are_read_and_may_be_left_out() -> None:
    other = OTHER.replace("5FbD", "6FbD")
    assert [0, 1, 2] == [parse(text) for text in ("", ROW, ROW + other)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ROW + ROW, "feed given twice: coin/eth"),
        (ROW + OTHER, f"feed given twice: {CONTRACT.lower()}"),
        (ROW.replace('"coin"', '"gold"'), "instrument unknown: gold"),
        (ROW.replace('"eth"', '"gold"'), "instrument unknown: gold"),
        (ROW.replace('"eth"', '"coin"'), "priced in itself"),
        (ROW.replace("eip155:7:", "eip155:8:"), "chain unknown: eip155:8"),
        (ROW.replace("aa3", "aa"), "not a contract of an EVM chain"),
        (ROW.replace("COIN / ETH", ""), "description is not"),
        (ROW.replace("COIN / ETH", "x" * 33), "description is not"),
        (ROW.replace("COIN / ETH", "Mün / ETH"), "description is not"),
        (ROW.replace("decimals = 8", "decimals = 37"), "decimals: 37"),
        (ROW.replace("decimals = 8", "decimals = -1"), "decimals: -1"),
        (ROW.replace("3600", "0"), "heartbeat: 0"),
        (ROW.replace("3600", "604801"), "heartbeat: 604801"),
        (ROW.replace('"two"', '"one"'), "source and checked are one place"),
        (ROW.replace('"one"', '""'), "source is empty"),
        (ROW + "deviation = 1\n", "deviation"),
        (ROW.replace("decimals = 8", 'decimals = "8"'), "decimals"),
    ],
)
def test_rows_that_say_nothing_sure_are_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=r"instruments\.toml") as caught:
        parse(text)
    assert why in str(caught.value)


def test_the_shipped_feeds_price_the_main_instruments_in_dollars_on_ethereum() -> None:
    feeds = load_registry().feeds
    assert {
        "btc/usd": ("BTC / USD", 3600),
        "eth/usd": ("ETH / USD", 3600),
        "usdt/usd": ("USDT / USD", 86_400),
        "usdc/usd": ("USDC / USD", 86_400),
        "jpy/usd": ("JPY / USD", 86_400),
        "krw/usd": ("KRW / USD", 86_400),
        "eur/usd": ("EUR / USD", 86_400),
    } == {one.pair: (one.description, one.heartbeat) for one in feeds}
    assert {8} == {one.decimals for one in feeds}
    assert all(one.contract.startswith("eip155:1:") for one in feeds)
    assert all(is_eip55(address_of(one.contract)) for one in feeds)
