"""The verdict of a verification: authenticity, outcome, and how far both were checked.

Authenticity and outcome are two things: a signed shortfall is authentic and fails. Levels, lowest
first: L0 the files match their digests, L1 signature and trust, L2 history, L3 every number was
made again from the evidence, L4 the blocks are confirmed and the balances were read again. A level
is reached only with all below it, except that a verifier who asks for no history needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attest.history.reasons import HISTORY_REASONS
from attest.timestamps.reasons import REASONS as TIMESTAMP_REASONS

if TYPE_CHECKING:
    from attest.findings import Outcome
    from config.trust import Level

Authenticity = Literal["valid", "invalid", "indeterminate"]
AnchorState = Literal["confirmed", "unconfirmed"]
LEVELS: tuple[Level, ...] = ("L0", "L1", "L2", "L3", "L4")

CODES: dict[str, str] = {
    "malformed_payload": "the payload is not a statement this version reads",
    "malformed_envelope": "the envelope is not its own canonical form",
    "wrong_payload_type": "the envelope is around another type of payload",
    "missing_file": "a file that every bundle has is missing",
    "payload_mismatch": "the envelope is around other bytes than the payload file",
    "file_mismatch": "a file is missing, besides, or has another digest than the statement says",
    "key_mismatch": "the key file is not the key the envelope names",
    "manifest_mismatch": "the manifest or the sums are not those of the files",
    "sigstore_mismatch": "a Sigstore bundle is not made of the envelope and the tokens beside it",
    "unknown_statement": "an envelope is around a statement that is no countersignature",
    "countersigns_another": "a countersignature is about another payload",
    "malformed_countersignature": "a countersignature is not of the form this version reads",
    "no_trusted_signature": "no key the verifier trusts has signed",
    "bad_signature": "the signature does not verify",
    "no_trust_given": "neither --trust nor --key was given",
    "signature_not_counted": "a further signature counts for nothing, and why",
    "countersigned": "a party that the verifier trusts countersigned, and reports no exception",
    "countersigned_exception": "a party that the verifier trusts reports an exception",
    "not_independent": "a countersignature is of a key that signed the statement itself",
    "key_not_yet_valid": "the signature was seen before its key's window begins",
    "key_expired": "the signature was made after its key's window ended",
    "key_superseded": "the signature was made after its key was replaced",
    "key_compromised": "the signature was made after its key may have been stolen",
    "time_unproved": "the key's time is over, and nothing shows that it signed before",
    "threshold_not_met": "fewer distinct parties of a role have signed than required",
    "timestamps_missing": "fewer distinct timestamp authorities saw the signature than required",
    "timestamp_before_block": "a timestamp is older than a block that the statement names",
    "trust_stale": "the trust file's next update is overdue",
    "history_unknown": "history is required, and the verifier knows nothing to compare with",
    "history_gap": "a statement between this one and the last one known was not seen",
    "history_rewritten": "the statement before this one is another than the verifier knows",
    "history_forked": "the verifier knows another statement of this number",
    "history_older": "the verifier knows a later statement of the series",
    "log_missing": "the bundle holds no proof of the log that the verifier knows",
    "withheld": "the copy leaves files out by its profile, so nothing can be made again",
    "wallet_key": "the key that signed it is also the key of a declared account",
    "fixed_since": "a fault of the version that made it is mended, and makes other bytes now",
    "price_differs": "a price lies further from the verifier's own than he tolerates",
    "price_unchecked": "the verifier's own prices have none to compare a price with",
    "test_network": "a statement about a test network, without --allow-test",
    "replay_failed": "the evidence cannot be read again",
    "replay_mismatch": "the statement is not what its own evidence gives",
    "judged_differently": "the verifier's registry and packs give another outcome",
    "anchor_mismatch": "the verifier knows another block at a pinned height",
    "anchor_time_unchecked": "the verifier lists the block without its time",
    "anchor_unknown": "the verifier's node does not know a pinned block",
    "balance_mismatch": "a balance read again differs",
    "answer_mismatch": "an answer to a question of a proof, asked again, differs",
    "not_read_again": "a balance could not be read again",
    "other_block": "a co-observation is of another block, so it says nothing about this one",
    "not_committed": "a ledger was given, and the statement commits to no liabilities",
    "liabilities_differ": "the ledger and the secret give another commitment than the statement's",
    "liabilities_rebuilt": "the commitment was built again from the ledger: grade rebuilt",
    "too_old": "the statement is older than the verifier accepts",
    "scope_missing": "the declared scope lacks a part the verifier requires",
    "scope_mismatch": "the statement's scope has another digest than required",
    "rule_mismatch": "a rule the verifier requires is missing or has another digest",
    "pack_mismatch": "a pack the verifier requires is missing or has another digest",
    "level_not_reached": "a level below the one required",
}
CODES |= TIMESTAMP_REASONS | {str(code): words for code, words in HISTORY_REASONS.items()}
"""Every reason code and what it means."""

DIFFERENCES: dict[str, str] = {
    "rule": "a rule of a pack is another one, or only one side has it",
    "pack": "a pack is of another version, or only one side has it",
    "parameter": "the declaration replaces a figure of a pack",
    "registry_chain": "a row of the registry of chains differs",
    "registry_asset": "a row of the registry of assets differs",
    "registry_instrument": "a row of the registry of instruments differs",
    "registry_slot": "a row of the registry of balance slots differs",
    "registry_forwarder": "a row of the registry of deposit contracts differs",
    "registry_balance": "the verifier's rows give another balance out of the same evidence",
    "grade_a": "controls of grade B are of grade A to this verifier, who trusts their challenger",
    "scope_narrowed": "the declared scope leaves parts out",
    "as_of_replaced": "the statement is about another time than the declaration states",
    "custodian_untrusted": "a custodian's statement is over a key that the verifier does not trust",
    "carried_untrusted": "an earlier statement is of a key that the verifier does not trust",
}
"""Codes that stand among the differences alone, and what each means."""


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or a difference: a closed code and what it is about."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found."""

    authenticity: Authenticity
    outcome: Outcome
    """The worse of what the signer's and the verifier's own criteria give; the signer's alone where
    nothing was made again; unknown of a bundle that is invalid."""
    level: Level | None
    """The lowest level over all chains; None if not even the files match."""
    levels: tuple[tuple[str, Level], ...]
    anchors: tuple[tuple[str, AnchorState], ...]
    reasons: tuple[Note, ...]
    differences: tuple[Note, ...]
    """Where the signer's criteria and the verifier's own are not the same."""
    parties: tuple[str, ...]
    network: str = ""
    required: Level = "L3"
    replayed: bool = False
    """Whether the statement was made again from its evidence, and is the same."""
    about: tuple[tuple[str, str], ...] = ()
    """Entity, series and sequence, time and scope of the statement."""

    def document(self) -> dict[str, object]:
        """Give the verdict's JSON form."""
        return {
            "authenticity": self.authenticity,
            "outcome": self.outcome,
            "level": self.level,
            "levels": dict(self.levels),
            "anchors": dict(self.anchors),
            "reasons": [{"code": note.code, "detail": note.detail} for note in self.reasons],
            "differences": [
                {"code": note.code, "detail": note.detail} for note in self.differences
            ],
            "parties": list(self.parties),
            "network": self.network,
            "about": dict(self.about),
            "requiredLevel": self.required,
        }

    def exit_code(self, *, authenticity_only: bool) -> int:
        """Give the exit code: 1 invalid or failed, 2 undecided or below the level, 0.

        Of authenticity alone the outcome is not asked, and the level is that of history.
        """
        if self.authenticity == "invalid" or (self.outcome == "fail" and not authenticity_only):
            return 1
        reached = self.level is not None and LEVELS.index(self.level) >= LEVELS.index(self.required)
        passed = authenticity_only or self.outcome == "pass"
        return 0 if self.authenticity == "valid" and passed and reached else 2
