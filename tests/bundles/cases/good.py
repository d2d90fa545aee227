"""Bundles as they should be, and what a verifier can ask of them."""

from __future__ import annotations

from attest import bundle
from tests.bundles.bases import digest_of
from tests.bundles.case import Case, Expected, Files, short, valid
from tests.bundles.edits import envelope_of, payload_in, relabelled, signature_of
from tests.bundles.signers import EDWARDS, EXCHANGE, other_form
from tests.bundles.trusts import (
    ALL,
    BASIC,
    TESTS,
    anchor,
    exchange,
    last,
    party,
    require,
)
from tests.conftest import in_memory


def by_edwards(files: Files) -> Files:
    envelope = envelope_of(payload_in(files)[1], EDWARDS)
    return relabelled(files, "signer", envelope, EDWARDS.public.pem)


def by_other_form(files: Files) -> Files:
    signature = other_form(signature_of(files))
    envelope = envelope_of(payload_in(files)[1], EXCHANGE, signature=signature)
    return relabelled(files, "signer", envelope, EXCHANGE.public.pem)


def regulator(files: Files) -> Files:
    return in_memory(bundle.disclosed(files, "regulator"))


def public(files: Files) -> Files:
    return in_memory(bundle.disclosed(files, "public"))


AT_L1 = exchange() + require('level = "L1"')
CHALLENGER = party("Example Reviewer", "challenger", "challenger")
NOBODY = Expected("indeterminate", "unknown", "L0", 2, ("no_trust_given", "level_not_reached"))
"""Nobody required a narrower scope, so that a statement about holdings alone is no pass."""
COPIED = Expected("valid", "pass", "L1", 0, ("withheld",))
CASES = (
    Case("good-main", "P-256, two real accounts of Ethereum.", valid(), trust=BASIC),
    Case(
        "good-ed25519",
        "The same statement, signed with Ed25519.",
        valid(),
        edit=by_edwards,
        trust=party("Example Exchange", "attester", "exchange-ed25519") + require(),
    ),
    Case(
        "good-whole",
        "Two parties signed, a third countersigned, two authorities and a log saw it.",
        valid(differences=("countersigned",)),
        "whole",
        trust=ALL,
    ),
    Case(
        "good-whole-one-key-trusted",
        "The same for a verifier who knows the exchange's key alone: what he does not know is "
        "named, and speaks against nothing.",
        valid(
            reasons=("timestamp_untrusted",) * 3,
            differences=("signature_not_counted", "signature_not_counted"),
        ),
        "whole",
        trust=BASIC,
    ),
    Case("good-sealed", "The rows are sealed behind salts.", valid(), "sealed", trust=BASIC),
    Case("good-series", "The second of a series.", valid(), "series", trust=BASIC),
    Case(
        "good-exchange",
        "A test network, with claims and liabilities.",
        valid(),
        "exchange",
        trust=TESTS,
        allow_test=True,
    ),
    Case(
        "good-grade-a",
        "The challenge was issued by a party that the verifier trusts to.",
        valid(differences=("grade_a",)),
        "exchange",
        trust=exchange() + CHALLENGER + require(scope=None),
        allow_test=True,
    ),
    Case(
        "good-block-confirmed",
        "The verifier lists the pinned block; the level stays L3, for no balance was read again.",
        valid(anchors="confirmed"),
        trust=exchange() + anchor() + require(),
    ),
    Case(
        "good-authenticity-only",
        "Only files, signatures and trust are asked for: L1.",
        Expected("valid", "pass", "L1", 0),
        trust=BASIC,
        authenticity_only=True,
    ),
    Case(
        "good-signature-of-other-form",
        "(r, n - s) in place of (r, s): another text of the envelope, the same statement by the "
        "same key.",
        valid(),
        edit=by_other_form,
        trust=BASIC,
    ),
    Case(
        "good-regulator-copy",
        "A copy without the nodes' answers, for a verifier who asks for L1.",
        COPIED,
        "sealed",
        regulator,
        AT_L1,
    ),
    Case(
        "good-public-copy",
        "A copy without whatever shows an account, for a verifier who asks for L1.",
        COPIED,
        "sealed",
        public,
        AT_L1,
    ),
    Case(
        "regulator-copy-of-unsealed",
        "A regulator's copy of a statement without salts, for a verifier who asks for L1.",
        COPIED,
        "main",
        regulator,
        AT_L1,
    ),
    Case(
        "public-copy-not-replayed",
        "A public copy cannot be made again: the level that is required is not reached.",
        short("L1", "withheld"),
        "sealed",
        public,
        BASIC,
    ),
    Case(
        "public-copy-in-a-series",
        "A public copy for a verifier who asks for L2 and remembers this very statement.",
        Expected("valid", "pass", "L2", 0, ("withheld",)),
        "sealed",
        public,
        exchange() + last(1, digest_of("sealed")) + require('level = "L2"'),
    ),
    Case("no-trust", "Neither a trust file nor a key.", NOBODY),
    Case(
        "good-small",
        "A bundle that hangs together and says next to nothing: what many cases are made from.",
        Expected("valid", "pass", "L1", 0),
        "small",
        trust=BASIC,
        authenticity_only=True,
    ),
)
