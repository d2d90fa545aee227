"""A statement that carries a commitment: what it says, and what it finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.committed import COMMITMENT
from attest.inputs import DECLARATION, INPUTS
from attest.pins import pins_document
from attest.pipeline import Work, work_through
from attest.statement import canonical
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from proofs.liabilities.commitment import (
    Commitment,
    Tree,
    commit,
    commitment_document,
    header_hash,
    tree_of,
)

if TYPE_CHECKING:
    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.verdict import Verdict

Files = dict[str, bytes]
Example = tuple[Files, "Criteria"]


def header_of(work: Work, **changed: object) -> dict[str, object]:
    """The header of a commitment to the example's liabilities."""
    registry, books = work.inputs.registry, work.inputs.books
    names = sorted(books.owed())
    return {
        "version": "polv1",
        **pins_document(work.inputs, work.case.as_of, work.case.snapshot),
        "revision": "1",
        "supersedes": None,
        "assets": [
            {"index": at, "instrument": name, "decimals": registry.instrument(name).decimals}
            for at, name in enumerate(names)
        ],
        "ledger": [
            {
                "instrument": name,
                **{kind: str(units) for kind, units in books.by_kind(name).items()},
            }
            for name in names
        ],
        **changed,
    }


def commitment_of(header: dict[str, object], totals: dict[str, int]) -> Commitment:
    """Trees of one leaf each, which is as much as a statement looks at."""
    assets = header["assets"]
    assert isinstance(assets, list)
    snapshot = header_hash(header)
    trees = tuple(
        tree_of(
            snapshot,
            Tree(
                one["index"],
                one["instrument"],
                one["decimals"],
                0,
                bytes(32),
                totals[one["instrument"]],
                b"",
            ),
        )
        for one in assets
    )
    return commit(header, trees)


def with_commitment(files: Files, commitment: Commitment) -> Files:
    return {**files, COMMITMENT: canonical(commitment_document(commitment))}


def worked(example: Example, files: Files) -> Work:
    return work_through(files, example[1], tool())


def statuses(work: Work, code: str) -> dict[str, str]:
    found = work.predicate.findings.in_force
    return {one.subject: one.status for one in found if one.code == code}


def owed(work: Work) -> dict[str, int]:
    return {str(name): units for name, units in work.inputs.books.owed().items()}


@pytest.fixture(name="good")
def _good(example: Example, work: Work) -> Files:
    return with_commitment(example[0], commitment_of(header_of(work), owed(work)))


def test_without_a_commitment_nothing_is_said_of_one(work: Work) -> None:
    assert work.predicate.commitment is None
    assert {"": "not_applicable"} == statuses(work, "committed")
    assert {"declared"} == {one.grade for one in work.predicate.obligations}


def test_a_commitment_that_agrees_makes_the_liabilities_committed(
    example: Example, work: Work, good: Files
) -> None:
    made = worked(example, good)
    record = made.predicate.commitment

    assert "pass" == made.predicate.outcome
    assert {"committed"} == {one.grade for one in made.predicate.obligations}
    assert dict.fromkeys(sorted(owed(work)), "pass") == statuses(made, "committed")
    assert {"": "pass"} == statuses(made, "commitment_header")
    assert record is not None
    assert made.inputs.committed is not None
    assert record.set == made.inputs.committed.commitment.digest.hex()
    assert COMMITMENT in made.subjects
    assert record.set in bytes(made.subjects["report/report.md"]).decode()


def test_a_total_that_differs_is_found(example: Example, work: Work) -> None:
    name = min(owed(work))
    for difference in (-1, 1):
        totals = {**owed(work), name: owed(work)[name] + difference}
        made = worked(example, with_commitment(example[0], commitment_of(header_of(work), totals)))

        assert "fail" == made.predicate.outcome
        assert "fail" == statuses(made, "committed")[name]


def test_an_instrument_on_one_side_alone_is_found(example: Example, work: Work) -> None:
    header = header_of(work)
    assets, ledger = header["assets"], header["ledger"]
    assert isinstance(assets, list)
    assert isinstance(ledger, list)
    fewer = {**header, "assets": assets[:-1], "ledger": ledger[:-1]}
    more = {
        **header,
        "assets": [*assets, {"index": len(assets), "instrument": "xrp", "decimals": 6}],
    }
    lacking = worked(example, with_commitment(example[0], commitment_of(fewer, owed(work))))
    besides = commitment_of(more, {**owed(work), "xrp": 5})
    added = worked(example, with_commitment(example[0], besides))

    assert "fail" == statuses(lacking, "committed")[assets[-1]["instrument"]]
    assert "fail" == statuses(added, "committed")["xrp"]


