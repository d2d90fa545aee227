"""Findings: what a rule found, as values. All are reported; one never hides another.

Amounts inside a finding are decimal strings of base units, and every number that made the result is
there, so that a reader can compute it again.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from config.strict import STRICT

Status = Literal[
    "pass",
    "warn",
    "fail",
    "unknown",
    "not_applicable",
    "would_pass",
    "would_fail",
    "would_unknown",
]
Outcome = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True, slots=True, config=STRICT)
class Finding:
    """What one rule says of one subject."""

    code: str
    """The rule's id, such as `coverage` or `duplicate_account`."""
    pack: str
    kind: str
    """Name and version of the computation."""
    status: Status
    subject: str
    """What it is about: an instrument, account, chain or price; empty for the whole statement."""
    text: str
    """One sentence for people, from the facts below."""
    facts: Annotated[dict[str, str], Field(default_factory=dict)]
    """Every input, limit and value, as text."""
    required: bool = True
    """Whether the outcome waits for an answer."""


def outcome_of(findings: tuple[Finding, ...]) -> Outcome:
    """Give the outcome: fail over unknown over pass; no finding at all is unknown.

    An unknown counts only where the rule is required.
    """
    if any(finding.status == "fail" for finding in findings):
        return "fail"
    if any(one.status == "unknown" and one.required for one in findings) or not findings:
        return "unknown"
    return "pass"
