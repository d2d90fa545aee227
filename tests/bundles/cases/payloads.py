"""Payloads that are no statement, each signed by the exchange's own key."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from attest.countersignature import COUNTERSIGNATURE_TYPE
from attest.predicate import ATTESTATION_TYPE
from attest.statement import STATEMENT_TYPE
from tests.bundles.case import Case, broken
from tests.bundles.edits import restated
from tests.bundles.signers import EXCHANGE
from tests.bundles.trusts import BASIC

SUBJECT = b'"name":"report/report.md"'
AMOUNT = b'"amount":"4996521887269694"'
NONE = sha256(b"").hexdigest().encode()


def _case(name: str, what: str, old: bytes, new: bytes) -> Case:
    """Give a case of a payload in which one text is another."""
    return Case(
        f"payload-{name}",
        what,
        broken("malformed_payload"),
        base="small",
        edit=partial(restated, change=lambda payload: payload.replace(old, new, 1), key=EXCHANGE),
        trust=BASIC,
    )


def _kind(kind: str) -> bytes:
    return f'"predicateType":"{kind}"'.encode()


CASES = (
    _case(
        "predicate-type-unknown",
        "A version of the predicate that nobody knows yet.",
        _kind(ATTESTATION_TYPE),
        _kind(ATTESTATION_TYPE.replace("v1", "v2")),
    ),
    _case(
        "predicate-type-draft",
        "The draft v0 of the predicate, which was never promised.",
        _kind(ATTESTATION_TYPE),
        _kind(ATTESTATION_TYPE.replace("v1", "v0")),
    ),
    _case(
        "predicate-type-swapped",
        "An attestation that says it is a countersignature.",
        _kind(ATTESTATION_TYPE),
        _kind(COUNTERSIGNATURE_TYPE),
    ),
    _case(
        "statement-type",
        "A Statement of in-toto v0.1.",
        STATEMENT_TYPE.encode(),
        b"https://in-toto.io/Statement/v0.1",
    ),
    _case(
        "duplicate-key",
        "The network stands there twice, the second time rightly.",
        b'"network":"main"',
        b'"network":"test","network":"main"',
    ),
    _case("float", "An amount is a fraction in binary.", AMOUNT, b'"amount":4996521887269694.5'),
    _case("integer", "An amount is a JSON number.", AMOUNT, b'"amount":4996521887269694'),
    _case("large-integer", "A JSON number beyond 2^53.", AMOUNT, b'"amount":49965218872696940000'),
    _case(
        "leading-zero", "An amount with a leading zero.", AMOUNT, b'"amount":"04996521887269694"'
    ),
    _case("exponent", "An amount with an exponent.", AMOUNT, b'"amount":"5e15"'),
    _case("not-canonical", "A space after a colon.", b'"network":"main"', b'"network": "main"'),
    _case(
        "escaped",
        "A letter is written as an escape, which says the same.",
        b'"network":"main"',
        b'"network":"m\\u0061in"',
    ),
    _case("surrogate", "Half of a surrogate pair.", b'"network":"main"', b'"network":"\\ud800"'),
    _case("not-utf-8", "A byte that is no UTF-8.", b'"network":"main"', b'"network":"\xff"'),
    _case("field-missing", "The network is left out.", b'"network":"main",', b""),
    _case("field-unknown", "A field besides.", b'"network":"main"', b'"network":"main","nil":null'),
    _case("time-without-zone", "The time has no Z.", b'14:52:35Z"},"as', b'14:52:35"},"as'),
    _case("subject-upwards", "A subject's name leads out.", SUBJECT, b'"name":"../report.md"'),
    _case("subject-absolute", "A subject's name is absolute.", SUBJECT, b'"name":"/report.md"'),
    _case(
        "subject-backslash",
        "A subject's name has a backslash.",
        SUBJECT,
        b'"name":"report\\\\report.md"',
    ),
    _case(
        "subject-case-folded",
        "Two subjects that are one where case is folded.",
        b'"subject":[',
        b'"subject":[{"digest":{"sha256":"' + NONE + b'"},"name":"REPORT/report.md"},',
    ),
    _case(
        "subject-twice",
        "One name with two digests.",
        b'"subject":[',
        b'"subject":[{"digest":{"sha256":"' + NONE + b'"},"name":"report/report.md"},',
    ),
    _case(
        "subject-digest-upper-case",
        "A digest in upper case.",
        b'"subject":[{"digest":{"sha256":"',
        b'"subject":[{"digest":{"sha256":"AA',
    ),
    _case(
        "subject-second-digest",
        "A digest of another kind beside it.",
        b'"subject":[{"digest":{',
        b'"subject":[{"digest":{"md5":"d41d8cd98f00b204e9800998ecf8427e",',
    ),
)
