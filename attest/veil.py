"""The veil over a sealed statement: what is said of accounts without saying which.

A finding of a kind that speaks of totals, times and the statement alone is shown. Of every other
kind only that it is met; what is not met shows its rule and its status, and is whole in
`report/findings.json`. So no amount of one account, line of a file or number by which an account
could be followed from one statement into the next stands in it. `SHOWN` lists what is shown, so
that a kind that nobody thought of is not.

In what is shown, `withheld` stands for every long word (an address, key, transaction or digest)
that is not known to be public. Words that are public are listed here too, and not those that are
secret: a node's own text can be part of a finding, and so can a person's reason.

What custodians state is shown as sums over accounts of which everything else that is said is alike.

Refused: numbers in place of accounts. They are the same in every statement about one list.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from attest.framing import exceptions
from attest.predicate import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attest.book_records import CustodyRecord
    from attest.findings import Finding
    from attest.frame_records import Series
    from attest.predicate import Predicate
    from attest.rules.case import Case

_LONG = re.compile(
    r"((?:[-a-z0-9]{3,8}:)(?:[-A-Za-z0-9]{1,32}:))?([A-Za-z0-9_-]{40,}|[A-Za-z0-9]{20,})", re.ASCII
)
"""A word that may be an address, a key or a digest, with the chain it is on."""
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9]{20,}", re.ASCII)
APART = "it is in report/findings.json"
WITHHELD = "withheld"
MET = frozenset({"pass", "would_pass", "not_applicable"})

SHOWN: Mapping[str, Literal["whole", "met"]] = {
    # Totals of instruments that the comparison shows too.
    "coverage/2": "whole",
    "coverage/3": "whole",
    "held_not_owed/1": "whole",
    "free_coverage/1": "whole",
    "unexplained/1": "whole",
    "instrument_scope/1": "whole",
    "online_share/2": "whole",
    "own_token/1": "whole",
    "committed/1": "whole",
    # Times, blocks, texts and the statement itself.
    "commitment_header/1": "whole",
    "as_of_skew/1": "whole",
    "stale_liabilities/1": "whole",
    "stale_price/1": "whole",
    "stale_challenge/1": "whole",
    "fact_age/1": "whole",
    "report_elements/1": "whole",
    # Totals and facts that laws ask for.
    "share_limit/1": "whole",
    "same_kind/1": "whole",
    "unmatched/1": "whole",
    "reserve_floor/1": "whole",
    "volume_accrual/1": "whole",
    "reserve_proposal/1": "whole",
    "reserve_sensitivity/1": "whole",
    "custodian_share/1": "whole",
    "fact_age/2": "whole",
    "fact_limit/1": "whole",
    "filed/1": "whole",
    "notified/1": "whole",
    "judgement/1": "whole",
    # Losses of what all accounts hold together.
    "loss_replay/1": "whole",
    "past_losses/1": "whole",
    "reverse_stress/1": "whole",
    "own_token_share/1": "whole",
    "liability_jump/1": "whole",
    "insurance_valid/1": "whole",
    "price_feed/1": "whole",
    "series_linked/1": "whole",
    # Contracts of assets, and counts of a chain.
    "own_assets/1": "whole",
    "token_rate/1": "whole",
    "state_proof/1": "whole",
    # Accounts, transactions, rows and files, where something is amiss.
    "reconciling_items/1": "met",
    "traced/1": "met",
    "misallocated/1": "met",
    "restated/1": "met",
    "pools/1": "met",
    "undeclared_debt/1": "met",
    "statements/1": "met",
    "stale_rows/1": "met",
    "cold_moved/1": "met",
    "in_and_out/1": "met",
    "claimed_elsewhere/1": "met",
    "sent_on/1": "met",
    "refuted_control/1": "met",
    "unproved_control/1": "met",
    "reused_signature/1": "met",
    "misused_challenge/1": "met",
    "duplicate_account/1": "met",
    "failed_read/1": "met",
    "control_age/1": "met",
    "received_at/1": "met",
    "reading_remark/1": "met",
    "counted_twice/1": "met",
    "forwarders/1": "met",
    "sampled_control/1": "met",
    "apart/1": "met",
    # A signing domain may be one account.
    "domain_replay/1": "met",
    "domain_reverse/1": "met",
    # Signing domains, as the list of accounts names them.
    "domain_share/1": "met",
}
"""Kinds of rules whose findings are shown: whole, or where they are met and name no subject."""


@dataclass(frozen=True, slots=True)
class Veil:
    """What is shown of long words."""

    public: frozenset[str]
    """Long words that are shown; hex in lower case."""

    def over(self, text: str) -> str:
        """Give a text with every long word replaced that is not known to be public."""
        return _LONG.sub(self._shown, text)

    def _shown(self, match: re.Match[str]) -> str:
        word = match.group(2)
        if word.isdecimal() or _plain(word) in self.public:
            return match.group(0)
        return f"{match.group(1) or ''}{WITHHELD}"


def veil_of(case: Case, predicate: Predicate) -> Veil:
    """Make the veil of a statement, from what is public anyway."""
    words = (word for text in _public(case, predicate) for word in _WORD.findall(text))
    return Veil(frozenset(_plain(word) for word in words))


def _public(case: Case, predicate: Predicate) -> Iterable[str]:
    """Give texts that are public or elsewhere in the statement: assets, chains, blocks, keys."""
    for chain in case.snapshot.chains:
        yield chain.pin.chain
        yield chain.pin.block_hash
    for asset in case.inputs.registry.assets:
        yield asset.id
    for name in predicate.criteria:
        yield name.id
    for pack in case.inputs.policy.packs:
        yield from (rule.id for rule in pack.rule)
        yield from (rule.kind for rule in pack.rule)
    for one in predicate.carried:
        yield one.sha256
    if predicate.series.previous is not None:
        yield predicate.series.previous.payload_sha256
    if predicate.challenge is not None:
        yield predicate.challenge.nonce
    if predicate.commitment is not None:
        yield predicate.commitment.set


def drawn(predicate: Predicate, veil: Veil) -> Predicate:
    """Give a statement under its veil."""
    blocks, books, scope = predicate.findings, predicate.books, predicate.scope
    found = Findings(
        in_force=_findings(blocks.in_force, veil),
        proposals=_findings(blocks.proposals, veil),
        stress=_findings(blocks.stress, veil),
    )
    reasons = (replace(one, reason=veil.over(one.reason)) for one in scope.instruments)
    return replace(
        predicate,
        findings=found,
        exceptions=exceptions(found.in_force),
        scope=replace(scope, instruments=tuple(reasons)),
        series=_series(predicate.series, veil),
        books=replace(books, custody=_custody(books.custody)),
        # What a sample follows from has the digest of the list of accounts in it.
        proving=tuple(replace(one, seed=WITHHELD) for one in predicate.proving),
        inputs=tuple(replace(one, sha256=None) for one in predicate.inputs),
    )


def _findings(found: tuple[Finding, ...], veil: Veil) -> tuple[Finding, ...]:
    return tuple(_finding(one, veil) for one in found)


def _finding(one: Finding, veil: Veil) -> Finding:
    shown = SHOWN.get(one.kind)
    if shown == "whole":
        facts = {name: veil.over(value) for name, value in one.facts.items()}
        return replace(one, subject=veil.over(one.subject), text=veil.over(one.text), facts=facts)
    if shown == "met" and one.status in MET and not one.subject:
        return replace(one, text=veil.over(one.text), facts={})
    return replace(one, subject=WITHHELD if one.subject else "", text=APART, facts={})


def _series(series: Series, veil: Veil) -> Series:
    """Leave out the digests of former inputs: one of them may be a list of accounts."""
    if series.supersedes is None:
        return series
    restated = tuple(
        replace(one, reason=veil.over(one.reason), former_sha256=None)
        for one in series.supersedes.restated
    )
    return replace(series, supersedes=replace(series.supersedes, restated=restated))


def _custody(records: tuple[CustodyRecord, ...]) -> tuple[CustodyRecord, ...]:
    """Add up what custodians state, over accounts that are alike in everything but the amount."""
    alike: defaultdict[CustodyRecord, list[int]] = defaultdict(list)
    for one in records:
        pool = None if one.pool is None else WITHHELD
        alike[replace(one, account="", amount="0", pool=pool)].append(int(one.amount))
    return tuple(
        replace(one, account=f"accounts: {len(amounts)}", amount=str(sum(amounts)))
        for one, amounts in alike.items()
    )


def _plain(word: str) -> str:
    """Give the form in which a word is looked up: hex in lower case, without its prefix."""
    return word.removeprefix("0x").lower() if _HEX.fullmatch(word) else word
