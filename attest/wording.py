"""The fixed sentences of a statement. They say what was done and what that does not show.

A test looks for the words that only a practitioner may use of his own work; none of them stands
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.declaration import Scope


ASSERTION = (
    "The responsible party declares that the listed accounts are the accounts it holds for the "
    "purpose stated, that the listed obligations are complete as of the time stated, and that the "
    "methods, holders and owners stated for each account are true."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A procedure that the tool follows."""

    id: str
    text: str
    evidence: tuple[str, ...]
    part: Scope | None
    """The part of the scope without which it is not performed; None: it always is."""
    kinds: frozenset[str] = frozenset()
    """The kinds of rules, without their versions, in whose findings it ends; the last procedure
    has all that no other has."""


PROCEDURES: tuple[Step, ...] = (
    Step(
        id="P1",
        text=(
            "Read the balance of every declared account from every declared source at one block "
            "a chain, and recorded each answer. Where a chain allows it, proved balances against "
            "the state root of that block."
        ),
        evidence=("evidence/chains/",),
        part="holdings",
        kinds=frozenset(
            {
                "duplicate_account",
                "failed_read",
                "reading_remark",
                "state_proof",
                "as_of_skew",
                "token_rate",
                "cold_moved",
                "in_and_out",
                "sent_on",
            }
        ),
    ),
    Step(
        id="P2",
        text=(
            "Checked every claim of control: rebuilt the text, verified the signature, and "
            "derived the account from the key or script."
        ),
        evidence=("evidence/inputs/", "report/controls.csv"),
        part="control",
        kinds=frozenset(
            {
                "refuted_control",
                "unproved_control",
                "reused_signature",
                "misused_challenge",
                "stale_challenge",
                "control_age",
                "received_at",
                "sampled_control",
                "forwarders",
                "claimed_elsewhere",
            }
        ),
    ),
    Step(
        id="P3",
        text=(
            "Compared, instrument by instrument, the holdings that may be counted with the "
            "obligations stated."
        ),
        evidence=("report/accounts.csv",),
        part="comparison",
        kinds=frozenset(
            {
                "coverage",
                "held_not_owed",
                "free_coverage",
                "reconciling_items",
                "unexplained",
                "misallocated",
                "committed",
                "commitment_header",
                "instrument_scope",
                "notified",
                "liability_jump",
            }
        ),
    ),
    Step(
        id="P4",
        text="Applied every rule of the listed criteria and listed every finding.",
        evidence=("criteria/",),
        part=None,
    ),
)

LIMITATIONS: tuple[str, ...] = (
    (
        "A signature shows that a key was usable when it was made. It does not show that nobody "
        "else holds the key, nor that the balances were not borrowed for the day."
    ),
    (
        "Obligations are as the responsible party states them. An obligation that is left out "
        "cannot be seen here."
    ),
    (
        "Method, holder and owner of an account are declared. No chain can show whether a key is "
        "kept offline."
    ),
    ("The statement is about one point in time. It says nothing about the time before or after."),
    (
        "A pinned block is taken as recorded by the signer until the reader confirms its hash "
        "from a node or record of his own."
    ),
    (
        "Coins that are not visible on chain, such as shielded or extension-block balances, are "
        "not read."
    ),
    "Encumbrances, such as pledges and loans, are not visible on chain.",
    (
        "Nothing is said of the controls over keys and operations, nor of the rights of customers "
        "in an insolvency."
    ),
    (
        "Other matters might have come to light if other procedures had been performed. No "
        "assurance is given."
    ),
)

NO_REPORT: tuple[str, ...] = (
    (
        "This is no report under a professional standard, and gives no assurance: it says which "
        "procedures were performed and what came of them."
    ),
    "A procedure that stands as not performed was not performed.",
)
"""What goes with a countersignature that names no standard."""

OWN_PROCEDURES: tuple[tuple[str, str], ...] = (
    ("A1", "Compared the declared accounts with the accounts of the general ledger."),
    ("A2", "Compared the totals of obligations with the general ledger at the same time."),
    ("A3", "Drew customers from a source outside of the ledger and looked for them in it."),
    ("A4", "Was present when control of accounts was shown, or chose the texts for it."),
    ("A5", "Asked custodians and banks directly for what they hold, and compared."),
    ("A6", "Inquired of loans, pledges and other encumbrances, and read the contracts."),
    ("A7", "Read balances again at a later time that the entity did not know before."),
)
"""What the program cannot do and a practitioner may: proposals, none of which is performed yet."""

STATUSES: Mapping[str, str] = {
    "in_force": "law in force",
    "self_regulatory": "a rule of a self-regulatory body, in force for its members",
    "guidance": "a supervisor's guideline, to which he holds firms",
    "own": "no law, a check of its author's own",
    "enacted": "passed, and not commenced",
    "bill": "not law: a bill, or decided by a government for one",
    "consultation": "not law: a supervisor's published plan",
    "scenario": "no rule: a loss of the past, or one that is thought up",
}
"""The legal status of a rule, in words."""
GRADES: Mapping[str, str] = {
    "found": "found in a source that was read",
    "derived": "derived by arithmetic from a source that was read",
    "unverified": "from general knowledge alone, looked up by nobody",
    "own": "its author's own, stated by nobody else",
}
"""How the figures of a rule are known, in words."""
