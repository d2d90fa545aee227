"""Bundles that somebody put together otherwise, with every derived file made again by him."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from attest import bundle, disk
from attest.apart import MAX_ENVELOPES, take_apart
from attest.cli.load import pack_or_none, shipped_registry, tool
from attest.countersigning import countersign, template_of
from attest.disclosing import PROFILES
from attest.disk import add_files, read_folder, write_folder
from attest.errors import InvalidEnvelope, SigningError
from attest.history.log import prove_entry
from attest.history.proof import write_log_proof
from attest.listing import build_manifest, build_sums
from attest.names import envelope_name, key_name, payload_name, proof_name, token_name
from attest.opening import check_opening, open_account
from attest.statement import canonical
from attest.trust import trust_key
from attest.verifier import Verifier
from attest.verify import verify
from config.errors import InputError
from config.procedures import parse_procedures
from tests.attest.history.logs import log_of
from tests.attest.sealed import bundle_of, sealed_work, some_key
from tests.attest.timestamps import tsa
from tests.attest.timestamps.stamped import stamp
from tests.conftest import in_memory

if TYPE_CHECKING:
    from pathlib import Path

    from attest.content import Content, Files
    from attest.inputs import Criteria
    from attest.keys import SigningKey

NUMBER = "0001"
PAYLOAD, PROOF = payload_name(NUMBER), proof_name(NUMBER)
TOKEN, SECOND_TOKEN = token_name(NUMBER, "signer", "example"), token_name(NUMBER, "co", "example")
ACCOUNT = "eip155:31337:0x4b21Feac2185d3062c4757e6D03c363206041718"


@pytest.fixture(scope="module")
def rich(
    example: tuple[dict[str, bytes], Criteria],
    signer: SigningKey,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, bytes]:
    """A sealed bundle with all that can lie in one: signatures, tokens and a proof of a log."""
    files: Files = bundle_of(sealed_work(example), signer)
    files = bundle.cosign(files, some_key(), "co")
    files = bundle.added(files, countersigned(files, some_key(), "auditor"))
    authority = tsa.start(tmp_path_factory.mktemp("apart") / "tsa")
    parts = take_apart(files)
    found: dict[str, Content] = {
        token_name(NUMBER, one.label, "example"): stamp(authority, one.signature)
        for one in (*parts.signatures, *parts.countersignatures)
    }
    digest = bytes.fromhex(parts.digest)
    log = log_of((b"\x00" * 32, digest, b"\x01" * 32))
    found[PROOF] = write_log_proof(prove_entry(log, digest))
    return in_memory(bundle.added(files, found))


def countersigned(files: Files, key: SigningKey, label: str) -> dict[str, Content]:
    parts = take_apart(files)
    stated = template_of(parts).replace(b'name = ""', b'name = "Example Reviewer"')
    procedures = parse_procedures(stated, "procedures.toml")
    trust = trust_key(parts.signer.key)
    verifier = Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True)
    made = countersign(parts, verify(files, verifier), procedures, tool(), key)
    return bundle.envelope_files(parts, made.envelope, key, label)


def refusal(files: dict[str, Content] | dict[str, bytes]) -> str:
    """Make the derived files again, so far as they can be, and give the reason of the refusal."""
    with pytest.raises(InvalidEnvelope) as refused:
        take_apart(bundle.listed(files))
    return refused.value.reason


def without(files: dict[str, bytes], *names: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name not in names}


def derived(name: str) -> bool:
    return name.endswith(".sigstore.json") or name in {"manifest.json", "SHA256SUMS"}


def test_a_bundle_with_all_that_can_lie_in_one_is_taken_apart(rich: dict[str, bytes]) -> None:
    parts = take_apart(rich)

    assert ["signer", "co"] == [one.label for one in parts.signatures]
    assert ["auditor"] == [one.label for one in parts.countersignatures]
    assert ["auditor", "co", "signer"] == [one.label for one in parts.tokens]
    assert rich[PROOF] == parts.proof
    assert hashlib.sha256(rich[PAYLOAD]).hexdigest() == parts.digest
    assert ("full", ()) == (parts.profile, parts.withheld)
    assert rich == in_memory(bundle.listed(rich))


REASONS = {
    "bad_signature",
    "file_mismatch",
    "key_mismatch",
    "malformed_envelope",
    "malformed_key",
    "malformed_log_proof",
    "malformed_note",
    "malformed_payload",
    "malformed_timestamp",
    "missing_file",
    "payload_mismatch",
}


def test_no_file_can_be_missing_empty_changed_or_renamed(rich: dict[str, bytes]) -> None:
    """What is nobody's but one's own can be taken out whole: a token, a proof, an envelope."""
    free = {one for one in rich if one.startswith("time/")} | {PROOF}
    for name, data in rich.items():
        if derived(name):
            continue
        changes = {**rich, name: b""}, {**rich, name: data + b"\n"}, {**rich, name: data[:-1]}
        renamed = {**without(rich, name), f"{name}.bak": data}
        for changed in (*changes, renamed):
            assert refusal(changed) in REASONS, name
        if name in free:
            take_apart(bundle.listed(without(rich, name)))
        else:
            assert refusal(without(rich, name)) in REASONS, name


def test_an_envelope_goes_with_its_key_and_tokens_alone(rich: dict[str, bytes]) -> None:
    envelope, key = envelope_name(NUMBER, "co"), key_name("co")
    sigstore = envelope.replace("dsse", "sigstore")
    gone = without(rich, envelope, key, sigstore, SECOND_TOKEN)

    assert ["signer"] == [one.label for one in take_apart(bundle.listed(gone)).signatures]
    assert "file_mismatch" == refusal({**gone, key: rich[key]})
    assert "file_mismatch" == refusal({**gone, SECOND_TOKEN: rich[SECOND_TOKEN]})
    assert "file_mismatch" == refusal({**gone, sigstore: rich[sigstore]})
    assert "missing_file" == refusal({**gone, envelope: rich[envelope]})


@pytest.mark.parametrize(
    "name",
    [
        "att/0002.signer.dsse.json",
        "att/00001.signer.dsse.json",
        "att/0002.payload.json",
        "att/0001.Auditor.dsse.json",
        "att/0001.a_b.dsse.json",
        f"att/0001.{'a' * 33}.dsse.json",
        "att/0001.-a.dsse.json",
        "att/0001..dsse.json",
        "att/0001.co.extra.dsse.json",
        "att/sub/0001.co.dsse.json",
        "att/0001.other.sigstore.json",
        "time/0002.signer.example.tsr",
        "time/0001.nobody.example.tsr",
        "time/0001.signer.EXAMPLE.tsr",
        "time/0001.signer.tsr",
        "log/0002.tlog-proof",
        "log/checkpoint",
        "keys/nobody.pub.pem",
        "keys/signer.pub",
        "evidence/inputs/more.csv",
        "report/report.pdf",
        "evidence/../att/x",
        "e" * 5000,
        "",
        "\x00",
    ],
)
def test_a_file_that_nothing_binds_is_refused(rich: dict[str, bytes], name: str) -> None:
    """Whatever it holds: a copy of a file that is bound under another name is none either."""
    like = {
        ".dsse.json": envelope_name(NUMBER, "co"),
        ".tsr": TOKEN,
        ".tlog-proof": PROOF,
        ".payload.json": PAYLOAD,
    }
    source = next((rich[one] for end, one in like.items() if name.endswith(end)), b"{}")
    assert refusal({**rich, name: source}) in {"file_mismatch", "malformed_payload"}


def test_the_signers_place_is_for_the_payload_alone(rich: dict[str, bytes]) -> None:
    """A countersignature named `signer`, and one that is around another statement."""
    swapped = {
        **rich,
        envelope_name(NUMBER): rich[envelope_name(NUMBER, "auditor")],
        key_name("signer"): rich[key_name("auditor")],
    }
    assert "payload_mismatch" == refusal(swapped)


def test_envelopes_of_two_labels_do_not_change_places(rich: dict[str, bytes]) -> None:
    one, other = envelope_name(NUMBER, "co"), envelope_name(NUMBER, "auditor")
    assert "key_mismatch" == refusal({**rich, one: rich[other], other: rich[one]})
    keys = key_name("co"), key_name("auditor")
    both = {**rich, one: rich[other], other: rich[one]}
    both |= {keys[0]: rich[keys[1]], keys[1]: rich[keys[0]]}
    # Then the tokens under their names are over the other's signature.
    assert "timestamp_of_other_bytes" == refusal(both)


def test_a_countersignature_of_another_statement_is_refused(
    rich: dict[str, bytes], signed: dict[str, bytes]
) -> None:
    other = countersigned(signed, some_key(), "reviewer")
    assert "countersigns_another" == refusal({**rich, **other})


def test_a_token_is_over_the_signature_that_its_name_says(rich: dict[str, bytes]) -> None:
    swapped = {**rich, TOKEN: rich[SECOND_TOKEN], SECOND_TOKEN: rich[TOKEN]}
    assert "timestamp_of_other_bytes" == refusal(swapped)


def test_a_proof_is_of_this_payload(rich: dict[str, bytes]) -> None:
    other = write_log_proof(prove_entry(log_of((b"\x02" * 32,)), b"\x02" * 32))
    assert "not_in_log" == refusal({**rich, PROOF: other})


def test_one_key_signs_once(rich: dict[str, bytes], signer: SigningKey) -> None:
    for label in ("again", "signer", "co"):
        with pytest.raises(SigningError, match="has signed in this bundle already, as signer"):
            bundle.cosign(rich, signer, label)
    for label in ("", "Upper", "a.b", "../x", "a" * 33, "-a", "a\n"):
        with pytest.raises(InputError, match="not a label"):
            bundle.cosign(rich, some_key(), label)
    with pytest.raises(InputError, match="already in the bundle"):
        bundle.cosign(rich, some_key(), "auditor")
    with pytest.raises(SigningError, match="signed the statement itself"):
        countersigned(rich, signer, "reviewer")


def test_an_envelope_copied_to_another_label_is_counted_as_its_key(
    rich: dict[str, bytes], signer: SigningKey
) -> None:
    """Whoever copies one makes two files of one key, and one party of one key."""
    twice = {
        **rich,
        envelope_name(NUMBER, "second"): rich[envelope_name(NUMBER)],
        key_name("second"): rich[key_name("signer")],
    }
    made = bundle.listed(twice)
    trust = trust_key(signer.public)
    verifier = Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True)

    assert 3 == len(take_apart(made).signatures)
    assert 1 == len(verify(made, verifier).parties)


def test_there_are_at_most_so_many_envelopes(signed: dict[str, bytes]) -> None:
    envelope, key = signed[envelope_name(NUMBER)], signed[key_name("signer")]
    labels = [f"a{number}" for number in range(MAX_ENVELOPES - 1)]
    most = {**signed, **{envelope_name(NUMBER, one): envelope for one in labels}}
    most |= {key_name(one): key for one in labels}
    assert MAX_ENVELOPES == len(take_apart(bundle.listed(most)).signatures)

    more = {**most, envelope_name(NUMBER, "b"): envelope, key_name("b"): key}
    assert "file_mismatch" == refusal(more)


def test_nothing_is_added_that_does_not_belong(rich: dict[str, bytes]) -> None:
    for name in ("evidence/more.json", "keys/nobody.pub.pem", "time/0001.nobody.example.tsr"):
        with pytest.raises(InvalidEnvelope):
            bundle.added(rich, {name: rich[TOKEN]})
    for name in (PAYLOAD, TOKEN, "manifest.json", "report/report.md"):
        with pytest.raises(InputError, match="already in the bundle"):
            bundle.added(rich, {name: rich[name]})


def test_views_of_files_are_taken_apart_as_the_files_are(rich: dict[str, bytes]) -> None:
    views = {name: memoryview(data) for name, data in rich.items()}
    parts = take_apart(rich)

    assert parts == take_apart(views)
    assert isinstance(take_apart(views).payload, bytes)
    for name in rich:
        changed = {**views, name: memoryview(bytes([*rich[name][:-1], rich[name][-1] ^ 1]))}
        with pytest.raises(InvalidEnvelope):
            take_apart(changed)


def test_mapped_bundles_are_signed_copied_opened_and_verified_the_same(
    tmp_path: Path,
    rich: dict[str, bytes],
    signer: SigningKey,
    example: tuple[dict[str, bytes], Criteria],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every file is a view of a mapped one, from the draft on."""
    monkeypatch.setattr(disk, "MAPPED", 1)
    write_folder(tmp_path / "draft", bundle.draft(sealed_work(example)))
    draft = read_folder(tmp_path / "draft")
    assert all(isinstance(data, memoryview) for data in draft.values())
    made = bundle.sign(draft, signer)
    assert rich[PAYLOAD] == made[PAYLOAD]

    write_folder(tmp_path / "rich", rich)
    files = read_folder(tmp_path / "rich")
    parts = take_apart(files)
    trust = trust_key(signer.public)
    verifier = Verifier(trust, shipped_registry(), pack_or_none, 0, allow_test=True)
    assert verify(rich, verifier) == verify(files, verifier)
    for profile in PROFILES:
        assert in_memory(bundle.disclosed(rich, profile)) == in_memory(
            bundle.disclosed(files, profile)
        )
    assert bundle.carry(rich) == bundle.carry(files)
    opening = open_account(files, parts, ACCOUNT)
    assert opening == open_account(rich, take_apart(rich), ACCOUNT)
    assert check_opening(opening, parts) == check_opening(opening, take_apart(rich))

    more = bundle.cosign(files, some_key(), "third")
    add_files(
        tmp_path / "rich", {name: more[name] for name in more if more[name] != rich.get(name)}
    )
    again = take_apart(read_folder(tmp_path / "rich"))
    assert ["signer", "co", "third"] == [one.label for one in again.signatures]


