from __future__ import annotations

import base58
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chains.tron.address import PREFIX, address_of_key, parse_address
from config.errors import InputError
from tests.chains.account_rows import TRON, vectors

# tronprotocol/documentation, and in the docstring
DOCUMENTED = ("415cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8")
# web3-geek/tronweb 2e02fc4b test/testCase/mainChain/quinceTest2.js
HEX, TEXT = "4199401720e0f05456f60abc65fca08696fa698ee0", "TPwXAV3Wm25x26Q6STrFYCDMM4F59UhXL7"


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_address(TRON, text)
    return caught.value.what


def test_both_forms_of_one_address() -> None:
    assert parse_address(TRON, TEXT) == TEXT
    assert parse_address(TRON, HEX) == TEXT
    assert parse_address(TRON, HEX.upper()) == TEXT
    assert parse_address(TRON, DOCUMENTED[0]) == DOCUMENTED[1]


@pytest.mark.parametrize("row", vectors("tron-v2") + vectors("tron-made"))
def test_published_addresses_are_canonical(row: dict[str, str]) -> None:
    assert parse_address(TRON, row["address"]) == row["address"]


def test_the_address_of_a_key() -> None:
    # The generator point is the key of the secret 1, whose address tronweb's vectors have.
    x = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
    y = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8
    key = x.to_bytes(32, "big") + y.to_bytes(32, "big")
    assert address_of_key(key) == vectors("tron-v2")[0]["address"]


@pytest.mark.parametrize("place", range(34))
def test_a_changed_letter_or_case_is_refused(place: int) -> None:
    letter = TEXT[place]
    for other in {letter.swapcase(), "2" if letter != "2" else "3"} - {letter}:
        assert "address" in refused(TEXT[:place] + other + TEXT[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        f" {TEXT}",
        f"{TEXT} ",
        f"{TEXT}\n",
        TEXT.lower(),
        TEXT[:-1],
        f"{TEXT}1",
        f"1{TEXT}",
        HEX[2:],
        f"0x{HEX}",
        f"0x{HEX[2:]}",
        f"42{HEX[2:]}",
        f"{HEX}0",
        "41" + "٣" * 40,
        "1" * 100_000,
        base58.b58encode_check(PREFIX + b"\x07" * 19).decode(),
        base58.b58encode_check(PREFIX + b"\x07" * 21).decode(),
        base58.b58encode_check(b"\xa0" + b"\x07" * 20).decode(),
        base58.b58encode_check(b"").decode(),
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    assert refused(text).startswith("not an address of tron: ")


def test_length_is_seen_before_any_work() -> None:
    assert refused("1" * 100_000).endswith("not base58 of at most 34 characters")


def test_no_more_than_the_first_letters_are_repeated() -> None:
    secret = "5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS"  # noqa: S105 - a published test key
    assert secret[:6] in refused(secret)
    assert secret[:7] not in refused(secret)


@given(st.text(max_size=60) | st.from_regex(r"T[1-9A-HJ-NP-Za-km-z]{33}", fullmatch=True))
@example(TEXT)
def test_nothing_but_input_error_escapes(text: str) -> None:
    try:
        found = parse_address(TRON, text)
    except InputError:
        return
    assert parse_address(TRON, found) == found


@given(st.binary(min_size=20, max_size=20))
def test_every_account_has_one_canonical_form(payload: bytes) -> None:
    text = base58.b58encode_check(PREFIX + payload).decode()
    assert parse_address(TRON, text) == text
    assert parse_address(TRON, (PREFIX + payload).hex()) == text
