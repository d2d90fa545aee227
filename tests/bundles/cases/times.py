"""Tokens of timestamp authorities, and what a verifier asks of them."""

from __future__ import annotations

from functools import partial

from attest.names import token_name
from tests.bundles.authorities import refusal, token_at, token_of, weak_token
from tests.bundles.case import Case, Files, Refused, broken, undecided, valid
from tests.bundles.edits import listed, signature_of
from tests.bundles.trusts import BASIC, ONE, TWO, authority, exchange, require

TRUST = exchange() + ONE + TWO + require("timestamps = 1")
TRUST_TWO = exchange() + ONE + TWO + require("timestamps = 2")
IN_MARCH = "20250301000000Z"


def stamped(files: Files, *tokens: tuple[str, bytes], label: str = "signer") -> Files:
    """Lay tokens beside the envelope of a label."""
    added = {token_name("0001", label, name): data for name, data in tokens}
    return listed({**files, **added})


def given(files: Files, *names: str) -> Files:
    """Lay the tokens of authorities over the signature beside it."""
    signature = signature_of(files)
    return stamped(files, *((name, token_of(name, signature)) for name in names))


def _other_bytes(files: Files) -> Files:
    return stamped(files, ("one", token_of("one", b"another signature")))


def _early(files: Files) -> Files:
    return stamped(files, ("one", token_at("one", signature_of(files), IN_MARCH)))


def _weak(files: Files) -> Files:
    return stamped(files, ("one", weak_token("one", signature_of(files))))


def _refused(files: Files) -> Files:
    return stamped(files, ("one", refusal("one", signature_of(files))))


def _changed(files: Files) -> Files:
    """Change the last byte of the authority's signature."""
    token = token_of("one", signature_of(files))
    return stamped(files, ("one", token[:-1] + bytes((token[-1] ^ 1,))))


def _longer(files: Files) -> Files:
    return stamped(files, ("one", token_of("one", signature_of(files)) + b"\0"))


def _twice(files: Files) -> Files:
    token = token_of("one", signature_of(files))
    return stamped(files, ("one", token), ("two", token))


def _of_nobody(files: Files) -> Files:
    return stamped(files, ("one", token_of("one", signature_of(files))), label="board")


CASES = (
    Case(
        "time-two-authorities",
        "Tokens of two authorities, two are required.",
        valid(),
        edit=lambda files: given(files, "one", "two"),
        trust=TRUST_TWO,
    ),
    Case(
        "time-one-of-two",
        "A token of one authority, two are required.",
        undecided("timestamps_missing"),
        edit=lambda files: given(files, "one"),
        trust=TRUST_TWO,
    ),
    Case(
        "time-none",
        "No token, one is required.",
        undecided("timestamps_missing"),
        trust=TRUST,
    ),
    Case(
        "time-one-authority-twice",
        "One token under the names of two authorities.",
        undecided("timestamps_missing"),
        edit=_twice,
        trust=TRUST_TWO,
    ),
    Case(
        "time-authority-unknown",
        "A token of an authority that the verifier does not know, where one is required.",
        undecided("timestamp_untrusted", "timestamps_missing"),
        edit=lambda files: given(files, "other"),
        trust=TRUST,
    ),
    Case(
        "time-authority-unknown-not-required",
        "The same where none is required: it speaks against nothing.",
        valid(reasons=("timestamp_untrusted",)),
        edit=lambda files: given(files, "other"),
        trust=BASIC,
    ),
    Case(
        "time-authority-named-as-another",
        "A token of an unknown authority, in a file with the name of a known one.",
        undecided("timestamp_untrusted", "timestamps_missing"),
        edit=lambda files: stamped(files, ("one", token_of("other", signature_of(files)))),
        trust=TRUST,
    ),
    Case(
        "time-other-bytes",
        "A token over other bytes than the signature.",
        broken("timestamp_of_other_bytes"),
        base="small",
        edit=_other_bytes,
        trust=TRUST,
    ),
    Case(
        "time-other-bytes-of-an-unknown",
        "The same, of an authority that the verifier does not know.",
        broken("timestamp_of_other_bytes"),
        base="small",
        edit=_other_bytes,
        trust=BASIC,
    ),
    Case(
        "time-signature-changed",
        "A byte of the authority's signature is another.",
        broken("timestamp_invalid"),
        base="small",
        edit=_changed,
        trust=TRUST,
    ),
    Case(
        "time-chain-of-another",
        "The verifier has the authority's certificate with another root.",
        broken("timestamp_invalid"),
        base="small",
        edit=lambda files: given(files, "one"),
        trust=exchange() + authority("one", chain="tsa-two-root") + require(),
    ),
    Case(
        "time-policy",
        "The verifier asks for another policy than the token was given under.",
        broken("timestamp_policy"),
        base="small",
        edit=lambda files: given(files, "one"),
        trust=exchange() + authority("one", policy="1.2.3.4.2") + require(),
    ),
    Case(
        "time-before-the-block",
        "A token that is older than the block which the statement names.",
        undecided("timestamp_before_block"),
        edit=_early,
        trust=TRUST,
    ),
    Case(
        "time-verifier-behind",
        "The verifier's own clock is behind the block, which says nothing against the statement.",
        valid(),
        trust=BASIC,
        today="2025-01-01T00:00:00Z",
    ),
    Case(
        "time-weak",
        "A token over the SHA-1 of the signature.",
        broken("timestamp_weak"),
        base="small",
        edit=_weak,
        trust=TRUST,
    ),
    Case(
        "time-refused",
        "An authority's answer that it gives no token.",
        broken("timestamp_refused"),
        base="small",
        edit=_refused,
        trust=TRUST,
    ),
    Case(
        "time-trailing-byte",
        "A byte follows the token.",
        broken("malformed_timestamp"),
        base="small",
        edit=_longer,
        trust=TRUST,
    ),
    Case(
        "time-empty",
        "An empty file in the token's place.",
        broken("malformed_timestamp"),
        base="small",
        edit=partial(lambda files: stamped(files, ("one", b""))),
        trust=TRUST,
    ),
    Case(
        "time-label-of-nobody",
        "A token for a label that has no envelope.",
        broken("file_mismatch"),
        base="small",
        edit=_of_nobody,
        trust=TRUST,
    ),
    Case(
        "trust-certificate-twice",
        "One certificate under two authorities.",
        Refused("trust.toml: timestamp_authority: one certificate under two authorities"),
        trust=exchange() + ONE + authority("two", certificate="tsa-one", chain="tsa-one-root"),
    ),
)
