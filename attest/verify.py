"""verify: judge someone else's bundle. Pure; a verifier's own nodes come in as `reread`.

The steps, each of which can only lower the verdict:

(1) Files: the bundle hangs together (L0).
(2) Trust: a key the verifier trusts made the signature over the payload (L1).
(3) Network: a statement about a test network is refused unless it was asked for.
(4) Replay: the statement, every number in it and every report file are made again from the evidence
    and
    must be the same bytes (L3). History (L2) is not part of this version and is not asked for.
(5) Criteria: the verifier's own registry and packs judge again; every difference is listed, and the
    worse outcome stands.
(6) Anchors: the pinned blocks are compared with those the verifier knows, and balances are read
    again from his own nodes, or compared with what a party he trusts observed (L4).
(7) Liabilities: whoever was given ledger and secret builds the commitment again.

Trust comes from the verifier's file or key alone. Registry, packs, parameters and keys inside the
bundle are the signer's words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attest.anchors import CONTRADICTIONS, weigh
from attest.bundle import Parts, take_apart
from attest.differences import balance_differences, differences
from attest.envelope import open_envelope
from attest.errors import InvalidEnvelope, MachineError
from attest.inputs import REGISTRY, Criteria, criteria_in, registry_of
from attest.pipeline import Work, work_through
from attest.verdict import LEVELS, Note, Verdict
from config.declaration import ALL_SCOPES
from config.errors import AttestError
from config.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.anchors import ChainCheck
    from attest.content import Files
    from attest.findings import Outcome
    from attest.predicate import Predicate
    from attest.trust import Trust
    from attest.verdict import AnchorState, Authenticity
    from config.trust import Level

SECONDS_A_DAY = 86_400
CORE_PACK = "core"
SEVERITY: tuple[Outcome, ...] = ("pass", "unknown", "fail")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that is the verifier's own."""

    trust: Trust | None
    """None: authenticity cannot be decided."""
    registry: tuple[tuple[str, bytes], ...]
    """His registry files."""
    pack: Callable[[str], bytes | None]
    """Gives his pack of a name, None if he has none."""
    today: int
    """Unix seconds; only trust rules use it."""
    allow_test: bool = False
    authenticity_only: bool = False
    reread: Callable[[Work], tuple[ChainCheck, ...]] | None = None
    """Asks his own nodes, and parties he trusts for what they observed; None if there are none."""
    rebuild: Callable[[Work], tuple[str, ...]] | None = None
    """Builds the commitment to liabilities again from a ledger, and gives what is another one;
    None: he was given no ledger."""

    @property
    def custodians(self) -> frozenset[str]:
        """The ids of custodians' keys that he trusts."""
        return frozenset() if self.trust is None else self.trust.custodians

    @property
    def required(self) -> Level:
        """The level that must be reached: what trust says, and L4 where own nodes were given."""
        stated = self.trust.require.level if self.trust is not None else "L3"
        return "L4" if self.reread is not None else stated


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
    except InvalidEnvelope as fault:
        return refused(fault.reason, fault.what, verifier)
    stated = replace(
        refused("", "", verifier),
        reasons=(),
        authenticity="indeterminate",
        outcome=parts.predicate.outcome,
        network=parts.predicate.network,
        about=_about(parts),
        anchors=tuple((pin.chain, "unconfirmed") for pin in parts.predicate.as_of.anchors),
    )
    signed = _at_level(_trust(parts, verifier, stated), "L0", "L1")
    if signed.authenticity == "invalid" or verifier.authenticity_only:
        return signed
    return _replay(parts, files, verifier, signed)


def refused(code: str, detail: str, verifier: Verifier) -> Verdict:
    """Give the verdict on a bundle that does not hang together: invalid, and no level at all."""
    reasons = (Note(code, detail),)
    return Verdict("invalid", "unknown", None, (), (), reasons, (), (), required=verifier.required)


def _at_level(verdict: Verdict, low: Level, high: Level) -> Verdict:
    """Set one level for all chains: the high one if the bundle is authentic."""
    level = high if verdict.authenticity == "valid" else low
    levels = tuple((chain, level) for chain, _ in verdict.anchors)
    return replace(verdict, level=level, levels=levels)


