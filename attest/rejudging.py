"""Judging again: the verifier's own registry, packs and trust, over the evidence of a bundle. Pure.

Whatever the signer chose is his word. The verifier's rows, rules and prices judge the same evidence
again, every difference is listed, and of the two outcomes the worse one stands.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from attest.differences import balance_differences, differences
from attest.errors import MachineError
from attest.inputs import REGISTRY, Criteria
from attest.pipeline import Work, work_through
from attest.verdict import Note
from config.amount import format_decimal
from config.books.prices import PRICE_DECIMALS
from config.declaration import ALL_SCOPES
from config.errors import AttestError
from config.policy import CORE
from config.times import format_time

if TYPE_CHECKING:
    from attest.books import Shown, Vouched
    from attest.content import Files
    from attest.findings import Outcome
    from attest.trust import Trust
    from attest.verdict import Verdict
    from attest.verifier import Verifier

SEVERITY: tuple[Outcome, ...] = ("pass", "unknown", "fail")


def judge_again(files: Files, verifier: Verifier, work: Work, verdict: Verdict) -> Verdict:
    """Judge by the verifier's own criteria, and add the differences to a verdict."""
    own = own_criteria(verifier, work)
    found = differences(work, own)
    again, note, balances = _outcome_by(files, own, work, verifier.vouched)
    found = (*found, *balances, *_stated(work), *_custodians(work, verifier.custodians))
    if verifier.trust is not None:
        found = (*found, *_grades(work, verifier.trust), *_carried(work, verifier.trust))
    asked = verifier.trust.require.scope if verifier.trust is not None else ()
    priced = () if verifier.trust is None else _prices(work, verifier.trust)
    found = (*found, *priced)
    if any(one.code == "price_differs" for one in priced):
        again, note = max(again, "unknown", key=SEVERITY.index), f"{note}: prices differ"
    if again == "pass" and not asked and any(one.code == "scope_narrowed" for one in found):
        again, note = "unknown", ": the declared scope leaves parts out"
    if again != work.predicate.outcome:
        detail = f"signer's criteria {work.predicate.outcome}, verifier's {again}{note}"
        found = (*found, Note("judged_differently", detail))
    worse = max(again, work.predicate.outcome, key=SEVERITY.index)
    return replace(verdict, outcome=worse, differences=(*verdict.differences, *found))


def own_criteria(verifier: Verifier, work: Work) -> Criteria:
    """Take the verifier's registry, his core pack, and his packs of the names the signer chose.

    The core pack judges whatever the signer chose, and no figure of his declaration replaces one.
    """
    names = dict.fromkeys((CORE, *(name for name, _ in work.inputs.policy.texts)))
    found = ((name, verifier.pack(name)) for name in names)
    packs = tuple((name, data) for name, data in found if data is not None)
    return Criteria(verifier.registry, packs, parameters={})


def _outcome_by(
    files: Files, own: Criteria, work: Work, vouched: Vouched
) -> tuple[Outcome, str, tuple[Note, ...]]:
    """Judge by the verifier's criteria alone; a pack that he does not have is not judged.

    What third parties state over keys that he does not trust counts for nothing here.

    Balances that his own rows do not give are no pass, whatever they are compared with.
    """
    mine, chosen = dict(own.packs), dict(work.inputs.policy.texts)
    lacking = [name for name in chosen if name not in mine]
    signed = dict(work.inputs.files)
    same = all(signed[REGISTRY + name] == data for name, data in own.registry)
    strange = _strangers(work, vouched)
    if same and mine == chosen and not strange and not work.inputs.declaration.policies.parameters:
        return work.predicate.outcome, "", ()
    try:
        mine_again = work_through(files, own, work.predicate.tool, vouched, work.observation)
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
    others = strange - {one.keyid for one in _custody_shown(work)}
    note = f": third parties not trusted here: {', '.join(sorted(others))}" if others else ""
    return outcome, note, balances


def _custody_shown(work: Work) -> list[Shown]:
    """Give what shows the statements of custodians, who are named by themselves."""
    return [one for (file, _), one in work.inputs.shown.items() if file == "custody"]


def _strangers(work: Work, vouched: Vouched) -> frozenset[str]:
    """Give the keys that signed rows of the books, and whose word does not count for him."""
    return frozenset(
        one.keyid
        for (file, _), one in work.inputs.shown.items()
        if one.keyid
        and one.keyid not in (vouched.custodians if file == "custody" else vouched.others)
    )


def _prices(work: Work, trust: Trust) -> tuple[Note, ...]:
    """Name the prices that lie further from the verifier's own than he tolerates.

    A price that he does not have is named as not compared; one of another currency or basis is
    another price.
    """
    own = {(one.instrument, one.currency, one.basis): one.scaled for one in trust.prices}
    tolerance = Fraction(trust.tolerance)
    notes = []
    for one in work.inputs.books.prices if own else ():
        mine = own.get((one.instrument, one.currency, one.basis))
        stated = format_decimal(one.scaled, PRICE_DECIMALS)
        where = f"{one.instrument} in {one.currency}, {one.basis}: statement {stated}, verifier"
        if mine is None:
            notes.append(Note("price_unchecked", f"{where} has none"))
        elif abs(one.scaled - mine) > tolerance * mine:
            notes.append(Note("price_differs", f"{where} {format_decimal(mine, PRICE_DECIMALS)}"))
    return tuple(notes)


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
    return tuple(
        Note("carried_untrusted", f"the statement about {format_time(one.as_of)}: {one.keyid}")
        for one in work.inputs.carried
        if one.keyid not in trust.attesters
    )
