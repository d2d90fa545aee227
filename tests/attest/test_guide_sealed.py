"""The guide of a bundle whose statement seals files, and of the copies of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from attest import bundle
from attest.sealing import SEALED
from tests.attest.pasted import GOOD
from tests.attest.sealed import sealed_work
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from tests.attest.pasted import Bundle, Follow

ROWS = "report/accounts.csv"


@pytest.fixture(scope="module")
def sealed(example: tuple[dict[str, bytes], Criteria], signer: SigningKey) -> Bundle:
    return in_memory(bundle.sign(bundle.draft(sealed_work(example)), signer))


def test_sealed_files_are_checked_through_their_list(
    sealed: Bundle, received: Bundle, follow: Follow
) -> None:
    assert follow(sealed, received) == (*GOOD[:5], "sealed files: OK", *GOOD[6:])


def test_a_public_copy_is_incomplete_and_nothing_worse(
    sealed: Bundle, received: Bundle, follow: Follow
) -> None:
    said = follow(in_memory(bundle.disclosed(sealed, "public")), received)

    assert f"signed, but not here: {SEALED}" in said
    assert "subjects: INCOMPLETE" in said
    assert "sealed files: INCOMPLETE, their list is not here" in said
    assert "nothing unsigned: OK" in said
    assert not [line for line in said if "NOT OK" in line]


def test_a_regulator_s_copy_names_what_is_withheld(
    sealed: Bundle, received: Bundle, follow: Follow
) -> None:
    said = follow(in_memory(bundle.disclosed(sealed, "regulator")), received)

    assert "sealed, but not here: evidence/observation.json" in said
    assert "sealed files: INCOMPLETE" in said
    assert not [line for line in said if "NOT OK" in line]


def test_a_changed_sealed_file_is_seen(sealed: Bundle, received: Bundle, follow: Follow) -> None:
    said = follow(bundle_with(sealed, ROWS, sealed[ROWS] + b"\n"), received)

    assert "sealed files: NOT OK" in said
    assert f"signed by nobody: {ROWS}" in said


def test_a_changed_list_is_seen(sealed: Bundle, received: Bundle, follow: Follow) -> None:
    document = json.loads(sealed[SEALED])
    document["files"][ROWS] = "0" * 64
    written = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    said = follow(bundle_with(sealed, SEALED, written), received)

    assert "subjects: NOT OK" in said
    assert "nothing unsigned: NOT OK" in said


def bundle_with(files: Bundle, name: str, data: bytes) -> Bundle:
    return in_memory(bundle.listed({**files, name: data}))
