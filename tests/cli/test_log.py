"""A log kept, proved from, checked and witnessed with the commands of `attest log`."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from attest.history.placement import LogTrust, check_log_proof
from attest.history.proof import read_extension
from tests.cli.command import Ran, attest, files_below

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "example.com/attestations"
WITNESS = "auditor.example/w1"
DIGESTS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(6)]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the keys of a log's holder and a witness, and the log with two entries."""
    for name in ("key", "other", "witness"):
        made = attest("keys", "new", tmp_path / name, "--algorithm", "ed25519", "--unencrypted")
        assert 0 == made.code
    ran = attest("log", "new", tmp_path / "log", "--origin", ORIGIN, "--key", tmp_path / "key")
    assert (0, "") == (ran.code, ran.err)
    append(tmp_path, *DIGESTS[:2])
    return tmp_path


def append(desk: Path, *items: str | Path, log: str = "log") -> Ran:
    ran = attest("log", "append", desk / log, *items, "--key", desk / "key")
    assert (0, "") == (ran.code, ran.err)
    return ran


def vkey(desk: Path, name: str = "key", of: str = ORIGIN, *more: str) -> str:
    return attest("log", "key", desk / f"{name}.pub", "--name", of, *more).out.strip()


def cosign(desk: Path, *more: str | Path, checkpoint: str = "log/checkpoint") -> Ran:
    return attest(
        *("log", "cosign", desk / checkpoint, "--key", desk / "witness", "--name", WITNESS),
        *("--log-key", vkey(desk), *more),
    )


def first(desk: Path) -> Path:
    """Let the witness see the log for the first time; give what he keeps."""
    seen = desk / "seen"
    assert 0 == cosign(desk, "--first", "-o", seen).code
    return seen


def test_a_log_is_begun_with_its_key_shown(tmp_path: Path) -> None:
    attest("keys", "new", tmp_path / "key", "--algorithm", "ed25519", "--unencrypted")
    ran = attest(
        "log", "new", tmp_path / "log", "--origin", ORIGIN, "--key", tmp_path / "key", "--json"
    )

    assert {
        "origin": ORIGIN,
        "size": 0,
        "root": hashlib.sha256(b"").hexdigest(),
        "key": vkey(tmp_path),
    } == ran.document
    assert {"checkpoint", "entries"} == set(files_below(tmp_path / "log"))
    again = attest("log", "new", tmp_path / "log", "--origin", ORIGIN, "--key", tmp_path / "key")
    assert (3, "error: already there: ") == (again.code, again.err[:22])


def test_a_p256_key_is_refused_with_a_hint(tmp_path: Path) -> None:
    attest("keys", "new", tmp_path / "key", "--unencrypted")
    ran = attest("log", "new", tmp_path / "log", "--origin", ORIGIN, "--key", tmp_path / "key")

    assert (3, False) == (ran.code, (tmp_path / "log").exists())
    assert (
        "error: notes are signed with Ed25519, the key is p256",
        "hint: make a key of its own for the log: `attest keys new KEY --algorithm ed25519`",
    ) == ran.complaint


def test_a_key_is_printed_for_a_log_and_for_a_witness(desk: Path) -> None:
    from_private = attest("log", "key", desk / "key", "--name", ORIGIN, "--json").document

    assert vkey(desk) == from_private["key"]
    assert vkey(desk) != vkey(desk, "key", ORIGIN, "--witness")


def test_appending_shows_where_a_digest_stands_and_refuses_it_twice(desk: Path) -> None:
    before = files_below(desk / "log")
    ran = attest("log", "append", desk / "log", DIGESTS[2], DIGESTS[1], "--key", desk / "key")

    assert (3, before) == (ran.code, files_below(desk / "log"))
    assert (f"error: already in the log: {DIGESTS[1]}, index 1",) == ran.complaint
    ran = append(desk, DIGESTS[2], "--json")
    assert [{"index": 2, "digest": DIGESTS[2]}] == ran.document["appended"]
    assert 3 == ran.document["size"]


