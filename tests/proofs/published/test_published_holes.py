"""What the formats do not bind, acted out: such files pass, and the reading names the hole."""

from __future__ import annotations

import json
from itertools import count

import pytest

from proofs.published import bitget as bitget_format
from proofs.published import bybit as bybit_format
from proofs.published import okx_2023
from proofs.published.form import Published, RefusedPublished, outcome_of
from proofs.published.formats import reader
from tests.proofs.published.forging import (
    MAKERS,
    Told,
    bitget,
    document,
    okx_shares,
    okx_tree,
    sha,
    vector,
)

ALICE, BOB = 70, 50


def read(name: str, data: bytes) -> Published:
    return reader(name)[0](data, "x")


def test_makers_write_what_an_honest_publisher_writes() -> None:
    for name, make in MAKERS.items():
        shown = read(name, make((ALICE, BOB), ALICE + BOB, Told(ALICE, BOB, left=True)))

        assert "agrees" == outcome_of(shown)


@pytest.mark.parametrize("name", MAKERS)
def test_total_can_be_the_largest_balance_instead_of_the_sum(name: str) -> None:
    """IACR 2018/1139: 70 and 50 are owed; the root says 70 in all, and both are content."""
    make = MAKERS[name]
    alice = read(name, make((ALICE, BOB), ALICE, Told(ALICE, 0, left=True)))
    bob = read(name, make((ALICE, BOB), ALICE, Told(BOB, ALICE - BOB, left=False)))

    assert alice.root_computed == bob.root_computed
    assert alice.total == bob.total
    assert ("agrees", "agrees") == (outcome_of(alice), outcome_of(bob))
    assert "sum_only_total_not_bound" in alice.caveats


@pytest.mark.parametrize("name", MAKERS)
def test_negative_amount_beside_the_path_is_taken_and_named(name: str) -> None:
    """Alice is shown -50 beside her 70: 20 in all."""
    shown = read(name, MAKERS[name]((ALICE, BOB), 20, Told(ALICE, -50, left=True)))

    assert "agrees" == outcome_of(shown)
    assert {"negative_not_refused", "negative_amount_met"} <= set(shown.caveats)


def test_a_published_file_has_negative_sums() -> None:
    shown = read("bitget", vector("bitget-2026.json"))
    beside = document("bitget-2026.json")["path"][17]["balances"]

    assert ("-13103141.20252456", "-17044640.83423542") == (beside["USDT"], beside["USDC"])
    assert "negative_amount_met" in shown.caveats
    assert "negative_amount_met" not in read("bitget", vector("bitget-readme.json")).caveats


def test_cut_hashes_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    """One root for two balances of one leaf: 2^8 tries at 16 bits here, 2^32 at the format's 64."""
    digits = 4
    monkeypatch.setattr(bitget_format, "CUT", digits)
    by_hash: dict[str, int] = {}
    for balance in count(1):
        made = sha(f'user0,nonce,{{"BTC":"{balance}"}}')[:digits]
        if made in by_hash:
            break
        by_hash[made] = balance
    first, second = by_hash[made], balance

    # The leaf is the same one, so the root is, and a sum beside it takes up the difference.
    shown = [
        read("bitget", bitget((one, BOB), 10**6, Told(one, 10**6 - one, left=True), digits))
        for one in (first, second)
    ]
    assert first != second
    assert shown[0].root_computed == shown[1].root_computed
    assert ["agrees", "agrees"] == [outcome_of(one) for one in shown]
    assert "hash_cut_to_64_bits" in shown[0].caveats


def test_digits_can_be_shared_among_coins_in_another_way() -> None:
    """Of one leaf, 11 BTC and 0.5 ETH, or 1 BTC and 10.5 ETH: the digits hashed are 110.50."""

    customer = sha("anyone")
    one = okx_2023.share_hash(customer, (("BTC", "11"), ("ETH", "0.5"), ("USDT", "0")))
    other = okx_2023.share_hash(customer, (("BTC", "1"), ("ETH", "10.5"), ("USDT", "0")))
    assert one == other
    shown = read("okx-2023", okx_shares(("11", "0.5", "0"), ("11", "0.5", "0")))
    assert "amounts_run_together" in shown.caveats


def test_negative_leaves_are_taken_and_named() -> None:
    shown = read("okx-2023", okx_shares(("2", "0", "0"), ("5", "0", "0"), ("-3", "0", "0")))
    assert "negative_amount_met" in shown.caveats

    tree = "\n".join(okx_tree((70, -50), (None, 0))).encode()
    shown = read("okx-2023-tree", tree)
    assert "agrees" == outcome_of(shown)
    assert ("BTC", "20") in shown.total
    assert "negative_amount_met" in shown.caveats


def test_digits_of_a_root_can_be_shared_among_coins_in_another_way() -> None:
    whole = json.loads(MAKERS["okx-v1"]((1, 2), 11, Told(1, 10, left=True)))
    hashes = (whole["self"]["hash"], whole["path"][0]["hash"])
    roots = []
    for total, beside in ((("11", "0.5"), ("10", "0.5")), (("1", "10.5"), ("0", "10.5"))):
        whole["path"][1]["hash"] = sha(f"{hashes[0]}{hashes[1]}110.502")
        for node, (btc, eth) in ((whole["path"][1], total), (whole["path"][0], beside)):
            node["balances"] = {"BTC": btc, "ETH": eth, "USDT": "0"}
        shown = read("okx-v1", json.dumps(whole).encode())
        assert "agrees" == outcome_of(shown)
        roots.append((shown.root_computed, shown.total))

    assert roots[0][0] == roots[1][0]
    assert roots[0][1] != roots[1][1]


def test_node_cannot_pose_as_a_leaf_where_the_publisher_lets_it() -> None:
    """The publisher takes any text as `userHash`, and 9 places: a node's text is then a leaf's."""
    whole = json.loads(MAKERS["bybit"]((ALICE, BOB), ALICE + BOB, Told(ALICE, BOB, left=True)))
    hashes = (whole["self"]["hash"], whole["path"][0]["hash"])
    amounts = whole["path"][1]["balance"]
    posing = whole["self"] | {
        "userHash": hashes[0] + hashes[1],
        "hash": whole["path"][1]["hash"],
        "balance": amounts | {"XRP": f"{amounts['XRP']}2"},
    }
    # The hash that the publisher's verifier makes of these fields is the node's.
    text = posing["userHash"] + "".join(posing["balance"].values())
    assert posing["hash"] == bybit_format.text_hash(text)

    with pytest.raises(RefusedPublished) as caught:
        read("bybit", json.dumps(whole | {"self": posing}).encode())
    assert caught.value.reason == "amount_malformed"
    posing["balance"] = amounts
    with pytest.raises(RefusedPublished) as caught:
        read("bybit", json.dumps(whole | {"self": posing}).encode())
    assert caught.value.reason == "hash_malformed"


@pytest.mark.parametrize("name", MAKERS)
def test_two_customers_can_be_given_one_leaf(name: str) -> None:
    """Both are owed 70, and each is handed this file: nothing in it is his alone."""
    data = MAKERS[name]((ALICE, BOB), ALICE + BOB, Told(ALICE, BOB, left=True))
    shown = read(name, data)

    assert "agrees" == outcome_of(shown)
    assert "no_customer_binding" in shown.caveats
