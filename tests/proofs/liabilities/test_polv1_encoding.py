from __future__ import annotations

import pytest

from config.errors import InputError
from proofs.liabilities.encoding import (
    customer_id,
    customer_key,
    leaf,
    node,
    normalized,
    root,
    salt,
    set_hash,
    snapshot_hash,
)
from tests.proofs.liabilities.pol import ALICE, BOB, MASTER, VECTOR, grow, record

SNAPSHOT = snapshot_hash(b"{}")


def test_the_published_vector() -> None:
    alice = VECTOR["customers"][0]
    customer = customer_id(alice["account"], alice["identifier"])
    key = customer_key(MASTER, customer)
    hidden = salt(key, SNAPSHOT, 0, 0)
    records = [record(slot, {}) for slot in (ALICE, BOB)]
    top = node(1, 0, b"".join(records))

    assert VECTOR["snapshot"] == SNAPSHOT.hex()
    assert [alice["id"], alice["key"], alice["salt"]] == [customer.hex(), key.hex(), hidden.hex()]
    assert [one["leaf"] for one in VECTOR["customers"]] == [one[:32].hex() for one in records]
    assert [70, 50] == [int.from_bytes(one[32:], "big") for one in records]
    assert VECTOR["node"] + (120).to_bytes(16, "big").hex() == top.hex()
    assert VECTOR["root"] == root(SNAPSHOT, 0, 1, top).hex()
    assert VECTOR["set"] == set_hash(SNAPSHOT, (root(SNAPSHOT, 0, 1, top),)).hex()
    assert VECTOR["set"] == grow((ALICE, BOB)).commitment.digest.hex()


def test_a_sum_of_2_to_128_has_no_node() -> None:
    half = bytes(32) + (2**127).to_bytes(16, "big")

    with pytest.raises(OverflowError):
        node(1, 0, half + half)
    assert (2**128 - 1).to_bytes(16, "big") == node(
        1, 0, half + bytes(32) + (2**127 - 1).to_bytes(16, "big")
    )[32:]


@pytest.mark.parametrize("amount", [-1, 2**128])
def test_what_is_no_amount_has_no_leaf(amount: int) -> None:
    with pytest.raises(OverflowError):
        leaf(SNAPSHOT, customer_id("a", "b"), bytes(32), bytes(4) + amount.to_bytes(16, "big"))


def test_account_and_identifier_are_told_apart() -> None:
    made = {customer_id(*both) for both in (("ab", "c"), ("a", "bc"), ("abc", "d"), ("c", "ab"))}

    assert 4 == len(made)


def test_text_is_hashed_in_its_composed_form() -> None:
    assert customer_id("a", "ren\u00e9@example.com") == customer_id("a", "rene\u0301@example.com")
    assert "ren\u00e9" == normalized("rene\u0301")


@pytest.mark.parametrize("text", ["", "x" * 1001, "\ud800"])
def test_text_that_has_no_id_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        customer_id(text, "a@example.com")
    with pytest.raises(InputError):
        customer_id("1001", text)