def test_a_bundle_is_logged_by_its_payload_and_proved_to_a_verifier(
    desk: Path, signed_folder: tuple[Path, Path]
) -> None:
    bundle = signed_folder[0]
    payload = (bundle / "att/0001.payload.json").read_bytes()
    digest = hashlib.sha256(payload).digest()

    assert digest.hex() in append(desk, bundle).out
    seen = first(desk)
    shutil.copy(seen, desk / "log/checkpoint")
    ran = attest("log", "prove", desk / "log", bundle, "-o", desk / "p.tlog-proof", "--json")
    assert (2, 3, digest.hex()) == tuple(ran.document[one] for one in ("index", "size", "digest"))
    witness = vkey(desk, "witness", WITNESS, "--witness")
    trust = LogTrust(ORIGIN, vkey(desk), (("auditor", witness),), 1)
    placed = check_log_proof((desk / "p.tlog-proof").read_bytes(), digest, trust)
    assert (2, "auditor") == (placed.index, placed.witnessed[0][0])


def test_what_is_neither_bundle_nor_digest_is_refused(desk: Path) -> None:
    for item in (desk / "nothing", desk, "abc", DIGESTS[0].upper()):
        ran = attest("log", "append", desk / "log", item, "--key", desk / "key")
        assert (3, "error: neither a digest nor a bundle") == (ran.code, ran.err[:36])


def test_what_is_not_in_the_log_is_not_proved(desk: Path) -> None:
    ran = attest("log", "prove", desk / "log", DIGESTS[5], "-o", desk / "proof")

    assert (3, False) == (ran.code, (desk / "proof").exists())


def test_another_key_adds_nothing(desk: Path) -> None:
    before = files_below(desk / "log")
    ran = attest("log", "append", desk / "log", DIGESTS[3], "--key", desk / "other")

    assert (3, before) == (ran.code, files_below(desk / "log"))


def test_a_log_that_is_being_changed_is_left_alone(desk: Path) -> None:
    (desk / "log/lock").touch()
    ran = attest("log", "append", desk / "log", DIGESTS[3], "--key", desk / "key")

    assert (3, "error: log is being changed") == (ran.code, ran.err[:27])
    ran = attest("log", "append", desk / "no", DIGESTS[3], "--key", desk / "key")
    assert (3, False) == (ran.code, (desk / "no").exists())


def test_a_check_without_the_key_is_no_pass(desk: Path) -> None:
    ran = attest("log", "check", desk / "log", "--json")

    assert (2, "unchecked") == (ran.code, ran.document["signature"])
    assert "signature: unchecked" in attest("log", "check", desk / "log").out


def test_a_check_names_witnesses_and_whoever_is_not_known(desk: Path) -> None:
    shutil.copy(first(desk), desk / "log/checkpoint")
    witness = vkey(desk, "witness", WITNESS, "--witness")
    check = ("log", "check", desk / "log", "--key", vkey(desk), "--json")
    known, blind = attest(*check, "--witness", witness), attest(*check)

    assert (0, [WITNESS], []) == (
        known.code,
        [one["name"] for one in known.document["witnessed"]],
        known.document["unchecked"],
    )
    assert ["+".join(witness.split("+")[:2])] == blind.document["unchecked"]
    kept = ("--since", desk / "log/checkpoint")
    told = attest(*check[:-1], "--witness", witness, *kept).out.splitlines()
    assert ["signature: valid", f"cosigned: {WITNESS}, "] == [told[2], told[3][:30]]
    assert "begins with the 2 entries of the earlier checkpoint" == told[-1]
    assert f"unchecked: a signature of {WITNESS}" in attest(*check[:-1]).out


def test_a_check_finds_what_was_changed_and_who_signed(desk: Path) -> None:
    entries = desk / "log/entries"
    entries.write_text(entries.read_text().replace(DIGESTS[1], DIGESTS[2]))
    ran = attest("log", "check", desk / "log", "--key", vkey(desk), "--json")

    assert (1, "log_rewritten") == (ran.code, ran.document["reason"])
    entries.write_text(entries.read_text().replace(DIGESTS[2], DIGESTS[1]))
    stranger = vkey(desk, "other")
    ran = attest("log", "check", desk / "log", "--key", stranger)
    assert (1, "log_untrusted: ") == (ran.code, ran.err[:15])
    ran = attest("log", "check", desk / "log", "--origin", "other.example/log")
    assert (1, "log_untrusted: ") == (ran.code, ran.err[:15])
    ran = attest("log", "check", desk / "log", "--key", "nonsense")
    assert (3, "error: not a key") == (ran.code, ran.err[:16])


