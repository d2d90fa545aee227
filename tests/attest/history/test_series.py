from __future__ import annotations

import itertools
import random
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.history.series import Irregularity, SeriesStatement, find_irregularities
from config.errors import InputError
from config.times import parse_time

DAY = 86_400
TIMES = [parse_time(f"2026-{month:02}-15T00:00:00Z") for month in range(1, 11)]


def digest(text: object) -> str:
    return sha256(str(text).encode()).hexdigest()


def made(number: int, **other: object) -> SeriesStatement:
    """Give the statement of a month, as it should be, but for what is given."""
    statement = SeriesStatement(
        series="s",
        sequence=number,
        payload=digest(number),
        previous=digest(number - 1) if number > 1 else None,
        as_of=TIMES[number - 1],
        period="P1M",
        supersedes=None,
        signer="ours",
    )
    return replace(statement, **other)  # type: ignore[arg-type]  # the field's own type


GOOD = tuple(made(number) for number in range(1, 7))
TODAY = TIMES[5] + 3 * DAY


def found(
    *statements: SeriesStatement, today: int = TODAY, grace: int = 0
) -> tuple[Irregularity, ...]:
    return find_irregularities(statements, today, grace)


def kinds(*statements: SeriesStatement, today: int = TODAY, grace: int = 0) -> list[str]:
    return [one.kind for one in found(*statements, today=today, grace=grace)]


def test_a_series_as_it_should_be_has_nothing_to_list() -> None:
    assert () == found(*GOOD)
    assert () == found(GOOD[0], today=TIMES[0])


def test_a_verifier_who_has_only_the_last_ones_finds_nothing_missing_before_them() -> None:
    assert () == found(*GOOD[3:])
    assert () == found(GOOD[5])


def test_a_dropped_statement_is_a_gap() -> None:
    assert (
        Irregularity("gap", "s", 3, 3, digest(2), digest(4), ("ours",), link=digest(3)),
    ) == found(*GOOD[:2], *GOOD[3:])


def test_many_missing_numbers_are_one_gap() -> None:
    far = made(2, sequence=10**18, previous=digest("x"))

    (gap,) = found(GOOD[0], far, today=TIMES[1])
    assert ("gap", 2, 10**18 - 1) == (gap.kind, gap.sequence, gap.until)


def test_a_swapped_statement_breaks_the_link_of_the_next() -> None:
    other = made(3, payload=digest("swapped"))

    assert (
        Irregularity("rewrite", "s", 4, 4, digest("swapped"), digest(4), ("ours",), link=digest(3)),
    ) == found(*GOOD[:2], other, *GOOD[3:])


def test_a_tail_that_was_signed_again_breaks_no_link() -> None:
    # Why a log with witnesses is needed: the same six numbers, and another history.
    tail = [*GOOD[:2]]
    for number in range(3, 7):
        payload = digest(f"again {number}")
        tail.append(made(number, payload=payload, previous=tail[-1].payload))

    assert () == found(*tail)
    # Whoever kept one statement of the first history has the fork.
    kept = {one.kind for one in found(*tail, GOOD[3]) if one.sequence == 4}
    assert {"fork", "rewrite"} == kept


def test_two_payloads_of_one_number_are_a_fork_and_both_signers_are_named() -> None:
    other = made(3, payload=digest("other"), signer="theirs")
    (fork,) = found(*GOOD, other)

    first, second = sorted([(digest(3), "ours"), (digest("other"), "theirs")])
    assert Irregularity("fork", "s", 3, 3, first[0], second[0], (first[1], second[1])) == fork


def test_one_payload_under_two_signatures_is_no_fork() -> None:
    assert () == found(*GOOD, made(3, signer="auditor"))
    both = replace(GOOD[2], payload=digest("both"))
    (fork,) = (
        one for one in found(*GOOD, both, replace(both, signer="auditor")) if one.kind == "fork"
    )
    assert {"ours", "auditor"} == set(fork.signers)


def test_a_link_to_either_side_of_a_fork_is_no_rewrite() -> None:
    other = made(3, payload=digest("other"))
    after = made(4, previous=digest("other"))

    assert ["fork"] == kinds(*GOOD[:3], other, after, today=TIMES[3])


@pytest.mark.parametrize("grace", [0, 5 * DAY])
def test_overdue_begins_after_period_and_grace(grace: int) -> None:
    due = parse_time("2026-07-15T00:00:00Z") + grace

    assert [] == kinds(*GOOD, today=due, grace=grace)
    assert (Irregularity("overdue", "s", 7, 7, digest(6), None, ("ours",), due),) == found(
        *GOOD, today=due + 1, grace=grace
    )


def test_without_a_period_nothing_is_overdue() -> None:
    last = made(6, period=None)

    assert [] == kinds(*GOOD[:5], last, today=TIMES[9])


def test_a_skipped_month_shows_though_the_numbers_go_on() -> None:
    late = made(4, as_of=TIMES[4])
    due = TIMES[3]

    assert (Irregularity("skipped", "s", 4, 4, digest(3), digest(4), ("ours",), due),) == found(
        *GOOD[:3], late, today=TIMES[4]
    )
    assert [] == kinds(*GOOD[:3], late, today=TIMES[4], grace=31 * DAY)


