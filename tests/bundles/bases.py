"""The whole bundles that cases are changed from.

    main       two real accounts of Ethereum, proved against a real block; scope holdings
    small      what many cases are made from that are refused before anything is made again: the
               statement of main without most of its parts, about four short files; the evidence
               does not give it
    whole      main with all that may lie in a bundle: a second party's signature, a reviewer's
               countersignature, tokens of two authorities, and the proof of a log with a witness
    sealed     main with salts, so that it can be shown without its accounts
    series     number 2 of the series of main, linked to it
    exchange   a pretended exchange on two test networks, with claims and liabilities

The tool's version in them is this program's, its digest a literal: statements say who made them,
and nobody can check it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from attest import bundle
from attest.apart import take_apart
from attest.cli.load import tool
from attest.history.log import prove_entry
from attest.history.proof import write_log_proof
from attest.inputs import criteria_in
from attest.names import payload_name, token_name
from attest.pipeline import EVIDENCE, Work, work_through
from attest.predicate import ATTESTATION_TYPE, Findings, to_document
from attest.statement import build_statement
from config.times import parse_time
from tests.attest.history.logs import cosigned, digests, log_of
from tests.bundles.authorities import token_of
from tests.bundles.edits import countersigned, signature_of
from tests.bundles.running import VECTORS, read_below
from tests.bundles.signers import AUDITOR, EXCHANGE, PARTNER
from tests.conftest import in_memory, read_example

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attest.frame_records import Tool
    from attest.history.log import Log

Files = dict[str, bytes]
DECLARATION = "evidence/inputs/declaration.toml"
CORE = "criteria/policies/core.toml"
FEW = (DECLARATION, "evidence/inputs/accounts.csv", "evidence/observation.json")
SALTS = sha256(b"test vector salts").hexdigest().encode() + b"\n"
WITNESS = "auditor.example/w1"
WITNESSED = parse_time("2026-12-10T00:00:00Z")


def made_by() -> Tool:
    own = tool()
    return replace(own, source_sha256=sha256(b"test vectors").hexdigest())


def work_again(files: Files) -> Work:
    """Work through inputs, evidence and criteria of a bundle."""
    return work_through(files, criteria_in(files), made_by())


def rests_on(base: str) -> Files:
    """Give what the statement of a base was made from: inputs, evidence and criteria."""
    heads = (EVIDENCE, "criteria/")
    return {name: data for name, data in base_of(base).items() if name.startswith(heads)}


def again(base: str, **edits: Callable[[bytes], bytes]) -> Work:
    """Work through a base with files edited, as a dishonest signer would."""
    files = rests_on(base)
    for name, edit in edits.items():
        changed = edit(files[name])
        if changed == files[name]:
            raise ValueError(f"nothing changed in {name}")
        files[name] = changed
    return work_again(files)


def signed(made: Work) -> Files:
    return in_memory(bundle.sign(bundle.draft(made), EXCHANGE))


def _example(name: str) -> Files:
    files, criteria = read_example(name)
    return signed(work_through(files, criteria, made_by()))


def _sealed() -> Files:
    files = rests_on("main")
    text = files[DECLARATION].replace(b"[inputs]", b'[inputs]\nsalts = "salts"')
    return signed(work_again({**files, DECLARATION: text, "evidence/inputs/salts": SALTS}))


def _second() -> Files:
    """Name the statement of `main` as the one before."""
    files = rests_on("main")
    text = files[DECLARATION].replace(
        b"[sources", b'[previous]\nfolder = "earlier/0001"\n\n[sources'
    )
    text = text.replace(b'network = "main"', b'network = "main"\nsequence = 2')
    earlier = bundle.carry(base_of("main"), linked=True)
    named = {f"evidence/inputs/earlier/0001/{name}": data for name, data in earlier.items()}
    return signed(work_again({**files, DECLARATION: text, **named}))


def log_with(*payloads: bytes, tag: str = "", at: int = WITNESSED) -> Log:
    """Give a log of five other digests and these payloads', cosigned by the witness."""
    entries = (*digests(5, tag), *(sha256(one).digest() for one in payloads))
    return cosigned(log_of(entries), WITNESS, at=at)


def proof_of(log: Log, payload: bytes) -> bytes:
    return write_log_proof(prove_entry(log, sha256(payload).digest()))


def _whole() -> Files:
    files = in_memory(bundle.cosign(base_of("main"), PARTNER, "board"))
    files = countersigned(files, AUDITOR)
    payload = files["att/0001.payload.json"]
    added = {"log/0001.tlog-proof": proof_of(log_with(payload), payload)}
    for label, name in (("signer", "one"), ("signer", "two"), ("auditor", "one")):
        signature = signature_of(files, label)
        added[token_name("0001", label, name)] = token_of(name, signature)
    return in_memory(bundle.added(files, added))


def _small() -> Files:
    main = base_of("main")
    predicate = replace(
        take_apart(main).predicate,
        comparison=(),
        exceptions=(),
        findings=Findings((), (), ()),
        limitations=(),
        procedures=(),
    )
    files = {name: main[name] for name in FEW}
    files["report/report.md"] = b"# A short report\n"
    digests_of = {name: sha256(data).hexdigest() for name, data in files.items()}
    payload = build_statement(ATTESTATION_TYPE, to_document(predicate), digests_of)
    return in_memory(bundle.sign({**files, payload_name("0001"): payload}, EXCHANGE))


BASES: Mapping[str, Callable[[], Files]] = {
    "main": lambda: _example("mainnet"),
    "small": _small,
    "whole": _whole,
    "sealed": _sealed,
    "series": _second,
    "exchange": lambda: _example("exchange"),
}
"""Every base, and how it was made."""


@cache
def base_of(name: str) -> Files:
    """Give a base by its name: the one that lies among the vectors, or a new one."""
    place = VECTORS / "good" / name
    return read_below(place) if place.is_dir() else BASES[name]()


def digest_of(base: str) -> str:
    """Give the SHA-256 of a base's payload, hex."""
    return take_apart(base_of(base)).digest
