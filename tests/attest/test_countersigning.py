"""A countersignature: what the program fills in, what the party says, and whose it can be."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.apart import take_apart
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.countersignature import (
    COUNTERSIGNATURE_TYPE,
    SUBJECT,
    Countersignature,
    read_countersignature,
    to_document,
)
from attest.countersigning import STEPS, countersign, performed_again, template_of
from attest.elements import required
from attest.envelope import seal
from attest.errors import InvalidEnvelope, SigningError
from attest.keys import load_signing, new_key
from attest.statement import build_statement
from attest.trust import Party, Trust, TrustedKey, trust_key
from attest.verdict import Note, Verdict
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from config.procedures import (
    FindingRow,
    PractitionerTable,
    ProcedureRow,
    Procedures,
    ReportTable,
    parse_procedures,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.apart import Parts
    from attest.content import Content
    from attest.keys import SigningKey
    from config.trust import SigningRole

WHO = PractitionerTable("Example Reviewer", "auditor", None, "JP")
DONE = Procedures(
    WHO,
    procedure=(
        ProcedureRow("A1", "Compared accounts with the ledger.", "no-exception", "21 of 21"),
        ProcedureRow("A2", "Asked the custodian."),
    ),
    finding=(FindingRow("An account was opened later."),),
)
VALID = Verdict("valid", "pass", "L3", (("c", "L3"),), (("c", "unconfirmed"),), (), (), ("E",))


@pytest.fixture(scope="module")
def reviewer() -> SigningKey:
    return load_signing(new_key("ed25519", None)[0], "reviewer", lambda: b"")


@pytest.fixture(scope="module")
def parts(signed: dict[str, bytes]) -> Parts:
    return take_apart(signed)


def results(verdict: Verdict) -> dict[str, str]:
    return {one.id: one.result for one in performed_again(verdict)}


def countersigned(
    signed: Mapping[str, Content], key: SigningKey, procedures: Procedures = DONE
) -> dict[str, Content]:
    parts = take_apart(signed)
    made = countersign(parts, VALID, procedures, tool(), key)
    return bundle.added(signed, bundle.envelope_files(parts, made.envelope, key, "auditor"))


def test_what_the_party_does_not_say_stands_as_not_performed(
    parts: Parts, reviewer: SigningKey
) -> None:
    made = countersign(parts, VALID, DONE, tool(), reviewer).predicate
    own = [(one.id, one.result, one.by, one.detail) for one in made.procedures[len(STEPS) :]]

    assert own == [
        ("A1", "no-exception", "practitioner", "21 of 21"),
        ("A2", "not-performed", None, ""),
    ]
    assert made.findings == ("An account was opened later.",)
    assert (made.about.sequence, made.about.outcome) == ("1", "pass")


def test_the_program_fills_in_what_it_did_again(
    signed: dict[str, bytes], signer: SigningKey
) -> None:
    mine = Verifier(trust_key(signer.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    found = results(verify(signed, mine))

    expected = {
        "T1": "no-exception",
        "T2": "no-exception",
        "T3": "not-performed",
        "T4": "no-exception",
        "T5": "no-exception",
        "T6": "not-performed",
        "T7": "not-performed",
    }
    assert expected == found


@pytest.mark.parametrize(
    ("verdict", "step", "result"),
    [
        (replace(VALID, level=None), "T1", "exception"),
        (replace(VALID, authenticity="invalid"), "T2", "exception"),
        (replace(VALID, authenticity="indeterminate"), "T2", "not-performed"),
        (replace(VALID, about=(("history", "not asked for"),)), "T3", "not-performed"),
        (replace(VALID, about=(("history", "after ab"),)), "T3", "no-exception"),
        (replace(VALID, reasons=(Note("history_gap", ""),)), "T3", "exception"),
        (replace(VALID, reasons=(Note("log_missing", ""),)), "T3", "exception"),
        (VALID, "T4", "not-performed"),
        (replace(VALID, replayed=True), "T4", "no-exception"),
        (replace(VALID, reasons=(Note("replay_mismatch", ""),)), "T4", "exception"),
        (VALID, "T5", "not-performed"),
        (replace(VALID, replayed=True), "T5", "no-exception"),
        (
            replace(VALID, replayed=True, differences=(Note("judged_differently", "x"),)),
            "T5",
            "exception",
        ),
        (replace(VALID, levels=(("c", "L4"),)), "T6", "no-exception"),
        (replace(VALID, levels=(("c", "L4"), ("d", "L3"))), "T6", "not-performed"),
        (replace(VALID, reasons=(Note("balance_mismatch", ""),)), "T6", "exception"),
        (replace(VALID, levels=()), "T6", "not-performed"),
        (replace(VALID, differences=(Note("liabilities_rebuilt", ""),)), "T7", "no-exception"),
        (replace(VALID, differences=(Note("liabilities_differ", ""),)), "T7", "exception"),
        (replace(VALID, differences=(Note("not_committed", ""),)), "T7", "exception"),
    ],
)
def test_each_procedure_answers_its_own_question(verdict: Verdict, step: str, result: str) -> None:
    assert result == results(verdict)[step]


def test_it_is_about_the_payload_alone(parts: Parts, reviewer: SigningKey) -> None:
    envelope = json.loads(countersign(parts, VALID, DONE, tool(), reviewer).envelope)
    statement = json.loads(base64.b64decode(envelope["payload"]))

    assert statement["subject"] == [{"digest": {"sha256": parts.digest}, "name": "payload.json"}]
    assert statement["predicateType"] == "urn:custody-attest:countersignature:v0"


def test_a_bundle_with_it_hangs_together(signed: dict[str, bytes], reviewer: SigningKey) -> None:
    whole = countersigned(signed, reviewer)
    (counter,) = take_apart(whole).countersignatures

    assert counter.key.keyid == reviewer.public.keyid
    assert set(whole) - set(signed) == {
        "att/0001.auditor.dsse.json",
        "att/0001.auditor.sigstore.json",
        "keys/auditor.pub.pem",
    }
    for name, data in signed.items():
        assert whole[name] == data or name in {"manifest.json", "SHA256SUMS"}


def test_who_signed_the_statement_does_not_countersign(parts: Parts, signer: SigningKey) -> None:
    with pytest.raises(SigningError, match="signed the statement itself"):
        countersign(parts, VALID, DONE, tool(), signer)


def test_a_party_countersigns_once(signed: dict[str, bytes], reviewer: SigningKey) -> None:
    once = countersigned(signed, reviewer)

    with pytest.raises(SigningError, match="has signed in this bundle already"):
        countersigned(once, reviewer)


@pytest.mark.parametrize("label", ["", "Auditor", "a/b", "-a", "a" * 33, "a.b", "ä"])
def test_a_label_is_a_plain_word(parts: Parts, reviewer: SigningKey, label: str) -> None:
    with pytest.raises(InputError, match="not a label"):
        bundle.envelope_files(parts, b"", reviewer, label)


def test_a_label_that_is_taken_is_refused(signed: dict[str, bytes], reviewer: SigningKey) -> None:
    once = countersigned(signed, reviewer)
    other = load_signing(new_key("p256", None)[0], "other", lambda: b"")

    with pytest.raises(InputError, match="already in the bundle"):
        countersigned(once, other)


def test_a_standard_wants_all_of_its_elements(parts: Parts, reviewer: SigningKey) -> None:
    bare = replace(DONE, report=ReportTable("AT-C 215", "agreed-upon-procedures", title="Report"))
    with pytest.raises(InputError) as refused:
        countersign(parts, VALID, bare, tool(), reviewer)

    for one in required("AT-C 215", "practitioner"):
        assert (f"{one.id} (" in refused.value.what) == (
            one.id not in {"title", "standard", "practitioner"}
        )


def test_a_whole_report_is_signed(parts: Parts, reviewer: SigningKey) -> None:
    report = ReportTable(
        "AT-C 215",
        "agreed-upon-procedures",
        title="Report",
        responsibility="a",
        independence="b",
        quality_management="c",
        procedures_agreed="d",
        place="Tokyo",
        date="2026-12-02",
    )
    whole = replace(DONE, report=report, practitioner=replace(WHO, licence="1"))
    made = countersign(parts, VALID, whole, tool(), reviewer).predicate

    assert made.report.standard == "AT-C 215"
    assert made.limitations == parts.predicate.limitations


def test_the_template_claims_nothing(parts: Parts) -> None:
    text = template_of(parts).decode().replace('name = ""', 'name = "Example Reviewer"')
    stated = parse_procedures(text.encode(), "procedures.toml")

    assert {one.result for one in stated.procedure} == {"not-performed"}
    assert parts.digest in text


def trusted(signer: SigningKey, reviewer: SigningKey, *roles: str) -> Trust:
    entity = Party("Entity", ("attester",), (TrustedKey(signer.public.keyid),))
    return Trust((entity, Party("Reviewer", roles, (TrustedKey(reviewer.public.keyid),))))


@pytest.mark.parametrize(
    ("roles", "role", "authenticity"),
    [
        (("auditor",), "auditor", "valid"),
        (("regulator",), "auditor", "indeterminate"),
        (("auditor", "attester"), "auditor", "indeterminate"),
        (("custodian",), "auditor", "indeterminate"),
        (("auditor", "regulator"), "regulator", "indeterminate"),
    ],
)
def test_a_reader_requires_it_by_role(
    signed: dict[str, bytes],
    signer: SigningKey,
    reviewer: SigningKey,
    roles: tuple[str, ...],
    role: SigningRole,
    authenticity: str,
) -> None:
    trust = trusted(signer, reviewer, *roles)
    wanted = replace(trust, require=replace(trust.require, signatures={role: 1}))
    mine = Verifier(
        wanted, shipped_registry(), pack_or_none, 0, allow_test=True, authenticity_only=True
    )

    assert authenticity == verify(countersigned(signed, reviewer), mine).authenticity


def statement_of(parts: Parts, made: Countersignature, **change: object) -> bytes:
    return build_statement(
        COUNTERSIGNATURE_TYPE, {**to_document(made), **change}, {SUBJECT: parts.digest}
    )


def test_what_is_signed_is_read_back(parts: Parts, reviewer: SigningKey) -> None:
    made = countersign(parts, VALID, DONE, tool(), reviewer).predicate

    assert made == read_countersignature(statement_of(parts, made), parts.digest)


def test_other_statements_and_other_subjects_are_refused(
    parts: Parts, reviewer: SigningKey
) -> None:
    made = countersign(parts, VALID, DONE, tool(), reviewer).predicate
    document = to_document(made)
    about = {SUBJECT: parts.digest}
    cases = {
        "malformed_countersignature": (
            b"{}",
            statement_of(parts, made, besides="x"),
            statement_of(parts, made, procedures="all"),
        ),
        "unknown_statement": (build_statement("urn:other", document, about), parts.payload),
        "countersigns_another": (
            build_statement(COUNTERSIGNATURE_TYPE, document, {SUBJECT: "0" * 64}),
            build_statement(COUNTERSIGNATURE_TYPE, document, {"other": parts.digest}),
            build_statement(COUNTERSIGNATURE_TYPE, document, {**about, "more": "0" * 64}),
        ),
    }
    for code, payloads in cases.items():
        for payload in payloads:
            with pytest.raises(InvalidEnvelope) as refused:
                read_countersignature(payload, parts.digest)
            assert code == refused.value.reason


def test_a_countersignature_about_another_statement_makes_the_bundle_invalid(
    signed: dict[str, bytes], parts: Parts, reviewer: SigningKey
) -> None:
    made = countersign(parts, VALID, DONE, tool(), reviewer).predicate
    payload = build_statement(COUNTERSIGNATURE_TYPE, to_document(made), {SUBJECT: "0" * 64})
    files = bundle.envelope_files(parts, seal(payload, reviewer), reviewer, "auditor")

    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(bundle.listed({**signed, **files}))
    assert refused.value.reason == "countersigns_another"
