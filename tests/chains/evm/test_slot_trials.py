"""What the finder asks, and what it reads out of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256
from hypothesis import given
from hypothesis import strategies as st

from chains.evidence import Call
from chains.evm.calls import MalformedAnswer
from chains.evm.slot_trials import (
    ALL,
    MAX_LISTED,
    OPENZEPPELIN,
    WORDS_TRIED,
    Listing,
    bits_of,
    deciding_bits,
    decode_listing,
    effect_of,
    layouts_among,
    listing_call,
    trial_call,
    variants,
)

if TYPE_CHECKING:
    from chains.evidence import Json

TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"  # noqa: S105 - an address
OTHER = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
HOLDER = "0x37305B1cD40574E4C5Ce33f8e8306Be057fD7341"
PLACE = bytes.fromhex("9254cb65314db3d2d7ab1c0be0fbc0a16d9ecf31fc3c78f1fc3e5b17c21b247c")
ASKED: Json = {"to": TOKEN, "data": f"0x70a08231{'0' * 24}{HOLDER[2:].lower()}"}
KEY = f"0x{'11' * 32}"


def listed(*entries: object) -> dict[str, object]:
    return {"accessList": tuple(entries), "gasUsed": "0x5208"}


def test_the_namespace_is_the_hash_of_its_name() -> None:
    inner = int.from_bytes(keccak256(b"openzeppelin.storage.ERC20"), "big") - 1
    outer = int.from_bytes(keccak256(inner.to_bytes(32, "big")), "big")

    assert OPENZEPPELIN == outer & ~0xFF


def test_a_listing_is_asked_with_two_parameters_unless_words_are_replaced() -> None:
    assert Call("eth_createAccessList", (ASKED, "0x10")) == listing_call(TOKEN, HOLDER, "0x10", {})
    words: Json = {TOKEN: {"stateDiff": {f"0x{PLACE.hex()}": f"0x{999:064x}"}}}
    assert Call("eth_createAccessList", (ASKED, "0x10", words)) == listing_call(
        TOKEN, HOLDER, "0x10", {PLACE: 999}
    )


def test_a_trial_replaces_words() -> None:
    words: Json = {TOKEN: {"stateDiff": {f"0x{PLACE.hex()}": f"0x{ALL:064x}"}}}

    assert Call("eth_call", (ASKED, "0x10", words)) == trial_call(
        TOKEN, HOLDER, "0x10", {PLACE: ALL}
    )


def test_a_listing_is_read() -> None:
    answer = listed(
        {"address": TOKEN.lower(), "storageKeys": (KEY,)},
        {"address": OTHER, "storageKeys": ()},
    )
    expected = Listing(frozenset({b"\x11" * 32}), {OTHER.lower(): frozenset()})

    assert expected == decode_listing(answer, TOKEN)  # type: ignore[arg-type] # built as Json is


def test_an_address_listed_twice_is_joined() -> None:
    twice = listed(
        {"address": TOKEN, "storageKeys": (KEY,)},
        {"address": TOKEN.lower(), "storageKeys": (f"0x{'22' * 32}",)},
    )

    assert frozenset({b"\x11" * 32, b"\x22" * 32}) == decode_listing(twice, TOKEN).own  # type: ignore[arg-type] # the same


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        "0x",
        (),
        {},
        {"accessList": None},
        {"accessList": {}},
        {"accessList": "0x"},
        # Geth lists what was read before the call failed, and says so beside it.
        {"accessList": (), "error": "execution reverted"},
        listed(None),
        listed({"address": TOKEN}),
        listed({"storageKeys": ()}),
        listed({"address": TOKEN[:-1], "storageKeys": ()}),
        listed({"address": f"{TOKEN}\n", "storageKeys": ()}),
        listed({"address": TOKEN, "storageKeys": None}),
        listed({"address": TOKEN, "storageKeys": (1,)}),
        listed({"address": TOKEN, "storageKeys": ("0x1",)}),
        listed({"address": TOKEN, "storageKeys": (f"{KEY}0",)}),
        listed({"address": TOKEN, "storageKeys": (f"0x{'zz' * 32}",)}),
        listed(*({"address": f"0x{n:040x}", "storageKeys": ()} for n in range(MAX_LISTED + 1))),
        listed(
            {"address": TOKEN, "storageKeys": tuple(f"0x{n:064x}" for n in range(MAX_LISTED + 1))}
        ),
    ],
)
def test_other_forms_are_no_listing(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        decode_listing(answer, TOKEN)  # type: ignore[arg-type] # hostile on purpose


def test_listings_are_joined() -> None:
    left = Listing(frozenset({b"a"}), {"0x1": frozenset({b"x"}), "0x2": frozenset()})
    right = Listing(frozenset({b"b"}), {"0x1": frozenset({b"y"}), "0x3": frozenset()})
    expected = Listing(
        frozenset({b"a", b"b"}),
        {"0x1": frozenset({b"x", b"y"}), "0x2": frozenset(), "0x3": frozenset()},
    )

    assert expected == left.joined(right)


def test_a_place_of_mainnet_is_known_as_the_holders() -> None:
    place = keccak256(bytes.fromhex(HOLDER[2:].rjust(64, "0")) + (9).to_bytes(32, "big"))

    assert {("solidity", 9): place} == layouts_among({place, b"\x11" * 32}, HOLDER)
    assert {} == layouts_among({place}, OTHER)


@pytest.mark.parametrize("bits", [10, 96, 128, 255, 256])
def test_low_bits_are_measured(bits: int) -> None:
    mask = (1 << bits) - 1

    assert bits == bits_of([word & mask for word in WORDS_TRIED])


@pytest.mark.parametrize(
    "answers",
    [
        [0, 999, WORDS_TRIED[2], None],
        [None, None, None, None],
        [0, 0, 0, 0],
        # One more than nothing: something is added.
        [1, 1000, WORDS_TRIED[2] + 1, ALL],
        # Bits of the middle, so that all ones are no full row of them.
        [word & ~(1 << 7) for word in WORDS_TRIED],
        # Too few bits to hold 999.
        [word & 0x1FF for word in WORDS_TRIED],
        [word >> 128 for word in WORDS_TRIED],
        # The right number of bits, in another order.
        [0, 999, WORDS_TRIED[2] ^ 1, ALL],
    ],
)
def test_what_is_not_given_back_has_no_bits(answers: list[int | None]) -> None:
    assert bits_of(answers) is None


@pytest.mark.parametrize(
    ("answer", "effect"), [(999, "none"), (0, "switch"), (None, "switch"), (998, "factor")]
)
def test_effects(answer: int | None, effect: str) -> None:
    assert effect == effect_of(answer)


words = st.integers(0, ALL)


@given(words, words)
def test_variants_turn_every_bit_of_the_mask_and_no_other(word: int, mask: int) -> None:
    made = variants(word, mask)

    assert mask.bit_count() + 3 == len(made)
    assert 0 == sum(1 for one in made if (one ^ word) & ~mask)
    assert mask == sum(one ^ word for one in made[:-3])


@given(words, words, words)
def test_the_bits_of_a_switch_are_found(word: int, mask: int, switch: int) -> None:
    switch &= mask
    effects = ["switch" if (one ^ word) & switch else "none" for one in variants(word, mask)]

    assert switch == deciding_bits(word, mask, effects)  # type: ignore[arg-type] # effects as text


def test_a_switch_of_bits_together_takes_the_whole_mask() -> None:
    # Thrown only where the two low bits are both set.
    effects = ["switch" if one & 3 == 3 else "none" for one in variants(0, 0xFF)]

    assert 0xFF == deciding_bits(0, 0xFF, effects)  # type: ignore[arg-type] # the same
