"""Amounts that rules name by words: what counts, what is too old, too weak, or has no price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from attest.books import Shown, Vouched
from attest.rules.amounts import Counted, amount_of, held_term, needed_term
from attest.rules.bounds import NOTHING_KNOWN, Bounds, exactly
from attest.rules.insured import Loss, Policy, insured, paid
from attest.rules.prices import prices_in
from attest.rules.stated_facts import Asked, latest
from chains.snapshot import FailedRead
from config.books.facts import Span
from config.caip import AccountId
from config.calendar import Calendar
from config.errors import InputError
from tests.attest.regulated import AS_OF, ASSETS, fact, findings, fx1, insurance, price, reserve

if TYPE_CHECKING:
    from attest.pipeline import Work
    from attest.rules.case import Case
    from config.books.insurance import Insurance

DAY = 86_400
TOKYO = Calendar("Asia/Tokyo", fiscal_year_start="04-01")


def of(case: Case, words: str, grades: tuple[str, ...] = ("document",), days: int = 45) -> Bounds:
    counted = Counted(prices_in(case, "jpy"), TOKYO, grades, days)
    return amount_of(case, held_term(words), counted).bounds


def test_a_reserve_counts_by_its_grade_its_age_and_its_price(work: Work) -> None:
    base = fx1()
    rows = (reserve("house_capital", 5), reserve("house_capital", 7, number=1))
    case = replace(base, reserves=rows).case(work)
    assert of(case, "reserve house_capital") == exactly(Fraction(12))
    # Of a weaker grade than is asked it may be there, and is no part of the least.
    weak = dict(case.inputs.shown) | {("reserves", "reserve.1"): Shown("declared", "", "")}
    shown = replace(case, inputs=replace(case.inputs, shown=weak))
    assert of(shown, "reserve house_capital") == Bounds(Fraction(5), Fraction(12))
    old = (rows[0], replace(rows[1], as_of=AS_OF - 45 * DAY - 1))
    case = replace(base, reserves=old).case(work)
    assert of(case, "reserve house_capital") == Bounds(Fraction(5), None)
    euro = (rows[0], replace(reserve("house_capital", 7, "eur"), where="reserve.1"))
    case = replace(base, reserves=euro).case(work)
    assert of(case, "reserve house_capital") == Bounds(Fraction(5), None)
    priced = replace(base, reserves=euro, prices=(*base.prices, price("eur", 160))).case(work)
    assert of(priced, "reserve house_capital") == exactly(Fraction(5 + 7 * 160))


def test_a_reserve_that_is_not_named_is_not_known_and_one_of_nothing_is(work: Work) -> None:
    assert of(fx1().case(work), "reserve bank_guarantee") == NOTHING_KNOWN
    nothing = replace(fx1(), reserves=(reserve("bank_guarantee", 0),)).case(work)
    assert of(nothing, "reserve bank_guarantee") == exactly(Fraction())


def test_without_the_file_no_insurance_is_known_and_with_it_what_it_names(work: Work) -> None:
    assert of(replace(fx1(), reserves=None).case(work), "insurance online theft") == NOTHING_KNOWN
    none = replace(fx1(), insurance=()).case(work)
    assert of(none, "insurance online theft") == exactly(Fraction())
    assert of(fx1().case(work), "insurance both theft") == exactly(Fraction(3 * 10**9))


@pytest.mark.parametrize(
    ("change", "tier", "answers"),
    [
        ({}, "online", True),
        ({"since": AS_OF}, "online", True),
        ({"since": AS_OF + 1}, "online", False),
        ({"until": AS_OF + 1}, "online", True),
        ({"until": AS_OF}, "online", False),
        ({"scope": ("cold",)}, "online", False),
        ({"scope": ("cold",)}, "offline", True),
        ({"scope": ("cold",)}, "both", False),
        ({"perils": ("insider", "fraud")}, "online", False),
        ({"document": None}, "online", False),
    ],
)
def test_a_policy_answers_while_it_runs_for_what_it_names(
    work: Work, change: dict[str, object], tier: str, *, answers: bool
) -> None:
    row: Insurance = replace(insurance(10, 3), **change)  # type: ignore[arg-type]
    case = replace(fx1(), insurance=(row,)).case(work)
    loss = Loss(tier, "theft")  # type: ignore[arg-type]
    found = insured(case, prices_in(case, "jpy"), loss, ("document",))

    assert [one.credit for one in found.policies] == ([Fraction(7)] if answers else [])
    assert ("does not answer" in found.figures[0].value) is not answers


def test_policies_pay_above_their_deductible_and_never_more_than_the_loss() -> None:
    low, high = Policy(Fraction(10), Fraction(3)), Policy(Fraction(100), Fraction(0))

    assert [low.pays(Fraction(loss)) for loss in (0, 3, 4, 10, 11)] == [0, 0, 1, 7, 7]
    assert [paid((low, high), Fraction(loss)) for loss in (3, 10, 106, 107, 108)] == [
        3,
        10,
        106,
        107,
        107,
    ]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "part",
        "part warm",
        "owed all",
        "fact last_audit",
        "fact trading_volume",
        "fact net_assets x",
        "fact custodian_tier",
        "reserve gold",
        "insurance hot theft",
        "insurance online fire",
        "all",
    ],
)
def test_an_amount_that_nobody_knows_is_refused(words: str) -> None:
    with pytest.raises(InputError, match="amount not understood"):
        held_term(words)


@pytest.mark.parametrize("words", ["part online", "x part online", "-1 part online", "1e2 owed"])
def test_what_is_needed_begins_with_a_rate(words: str) -> None:
    with pytest.raises(InputError):
        needed_term(words)


def test_a_fact_in_other_money_is_turned_by_the_table(work: Work) -> None:
    dollars = replace(fx1(), facts=(fact("net_assets", 10, unit="usd"),))
    assert of(dollars.case(work), "fact net_assets") == NOTHING_KNOWN
    rated = replace(dollars, prices=(*dollars.prices, price("usd", 150)))
    assert of(rated.case(work), "fact net_assets") == exactly(Fraction(1500))


def test_the_latest_fact_is_taken_and_of_two_that_differ_none(work: Work) -> None:
    asked = Asked("reconciliation_missed_days")
    last, before = fact(asked.key, 1, period="FY2026"), fact(asked.key, 0, period="FY2025")
    found = latest(replace(fx1(), facts=(before, last)).case(work), asked, TOKYO)
    assert found.fact == last

    same = replace(last, value=0, period=Span(date(2026, 6, 1), date(2027, 3, 31)))
    both = latest(replace(fx1(), facts=(last, same)).case(work), asked, TOKYO)
    assert (both.fact, both.why) == (None, "stated 2 times until 2027-03-31, with other values")
    alike = latest(replace(fx1(), facts=(last, replace(same, value=1))).case(work), asked, TOKYO)
    assert alike.fact is not None
    later = replace(last, period="FY2027")
    assert latest(replace(fx1(), facts=(later,)).case(work), asked, TOKYO).why == (
        "later than the statement"
    )


@pytest.mark.parametrize(("days", "known"), [(45, True), (44, False)])
def test_a_fact_that_is_too_old_is_none(work: Work, days: int, *, known: bool) -> None:
    span = Span(date(2026, 4, 1), date(2026, 10, 17))  # 45 days before 1 December
    asked = Asked("reconciliation_missed_days", maximum_days=days)
    found = latest(
        replace(fx1(), facts=(fact(asked.key, 0, period=span),)).case(work), asked, TOKYO
    )

    assert (found.fact is not None) is known


def test_a_class_that_there_is_none_of_is_not_known(work: Work) -> None:
    exchange = replace(
        fx1("eur"),
        insurance=(),
        reserves=(reserve("house_capital", 130_000, "eur"), reserve("bank_guarantee", 0, "eur", 1)),
        facts=(
            fact("fixed_overheads", 0, unit="eur", period="FY2025"),
            fact("licence_class", 4),
        ),
    )
    found = findings(exchange.case(work), "eu-mica")["eu_own_funds"]
    assert (found.status, found.facts["needed"]) == ("unknown", "not known")
    assert "from 50000 to 150000" in found.text


def test_an_account_that_was_not_read_could_be_online(work: Work) -> None:
    def judged(account: str, pack: str) -> dict[str, str]:
        case = fx1().case(work)
        failure = FailedRead(AccountId(account), ASSETS["btc"], "not_read", ())
        chain = replace(work.case.snapshot.chains[0], balances=(), failures=(failure,), window=())
        made = replace(case, snapshot=replace(case.snapshot, chains=(chain,)))
        return {key: one.status for key, one in findings(made, pack).items()}

    hot, cold, guarantee = (
        f"{ASSETS['btc'].partition('/')[0]}:btc-{number}" for number in range(3)
    )
    assert judged(hot, "jp-psa")["jp_hot_5"] == "unknown"
    assert judged(cold, "jp-psa")["jp_hot_5"] == "pass"
    assert judged(guarantee, "jp-psa")["jp_hot_5"] == "pass"
    # What only could be there can turn a breach of the least, and never one of the most.
    assert judged(hot, "jp-psa")["jp_guarantee:btc"] == "unknown"
    assert judged(guarantee, "jp-psa")["jp_guarantee:xrp"] == "unknown"
    assert judged(hot, "jp-psa")["jp_guarantee:xrp"] == "fail"


@pytest.mark.parametrize(
    ("others", "document", "bounds"),
    [
        (frozenset({"aa"}), None, exactly(Fraction(5))),
        (frozenset(), None, Bounds(Fraction(), Fraction(5))),
        (frozenset(), "books/documents/one.pdf", exactly(Fraction(5))),
        (None, None, exactly(Fraction(5))),
    ],
)
def test_a_signature_counts_for_whoever_trusts_the_key(
    work: Work, others: frozenset[str] | None, document: str | None, bounds: Bounds
) -> None:
    row = reserve("house_capital", 5)
    row = row if document else replace(row, document=None)
    case = replace(fx1(), reserves=(row,), facts=(fact("licence_class", 1),)).case(work)
    shown = {
        ("reserves", "reserve.0"): Shown("signed", "aa", ""),
        ("facts", "fact.licence_class."): Shown("signed", "aa", ""),
    }
    vouched = None if others is None else Vouched(frozenset(), others)
    made = replace(case, inputs=replace(case.inputs, shown=shown), vouched=vouched)

    assert of(made, "reserve house_capital", ("document", "signed")) == bounds
    found = latest(made, Asked("licence_class"), TOKYO)
    assert found.grade == ("signed" if others is None or others else "document")
