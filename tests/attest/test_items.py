from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.items import CONTRADICTIONS, CheckedItem, Known, check_items, item_questions
from attest.rules.books import REASONS
from chains.movement import Entry, Movement, encode_movement
from chains.snapshot import Question
from config.books.reconciling import ReconcilingItem
from config.caip import AccountId, AssetId, ChainId, InstrumentId
from tests.config.known import BITCOIN, REGISTRY

if TYPE_CHECKING:
    from chains.movement import Side
    from config.books.reconciling import ItemKind

CHAIN, BTC = ChainId(BITCOIN), InstrumentId("btc")
COIN = AssetId(f"{BITCOIN}/slip44:0")
OWN, OTHER_OWN, VIA, STRANGER = "1own", "1hot", "1via", "1stranger"
ONE, TWO = "0a" * 32, "0b" * 32


def account(address: str) -> AccountId:
    return AccountId(f"{BITCOIN}:{address}")


def entry(address: str, units: int, asset: AssetId = COIN) -> Entry:
    return Entry(address, asset, units)


def moved(side: Side, debits: dict[str, int], credits_: dict[str, int]) -> Movement:
    return Movement(
        side,
        "success",
        7 if side == "pin" else None,
        tuple(entry(*one) for one in sorted(debits.items())),
        tuple(entry(*one) for one in sorted(credits_.items())),
        sum(debits.values()) - sum(credits_.values()),
    )


@dataclass(frozen=True)
class World:
    """The answers of a chain, and what is known of accounts."""

    answers: dict[str, Movement]
    counted: tuple[str, ...] = (OWN, OTHER_OWN)
    controlled: tuple[str, ...] = (VIA,)

    def check(self, *items: ReconcilingItem) -> tuple[CheckedItem, ...]:
        known = Known(
            REGISTRY,
            frozenset(map(account, (OWN, OTHER_OWN))),
            frozenset((account(one), BTC) for one in self.counted),
            frozenset(map(account, self.controlled)),
            {
                Question(CHAIN, "movement", txid): encode_movement(one)
                for txid, one in self.answers.items()
            },
        )
        return check_items(items, known)

    def verdict(self, item: ReconcilingItem) -> tuple[str, str]:
        (one,) = self.check(item)
        return one.verdict, one.reason


def item(kind: ItemKind, units: int, *txids: str, at: str = OWN) -> ReconcilingItem:
    return ReconcilingItem(2, kind, BTC, units, CHAIN, txids or (ONE,), account(at), "")


