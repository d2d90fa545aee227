from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given

from config.books import assets
from config.books.assets import (
    Expectation,
    OutOfScope,
    OwnAssets,
    expectations,
    parse_own_assets,
    with_own_assets,
)
from config.books.cells import find_asset
from config.caip import AccountId, AssetId, InstrumentId
from config.errors import InputError
from config.registry_checks import check_registry
from tests.config.books.splices import spliced
from tests.config.known import DEAD_BEEF, DONE, GENESIS, READING, REGISTRY, example, refusal

WHOLE = example(assets)
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
GP = AssetId(f"eip155:1/erc20:{DEAD_BEEF}")
DEBT = AssetId(f"eip155:1/erc20:{DONE}")


def read(text: str) -> OwnAssets:
    return parse_own_assets(text.encode(), "a.toml", READING)


def changed(line: str, to: str = "") -> str:
    assert line in WHOLE
    return WHOLE.replace(line, to, 1)


def test_reads_the_example() -> None:
    found = read(WHOLE)
    (instrument,) = found.instruments
    assert ("gamepoint", "Game Point", 8, True) == (
        instrument.id,
        instrument.title,
        instrument.decimals,
        instrument.declared,
    )
    token, debt = (one.row for one in found.assets)
    assert (GP, "gp", 18, "gamepoint", None, True) == (
        token.id,
        token.symbol,
        token.decimals,
        token.instrument,
        token.owes,
        token.declared,
    )
    assert (DEBT, None, None, "usdt") == (debt.id, debt.instrument, debt.wraps, debt.owes)
    assert (OutOfScope(InstrumentId("xrp"), "its chain is not read"),) == found.out


def test_what_is_asked_of_the_chain() -> None:
    gp, debt = AccountId(f"eip155:1:{DEAD_BEEF}"), AccountId(f"eip155:1:{DONE}")
    assert (
        Expectation("code", gp, "", DIGEST),
        Expectation("call", gp, "0x313ce567", f"0x{'0' * 62}12"),
        Expectation("code", debt, "", DIGEST),
        Expectation("call", debt, "0x313ce567", f"0x{'0' * 63}6"),
    ) == expectations(read(WHOLE))


def test_rows_are_added_to_the_registry() -> None:
    registry = with_own_assets(REGISTRY, read(WHOLE))
    assert REGISTRY.assets == registry.assets[:-2]
    assert REGISTRY.instruments == registry.instruments[:-1]
    assert (GP, DEBT) == (registry.asset(GP).id, registry.asset(DEBT).id)
    assert GP == find_asset("ethereum:gp", replace(READING, registry=registry)).id
    assert "gamepoint" == registry.instrument("gamepoint").id
    assert not any(row.declared for row in REGISTRY.assets)
    assert not any(row.declared for row in REGISTRY.instruments)


def test_an_address_may_be_written_in_lower_case() -> None:
    assert read(WHOLE) == read(changed(DEAD_BEEF, DEAD_BEEF.lower()))


