"""Proofs that hold, and every way to change one that does."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InputError
from proofs.liabilities.commitment import Refused, Tree, commit, commitment_document, tree_of
from proofs.liabilities.commitment import read_commitment as read_published
from proofs.liabilities.encoding import customer_id
from proofs.liabilities.inclusion import (
    Claimant,
    Inclusion,
    check,
    check_balances,
    inclusion_document,
    read_inclusion,
)
from tests.proofs.liabilities.pol import ALICE, BOB, VECTOR, Slot, grow

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER: dict[str, object] = {
    "assets": [
        {"decimals": 8, "index": 0, "instrument": "coin0"},
        {"decimals": 8, "index": 1, "instrument": "coin1"},
    ]
}
GROWN = grow(
    (ALICE, BOB, Slot("1003", "carol@example.com", 0), Slot("1001", "alice@example.com", 5, 0, 1)),
    (replace(ALICE, asset=1, amount=9), replace(BOB, asset=1, amount=1)),
    header=HEADER,
)
PROOF = GROWN.proof(ALICE)
CLAIMANT = GROWN.claimant(ALICE)
DOCUMENT = inclusion_document(PROOF)


def verdict(document: object, claimant: Claimant = CLAIMANT) -> str:
    """Give the reason of a refusal, `unreadable`, or what was shown."""
    try:
        shown = check(read_inclusion(json.dumps(document).encode(), "proof.json"), claimant)
    except Refused as refused:
        return refused.reason
    except InputError:
        return "unreadable"
    return repr(shown)


def changed(*path: str | int, to: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return document


def test_good_proofs_show_what_is_owed() -> None:
    assert "{0: 75, 1: 9}" == verdict(DOCUMENT)
    assert "{0: 50, 1: 1}" == verdict(inclusion_document(GROWN.proof(BOB)), GROWN.claimant(BOB))
    assert PROOF.commitment.named


def test_the_published_vector_is_accepted() -> None:
    grown = grow((ALICE, BOB))
    document = inclusion_document(grown.proof(ALICE))

    assert VECTOR["set"] == document["set"]
    assert "{0: 70}" == verdict(document, grown.claimant(ALICE))
    assert not grown.commitment.named


def leaves_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves_of(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves_of(inner, (*path, place))
    else:
        yield path, value


@pytest.mark.parametrize(("path", "value"), list(leaves_of(DOCUMENT)), ids=str)
def test_every_changed_value_is_refused(path: tuple[str | int, ...], value: object) -> None:
    others: list[object] = [None, "", [], {}, True, -1]
    if isinstance(value, str):
        others += [
            value + "0",
            value[:-1],
            *(value[:i] + "f" + value[i + 1 :] for i in range(len(value))),
        ]
        others += [f"{value} ", value.upper(), "0" + value]
    if isinstance(value, int):
        others += [value + 1, value - 1, 2**40, str(value)]
    for other in others:
        if other != value or isinstance(other, bool):
            assert "{" != verdict(changed(*path, to=other))[0]


@pytest.mark.parametrize("size", range(0, len(json.dumps(DOCUMENT)), 7))
def test_a_cut_file_is_not_readable(size: int) -> None:
    with pytest.raises(InputError):
        read_inclusion(json.dumps(DOCUMENT).encode()[:size], "proof.json")


def test_a_share_left_out_shows_less_and_a_share_twice_is_refused() -> None:
    less = changed("shares", to=DOCUMENT["shares"][:1])  # type: ignore[index]
    twice = changed("shares", to=[*DOCUMENT["shares"], DOCUMENT["shares"][0]])  # type: ignore[index, misc]
    shown = check(read_inclusion(json.dumps(less).encode(), "p"), CLAIMANT)

    assert {0: 70} == shown
    with pytest.raises(Refused, match="balance_differs"):
        check_balances(shown, {0: 75})
    with pytest.raises(Refused, match="balance_differs"):
        check_balances(shown, {0: 70, 1: 9})
    assert "share_twice" == verdict(twice)
    assert "no_shares" == verdict(changed("shares", to=[]))


def test_one_leaf_cannot_be_shown_to_two_customers() -> None:
    stranger = customer_id("1009", "mallory@example.com")

    assert "path_differs" == verdict(DOCUMENT, replace(CLAIMANT, customer=stranger))
    assert "path_differs" == verdict(DOCUMENT, replace(CLAIMANT, key=GROWN.claimant(BOB).key))
    assert "not_published" == verdict(DOCUMENT, replace(CLAIMANT, published=bytes(32)))


@pytest.mark.parametrize(
    ("path", "to", "reason"),
    [
        (("snapshot",), "00" * 32, "unreadable"),
        (("version",), "polv2", "unreadable"),
        (("shares", 0, "amount"), "-70", "out_of_range"),
        (("shares", 0, "amount"), str(2**128), "out_of_range"),
        (("shares", 0, "amount"), "070", "out_of_range"),
        (("shares", 0, "amount"), 70, "unreadable"),
        (("shares", 0, "position"), "4", "out_of_range"),
        (("shares", 0, "index"), 2, "share_of_no_asset"),
        (("shares", 0, "split"), 65536, "out_of_range"),
        (("shares", 0, "siblings"), [], "wrong_length"),
        (("shares", 0, "siblings"), [["00" * 32, "1"]] * 41, "wrong_length"),
        (("shares", 0, "siblings", 0, 1), str(2**128 - 1), "overflow"),
        (("assets", 0, "height"), 3, "root_differs"),
        (("assets", 0, "total"), "74", "root_differs"),
        (("assets", 1, "index"), 0, "assets_out_of_order"),
        (("assets", 0, "instrument"), "coin1", "names_differ"),
        (("assets", 0, "decimals"), 18, "names_differ"),
        (("assets", 0, "root"), "00" * 32, "root_differs"),
        (("set",), "00" * 32, "set_differs"),
        (("header", "assets"), [], "root_differs"),
    ],
)
def test_reasons_are_named(path: tuple[str | int, ...], to: object, reason: str) -> None:
    assert reason == verdict(changed(*path, to=to))


def test_two_assets_have_no_common_root() -> None:
    tree = GROWN.commitment.trees[0]
    twice = commit(HEADER, (tree, tree))

    with pytest.raises(Refused, match="assets_out_of_order"):
        read_published(json.dumps(commitment_document(twice)).encode(), "c")


def test_a_header_that_names_other_assets_is_refused() -> None:
    for listed in (
        *([{"index": 0}], [{"instrument": "coin1"}, {}], [{}, {"decimals": 18}]),
        *([{"index": False}, {}], [{}, {"index": True}]),
    ):
        header: dict[str, object] = {"assets": listed}
        grown = grow((ALICE,), (replace(ALICE, asset=1),), header=header)
        with pytest.raises(Refused, match="names_differ"):
            read_published(json.dumps(commitment_document(grown.commitment)).encode(), "c")


def test_a_commitment_is_read_back_and_each_change_is_refused() -> None:
    document = commitment_document(GROWN.commitment)
    data = json.dumps(document).encode()

    assert GROWN.commitment == read_published(data, "commitment.json")
    for path, value in leaves_of(document):
        broken = copy.deepcopy(document)
        inner: Any = broken
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value + 1 if isinstance(value, int) else value[:-1] + "_"
        with pytest.raises((Refused, InputError)):
            read_published(json.dumps(broken).encode(), "commitment.json")


@given(st.binary(max_size=400))
def test_any_bytes_give_only_our_own_errors(data: bytes) -> None:
    for read in (read_inclusion, read_published):
        with pytest.raises((InputError, Refused)):
            read(data, "proof.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.text(max_size=5) | st.just("00" * 32),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from([path for path, _ in leaves_of(DOCUMENT)]), JSON)
def test_any_value_in_any_place_gives_only_our_own_errors(
    path: tuple[str | int, ...], value: object
) -> None:
    document = changed(*path, to=value)
    if document != DOCUMENT:
        assert "{" != verdict(document)[0]


def test_the_broken_node_of_sums_alone_shows_two_customers_one_total() -> None:
    """Hu, Zhang and Guo (IACR 2018/1139): acted out, and refused here.

    A node that hashes its children's sum alone lets a prover show 70 to one customer and 50 to the
    other under a total of 70, each with a sibling that makes up the rest.
    """
    alice, bob = (GROWN.share(0, place) for place in (0, 1))
    total = 70

    def shown(amount: int) -> tuple[int, ...]:
        return amount, total - amount

    assert [total, total] == [sum(shown(alice.amount)), sum(shown(bob.amount))]

    claimed = grow((ALICE, replace(BOB, amount=0)))
    top = claimed.commitment.trees[0]
    lying = tree_of(claimed.commitment.snapshot, Tree(0, "coin0", 8, 1, top.top, total, b""))
    commitment = commit({}, (lying,))
    to_alice = Inclusion(commitment, (claimed.share(0, 0),))
    honest = grow((ALICE, BOB)).share(0, 1)
    zeroed = replace(honest, siblings=(honest.siblings[0][:32] + (20).to_bytes(16, "big"),))
    to_bob = Inclusion(commitment, (zeroed,))
    grown = grow((ALICE, BOB))

    assert {0: 70} == check(to_alice, replace(grown.claimant(ALICE), published=commitment.digest))
    with pytest.raises(Refused, match="path_differs"):
        check(to_bob, replace(grown.claimant(BOB), published=commitment.digest))
