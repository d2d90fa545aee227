"""Small real bundles, and what second parties, authorities and logs add to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

from attest import bundle
from attest.apart import take_apart
from attest.countersignature import (
    COUNTERSIGNATURE_TYPE,
    SUBJECT,
    About,
    ConfirmedBlock,
    Countersignature,
    Performed,
    Practitioner,
    Report,
    to_document,
)
from attest.envelope import seal
from attest.frame_records import PreviousRecord, Series
from attest.history.log import prove_entry
from attest.history.proof import write_log_proof
from attest.names import envelope_name, key_name, payload_name, proof_name, token_name
from attest.predicate import ATTESTATION_TYPE, AsOf
from attest.predicate import to_document as predicate_document
from attest.statement import build_statement
from attest.timestamps.authority import Authority, read_authority
from attest.trust import Party, Trust, TrustedKey
from config.times import format_time
from tests.attest.history.logs import cosigned, digests, key, log_of
from tests.attest.timestamps import tsa
from tests.attest.timestamps.forge import Forged
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.frame_records import StepResult, Tool
    from attest.history.log import Log
    from attest.keys import SigningKey
    from attest.pipeline import Work
    from attest.predicate import Predicate

Files = dict[str, bytes]
EXCHANGE, PARENT, AUDITOR, REGULATOR = map(key, ("exchange", "parent", "auditor", "regulator"))
BLOCK = 1_790_000_000
"""Time of the one block that a small statement names."""
HOUR = 3600
NUMBER = "0001"


def emptied(predicate: Predicate) -> Predicate:
    """Give a statement that says next to nothing."""
    return replace(
        predicate,
        holdings=(),
        obligations=(),
        comparison=(),
        procedures=(),
        limitations=(),
        criteria=(),
        inputs=(),
        data_sources=(),
        findings=replace(predicate.findings, in_force=()),
    )


def predicate_of(work: Work, **change: object) -> Predicate:
    """Give a statement about one block and nothing else."""
    (first, *_) = work.predicate.as_of.anchors
    pin = replace(first, block_time=format_time(BLOCK))
    nothing = replace(emptied(work.predicate), as_of=AsOf(format_time(BLOCK), (pin,)))
    return replace(nothing, **change)  # type: ignore[arg-type]  # fields by name


def signed_small(
    predicate: Predicate, signer: SigningKey = EXCHANGE, extra: Files | None = None
) -> Files:
    """Sign a statement about a file or two."""
    files = {"evidence/a.jsonl": b"one\n", **(extra or {})}
    named = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    payload = build_statement(ATTESTATION_TYPE, predicate_document(predicate), named)
    number = predicate.series.sequence.zfill(4)
    return in_memory(bundle.sign({**files, payload_name(number): payload}, signer))


def series(number: int, previous: str | None = None, known: Series | None = None) -> Series:
    """Give a place in a series: its number, and the payload that it links to."""
    before = (
        None
        if previous is None
        else PreviousRecord(str(number - 1), previous, "0" * 64, format_time(BLOCK - HOUR))
    )
    base = known or Series("example-exchange", "1", None, None, None)
    return replace(base, sequence=str(number), previous=before)


def cosigned_by(files: Files, who: SigningKey, label: str) -> Files:
    """Let a further party sign the same statement."""
    return in_memory(bundle.cosign(files, who, label))


@dataclass(frozen=True, slots=True)
class Said:
    """What a second party says: as what, with which results, of which blocks."""

    role: Literal["auditor", "regulator", "observer"] = "auditor"
    results: tuple[StepResult, ...] = ()
    blocks: tuple[ConfirmedBlock, ...] = ()


def countersigned_by(files: Files, who: SigningKey, label: str, said: Said = Said()) -> Files:
    """Let a second party countersign, whoever it is, also with a key that signed already."""
    parts = take_apart(files)
    payload = build_statement(
        COUNTERSIGNATURE_TYPE,
        to_document(_countersignature(parts.predicate, said, parts.predicate.tool)),
        {SUBJECT: parts.digest},
    )
    number = parts.predicate.series.sequence.zfill(4)
    added = {envelope_name(number, label): seal(payload, who), key_name(label): who.public.pem}
    return in_memory(bundle.added(files, added))


def _countersignature(predicate: Predicate, said: Said, tool: Tool) -> Countersignature:
    nothing = (None,) * 6
    return Countersignature(
        About("Example Exchange", "s", "1", predicate.as_of.time, "test", "pass"),
        Practitioner("Example Reviewer", said.role, None, None),
        Report(None, "none", "none", *nothing[:5], (), False, None, None, None),
        tuple(
            Performed(f"P{at}", "x", result, None if result == "not-performed" else "tool", "")
            for at, result in enumerate(said.results)
        ),
        (),
        said.blocks,
        (),
        tool,
    )


@cache
def authority(name: str) -> tuple[tsa.Issued, Authority]:
    """Make a timestamp authority, whose certificate has been good for ever."""
    ages = (datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    root = tsa.issue(f"{name} root", ca=True, valid=ages)
    own = tsa.issue(f"{name} own", root, valid=ages)
    return own, read_authority(name, own.pem, root.pem, None)


def stamped(files: Files, name: str, time: int, label: str = "signer", file: str = "") -> Files:
    """Let an authority stamp a party's signature at a time of its own choice."""
    parts = take_apart(files)
    (one,) = (it for it in (*parts.signatures, *parts.countersignatures) if it.label == label)
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)).strftime("%Y%m%d%H%M%SZ")
    hashed = hashlib.sha256(one.signature).digest()
    reply = Forged(authority(name)[0], time=moment.encode(), hashed=hashed).reply()
    return in_memory(bundle.added(files, {token_name(NUMBER, label, file or name): reply}))


def logged(files: Files, *witnesses: tuple[str, int]) -> Files:
    """Put a statement into a log that witnesses saw at their times, and the proof beside it."""
    digest = bytes.fromhex(take_apart(files).digest)
    log: Log = log_of((*digests(2), digest))
    for name, time in witnesses:
        log = cosigned(log, name, at=time)
    proof = write_log_proof(prove_entry(log, digest))
    return in_memory(bundle.added(files, {proof_name(NUMBER): proof}))


def party(name: str, *keys: SigningKey | TrustedKey, roles: tuple[str, ...]) -> Party:
    """Give a party of a trust file."""
    return Party(
        name,
        roles,
        tuple(
            one if isinstance(one, TrustedKey) else TrustedKey(one.public.keyid, key=one.public)
            for one in keys
        ),
    )


def trusting(*parties: Party, authorities: tuple[str, ...] = (), **more: object) -> Trust:
    """Trust an exchange that attests, and others."""
    attests = (party("Exchange", EXCHANGE, roles=("attester",)),)
    known = tuple(authority(name)[1] for name in authorities)
    met = {one.name for one in parties}
    own = () if "Exchange" in met else attests
    return Trust((*own, *parties), authorities=known, **more)  # type: ignore[arg-type]  # fields by name
