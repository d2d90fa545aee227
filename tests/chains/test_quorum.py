from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.quorum import MALFORMED, NOT_READ, Agreement, Vote, agree


def said(*values: int | str, operators: str = "abcdef") -> list[Vote[int]]:
    return [
        Vote(f"node-{number}", operator, value if isinstance(value, int) else None, str(value))
        for number, (value, operator) in enumerate(zip(values, operators, strict=False), 1)
    ]


def test_two_operators_who_agree_are_a_quorum() -> None:
    result = agree(said(5, 5), 2)
    assert Agreement(5, ("node-1", "node-2"), 2) == result
    assert isinstance(result, Agreement)
    assert result.evidence == "quorum"


def test_two_sources_of_one_operator_are_one_voice() -> None:
    assert agree(said(5, 5, operators="aa"), 2) == "quorum_not_met"
    result = agree(said(5, 5, operators="aa"), 1)
    assert isinstance(result, Agreement)
    assert (result.evidence, result.operators) == ("single", 1)


def test_a_silent_source_takes_no_part() -> None:
    assert Agreement(0, ("node-2",), 1) == agree(said("unreachable", 0), 1)
    assert agree(said("unreachable", 0), 2) == "quorum_not_met"


@pytest.mark.parametrize("votes", [said(5, 6), said(5, 5, 6), said(5, 5, MALFORMED)])
@pytest.mark.parametrize("quorum", [1, 2])
def test_one_other_answer_stops_the_value(votes: list[Vote[int]], quorum: int) -> None:
    assert agree(votes, quorum) == "sources_disagree"


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (said(), "not_read"),
        (said(NOT_READ, NOT_READ), "not_read"),
        (said(MALFORMED, MALFORMED), "malformed_answer"),
        (said("unreachable", MALFORMED), "source_failed"),
        (said("rpc_error", NOT_READ), "source_failed"),
    ],
)
def test_without_any_answer_the_silence_is_named(votes: list[Vote[int]], expected: str) -> None:
    assert expected == agree(votes, 1)


@pytest.mark.parametrize("quorum", [0, -1])
def test_a_quorum_of_nobody_is_refused(quorum: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        agree(said(5), quorum)


words = st.integers(0, 2) | st.sampled_from(["unreachable", "rpc_error", MALFORMED, NOT_READ])


@given(st.lists(words, max_size=6), st.text("ab", min_size=6, max_size=6), st.integers(1, 4))
def test_an_agreed_value_is_everybodys(
    values: list[int | str], operators: str, quorum: int
) -> None:
    votes = said(*values, operators=operators)
    result = agree(votes, quorum)
    if isinstance(result, Agreement):
        answered = [vote for vote in votes if vote.value is not None]
        assert {result.value} == {vote.value for vote in answered}
        assert MALFORMED not in values
        assert len({vote.operator for vote in answered}) == result.operators >= quorum
