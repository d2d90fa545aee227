from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.expression import MAX_ADDRESSES, MAX_LENGTH, is_expression, split_expression
from config.errors import InputError

XPUB = (
    "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudh"
    "Ud9yLb6qx39T9nMdj"
)


@pytest.mark.parametrize(
    "text",
    [
        XPUB,
        f"{XPUB}?last=9",
        f"wpkh({XPUB}/0/*)#abcdefgh?last=9",
        "sh(",
        f"xprv{XPUB[4:]}",
        f"Ltub{XPUB[4:]}",
    ],
)
def test_expressions_are_told(text: str) -> None:
    assert is_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
        "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "xpub",
    ],
)
def test_addresses_are_not_expressions(text: str) -> None:
    assert not is_expression(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (XPUB, (XPUB, None)),
        (f"{XPUB}?last=0", (XPUB, 0)),
        (f"{XPUB}?last=99999", (XPUB, 99_999)),
        ("wpkh(x/*)#abcdefgh?last=12", ("wpkh(x/*)#abcdefgh", 12)),
    ],
)
def test_the_last_index_is_parted(text: str, expected: tuple[str, int | None]) -> None:
    assert expected == split_expression(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x?last=", "last index is ''"),
        ("x?last=01", "'01'"),
        ("x?last=-1", "'-1'"),
        ("x?last=+1", r"'\+1'"),
        ("x?last=1 ", "'1 '"),
        ("x?last=1?last=2", "plain digits"),
        ("x?last=\u0661", "plain digits"),
        ("x?first=1", "question mark"),
        ("x?", "question mark"),
        (f"x?last={MAX_ADDRESSES}", "at most 99999"),
        ("x?last=99999999999999999999", "plain digits"),
        ("x" * (MAX_LENGTH + 1), "4097 characters"),
    ],
)
def test_other_endings_are_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        split_expression(text)


@given(st.text(max_size=60).filter(lambda text: "?" not in text), st.integers(0, MAX_ADDRESSES - 1))
def test_round_trip(expression: str, last: int) -> None:
    assert (expression, last) == split_expression(f"{expression}?last={last}")
