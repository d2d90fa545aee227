"""The rule kinds: name and version to function. A new kind is one function and one line here.

A changed computation is a new version: a statement made under `coverage/2` is judged again by
`coverage/2` for ever.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from attest.findings import Finding
from attest.rules import (
    accrual,
    concentration,
    custodian_share,
    floor,
    guarantee,
    insured,
    jump,
    occurrences,
    own_share,
    price_feed,
    proposal,
    share,
)
from attest.rules.age import control_age, received_at
from attest.rules.assets import counted_twice, own_token, token_rate
from attest.rules.books import free_coverage, misallocated, reconciling_items, unexplained
from attest.rules.case import Case, Result
from attest.rules.committed import commitment_header, committed
from attest.rules.controls import (
    misused_challenge,
    refuted_control,
    reused_signature,
    unproved_control,
)
from attest.rules.coverage import coverage, graded_coverage, held_not_owed
from attest.rules.deadlines import fact_age
from attest.rules.exposure import online_share
from attest.rules.formula import explained
from attest.rules.forwarding import declared_forwarders
from attest.rules.frame import report_elements, series_linked
from attest.rules.freshness import stale_challenge, stale_liabilities, stale_price
from attest.rules.movements import cold_moved, in_and_out
from attest.rules.others import claimed_elsewhere, sent_on
from attest.rules.parameters import Parameters
from attest.rules.reading import (
    as_of_skew,
    duplicate_account,
    failed_read,
    reading_remark,
    state_proof,
)
from attest.rules.restatement import restated
from attest.rules.sampled import sampled_control
from attest.rules.stated import (
    instrument_scope,
    own_assets,
    pools,
    stale_rows,
    statements,
    undeclared_debt,
)
from attest.rules.stress import domains, past, replay, reverse
from attest.rules.tracing import traced
from chains.snapshot import Snapshot
from config.calendar import PLAIN, local_date
from config.errors import InputError
from config.policy import CORE
from config.standing import first_day, last_day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.findings import Status
    from attest.inputs import Inputs
    from config.policy import Pack, Rule
    from config.standing import Standing

Kind: TypeAlias = "Callable[[Case, Parameters], tuple[Result, ...]]"

KINDS: Mapping[str, Kind] = {
    "coverage/2": coverage,
    "coverage/3": graded_coverage,
    "held_not_owed/1": held_not_owed,
    "committed/1": committed,
    "commitment_header/1": commitment_header,
    "free_coverage/1": free_coverage,
    "reconciling_items/1": reconciling_items,
    "unexplained/1": unexplained,
    "traced/1": traced,
    "misallocated/1": misallocated,
    "fact_age/1": fact_age,
    "restated/1": restated,
    "pools/1": pools,
    "undeclared_debt/1": undeclared_debt,
    "own_assets/1": own_assets,
    "statements/1": statements,
    "stale_rows/1": stale_rows,
    "instrument_scope/1": instrument_scope,
    "cold_moved/1": cold_moved,
    "in_and_out/1": in_and_out,
    "claimed_elsewhere/1": claimed_elsewhere,
    "sent_on/1": sent_on,
    "refuted_control/1": refuted_control,
    "unproved_control/1": unproved_control,
    "reused_signature/1": reused_signature,
    "misused_challenge/1": misused_challenge,
    "duplicate_account/1": duplicate_account,
    "failed_read/1": failed_read,
    "as_of_skew/1": as_of_skew,
    "stale_liabilities/1": stale_liabilities,
    "stale_price/1": stale_price,
    "stale_challenge/1": stale_challenge,
    "control_age/1": control_age,
    "received_at/1": received_at,
    "online_share/2": online_share,
    "reading_remark/1": reading_remark,
    "state_proof/1": state_proof,
    "counted_twice/1": counted_twice,
    "own_token/1": own_token,
    "token_rate/1": token_rate,
    "forwarders/1": declared_forwarders,
    "sampled_control/1": sampled_control,
    "report_elements/1": report_elements,
    "series_linked/1": series_linked,
    "share_limit/1": share.share_limit,
    "same_kind/1": guarantee.same_kind,
    "unmatched/1": guarantee.unmatched,
    "apart/1": guarantee.apart,
    "reserve_floor/1": floor.reserve_floor,
    "volume_accrual/1": accrual.volume_accrual,
    "reserve_proposal/1": proposal.reserve_proposal,
    "reserve_sensitivity/1": proposal.reserve_sensitivity,
    "custodian_share/1": custodian_share.custodian_share,
    "fact_age/2": occurrences.fact_age,
    "fact_limit/1": occurrences.fact_limit,
    "filed/1": occurrences.filed,
    "notified/1": occurrences.notified,
    "judgement/1": occurrences.judgement,
    "loss_replay/1": replay.loss_replay,
    "domain_replay/1": domains.domain_replay,
    "past_losses/1": past.past_losses,
    "reverse_stress/1": reverse.reverse_stress,
    "domain_reverse/1": reverse.domain_reverse,
    "domain_share/1": concentration.domain_share,
    "own_token_share/1": own_share.own_token_share,
    "liability_jump/1": jump.liability_jump,
    "insurance_valid/1": insured.insurance_valid,
    "price_feed/1": price_feed.price_feed,
}


def judge(case: Case, packs: tuple[Pack, ...]) -> tuple[tuple[str, Finding], ...]:
    """Apply every rule of every pack.

    Returns:
        The block (`in_force`, `proposals`, `stress`) and finding of each result, in the packs'
        order.

    Raises:
        InputError: a rule's kind or a parameter is not known.
    """
    return tuple(
        (pack.block_of(rule), _finding(pack, rule, result))
        for pack in packs
        for rule in pack.rule
        for result in _results(case, pack, rule)
    )


def _results(case: Case, pack: Pack, rule: Rule) -> tuple[Result, ...]:
    """Apply a rule, if the statement's day is one on which it applies."""
    parameters, kind = Parameters(rule.id, rule.parameters, pack.calendar), kind_of(rule)
    results = kind(case, parameters)
    standing = pack.standing_of(rule)
    if standing is None:
        return results
    outside = _outside(case, pack, standing)
    if outside:
        results = (Result("not_applicable", "", outside),)
    if pack.id == CORE:
        return results  # what it tests is the same in every statement, and is listed elsewhere
    facts = _facts(rule, standing, parameters)
    return tuple(replace(one, facts={**one.facts, **facts}) for one in results)


