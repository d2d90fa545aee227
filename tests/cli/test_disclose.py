"""attest disclose: secrets, copies and openings, as who makes and who receives them meet them."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import Ran, attest, files_below
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "eip155:31337:0x4b21Feac2185d3062c4757e6D03c363206041718"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sealed example declared, a key, its bundle, and the public copy of it."""
    made = tmp_path_factory.mktemp("disclose")
    shutil.copytree(EXAMPLES / "exchange", made / "declared")
    assert attest("disclose", "salts", made / "declared" / "salts.hex").code == 0
    file = made / "declared" / "declaration.toml"
    file.write_text(file.read_text().replace("[inputs]\n", '[inputs]\nsalts = "salts.hex"\n'))
    assert attest("keys", "new", made / "key", "--unencrypted").code == 0
    ran = attest("run", file, "--key", made / "key", "-o", made / "bundle")
    assert (0, ()) == (ran.code, ran.complaint)
    assert copied(made, "public", made / "public").code == 0
    return made


def copied(place: Path, profile: str, output: Path, *more: str) -> Ran:
    return attest("disclose", "copy", place / "bundle", "--profile", profile, "-o", output, *more)


def opened(bundle: Path, output: Path, account: str = ACCOUNT) -> Ran:
    return attest("disclose", "open", bundle, "--account", account, "-o", output)


def checked(opening: Path, bundle: Path, *more: str) -> Ran:
    return attest("disclose", "check", opening, "--bundle", bundle, *more)


def judged(place: Path, bundle: Path) -> Ran:
    return attest("verify", bundle, "--key", place / "key.pub", "--allow-test", "--json")


def test_a_secret_is_new_each_time_and_its_owners_alone(tmp_path: Path) -> None:
    one, two = (attest("disclose", "salts", tmp_path / name) for name in ("one", "two"))

    assert [0, 0] == [one.code, two.code]
    assert re.fullmatch("[0-9a-f]{64}\n", (tmp_path / "one").read_text())
    assert (tmp_path / "one").read_text() != (tmp_path / "two").read_text()
    assert 0o600 == (tmp_path / "one").stat().st_mode & 0o777
    assert (tmp_path / "one").read_text().strip() not in one.out + one.err
    again = attest("disclose", "salts", tmp_path / "one")
    assert (3, "error: already there: ") == (again.code, again.complaint[0][:22])


def test_the_whole_bundle_is_made_again_and_a_copy_is_not(place: Path, tmp_path: Path) -> None:
    whole, public = judged(place, place / "bundle"), judged(place, place / "public")

    met = whole.document
    assert ("valid", "pass", "L3", 0) == (*(met[one] for one in KEYS), whole.code)
    met = public.document
    assert ("valid", "pass", "L1", 2) == (*(met[one] for one in KEYS), public.code)
    assert ["withheld", "level_not_reached"] == [one["code"] for one in met["reasons"]]
    assert copied(place, "regulator", tmp_path / "copy").code == 0
    met = judged(place, tmp_path / "copy").document
    assert ("valid", "L1") == (met["authenticity"], met["level"])


KEYS = ("authenticity", "outcome", "level")


def test_a_public_copy_names_what_it_withholds_and_what_it_cannot_hide(
    place: Path, tmp_path: Path
) -> None:
    ran = copied(place, "public", tmp_path / "copy")
    told = copied(place, "public", tmp_path / "again", "--json").document

    assert 0 == ran.code
    assert files_below(tmp_path / "copy") == files_below(place / "public")
    gone = files_below(place / "bundle").keys() - files_below(tmp_path / "copy").keys()
    assert sorted(gone) == ran.out.splitlines() == told["withheld"]
    notes = [line for line in ran.err.splitlines() if line.startswith("note: ")]
    assert [f"note: {one}, and can lead to them" for one in told["few"]] == notes
    holdings = json.loads((place / "public" / "att" / "0001.payload.json").read_bytes())[
        "predicate"
    ]["holdings"]
    for line in holdings:
        words = (line[one] for one in ("asset", "method", "holder", "owner", "band"))
        said = f"the total of {' '.join(words)} is of {line['accounts']} accounts"
        assert (int(line["accounts"]) <= 3) == (said in told["few"])
    assert told["few"]


