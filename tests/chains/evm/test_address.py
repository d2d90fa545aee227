from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from chains.evm.address import checksummed, parse_address
from config.errors import InputError
from tests.chains.evm.fakechain import CHAIN

# From the text of EIP-55.
EIP_55 = (
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
MIXED = EIP_55[4]


@pytest.mark.parametrize("text", EIP_55)
def test_the_vectors_of_eip_55(text: str) -> None:
    assert text == parse_address(CHAIN, text)
    assert text == parse_address(CHAIN, text.lower())


def test_digits_alone_have_no_case() -> None:
    text = "0x" + "12" * 20
    assert text == parse_address(CHAIN, text)


@pytest.mark.parametrize("text", EIP_55[2:])
def test_upper_case_is_refused_where_the_checksum_has_lower(text: str) -> None:
    with pytest.raises(InputError, match="checksum wrong"):
        parse_address(CHAIN, f"0x{text[2:].upper()}")


def test_every_letter_in_the_other_case_is_refused() -> None:
    for place in range(2, 42):
        letter = MIXED[place]
        if letter.isalpha():
            text = MIXED[:place] + letter.swapcase() + MIXED[place + 1 :]
            with pytest.raises(InputError, match=f"{text} for {MIXED}"):
                parse_address(CHAIN, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        MIXED[2:],
        MIXED[:-1],
        MIXED + "0",
        "0X" + MIXED[2:],
        " " + MIXED,
        MIXED + "\n",
        MIXED.replace("5", "g", 1),
        "0x" + "٣" * 40,
        "0x" + "0" * 38 + "ﬀ",
        "vitalik.eth",
        "XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS",
        "0x" + "0" * 64,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="address of anvil not understood"):
        parse_address(CHAIN, text)


@given(st.binary(min_size=20, max_size=20))
def test_the_canonical_form_is_that_of_another_implementation(raw: bytes) -> None:
    canonical = checksummed(raw)
    assert to_checksum_address(raw) == canonical
    assert canonical == parse_address(CHAIN, canonical)
    assert canonical == parse_address(CHAIN, f"0x{raw.hex()}")


@given(st.text())
def test_nothing_but_input_error_escapes(text: str) -> None:
    try:
        parse_address(CHAIN, text)
    except InputError:
        return
