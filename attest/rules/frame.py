"""Rules about what frames the figures: the elements of a report, and the place in a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.elements import unstated
from attest.rules.case import Result

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters


def report_elements(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """report_elements/1: name what the declared standard wants of the declaration.

    Takes no parameters.
    """
    del parameters
    engagement = case.inputs.declaration.engagement
    if engagement.standard == "none":
        return (Result("not_applicable", "", "no reporting standard is named"),)
    missing = unstated(engagement)
    if not missing:
        text = f"all that {engagement.standard} wants of the responsible party is stated"
        return (Result("pass", "", text),)
    words = "; ".join(one.words for one in missing)
    text = f"{engagement.standard} wants stated: {words}"
    return (Result("breach", "", text, {"missing": " ".join(one.id for one in missing)}),)


def series_linked(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """series_linked/1: a statement after the first one names the payload of the one before it.

    Takes no parameters.
    """
    del parameters
    number, before = case.inputs.declaration.attestation.sequence, case.inputs.previous
    if number == 1:
        return (Result("not_applicable", "", "it is the first of its series"),)
    if before is None:
        text = f"number {number} of the series names no statement before it"
        return (Result("breach", "", text, {"sequence": str(number)}),)
    text = f"number {before.sequence} stands before it, payload {before.digest}"
    return (Result("pass", "", text, {"sequence": str(number), "previous": before.digest}),)
