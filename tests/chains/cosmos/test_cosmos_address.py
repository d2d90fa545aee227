from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chains.cosmos.address import PREFIXES, address_of_key, parse_address
from chains.utxo import bech32
from config.caip import ChainId
from config.errors import InputError
from tests.chains.account_rows import BOSTROM, COSMOS, vectors

TEXT = "cosmos1qjjjur5et06eszh82pfv7kvdnu3sur23x00t3g"
MADE = vectors("cosmos-adr36-made")
CHAINS = {"cosmos": COSMOS, "bostrom": BOSTROM}


def encoded(prefix: str, payload: bytes, constant: int = bech32.BECH32) -> str:
    return bech32.encode(prefix, bech32.digits_of(payload), constant)


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_address(COSMOS, text)
    return caught.value.what


def test_one_case_or_the_other() -> None:
    assert parse_address(COSMOS, TEXT) == TEXT
    assert parse_address(COSMOS, TEXT.upper()) == TEXT


def test_the_same_key_on_two_chains() -> None:
    # Both texts stand in the published claim.
    row = vectors("cosmos-adr36")[0]
    key = base64.b64decode(row["pub_key"])
    assert address_of_key(BOSTROM, key) == row["address"]
    assert address_of_key(COSMOS, key) == TEXT
    assert "prefix 'bostrom', the chain uses 'cosmos'" in refused(row["address"])


@pytest.mark.parametrize(
    ("key", "address"),
    [
        # fetchai/fetchd 14cfdab1 x/did/spec/testing.md
        (
            "03dfd0a469806d66a23c7c948f55c129467d6d0974a222ef6e24a538fa6882f3d7",
            "cosmos1sl48sj2jjed7enrv3lzzplr9wc2f5js5tzjph8",
        ),
        (
            "03786095e15eb228f4e15692eda6e0607a313cc081ad54d69aadd15d515e304590",
            "cosmos1lvl2s8x4pta5f96appxrwn3mypsvumukvk7ck2",
        ),
    ],
)
def test_the_address_of_a_key(key: str, address: str) -> None:
    assert address_of_key(COSMOS, bytes.fromhex(key)) == address
    assert parse_address(COSMOS, address) == address


@pytest.mark.parametrize("row", MADE, ids=lambda row: row["address"])
def test_the_addresses_of_another_implementation(row: dict[str, str]) -> None:
    chain = CHAINS[row["address"].partition("1")[0]]
    assert address_of_key(chain, base64.b64decode(row["public_key"])) == row["address"]
    assert parse_address(chain, row["address"]) == row["address"]


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_a_changed_letter_or_case_is_refused(place: int) -> None:
    letter = TEXT[place]
    for other in {letter.upper(), "q" if letter != "q" else "p"} - {letter}:
        assert "address" in refused(TEXT[:place] + other + TEXT[place + 1 :])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (encoded("cosmos", b"\x07" * 32), "32 bytes"),
        (encoded("cosmos", b"\x07" * 19), "19 bytes"),
        (encoded("cosmos", b""), "0 bytes"),
        (encoded("cosmos", b"\x07" * 20, bech32.BECH32M), "bech32m"),
        (encoded("cosmosvaloper", b"\x07" * 20), "prefix 'cosmosvaloper'"),
        (encoded("inj", b"\x07" * 20), "prefix 'inj'"),
        (f" {TEXT}", "no prefix"),
        ("", "no prefix"),
        ("cosmos1", "0 characters"),
        ("cosmos", "no prefix"),
        ("x" * 100_000, "at most 90"),
    ],
)
def test_other_text_is_refused(text: str, why: str) -> None:
    assert refused(text).startswith("not an address of cosmos: ")
    assert why in refused(text)


def test_padding_that_is_not_zero_is_refused() -> None:
    digits = (*bech32.digits_of(b"\x07" * 20), 0)
    assert "padding" in refused(bech32.encode("cosmos", digits, bech32.BECH32))


def test_a_chain_without_a_prefix_is_refused() -> None:
    injective = replace(COSMOS, id=ChainId("cosmos:injective-1"), name="injective")
    assert injective.id not in PREFIXES
    with pytest.raises(InputError, match="no address prefix known"):
        parse_address(injective, TEXT)
    with pytest.raises(InputError, match="no address prefix known"):
        address_of_key(injective, bytes(33))


@given(st.text(max_size=60) | st.from_regex(r"cosmos1[02-9ac-hj-np-z]{38}", fullmatch=True))
@example(TEXT)
def test_nothing_but_input_error_escapes(text: str) -> None:
    try:
        found = parse_address(COSMOS, text)
    except InputError:
        return
    assert parse_address(COSMOS, found) == found


@given(st.binary(min_size=20, max_size=20))
def test_every_account_has_one_canonical_form(payload: bytes) -> None:
    text = encoded("cosmos", payload)
    assert parse_address(COSMOS, text) == text
    assert parse_address(COSMOS, text.upper()) == text
