"""What stands before a statement, and the log that it is in."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from attest.history.log import prove_entry
from attest.history.note import read_note, write_note
from attest.history.proof import write_log_proof
from tests.attest.history.logs import cosigned, digests, key, log_of
from tests.bundles.bases import (
    DECLARATION,
    WITNESS,
    again,
    digest_of,
    log_with,
    proof_of,
    signed,
)
from tests.bundles.case import Case, Expected, Files, Refused, broken, invalid, short, valid
from tests.bundles.edits import listed, payload_in
from tests.bundles.trusts import BASIC, exchange, last, log, require

LOG = "log/0001.tlog-proof"
MAIN, SERIES = digest_of("main"), digest_of("series")
OTHER = sha256(b"another statement").hexdigest()
TRUST = exchange() + log() + require()
PLAIN = exchange() + log(quorum=0) + require()
"""The log, and no witness is asked for."""


def knowing(sequence: int, payload: str) -> str:
    return exchange() + last(sequence, payload) + require()


def logged(files: Files, proof: bytes) -> Files:
    return listed({**files, LOG: proof})


def _proof(files: Files) -> bytes:
    payload = payload_in(files)[1]
    return proof_of(log_with(payload), payload)


def _in_log(files: Files) -> Files:
    return logged(files, _proof(files))


def _of_another_log(files: Files) -> Files:
    payload = payload_in(files)[1]
    made = log_of((*digests(5), sha256(payload).digest()), origin="example.net/other")
    return logged(files, proof_of(cosigned(made, WITNESS), payload))


def _by_another_key(files: Files) -> Files:
    payload = payload_in(files)[1]
    made = log_of((*digests(5), sha256(payload).digest()), holder=key("another holder"))
    return logged(files, proof_of(cosigned(made, WITNESS), payload))


def _path(files: Files) -> Files:
    """Name another sibling in the path."""
    proof = prove_entry(log_with(payload_in(files)[1]), sha256(payload_in(files)[1]).digest())
    first, *rest = proof.path
    return logged(files, write_log_proof(replace(proof, path=(bytes(len(first)), *rest))))


def _index(files: Files) -> Files:
    proof = prove_entry(log_with(payload_in(files)[1]), sha256(payload_in(files)[1]).digest())
    return logged(files, write_log_proof(replace(proof, index=proof.index - 1)))


def _of_another_payload(files: Files) -> Files:
    return logged(files, proof_of(log_with(b"another"), b"another"))


def _unwitnessed(files: Files) -> Files:
    payload = payload_in(files)[1]
    return logged(files, proof_of(log_of((*digests(5), sha256(payload).digest())), payload))


def _rewritten(files: Files) -> Files:
    """Let the log's holder make it anew, and keep the witness's word for what he saw."""
    payload = payload_in(files)[1]
    seen, anew = log_with(payload), log_of((*digests(5, "anew"), sha256(payload).digest()))
    taken = read_note(seen.signed).signatures[1:]
    note = read_note(anew.signed)
    forged = write_note(replace(note, signatures=(*note.signatures, *taken)))
    return logged(files, proof_of(replace(anew, signed=forged), payload))


def _log_signature(files: Files) -> Files:
    """Take the log's signature from another of its checkpoints."""
    payload = payload_in(files)[1]
    made, other = log_with(payload), log_with(payload, tag="other")
    own, seen = read_note(made.signed), read_note(other.signed)
    signatures = (seen.signatures[0], *own.signatures[1:])
    forged = write_note(replace(own, signatures=signatures))
    return logged(files, proof_of(replace(made, signed=forged), payload))


def _malformed_note(files: Files) -> Files:
    return logged(files, _proof(files).rpartition("— ".encode())[0] + b"- nobody\n")


def _malformed_checkpoint(files: Files) -> Files:
    return logged(files, _proof(files).replace(b"\n6\n", b"\n06\n"))


def _extra(files: Files) -> Files:
    payload = payload_in(files)[1]
    proof = prove_entry(log_with(payload), sha256(payload).digest())
    return logged(files, write_log_proof(replace(proof, extra=b"by the way")))


def _third(_files: Files) -> Files:
    """State number 3 of the series, without the one before."""
    made = again(
        "main",
        **{
            DECLARATION: lambda data: data.replace(
                b'network = "main"', b'network = "main"\nsequence = 3'
            )
        },
    )
    return signed(made)


