"""verify: judge someone else's bundle. Pure; a verifier's own nodes come in as `reread`.

The steps, each of which can only lower the verdict:

(1) Files: the bundle hangs together, and every signature verifies with the key beside it (L0).
(2) Network: a statement about a test network is refused unless it was asked for.
(3) Trust: parties that the verifier trusts have signed, over keys that counted when they did, as
    often as he requires, seen by the timestamp authorities that he requires (L1).
(4) History: it stands where he remembers the series, and in the log that he knows (L2). Without
    either it is not asked for. Where it is asked for and not found, nothing above L1 is reached.
(5) Replay: the statement, every number in it and every report file are made again from the evidence
    and must be the same bytes (L3). A copy that withholds evidence is not replayed: its blocks and
    keys are still compared with what is known.
(6) Criteria: the verifier's own registry and packs judge again; every difference is listed, and the
    worse outcome stands.
(7) Anchors: the pinned blocks are compared with those the verifier knows, and balances are read
    again from his own nodes, or compared with what a party he trusts observed (L4). What speaks
    against the statement, and an exception that such a party reports, is never a pass.
(8) Liabilities: whoever was given ledger and secret builds the commitment again.

Trust comes from the verifier's file or key alone. Registry, packs, parameters and keys inside the
bundle are the signer's words. A party's key vouches for what lies inside a statement (texts it
issued, rows it signed) only if it counted when the entity's signature was there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from attest.anchors import CONTRADICTIONS, blocks_of, pins_of, weigh
from attest.apart import Parts, take_apart
from attest.authenticity import judge_signatures
from attest.errors import InvalidEnvelope, MachineError
from attest.frame_records import StepResult
from attest.inputs import DECLARATION, Criteria, criteria_in, parse_inputs, registry_of
from attest.levels import at_level, capped, short_of
from attest.linked import History, judge_history
from attest.mended import faults_of
from attest.pipeline import Work, work_through
from attest.purpose import wallets_of
from attest.rejudging import SEVERITY, judge_again
from attest.required import unmet
from attest.signing_time import counting
from attest.verdict import LEVELS, Note, Verdict
from config.errors import AttestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.anchors import ChainCheck
    from attest.authenticity import Counted
    from attest.content import Files
    from attest.findings import Outcome
    from attest.inputs import Inputs
    from attest.predicate import Predicate
    from attest.verdict import AnchorState
    from attest.verifier import Verifier
    from chains.snapshot import Pin
    from config.trust import Level

NAMED = 10
"""Withheld files that are named."""


def verify(files: Files, verifier: Verifier) -> Verdict:
    """Judge a bundle.

    Args:
        files: every file of the bundle, by name.
        verifier: everything that is the verifier's own.

    Raises:
        AttestError: only where the verifier's own files or nodes are at fault.
    """
    try:
        parts = take_apart(files)
        history = _history(parts, verifier)
        stated = replace(
            refused("", "", verifier),
            reasons=(),
            authenticity="indeterminate",
            outcome=parts.predicate.outcome,
            network=parts.predicate.network,
            about=_about(parts, history),
            anchors=tuple((pin.chain, "unconfirmed") for pin in parts.predicate.as_of.anchors),
        )
        signed, counted = _trust(parts, files, verifier, history, stated)
    except InvalidEnvelope as fault:
        return refused(fault.reason, fault.what, verifier)
    placed = at_level(signed, "L0", "L2" if history.reached else "L1")
    if placed.authenticity == "invalid":
        return _unsaid(placed)
    if verifier.authenticity_only:
        return short_of(placed, verifier.required)
    own = _as_of(parts, verifier, counted)
    judge = _unreplayed if parts.withheld else _replay
    judged = judge(parts, files, own, counted, placed)
    found = not history.asked or history.reached
    return _unsaid(short_of(capped(judged, found=found), verifier.required))


def _unsaid(verdict: Verdict) -> Verdict:
    """Take the outcome out of a verdict that is invalid: it would be the word of nobody known."""
    return replace(verdict, outcome="unknown") if verdict.authenticity == "invalid" else verdict


def _as_of(parts: Parts, verifier: Verifier, counted: tuple[Counted, ...]) -> Verifier:
    """Leave out keys that did not count when the entity's signature was there."""
    if verifier.trust is None:
        return verifier
    seen = (one.when.before for one in counted if one.signed is parts.signer)
    return replace(verifier, trust=counting(verifier.trust, next(seen, verifier.today)))


