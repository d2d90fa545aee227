"""Places in storage, against places that nodes of Ethereum and other code gave."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from chains.evm.slots import balance_of_word, conditions, place_of, storage_key
from config.registry_files import load_registry
from config.slots import Guard, Slot
from tests.nodes.token import TOKEN_A, balance_slot

REGISTRY = load_registry()
WORDS = st.integers(0, 2**256 - 1)
TREASURY = "0x5754284f345afc66a98fbB0a0Afe71e0F007B949"
"""Of Tether."""


def shipped(symbol: str, chain: str = "ethereum") -> Slot:
    found = {asset.symbol: asset.id for asset in REGISTRY.assets_on(REGISTRY.chain(chain).id)}
    slot = REGISTRY.slot(found[symbol])
    assert slot is not None
    return slot


@pytest.mark.parametrize(
    ("symbol", "holder", "expected"),
    [
        # eth_getProof at blocks 22196273 and 22432262: the holder's balance lies here.
        (
            "usdc",
            "0x37305B1cD40574E4C5Ce33f8e8306Be057fD7341",
            "9254cb65314db3d2d7ca17f753f1d9c7f1b6fa05111d18d10ed5b9519d1b247c",
        ),
        # eth_getProof of CodeSandwich/Snapshop 1646ed05, test/snapshop-test.js.
        ("usdt", TREASURY, "1443dce88f8c7f4f31845046f516109d2f1bbf5d692b3ae975bff8784725ce24"),
    ],
)
def test_where_real_balances_lie(symbol: str, holder: str, expected: str) -> None:
    slot = shipped(symbol)

    assert expected == storage_key(slot, holder).hex()
    assert expected == storage_key(slot, holder.lower()).hex()


def test_the_test_token_s_own_arithmetic_agrees() -> None:
    slot = shipped("usdt", "anvil")

    assert balance_slot(TOKEN_A) == f"0x{storage_key(slot, TOKEN_A).hex()}"


def test_layouts_are_of_their_words_in_order() -> None:
    holder, word = "0x" + "ab" * 20, bytes(12) + b"\xab" * 20
    expected = {
        "solidity": keccak256(word + bytes(31) + b"\x05"),
        "vyper": keccak256(bytes(31) + b"\x05" + word),
        "solady": keccak256(b"\xab" * 20 + bytes(11) + b"\x05"),
    }

    assert expected["solidity"] == place_of("solidity", 5, holder)
    assert expected["vyper"] == place_of("vyper", 5, holder)
    assert expected["solady"] == place_of("solady", 5, holder)


def test_a_namespace_is_a_place_like_a_number() -> None:
    namespace = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
    slot = replace(shipped("dai"), slot=f"0x{namespace:064x}")

    assert place_of("solidity", namespace, TREASURY) == storage_key(slot, TREASURY)


def test_the_blacklist_flag_of_usdc_is_not_money() -> None:
    slot = shipped("usdc")

    assert 4996521887269694 == balance_of_word(slot, 0x11C04F6834033E)
    assert 4996521887269694 == balance_of_word(slot, 1 << 255 | 0x11C04F6834033E)
    assert 0 == balance_of_word(slot, 1 << 255)
    assert 2**255 - 1 == balance_of_word(slot, 2**256 - 1)


@given(WORDS, st.integers(1, 256))
def test_a_balance_is_the_low_bits(word: int, bits: int) -> None:
    slot = replace(shipped("dai"), bits=bits)

    assert word % 2**bits == balance_of_word(slot, word)


def test_usdc_must_be_proved_to_run_the_code_of_its_row() -> None:
    (condition,) = conditions(shipped("usdc"))

    expected = "7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3"
    assert expected == condition.position.hex()
    assert condition.holds(0x43506849D7C04F9138D1A2050BBF3A0C054402DD)
    assert condition.holds(1 << 160 | 0x43506849D7C04F9138D1A2050BBF3A0C054402DD)
    assert not condition.holds(0x43506849D7C04F9138D1A2050BBF3A0C054402DE)
    assert not condition.holds(0)


def test_usdt_must_be_proved_not_to_answer_from_another_contract() -> None:
    (condition,) = conditions(shipped("usdt"))

    assert 10 == int.from_bytes(condition.position, "big")
    assert condition.holds(0)
    assert condition.holds(2**160 - 1)
    assert condition.holds(1 << 168)
    assert not condition.holds(1 << 160)
    assert not condition.holds(1 << 167)


def test_the_implementation_comes_before_the_guards() -> None:
    word = "0x" + "0" * 63
    guard = Guard(f"{word}1", f"{word}f", f"{word}2", "a switch")
    slot = replace(shipped("usdc"), guards=(guard,))

    found = conditions(slot)
    assert [True, False] == [len(f"{one.mask:x}") == 40 for one in found]
    assert (1, 15, 2) == (int.from_bytes(found[1].position, "big"), found[1].mask, found[1].value)
    assert () == conditions(shipped("dai"))


@given(WORDS, WORDS, WORDS)
def test_a_guard_looks_at_its_bits_alone(word: int, mask: int, value: int) -> None:
    guard = Guard(f"0x{1:064x}", f"0x{mask:064x}", f"0x{value & mask:064x}", "bits")
    (condition,) = conditions(replace(shipped("dai"), guards=(guard,)))

    assert all(
        (word >> bit & 1) == (value >> bit & 1) for bit in range(256) if mask >> bit & 1
    ) == condition.holds(word)
