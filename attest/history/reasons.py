"""The reason codes of a log and its proofs, each with what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.errors import HistoryReason

HISTORY_REASONS: Mapping[HistoryReason, str] = {
    "bad_log_signature": "a signature of a key that the verifier knows does not verify",
    "log_behind": "a log's later checkpoint is smaller than the earlier one",
    "log_forked": "two checkpoints of one log and size have different roots",
    "log_rewritten": "a log's later checkpoint does not begin with the earlier one",
    "log_untrusted": "the checkpoint is of another log than the verifier knows",
    "malformed_checkpoint": "the checkpoint is not of the form of C2SP tlog-checkpoint",
    "malformed_log": "the log's own files are not of their form",
    "malformed_log_proof": "the proof is not of the form of C2SP tlog-proof",
    "malformed_note": "the checkpoint is not of the form of C2SP signed-note",
    "not_in_log": "the path does not lead from the payload's digest to the root",
    "witnesses_missing": "fewer witnesses than required have cosigned the checkpoint",
}