def _history(parts: Parts, verifier: Verifier) -> History:
    trust = verifier.trust
    if trust is None:
        return judge_history(parts, verifier.previous, None, None)
    wanted = trust.require.level == "L2"
    return judge_history(parts, verifier.previous, trust.last, trust.log, wanted=wanted)


def _unreplayed(
    parts: Parts,
    files: Files,
    verifier: Verifier,
    counted: tuple[Counted, ...],
    verdict: Verdict,
) -> Verdict:
    """Name what is withheld, and compare what is there with what the verifier knows."""
    named = ", ".join(parts.withheld[:NAMED])
    more = "" if len(parts.withheld) <= NAMED else f" and {len(parts.withheld) - NAMED} more"
    note = Note("withheld", f"{parts.profile} copy without {named}{more}: nothing is made again")
    found = replace(verdict, reasons=(*verdict.reasons, note))
    try:
        pins = pins_of(parts.predicate)
        if DECLARATION in files:
            found = _two_purposes(parts, parse_inputs(files, criteria_in(files)), found)
    except AttestError as fault:
        return _invalid(found, "replay_failed", fault.what)
    return _anchors(pins, verifier, blocks_of(pins, counted), found)


def _two_purposes(parts: Parts, inputs: Inputs, verdict: Verdict) -> Verdict:
    """Refuse a key that signed here and is a declared wallet's too."""
    for one in (*parts.signatures, *parts.countersignatures):
        if wallets := wallets_of(one.key, inputs):
            return _invalid(verdict, "wallet_key", f"{one.label}: {', '.join(wallets[:NAMED])}")
    return verdict


def refused(code: str, detail: str, verifier: Verifier) -> Verdict:
    """Give the verdict on a bundle that does not hang together: invalid, and no level at all."""
    reasons = (Note(code, detail),)
    return Verdict("invalid", "unknown", None, (), (), reasons, (), (), required=verifier.required)


def _trust(
    parts: Parts, files: Files, verifier: Verifier, history: History, verdict: Verdict
) -> tuple[Verdict, tuple[Counted, ...]]:
    """Decide authenticity: signatures, parties, history, and the verifier's requirements.

    Raises:
        InvalidEnvelope: a token under a pinned certificate does not verify.
    """
    trust = verifier.trust
    if not verifier.allow_test and _is_test(parts, verifier):
        detail = "give --allow-test to accept a test network"
        return _invalid(verdict, "test_network", detail), ()
    if trust is None:
        note = Note("no_trust_given", f"signed by {parts.signer.key.keyid}; give --key or --trust")
        found = replace(verdict, reasons=(note, *history.notes))
        return replace(found, authenticity="invalid") if history.contradicted else found, ()
    required = unmet(parts, files, trust, verifier.today)
    judged = judge_signatures(parts, trust, verifier.today, required, history.logged)
    contradicted = history.contradicted
    found = replace(
        verdict,
        parties=tuple(dict.fromkeys(one.party or one.signed.key.keyid for one in judged.counted)),
        reasons=(*judged.reasons, *history.notes),
        differences=(*judged.untrusted, *_countersigned(judged.counted)),
        authenticity="invalid" if contradicted else judged.authenticity,
    )
    return found, judged.counted


def _countersigned(counted: tuple[Counted, ...]) -> tuple[Note, ...]:
    """Say what came of the procedures of each party that countersigned."""
    notes = []
    for one in counted:
        stated = one.signed.countersignature
        if stated is None:
            continue
        results = Counter(performed.result for performed in stated.procedures)
        said = ", ".join(f"{word} {results[word]}" for word in get_args(StepResult))
        code = "countersigned_exception" if results["exception"] else "countersigned"
        notes.append(Note(code, f"{one.party} ({one.role}): {said}"))
    return tuple(notes)


def _about(parts: Parts, history: History) -> tuple[tuple[str, str], ...]:
    """Say what the statement is about, so that an old or foreign one is seen to be that."""
    predicate = parts.predicate
    return (
        ("entity", predicate.responsible_party.name),
        ("series", f"{predicate.series.id} {predicate.series.sequence}"),
        ("asOf", predicate.as_of.time),
        ("scope", " ".join(predicate.scope.subject_matter)),
        ("payload", parts.digest),
        ("profile", parts.profile),
        ("history", history.said),
        *_committed(predicate),
    )


def _committed(predicate: Predicate) -> tuple[tuple[str, str], ...]:
    commitment = predicate.commitment
    return () if commitment is None else (("commitment", commitment.set),)


