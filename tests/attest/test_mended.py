from __future__ import annotations

import pytest

from attest.frame_records import Tool
from attest.mended import MENDED, Mended, faults_of

FIRST, SECOND = Mended("1.2.0", "rounded up"), Mended("1.10", "passed over a row")
BOTH = (FIRST, SECOND)


def faults(version: str, known: tuple[Mended, ...] = BOTH) -> tuple[Mended, ...]:
    return faults_of(Tool("attest", version, "0" * 64, "1"), known)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.1.9", BOTH),
        ("0", BOTH),
        ("1.2", (SECOND,)),
        ("1.2.0", (SECOND,)),
        ("1.2.0.0", (SECOND,)),
        ("1.2.0.1", (SECOND,)),
        ("1.9.99", (SECOND,)),
        ("1.10.0", ()),
        ("1.10", ()),
        ("2", ()),
        ("999999.0", ()),
    ],
)
def test_a_version_has_the_faults_that_were_mended_since(
    version: str, expected: tuple[Mended, ...]
) -> None:
    assert expected == faults(version)


@pytest.mark.parametrize(
    "version",
    ["", "1.1rc1", "1.1.", ".1", "1..1", "-1", "1.1.1.1.1", "1234567", "١.١", "1.1\n", " 1.1"],
)
def test_what_is_no_version_of_ours_excuses_nothing(version: str) -> None:
    assert () == faults(version)


def test_a_row_without_a_version_excuses_nothing() -> None:
    assert () == faults("0.1", (Mended("next", "x"),))


def test_every_row_that_is_kept_can_be_compared() -> None:
    assert MENDED == faults("0.0.0", MENDED)
