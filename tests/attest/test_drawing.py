from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.drawing import Seed, choose_seed, draw, take_all
from attest.plan import seed_of
from config.books import sample
from config.books.sample import SampleRow
from config.caip import ChainId, InstrumentId
from config.errors import InputError

if TYPE_CHECKING:
    from attest.pipeline import Work

SEED = Seed("words of the auditor", "given")


def rows(count: int) -> tuple[SampleRow, ...]:
    chain, btc = ChainId("eip155:1"), InstrumentId("btc")
    return tuple(
        SampleRow(number + 2, "deposit", btc, 1, chain, "0x", None, f"deposit,btc,{number}")
        for number in range(count)
    )


def test_the_order_is_that_of_the_digests() -> None:
    expected = sorted(
        (f"deposit,btc,{number}" for number in range(20)),
        key=lambda text: hashlib.sha256(f"words of the auditor\n{text}".encode()).hexdigest(),
    )
    drawn = draw(rows(20), "s.csv", 5, SEED)

    assert expected[:5] == [row.text for row in drawn.rows]
    assert (20, SEED) == (drawn.total, drawn.seed)


@given(st.permutations(range(12)), st.integers(1, 14), st.text(max_size=5))
def test_the_order_of_the_file_plays_no_part(order: list[int], count: int, text: str) -> None:
    seed, listed = Seed(text, "given"), rows(12)
    drawn = draw(listed, "s.csv", count, seed)
    again = draw((listed[at] for at in order), "s.csv", count, seed)

    assert drawn == again
    assert min(count, 12) == len(drawn.rows)
    # A larger sample holds the smaller one.
    assert drawn.rows == draw(listed, "s.csv", count + 1, seed).rows[:count]


def test_another_seed_draws_otherwise() -> None:
    listed = rows(100)
    first = draw(listed, "s.csv", 10, SEED).rows

    assert first != draw(listed, "s.csv", 10, Seed("other words", "given")).rows


def test_without_a_count_all_rows_are_taken_in_their_order() -> None:
    taken = take_all(iter(rows(3)), "s.csv")

    assert (rows(3), 3, None) == (taken.rows, taken.total, taken.seed)


def test_more_than_can_be_traced_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MAX_TRACED", 2)

    assert 2 == len(draw(rows(5), "s.csv", 2, SEED).rows)
    with pytest.raises(InputError, match="more than 2 rows to trace"):
        draw(rows(5), "s.csv", 3, SEED)
    with pytest.raises(InputError, match="more than 2 rows to trace"):
        take_all(rows(5), "s.csv")


def test_the_seed_is_the_given_one_or_the_challenges(work: Work) -> None:
    inputs = work.inputs

    assert Seed("x", "given") == choose_seed("x", inputs)
    assert Seed(seed_of(inputs) or "", "challenge") == choose_seed(None, inputs)
    with pytest.raises(InputError, match="there is no seed"):
        choose_seed(None, replace(inputs, challenges=None))
    for wrong in ("", " x", "a\nb", "x" * 201):
        with pytest.raises(InputError, match="not plain text"):
            choose_seed(wrong, inputs)
