from __future__ import annotations

from typing import TYPE_CHECKING

from attest.cli.console import PLAIN_EVERY, Progress

if TYPE_CHECKING:
    import pytest


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_stage_says_how_fast_it_goes_and_how_long_it_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    progress = Progress(clock)
    progress("reading", 0, 1000)
    clock.now += 0.5
    progress("reading", 100, 1000)
    clock.now += 1.5
    progress("reading", 500, 1000)
    clock.now += 2
    progress("reading", 1000, 1000)
    progress("waiting", 0, 0)
    assert capsys.readouterr().err.splitlines() == [
        "reading 0/1000 0%",
        "reading 100/1000 10%",
        "reading 500/1000 50%, 250/s, 2 s left",
        "reading 1000/1000 100%, 250/s",
        "waiting",
    ]


def test_what_was_done_before_does_not_count_for_the_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    progress = Progress(clock)
    progress("reading", 900, 1000)
    clock.now += 10
    progress("reading", 950, 1000)
    assert capsys.readouterr().err.splitlines()[-1] == "reading 950/1000 95%, 5/s, 10 s left"


def test_plain_lines_are_few(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(Clock())
    for done in range(10_001):
        progress("reading", done, 10_000)
    assert len(capsys.readouterr().err.splitlines()) <= PLAIN_EVERY + 1


def test_a_name_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Progress(Clock())("a\nerror: b", 0, 0)
    assert capsys.readouterr().err.count("\n") == 1