def test_where_a_number_is_missing_it_may_be_the_one_that_was_due() -> None:
    assert ["gap"] == kinds(*GOOD[:2], *GOOD[4:])


def test_after_a_missing_number_a_correction_says_nothing_of_what_is_due() -> None:
    correction = made(5, as_of=TIMES[0], supersedes=digest(1))
    after = made(6, as_of=TIMES[5])

    assert ["gap"] == kinds(*GOOD[:3], correction, after)
    assert ["gap"] == kinds(GOOD[0], GOOD[1], correction, after)


def test_a_time_that_goes_back_without_a_correction_is_out_of_order() -> None:
    back = made(5, as_of=TIMES[2])

    assert (Irregularity("out_of_order", "s", 5, 5, digest(4), digest(5), ("ours",)),) == found(
        *GOOD[:4], back, today=TIMES[3]
    )


def test_a_correction_may_go_back_to_the_time_it_corrects_and_no_other() -> None:
    right = made(5, as_of=TIMES[2], supersedes=digest(3))
    wrong = made(5, as_of=TIMES[1], supersedes=digest(3))

    assert [] == kinds(*GOOD[:4], right, today=TIMES[3])
    late = made(5, as_of=TIMES[3], supersedes=digest(3))
    assert ["out_of_order"] == kinds(*GOOD[:4], late, today=TIMES[3])
    (one,) = found(*GOOD[:4], wrong, today=TIMES[3])
    assert ("out_of_order", digest(3)) == (one.kind, one.first)


def test_a_correction_neither_hides_nor_causes_that_the_next_is_overdue() -> None:
    correction = made(7, as_of=TIMES[2], supersedes=digest(3))

    assert [] == kinds(*GOOD, correction)
    (one,) = found(*GOOD, correction, today=TIMES[6] + 1)
    assert ("overdue", 8, digest(6)) == (one.kind, one.sequence, one.first)


def test_links_are_those_of_a_first_or_of_a_later_statement() -> None:
    unlinked = made(3, previous=None)
    linked = made(1, previous=digest("before"))

    assert (Irregularity("bad_link", "s", 3, 3, None, digest(3), ("ours",)),) == found(
        *GOOD[:2], unlinked, *GOOD[3:]
    )
    (one,) = found(linked, today=TIMES[0])
    assert ("bad_link", digest("before")) == (one.kind, one.link)


def test_series_are_kept_apart() -> None:
    others = tuple(replace(one, series="t", payload=digest(f"t{one.sequence}")) for one in GOOD)
    linked = [
        replace(one, previous=digest(f"t{one.sequence - 1}") if one.sequence > 1 else None)
        for one in others
    ]

    assert [] == kinds(*GOOD, *linked)
    assert [("t", "gap")] == [
        (one.series, one.kind) for one in found(*GOOD, linked[0], *linked[2:])
    ]


def test_no_statements_are_no_series() -> None:
    with pytest.raises(InputError, match="no statements"):
        find_irregularities((), TODAY, 0)


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="not a period"):
        found(made(1, period="monthly"))


def test_order_of_what_is_given_changes_nothing() -> None:
    spoilt = [
        *GOOD[:2],
        *GOOD[3:],
        made(4, payload=digest("x")),
        made(6, payload=digest("y"), as_of=TIMES[0]),
    ]
    expected = found(*spoilt)
    shuffled = random.Random(7)  # noqa: S311 - any order will do
    for _ in range(20):
        shuffled.shuffle(spoilt)
        assert expected == found(*spoilt)


STATEMENTS = st.builds(
    SeriesStatement,
    series=st.sampled_from(["s", "t"]),
    sequence=st.integers(1, 5),
    payload=st.sampled_from([digest(number) for number in range(6)]),
    previous=st.none() | st.sampled_from([digest(number) for number in range(6)]),
    as_of=st.sampled_from(TIMES),
    period=st.sampled_from([None, "P1M", "P7D"]),
    supersedes=st.none() | st.sampled_from([digest(number) for number in range(6)]),
    signer=st.sampled_from(["a", "b"]),
)


@given(statements=st.lists(STATEMENTS, min_size=1, max_size=8), grace=st.integers(0, 40 * DAY))
def test_every_number_of_every_series_is_there_once_or_listed(
    statements: list[SeriesStatement], grace: int
) -> None:
    listed = find_irregularities(statements, TODAY, grace)

    for series in {one.series for one in statements}:
        own = [one for one in statements if one.series == series]
        numbers = {one.sequence for one in own}
        missing = {
            number
            for one in listed
            if (one.kind, one.series) == ("gap", series)
            for number in range(one.sequence, one.until + 1)
        }
        assert missing == set(range(min(numbers), max(numbers))) - numbers
        doubled = {
            number
            for number in numbers
            if len({one.payload for one in own if one.sequence == number}) > 1
        }
        forked = {one.sequence for one in listed if (one.kind, one.series) == ("fork", series)}
        assert doubled == forked
    for one, other in itertools.pairwise(listed):
        assert (one.series, one.sequence) <= (other.series, other.sequence)