@pytest.mark.parametrize(
    "changed",
    [
        {"asOf": "2026-11-22T19:27:55Z"},
        {"entity": "Another Exchange"},
        {"network": "main"},
        {"pins": []},
        {"pins": None},
        {"revision": "2"},
        {"revision": 1},
        {"supersedes": "00" * 32},
    ],
    ids=str,
)
def test_a_header_of_another_time_place_or_party_is_found(
    example: Example, work: Work, changed: dict[str, object]
) -> None:
    header = header_of(work, **changed)
    made = worked(example, with_commitment(example[0], commitment_of(header, owed(work))))

    assert {"": "fail"} == statuses(made, "commitment_header")
    assert "fail" == made.predicate.outcome
    assert {"declared"} == {one.grade for one in made.predicate.obligations}


def without_liabilities(files: Files) -> Files:
    text = files[DECLARATION].decode()
    return {**files, DECLARATION: text.replace('liabilities = "liabilities.csv"\n', "").encode()}


def test_a_commitment_stands_for_the_ledger_that_is_not_given(
    example: Example, work: Work, good: Files
) -> None:
    made = worked(example, without_liabilities(good))
    bare = worked(example, without_liabilities(example[0]))

    assert {one.instrument: one.owed for one in work.predicate.comparison} == {
        one.instrument: one.owed for one in made.predicate.comparison
    }
    assert "pass" == made.predicate.outcome
    assert "unknown" == bare.predicate.outcome
    assert INPUTS + "liabilities.csv" not in made.subjects


def test_kinds_that_do_not_sum_to_the_trees_stand_for_nothing(example: Example, work: Work) -> None:
    header = header_of(work)
    ledger = header["ledger"]
    assert isinstance(ledger, list)
    lower = [{**ledger[0], "balance": "1"}, *ledger[1:]]
    wrong: tuple[dict[str, object], ...] = ({"ledger": lower}, {"ledger": []}, {"asOf": None})
    for changed in wrong:
        files = with_commitment(example[0], commitment_of({**header, **changed}, owed(work)))
        with pytest.raises(InputError, match="header"):
            worked(example, without_liabilities(files))


def test_what_is_no_commitment_is_refused(example: Example, work: Work, good: Files) -> None:
    document = commitment_document(commitment_of(header_of(work), owed(work)))
    for data in (
        b"{}",
        good[COMMITMENT].replace(b'"height":0', b'"height":1', 1),
        canonical({**document, "set": "00" * 32}),
        canonical({**document, "snapshot": "00" * 32}),
    ):
        with pytest.raises(InputError, match=r"commitment\.json"):
            worked(example, {**example[0], COMMITMENT: data})


def verdict(files: Files, signer: SigningKey, **given: object) -> Verdict:
    own = Verifier(trust_key(signer.public), shipped_registry(), pack_or_none, 0, allow_test=True)
    return verify(files, replace(own, **given))  # type: ignore[arg-type]


def test_whoever_builds_it_again_says_so(
    example: Example, work: Work, good: Files, signer: SigningKey
) -> None:
    signed = bundle.sign(bundle.draft(worked(example, good)), signer)
    plain = bundle.sign(bundle.draft(work), signer)
    files, bare = ({name: bytes(data) for name, data in one.items()} for one in (signed, plain))

    def codes(found: Verdict) -> list[str]:
        return [note.code for note in found.differences]

    same = verdict(files, signer, rebuild=lambda _: ())
    other = verdict(files, signer, rebuild=lambda _: ("eth: root",))
    none = verdict(bare, signer, rebuild=lambda _: ())
    assert [] == codes(verdict(files, signer))
    assert ("pass", ["liabilities_rebuilt"]) == (same.outcome, codes(same))
    assert ("fail", ["liabilities_differ"]) == (other.outcome, codes(other))
    assert ("unknown", ["not_committed"]) == (none.outcome, codes(none))
    assert "commitment" in dict(same.about)


def test_a_changed_commitment_in_a_bundle_is_invalid(
    example: Example, good: Files, signer: SigningKey
) -> None:
    signed = bundle.sign(bundle.draft(worked(example, good)), signer)
    files = {name: bytes(data) for name, data in signed.items()}
    without = {name: data for name, data in files.items() if name != COMMITMENT}

    assert "valid" == verdict(files, signer).authenticity
    assert "invalid" == verdict(without, signer).authenticity
    changed = files[COMMITMENT].replace(b"polv1", b"polv2", 1)
    assert "invalid" == verdict({**files, COMMITMENT: changed}, signer).authenticity
