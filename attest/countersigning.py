"""Making a countersignature: what the program did again at a second party's side, and what he did.

The program verifies the bundle with the party's own trust file, nodes and ledger, and fills in its
own procedures T1 to T7 from the verdict. The party's own procedures are his words, and what he
leaves open is not performed. Neither can overwrite the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.anchors import CONTRADICTIONS
from attest.countersignature import (
    COUNTERSIGNATURE_TYPE,
    SUBJECT,
    About,
    ConfirmedBlock,
    Countersignature,
    Performed,
    Practitioner,
    Report,
    to_document,
)
from attest.elements import required
from attest.envelope import seal
from attest.errors import SigningError
from attest.statement import build_statement
from attest.verdict import LEVELS
from attest.wording import NO_REPORT, OWN_PROCEDURES
from config.errors import InputError
from config.procedures import LEVELS as LEVELS_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.apart import Parts
    from attest.countersignature import Performer
    from attest.frame_records import StepResult, Tool
    from attest.keys import SigningKey
    from attest.verdict import Verdict
    from config.procedures import Procedures

MAX_DETAIL = 400


@dataclass(frozen=True, slots=True)
class Made:
    """A countersignature, and the envelope around it."""

    predicate: Countersignature
    envelope: bytes


def countersign(
    parts: Parts, verdict: Verdict, procedures: Procedures, tool: Tool, key: SigningKey
) -> Made:
    """Make a countersignature.

    Args:
        parts: the bundle.
        verdict: what the party's own verification of it found.
        procedures: what the party did itself.
        tool: this program.
        key: of the party.

    Raises:
        InputError: the standard it names wants more than its file states.
        SigningError: the key signed the statement itself, or cannot sign.
    """
    own = {one.key.keyid for one in parts.signatures}
    if key.public.keyid in own:
        what = f"key {key.public.keyid} signed the statement itself"
        raise SigningError(what, "who countersigns must be another party, with a key of its own")
    _check_elements(procedures)
    predicate = _build(parts, verdict, procedures, tool)
    subjects = {SUBJECT: parts.digest}
    payload = build_statement(COUNTERSIGNATURE_TYPE, to_document(predicate), subjects)
    return Made(predicate, seal(payload, key))


def _check_elements(procedures: Procedures) -> None:
    report, practitioner = procedures.report, procedures.practitioner
    stated = {
        "title": report.title,
        "standard": report.standard,
        "responsibility": report.responsibility,
        "independence": report.independence,
        "quality_management": report.quality_management,
        "procedures_agreed": report.procedures_agreed,
        "conclusion": report.conclusion,
        "practitioner": practitioner.name,
        "licence": practitioner.licence,
        "place": report.place,
        "date": report.date,
    }
    wanted = required(report.standard, "practitioner")
    missing = [one for one in wanted if stated[one.id] is None]
    if missing:
        words = "; ".join(f"{one.id} ({one.words})" for one in missing)
        hint = 'state them, or leave the standard at "none"'
        raise InputError(f"{report.standard} wants stated: {words}", hint)


def _build(parts: Parts, verdict: Verdict, procedures: Procedures, tool: Tool) -> Countersignature:
    predicate, stated, who = parts.predicate, procedures.report, procedures.practitioner
    return Countersignature(
        about=About(
            entity=predicate.responsible_party.name,
            series=predicate.series.id,
            sequence=predicate.series.sequence,
            as_of=predicate.as_of.time,
            network=predicate.network,
            outcome=predicate.outcome,
        ),
        practitioner=Practitioner(who.name, who.role, who.licence, who.jurisdiction),
        report=Report(
            title=stated.title,
            standard=stated.standard,
            level=stated.level,
            responsibility=stated.responsibility,
            independence=stated.independence,
            quality_management=stated.quality_management,
            procedures_agreed=stated.procedures_agreed,
            conclusion=stated.conclusion,
            intended_users=stated.intended_users,
            restricted_use=stated.restricted_use,
            place=stated.place,
            date=stated.date,
            document_sha256=stated.document_sha256,
        ),
        procedures=(*_again(parts, verdict), *_own(procedures)),
        findings=tuple(one.text for one in procedures.finding),
        blocks=_blocks(parts, verdict),
        limitations=NO_REPORT if stated.standard == "none" else predicate.limitations,
        tool=tool,
    )


def _again(parts: Parts, verdict: Verdict) -> tuple[Performed, ...]:
    """Say what was done again; of a sealed statement without what its rows made the judge say."""
    found = performed_again(verdict)
    if parts.predicate.disclosure is None:
        return found
    return tuple(replace(one, detail=one.detail.partition(":")[0]) for one in found)


def _own(procedures: Procedures) -> tuple[Performed, ...]:
    return tuple(
        Performed(
            one.id,
            one.text,
            one.result,
            None if one.result == "not-performed" else "practitioner",
            one.detail,
        )
        for one in procedures.procedure
    )


def _blocks(parts: Parts, verdict: Verdict) -> tuple[ConfirmedBlock, ...]:
    states = dict(verdict.anchors)
    return tuple(
        ConfirmedBlock(pin.chain, pin.height, pin.block_hash, pin.block_time)
        for pin in parts.predicate.as_of.anchors
        if states.get(pin.chain) == "confirmed"
    )


def performed_again(verdict: Verdict) -> tuple[Performed, ...]:
    """Say which procedures the program did again, and what came of each."""
    found = []
    for number, (text, judge) in enumerate(STEPS.items(), 1):
        result, detail = judge(verdict)
        by: Performer = None if result == "not-performed" else "tool"
        found.append(Performed(f"T{number}", text, result, by, detail[:MAX_DETAIL]))
    return tuple(found)


def _files(verdict: Verdict) -> tuple[StepResult, str]:
    return ("exception" if verdict.level is None else "no-exception"), ""


def _signatures(verdict: Verdict) -> tuple[StepResult, str]:
    codes = [note.code for note in verdict.reasons if note.code != "level_not_reached"]
    if verdict.authenticity == "valid":
        return "no-exception", ", ".join(verdict.parties)
    if verdict.authenticity == "invalid":
        return "exception", ", ".join(codes)
    return "not-performed", ", ".join(codes)


def _history(verdict: Verdict) -> tuple[StepResult, str]:
    said = dict(verdict.about).get("history", "")
    codes = [note.code for note in verdict.reasons if note.code.startswith(("history_", "log_"))]
    if codes:
        return "exception", ", ".join(codes)
    return ("not-performed" if said == "not asked for" else "no-exception"), said


def _replay(verdict: Verdict) -> tuple[StepResult, str]:
    codes = [note.code for note in verdict.reasons if note.code.startswith("replay_")]
    if codes:
        return "exception", ", ".join(codes)
    if not verdict.replayed:
        return "not-performed", ""
    return "no-exception", f"outcome {verdict.outcome}"


def _criteria(verdict: Verdict) -> tuple[StepResult, str]:
    if not verdict.replayed:
        return "not-performed", ""
    differing = [note.detail for note in verdict.differences if note.code == "judged_differently"]
    return ("exception" if differing else "no-exception"), "; ".join(differing)


def _blocks_read(verdict: Verdict) -> tuple[StepResult, str]:
    against = [note.code for note in verdict.reasons if note.code in AGAINST]
    if against:
        return "exception", ", ".join(against)
    whole = bool(verdict.levels) and all(level == LEVELS[-1] for _, level in verdict.levels)
    seen = [chain for chain, state in verdict.anchors if state == "confirmed"]
    if whole:
        return "no-exception", ", ".join(seen)
    return "not-performed", f"blocks of {', '.join(seen)} alone" if seen else ""


def _liabilities(verdict: Verdict) -> tuple[StepResult, str]:
    for note in verdict.differences:
        if note.code == "liabilities_rebuilt":
            return "no-exception", note.detail
        if note.code in {"liabilities_differ", "not_committed"}:
            return "exception", note.detail
    return "not-performed", ""


AGAINST = frozenset({*CONTRADICTIONS, "anchor_unknown"})
"""What the party's own nodes or records say against the statement."""

