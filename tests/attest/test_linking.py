"""Links to the statement before, and earlier statements that keep their digests apart."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from attest import bundle
from attest.apart import take_apart
from attest.cli.load import tool
from attest.earlier import read_stated
from attest.envelope import seal
from attest.inputs import DECLARATION, INPUTS
from attest.pipeline import work_through
from attest.sealing import SEALED, Salts, read_list
from attest.statement import canonical
from config.earlier import CARRIED_FILES, STATEMENT_FILES
from config.errors import InputError
from tests.attest.sealed import OTHER, SECRET, bundle_of, predicate_of, sealed_work, sealing
from tests.conftest import in_memory

if TYPE_CHECKING:
    from typing import TypeAlias

    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.pipeline import Work

    Example: TypeAlias = tuple[dict[str, bytes], Criteria]

FOLDER = "earlier/0001"
LIST = "sealed.json"


@pytest.fixture(scope="module")
def first(example: Example, signer: SigningKey) -> dict[str, bytes]:
    """Number 1 of the series, sealed."""
    return bundle_of(sealed_work(example), signer)


@pytest.fixture(scope="module")
def plain(signed: dict[str, bytes]) -> dict[str, bytes]:
    """The same statement without a seal."""
    return bundle.carry(signed, linked=True)


def after(
    example: Example,
    folder: dict[str, bytes],
    table: str = f'[previous]\nfolder = "{FOLDER}"\n',
    sequence: int = 2,
) -> Example:
    """Give the example's files as a later statement that names an earlier one."""
    files, criteria = example
    text = files[DECLARATION].decode().replace("sequence = 1\n", f"sequence = {sequence}\n")
    brought = {f"{INPUTS}{FOLDER}/{name}": data for name, data in folder.items()}
    return {**files, **brought, DECLARATION: f"{text}\n{table}".encode()}, criteria


def linked(*given: Any, **change: Any) -> Work:  # noqa: ANN401 - as for `after`
    return work_through(*after(*given, **change), tool())


def refused(*given: Any, **change: Any) -> str:  # noqa: ANN401 - as for `after`
    with pytest.raises(InputError) as fault:
        linked(*given, **change)
    return fault.value.what


SEALED_LINK = f'[previous]\nfolder = "{FOLDER}"\nsealed = true\n'


def test_a_link_names_the_payload_of_the_statement_before(
    example: Example, work: Work, plain: dict[str, bytes], signer: SigningKey
) -> None:
    made = linked(example, plain).predicate.series.previous

    assert set(STATEMENT_FILES) == set(plain)
    assert made is not None
    assert hashlib.sha256(work.payload).hexdigest() == made.payload_sha256
    assert ("1", signer.public.keyid, work.predicate.as_of.time) == (
        made.sequence,
        made.keyid,
        made.as_of,
    )


def test_a_link_to_a_sealed_statement_needs_its_list(
    example: Example, first: dict[str, bytes]
) -> None:
    folder = bundle.carry(first, linked=True)
    made = linked(example, folder, SEALED_LINK).predicate.series.previous

    assert {*STATEMENT_FILES, LIST} == set(folder)
    assert made is not None
    assert take_apart(first).digest == made.payload_sha256
    assert "a sealed statement" in refused(example, folder)
    unlisted = {name: data for name, data in folder.items() if name != LIST}
    assert "file is missing" in refused(example, unlisted, SEALED_LINK)


def test_the_list_is_the_statements_own(
    example: Example, first: dict[str, bytes], plain: dict[str, bytes]
) -> None:
    folder = bundle.carry(first, linked=True)
    document = json.loads(folder[LIST])
    for forged in (
        canonical({**document, "salt": "00" * 32}),
        canonical({**document, "files": {}}),
        folder[LIST] + b"\n",
        b"",
    ):
        assert re.search(
            "not the list|empty", refused(example, {**folder, LIST: forged}, SEALED_LINK)
        )
    # One that seals nothing has no list that could be its own.
    assert "not the list" in refused(example, {**plain, LIST: folder[LIST]}, SEALED_LINK)


@pytest.mark.parametrize(
    ("sequence", "said"),
    [(1, "number 1, this one is 1"), (3, "number 1, this one is 3")],
)
def test_a_series_counts_on_by_one(
    example: Example, plain: dict[str, bytes], sequence: int, said: str
) -> None:
    assert said in refused(example, plain, sequence=sequence)


