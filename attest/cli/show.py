"""Show a predicate: its comparison and every finding that is not a pass, or the whole as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.cli.console import give, give_json, table
from attest.predicate import to_document
from config.amount import format_decimal

if TYPE_CHECKING:
    from attest.book_records import ComparisonRecord
    from attest.predicate import Predicate

EXITS = {"pass": 0, "fail": 1, "unknown": 2}


def exit_of(predicate: Predicate) -> int:
    """Give the exit code of a predicate's outcome."""
    return EXITS[predicate.outcome]


def show(predicate: Predicate, *, as_json: bool) -> None:
    """Print a predicate to stdout."""
    if as_json:
        give_json(to_document(predicate))
        return
    marker = "TEST NETWORK " if predicate.network == "test" else ""
    give(f"{marker}outcome: {predicate.outcome}")
    table(
        "Owed and held",
        ("instrument", "owed", "held", "difference", "coverage"),
        [_compared(one) for one in predicate.comparison],
    )
    findings = [
        (one.status, f"{one.pack}/{one.code}", one.subject or "all", one.text)
        for block in (
            predicate.findings.in_force,
            predicate.findings.proposals,
            predicate.findings.stress,
        )
        for one in block
        if one.status not in ("pass", "not_applicable", "would_pass")
    ]
    if findings:
        table("Findings", ("status", "rule", "subject", "finding"), findings)


def _compared(one: ComparisonRecord) -> tuple[str, ...]:
    def units(amount: str | None) -> str:
        return "not stated" if amount is None else format_decimal(int(amount), int(one.decimals))

    return (
        one.instrument,
        units(one.owed),
        units(one.held_in_all),
        units(one.difference),
        one.coverage or "none",
    )
