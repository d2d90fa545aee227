"""What frames the figures of a statement: its place in a series, for whom it is, by which steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.frame_records import (
    Engagement,
    ExceptionRecord,
    PreviousRecord,
    Procedure,
    ResponsibleParty,
    Series,
    Signatory,
    SubsequentEvents,
)
from attest.reckoned import superseded
from attest.wording import PROCEDURES
from config.times import format_time

if TYPE_CHECKING:
    from attest.findings import Finding
    from attest.frame_records import StepResult
    from attest.inputs import Inputs
    from attest.reckoning import Reckoning
    from attest.rules.case import Case
    from attest.wording import Step

MET = ("pass", "not_applicable")


def _is_exception(finding: Finding) -> bool:
    """Tell whether a finding is one: met and unasked ones are none, nor what need not be known."""
    unasked = finding.status == "unknown" and not finding.required
    return finding.status not in MET and not unasked


def series(inputs: Inputs, reckoned: tuple[Reckoning, ...]) -> Series:
    """Say which place the statement has among those before it."""
    stated, before = inputs.declaration.attestation, inputs.previous
    return Series(
        id=stated.series,
        sequence=str(stated.sequence),
        period=stated.period,
        previous=None
        if before is None
        else PreviousRecord(
            sequence=str(before.sequence),
            payload_sha256=before.digest,
            keyid=before.keyid,
            as_of=format_time(before.as_of),
        ),
        supersedes=superseded(inputs, reckoned),
    )


def party(inputs: Inputs) -> ResponsibleParty:
    """Say who makes the statement."""
    entity = inputs.declaration.entity
    signatories = inputs.declaration.engagement.signatory
    return ResponsibleParty(
        name=entity.name,
        lei=entity.lei,
        jurisdiction=entity.jurisdiction,
        signatories=tuple(Signatory(one.role, one.name, one.keyid) for one in signatories),
    )


def engagement(inputs: Inputs) -> Engagement:
    """Say for whom the statement is made."""
    stated = inputs.declaration.engagement
    return Engagement(
        standard=stated.standard,
        engaging_party=stated.engaging_party,
        addressee=stated.addressee,
        purpose=stated.purpose,
        intended_users=stated.intended_users,
        restricted_use=stated.restricted_use,
    )


def procedures(case: Case, findings: tuple[Finding, ...]) -> tuple[Procedure, ...]:
    """Say what the tool did and what came of it.

    Args:
        case: what was judged.
        findings: those of the rules in force.
    """
    return tuple(
        Procedure(step.id, step.text, _result(case, step, findings), step.evidence)
        for step in PROCEDURES
    )


def _result(case: Case, step: Step, findings: tuple[Finding, ...]) -> StepResult:
    scope = case.inputs.declaration.attestation.scope
    if step.part is not None and step.part not in scope:
        return "not-performed"
    found = any(_step_of(one) == step.id for one in findings if _is_exception(one))
    return "exception" if found else "no-exception"


def exceptions(findings: tuple[Finding, ...]) -> tuple[ExceptionRecord, ...]:
    """List the findings in force that are exceptions, in their order."""
    found = (one for one in findings if _is_exception(one))
    return tuple(
        ExceptionRecord(f"E{number}", _step_of(one), one.code, one.status, one.subject)
        for number, one in enumerate(found, 1)
    )


def _step_of(finding: Finding) -> str:
    """Give the procedure that a finding belongs to: the last one, if to no other."""
    kind = finding.kind.partition("/")[0]
    return next((step.id for step in PROCEDURES if kind in step.kinds), PROCEDURES[-1].id)


def subsequent(case: Case) -> SubsequentEvents:
    """Say how far after its time the chains were looked at: as far as the one looked at least."""
    moments = {
        chain.pin.chain: max(block.moment for block in chain.window_blocks)
        for chain in case.snapshot.chains
        if chain.window_blocks
    }
    whole = len(moments) == len(case.snapshot.chains) and bool(moments)
    return SubsequentEvents(format_time(min(moments.values())) if whole else None)