def _outside(case: Case, pack: Pack, standing: Standing) -> str:
    """Say why a rule does not apply on the statement's day; empty if it does."""
    first, last = first_day(standing), last_day(standing)
    if first is None and last is None:
        return ""
    try:
        today = local_date(pack.calendar or PLAIN, case.as_of)
    except InputError:
        return ""  # no day is known to be outside
    if first is not None and today < first:
        return f"it applies from {first}, the statement is of {today}"
    if last is not None and today > last:
        return f"it applied until {last}, the statement is of {today}"
    return ""


def _facts(rule: Rule, standing: Standing, parameters: Parameters) -> dict[str, str]:
    """Say of a rule with a standing what it is and what it tests."""
    return {
        "status": standing.status,
        "reference": rule.reference,
        "source_grade": standing.grade,
        "formula": explained(rule.kind, parameters).test,
    }


def rehearse(inputs: Inputs) -> None:
    """Judge nothing by the chosen packs, before anything is read from a chain.

    Raises:
        InputError: a rule's kind or a parameter is not known; a long reading would end in it.
    """
    judge(Case(inputs, 0, Snapshot(()), (), (), ()), inputs.policy.packs)


def kind_of(rule: Rule) -> Kind:
    """Give the function of a rule's kind; raise InputError if none is known."""
    if rule.kind not in KINDS:
        raise InputError(f"unknown rule kind: {rule.kind!r}", f"kinds: {', '.join(sorted(KINDS))}")
    return KINDS[rule.kind]


def _finding(pack: Pack, rule: Rule, result: Result) -> Finding:
    return Finding(
        code=rule.id,
        pack=pack.id,
        kind=rule.kind,
        status=_status(pack, rule, result),
        subject=result.subject,
        text=result.text,
        facts=result.facts,
        required=rule.required,
    )


def _status(pack: Pack, rule: Rule, result: Result) -> Status:
    """Turn a result into a status; severity applies in force, elsewhere nothing happened yet."""
    if result.status == "not_applicable":
        return "not_applicable"
    if pack.block_of(rule) != "in_force":
        conditional: dict[str, Status] = {
            "pass": "would_pass",
            "breach": "would_fail",
            "unknown": "would_unknown",
        }
        return conditional[result.status]
    if result.status == "breach":
        return rule.severity
    return "pass" if result.status == "pass" else "unknown"
