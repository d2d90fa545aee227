"""restated/1: what is another one than in the superseded statement is named, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.restating import changes
from attest.rules.case import NAMED, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.restating import Change
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters

CHANGES: Mapping[Change, str] = {
    "silent": "differs from the superseded statement's, and nothing says so",
    "unchanged": "is named as restated, and is the same file",
    "not_there": "is named with a digest that the superseded statement does not give it",
}
"""What is wrong with an input, in words for people."""


def restated(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """Judge every input of a statement that supersedes another. Takes no parameters."""
    del parameters
    superseded = case.inputs.superseded
    if superseded is None:
        return (Result("not_applicable", "", "no earlier statement is superseded"),)
    found = changes(superseded, case.inputs.digests)
    wrong = [one for one in found if one.change != "named"]
    named = len(found) - len(wrong)
    if not wrong:
        return (Result("pass", "", f"{named} inputs are restated, each with its reason"),)
    return tuple(
        Result("breach", one.input, f"the input {CHANGES[one.change]}", {"former": one.former})
        for one in wrong[:NAMED]
    )