def test_a_holder_who_signs_the_tail_again_is_found_out_by_an_old_checkpoint(desk: Path) -> None:
    kept = desk / "kept"
    shutil.copy(desk / "log/checkpoint", kept)
    append(desk, DIGESTS[2])
    good = attest("log", "check", desk / "log", "--key", vkey(desk), "--since", kept, "--json")
    assert (0, 2, 3) == (good.code, good.document["since"], good.document["size"])

    attest("log", "new", desk / "again", "--origin", ORIGIN, "--key", desk / "key")
    append(desk, DIGESTS[0], DIGESTS[4], DIGESTS[2], log="again")
    assert 0 == attest("log", "check", desk / "again", "--key", vkey(desk)).code
    ran = attest("log", "check", desk / "again", "--key", vkey(desk), "--since", kept, "--json")
    assert (1, "log_rewritten") == (ran.code, ran.document["reason"])


def test_since_needs_a_key(desk: Path) -> None:
    ran = attest("log", "check", desk / "log", "--since", desk / "log/checkpoint")

    assert (3, "hint: --since and --witness need --key") == (ran.code, ran.complaint[1])


def test_a_witness_keeps_one_file_and_signs_what_only_grew(desk: Path) -> None:
    seen = first(desk)
    append(desk, DIGESTS[2])
    ran = cosign(desk, "--since", seen, "--log", desk / "log", "-o", seen)

    assert (0, "") == (ran.code, ran.err)
    assert "\n3\n" in seen.read_text()
    assert 2 == seen.read_text().count("\N{EM DASH}")
    append(desk, DIGESTS[3])
    out = desk / "proof"
    assert 0 == attest("log", "consistency", desk / "log", "--from", "3", "-o", out).code
    assert (3, (desk / "log/checkpoint").read_bytes()) == (
        read_extension(out.read_bytes()).old,
        read_extension(out.read_bytes()).checkpoint,
    )
    ran = cosign(desk, "--since", seen, "--consistency", out, "--json")
    assert (0, 2) == (ran.code, ran.document["checkpoint"].count("\N{EM DASH}"))


def test_a_witness_signs_no_rewrite(desk: Path) -> None:
    seen = first(desk)
    before = seen.read_bytes()
    attest("log", "new", desk / "again", "--origin", ORIGIN, "--key", desk / "key")
    append(desk, DIGESTS[0], DIGESTS[4], DIGESTS[2], log="again")
    asked = (desk / "again", desk / "log")
    for log in asked:
        ran = cosign(desk, "--since", seen, "--log", log, "-o", seen, checkpoint="again/checkpoint")
        assert (1, before) == (ran.code, seen.read_bytes())
        assert ran.err.startswith("log_rewritten: ")
    ran = cosign(desk, "--since", seen, "--log", asked[0], checkpoint="again/checkpoint")
    assert (1, "") == (ran.code, ran.out)


def test_a_witness_says_what_he_saw(desk: Path) -> None:
    seen = first(desk)
    for more in ((), ("--first", "--since", seen), ("--since", seen)):
        ran = cosign(desk, *more)
        assert (3, "") == (ran.code, ran.out)
        assert ran.complaint[0] in {
            "error: the last checkpoint is not said",
            "error: options that do not go together",
        }
    ran = cosign(desk, "--since", desk / "log/checkpoint", "--log", desk / "log")
    assert (3, f"error: last checkpoint is not cosigned by {WITNESS!r}") == (
        ran.code,
        ran.complaint[0],
    )
    ran = cosign(desk, "--first", "-o", seen)
    assert (3, "error: already there: ") == (ran.code, ran.err[:22])


def test_a_proof_from_another_size_accuses_nobody(desk: Path) -> None:
    seen = first(desk)
    append(desk, DIGESTS[2])
    attest("log", "consistency", desk / "log", "--from", "1", "-o", desk / "proof")
    ran = cosign(desk, "--since", seen, "--consistency", desk / "proof")

    assert (3, "error: proof leads from 1 entries, the last checkpoint has 2") == (
        ran.code,
        ran.complaint[0],
    )


def test_a_cosigned_checkpoint_is_printed_without_an_output(desk: Path) -> None:
    ran = cosign(desk, "--first")

    assert (desk / "log/checkpoint").read_text().splitlines() == ran.out.splitlines()[:-1]
    assert ran.out.splitlines()[-1].startswith(f"\N{EM DASH} {WITNESS} ")


def test_json_is_one_document(desk: Path) -> None:
    out = desk / "proof"
    ran = attest("log", "consistency", desk / "log", "--from", "1", "-o", out, "--json")

    assert {"from": 1, "hashes": 1, "output": str(out)}.items() <= json.loads(ran.out).items()
    ran = attest("log", "consistency", desk / "log", "--from", "9", "-o", desk / "far")
    assert (3, False) == (ran.code, (desk / "far").exists())
