"""Statements that bind other files than they may, signed by someone who means to."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from attest import bundle
from attest.apart import read_payload, take_apart
from attest.binding import bound_files, check_bound, check_subjects
from attest.envelope import seal
from attest.errors import InvalidEnvelope
from attest.sealing import FINDINGS, ROWS, SEALED, read_list
from attest.statement import canonical
from config.errors import InputError
from tests.attest.sealed import bundle_of, sealed_work
from tests.conftest import in_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

PAYLOAD, ENVELOPE = "att/0001.payload.json", "att/0001.signer.dsse.json"
ACCOUNTS = "evidence/inputs/accounts.csv"


@pytest.fixture(scope="module")
def sealed(example: tuple[dict[str, bytes], Criteria], signer: SigningKey) -> dict[str, bytes]:
    return bundle_of(sealed_work(example), signer)


def stated_again(
    files: dict[str, bytes], key: SigningKey, change: Callable[[Any], object]
) -> dict[str, bytes]:
    """Change a statement and sign it again, as a signer who lies does; the lists are made again."""
    statement = json.loads(files[PAYLOAD])
    change(statement)
    payload = canonical(statement)
    return {**files, PAYLOAD: payload, ENVELOPE: seal(payload, key)}


def refusal(files: dict[str, bytes]) -> tuple[str, str]:
    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(files)
    return refused.value.reason, refused.value.what


def whole(files: dict[str, bytes]) -> dict[str, bytes]:
    return in_memory(bundle.listed(files))


def public(files: dict[str, bytes]) -> dict[str, bytes]:
    """Make the public copy that the statement would have, without asking whether it may."""
    names = json.loads(files[PAYLOAD])["predicate"]["disclosure"]["sealed"]
    kept = {name: data for name, data in files.items() if name not in {*names, SEALED}}
    return in_memory(bundle.listed(kept, "public", tuple(sorted({*names, SEALED}))))


def sealing(*names: str) -> Callable[[Any], object]:
    def change(statement: Any) -> None:  # noqa: ANN401 - any JSON
        listed = statement["predicate"]["disclosure"]["sealed"]
        statement["predicate"]["disclosure"]["sealed"] = sorted([*listed, *names])

    return change


def subject(name: str, data: bytes = b"x") -> Callable[[Any], object]:
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    return lambda statement: statement["subject"].append({"digest": digest, "name": name})


def test_a_sealed_statement_binds_every_file_by_name_and_digest(
    sealed: dict[str, bytes],
) -> None:
    parts = take_apart(sealed)
    bound = bound_files(parts.statement, parts.predicate, sealed)

    assert bound[ACCOUNTS] == hashlib.sha256(sealed[ACCOUNTS]).hexdigest()
    assert read_list(sealed[SEALED]).items() <= bound.items()
    assert parts.statement.subjects.items() <= bound.items()
    without = {name: data for name, data in sealed.items() if name != SEALED}
    assert "" == bound_files(parts.statement, parts.predicate, without)[ACCOUNTS]


def test_every_sealed_file_is_bound_to_its_own_name(sealed: dict[str, bytes]) -> None:
    listed = list(read_list(sealed[SEALED]))
    for one, other in pairwise(listed):
        swapped = {**sealed, one: sealed[other], other: sealed[one]}
        if sealed[one] != sealed[other]:
            assert "file_mismatch" == refusal(whole(swapped))[0], one
    for name in listed:
        assert "file_mismatch" == refusal(whole({**sealed, name: b""}))[0], name
        gone = {one: data for one, data in sealed.items() if one != name}
        assert "file_mismatch" == refusal(whole(gone))[0], name
        moved = {**gone, f"{name}.bak": sealed[name]}
        assert "file_mismatch" == refusal(whole(moved))[0], name


def test_another_list_of_what_is_sealed_is_refused(sealed: dict[str, bytes]) -> None:
    document = json.loads(sealed[SEALED])
    for forged in (
        {**document, "salt": "00" * 32},
        {**document, "files": {**document["files"], "evidence/more": "00" * 32}},
        {**document, "files": {ROWS: document["files"][ROWS]}},
    ):
        assert "file_mismatch" == refusal(whole({**sealed, SEALED: canonical(forged)}))[0]
    for data in (b"", b"{}", b"[]", b"\xff", b'{"files":{},"files":{},"salt":""}'):
        assert "file_mismatch" == refusal(whole({**sealed, SEALED: data}))[0]


def test_a_signed_list_of_other_files_than_the_statement_seals_is_refused(
    sealed: dict[str, bytes], signer: SigningKey
) -> None:
    """The list is a subject, and its digest is right; its names are not the statement's."""
    document = json.loads(sealed[SEALED])
    fewer = {name: one for name, one in document["files"].items() if name != FINDINGS}
    for listed in (fewer, {**document["files"], "evidence/more": "00" * 32}):
        forged = canonical({**document, "files": listed})
        digest = hashlib.sha256(forged).hexdigest()

        def change(statement: Any, digest: str = digest) -> None:  # noqa: ANN401 - any JSON
            for one in statement["subject"]:
                if one["name"] == SEALED:
                    one["digest"]["sha256"] = digest

        lied = {**stated_again(sealed, signer, change), SEALED: forged}
        reason, what = refusal(whole(lied))
        assert ("file_mismatch", True) == (reason, "is not the list" in what)


