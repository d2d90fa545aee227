from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest import bundle
from attest.apart import take_apart
from attest.cli.load import pack_or_none, shipped_registry
from attest.disclosing import PROFILES, profile_in, withheld_by
from attest.errors import InvalidEnvelope
from attest.names import MANIFEST
from attest.sealing import FINDINGS, ROWS, SEALED
from attest.statement import canonical
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from tests.attest.sealed import SALTS, bundle_of, sealed_work, some_key
from tests.conftest import in_memory

if TYPE_CHECKING:
    from attest.disclosing import Profile
    from attest.inputs import Criteria
    from attest.keys import SigningKey
    from attest.verdict import Verdict

NAMES = (
    "VERIFY.md",
    "criteria/policies/core.toml",
    "evidence/chains/eip155-1/node-1.jsonl",
    "evidence/inputs/accounts.csv",
    "evidence/observation.json",
    SEALED,
    ROWS,
    "report/report.md",
)


@pytest.fixture(scope="module")
def sealed(example: tuple[dict[str, bytes], Criteria], signer: SigningKey) -> dict[str, bytes]:
    return bundle_of(sealed_work(example), signer)


def copies(files: dict[str, bytes]) -> dict[Profile, dict[str, bytes]]:
    return {one: in_memory(bundle.disclosed(files, one)) for one in PROFILES}


def judged(files: dict[str, bytes], signer: SigningKey) -> Verdict:
    trust = trust_key(signer.public)
    return verify(files, Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True))


@pytest.mark.parametrize(
    ("profile", "sealing", "withheld"),
    [
        ("full", False, ()),
        ("full", True, ()),
        ("regulator", False, (NAMES[2], NAMES[4])),
        ("regulator", True, (NAMES[2], NAMES[4])),
        ("public", True, (NAMES[2], NAMES[3], NAMES[4], SEALED, ROWS)),
    ],
)
def test_a_profile_leaves_out_what_it_says(
    profile: Profile, *, sealing: bool, withheld: tuple[str, ...]
) -> None:
    assert withheld == withheld_by(profile, NAMES, sealing=sealing)


def test_a_statement_that_seals_nothing_has_no_public_copy(
    signed: dict[str, bytes],
) -> None:
    with pytest.raises(InputError, match="seals nothing"):
        withheld_by("public", NAMES, sealing=False)
    with pytest.raises(InputError, match="seals nothing"):
        bundle.disclosed(signed, "public")


def test_one_statement_stands_in_every_copy(sealed: dict[str, bytes]) -> None:
    made = copies(sealed)

    assert sealed == made["full"]
    for profile, files in made.items():
        parts = take_apart(files)
        assert profile == parts.profile
        assert take_apart(sealed).payload == parts.payload
        assert set(sealed) - set(files) == set(parts.withheld)
        kept = files.keys() - {MANIFEST, "SHA256SUMS"}
        assert {name: sealed[name] for name in kept} == {name: files[name] for name in kept}
    assert {ROWS, FINDINGS, SEALED, SALTS} <= set(take_apart(made["public"]).withheld)
    assert {ROWS, FINDINGS, SEALED, SALTS} <= set(made["regulator"])


def test_a_copy_verifies_as_far_as_it_can_be_seen(
    sealed: dict[str, bytes], signer: SigningKey
) -> None:
    made = copies(sealed)
    found = {profile: judged(files, signer) for profile, files in made.items()}

    assert {"valid"} == {one.authenticity for one in found.values()}
    assert {"full": "L3", "regulator": "L1", "public": "L1"} == {
        profile: one.level for profile, one in found.items()
    }
    codes = {profile: [note.code for note in one.reasons] for profile, one in found.items()}
    assert [] == codes["full"]
    assert ["withheld", "level_not_reached"] == codes["regulator"] == codes["public"]


def test_a_copy_is_not_copied_further(sealed: dict[str, bytes]) -> None:
    for profile in PROFILES[1:]:
        files = bundle.disclosed(sealed, profile)
        for further in PROFILES:
            with pytest.raises(InputError, match=f"a {profile} copy is not copied further"):
                bundle.disclosed(files, further)


def refusal(files: dict[str, bytes]) -> str:
    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(files)
    return refused.value.reason


@pytest.mark.parametrize("profile", PROFILES)
def test_a_copy_leaves_out_exactly_what_its_profile_says(
    sealed: dict[str, bytes], profile: Profile
) -> None:
    """One file less or more, with the lists made again by who did it."""
    files = copies(sealed)[profile]
    withheld = take_apart(files).withheld
    for name in take_apart(sealed).statement.subjects.keys() & files.keys():
        without = {one: data for one, data in files.items() if one != name}
        for said in (withheld, tuple(sorted((*withheld, name)))):
            again = in_memory(bundle.listed(without, profile, said))
            assert refusal(again) in {"file_mismatch", "manifest_mismatch"}, name
    for name in withheld:
        more = {**files, name: sealed[name]}
        for said in (withheld, tuple(one for one in withheld if one != name)):
            again = in_memory(bundle.listed(more, profile, said))
            assert refusal(again) in {"file_mismatch", "manifest_mismatch"}, name


def test_a_profile_that_lies_is_found(sealed: dict[str, bytes]) -> None:
    made = copies(sealed)
    for profile, files in made.items():
        for other in PROFILES:
            if other != profile:
                for said in ((), take_apart(files).withheld, take_apart(made[other]).withheld):
                    again = in_memory(bundle.listed(files, other, said))
                    assert refusal(again) in {"file_mismatch", "manifest_mismatch"}


@pytest.mark.parametrize("profile", ["", "Full", "full ", "none", 1, None, ["public"], "private"])
def test_an_unknown_profile_is_refused(sealed: dict[str, bytes], profile: object) -> None:
    manifest = {**json.loads(sealed[MANIFEST]), "disclosure": profile}
    with pytest.raises(InputError, match="no profile of these"):
        profile_in(canonical(manifest))
    assert "manifest_mismatch" == refusal({**sealed, MANIFEST: canonical(manifest)})


@given(
    st.binary(max_size=100) | st.text(alphabet='{}":,disclosurefpb ', max_size=60).map(str.encode)
)
def test_a_manifest_of_any_bytes_names_a_profile_or_is_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        assert profile_in(data) in PROFILES


def test_further_signatures_are_added_to_any_copy(
    sealed: dict[str, bytes], signer: SigningKey
) -> None:
    for profile, files in copies(sealed).items():
        more = in_memory(bundle.cosign(files, some_key(), "second"))
        assert profile == take_apart(more).profile
        assert take_apart(files).withheld == take_apart(more).withheld
        assert 2 == len(take_apart(more).signatures)
        assert "valid" == judged(more, signer).authenticity
