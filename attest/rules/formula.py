"""What a rule tests and what it needs, in words, made from the figures by which it judges.

A pack holds no such text, so that none can say another thing than what is computed. Kinds whose
rules differ in nothing but a number have one sentence here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from attest.rules import (
    accrual,
    concentration,
    coverage,
    custodian_share,
    floor,
    guarantee,
    jump,
    occurrences,
    own_share,
    price_feed,
    proposal,
    share,
)
from attest.rules.stress import domains, past, replay, reverse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.rules.parameters import Parameters

Words: TypeAlias = "Callable[[Parameters], tuple[str, tuple[str, ...]]]"


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule in words."""

    test: str
    inputs: tuple[str, ...]
    """What it is computed from; empty: the statement itself."""


FORMULAS: Mapping[str, Words] = {
    "coverage/3": coverage.explain,
    "share_limit/1": share.explain,
    "same_kind/1": guarantee.explain_same_kind,
    "unmatched/1": guarantee.explain_unmatched,
    "apart/1": guarantee.explain_apart,
    "reserve_floor/1": floor.explain,
    "volume_accrual/1": accrual.explain,
    "reserve_proposal/1": proposal.explain,
    "reserve_sensitivity/1": proposal.explain_sensitivity,
    "custodian_share/1": custodian_share.explain,
    "fact_age/2": occurrences.explain_age,
    "fact_limit/1": occurrences.explain_limit,
    "filed/1": occurrences.explain_filed,
    "notified/1": occurrences.explain_notified,
    "judgement/1": occurrences.explain_judgement,
    "loss_replay/1": replay.explain,
    "domain_replay/1": domains.explain,
    "past_losses/1": past.explain,
    "reverse_stress/1": reverse.explain,
    "domain_reverse/1": reverse.explain_domains,
    "domain_share/1": concentration.explain,
    "own_token_share/1": own_share.explain,
    "liability_jump/1": jump.explain,
    "price_feed/1": price_feed.explain,
}
"""Kinds whose test follows from the parameters of a rule."""

TESTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "coverage/2": (
        "held + signed by custodians - borrowed + items >= minimum * owed, for each instrument",
        ("accounts", "custody", "liabilities", "reserves", "reconciling"),
    ),
    "held_not_owed/1": (
        "of every instrument held for customers something is owed",
        ("accounts", "liabilities"),
    ),
    "committed/1": ("total of each tree = owed", ("commitment", "liabilities")),
    "commitment_header/1": ("entity, time and blocks of the commitment = the statement's", ()),
    "free_coverage/1": (
        "held and tied to nothing - borrowed + items >= owed, for each instrument",
        ("allocations", "liabilities"),
    ),
    "reconciling_items/1": ("every item is confirmed by its chain", ("reconciling",)),
    "unexplained/1": ("difference + fees = 0, for each instrument", ("reconciling",)),
    "traced/1": ("every traced payment touches a declared account", ("trace",)),
    "misallocated/1": ("sum of an account's allocations = its balance", ("allocations",)),
    "fact_age/1": ("days since the latest event <= maximum", ("facts",)),
    "restated/1": ("every input that differs is named, with a reason", ("supersedes",)),
    "pools/1": ("sum of custodians' statements of a pool <= its balance", ("custody",)),
    "undeclared_debt/1": ("borrowed by debt tokens <= borrowed by the books", ("reserves",)),
    "own_assets/1": ("code and decimals of each declared contract = its row's", ("assets",)),
    "statements/1": ("every signed statement = its row", ("custody", "reserves", "facts")),
    "stale_rows/1": ("age of each row of the file <= maximum", ("custody", "reserves")),
    "instrument_scope/1": ("no instrument that is owed is left out", ("assets", "liabilities")),
    "cold_moved/1": (
        "transactions of each cold account in the window, but for proofs = 0",
        ("accounts", "window"),
    ),
    "in_and_out/1": (
        "min(held - before, held - after) <= limit * held, for each instrument",
        ("window",),
    ),
    "claimed_elsewhere/1": ("no declared account is in others' lists", ("others",)),
    "sent_on/1": ("to and from others in the window <= limit * held", ("others", "window")),
    "refuted_control/1": ("no claim is refuted", ("claims",)),
    "unproved_control/1": ("every account has a proof", ("claims",)),
    "reused_signature/1": ("no signature is used for two subjects", ("claims",)),
    "misused_challenge/1": ("the nonce stands in issued texts alone", ("claims", "challenges")),
    "duplicate_account/1": ("no account stands twice in its file", ("accounts",)),
    "failed_read/1": ("every balance was read", ()),
    "as_of_skew/1": ("distance of each block's time from the statement's <= maximum", ()),
    "stale_liabilities/1": ("age of each total <= maximum", ("liabilities",)),
    "stale_price/1": ("age of each price <= maximum", ("prices",)),
    "stale_challenge/1": ("distance of issue and expiry from the time <= maximum", ("challenges",)),
    "control_age/1": ("age of each proof that counts <= maximum", ("claims",)),
    "received_at/1": ("issued <= received <= as of + maximum", ("claims", "challenges")),
    "online_share/2": ("online / (online + offline) <= limit", ("accounts", "prices")),
    "reading_remark/1": ("no source gave rise to a remark of these codes", ()),
    "state_proof/1": ("every balance that was to be proved is", ()),
    "counted_twice/1": ("no copy is held whose escrow is declared", ("accounts",)),
    "own_token/1": ("no asset held is the entity's own", ("accounts",)),
    "token_rate/1": ("every rate that was asked for was read", ()),
    "forwarders/1": ("every deposit contract passes on to its parent", ("accounts",)),
    "sampled_control/1": ("every drawn account of a group is proved", ("claims", "challenges")),
    "report_elements/1": ("every element of the standard is stated", ("declaration",)),
    "insurance_valid/1": ("from <= as of < until, for each policy", ("reserves",)),
    "series_linked/1": ("a later statement names the one before it", ("declaration",)),
}
"""The other kinds."""


def explained(kind: str, parameters: Parameters) -> Explained:
    """Say what a rule tests.

    Args:
        kind: name and version of a known kind.
        parameters: the rule's.

    Raises:
        InputError: a parameter is missing or of the wrong form.
    """
    words = FORMULAS.get(kind)
    return Explained(*(TESTS[kind] if words is None else words(parameters)))
