"""Addresses after a stated last index."""

from __future__ import annotations

import pytest

from chains.evidence import MarginAddress
from chains.families import addresses_beyond
from chains.utxo import descriptors
from chains.utxo.descriptors import beyond, derive
from config.errors import InputError
from tests.chains.utxo import rows
from tests.chains.utxo.keys import A, B

CHAIN = rows.LITECOIN_REGTEST
TEXT = f"wpkh({A}/<0;1>/*)"


def test_they_are_those_of_a_higher_last_index() -> None:
    stated, whole = derive(CHAIN, TEXT, 9), derive(CHAIN, TEXT, 14)
    found = beyond(CHAIN, TEXT, 9, 5)
    assert [10, 11, 12, 13, 14] * 2 == [index for _, index in found]
    rest = [one.address for one in whole if one not in stated]
    assert rest == [address for address, _ in found]
    named = addresses_beyond(CHAIN, f"{TEXT}?last=9", 5)
    assert named == tuple(MarginAddress(*one) for one in found)


def test_the_index_is_that_of_the_range_wherever_it_stands() -> None:
    text = f"wsh(sortedmulti(2,{A}/0/5,{B}/*))"
    assert [4, 5] == [index for _, index in beyond(CHAIN, text, 3, 2)]


def test_what_has_no_range_has_nothing_beyond() -> None:
    assert () == beyond(CHAIN, f"wpkh({A}/0/7)", 0, 1000)
    assert () == addresses_beyond(CHAIN, f"wpkh({A}/0/7)", 1000)
    assert () == beyond(CHAIN, TEXT, 9, 0)


def test_indexes_end_where_hardened_ones_begin() -> None:
    highest = 2**31 - 1
    assert [highest] == [index for _, index in beyond(CHAIN, f"wpkh({A}/*)", highest - 1, 1000)]
    assert () == beyond(CHAIN, f"wpkh({A}/*)", highest, 1000)


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "MAX_ADDRESSES", 9)
    with pytest.raises(InputError, match="margin of 10 addresses, at most 9 are allowed"):
        beyond(CHAIN, TEXT, 9, 5)
    with pytest.raises(InputError, match="not an output descriptor"):
        beyond(CHAIN, "wpkh(nothing)", 9, 5)