def test_lists_and_copies_are_those_of_the_files(rich: dict[str, bytes]) -> None:
    """Each forged alone, with every list after it made again."""

    def reason(changed: dict[str, bytes], *, manifest: bool = True) -> str:
        kept = without(changed, "manifest.json", "SHA256SUMS")
        listed = build_manifest(kept) if manifest else changed["manifest.json"]
        made = {**kept, "manifest.json": listed}
        with pytest.raises(InvalidEnvelope) as refused:
            take_apart({**made, "SHA256SUMS": build_sums(made)})
        return refused.value.reason

    for label in ("signer", "co", "auditor"):
        name = f"att/{NUMBER}.{label}.sigstore.json"
        for data in (b"", b"{}", rich[name] + b"\n", rich[name][:-1], rich[TOKEN]):
            assert "sigstore_mismatch" == reason({**rich, name: data})
        assert "sigstore_mismatch" == reason(without(rich, name))
    manifest = json.loads(rich["manifest.json"])
    for change in (
        {"withheld": ["evidence/inputs/accounts.csv"]},
        {"files": manifest["files"][1:]},
        {"files": manifest["files"][::-1]},
        {"more": ""},
    ):
        forged = canonical({**manifest, **change})
        assert "manifest_mismatch" == reason({**rich, "manifest.json": forged}, manifest=False)
    spaced = rich["manifest.json"].replace(b":", b": ")
    assert "manifest_mismatch" == reason({**rich, "manifest.json": spaced}, manifest=False)


def test_two_statements_are_no_bundle(rich: dict[str, bytes], signed: dict[str, bytes]) -> None:
    second = {"att/0002.payload.json": signed[PAYLOAD]}
    assert "malformed_payload" == refusal({**rich, **second})
    assert "malformed_payload" == refusal(without(rich, PAYLOAD))
    assert "missing_file" == refusal(
        {**without(rich, PAYLOAD), payload_name("0002"): rich[PAYLOAD]}
    )
    with pytest.raises(InvalidEnvelope):
        take_apart({})