STEPS: Mapping[str, Callable[[Verdict], tuple[StepResult, str]]] = {
    "Compared every file with the digest that the statement gives it.": _files,
    "Verified the signatures over the statement by a trust file of my own.": _signatures,
    "Compared its place in the series with the statements I knew.": _history,
    "Made the statement again from its evidence and compared it byte by byte.": _replay,
    "Judged the evidence by my own registry and rule packs.": _criteria,
    "Confirmed the blocks and read the balances again from sources of my own.": _blocks_read,
    "Built the commitment to liabilities again from the ledger.": _liabilities,
}
"""What the program can do again, in words, and how a verdict answers."""


def template_of(parts: Parts) -> bytes:
    """Write a procedures.toml for a bundle: every procedure stands there as not performed."""
    standard = parts.predicate.engagement.standard
    level = LEVELS_OF[standard][0]
    missing = [one for one in required(standard, "practitioner") if one.id in REPORT_FIELDS]
    lines = [
        f"# About payload {parts.digest}",
        "# What this program does again itself is filled in when you sign; do not write it here.",
        "[practitioner]",
        'name = ""',
        'role = "auditor"                     # auditor, regulator or observer',
        '# licence = ""',
        '# jurisdiction = "JP"',
        "",
        "[report]",
        f'standard = "{standard}"',
        f'level = "{level}"',
        *(f'{one.id} = ""                     # {one.words}' for one in missing),
        "restricted_use = false",
    ]
    for number, text in OWN_PROCEDURES:
        lines += ["", "[[procedure]]", f'id = "{number}"', f'text = "{text}"']
        lines += ['result = "not-performed"             # no-exception, exception or not-performed']
        lines += ['detail = ""']
    return "\n".join([*lines, ""]).encode()


REPORT_FIELDS = frozenset(
    {
        "title",
        "responsibility",
        "independence",
        "quality_management",
        "procedures_agreed",
        "conclusion",
        "place",
        "date",
    }
)
"""Elements that are keys of the table [report]."""
