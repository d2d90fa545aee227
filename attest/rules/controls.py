"""Rules about proofs of control: refuted claims, accounts without proof, signatures used twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import Result

if TYPE_CHECKING:
    from attest.rules.case import Case, Parameters

NAMED = 20
"""Accounts named in one finding; the rest is counted, and listed in the account table of the
report."""


def refuted_control(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """refuted_control/1: name every claim that is refuted. Takes no parameters."""
    del parameters
    refuted = tuple(
        Result(
            "breach",
            control.account,
            f"the claim on line {control.line} is refuted: {control.reason}",
            {"line": str(control.line), "scheme": control.scheme, "reason": control.reason or ""},
        )
        for control in case.controls
        if control.outcome == "refuted"
    )
    return refuted or (Result("pass", "", "no claim of control is refuted"),)


def unproved_control(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """unproved_control/1: count the accounts that no claim proves. Takes no parameters."""
    del parameters
    proved = {"controlled", "derived", "signed"}
    shown = {position.account for position in case.positions if position.band in proved}
    read = dict.fromkeys(position.account for position in case.positions)
    bare = [account for account in read if account not in shown]
    if not bare:
        return (Result("pass", "", "every account read has a proof of control"),)
    text = f"{len(bare)} of {len(read)} accounts read have no proof of control"
    facts = {"accounts": str(len(bare)), "read": str(len(read)), "first": " ".join(bare[:NAMED])}
    return (Result("breach", "", text, facts),)


def reused_signature(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """reused_signature/1: name every signature that stands in claims for different subjects."""
    del parameters
    used: dict[str, dict[str, int]] = {}
    for control in case.controls:
        for signature in control.signatures:
            used.setdefault(signature, {}).setdefault(control.account, control.line)
    reused = tuple(
        Result(
            "breach",
            next(iter(lines)),
            f"one signature is used for {len(lines)} subjects, on lines {_joined(lines)}",
            {"signature": signature, "lines": _joined(lines)},
        )
        for signature, lines in used.items()
        if len(lines) > 1
    )
    return reused or (Result("pass", "", "no signature is used for two subjects"),)


def _joined(lines: dict[str, int]) -> str:
    return ", ".join(str(line) for line in lines.values())