def _trust(parts: Parts, verifier: Verifier, verdict: Verdict) -> Verdict:
    """Decide authenticity: signature, trusted party, and the verifier's requirements."""
    trust = verifier.trust
    keyid = parts.keyid
    if not verifier.allow_test and _is_test(parts, verifier):
        return _invalid(verdict, "test_network", "give --allow-test to accept a test network")
    if trust is None:
        note = Note("no_trust_given", f"signed by {keyid}; give --key or --trust")
        return replace(verdict, reasons=(note,))
    try:
        open_envelope(parts.envelope, trust.attesters)
    except InvalidEnvelope as fault:
        return _invalid(verdict, fault.reason, fault.what)
    party = trust.party_of(keyid) or keyid
    unmet = _requirements(parts, trust, verifier.today)
    authenticity: Authenticity = "indeterminate" if unmet else "valid"
    return replace(verdict, parties=(party,), reasons=unmet, authenticity=authenticity)


def _about(parts: Parts) -> tuple[tuple[str, str], ...]:
    """Say what the statement is about, so that an old or foreign one is seen to be that."""
    predicate = parts.predicate
    return (
        ("entity", predicate.responsible_party.name),
        ("series", f"{predicate.series.id} {predicate.series.sequence}"),
        ("asOf", predicate.as_of.time),
        ("scope", " ".join(predicate.scope.subject_matter)),
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


def _requirements(parts: Parts, trust: Trust, today: int) -> tuple[Note, ...]:
    """List what the verifier requires and the statement does not have."""
    notes = []
    require, predicate = trust.require, parts.predicate
    age = today - parse_time(predicate.as_of.time)
    if require.max_age_days is not None and age > require.max_age_days * SECONDS_A_DAY:
        notes.append(Note("too_old", f"{age} seconds, accepted are {require.max_age_days} days"))
    notes += [
        Note("scope_missing", part)
        for part in require.scope
        if part not in predicate.scope.subject_matter
    ]
    packs = {criterion.id: criterion.sha256 for criterion in predicate.criteria}
    for name, digest in require.packs.items():
        met = packs.get(f"policies/{name}.toml", "none")
        if met != digest.lower():
            notes.append(Note("pack_mismatch", f"{name}: bundle {met}, required {digest}"))
    return tuple(notes)


def _replay(parts: Parts, files: Files, verifier: Verifier, verdict: Verdict) -> Verdict:
    """Make the statement again from the evidence, then judge by the verifier's own criteria."""
    try:
        work = work_through(files, criteria_in(files), parts.predicate.tool)
    except MachineError:
        raise
    except AttestError as fault:
        return _invalid(verdict, "replay_failed", fault.what)
    if work.payload != parts.payload:
        detail = f"evidence gives {_digest(work.payload)}, signed is {_digest(parts.payload)}"
        return _invalid(verdict, "replay_mismatch", detail)
    judged = _judge_again(files, verifier, work, verdict)
    reached = _anchors(work, verifier, _at_level(judged, "L0", "L3"))
    return _rebuilt(work, verifier.rebuild, reached)


def _judge_again(files: Files, verifier: Verifier, work: Work, verdict: Verdict) -> Verdict:
    own = own_criteria(verifier, work)
    found = differences(work, own)
    again, note, balances = _outcome_by(files, own, work, verifier.custodians)
    found = (*found, *balances, *_stated(work), *_custodians(work, verifier.custodians))
    if verifier.trust is not None:
        found = (*found, *_grades(work, verifier.trust), *_carried(work, verifier.trust))
    asked = verifier.trust.require.scope if verifier.trust is not None else ()
    if again == "pass" and not asked and any(one.code == "scope_narrowed" for one in found):
        again, note = "unknown", ": the declared scope leaves parts out"
    if again != work.predicate.outcome:
        detail = f"signer's criteria {work.predicate.outcome}, verifier's {again}{note}"
        found = (*found, Note("judged_differently", detail))
    worse = max(again, work.predicate.outcome, key=SEVERITY.index)
    return replace(verdict, outcome=worse, differences=found)


def own_criteria(verifier: Verifier, work: Work) -> Criteria:
    """Take the verifier's registry, his core pack, and his packs of the names the signer chose.

    The core pack judges whatever the signer chose, and no figure of his declaration replaces one.
    """
    names = dict.fromkeys((CORE_PACK, *(name for name, _ in work.inputs.policy.texts)))
    found = ((name, verifier.pack(name)) for name in names)
    packs = tuple((name, data) for name, data in found if data is not None)
    return Criteria(verifier.registry, packs, parameters={})


def _outcome_by(
    files: Files, own: Criteria, work: Work, custodians: frozenset[str]
) -> tuple[Outcome, str, tuple[Note, ...]]:
    """Judge by the verifier's criteria alone; a pack that he does not have is not judged.

    What custodians state over keys that he does not trust counts for nothing here.

    Balances that his own rows do not give are no pass, whatever they are compared with.
    """
    mine, chosen = dict(own.packs), dict(work.inputs.policy.texts)
    lacking = [name for name in chosen if name not in mine]
    signed = dict(work.inputs.files)
    same = all(signed[REGISTRY + name] == data for name, data in own.registry)
    stated = {one.keyid for (file, _), one in work.inputs.shown.items() if file == "custody"}
    vouched = stated - {""} <= custodians
    if same and mine == chosen and vouched and not work.inputs.declaration.policies.parameters:
        return work.predicate.outcome, "", ()
    try:
        mine_again = work_through(files, own, work.predicate.tool, custodians, work.observation)
    except MachineError:
        raise
    except AttestError as fault:
        return "unknown", f": {fault.what}", ()
    outcome = mine_again.predicate.outcome
    balances = balance_differences(work.case.snapshot, mine_again.case.snapshot)
    if lacking and outcome == "pass":
        return "unknown", f": packs the verifier does not have: {', '.join(lacking)}", balances
    if balances and outcome == "pass":
        return "unknown", ": the verifier's rows give other balances", balances
    return outcome, "", balances


def _stated(work: Work) -> tuple[Note, ...]:
    """List what the declaration says that a reader of the outcome alone would not expect."""
    declared = work.inputs.declaration
    left_out = [part for part in ALL_SCOPES if part not in declared.attestation.scope]
    notes = []
    if left_out:
        notes.append(Note("scope_narrowed", f"the statement leaves out: {', '.join(left_out)}"))
    stated = declared.as_of
    if stated is not None and stated != work.case.as_of:
        detail = f"declaration {format_time(stated)}, statement {format_time(work.case.as_of)}"
        notes.append(Note("as_of_replaced", detail))
    return tuple(notes)


def _custodians(work: Work, trusted: frozenset[str]) -> tuple[Note, ...]:
    """Name the custodians whose statements are signed by keys that the verifier does not trust."""
    custody = work.inputs.books.custody
    if custody is None:
        return ()
    keys = {
        one.custodian: work.inputs.shown["custody", one.where].keyid for one in custody.statements
    }
    return tuple(
        Note("custodian_untrusted", f"{name}: {keyid}")
        for name, keyid in keys.items()
        if keyid and keyid not in trusted
    )


def _grades(work: Work, trust: Trust) -> tuple[Note, ...]:
    issued = work.inputs.challenges
    if issued is None or not issued.signatures or not trust.challenger(issued.signatures[0].keyid):
        return ()
    party = trust.party_of(issued.signatures[0].keyid)
    apart = ", those carried forward apart" if work.inputs.carried else ""
    detail = f"controls of grade B are of grade A{apart}: {party} issued the texts"
    return (Note("grade_a", detail),)


def _carried(work: Work, trust: Trust) -> tuple[Note, ...]:
    """Name the earlier statements that no attester signed whom the verifier trusts."""
    trusted = {key.keyid for key in trust.attesters}
    return tuple(
        Note("carried_untrusted", f"the statement about {format_time(one.as_of)}: {one.keyid}")
        for one in work.inputs.carried
        if one.keyid not in trusted
    )


def _anchors(work: Work, verifier: Verifier, verdict: Verdict) -> Verdict:
    """Compare pins with the blocks the verifier knows, and read again from his own nodes."""
    checks = verifier.reread(work) if verifier.reread else ()
    base: Level = verdict.level or "L0"
    states: list[tuple[str, AnchorState]] = []
    levels: list[tuple[str, Level]] = []
    reasons = list(verdict.reasons)
    for pin in (chain.pin for chain in work.case.snapshot.chains):
        check = weigh(pin, verifier.trust, checks)
        states.append((pin.chain, "confirmed" if check.confirmed else "unconfirmed"))
        reached = check.confirmed and check.read_again and base == "L3"
        levels.append((pin.chain, "L4" if reached else base))
        reasons += check.notes
    lowest = min((level for _, level in levels), key=LEVELS.index, default=base)
    if LEVELS.index(lowest) < LEVELS.index(verifier.required):
        reasons.append(Note("level_not_reached", f"reached {lowest}, required {verifier.required}"))
    contradicted = any(note.code in CONTRADICTIONS for note in reasons)
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
