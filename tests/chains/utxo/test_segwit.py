"""Many segwit addresses at once: exactly what reading them one by one gives, or nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chains.utxo import scripts
from chains.utxo.address import address_of_script, script_of
from chains.utxo.bech32 import ALPHABET, BECH32, decode_witness, encode, encode_witness
from chains.utxo.bech32 import digits_of as digits_of_bytes
from chains.utxo.scripts import AT_ONCE, read_scripts
from chains.utxo.segwit import digits_of, read_programs
from config.errors import InputError
from tests.chains.utxo import rows

FORMS = ((0, 20), (0, 32), (1, 32))


def programs(size: int, count: int, seed: int = 1) -> list[bytes]:
    source = random.Random(seed)  # noqa: S311 - any bytes will do
    return [source.randbytes(size) for _ in range(count)]


@pytest.mark.parametrize(("version", "size"), FORMS)
@pytest.mark.parametrize("prefix", ["bc", "rltc", "a", "x" * 30, "1y1"])
def test_programs_are_those_of_each(prefix: str, version: int, size: int) -> None:
    if len(prefix) + 1 + digits_of(size) > 90:
        return
    for count in (1, 2, 7, 300):
        own = [b"\x00" * size, b"\xff" * size, *programs(size, count)][-count:]
        texts = [encode_witness(prefix, version, one) for one in own]
        assert tuple(one.hex() for one in own) == read_programs(prefix, version, size, texts)


@pytest.mark.parametrize(("version", "size"), FORMS)
def test_any_changed_letter_gives_no_answer(version: int, size: int) -> None:
    texts = [encode_witness("bc", version, one) for one in programs(size, 5)]
    for place in range(len(texts[0])):
        for letter in (*ALPHABET, "b", "1", "_", " ", "+", "Q", "٣", "!", "\x00"):
            if texts[2][place] == letter:
                continue
            wrong = f"{texts[2][:place]}{letter}{texts[2][place + 1 :]}"
            with pytest.raises(InputError):
                decode_witness("bc", wrong)
            changed = [*texts[:2], wrong, *texts[3:]]
            assert None is read_programs("bc", version, size, changed)


def test_other_forms_give_no_answer() -> None:
    texts = [encode_witness("bc", 0, one) for one in programs(20, 5)]
    others = (
        encode_witness("bc", 0, b"\x07" * 32),
        encode_witness("bc", 1, b"\x07" * 20),
        encode_witness("tb", 0, b"\x07" * 20),
        encode_witness("bc", 0, b"\x07" * 20).upper(),
        "",
        texts[0][:-1],
        f"{texts[0]}q",
    )
    for other in others:
        assert None is read_programs("bc", 0, 20, [*texts, other])
        assert None is read_programs("bc", 0, 20, [other, *texts])
    # The lengths add up, and the boundary between two is elsewhere.
    assert None is read_programs("bc", 0, 20, [texts[0][:-1], texts[0][-1] + texts[1]])
    swapped = [texts[0][:20] + texts[1][20:], texts[1][:20] + texts[0][20:]]
    assert None is read_programs("bc", 0, 20, swapped)
    # Two faults that would cancel each other out if they were only added up.
    twice = [texts[0][:-1] + ("q" if texts[0][-1] != "q" else "p")] * 2
    assert None is read_programs("bc", 0, 20, twice)


def test_the_other_versions_checksum_and_padding_give_no_answer() -> None:
    wrong = [encode_witness("bc", 1, one) for one in programs(32, 3)]
    mixed = [f"{text[:3]}q{text[4:]}" for text in wrong]
    assert None is read_programs("bc", 0, 32, mixed)
    groups = [digits_of_bytes(one) for one in programs(32, 3)]
    padded = [encode("bc", (0, *one[:-1], one[-1] | 1), BECH32) for one in groups]
    with pytest.raises(InputError, match="padding"):
        decode_witness("bc", padded[0])
    assert None is read_programs("bc", 0, 32, padded)


def address(script: bytes) -> str:
    return str(address_of_script(rows.BITCOIN, script))


SCRIPTS = st.one_of(
    st.binary(min_size=20, max_size=20).map(lambda one: b"\x00\x14" + one),
    st.binary(min_size=32, max_size=32).map(lambda one: b"\x00\x20" + one),
    st.binary(min_size=32, max_size=32).map(lambda one: b"\x51\x20" + one),
    st.binary(min_size=20, max_size=20).map(lambda one: b"\x76\xa9\x14" + one + b"\x88\xac"),
    st.binary(min_size=20, max_size=20).map(lambda one: b"\xa9\x14" + one + b"\x87"),
)


@settings(max_examples=60)
@given(st.lists(SCRIPTS, min_size=1, max_size=12))
def test_scripts_of_mixed_addresses(found: list[bytes]) -> None:
    # A few are read at once here already.
    before, scripts.AT_ONCE = scripts.AT_ONCE, 2
    try:
        read_scripts.cache_clear()
        addresses = tuple(map(address, found))
        expected = {one: script_of(rows.BITCOIN, one).hex() for one in addresses}
        met = read_scripts(rows.BITCOIN, addresses)
        assert (expected, list(expected)) == (dict(met), list(met))
    finally:
        scripts.AT_ONCE = before


def test_a_wrong_address_among_many_is_refused_by_its_own_reason() -> None:
    good = [address(b"\x00\x14" + one) for one in programs(20, AT_ONCE + 5)]
    for wrong, why in (
        (good[0][:-1] + ("q" if good[0][-1] != "q" else "p"), "checksum does not match"),
        (good[0][:8] + "b" + good[0][9:], "letter 'b'"),
        ("tb" + good[0][2:], "not an address of bitcoin"),
    ):
        with pytest.raises(InputError, match=why):
            read_scripts(rows.BITCOIN, (*good, wrong))


def test_taproot_addresses_need_a_chain_that_has_taproot() -> None:
    form = rows.BITCOIN.utxo
    assert form is not None
    old = replace(rows.BITCOIN, utxo=replace(form, taproot=False))
    many = tuple(address(b"\x51\x20" + one) for one in programs(32, AT_ONCE))
    assert AT_ONCE == len(read_scripts(rows.BITCOIN, many))
    with pytest.raises(InputError, match="spendable by anyone"):
        read_scripts(old, many)


def test_what_is_kept_cannot_be_changed() -> None:
    found = read_scripts(rows.BITCOIN, (address(b"\x00\x14" + b"\x01" * 20),))
    with pytest.raises(TypeError):
        found["x"] = "y"  # type: ignore[index]  # the very thing that must not be
