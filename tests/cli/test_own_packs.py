"""A pack of the user's own: chosen, signed, verified by an auditor, refused where it must be."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from config.policy import shipped_pack
from tests.cli.command import attest, files_below
from tests.cli.replayed import declare, table, told
from tests.conftest import EXAMPLES
from tests.misbehaving import Reply, honest, serve

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.misbehaving import Json

HOUSE = """\
id = "house"
version = "3"
title = "House limits"
[standing]
status = "own"
grade = "own"
source = "minutes of the risk committee"
seen = "2026-11-22"
period = "always"
[[rule]]
id = "house_skew"
kind = "as_of_skew/1"
title = "Blocks lie close to the time"
severity = "fail"
parameters = { maximum_seconds = 7200 }
"""
STRICTER = HOUSE.replace("7200", "0")
PACKS = 'packs = ["core", "house"]\nfolder = "policies"'


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The shipped example with a pack of its own; gives the declaration."""
    return declared(tmp_path / "mine")


def declared(folder: Path) -> Path:
    shutil.copytree(EXAMPLES / "exchange", folder)
    choose(folder / "declaration.toml", PACKS)
    write(folder / "policies", HOUSE)
    return folder / "declaration.toml"


def choose(declaration: Path, lines: str) -> None:
    text = declaration.read_text()
    head, packs = text.split("[policies]\n")
    declaration.write_text(f"{head}[policies]\n{lines}\n\n[sources{packs.split('[sources', 1)[1]}")


