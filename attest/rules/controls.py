"""Rules about proofs of control: refuted claims, accounts without proof, texts and signatures."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result
from proofs.challenge import issued_for

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from config.claims import Claim
    from proofs.control import Control

_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


def refuted_control(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """refuted_control/1: name every claim that is refuted. Takes no parameters."""
    del parameters
    refuted = tuple(
        Result(
            "breach",
            control.account,
            f"the claim on {place_of(control)} is refuted: {control.reason}",
            {
                "line": str(control.line),
                "scheme": control.scheme,
                "reason": control.reason or "",
                **({"carried": control.carried} if control.carried else {}),
            },
        )
        for control in case.controls
        if control.outcome == "refuted"
    )
    return refuted or (Result("pass", "", "no claim of control is refuted"),)


def place_of(control: Control) -> str:
    """Say where a control's claim stands: its line, and whose if it is carried forward."""
    whose = f" of statement {control.carried}" if control.carried else ""
    return f"line {control.line}{whose}"


def unproved_control(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """unproved_control/1: count the accounts that no claim proves. Takes no parameters."""
    del parameters
    proved = {"controlled", "derived", "sampled", "attested", "signed"}
    shown = {position.account for position in case.positions if position.band in proved}
    # What a custodian states is of no account here.
    read = dict.fromkeys(one.account for one in case.positions if one.evidence != "attested")
    bare = [account for account in read if account not in shown]
    if not bare:
        return (Result("pass", "", "every account read has a proof of control"),)
    text = f"{len(bare)} of {len(read)} accounts read have no proof of control"
    facts = {"accounts": str(len(bare)), "read": str(len(read)), "first": " ".join(bare[:NAMED])}
    return (Result("breach", "", text, facts),)


def reused_signature(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """reused_signature/1: name every signature that stands in claims for different subjects."""
    del parameters
    used: dict[str, dict[str, str]] = {}
    for control in case.controls:
        for signature in control.signatures:
            used.setdefault(signature, {}).setdefault(
                control.account, place_of(control).removeprefix("line ")
            )
    for claim in case.inputs.claims:
        for signature in filter(None, claim.signature.split(";")):
            used.setdefault(_spelling(signature), {}).setdefault(claim.account, str(claim.line))
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


def misused_challenge(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """misused_challenge/1: name every claim over the nonce in another text than its account's.

    Takes no parameters. A text with an edge space counts as another one, so this is no forgery by
    itself.
    """
    del parameters
    issued = case.inputs.challenges
    if issued is None:
        return (Result("not_applicable", "", "no challenge was issued"),)
    found = tuple(
        Result(
            "breach",
            claim.account,
            f"the message on line {claim.line} names the nonce of the challenge, and is not the "
            "text that was issued for the account",
            {"line": str(claim.line), "scheme": claim.scheme},
        )
        for claim in case.inputs.claims
        for text in (spelled(claim),)
        if issued.nonce in text
        and issued_for(issued, text) not in {one.id for one in claim.subjects}
    )
    return found or (Result("pass", "", "the nonce is signed in issued texts alone"),)


def spelled(claim: Claim) -> str:
    """Give a claim's message as text, empty if it is hex of something else."""
    if claim.encoding == "utf8":
        return claim.message
    try:
        return bytes.fromhex(claim.message.removeprefix("0x")).decode("ascii")
    except ValueError:
        return ""


def _spelling(signature: str) -> str:
    """Name a signature that was not verified by what is written, hex in one case."""
    bare = signature.lower().removeprefix("0x")
    plain = bare if _HEX.fullmatch(bare) else signature
    return f"spelled {hashlib.sha256(plain.encode()).hexdigest()}"


def _joined(lines: dict[str, str]) -> str:
    return ", ".join(lines.values())