@pytest.mark.parametrize(
    ("line", "to", "what"),
    [
        ('id = "gamepoint"', 'id = "usdt"', "instrument.0.id: the registry has it: usdt"),
        ('id = "gamepoint"', 'id = "GP"', "instrument.0.id: not a name: 'GP'"),
        ('id = "gamepoint"', 'id = ""', "instrument.0.id: not a name: ''"),
        ("decimals = 8", "decimals = 37", "instrument.0.decimals: 37, allowed are 0 to 36"),
        ("decimals = 8", "decimals = -1", "instrument.0.decimals: -1, allowed are 0 to 36"),
        ("decimals = 8", "decimals = true", "instrument.0.decimals: input should be a valid int"),
        ("decimals = 8", 'declared = true\nx = "8"', "instrument.0.decimals: missing"),
        (
            "[[asset]]",
            '[[instrument]]\nid = "gamepoint"\ntitle = "Other"\ndecimals = 8\n[[asset]]',
            "instrument.1.id: stated twice, first in instrument.0",
        ),
        (
            'chain = "ethereum"',
            'chain = "bitcoin"',
            "asset.0.chain: bitcoin is of family utxo, not evm",
        ),
        (
            'chain = "ethereum"',
            'chain = "sepolia"',
            "asset.0.chain: sepolia is a test network, the declaration says main",
        ),
        ('chain = "ethereum"', 'chain = "mars"', "asset.0.chain: unknown chain: 'mars'"),
        (
            DEAD_BEEF,
            GENESIS,
            f"asset.0.contract: address of ethereum not understood: '{GENESIS[:20]}'",
        ),
        (DEAD_BEEF, DEAD_BEEF.replace("F", "f"), "asset.0.contract: address checksum wrong"),
        (
            DEAD_BEEF,
            USDT,
            f"asset.0.contract: the registry has it: eip155:1/erc20:{USDT} is usdt",
        ),
        (
            DEAD_BEEF,
            USDT.lower(),
            f"asset.0.contract: the registry has it: eip155:1/erc20:{USDT} is usdt",
        ),
        (DONE, DEAD_BEEF.lower(), "asset.1.contract: stated twice, first in asset.0"),
        (
            'symbol = "gp"',
            'symbol = "usdt"',
            f"asset.0.symbol: usdt on ethereum is eip155:1/erc20:{USDT}",
        ),
        (
            'symbol = "gp"',
            'symbol = "xrp"',
            "asset.0.symbol: xrp is an instrument of the registry",
        ),
        ('symbol = "debt-usdt"', 'symbol = "gp"', "asset.1.symbol: stated twice, first in asset.0"),
        ('symbol = "gp"', 'symbol = "g p"', "asset.0.symbol: not a name: 'g p'"),
        ("decimals = 18", "decimals = 256", "asset.0.decimals: 256, allowed are 0 to 36"),
        (
            'instrument = "gamepoint"',
            'instrument = "usdt"',
            "asset.0.instrument: of the registry: usdt",
        ),
        ("debt = true", "debt = false", "asset.1.instrument: of the registry: usdt"),
        ("debt = true", "", "asset.1.instrument: of the registry: usdt"),
        ("debt = true", "debt = 1", "asset.1.debt: input should be a valid boolean, met 1"),
        (
            'instrument = "gamepoint"',
            'instrument = "gp"',
            "asset.0.instrument: unknown instrument: 'gp'",
        ),
        (DIGEST, DIGEST.upper(), "asset.0.code_sha256: string should match pattern"),
        ("debt = true", "wraps = 'btc'", "asset.1.wraps: unknown key"),
        ('instrument = "xrp"', 'instrument = "xrq"', "out.0.instrument: unknown instrument: 'xrq'"),
        ('reason = "its chain is not read"', "", "out.0.reason: missing"),
        ('reason = "its chain is not read"', 'reason = " "', "out.0.reason: string should match"),
    ],
)
def test_what_is_not_as_documented_is_refused(line: str, to: str, what: str) -> None:
    assert str(refusal(read, changed(line, to))).startswith(f"a.toml: {what}")


def test_an_instrument_is_out_once() -> None:
    text = WHOLE + '[[out]]\ninstrument = "xrp"\nreason = "again"\n'
    assert "a.toml: out.1.instrument: stated twice, first in out.0" == str(refusal(read, text))


def test_a_declared_instrument_may_be_out() -> None:
    text = changed('instrument = "xrp"', 'instrument = "gamepoint"')
    assert "gamepoint" == read(text).out[0].instrument


def test_a_file_that_says_nothing_is_refused() -> None:
    assert "a.toml: no instrument, asset or out" == str(refusal(read, "asset = []\n"))


def test_a_registry_file_cannot_say_what_an_entity_declares() -> None:
    first, *rest = REGISTRY.assets
    for row in (replace(first, declared=True), replace(first, owes=InstrumentId("btc"))):
        error = refusal(check_registry, replace(REGISTRY, assets=(row, *rest)))
        what = "declared or owes: only an entity's own file says so"
        assert f"assets.toml: {first.id}: {what}" == str(error)
    instrument, *others = REGISTRY.instruments
    row_ = replace(instrument, declared=True)
    error = refusal(check_registry, replace(REGISTRY, instruments=(row_, *others)))
    what = "declared: only an entity's own file says so"
    assert f"instruments.toml: {instrument.id}: {what}" == str(error)


@given(spliced(WHOLE))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        parse_own_assets(data, "a.toml", READING)
