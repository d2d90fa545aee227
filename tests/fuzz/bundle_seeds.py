"""First inputs for what is fuzzed of the attestation: most of them out of the bundle vectors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attest.apart import take_apart
from attest.countersignature import COUNTERSIGNATURE_TYPE, SUBJECT, to_document
from attest.envelope import read_envelope
from attest.history.log import entries_bytes, prove_extension
from attest.history.proof import write_extension
from attest.opening import open_account
from attest.statement import build_statement
from tests.attest.history.logs import cosigned, digests, log_of, vkey
from tests.bundles.edits import envelope_of, statement_about
from tests.bundles.running import VECTORS, read_below, vector
from tests.bundles.signers import EDWARDS, EXCHANGE
from tests.fuzz.bundle_targets import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT = "eip155:1:0x37305B1cD40574E4C5Ce33f8e8306Be057fD7341"
ADDED = "log/0001.tlog-proof"
TRUSTS = (
    *("good-whole", "good-block-confirmed", "key-compromised-since", "time-policy"),
    *("history-known", "prices-agree", "required-rules-and-packs", "required-age", "trust-fresh"),
    *("required-scope-digest", "envelope-low-order-key", "parties-two-keys-of-one"),
)
PROCEDURES = b"""\
[practitioner]
name = "Example Reviewer"
role = "auditor"
licence = "12345"
jurisdiction = "JP"

[report]
standard = "AT-C 215"
level = "agreed-upon-procedures"
title = "Report"
intended_users = ["Users"]
restricted_use = true
date = "2026-12-01"

[[procedure]]
id = "A1"
text = "Compared the list of accounts."
result = "no-exception"
detail = "412 of 412 agree"

[[finding]]
text = "Nothing else."
"""


def good(base: str) -> dict[str, bytes]:
    return read_below(VECTORS / "good" / base)


def bundle_seeds() -> Iterator[tuple[str, str | bytes]]:
    """Give a target and an input for it, one or more for each of `BUNDLE_TARGETS`."""
    for key in (EXCHANGE, EDWARDS):
        yield "envelope", envelope_of(b'{"_type":""}', key)
    yield "envelope", envelope_of(b"", EXCHANGE, kind="", keyid="00", signature=b"")
    yield "payload", good("small")["att/0001.payload.json"]
    yield "payload", _sealed_payload()
    yield from _countersignatures()
    yield from _trusts()
    yield "procedures", PROCEDURES
    for base in ("small", "sealed"):
        yield "manifest", good(base)["manifest.json"]
    yield "sealed-list", good("sealed")["evidence/sealed.json"]
    yield "opening", open_account(good("sealed"), take_apart(good("sealed")), ACCOUNT)
    yield from _logs()
    for path in sorted(VECTORS.glob("*/files/time/*.tsr")):
        yield "timestamp", path.read_bytes()


def _sealed_payload() -> bytes:
    """Give a short statement that seals its rows."""
    disclosure = b'"disclosure":{"root":"' + b"00" * 32 + b'","rows":"1","sealed":["a.csv"]}'
    return good("small")["att/0001.payload.json"].replace(b'"disclosure":null', disclosure)


def _countersignatures() -> Iterator[tuple[str, bytes]]:
    document = to_document(statement_about(ABOUT))
    yield "countersignature", build_statement(COUNTERSIGNATURE_TYPE, document, {SUBJECT: ABOUT})
    stated = read_envelope(good("whole")["att/0001.auditor.dsse.json"]).payload
    subject = rb'[0-9a-f]{64}("},"name":"payload.json")'
    yield "countersignature", re.sub(subject, ABOUT.encode() + rb"\1", stated)


def _trusts() -> Iterator[tuple[str, bytes]]:
    """Give trust files that have together all that one may have."""
    for name in TRUSTS:
        yield "trust", (VECTORS / vector(name).case["trust"]).read_bytes()


def _logs() -> Iterator[tuple[str, str | bytes]]:
    whole = good("whole")[ADDED]
    yield "log-proof", whole
    yield "checkpoint", whole.partition(b"\n\n")[2]
    log = cosigned(log_of(digests(7)), "w")
    yield "log-extension", write_extension(prove_extension(log, 3))
    yield "log-files", log.signed + b"\0" + entries_bytes(log)
    yield "verifier-key", vkey("auditor.example/w1")
