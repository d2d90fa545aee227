from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import base58
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chains.xrpl.address import address_of_key, parse_address
from config.errors import InputError
from tests.chains.account_rows import XRPL, vectors

if TYPE_CHECKING:
    from typing import Any

TEXT = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
X_ADDRESSES = vectors("xrpl-x-addresses")
KEYS = vectors("xrpl-made") + [row for row in vectors("xrpl-published") if row["valid"]]


def encoded(payload: bytes) -> str:
    return base58.b58encode_check(payload, alphabet=base58.RIPPLE_ALPHABET).decode()


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_address(XRPL, text)
    return caught.value.what


@pytest.mark.parametrize("row", X_ADDRESSES, ids=lambda row: row["x_address"])
def test_an_x_address_is_its_account_only_without_a_tag(row: dict[str, Any]) -> None:
    assert parse_address(XRPL, row["classic"]) == row["classic"]
    if row["tag"] is None:
        assert parse_address(XRPL, row["x_address"]) == row["classic"]
    else:
        assert "tag" in refused(row["x_address"])


def test_an_x_address_of_another_network_is_refused() -> None:
    account = base58.b58decode_check(TEXT, alphabet=base58.RIPPLE_ALPHABET)[1:]
    test = encoded(b"\x04\x93" + account + bytes(9))
    assert test.startswith("T")
    assert "another network" in refused(test)
    assert parse_address(replace(XRPL, network="test"), test) == TEXT


@pytest.mark.parametrize("tail", [b"\x00" * 8 + b"\x01", b"\x02" + b"\x00" * 8, b"\x01" + bytes(8)])
def test_flags_and_tags_of_other_forms_are_refused(tail: bytes) -> None:
    assert "tag" in refused(encoded(b"\x05\x44" + b"\x07" * 20 + tail))


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row["address"])
def test_the_address_of_a_key(row: dict[str, str]) -> None:
    assert address_of_key(bytes.fromhex(row["public_key"])) == row["address"]
    assert parse_address(XRPL, row["address"]) == row["address"]


@pytest.mark.parametrize("place", range(len(TEXT)))
def test_a_changed_letter_or_case_is_refused(place: int) -> None:
    letter = TEXT[place]
    for other in {letter.swapcase(), "2" if letter != "2" else "3"} - {letter}:
        assert "address" in refused(TEXT[:place] + other + TEXT[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "r",
        f" {TEXT}",
        f"{TEXT}\n",
        TEXT.upper(),
        f"r{TEXT}",
        "r" * 100_000,
        encoded(b"\x00" + b"\x07" * 19),
        encoded(b"\x00" + b"\x07" * 21),
        encoded(b"\x21" + b"\x07" * 20),
        encoded(b"\x05\x44" + b"\x07" * 28),
        encoded(b"\x05\x45" + b"\x07" * 20 + bytes(9)),
        "TPwXAV3Wm25x26Q6STrFYCDMM4F59UhXL7",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    assert refused(text).startswith("not an address of xrpl: ")


@given(st.text(max_size=60) | st.from_regex(r"[rX][1-9A-HJ-NP-Za-km-z]{33,46}", fullmatch=True))
@example(TEXT)
def test_nothing_but_input_error_escapes(text: str) -> None:
    try:
        found = parse_address(XRPL, text)
    except InputError:
        return
    assert parse_address(XRPL, found) == found


@given(st.binary(min_size=20, max_size=20))
def test_every_account_has_one_canonical_form(account: bytes) -> None:
    text = encoded(b"\x00" + account)
    assert parse_address(XRPL, text) == text
    assert parse_address(XRPL, encoded(b"\x05\x44" + account + bytes(9))) == text
