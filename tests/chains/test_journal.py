from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains import journal as journals
from chains.errors import ChainError
from chains.evidence import Call, Column, Exchange, Sweep
from chains.journal import Journal, JournaledSource
from chains.sweep import swept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ProtocolName

ONE, TWO = Call("m", (1,)), Call("m", (True,))
SWEEP = Sweep(Call("b", ("@",)), ("x", "y"), (ONE,))


class Counting:
    """Answers each call with how many it was asked before, or with an error."""

    name, operator = "node-1", "acme"
    protocol: ProtocolName = "json-rpc"

    def __init__(self, *errors: str) -> None:
        self.asked: list[Call] = []
        self.errors = list(errors)

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        return tuple(self._answer(call) for call in calls)

    def _answer(self, call: Call) -> Exchange:
        self.asked.append(call)
        error = self.errors.pop(0) if self.errors else ""
        if error:
            return Exchange(call, error=error)  # type: ignore[arg-type]  # a code of the test's
        return Exchange(call, len(self.asked))

    def sweep(self, sweep: Sweep) -> Column:
        return swept(self, sweep)


def journal(file: BinaryIO) -> Journal:
    file.seek(0)
    return Journal(file, "node-1.jsonl", lambda _file: None)


def test_an_answer_is_not_asked_for_twice() -> None:
    file, node = BytesIO(), Counting()
    first = JournaledSource(node, journal(file))
    given_first = (first.ask([ONE, TWO]), first.ask([ONE]), first.sweep(SWEEP))
    assert first.live
    asked = len(node.asked)
    again = JournaledSource(node, journal(file))
    assert (again.ask([ONE, TWO]), again.ask([ONE]), again.sweep(SWEEP)) == given_first
    assert (asked, again.live) == (len(node.asked), False)
    assert again.ask([ONE])[0].result == asked + 1
    assert again.live


def test_only_what_is_missing_is_asked() -> None:
    file, node = BytesIO(), Counting()
    JournaledSource(node, journal(file)).ask([TWO])
    source = JournaledSource(node, journal(file))
    assert [1, 2] == [exchange.result for exchange in source.ask([TWO, ONE])]
    assert [TWO, ONE] == node.asked


@pytest.mark.parametrize("error", ["unreachable", "throttled", "bad_reply", "no_reply"])
def test_a_source_that_could_not_answer_is_asked_again(error: str) -> None:
    file = BytesIO()
    JournaledSource(Counting(error), journal(file)).ask([ONE])
    assert JournaledSource(Counting(), journal(file)).ask([ONE]) == (Exchange(ONE, 1),)
    for errors in ([error], ["", error], ["", "", error]):
        file = BytesIO()
        JournaledSource(Counting(*errors), journal(file)).sweep(SWEEP)
        assert JournaledSource(Counting(), journal(file)).sweep(SWEEP).errors == ()


def test_a_nodes_own_error_is_kept() -> None:
    file = BytesIO()
    kept = JournaledSource(Counting("rpc_error"), journal(file)).ask([ONE])
    assert JournaledSource(Counting(), journal(file)).ask([ONE]) == kept


def whole() -> bytes:
    file = BytesIO()
    source = JournaledSource(Counting(), journal(file))
    source.ask([ONE, TWO])
    source.sweep(SWEEP)
    return file.getvalue()


def test_a_line_that_was_cut_off_is_dropped_and_written_again() -> None:
    data = whole()
    for end in range(len(data)):
        file, node = BytesIO(data[:end]), Counting()
        source = JournaledSource(node, journal(file))
        assert file.getvalue() == data[: data.rfind(b"\n", 0, end) + 1]
        source.ask([ONE, TWO])
        source.sweep(SWEEP)
        kept = data[:end].count(b"\n")
        assert len(node.asked) == [5, 4, 3][kept]


def test_every_changed_byte_is_noticed() -> None:
    data = whole()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 4
        if place == len(data) - 1:
            continue  # The last line's end: the line is then cut off.
        with pytest.raises(ChainError, match="of the journal is damaged"):
            journal(BytesIO(bytes(changed)))


def test_a_line_that_is_no_entry_is_damage() -> None:
    digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with pytest.raises(ChainError, match=r"node-1\.jsonl: line 1 of the journal is damaged"):
        journal(BytesIO(f"{digest} {{}}\n".encode()))


def test_what_is_written_is_settled() -> None:
    settled: list[int] = []
    file = BytesIO()
    source = JournaledSource(
        Counting(), Journal(file, "n", lambda _file: settled.append(len(file.getvalue())))
    )
    source.ask([ONE])
    source.ask([TWO])
    assert len(settled) == 2
    assert settled[-1] == len(file.getvalue())


@given(st.lists(st.sampled_from([ONE, TWO, SWEEP]), max_size=12), st.integers(0, 40))
def test_a_reading_that_was_cut_anywhere_gives_the_same_answers(
    questions: list[Call | Sweep], cut: int
) -> None:
    def read(source: JournaledSource, limit: int) -> list[object]:
        return [
            source.sweep(item) if isinstance(item, Sweep) else source.ask([item])
            for item in questions[:limit]
        ]

    class Fixed(Counting):
        def _answer(self, call: Call) -> Exchange:
            return Exchange(call, str(call))

    file = BytesIO()
    read(JournaledSource(Fixed(), journal(file)), cut)
    resumed = read(JournaledSource(Fixed(), journal(file)), len(questions))
    assert resumed == read(JournaledSource(Fixed(), journal(BytesIO())), len(questions))


@pytest.mark.parametrize(("spare", "asked_again"), [(0, 0), (-1, 1)])
def test_an_answer_too_long_to_be_read_is_not_kept(
    spare: int, asked_again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, node = BytesIO(), Counting()
    JournaledSource(node, journal(file)).ask([ONE])
    monkeypatch.setattr(journals, "LONGEST_LINE", len(file.getvalue()) + spare)
    file, node = BytesIO(), Counting()
    for _ in range(2):
        JournaledSource(node, journal(file)).ask([ONE])
    assert len(node.asked) == 1 + asked_again