# What each kind looks like when all is right: 100 goes out, 5 is paid to the network.
WITHDRAWN = moved("after", {OWN: 150}, {STRANGER: 100, OWN: 45})
DEPOSITED = moved("pin", {STRANGER: 205}, {OWN: 100, "1change": 100})
LEFT = moved("pin", {OTHER_OWN: 150}, {VIA: 104, OTHER_OWN: 41})
CAME = moved("after", {VIA: 104}, {OWN: 100})
RIGHT = {
    "withdrawal": (item("withdrawal", 100), {ONE: WITHDRAWN}),
    "deposit": (item("deposit", 100), {ONE: DEPOSITED}),
    "transfer": (item("transfer", 100, ONE, TWO), {ONE: LEFT, TWO: CAME}),
    "fee": (item("fee", 5), {ONE: moved("pin", {OWN: 105}, {STRANGER: 100})}),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_an_item_that_its_chain_shows_is_confirmed(kind: str) -> None:
    row, answers = RIGHT[kind]
    (one,) = World(answers).check(row)

    assert ("confirmed", "", True) == (one.verdict, one.reason, one.counts)


@pytest.mark.parametrize("kind", RIGHT)
@pytest.mark.parametrize("more", [-1, 1])
def test_an_amount_is_exact_to_the_unit(kind: str, more: int) -> None:
    row, answers = RIGHT[kind]

    assert ("contradicted", "amount_differs") == World(answers).verdict(
        replace(row, units=row.units + more)
    )


@pytest.mark.parametrize("kind", RIGHT)
def test_the_other_side_of_the_block_is_wrong(kind: str) -> None:
    row, answers = RIGHT[kind]
    for txid, one in answers.items():
        turned = (
            replace(one, side="after", height=None)
            if one.side == "pin"
            else replace(one, side="pin", height=7)
        )

        assert ("contradicted", "wrong_side") == World({**answers, txid: turned}).verdict(row)


@pytest.mark.parametrize("kind", RIGHT)
def test_without_the_chains_word_an_item_is_unchecked(kind: str) -> None:
    row, answers = RIGHT[kind]
    absent = dict.fromkeys(answers, Movement("absent"))

    assert ("unchecked", "not_answered") == World({}).verdict(row)
    assert ("unchecked", "not_in_a_block") == World(absent).verdict(row)
    assert ("unchecked", "no_transaction") == World(answers).verdict(replace(row, txids=()))


@pytest.mark.parametrize("kind", RIGHT)
def test_an_account_that_is_not_declared_or_not_touched_is_a_contradiction(kind: str) -> None:
    row, answers = RIGHT[kind]
    stranger = replace(row, account=account(STRANGER))
    other = replace(row, account=account(OWN if kind == "none" else OTHER_OWN))

    assert ("contradicted", "account_not_declared") == World(answers).verdict(stranger)
    assert ("contradicted", "account_not_touched") == World(answers).verdict(other)


@pytest.mark.parametrize("kind", RIGHT)
def test_an_item_of_an_account_that_does_not_count_changes_nothing(kind: str) -> None:
    row, answers = RIGHT[kind]
    (one,) = World(answers, counted=()).check(row)

    assert ("confirmed", "account_not_counted", False) == (one.verdict, one.reason, one.counts)


@pytest.mark.parametrize("kind", RIGHT)
def test_another_instrument_is_not_touched(kind: str) -> None:
    row, answers = RIGHT[kind]

    assert ("contradicted", "account_not_touched") == World(answers).verdict(
        replace(row, instrument=InstrumentId("eth"))
    )


@pytest.mark.parametrize("kind", ["withdrawal", "deposit", "transfer"])
def test_a_transaction_that_failed_moved_nothing(kind: str) -> None:
    row, answers = RIGHT[kind]
    failed = {
        txid: replace(one, status="failed", debits=(entry(OWN, 5),), credits=(), fee_units=5)
        for txid, one in answers.items()
    }

    assert ("contradicted", "failed") == World(failed).verdict(row)


def test_coins_of_others_in_a_withdrawal_are_a_contradiction() -> None:
    joint = moved("after", {OWN: 100, STRANGER: 50}, {"1else": 100, OWN: 45})

    assert ("contradicted", "others_spend_too") == World({ONE: joint}).verdict(
        item("withdrawal", 100)
    )


def test_a_move_between_own_accounts_is_no_deposit() -> None:
    inside = moved("pin", {OTHER_OWN: 105}, {OWN: 100})

    assert ("contradicted", "own_accounts_alone") == World({ONE: inside}).verdict(
        item("deposit", 100)
    )


def test_a_transfer_goes_by_way_of_somebody_whose_control_is_proved() -> None:
    row, answers = RIGHT["transfer"]

    assert ("unchecked", "way_not_controlled") == World(answers, controlled=()).verdict(row)


def test_a_transfer_arrives_from_where_it_went() -> None:
    row, answers = RIGHT["transfer"]
    elsewhere = moved("pin", {OTHER_OWN: 150}, {STRANGER: 104, OTHER_OWN: 41})
    inside = moved("after", {OTHER_OWN: 104}, {OWN: 100})

    assert ("contradicted", "amount_differs") == World({**answers, ONE: elsewhere}).verdict(row)
    assert ("contradicted", "own_accounts_alone") == World({**answers, TWO: inside}).verdict(row)


def test_a_fee_that_is_not_known_is_not_zero() -> None:
    row, answers = RIGHT["fee"]
    unknown = replace(answers[ONE], fee_units=None)

    assert ("unchecked", "fee_unknown") == World({ONE: unknown}).verdict(row)


def test_a_fee_that_others_share_is_not_the_entitys() -> None:
    joint = moved("pin", {OWN: 55, STRANGER: 50}, {"1else": 100})

    assert ("contradicted", "others_spend_too") == World({ONE: joint}).verdict(item("fee", 5))


def test_one_transaction_counts_once() -> None:
    row = item("withdrawal", 100)
    two_payers = moved("after", {OWN: 75, OTHER_OWN: 75}, {STRANGER: 100, OWN: 45})
    again = replace(row, account=account(OTHER_OWN), line=3)

    first, second = World({ONE: two_payers}).check(row, again)
    assert ("confirmed", "") == (first.verdict, first.reason)
    assert ("contradicted", "used_before") == (second.verdict, second.reason)


def test_one_transaction_may_deposit_at_two_accounts() -> None:
    both = moved("pin", {STRANGER: 205}, {OWN: 100, OTHER_OWN: 100})
    rows = item("deposit", 100), replace(item("deposit", 100), account=account(OTHER_OWN))

    assert ["confirmed"] * 2 == [one.verdict for one in World({ONE: both}).check(*rows)]


def test_a_malformed_answer_is_none() -> None:
    known = Known(REGISTRY, (account(OWN),), (), (), {Question(CHAIN, "movement", ONE): "{}"})
    (one,) = check_items((item("deposit", 1),), known)

    assert ("unchecked", "not_answered") == (one.verdict, one.reason)


def test_every_transaction_is_asked_for_once() -> None:
    rows = item("transfer", 1, ONE, TWO), item("fee", 1), item("fee", 1, TWO)

    assert (
        Question(CHAIN, "movement", ONE),
        Question(CHAIN, "movement", TWO),
    ) == item_questions(rows)


def test_every_reason_has_words() -> None:
    assert CONTRADICTIONS <= REASONS.keys()


@given(
    st.sampled_from(["withdrawal", "deposit", "transfer", "fee"]),
    st.integers(1, 300),
    st.dictionaries(st.sampled_from([OWN, OTHER_OWN, VIA, STRANGER]), st.integers(1, 200)),
    st.dictionaries(st.sampled_from([OWN, OTHER_OWN, VIA, STRANGER]), st.integers(1, 200)),
    st.sampled_from(["pin", "after"]),
)
def test_a_confirmed_item_never_adds_what_did_not_leave(
    kind: ItemKind, units: int, debits: dict[str, int], credits_: dict[str, int], side: Side
) -> None:
    row = item(kind, units, ONE, TWO) if kind == "transfer" else item(kind, units)
    back = moved("after", {VIA: units}, {OWN: units})
    (one,) = World({ONE: moved(side, debits, credits_), TWO: back}).check(row)

    if kind == "transfer" and one.counts:
        assert side == "pin"
        assert credits_[VIA] >= units
        assert debits.keys() <= {OWN, OTHER_OWN}
    if kind == "deposit" and one.counts:
        assert units == credits_[OWN]