def _is_test(parts: Parts, verifier: Verifier) -> bool:
    """Tell whether the statement, or a chain in it by the verifier's own registry, is a test."""
    registry = registry_of(Criteria(verifier.registry, ()))
    pinned = {pin.chain for pin in parts.predicate.as_of.anchors}
    tests = {chain.id for chain in registry.chains if chain.network == "test"}
    return parts.predicate.network == "test" or bool(pinned & tests)


def _invalid(verdict: Verdict, code: str, detail: str) -> Verdict:
    reasons = (*verdict.reasons, Note(code, detail))
    return replace(verdict, authenticity="invalid", reasons=reasons)


def _replay(
    parts: Parts,
    files: Files,
    verifier: Verifier,
    counted: tuple[Counted, ...],
    verdict: Verdict,
) -> Verdict:
    """Make the statement again from the evidence, then judge by the verifier's own criteria."""
    try:
        work = work_through(files, criteria_in(files), parts.predicate.tool)
    except MachineError:
        raise
    except AttestError as fault:
        return _invalid(verdict, "replay_failed", fault.what)
    if work.payload != parts.payload:
        return _differing(parts, work, verdict)
    signed = _two_purposes(parts, work.inputs, verdict)
    if signed.authenticity == "invalid":
        return signed
    judged = judge_again(files, verifier, work, replace(signed, replayed=True))
    pins = tuple(chain.pin for chain in work.case.snapshot.chains)
    read = verifier.reread(work) if verifier.reread else ()
    known = (*read, *blocks_of(pins, counted))
    reached = _anchors(pins, verifier, known, at_level(judged, "L0", "L3"))
    return _rebuilt(work, verifier.rebuild, reached)


def _differing(parts: Parts, work: Work, verdict: Verdict) -> Verdict:
    """Say that the evidence gives another statement, or why an earlier version made another."""
    faults = faults_of(parts.predicate.tool)
    if faults:
        note = Note("fixed_since", "; ".join(f"{one.since}: {one.what}" for one in faults))
        return replace(verdict, authenticity="indeterminate", reasons=(*verdict.reasons, note))
    detail = f"evidence gives {_digest(work.payload)}, signed is {parts.digest}"
    return _invalid(verdict, "replay_mismatch", detail)


def _anchors(
    pins: tuple[Pin, ...], verifier: Verifier, checks: tuple[ChainCheck, ...], verdict: Verdict
) -> Verdict:
    """Compare pins with what the verifier, his nodes and parties he trusts know of them."""
    base: Level = verdict.level or "L0"
    states: list[tuple[str, AnchorState]] = []
    levels: list[tuple[str, Level]] = []
    reasons = list(verdict.reasons)
    for pin in pins:
        check = weigh(pin, verifier.trust, checks)
        states.append((pin.chain, "confirmed" if check.confirmed else "unconfirmed"))
        reached = check.confirmed and check.read_again and base == "L3"
        levels.append((pin.chain, "L4" if reached else base))
        reasons += check.notes
    lowest = min((level for _, level in levels), key=LEVELS.index, default=base)
    told = {note.code for note in (*reasons, *verdict.differences)}
    contradicted = told & {*CONTRADICTIONS, "countersigned_exception"}
    least: Outcome = "unknown" if contradicted else "pass"
    outcome = max(verdict.outcome, least, key=SEVERITY.index)
    return replace(
        verdict,
        outcome=outcome,
        level=lowest,
        levels=tuple(levels),
        anchors=tuple(states),
        reasons=tuple(reasons),
    )


def _rebuilt(
    work: Work, rebuild: Callable[[Work], tuple[str, ...]] | None, verdict: Verdict
) -> Verdict:
    """Build the commitment to liabilities again, where there is a ledger to build it from."""
    if rebuild is None:
        return verdict
    if work.inputs.committed is None:
        note = Note("not_committed", "the statement commits to no liabilities")
        least: Outcome = "unknown"
    elif found := rebuild(work):
        note, least = Note("liabilities_differ", "; ".join(found)), "fail"
    else:
        digest = work.inputs.committed.commitment.digest.hex()
        note = Note("liabilities_rebuilt", f"obligations of grade committed are rebuilt: {digest}")
        least = "pass"
    outcome = max(verdict.outcome, least, key=SEVERITY.index)
    return replace(verdict, outcome=outcome, differences=(*verdict.differences, note))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