@pytest.mark.parametrize(
    "name",
    [
        PAYLOAD,
        ENVELOPE,
        "keys/signer.pub.pem",
        "manifest.json",
        "SHA256SUMS",
        "VERIFY.md",
        SEALED,
        "report/report.md",
        "criteria/policies/core.toml",
        "evidence/../VERIFY.md",
        "../evidence/a",
        "/evidence/a",
        "evidence//a",
        "evidence/a\\b",
        "evidence/INPUTS/accounts.csv",
        ROWS,
        "evidence/" + "a" * 400,
        "",
    ],
)
def test_a_statement_that_seals_what_it_must_not_has_no_copy_that_holds(
    sealed: dict[str, bytes], signer: SigningKey, name: str
) -> None:
    """Whole, such a statement could not be made again; of a public copy nobody can try that."""
    lied = stated_again(sealed, signer, sealing(name))

    for copied in (whole(lied), public(lied)):
        assert refusal(copied)[0] in {"file_mismatch", "missing_file", "malformed_payload"}


@pytest.mark.parametrize("name", [ACCOUNTS, FINDINGS, "report/controls.csv", "evidence/new.json"])
def test_a_statement_that_shows_the_digest_of_what_it_must_seal_is_refused(
    sealed: dict[str, bytes], signer: SigningKey, name: str
) -> None:
    """A plain digest of a list of accounts confirms a guess, whoever signed it and why."""

    def unsealed(statement: Any) -> None:  # noqa: ANN401 - any JSON
        listed = statement["predicate"]["disclosure"]["sealed"]
        statement["predicate"]["disclosure"]["sealed"] = [one for one in listed if one != name]
        subject(name, sealed.get(name, b""))(statement)

    lied = stated_again(sealed, signer, unsealed)
    for copied in (whole(lied), public(lied)):
        reason, what = refusal(copied)
        assert "file_mismatch" == reason
        assert "shows the digests of" in what


def test_a_statement_without_its_list_or_rows_is_refused(
    sealed: dict[str, bytes], signer: SigningKey
) -> None:
    def no_list(statement: Any) -> None:  # noqa: ANN401 - any JSON
        statement["subject"] = [one for one in statement["subject"] if one["name"] != SEALED]

    def no_rows(statement: Any) -> None:  # noqa: ANN401 - any JSON
        statement["predicate"]["disclosure"]["sealed"].remove(ROWS)

    def nothing(statement: Any) -> None:  # noqa: ANN401 - any JSON
        statement["predicate"]["disclosure"]["sealed"] = []

    for change in (no_list, no_rows, nothing):
        lied = stated_again(sealed, signer, change)
        for copied in (whole(lied), public(lied)):
            assert "file_mismatch" == refusal(copied)[0]


@pytest.mark.parametrize(
    "name", ["manifest.json", "SHA256SUMS", PAYLOAD, ENVELOPE, "keys/signer.pub.pem"]
)
def test_no_subject_takes_the_name_of_a_bundles_own_file(
    signed: dict[str, bytes], signer: SigningKey, name: str
) -> None:
    lied = stated_again(signed, signer, subject(name, signed[name]))

    assert "file_mismatch" == refusal(whole(lied))[0]


def test_a_statement_that_seals_nothing_needs_no_list(signed: dict[str, bytes]) -> None:
    parts = take_apart(signed)

    assert parts.statement.subjects == bound_files(parts.statement, parts.predicate, signed)
    more = {**signed, SEALED: b'{"files":{},"salt":"' + b"0" * 64 + b'"}'}
    assert "file_mismatch" == refusal(whole(more))[0]


def test_a_draft_is_exactly_what_its_statement_is_about(work: Work) -> None:
    statement, predicate = take_apart_draft(work)
    files = in_memory(work.subjects)
    check_subjects(statement, predicate, files)

    for name in files:
        for other in (
            {one: data for one, data in files.items() if one != name},
            {**files, name: files[name] + b" "},
            {**files, f"{name}.more": b""},
        ):
            with pytest.raises(InputError, match=r"files differ|digest mismatch"):
                check_subjects(statement, predicate, other)


def take_apart_draft(work: Work) -> Any:  # noqa: ANN401 - statement and predicate
    return read_payload(work.payload)


def test_a_mapped_file_is_the_same_file(sealed: dict[str, bytes]) -> None:
    mapped = {name: memoryview(data) for name, data in sealed.items()}
    parts = take_apart(sealed)
    bound = bound_files(parts.statement, parts.predicate, mapped)

    check_bound(bound, {name: mapped[name] for name in bound}, ())
    assert bound == bound_files(parts.statement, parts.predicate, sealed)


def test_what_is_withheld_is_not_there(sealed: dict[str, bytes]) -> None:
    parts = take_apart(sealed)
    bound = bound_files(parts.statement, parts.predicate, sealed)
    files = {name: sealed[name] for name in bound}
    with pytest.raises(InputError, match="besides"):
        check_bound(bound, files, (ROWS,))
    del files[ROWS]
    check_bound(bound, files, (ROWS,))
    with pytest.raises(InputError, match="missing"):
        check_bound(bound, files, ())
