from __future__ import annotations

import time

import pytest

from chains.evidence import HOLE, Call, Column, Exchange, SourceLog, Sweep
from chains.index import extend_index, index_log, question_key
from chains.quorum import Vote

ONE = Call("m", (1, {"a": 1, "b": 2}))


def test_equal_questions_have_one_key() -> None:
    assert question_key(ONE) == question_key(Call("m", (1, {"b": 2, "a": 1})))


@pytest.mark.parametrize(
    "other",
    [
        Call("n", ONE.params),
        Call("m", (True, {"a": 1, "b": 2})),
        Call("m", ("1", {"a": 1, "b": 2})),
        Call("m", (1,)),
        Call("m", (1, {"a": 1, "b": 3})),
        Call("m", ()),
    ],
)
def test_other_questions_have_another_key(other: Call) -> None:
    assert question_key(ONE) != question_key(other)


def log_of(*exchanges: Exchange) -> SourceLog:
    return SourceLog("node-1", "acme", exchanges)


def number(result: object) -> int:
    if not isinstance(result, int):
        raise ValueError("not a number")  # noqa: TRY004 - as decoders of answers do
    return result


@pytest.mark.parametrize(
    ("exchanges", "value", "said"),
    [
        ((), None, "not_read"),
        ((Exchange(ONE, 5),), 5, "5"),
        ((Exchange(ONE, 5), Exchange(ONE, 5)), 5, "5"),
        ((Exchange(ONE, 5), Exchange(ONE, 6)), None, "malformed_answer"),
        ((Exchange(ONE, error="unreachable"), Exchange(ONE, 6)), 6, "6"),
        ((Exchange(ONE, 6), Exchange(ONE, error="unreachable")), None, "unreachable"),
        ((Exchange(ONE, "5"),), None, "malformed_answer"),
        ((Exchange(ONE, None),), None, "malformed_answer"),
        ((Exchange(Call("m", ()), 5),), None, "not_read"),
    ],
)
def test_a_vote_needs_one_decodable_answer(
    exchanges: tuple[Exchange, ...], value: int | None, said: str
) -> None:
    log = index_log(log_of(*exchanges))
    assert Vote("node-1", "acme", value, said) == log.vote(ONE, number, str)


def test_places_are_those_of_the_log() -> None:
    other = Call("n", ())
    log = index_log(log_of(Exchange(ONE, 1), Exchange(other, 2), Exchange(ONE, 3)))
    unknown = Call("x", ())
    assert [log.last_place(call) for call in (ONE, other, unknown)] == [2, 1, -1]
    assert (Exchange(ONE, 1), Exchange(ONE, 3)) == log.exchanges(ONE)


def parted(call: Call) -> tuple[Call, str] | None:
    match call.method, call.params:
        case "h", (str(name),):
            return Call("h", (HOLE,)), name
    return None


def column_of(*answers: tuple[str, int | None]) -> Column:
    sweep = Sweep(Call("h", (HOLE,)), tuple(name for name, _ in answers))
    results = tuple(result for _, result in answers)
    errors = tuple((at, "too_large") for at, result in enumerate(results) if result is None)
    return Column(sweep, (), results, errors)  # type: ignore[arg-type]  # a code


def test_single_calls_are_found_in_sweeps() -> None:
    entries = (column_of(("a", 1), ("b", None)), Exchange(ONE, 5), column_of(("c", 3)))
    log = index_log(SourceLog("node-1", "acme", entries), parted)
    a, b, c, d = (Call("h", (name,)) for name in "abcd")

    assert (Exchange(a, 1),) == log.exchanges(a)
    assert (Exchange(b, error="too_large"),) == log.exchanges(b)
    assert 3 == log.vote(c, number, str).value
    assert "not_read" == log.vote(d, number, str).said
    assert 5 == log.vote(ONE, number, str).value
    assert () == index_log(SourceLog("node-1", "acme", entries)).exchanges(a)


def test_an_answer_given_singly_and_in_a_sweep_must_be_one() -> None:
    a = Call("h", ("a",))
    for second, said in ((1, "1"), (2, "malformed_answer")):
        for entries in (
            (column_of(("a", 1)), Exchange(a, second)),
            (column_of(("a", 1), ("a", second)),),
            (column_of(("a", 1)), column_of(("a", second))),
        ):
            log = index_log(SourceLog("node-1", "acme", entries), parted)
            assert said == log.vote(a, number, str).said


def test_a_subject_that_is_repeated_costs_no_more_than_others() -> None:
    many = 200_000
    sweep = Sweep(Call("m", (HOLE,)), ("a",) * many)
    log = SourceLog("node-1", "acme", (Column(sweep, (), (1,) * many),))
    started = time.process_time()
    index = index_log(log, lambda call: (Call("m", (HOLE,)), str(call.params[0])))
    assert many == len(index.exchanges(Call("m", ("a",))))
    assert 10 > time.process_time() - started


def column(*subjects: str) -> Column:
    return Column(Sweep(Call("m", (HOLE,)), subjects), (), (1,) * len(subjects))


def test_an_index_goes_on_where_the_log_does() -> None:
    entries = (
        Exchange(ONE, 5),
        column("a"),
        Exchange(ONE, 6),
        column("b"),
        Exchange(Call("n", ())),
    )
    whole = SourceLog("node-1", "acme", entries)
    for at in range(len(entries) + 1):
        first = index_log(SourceLog("node-1", "acme", entries[:at]))
        before = repr(first)
        assert index_log(whole) == extend_index(first, whole)
        assert before == repr(first)


def test_an_index_of_another_log_is_not_extended() -> None:
    log, other = log_of(Exchange(ONE, 5)), log_of(Exchange(ONE, 6))
    for index, whole in (
        (index_log(log), other),
        (index_log(log), log_of()),
        (index_log(log, lambda _call: None), log),
    ):
        with pytest.raises(ValueError, match="not an index"):
            extend_index(index, whole)


def test_a_question_asked_again_and_again_is_indexed_in_time() -> None:
    entries = tuple(Exchange(ONE, 5) for _ in range(100_000))
    first = index_log(log_of(*entries[:10]))
    started = time.perf_counter()
    extend_index(first, log_of(*entries))
    assert time.perf_counter() - started < 10