LATE = short("L1", "history_gap")
CASES = (
    Case(
        "history-expected",
        "It stands after the statement that the verifier accepted last.",
        valid(),
        "series",
        trust=BASIC,
        previous=MAIN,
    ),
    Case(
        "history-expected-upper-case",
        "The same, with the digest in upper case.",
        valid(),
        "series",
        trust=BASIC,
        previous=MAIN.upper(),
    ),
    Case(
        "history-rewritten",
        "It stands after another statement than the one that the verifier accepted.",
        invalid("history_rewritten"),
        "series",
        trust=BASIC,
        previous=OTHER,
    ),
    Case(
        "history-first-not-expected",
        "The first of its series, where one was accepted before.",
        invalid("history_rewritten"),
        trust=BASIC,
        previous=OTHER,
    ),
    Case(
        "history-known",
        "The verifier remembers number 1, and this is number 2.",
        valid(),
        "series",
        trust=knowing(1, MAIN),
    ),
    Case(
        "history-of-another-series",
        "The verifier remembers a statement of another series.",
        Expected("valid", "pass", "L1", 2, ("history_unknown", "level_not_reached")),
        "series",
        trust=knowing(1, MAIN).replace("[history]\n", '[history]\nseries = "another"\n'),
    ),
    Case(
        "history-known-itself",
        "The verifier remembers this very statement.",
        valid(),
        "series",
        trust=knowing(2, SERIES),
    ),
    Case(
        "history-known-rewritten",
        "The verifier remembers another number 1.",
        invalid("history_rewritten"),
        "series",
        trust=knowing(1, OTHER),
    ),
    Case(
        "history-forked",
        "The verifier remembers another number 2.",
        invalid("history_forked"),
        "series",
        trust=knowing(2, OTHER),
    ),
    Case(
        "history-older",
        "The verifier remembers number 3, and this is number 2.",
        short("L1", "history_older"),
        "series",
        trust=knowing(3, OTHER),
    ),
    Case(
        "history-gap",
        "The verifier remembers number 1, and this is number 3.",
        LATE,
        edit=_third,
        trust=knowing(1, MAIN),
    ),
    Case(
        "history-gap-unlinked",
        "Number 3 names no statement before it, and one is expected.",
        LATE,
        edit=_third,
        trust=BASIC,
        previous=MAIN,
    ),
    Case(
        "history-unknown",
        "History is required, and the verifier has nothing to compare with.",
        short("L1", "history_unknown"),
        trust=exchange() + require('level = "L2"'),
    ),
    Case("log-good", "It is in the log, and a witness saw it.", valid(), edit=_in_log, trust=TRUST),
    Case(
        "log-good-for-l2",
        "History is required, and the log is enough for it.",
        valid(),
        edit=_in_log,
        trust=exchange() + log() + require('level = "L2"'),
    ),
    Case(
        "log-not-known",
        "A proof of a log that the verifier has not named says nothing, and harms nothing.",
        valid(),
        edit=_in_log,
        trust=BASIC,
    ),
    Case(
        "log-missing",
        "No proof, and the verifier has named a log.",
        short("L1", "log_missing"),
        trust=TRUST,
    ),
    Case(
        "log-of-another",
        "A proof of another log.",
        short("L1", "log_untrusted"),
        edit=_of_another_log,
        trust=TRUST,
    ),
    Case(
        "log-by-another-key",
        "A log of the same name under another key.",
        short("L1", "log_untrusted"),
        edit=_by_another_key,
        trust=TRUST,
    ),
    Case(
        "log-signature",
        "The log's signature is of another of its checkpoints.",
        invalid("bad_log_signature"),
        edit=_log_signature,
        trust=PLAIN,
    ),
    Case(
        "log-rewritten",
        "The log was made anew, and the witness's word is for what he saw before.",
        invalid("bad_log_signature"),
        edit=_rewritten,
        trust=TRUST,
    ),
    Case(
        "log-unwitnessed",
        "Nobody cosigned the checkpoint, one witness is required.",
        short("L1", "witnesses_missing"),
        edit=_unwitnessed,
        trust=TRUST,
    ),
    Case(
        "log-unwitnessed-not-required",
        "The same where none is required.",
        valid(),
        edit=_unwitnessed,
        trust=PLAIN,
    ),
    Case(
        "log-path",
        "A hash of the path is another.",
        broken("not_in_log"),
        base="small",
        edit=_path,
        trust=TRUST,
    ),
    Case(
        "log-index",
        "The index is another.",
        broken("not_in_log"),
        base="small",
        edit=_index,
        trust=TRUST,
    ),
    Case(
        "log-of-another-payload",
        "The proof is of another statement, in a log that the verifier does not know.",
        broken("not_in_log"),
        base="small",
        edit=_of_another_payload,
        trust=BASIC,
    ),
    Case(
        "log-malformed-proof",
        "An empty proof.",
        broken("malformed_log_proof"),
        base="small",
        edit=lambda files: logged(files, b""),
        trust=TRUST,
    ),
    Case(
        "log-malformed-note",
        "A line of the checkpoint's signatures is none.",
        broken("malformed_note"),
        base="small",
        edit=_malformed_note,
        trust=TRUST,
    ),
    Case(
        "log-malformed-checkpoint",
        "The checkpoint's size has a leading zero.",
        broken("malformed_checkpoint"),
        base="small",
        edit=_malformed_checkpoint,
        trust=TRUST,
    ),
    Case(
        "log-extra-data",
        "The proof carries extra data, which nobody signed; the verifier does not know the log.",
        broken("malformed_log_proof"),
        base="small",
        edit=_extra,
        trust=BASIC,
    ),
    Case(
        "trust-witness-twice",
        "The log's own key as its witness would witness itself.",
        Refused("log: log 'example.com/attestations': one key stands there twice"),
        trust=exchange() + log(witness="log") + require(),
    ),
)