def test_a_link_stays_in_its_series_and_goes_forward(
    example: Example, work: Work, plain: dict[str, bytes], signer: SigningKey
) -> None:
    def changed(change: dict[str, Any]) -> dict[str, bytes]:
        statement = json.loads(work.payload)
        for name, value in change.items():
            statement["predicate"][name] = {**statement["predicate"][name], **value}
        payload = canonical(statement)
        return {**plain, "payload.json": payload, "envelope.dsse.json": seal(payload, signer)}

    assert "of series 'other'" in refused(example, changed({"series": {"id": "other"}}))
    later = {"asOf": {"time": "2030-01-01T00:00:00Z"}}
    assert "is about 2030-01-01T00:00:00Z" in refused(example, changed(later))
    named = {"responsibleParty": {"name": "Another", "lei": None}}
    assert "a statement of" in refused(example, changed(named))
    form = {"series": {"previous": {"payloadSha256": 1}}}
    assert "not of the form" in refused(example, changed(form))
    assert "series" in changed({})["payload.json"].decode()
    linked(example, changed({}))


@pytest.mark.parametrize("name", STATEMENT_FILES)
def test_every_file_of_a_link_is_looked_at(
    example: Example, plain: dict[str, bytes], name: str
) -> None:
    # Spaces after a key are no other key; in the new statement they are bound like any input.
    grown = b"{}" if name == "signer.pub.pem" else plain[name] + b"\n"
    for data in (b"", grown, plain[name][:-2], b"{}"):
        assert refused(example, {**plain, name: data})
    gone = {one: data for one, data in plain.items() if one != name}
    assert "file is missing" in refused(example, gone)


def test_a_payload_is_the_one_that_was_signed(
    example: Example, plain: dict[str, bytes], first: dict[str, bytes]
) -> None:
    """Two statements of one key: the envelope of the one does not carry the other."""
    other = first["att/0001.payload.json"]
    assert "other bytes" in refused(example, {**plain, "payload.json": other})


def test_digests_of_a_sealed_statement_are_read_from_its_list(
    first: dict[str, bytes], work: Work
) -> None:
    folder = bundle.carry(first, linked=True)
    stated = read_stated(FOLDER, folder, work.inputs.declaration.entity, "test")

    expected = {
        name.removeprefix(INPUTS): digest
        for name, digest in read_list(folder[LIST]).items()
        if name.startswith(INPUTS)
    }
    assert expected == stated.inputs
    assert "salts.hex" in stated.inputs


def test_proofs_of_a_sealed_statement_are_carried_into_a_sealed_one(
    example: Example, first: dict[str, bytes], signer: SigningKey
) -> None:
    """And the new one's public copy shows no more of the earlier one than its digest."""
    folder = bundle.carry(first)
    table = f'[[carried]]\nfolder = "{FOLDER}"\nsealed = true\n'
    files, criteria = after(example, folder, f"{SEALED_LINK}{table}")
    with pytest.raises(InputError, match="about 2026-11-22T19:27:54Z"):
        linked(example, folder, f"{SEALED_LINK}{table}")

    assert {*CARRIED_FILES, LIST} == set(folder)
    # The same answers, of a time one minute later.
    evidence = dict(files)
    for name in (DECLARATION, "evidence/observation.json"):
        evidence[name] = files[name].replace(b"19:27:54Z", b"19:28:54Z")
    made = work_through(*sealing((evidence, criteria), OTHER), tool())
    copied = in_memory(bundle.disclosed(bundle_of(made, signer), "public"))
    (carried,) = predicate_of(copied)["carried"]
    assert take_apart(first).digest == carried["sha256"]
    assert int(carried["claims"]) > 0
    texts = b"".join(copied.values())
    for name in ("claims.csv", "challenges.json", LIST, "envelope.dsse.json"):
        assert hashlib.sha256(folder[name]).hexdigest().encode() not in texts
    assert Salts(bytes.fromhex(SECRET), "x").secret.hex().encode() not in texts
    assert made.predicate.attestation_id != predicate_of(first)["attestationId"]


def test_an_input_of_a_sealed_statement_is_listed_by_its_name_in_the_bundle(
    example: Example, first: dict[str, bytes], signer: SigningKey
) -> None:
    """A digest that the list has under another name is not the input's."""
    folder = bundle.carry(first, linked=True)
    document = json.loads(folder[LIST])
    moved = {f"x/{name}": digest for name, digest in document["files"].items()}
    forged = canonical({**document, "files": moved})
    statement = json.loads(folder["payload.json"])
    for one in statement["subject"]:
        if one["name"] == SEALED:
            one["digest"]["sha256"] = hashlib.sha256(forged).hexdigest()
    payload = canonical(statement)
    lied = {
        **folder,
        LIST: forged,
        "payload.json": payload,
        "envelope.dsse.json": seal(payload, signer),
    }
    assert "a sealed statement" in refused(example, lied, SEALED_LINK)
