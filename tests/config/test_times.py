from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.errors import InputError
from config.times import HINT, MAX_TIME, format_time, parse_time
from tests.config.known import refusal

WHOLE = "write whole seconds"
NEXT_DAY = "the midnight that ends a day is written 00:00:00 of the next day"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-12-01T00:00:00+09:00", 1796050800),
        ("2026-11-30T15:00:00Z", 1796050800),
        ("2026-11-30t15:00:00z", 1796050800),
        ("2026-11-30 15:00:00Z", 1796050800),
        ("2026-11-30T09:30:00-05:30", 1796050800),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T09:00:00+09:00", 0),
        ("2024-02-29T00:00:00Z", 1709164800),
        ("9999-12-31T23:59:59Z", MAX_TIME),
    ],
)
def test_reads_times_with_an_offset(text: str, seconds: int) -> None:
    assert seconds == parse_time(text)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2026-12-01T00:00:00", "time without an offset: 2026-12-01T00:00:00", HINT),
        ("2026-12-01T00:00:00.5Z", "fraction of a second: 2026-12-01T00:00:00.5Z", WHOLE),
        ("2026-12-01T00:00:00.0Z", "fraction of a second: 2026-12-01T00:00:00.0Z", WHOLE),
        (
            "2026-12-01T00:00:00.0000001Z",
            "fraction of a second: 2026-12-01T00:00:00.0000001Z",
            WHOLE,
        ),
        ("2026-11-30T24:00:00+09:00", "no such time: '2026-11-30T24:00:00+09:00'", NEXT_DAY),
        ("2026-11-30T24:30:00Z", "no such time: '2026-11-30T24:30:00Z'", NEXT_DAY),
        (
            "2016-12-31T23:59:60Z",
            "no such time: '2016-12-31T23:59:60Z'",
            "write second 59 for a leap second",
        ),
        ("2026-02-29T00:00:00Z", "no such time: '2026-02-29T00:00:00Z'", HINT),
        ("2026-13-01T00:00:00Z", "no such time: '2026-13-01T00:00:00Z'", HINT),
        ("2026-12-01T25:00:00Z", "no such time: '2026-12-01T25:00:00Z'", HINT),
        ("2026-12-01T00:00:61Z", "no such time: '2026-12-01T00:00:61Z'", HINT),
        ("2026-12-01T00:00:00+24:00", "no such time: '2026-12-01T00:00:00+24:00'", HINT),
        ("0000-01-01T00:00:00Z", "no such time: '0000-01-01T00:00:00Z'", HINT),
        ("1969-12-31T23:59:59Z", "time before 1970: 1969-12-31T23:59:59Z", HINT),
        (
            "1970-01-01T00:00:00+00:01",
            "time before 1970: 1970-01-01T00:00:00+00:01",
            HINT,
        ),
        (
            "9999-12-31T23:59:59-00:01",
            "time after 9999: 9999-12-31T23:59:59-00:01",
            HINT,
        ),
        ("2026-12-01T00:00Z", "time not understood: '2026-12-01T00:00Z'", HINT),
        ("2026-12-01", "time not understood: '2026-12-01'", HINT),
        ("20261201T000000Z", "time not understood: '20261201T000000Z'", HINT),
        ("1796050800", "time not understood: '1796050800'", HINT),
        (" 2026-12-01T00:00:00Z", "time not understood: ' 2026-12-01T00:00:00Z'", HINT),
        ("2026-12-01T00:00:00Z\n", "time not understood: '2026-12-01T00:00:00Z\\n'", HINT),
        ("２０２６-12-01T00:00:00Z", "time not understood: '２０２６-12-01T00:00:00Z'", HINT),
        ("", "time not understood: ''", HINT),
        ("9" * 100, f"time not understood: '{'9' * 40}'…", HINT),
    ],
)
def test_refuses_what_is_not_one_moment(text: str, message: str, hint: str) -> None:
    error = refusal(parse_time, text)
    assert (message, hint) == (str(error), error.hint)


def test_reads_the_value_that_toml_makes() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert 1796050800 == parse_time(datetime(2026, 12, 1, tzinfo=tokyo))
    assert "without an offset" in str(refusal(parse_time, datetime(2026, 12, 1)))  # noqa: DTZ001 - the case
    later = datetime(2026, 12, 1, 0, 0, 0, 1, tzinfo=tokyo)
    assert "fraction of a second" in str(refusal(parse_time, later))


def test_writes_utc() -> None:
    assert "2026-11-30T15:00:00Z" == format_time(1796050800)


@given(st.integers(min_value=0, max_value=MAX_TIME))
def test_what_is_written_is_read_again(seconds: int) -> None:
    assert seconds == parse_time(format_time(seconds))


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([Zz]|[+-]\d\d:\d\d)"))
@example("9999-12-31T23:59:59-23:59")
@example("0001-01-01T00:00:00+23:59")
@example("2026-12-01T00:00:00." + "0" * 100 + "Z")
def test_what_is_read_can_be_written(text: str) -> None:
    with contextlib.suppress(InputError):
        written = format_time(parse_time(text))
        assert datetime.fromisoformat(written) == datetime.fromisoformat(text.upper()).astimezone(
            UTC
        )
