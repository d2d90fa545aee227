"""Rules about proofs of control: refuted claims, accounts without proof, signatures used twice."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from attest.rules.case import Result

if TYPE_CHECKING:
    from attest.rules.case import Case, Parameters

_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
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
    for claim in case.inputs.claims:
        for signature in filter(None, claim.signature.split(";")):
            used.setdefault(_spelling(signature), {}).setdefault(claim.account, claim.line)
    # A verified signature is found by its identity and by its spelling; it is named once.
    reused = {
        tuple(lines.items()): Result(
            "breach",
            next(iter(lines)),
            f"one signature is used for {len(lines)} subjects, on lines {_joined(lines)}",
            {"signature": signature, "lines": _joined(lines)},
        )
        for signature, lines in reversed(used.items())
        if len(lines) > 1
    }
    return tuple(reversed(reused.values())) or (
        Result("pass", "", "no signature is used for two subjects"),
    )


def _spelling(signature: str) -> str:
    """Name a signature that was not verified by what is written, hex in one case."""
    bare = signature.removeprefix("0x").lower()
    plain = bare if _HEX.fullmatch(bare) else signature
    return f"spelled {hashlib.sha256(plain.encode()).hexdigest()}"


def _joined(lines: dict[str, int]) -> str:
    return ", ".join(str(line) for line in lines.values())
