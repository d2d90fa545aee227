"""attest timestamp: real authorities asked over HTTP and by files, and what they may do wrong."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from attest.envelope import read_envelope
from attest.listing import build_manifest, build_sums
from attest.timestamps.rfc3161 import check_token
from tests.attest.timestamps import tsa
from tests.attest.timestamps.serving import Answer, serve
from tests.cli.command import attest, files_below

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attest.timestamps.tsa import Tsa

ENVELOPE = "att/0001.signer.dsse.json"


@pytest.fixture
def bundle(signed_folder: tuple[Path, Path], tmp_path: Path) -> Path:
    shutil.copytree(signed_folder[0], tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    return tsa.start(tmp_path_factory.mktemp("one") / "one")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    return tsa.start(tmp_path_factory.mktemp("two") / "two")


def signature_of(bundle: Path) -> bytes:
    return read_envelope((bundle / ENVELOPE).read_bytes()).signature


def certificates(authority: Tsa) -> tuple[str | Path, ...]:
    folder = authority.folder
    return "--certificate", folder / "own.pem", "--chain", folder / "root.pem"


def test_two_authorities_are_asked(bundle: Path, one: Tsa, two: Tsa) -> None:
    before = files_below(bundle)
    with (
        serve(lambda asked: Answer(one.reply(asked))) as first,
        serve(lambda asked: Answer(two.reply(asked))) as second,
    ):
        ran = attest(
            *("timestamp", bundle, "--json"),
            *("--authority", f"one={first.url}", "--authority", f"two={second.url}"),
        )
    after = files_below(bundle)

    assert (0, ()) == (ran.code, ran.complaint)
    assert ["added", "added"] == [row["status"] for row in ran.document["timestamps"]]
    added = {"time/0001.signer.one.tsr", "time/0001.signer.two.tsr"}
    assert added == after.keys() - before.keys()
    assert {"manifest.json", "SHA256SUMS", "att/0001.signer.sigstore.json"} == {
        name for name in before if before[name] != after[name]
    }
    for authority in (one, two):
        token = after[f"time/0001.signer.{authority.folder.name}.tsr"]
        check_token(token, signature_of(bundle), authority.authority)
        assert authority.agrees(token, signature_of(bundle))


def test_the_lists_of_files_are_made_again(bundle: Path, one: Tsa) -> None:
    with serve(lambda asked: Answer(one.reply(asked))) as server:
        attest("timestamp", bundle, "--authority", f"one={server.url}")
    files = files_below(bundle)
    sums = files.pop("SHA256SUMS")

    assert build_sums(files) == sums
    manifest = files.pop("manifest.json")
    assert build_manifest(files) == manifest
    listed = {row["name"]: row["mediaType"] for row in json.loads(manifest)["files"]}
    assert "application/timestamp-reply" == listed["time/0001.signer.one.tsr"]


def test_by_files_over_a_machine_without_network(bundle: Path, one: Tsa, tmp_path: Path) -> None:
    before = files_below(bundle)
    asked = attest("timestamp", bundle, "--request", tmp_path / "x.tsq")
    assert (0, before) == (asked.code, files_below(bundle))
    (tmp_path / "x.tsr").write_bytes(one.reply((tmp_path / "x.tsq").read_bytes()))
    ran = attest("timestamp", bundle, "--reply", f"one={tmp_path / 'x.tsr'}", *certificates(one))

    assert (0, "") == (ran.code, ran.err)
    assert "one\tadded\ttime/0001.signer.one.tsr: verified\n" in ran.out
    digest = hashlib.sha256(signature_of(bundle)).digest()
    assert digest in (bundle / "time/0001.signer.one.tsr").read_bytes()


def test_a_reply_that_is_not_of_the_certificates(
    bundle: Path, one: Tsa, two: Tsa, tmp_path: Path
) -> None:
    before = files_below(bundle)
    attest("timestamp", bundle, "--request", tmp_path / "x.tsq")
    (tmp_path / "x.tsr").write_bytes(one.reply((tmp_path / "x.tsq").read_bytes()))
    ran = attest("timestamp", bundle, "--reply", f"two={tmp_path / 'x.tsr'}", *certificates(two))

    assert (1, before) == (ran.code, files_below(bundle))
    assert "two\ttimestamp_untrusted\t" in ran.out


def test_a_reply_to_another_request(bundle: Path, one: Tsa, tmp_path: Path) -> None:
    other = tsa.openssl("ts", "-query", "-data", bundle / ENVELOPE, "-sha256", "-cert").stdout
    again = tmp_path / "again.tsq"
    (tmp_path / "signature").write_bytes(signature_of(bundle))
    tsa.openssl(*("ts", "-query", "-data", tmp_path / "signature", "-cert", "-out", again))
    before = files_below(bundle)
    for reply, reason in (
        (one.reply(other), "timestamp_of_other_bytes"),
        (one.reply(again.read_bytes()), "timestamp_of_other_request"),
        (one.reply(b"no request"), "timestamp_refused"),
        (b"no reply", "malformed_timestamp"),
    ):
        (tmp_path / "x.tsr").write_bytes(reply)
        ran = attest("timestamp", bundle, "--reply", f"one={tmp_path / 'x.tsr'}", "--json")

        assert (1, reason) == (ran.code, ran.document["timestamps"][0]["status"])
    assert before == files_below(bundle)


def test_what_one_authority_gives_is_kept_where_another_is_silent(bundle: Path, one: Tsa) -> None:
    with (
        serve(lambda asked: Answer(one.reply(asked))) as first,
        serve(lambda _asked: Answer(b"<html>", headers=(("Content-Type", "text/html"),))) as second,
    ):
        ran = attest(
            *("timestamp", bundle, "--json"),
            *("--authority", f"two={second.url}", "--authority", f"one={first.url}"),
        )

    statuses = [(row["authority"], row["status"]) for row in ran.document["timestamps"]]
    assert (2, [("two", "content_type"), ("one", "added")]) == (ran.code, statuses)
    assert ["0001.signer.one.tsr"] == [path.name for path in (bundle / "time").iterdir()]


def test_an_authority_that_stamps_something_else(bundle: Path, one: Tsa) -> None:
    other = tsa.openssl("ts", "-query", "-data", bundle / ENVELOPE, "-cert").stdout
    with serve(lambda _asked: Answer(one.reply(other))) as server:
        ran = attest("timestamp", bundle, "--authority", f"one={server.url}")

    assert 1 == ran.code
    assert not (bundle / "time").exists()


def test_a_token_is_never_replaced(bundle: Path, one: Tsa) -> None:
    with serve(lambda asked: Answer(one.reply(asked))) as server:
        attest("timestamp", bundle, "--authority", f"one={server.url}")
        before = files_below(bundle)
        ran = attest("timestamp", bundle, "--authority", f"one={server.url}")

        assert (3, before) == (ran.code, files_below(bundle))
        assert 1 == len(server.requests)


def test_a_bundle_whose_lists_do_not_hold(bundle: Path, one: Tsa) -> None:
    (bundle / "VERIFY.md").write_text("changed")
    with serve(lambda asked: Answer(one.reply(asked))) as server:
        ran = attest("timestamp", bundle, "--authority", f"one={server.url}")

    assert 3 == ran.code
    assert not (bundle / "time").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "nothing to do, or --request beside the others"),
        (("--request", "x", "--reply", "one=x"), "nothing to do, or --request beside the others"),
        (("--authority", "one=x", "--reply", "one=x"), "one name in --authority and --reply"),
        (("--authority", "one=x", "--authority", "one=y"), "--authority one: nothing after it"),
        (("--authority", "one"), "--authority one: nothing after it"),
        (("--authority", "One=x"), "name in --authority not understood: 'One'"),
        (("--authority", "../up=x"), "name in --authority not understood: '../up'"),
        (("--authority", "one=ftp://x"), "url of authority 'one' not understood"),
        (("--reply", "one=missing"), "no such file: missing"),
        (("--reply", "one=x", "--label", "auditor"), "0 envelopes of label 'auditor'"),
        (("--reply", "one=x", "--label", "a/b"), "label not understood: 'a/b'"),
        (("--reply", "one=x", "--certificate", "c"), "--certificate and --chain are of one"),
        (
            ("--reply", "one=x", "--reply", "two=x", "--certificate", "c", "--chain", "c"),
            "--certificate and --chain are of one",
        ),
    ],
)
def test_what_is_no_use_of_the_command(
    options: tuple[str, ...], complaint: str, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bundle.parent)
    before = files_below(bundle)
    ran = attest("timestamp", bundle, *options)

    assert 3 == ran.code
    assert ran.complaint[0].startswith(f"error: {complaint}")
    assert before == files_below(bundle)
