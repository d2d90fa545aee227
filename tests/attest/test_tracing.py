from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.rules.case import NAMED, Case
from attest.rules.parameters import Parameters
from attest.rules.tracing import traced
from attest.tracing import (
    UNKNOWN,
    WORDS,
    Traced,
    TraceVerdict,
    trace_questions,
    trace_rows,
)
from chains.movement import NOT_THERE, Movement, encode_movement
from chains.snapshot import Question
from config.books.sample import SampleRow
from config.caip import AccountId, AssetId, ChainId, InstrumentId
from tests.attest.test_items import CHAIN, ONE, OTHER_OWN, OWN, STRANGER, TWO, account, entry, moved
from tests.config.known import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from chains.movement import Entry
    from config.books.sample import SampleKind

DECLARED = frozenset(map(account, (OWN, OTHER_OWN)))
PAYER, PAYEE = "1payer", "1payee"
ETHEREUM = ChainId("eip155:1")
ETHER = AssetId("eip155:1/slip44:60")
USDC = AssetId("eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
HOT, CONTRACT, CUSTOMER = "0xHot", "0xContract", "0xCustomer"


def row(kind: SampleKind, units: int, at: str | None = None, line: int = 2) -> SampleRow:
    named = None if at is None else account(at)
    return SampleRow(line, kind, InstrumentId("btc"), units, CHAIN, ONE, named, f"{kind} {line}")


def verdict(one: SampleRow, movement: Movement | None) -> TraceVerdict:
    asked = Question(one.chain, "movement", one.txid)
    answers = {} if movement is None else {asked: encode_movement(movement)}
    own = DECLARED | {AccountId(f"{ETHEREUM}:{HOT}")}
    (found,) = trace_rows((one,), REGISTRY, own, answers)
    return found.verdict


CAME = moved("pin", {PAYER: 205}, {OWN: 100, "1change": 100})
WENT = moved("after", {OWN: 300, OTHER_OWN: 60}, {PAYEE: 100, STRANGER: 50, OWN: 205})


def test_a_deposit_reaches_a_declared_account() -> None:
    assert "touches" == verdict(row("deposit", 100), CAME)
    assert "touches" == verdict(row("deposit", 100, OWN), CAME)
    # Who pays with coins of ours among his own is somebody else, too.
    joint = moved("pin", {PAYER: 100, OTHER_OWN: 5}, {OWN: 100})
    assert "touches" == verdict(row("deposit", 100), joint)


def test_a_withdrawal_of_a_batch_is_one_entry_or_all_of_them() -> None:
    assert "touches" == verdict(row("withdrawal", 100), WENT)
    assert "touches" == verdict(row("withdrawal", 50, OTHER_OWN), WENT)
    assert "touches" == verdict(row("withdrawal", 150), WENT)
    assert "amount_differs" == verdict(row("withdrawal", 205), WENT)


@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_wallets_that_nobody_declared_are_the_finding(kind: SampleKind) -> None:
    elsewhere = moved("pin", {PAYER: 105}, {STRANGER: 100})

    assert "not_ours" == verdict(row(kind, 100), elsewhere)
    assert "not_ours" == verdict(row(kind, 7), elsewhere)


def test_an_account_that_the_ledger_names_and_nobody_declared_is_not_ours() -> None:
    assert "not_ours" == verdict(row("deposit", 100, "1change"), CAME)
    assert "not_ours" == verdict(row("withdrawal", 100, STRANGER), WENT)


def test_another_declared_account_than_the_named_one_is_not_it() -> None:
    assert "account_not_touched" == verdict(row("deposit", 100, OTHER_OWN), CAME)
    alone = moved("pin", {OWN: 105}, {PAYEE: 100})
    assert "account_not_touched" == verdict(row("withdrawal", 100, OTHER_OWN), alone)


@pytest.mark.parametrize("more", [-1, 1])
def test_an_amount_is_exact_to_the_unit(more: int) -> None:
    assert "amount_differs" == verdict(row("deposit", 100 + more), CAME)
    assert "amount_differs" == verdict(row("withdrawal", 100 + more), WENT)


@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_a_move_between_own_accounts_is_neither(kind: SampleKind) -> None:
    inside = moved("pin", {OWN: 105}, {OTHER_OWN: 100})

    assert "own_accounts_alone" == verdict(row(kind, 100), inside)


def test_a_withdrawal_stated_as_a_deposit_is_not_one() -> None:
    alone = moved("pin", {OWN: 105}, {PAYEE: 100})

    assert "not_ours" == verdict(row("deposit", 100), alone)
    assert "own_accounts_alone" == verdict(row("deposit", 205), WENT)
    assert "not_ours" == verdict(row("withdrawal", 100), CAME)


def test_coins_of_others_in_a_withdrawal_are_a_contradiction() -> None:
    joint = moved("pin", {OWN: 100, STRANGER: 50}, {PAYEE: 100, OWN: 45})

    assert "others_spend_too" == verdict(row("withdrawal", 100), joint)


@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_what_moved_nothing_or_is_not_known_never_touches(kind: SampleKind) -> None:
    failed = replace(moved("pin", {OWN: 5}, {}), status="failed")

    assert "failed" == verdict(row(kind, 100), failed)
    assert "not_in_a_block" == verdict(row(kind, 100), NOT_THERE)
    assert "not_answered" == verdict(row(kind, 100), None)
    asked = {Question(CHAIN, "movement", ONE): "{}"}
    (found,) = trace_rows((row(kind, 100),), REGISTRY, DECLARED, asked)
    assert "not_answered" == found.verdict


def test_a_coin_that_was_mined_to_an_account_came_from_nobody_else_of_ours() -> None:
    mined = replace(moved("pin", {}, {OWN: 100}), fee_units=None)

    assert "touches" == verdict(row("deposit", 100), mined)


def eth(kind: SampleKind, units: int, at: str | None = None) -> SampleRow:
    named = None if at is None else AccountId(f"{ETHEREUM}:{at}")
    txid = f"0x{ONE}"
    return SampleRow(2, kind, InstrumentId("eth"), units, ETHEREUM, txid, named, "")


def called(debits: tuple[Entry, ...], credits_: tuple[Entry, ...]) -> Movement:
    return Movement("pin", "success", 7, debits, credits_, 5, debits[0].address)


def test_what_a_contract_may_have_moved_is_not_known() -> None:
    paid = called((entry(CUSTOMER, 105, ETHER),), (entry(CONTRACT, 100, ETHER),))
    assert "not_visible" == verdict(eth("deposit", 70), paid)
    assert "not_visible" == verdict(eth("deposit", 70, HOT), paid)
    # What is seen to arrive elsewhere did not arrive here.
    assert "not_ours" == verdict(eth("deposit", 100), paid)
    assert "not_ours" == verdict(eth("deposit", 70, CUSTOMER), paid)
    batch = called((entry(HOT, 105, ETHER),), (entry(CONTRACT, 100, ETHER),))
    assert "not_visible" == verdict(eth("withdrawal", 70), batch)
    assert "touches" == verdict(eth("withdrawal", 100), batch)
    seen = called((entry(CUSTOMER, 105, ETHER),), (entry(HOT, 100, ETHER),))
    assert "amount_differs" == verdict(eth("deposit", 70), seen)
    relayed = called((entry(CUSTOMER, 5, ETHER),), ())
    assert "not_visible" == verdict(eth("withdrawal", 70), relayed)


def test_tokens_are_seen_whoever_moves_them() -> None:
    units = 1_000_000
    moved_by_a_contract = called(
        (entry(CONTRACT, units, USDC), entry(CUSTOMER, 5, ETHER)), (entry(HOT, units, USDC),)
    )
    usdc = replace(eth("deposit", units), instrument=InstrumentId("usdc"))

    assert "touches" == verdict(usdc, moved_by_a_contract)
    assert "amount_differs" == verdict(replace(usdc, units=units + 1), moved_by_a_contract)
    usdt = replace(usdc, instrument=InstrumentId("usdt"))
    assert "not_ours" == verdict(usdt, moved_by_a_contract)


def test_every_transaction_is_asked_for_once_and_the_side_is_kept() -> None:
    batch = (row("withdrawal", 100), row("withdrawal", 50, line=3))
    asked = Question(CHAIN, "movement", ONE)
    other = replace(row("deposit", 1), txid=TWO)

    assert (asked, Question(CHAIN, "movement", TWO)) == trace_questions((*batch, other))
    found = trace_rows(batch, REGISTRY, DECLARED, {asked: encode_movement(WENT)})
    assert [("after", None)] * 2 == [(one.side, one.height) for one in found]
    (came,) = trace_rows(batch[:1], REGISTRY, DECLARED, {asked: encode_movement(CAME)})
    assert ("pin", 7) == (came.side, came.height)


def test_every_verdict_has_words() -> None:
    assert set(get_args(TraceVerdict)) == WORDS.keys()
    assert UNKNOWN < WORDS.keys()


NAMES = st.sampled_from([OWN, OTHER_OWN, PAYER, PAYEE])
SUMS = st.dictionaries(NAMES, st.integers(1, 200))


@given(st.sampled_from(["deposit", "withdrawal"]), st.integers(1, 400), SUMS, SUMS)
def test_a_row_touches_only_if_its_amount_crosses_the_edge_of_the_declared_accounts(
    kind: SampleKind, units: int, debits: dict[str, int], credits_: dict[str, int]
) -> None:
    own = {OWN, OTHER_OWN}
    if "touches" != verdict(row(kind, units), moved("pin", debits, credits_)):
        return
    outside = [amount for address, amount in credits_.items() if address not in own]
    if kind == "deposit":
        assert units in {amount for address, amount in credits_.items() if address in own}
        assert not debits or debits.keys() - own
    else:
        assert units in {*outside, sum(outside)}
        assert debits.keys() <= own


NONE = Parameters("", {})


def found_as(*verdicts: TraceVerdict) -> tuple[Traced, ...]:
    return tuple(
        Traced(row("deposit", 1, line=line), verdict) for line, verdict in enumerate(verdicts, 2)
    )


def test_the_rule_names_contradictions_and_counts_what_is_unknown(
    case: Callable[..., Case],
) -> None:
    assert ["not_applicable"] == [one.status for one in traced(case(), NONE)]
    (passed,) = traced(case(traced=found_as("touches", "touches")), NONE)
    assert ("pass", {"touches": "2"}) == (passed.status, passed.facts)
    (unknown,) = traced(case(traced=found_as("touches", "not_answered", "not_visible")), NONE)
    assert ("unknown", "not known of 2 of 3 traced rows") == (unknown.status, unknown.text)
    assert "3 4" == unknown.facts["first_lines"]
    mixed = traced(case(traced=found_as("not_in_a_block", "not_ours", "touches")), NONE)
    assert ["breach", "breach", "unknown"] == [one.status for one in mixed]
    assert "deposit on line 3: it goes by wallets that are not declared" == mixed[1].text


def test_many_contradictions_are_counted(case: Callable[..., Case]) -> None:
    results = traced(case(traced=found_as(*["not_ours"] * (NAMED + 5))), NONE)  # type: ignore[arg-type]

    assert NAMED + 1 == len(results)
    assert {"not_ours": str(NAMED + 5)} == results[0].facts
