from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from attest.rules.deadlines import fact_age
from attest.rules.parameters import Parameters
from config.books.books import Books
from config.books.facts import Fact, Facts
from config.calendar import Calendar
from config.errors import InputError
from config.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.rules.case import Case
    from config.books.fact_keys import FactName

TOKYO = Calendar("Asia/Tokyo", ("saturday", "sunday"), ("2026-11-23", "2027-01-01"), "04-01")
# Friday to Wednesday, with a weekend and a holiday between: two business days, five days.
FRIDAY, WEDNESDAY = date(2026, 11, 20), "2026-11-25T00:30:00+09:00"


def fact(value: date | int, key: FactName = "last_reconciliation", kind: str = "") -> Fact:
    return Fact("fact.0", key, kind, "", value, None, 0, None, None, "", None)


def judged(
    case: Callable[..., Case],
    *facts: Fact,
    change: Mapping[str, int | str] | None = None,
    calendar: Calendar | None = TOKYO,
) -> tuple[str, str]:
    values: dict[str, int | str | tuple[str, ...]] = {
        "key": "last_reconciliation",
        "kind": "",
        "days": "business",
        "maximum": 2,
        **(change or {}),
    }
    books = Books(facts=Facts(facts, ()) if facts else None)
    made = replace(case(books=books), as_of=parse_time(WEDNESDAY))
    (result,) = fact_age(made, Parameters("r", values, calendar))
    return result.status, result.facts.get("age_days", "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ("pass", "2")),
        ({"maximum": 1}, ("breach", "2")),
        ({"days": "calendar"}, ("breach", "5")),
        ({"days": "calendar", "maximum": 5}, ("pass", "5")),
        ({"key": "last_audit"}, ("unknown", "")),
        ({"kind": "customer_crypto"}, ("unknown", "")),
    ],
)
def test_days_are_counted_as_the_place_counts_them(
    case: Callable[..., Case], change: dict[str, int | str], expected: tuple[str, str]
) -> None:
    assert expected == judged(case, fact(FRIDAY), change=change)


def test_the_day_is_that_of_the_place(case: Callable[..., Case]) -> None:
    # In UTC it is Tuesday yet.
    assert ("pass", "4") == judged(
        case, fact(FRIDAY), calendar=None, change={"days": "calendar", "maximum": 4}
    )
    assert ("breach", "5") == judged(case, fact(FRIDAY), change={"days": "calendar", "maximum": 4})


def test_the_latest_event_counts(case: Callable[..., Case]) -> None:
    assert ("pass", "1") == judged(
        case, fact(date(2026, 1, 5)), fact(date(2026, 11, 24)), fact(FRIDAY)
    )


def test_an_event_to_come_is_none(case: Callable[..., Case]) -> None:
    assert ("breach", "-1") == judged(case, fact(date(2026, 11, 26)))


def test_what_cannot_be_counted_is_unknown(case: Callable[..., Case]) -> None:
    assert ("unknown", "") == judged(case)
    # No holiday of 2025 is listed.
    assert ("unknown", "") == judged(case, fact(date(2025, 12, 30)))


@pytest.mark.parametrize(
    "change", [{"key": "last_lunch"}, {"days": "working"}, {"maximum": -1}, {"kind": 3}]
)
def test_a_parameter_of_another_form_is_refused(
    case: Callable[..., Case], change: dict[str, int | str]
) -> None:
    with pytest.raises(InputError, match="parameter r"):
        judged(case, fact(FRIDAY), change=change)
