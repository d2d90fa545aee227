from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.utxo import cashaddr
from config.errors import InputError

# "Larger test vectors" of the cashaddr specification: spec/cashaddr.md of
# bitcoincashorg/bitcoincash.org.
HASHES = {
    20: "F5BF48B397DAE70BE82B3CCA4793F8EB2B6CDAC9",
    24: "7ADBF6C17084BC86C1706827B41A56F5CA32865925E946EA",
    28: "3A84F9CF51AAE98A3BB3A78BF16A6183790B18719126325BFC0C075B",
    32: "3173EF6623C6B48FFD1A3DCC0CC6489B0A07BB47A37F47CFEF4FE69DE825C060",
    40: "C07138323E00FA4FC122D3B85B9628EA810B3F381706385E289B0B25631197D194B5C238BEB136FB",
    48: (
        "E361CA9A7F99107C17A622E047E3745D3E19CF804ED63C5C40C6BA763696B98241223D8CE62AD48D"
        "863F4CB18C930E4C"
    ),
    56: (
        "D9FA7C4C6EF56DC4FF423BAAE6D495DBFF663D034A72D1DC7D52CBFE7D1E6858F9D523AC0A7A5C34"
        "077638E4DD1A701BD017842789982041"
    ),
    64: (
        "D0F346310D5513D9E01E299978624BA883E6BDA8F4C60883C10F28C2967E67EC77ECC7EEEAEAFC6D"
        "A89FAD72D11AC961E164678B868AEEEC5F2C1DA08884175B"
    ),
}
VECTORS = [
    (20, 0, "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
    (20, 1, "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"),
    (20, 1, "pref:pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5"),
    (24, 0, "bitcoincash:q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0"),
    (24, 1, "bchtest:p9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2u94tsynr"),
    (28, 0, "bitcoincash:qgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcw59jxxuz"),
    (28, 1, "pref:pgagf7w02x4wnz3mkwnchut2vxphjzccwxgjvvjmlsxqwkcrsr6gzkn"),
    (32, 0, "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake"),
    (32, 1, "bchtest:pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6"),
    (
        40,
        0,
        "bitcoincash:qnq8zwpj8cq05n7pytfmskuk9r4gzzel8qtsvwz79zdskftrzxtar994cgutavfklv39gr3uvz",
    ),
    (
        48,
        1,
        (
            "bchtest:ph3krj5607v3qlqh5c3wq3lrw3wnuxw0sp8dv0zugrrt5a3kj6ucysfz8kxwv2k53krr7n933jfsunqnz"
            "f7mt6x"
        ),
    ),
    (
        56,
        0,
        (
            "bitcoincash:qmvl5lzvdm6km38lgga64ek5jhdl7e3aqd9895wu04fvhlnare5937w4ywkq57juxsrhvw8ym5d8q"
            "x7sz7zz0zvcypqscw8jd03f"
        ),
    ),
    (
        64,
        1,
        (
            "pref:plg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nc"
            "hp52amk97tqa5zygg96mg7pj3lh8"
        ),
    ),
]
# The specification's texts with a right checksum and no valid payload, and undefined sizes.
INVALID = [
    "prefix:x64nx6hz",
    "p:gpf8m4h7",
    "bitcoincash:qpzry9x8gf2tvdw0s3jn54khce6mua7lcw20ayyn",
    "bchtest:spectestnetaddressrealrealaddressqpan2k9lh",
    "bchreg:555555555555555555555555555555555555555555555udxmlmrz",
    "prefix:0qxsg0rgpa",
    "prefix:0uwa85v9fp",
]


@pytest.mark.parametrize(("size", "kind", "text"), VECTORS)
def test_vectors(size: int, kind: int, text: str) -> None:
    prefix, _, payload = text.partition(":")
    digest = bytes.fromhex(HASHES[size])
    assert (kind, digest) == cashaddr.decode(prefix, text)
    assert (kind, digest) == cashaddr.decode(prefix, payload)
    assert (kind, digest) == cashaddr.decode(prefix, text.upper())
    assert payload == cashaddr.encode(prefix, kind, digest)


@pytest.mark.parametrize("text", INVALID)
def test_a_right_checksum_alone_is_not_enough(text: str) -> None:
    with pytest.raises(InputError, match=r"payload|padding"):
        cashaddr.decode(text.partition(":")[0], text)


def test_another_prefix_is_refused() -> None:
    text = "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t"
    with pytest.raises(InputError, match="prefix is 'bchtest', the chain uses 'bitcoincash'"):
        cashaddr.decode("bitcoincash", text)
    with pytest.raises(InputError, match="checksum"):
        cashaddr.decode("bitcoincash", text.partition(":")[2])


def test_mixed_case_and_a_double_prefix_are_refused() -> None:
    text = "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"
    hostiles = (text.replace("q", "Q", 1), f"bitcoincash:{text}", f":{text}", f"{text}:", "q" * 131)
    for hostile in hostiles:
        with pytest.raises(InputError):
            cashaddr.decode("bitcoincash", hostile)


def test_every_single_changed_letter_is_refused() -> None:
    text = "qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"
    for index, letter in enumerate(text):
        other = "p" if letter != "p" else "z"
        with pytest.raises(InputError):
            cashaddr.decode("bitcoincash", text[:index] + other + text[index + 1 :])


@given(
    st.integers(0, 15),
    st.sampled_from(cashaddr.SIZES).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
)
def test_round_trip(kind: int, digest: bytes) -> None:
    assert (kind, digest) == cashaddr.decode("bchreg", cashaddr.encode("bchreg", kind, digest))


@given(st.text(max_size=140))
def test_nothing_but_input_errors(text: str) -> None:
    for hostile in (text, f"bitcoincash:{text}"):
        with pytest.raises(InputError):
            cashaddr.decode("bitcoincash", hostile)
