"""Rules about deposit addresses that are contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.bands import answers_of
from attest.forwarders import VERDICTS, forwarders
from attest.rules.case import NAMED, Result

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters

REASONS = {
    "no_code": "have no code at the pin",
    "unknown_code": "have code that no row of the registry knows",
    "other_parent": "have another parent than the declared one",
    "not_answered": "were not seen at the pin",
}


def declared_forwarders(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """forwarders/1: count the declared forwarders that do not lead to their parent, by reason.

    Takes no parameters. One result a reason, whatever the number of accounts.
    """
    del parameters
    rows, registry = case.inputs.accounts.rows, case.inputs.registry
    found = forwarders(rows, registry.forwarders, answers_of(case.snapshot))
    if not found:
        return (Result("not_applicable", "", "no account is declared with a parent"),)
    by_reason = {
        reason: [account for account, verdict in found.items() if verdict == reason]
        for reason in VERDICTS
        if reason != "forwards"
    }
    amiss = tuple(
        Result(
            "breach",
            "",
            f"{len(accounts)} of {len(found)} declared forwarders {REASONS[reason]}",
            {
                "reason": reason,
                "accounts": str(len(accounts)),
                "forwarders": str(len(found)),
                "first": " ".join(accounts[:NAMED]),
            },
        )
        for reason, accounts in by_reason.items()
        if accounts
    )
    text = f"all {len(found)} declared forwarders lead to their declared parent"
    return amiss or (Result("pass", "", text, {"forwarders": str(len(found))}),)