def test_a_public_copy_says_no_account_nor_secret(place: Path) -> None:
    texts = b"".join(files_below(place / "public").values()).lower()
    rows = (place / "declared" / "accounts.csv").read_text().splitlines()[1:]

    assert len(rows) > 5
    for row in rows:
        words = re.findall("[A-Za-z0-9]{20,}", row)
        assert not any(word.lower().encode() in texts for word in words), row
    assert (place / "declared" / "salts.hex").read_bytes().strip() not in texts


def test_copies_that_cannot_be_made_leave_nothing(place: Path, tmp_path: Path) -> None:
    unknown = copied(place, "secret", tmp_path / "copy")
    assert (3, "error: unknown profile: 'secret'") == (unknown.code, unknown.complaint[0])
    further = attest(
        "disclose", "copy", place / "public", "--profile", "full", "-o", tmp_path / "copy"
    )
    assert 3 == further.code
    assert "error: a public copy is not copied further" == further.complaint[0]
    assert not (tmp_path / "copy").exists()
    taken = copied(place, "public", place / "bundle")
    assert (3, True) == (taken.code, taken.complaint[0].startswith("error: already there"))


def test_an_opening_is_made_by_who_has_the_rows_and_checked_by_who_has_a_copy(
    place: Path, tmp_path: Path
) -> None:
    opening = tmp_path / "opening.json"
    assert 0 == opened(place / "bundle", opening).code
    told = checked(opening, place / "public", "--json")

    assert 0 == told.code
    rows = told.document["rows"]
    assert {ACCOUNT} == {row["account"] for row in rows}
    table = (place / "bundle" / "report" / "accounts.csv").read_text().splitlines()
    assert sorted(",".join(row.values()) for row in rows) == sorted(
        line for line in table if line.startswith(ACCOUNT)
    )
    assert (
        judged(place, place / "public").document["about"]["payload"]
        == (told.document["payloadSha256"])
    )
    said = checked(opening, place / "public")
    assert table[0].replace(",", "\t") == said.out.splitlines()[0]
    assert len(rows) + 1 == len(said.out.splitlines())


def test_what_was_opened_of_something_else_is_refused(place: Path, tmp_path: Path) -> None:
    opening = tmp_path / "opening.json"
    opened(place / "bundle", opening)
    text = opening.read_text()
    for old, new, code, said in (
        ('"units":"', '"units":"1', 1, "the root is"),
        ('"payloadSha256":"', '"payloadSha256":"0', 1, "opening is of payload 0"),
        ('"version":"1"', '"version":"2"', 3, "wrong form"),
        ('"rows"', ' "rows"', 3, "canonical"),
    ):
        opening.write_text(text.replace(old, new, 1))
        ran = checked(opening, place / "public")
        assert (code, "") == (ran.code, ran.out), said
        assert said in ran.complaint[0]
    missing = checked(tmp_path / "none.json", place / "public")
    assert (3, "error: no such file") == (missing.code, missing.complaint[0][:19])


def test_what_cannot_be_opened_is_said_and_writes_nothing(place: Path, tmp_path: Path) -> None:
    opening = tmp_path / "opening.json"
    for bundle, account, said in (
        (place / "public", ACCOUNT, "a public copy has no rows"),
        (place / "bundle", ACCOUNT.lower(), "no row is of account"),
    ):
        ran = opened(bundle, opening, account)
        assert (3, True) == (ran.code, said in ran.complaint[0])
    assert not opening.exists()


def test_nothing_is_carried_out_of_a_public_copy(place: Path, tmp_path: Path) -> None:
    for more in ((), ("--previous",)):
        ran = attest("carry", place / "public", "-o", tmp_path / "earlier", *more)
        assert 3 == ran.code
        assert "nothing to carry: a public copy has no list of what is sealed" in ran.complaint[0]
    assert not (tmp_path / "earlier").exists()
