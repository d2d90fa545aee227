from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from attest.levels import at_level, capped, lower, short_of
from attest.verdict import LEVELS, Verdict

if TYPE_CHECKING:
    from attest.verdict import Authenticity
    from config.trust import Level

CHAINS = (("a", "unconfirmed"), ("b", "confirmed"))


def verdict(
    level: Level | None, authenticity: Authenticity = "valid", *levels: tuple[str, Level]
) -> Verdict:
    return Verdict(authenticity, "pass", level, levels, CHAINS, (), (), ())  # type: ignore[arg-type]  # literals


def test_of_two_levels_one_is_lower() -> None:
    for at, one in enumerate(LEVELS):
        assert [LEVELS[min(at, other)] for other in range(5)] == [lower(one, of) for of in LEVELS]


@pytest.mark.parametrize(
    ("authenticity", "expected"), [("valid", "L3"), ("indeterminate", "L0"), ("invalid", "L0")]
)
def test_only_what_is_authentic_is_above_the_files(
    authenticity: Authenticity, expected: str
) -> None:
    found = at_level(verdict(None, authenticity), "L0", "L3")

    assert (expected, (("a", expected), ("b", expected))) == (found.level, found.levels)


def test_without_history_nothing_above_signatures_is_reached() -> None:
    high = verdict("L3", "valid", ("a", "L4"), ("b", "L3"))

    assert high == capped(high, found=True)
    assert ("L1", (("a", "L1"), ("b", "L1"))) == (
        capped(high, found=False).level,
        capped(high, found=False).levels,
    )
    low = verdict("L0", "indeterminate", ("a", "L0"))
    assert low == capped(low, found=False)
    assert verdict(None) == capped(verdict(None), found=False)


@pytest.mark.parametrize("required", LEVELS)
@pytest.mark.parametrize("reached", [None, *LEVELS])
def test_what_is_short_of_the_level_says_so(reached: Level | None, required: Level) -> None:
    found = short_of(verdict(reached), required)
    short = LEVELS.index(reached or "L0") < LEVELS.index(required)

    assert [f"reached {reached or 'L0'}, required {required}"] * short == [
        note.detail for note in found.reasons
    ]
    assert {"level_not_reached"} >= {note.code for note in found.reasons}
    assert () == short_of(verdict(reached, "invalid"), required).reasons
