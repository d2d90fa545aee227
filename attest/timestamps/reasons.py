"""The reason codes of timestamps, each with what it means."""

from __future__ import annotations

REASONS = {
    "malformed_timestamp": "the bytes are no timestamp token in the one form that is kept",
    "timestamp_refused": "the authority did not grant a timestamp",
    "timestamp_weak": "a digest of the token is of an algorithm that is not SHA-2",
    "timestamp_of_other_bytes": "the token is over other bytes than the signature",
    "timestamp_of_other_request": "the token has another nonce than the request",
    "timestamp_untrusted": "the token is signed under another certificate than the authority's",
    "timestamp_policy": "the token was given under another policy than the one asked of it",
    "timestamp_invalid": "the signature or the certificates do not hold at the token's time",
    "malformed_ots": "the bytes are no OpenTimestamps proof",
    "ots_of_other_bytes": "the proof is of other bytes than the checkpoint",
    "ots_header_invalid": "the header is none, or its hash is not below its own target",
    "ots_other_block": "the proof does not lead to the root in the block's header",
}