def write(folder: Path, text: str | bytes, name: str = "house") -> Path:
    folder.mkdir(exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    (folder / f"{name}.toml").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed bundle of it, and its key; what was declared is not there any more."""
    folder = tmp_path_factory.mktemp("own")
    mine = declared(folder / "mine")
    assert 0 == attest("keys", "new", folder / "signer", "--unencrypted").code
    ran = attest("run", mine, "--key", folder / "signer", "-o", folder / "bundle")
    assert (0, ()) == (ran.code, ran.complaint)
    shutil.rmtree(folder / "mine")
    return folder


@pytest.fixture
def bundle(place: Path) -> Path:
    return place / "bundle"


@pytest.fixture
def trusted(place: Path) -> tuple[str, ...]:
    """The options by which the bundle is verified."""
    return ("--key", f"{place / 'signer.pub'}", "--allow-test")


def judged(bundle: Path, *given: str | Path) -> tuple[int, str, list[str]]:
    """Verify; give the exit code, the outcome and the differences."""
    ran = attest("verify", bundle, "--json", *given)
    assert ran.complaint == ()
    verdict = ran.document
    assert verdict["authenticity"] == "valid"
    assert verdict["level"] == "L3"
    differences = [f"{one['code']}: {one['detail']}" for one in verdict["differences"]]
    return ran.code, verdict["outcome"], differences


def findings(bundle: Path) -> list[dict[str, Any]]:
    payload = json.loads((bundle / "att" / "0001.payload.json").read_bytes())
    found: list[dict[str, Any]] = payload["predicate"]["findings"]["inForce"]
    return [one for one in found if one["pack"] == "house"]


def test_an_own_pack_judges_and_travels_as_criteria(bundle: Path) -> None:
    files = files_below(bundle)
    assert HOUSE.encode() == files["criteria/policies/house.toml"]
    assert [name for name in files if "policies" in name] == [
        "criteria/policies/core.toml",
        "criteria/policies/house.toml",
    ]
    (first, *_) = findings(bundle)
    assert ("house_skew", "pass") == (first["code"], first["status"])
    assert ("own", "own") == (first["facts"]["status"], first["facts"]["source_grade"])


def test_its_parameters_can_be_replaced(mine: Path, key: Path, tmp_path: Path) -> None:
    choose(mine, f'{PACKS}\nparameters = {{ "house_skew.maximum_seconds" = 0 }}')
    assert 1 == attest("run", mine, "--key", key, "-o", tmp_path / "bundle").code
    assert "fail" in {one["status"] for one in findings(tmp_path / "bundle")}


def test_a_pack_that_is_not_chosen_is_not_read(mine: Path, key: Path, tmp_path: Path) -> None:
    write(mine.parent / "policies", b"\xff", "other")
    (mine.parent / "policies" / "README").write_text("what these are")
    assert 0 == attest("run", mine, "--key", key, "-o", tmp_path / "bundle").code


def test_a_verifier_without_the_pack_does_not_know(
    bundle: Path, trusted: tuple[str, ...], tmp_path: Path
) -> None:
    code, outcome, differences = judged(bundle, *trusted)

    assert (2, "unknown") == (code, outcome)
    assert "pack: house: the verifier has no pack of this name" in differences
    assert "packs the verifier does not have: house" in differences[-1]
    assert (2, "unknown") == judged(bundle, *trusted, "--policies", tmp_path)[:2]


def test_a_verifier_judges_by_his_own_pack_of_that_name(
    bundle: Path, trusted: tuple[str, ...], tmp_path: Path
) -> None:
    same, stricter = write(tmp_path / "same", HOUSE), write(tmp_path / "other", STRICTER)

    assert (0, "pass", []) == judged(bundle, *trusted, "--policies", same)
    code, outcome, differences = judged(bundle, *trusted, "--policies", stricter)
    assert (1, "fail") == (code, outcome)
    assert any("rule: house/house_skew: parameters" in one for one in differences)
    assert any("judged_differently" in one and "verifier's fail" in one for one in differences)


def test_days_and_standing_of_a_whole_pack_are_compared(
    bundle: Path, trusted: tuple[str, ...], tmp_path: Path
) -> None:
    later = HOUSE.replace('seen = "2026-11-22"', 'seen = "2026-11-23"')
    other = later.replace("[standing]", '[calendar]\ntime_zone = "Asia/Tokyo"\n[standing]')

    *_, differences = judged(bundle, *trusted, "--policies", write(tmp_path / "his", other))

    assert any(
        "pack: house: calendar: signer None, verifier Calendar" in one for one in differences
    )
    assert any("pack: house: standing: signer Standing" in one for one in differences)


def test_the_signer_s_pack_is_not_the_verifier_s(bundle: Path, trusted: tuple[str, ...]) -> None:
    ran = attest("verify", bundle, *trusted, "--policies", bundle / "criteria" / "policies")

    # It holds the core pack too: whoever gives the signer's folder for his own is told.
    assert 3 == ran.code
    assert "own policy pack under the name of a shipped one: core" in ran.complaint[0]


def test_a_countersigner_has_his_own_packs(place: Path, bundle: Path, tmp_path: Path) -> None:
    assert 0 == attest("keys", "new", tmp_path / "auditor", "--unencrypted").code
    form = tmp_path / "procedures.toml"
    assert 0 == attest("countersign", bundle, "--template", form).code
    form.write_text(form.read_text().replace('name = ""', 'name = "Example Reviewer"', 1))
    his = write(tmp_path / "his", STRICTER)
    shutil.copytree(bundle, tmp_path / "bundle")

    given = ("--procedures", form, "--key", tmp_path / "auditor", "--policies", his, "--json")
    signer = ("--signer", place / "signer.pub", "--allow-test")
    ran = attest("countersign", tmp_path / "bundle", *given, *signer)

    assert () == ran.complaint
    found = {one["id"]: (one["result"], one["detail"]) for one in ran.document["procedures"]}
    assert ("exception", "signer's criteria pass, verifier's fail") == found["T5"]


def test_observe_assess_and_sign_take_the_same_steps(
    mine: Path, key: Path, bundle: Path, tmp_path: Path
) -> None:
    seen, draft, made = tmp_path / "seen", tmp_path / "draft", tmp_path / "made"
    assert 0 == attest("observe", mine, "-o", seen).code
    assert 0 == attest("assess", mine, "--snapshot", seen, "-o", draft).code
    assert 0 == attest("sign", draft, "--key", key, "-o", made).code
    payload = "att/0001.payload.json"
    assert (bundle / payload).read_bytes() == (made / payload).read_bytes()


def test_a_public_copy_has_the_pack(mine: Path, key: Path, tmp_path: Path) -> None:
    assert 0 == attest("disclose", "salts", mine.parent / "salts.hex").code
    text = mine.read_text()
    mine.write_text(text.replace("[inputs]\n", '[inputs]\nsalts = "salts.hex"\n'))
    assert 0 == attest("run", mine, "--key", key, "-o", tmp_path / "bundle").code
    copied = attest(
        "disclose", "copy", tmp_path / "bundle", "--profile", "public", "-o", tmp_path / "public"
    )
    assert 0 == copied.code
    assert HOUSE.encode() == files_below(tmp_path / "public")["criteria/policies/house.toml"]
    given = ["--key", f"{key}.pub", "--allow-test", "--authenticity-only"]
    assert 0 == attest("verify", tmp_path / "public", *given).code


def test_an_interrupted_reading_goes_on(tmp_path: Path, waited: list[float]) -> None:
    del waited
    state, answer, seen = {"down": True}, honest(told("anvil")), tmp_path / "seen"

    def moody(request: Json, number: int) -> Reply:
        balances = "eth_getBalance" in json.dumps(request)
        return Reply(b"", 429) if state["down"] and balances else answer(request, number)

    (tmp_path / "declared").mkdir()
    with serve(moody) as node:
        path = declare(tmp_path / "declared", f"[policies]\n{PACKS}\n{table('anvil', [node.url])}")
        write(tmp_path / "declared" / "policies", HOUSE)
        begun = attest("observe", path, "-o", seen)
        assert (2, True) == (begun.code, (tmp_path / "seen.journal").is_dir())
        state["down"] = False
        ended = attest("observe", path, "-o", seen)
    assert (0, False) == (ended.code, (tmp_path / "seen.journal").exists())
    assert "going on" in ended.err


def test_a_challenge_draws_as_an_own_pack_says(mine: Path, tmp_path: Path) -> None:
    drawing = HOUSE.replace("as_of_skew/1", "sampled_control/1").replace("maximum_seconds", "size")
    write(mine.parent / "policies", drawing)
    issue = ("challenge", mine, "--no-anchor", "-o")
    assert 0 == attest(*issue, tmp_path / "challenges.json").code
    write(mine.parent / "policies", drawing.replace("7200", "0"))
    assert "size: 1 or more expected" in attest(*issue, tmp_path / "b.json").complaint[0]


def refusal(mine: Path) -> str:
    """Run, and give the refusal; nothing may have been written."""
    ran = attest("observe", mine, "-o", mine.parent.parent / "seen")
    assert 3 == ran.code
    assert not (mine.parent.parent / "seen").exists()
    return "\n".join(ran.complaint)


def test_a_shipped_pack_is_never_shadowed(mine: Path) -> None:
    folder = mine.parent / "policies"
    softer = shipped_pack("core").replace(b'severity = "fail"', b'severity = "warn"')
    write(folder, softer, "core")
    assert f"{folder}: an own policy pack under the name of a shipped one: core" in refusal(mine)

    # Even where it is not chosen: nobody may take it for what the name says.
    (folder / "core.toml").rename(folder / "jp-psa.toml")
    assert "name of a shipped one: jp-psa" in refusal(mine)


@pytest.mark.parametrize(
    "path", ["../policies", "/etc", ".", "a/../policies", "policies/", "", "a\\b"]
)
def test_a_folder_elsewhere_is_refused(mine: Path, path: str) -> None:
    choose(mine, f"packs = ['core', 'house']\nfolder = '{path}'")
    assert "policies.folder: not a path beside the declaration" in refusal(mine)


@pytest.mark.parametrize("name", ["../house", "/etc/passwd", "house.toml", "HOUSE", "", "./house"])
def test_a_name_leads_nowhere(mine: Path, name: str) -> None:
    write(mine.parent, HOUSE)
    choose(mine, f'packs = ["core", "{name}"]\nfolder = "policies"')
    assert f"unknown policy pack: {name!r}: not shipped, and no file of {mine.parent}/policies" in (
        refusal(mine)
    )


def test_an_unknown_pack_without_a_folder_says_where_one_is_named(mine: Path) -> None:
    choose(mine, 'packs = ["core", "house"]')
    text = refusal(mine)
    assert "unknown policy pack: 'house'" in text
    assert "policies.folder" in text


def test_links_and_devices_are_refused(mine: Path) -> None:
    folder, away = mine.parent / "policies", mine.parent.parent / "away"
    pack = folder / "house.toml"
    folder.rename(away)

    assert f"no such folder: {folder}" in refusal(mine)
    folder.symlink_to(away)
    assert f"no such folder: {folder}" in refusal(mine)
    folder.unlink()
    folder.mkdir()
    pack.symlink_to(away / "house.toml")
    assert f"a link, where a plain file is asked for: {pack}" in refusal(mine)
    pack.unlink()
    pack.symlink_to("/dev/zero")
    assert f"a link, where a plain file is asked for: {pack}" in refusal(mine)
    pack.unlink()
    os.mkfifo(pack)
    assert f"no such file: {pack}" in refusal(mine)
    pack.unlink()
    pack.mkdir()
    assert f"no such file: {pack}" in refusal(mine)


def test_a_link_on_the_way_to_the_folder_is_refused(mine: Path) -> None:
    away = mine.parent.parent / "away"
    away.mkdir()
    (mine.parent / "policies").rename(away / "policies")
    (mine.parent / "in").symlink_to(away)
    choose(mine, "packs = ['core', 'house']\nfolder = 'in/policies'")
    assert f"no such folder: {mine.parent}/in/policies" in refusal(mine)

    (mine.parent / "in").unlink()
    away.rename(mine.parent / "in")
    assert 0 == attest("observe", mine, "-o", mine.parent.parent / "seen").code


FAULTY: dict[str, tuple[str | bytes, str]] = {
    "two megabytes": (HOUSE + "#" * 2_000_000, "file too large"),
    "not text": (HOUSE.encode() + b"# \xff", "not UTF-8"),
    "empty": ("", "file is empty"),
    "not toml": ("id =", "not toml"),
    "another name": (
        HOUSE.replace('"house"', '"horse"'),
        "id: pack is 'horse', its file is 'house'",
    ),
    "unknown key": (HOUSE + "limit = 1\n", "rule.0.limit: unknown key"),
    "unknown kind": (HOUSE.replace("as_of_skew/1", "as_of_skew/9"), "rule.0: unknown rule kind"),
    "wrong form": (
        HOUSE.replace("7200", '"two hours"'),
        "rule.0: parameter house_skew.maximum_seconds: ",
    ),
    "below zero": (HOUSE.replace("7200", "-1"), "a whole number expected, met -1"),
    "missing": (
        HOUSE.replace("maximum_seconds", "seconds"),
        "maximum_seconds: a whole number expected",
    ),
    "read by nobody": (
        HOUSE.replace("7200", "7200, limit = 5"),
        "rule.0: parameter house_skew.limit: not one of as_of_skew/1",
    ),
    "no first day": (
        HOUSE.replace('"own"\ngrade', '"guidance"\ngrade'),
        "rule.0: standing.since: missing",
    ),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_faulty_pack_is_refused_with_file_and_key(mine: Path, case: str) -> None:
    text, message = FAULTY[case]
    folder = write(mine.parent / "policies", text)

    met = refusal(mine)

    assert str(folder / "house.toml") in met
    assert message in met


def test_a_verifier_s_faulty_pack_is_his_to_mend(
    bundle: Path, trusted: tuple[str, ...], tmp_path: Path
) -> None:
    folder = write(tmp_path / "his", HOUSE.replace("7200", '"x"'))

    ran = attest("verify", bundle, *trusted, "--policies", folder)

    assert (3, "") == (ran.code, ran.out)
    assert f"{folder / 'house.toml'}: rule.0: parameter house_skew.maximum_seconds" in ran.err
    assert 3 == attest("verify", bundle, *trusted, "--policies", tmp_path / "absent").code
