"""What frames a statement: for whom, in which place, by which steps; and the rules about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import framing
from attest.earlier import Stated
from attest.elements import ELEMENTS, required, unstated
from attest.findings import Finding
from attest.frame_records import Engagement, PreviousRecord, Signatory
from attest.rules.frame import report_elements, series_linked
from attest.rules.kinds import KINDS
from attest.rules.parameters import Parameters
from attest.wording import PROCEDURES
from config.declaration import Entity
from config.engagement import EngagementTable, SignatoryRow

if TYPE_CHECKING:
    from attest.inputs import Inputs
    from attest.pipeline import Work
    from attest.rules.case import Case
    from config.engagement import Standard

NONE = Parameters("rule", {}, None)
STANDARDS: tuple[Standard, ...] = ("AT-C 205", "AT-C 215", "ISAE 3000", "ISRS 4400")
EARLIER = Stated(
    "ab" * 32, "cd" * 32, Entity("Example Exchange"), "test", 0, "example-exchange", 1, {}, (), None
)


def declared(case: Case, **change: object) -> Case:
    declaration = replace(case.inputs.declaration, **change)  # type: ignore[arg-type]
    return replace(case, inputs=replace(case.inputs, declaration=declaration))


def numbered(case: Case, number: int, previous: Stated | None) -> Case:
    made = declared(
        case,
        attestation=replace(case.inputs.declaration.attestation, sequence=number, period="P1M"),
    )
    return replace(made, inputs=replace(made.inputs, previous=previous))


def finding(kind: str, status: str, *, needed: bool = True) -> Finding:
    return Finding(kind.partition("/")[0], "core", kind, status, "", "", {}, needed)  # type: ignore[arg-type]


def test_a_statement_names_the_one_before_it(work: Work) -> None:
    made = framing.series(numbered(work.case, 2, EARLIER).inputs, ())

    assert PreviousRecord("1", "ab" * 32, "cd" * 32, "1970-01-01T00:00:00Z") == made.previous
    assert ("2", "P1M") == (made.sequence, made.period)


def test_a_first_statement_names_none(work: Work) -> None:
    made = framing.series(work.inputs, ())

    assert (made.previous, made.period) == (None, None)


def test_signatories_and_users_are_as_declared(work: Work) -> None:
    table = EngagementTable(
        "ISAE 3000",
        "Example Exchange",
        "the supervisor",
        "reconciliation",
        ("management",),
        restricted_use=True,
        signatory=(SignatoryRow("Chief Financial Officer", None, "ef" * 32),),
    )
    inputs: Inputs = declared(work.case, engagement=table).inputs

    expected = Engagement(
        "ISAE 3000",
        "Example Exchange",
        "the supervisor",
        "reconciliation",
        ("management",),
        restricted_use=True,
    )
    assert expected == framing.engagement(inputs)
    signatory = Signatory("Chief Financial Officer", None, "ef" * 32)
    assert (signatory,) == framing.party(inputs).signatories


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_rule_ends_in_one_procedure(work: Work, kind: str) -> None:
    found = framing.exceptions((finding(kind, "fail"),))
    results = {
        one.id: one.result for one in framing.procedures(work.case, (finding(kind, "fail"),))
    }

    assert [found[0].procedure] == [key for key, result in results.items() if result == "exception"]


@pytest.mark.parametrize(
    ("status", "needed", "count"),
    [
        ("pass", True, 0),
        ("not_applicable", True, 0),
        ("unknown", False, 0),
        ("unknown", True, 1),
        ("warn", False, 1),
        ("fail", True, 1),
    ],
)
def test_what_is_an_exception(work: Work, status: str, count: int, *, needed: bool) -> None:
    found = (finding("failed_read/1", status, needed=needed),)
    first = framing.procedures(work.case, found)[0]

    assert count == len(framing.exceptions(found))
    assert ("exception" if count else "no-exception") == first.result


def test_exceptions_are_numbered_in_the_order_of_findings(work: Work) -> None:
    found = (finding("coverage/2", "fail"), finding("failed_read/1", "unknown"))

    expected = [("E1", "P3", "coverage"), ("E2", "P1", "failed_read")]
    assert expected == [(one.id, one.procedure, one.code) for one in framing.exceptions(found)]
    assert work.predicate.exceptions == ()


def test_a_procedure_outside_of_the_scope_is_not_performed(work: Work) -> None:
    stated = replace(work.inputs.declaration.attestation, scope=("holdings",))
    made = framing.procedures(declared(work.case, attestation=stated), ())

    expected = ["no-exception", "not-performed", "not-performed", "no-exception"]
    assert expected == [one.result for one in made]


def test_every_procedure_has_kinds_of_rules_that_there_are() -> None:
    known = {kind.partition("/")[0] for kind in KINDS}

    assert [] == [sorted(step.kinds - known) for step in PROCEDURES if step.kinds - known]


def test_chains_that_were_not_looked_at_later_leave_the_end_open(work: Work) -> None:
    assert framing.subsequent(work.case).checked_until is None


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_standard_wants_something_of_each_who_speaks(standard: Standard) -> None:
    for source in ("statement", "engagement", "practitioner"):
        assert required(standard, source)
    assert len({one.id for one in ELEMENTS}) == len(ELEMENTS)
    assert () == required("none", "practitioner")


def test_what_the_declaration_leaves_out_is_named(work: Work) -> None:
    bare = EngagementTable("AT-C 215")
    (result,) = report_elements(declared(work.case, engagement=bare), NONE)

    assert ["addressee", "engaging_party", "purpose", "intended_users"] == [
        one.id for one in unstated(bare)
    ]
    assert ("breach", "addressee engaging_party purpose intended_users") == (
        result.status,
        result.facts["missing"],
    )


def test_a_whole_declaration_meets_its_standard(work: Work) -> None:
    whole = EngagementTable("ISRS 4400", "a", "b", "c", ("d",))

    assert "pass" == report_elements(declared(work.case, engagement=whole), NONE)[0].status
    assert "not_applicable" == report_elements(work.case, NONE)[0].status


def test_a_later_statement_without_a_link_is_named(work: Work) -> None:
    assert "not_applicable" == series_linked(work.case, NONE)[0].status
    assert "breach" == series_linked(numbered(work.case, 2, None), NONE)[0].status
    (linked,) = series_linked(numbered(work.case, 2, EARLIER), NONE)
    assert ("pass", "ab" * 32) == (linked.status, linked.facts["previous"])
