"""Keys whose time is over, or not yet come, and what shows when they signed.

The statement's block is of April 2025; its tokens, in the base `whole`, are of the end of 2026; the
verifier looks in June 2027.
"""

from __future__ import annotations

from hashlib import sha256

from attest import bundle
from tests.bundles.bases import log_with, proof_of
from tests.bundles.case import Case, Expected, Files, Refused, invalid, undecided, valid
from tests.bundles.edits import payload_in
from tests.bundles.trusts import (
    AUDITOR,
    ONE,
    PARTNER,
    TWO,
    exchange,
    keyed,
    log,
    require,
)
from tests.conftest import in_memory

BEFORE_THE_BLOCK = "2025-01-01T00:00:00Z"
BEFORE_THE_TOKENS = "2026-01-01T00:00:00Z"
AFTER_THE_TOKENS = "2027-05-01T00:00:00Z"
LATER = "2027-05-15T00:00:00Z"
EVERYBODY = PARTNER + AUDITOR + ONE + TWO + require()
COUNTED = ("countersigned",)


def seen(name: str, what: str, expected: Expected, **window: str) -> Case:
    """Give a case with two tokens."""
    trust = exchange(**window) + EVERYBODY
    return Case(f"key-{name}", what, expected, "whole", trust=trust)


def unseen(name: str, what: str, expected: Expected, **window: str) -> Case:
    """Give a case without a token."""
    return Case(f"key-{name}", what, expected, trust=exchange(**window) + require())


def _logged(files: Files) -> Files:
    payload = payload_in(files)[1]
    return in_memory(
        bundle.added(files, {"log/0001.tlog-proof": proof_of(log_with(payload), payload)})
    )


CASES = (
    seen(
        "window-open",
        "Token and today lie within the key's window.",
        valid(differences=COUNTED),
        not_before=BEFORE_THE_BLOCK,
        not_after="2028-01-01T00:00:00Z",
    ),
    seen(
        "expired-since",
        "The key has expired, and a token shows that it signed before.",
        valid(differences=COUNTED),
        not_after=AFTER_THE_TOKENS,
    ),
    unseen(
        "expired-unseen",
        "The key has expired, and nothing shows when it signed.",
        undecided("time_unproved"),
        not_after=AFTER_THE_TOKENS,
    ),
    seen(
        "expired-before-the-tokens",
        "The key had expired when the tokens were given; the block is older.",
        undecided("time_unproved", differences=COUNTED),
        not_after=BEFORE_THE_TOKENS,
    ),
    seen(
        "expired-before-the-block",
        "The key had expired before the block that the statement names.",
        invalid("key_expired", differences=COUNTED),
        not_after=BEFORE_THE_BLOCK,
    ),
    seen(
        "not-yet-valid",
        "The tokens are older than the key's window.",
        invalid("key_not_yet_valid", differences=COUNTED),
        not_before=AFTER_THE_TOKENS,
    ),
    unseen(
        "not-before-unseen",
        "The key's window began after the block, and nothing shows an earlier signature.",
        valid(),
        not_before=AFTER_THE_TOKENS,
    ),
    unseen(
        "not-yet-valid-unseen",
        "The key's window has not even begun when the verifier looks.",
        invalid("key_not_yet_valid"),
        not_before="2028-01-01T00:00:00Z",
    ),
    seen(
        "superseded-since",
        "The key was replaced, and a token shows that it signed before.",
        valid(differences=COUNTED),
        revoked_at=AFTER_THE_TOKENS,
        reason="superseded",
    ),
    unseen(
        "superseded-unseen",
        "The key was replaced, and nothing shows when it signed.",
        undecided("time_unproved"),
        revoked_at=AFTER_THE_TOKENS,
        reason="superseded",
    ),
    unseen(
        "superseded-before-the-block",
        "The key was replaced before the block that the statement names.",
        invalid("key_superseded"),
        revoked_at=BEFORE_THE_BLOCK,
        reason="superseded",
    ),
    seen(
        "compromised-since",
        "The key was stolen after the tokens were given.",
        valid(differences=COUNTED),
        revoked_at=LATER,
        reason="compromised",
        compromised_since=AFTER_THE_TOKENS,
    ),
    unseen(
        "compromised-unseen",
        "The key was stolen, and nothing shows when it signed.",
        undecided("time_unproved"),
        revoked_at=LATER,
        reason="compromised",
        compromised_since=AFTER_THE_TOKENS,
    ),
    seen(
        "compromised-before-the-tokens",
        "The key may have been stolen before the tokens were given, though it was revoked after.",
        undecided("time_unproved", differences=COUNTED),
        revoked_at=AFTER_THE_TOKENS,
        reason="compromised",
        compromised_since=BEFORE_THE_TOKENS,
    ),
    seen(
        "compromised-before-the-block",
        "The key may have been stolen before the block that the statement names.",
        invalid("key_compromised", differences=COUNTED),
        revoked_at=AFTER_THE_TOKENS,
        reason="compromised",
        compromised_since=BEFORE_THE_BLOCK,
    ),
    Case(
        "key-expired-logged",
        "The key has expired, there is no token, and a witness of the log saw the payload before.",
        valid(),
        edit=_logged,
        trust=exchange(not_after=AFTER_THE_TOKENS) + log() + require(),
    ),
    Case(
        "key-expired-logged-unwitnessed",
        "The same, for a verifier who asks for no witness: the log's own word shows no time.",
        undecided("time_unproved"),
        edit=_logged,
        trust=exchange(not_after=AFTER_THE_TOKENS) + log(quorum=0) + require(),
    ),
    Case(
        "key-decades-later",
        "The authorities' certificates and the key have long expired when the verifier looks.",
        valid(differences=COUNTED),
        "whole",
        trust=exchange(not_after="2028-01-01T00:00:00Z")
        + EVERYBODY.replace("[require]\n", "[require]\ntimestamps = 2\n"),
        today="2061-06-01T00:00:00Z",
    ),
    Case(
        "key-countersigner-expired",
        "The reviewer's key had expired; his countersignature counts for nothing, and is required.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        "whole",
        trust=exchange()
        + PARTNER
        + keyed("Example Reviewer", "auditor", "auditor", not_after=BEFORE_THE_BLOCK)
        + ONE
        + TWO
        + require("signatures = { auditor = 1 }"),
    ),
    Case(
        "trust-window-backwards",
        "A key's window that ends before it begins.",
        Refused("trust.toml: party.0.keys.0: not_after 2025-01-01T00:00:00Z: "),
        trust=exchange(not_before=AFTER_THE_TOKENS, not_after=BEFORE_THE_BLOCK) + require(),
    ),
    Case(
        "trust-revoked-without-reason",
        "A key that was revoked, and nobody says why.",
        Refused("trust.toml: party.0.keys.0: revoked_at and reason go together"),
        trust=exchange(revoked_at=AFTER_THE_TOKENS) + require(),
    ),
    Case(
        "trust-key-of-another-digest",
        "A key file that has another digest than the one beside it.",
        Refused("trust.toml: party.keys: ../../keys/exchange.pub.pem is "),
        trust=exchange(spki=sha256(b"").hexdigest()) + require(),
    ),
)
