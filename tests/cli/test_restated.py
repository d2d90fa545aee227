"""A statement that takes the place of an earlier one for the same time, by the commands."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import Ran, attest
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "declared"
    shutil.copytree(EXAMPLES / "exchange", made)
    return made


@pytest.fixture
def former(folder: Path, key: Path) -> Path:
    """The first statement, carried into the folder of the second."""
    first = folder.parent / "first"
    assert run(folder, key, first).code == 0
    assert attest("carry", first, "-o", folder / "former").code == 0
    replace(folder, "declaration.toml", "sequence = 1\n", "sequence = 2\n")
    return folder / "former"


def run(folder: Path, key: Path, bundle: Path) -> Ran:
    return attest("run", folder / "declaration.toml", "--key", key, "-o", bundle, "--json")


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def supersede(folder: Path, more: str = "") -> None:
    file = folder / "declaration.toml"
    file.write_text(f'{file.read_text()}\n[supersedes]\nfolder = "former"\n{more}')


def row(path: str, sha256: str, revision: int = 2) -> str:
    reason = "a withdrawal was booked twice"
    return (
        f'[[restated]]\ninput = "{path}"\nrevision = {revision}\n'
        f'reason = "{reason}"\nsha256 = "{sha256}"\n'
    )


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def findings(ran: Ran, rule: str) -> list[Any]:
    return [one for one in ran.document["findings"]["inForce"] if one["code"] == rule]


@pytest.mark.usefixtures("former")
def test_a_named_restatement_shows_what_differs(folder: Path, key: Path) -> None:
    before = digest(folder / "liabilities.csv")
    replace(folder, "liabilities.csv", "ltc,120,", "ltc,119.5,")
    supersede(folder, row("liabilities.csv", before))
    bundle = folder.parent / "second"
    ran = run(folder, key, bundle)

    assert (0, ()) == (ran.code, ran.complaint)
    assert ["pass"] == [one["status"] for one in findings(ran, "restated")]
    record = ran.document["series"]["supersedes"]
    assert ("1", before) == (record["sequence"], record["restated"][0]["formerSha256"])
    ltc = next(one for one in record["instruments"] if one["instrument"] == "ltc")
    assert ("12000000000", "11950000000") == (ltc["formerOwed"], ltc["owed"])
    assert ("675000000", "725000000") == (ltc["formerDifference"], ltc["difference"])
    report = (bundle / "report" / "report.md").read_text()
    assert "| ltc | 120 | 119.5 | 6.75 | 7.25 |" in report
    met = attest("verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json").document
    assert ("valid", "L3", "pass") == (met["authenticity"], met["level"], met["outcome"])


@pytest.mark.usefixtures("former")
@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("", "nothing says so"),
        (row("liabilities.csv", "0" * 64), "a digest that the superseded statement does not give"),
        (row("prices.csv", "PRICES"), "is named as restated, and is the same file"),
        (row("books/none.csv", "0" * 64), "a digest that the superseded statement does not give"),
    ],
)
def test_a_restatement_that_is_not_named_rightly_fails(
    folder: Path, key: Path, table: str, text: str
) -> None:
    prices = digest(folder / "prices.csv")
    replace(folder, "liabilities.csv", "ltc,120,", "ltc,119.5,")
    supersede(folder, table.replace("PRICES", prices))
    ran = run(folder, key, folder.parent / "second")

    assert 1 == ran.code
    assert any(text in one["text"] for one in findings(ran, "restated"))
    assert {"fail"} == {one["status"] for one in findings(ran, "restated")}


@pytest.mark.usefixtures("former")
@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("sequence = 2", "sequence = 1", "number 1, this one is 1"),
        ('series = "example-exchange"', 'series = "other"', "of series 'example-exchange'"),
        ('name = "Example Exchange"', 'name = "Another"', "a statement of 'Example Exchange'"),
        ("as_of = ", "as_of = '2026-11-22T20:00:00Z' # ", "this statement about 2026-11-22T20:00"),
    ],
)
def test_another_statement_is_not_superseded(
    folder: Path, key: Path, old: str, new: str, fault: str
) -> None:
    supersede(folder)
    replace(folder, "declaration.toml", old, new)
    if "name" in old:  # the texts were issued for the other name
        replace(folder, "declaration.toml", 'challenges = "challenges.json"', "")
    ran = run(folder, key, folder.parent / "second")

    assert 3 == ran.code
    assert fault in ran.err


def test_a_restatement_goes_with_what_it_restates(folder: Path, key: Path) -> None:
    file = folder / "declaration.toml"
    file.write_text(f"{file.read_text()}\n{row('liabilities.csv', '0' * 64)}")
    ran = run(folder, key, folder.parent / "second")

    assert (3, True) == (ran.code, "restated: there is no [supersedes]" in ran.err)


def test_an_envelope_of_other_bytes_is_refused(folder: Path, key: Path, former: Path) -> None:
    supersede(folder)
    payload = former / "payload.json"
    payload.write_bytes(payload.read_bytes().replace(b'"sequence":"1"', b'"sequence":"0"'))
    ran = run(folder, key, folder.parent / "second")

    assert (3, True) == (ran.code, "the envelope is around other bytes" in ran.err)


def test_the_link_to_the_statement_before_is_no_restatement(folder: Path, key: Path) -> None:
    """Number 3 corrects number 2, which stands after number 1: the link is another one, no more."""
    declared = (folder / "declaration.toml").read_text()
    link = '\n[previous]\nfolder = "earlier/{0}"\n'
    for number in (1, 2):
        replace(folder, "declaration.toml", "sequence = 1\n", f"sequence = {number}\n")
        if number == 2:
            text = (folder / "declaration.toml").read_text()
            (folder / "declaration.toml").write_text(text + link.format(1))
        made = folder.parent / str(number)
        assert run(folder, key, made).code == 0
        beside = folder / "earlier" / str(number)
        assert attest("carry", made, "--previous", "-o", beside).code == 0
        (folder / "declaration.toml").write_text(declared)
    shutil.copytree(folder / "earlier" / "2", folder / "former")
    text = declared.replace("sequence = 1\n", "sequence = 3\n") + link.format(2)
    (folder / "declaration.toml").write_text(text)
    supersede(folder)
    ran = run(folder, key, folder.parent / "3")

    assert (0, ()) == (ran.code, ran.complaint)
    assert ["pass"] == [one["status"] for one in findings(ran, "restated")]
    assert "2" == ran.document["series"]["previous"]["sequence"]


def test_no_input_lies_where_a_link_does(folder: Path, former: Path, key: Path) -> None:
    """A file there would be taken for a part of the link, and could differ without a word."""
    (folder / "liabilities.csv").rename(former / "sealed.json")
    replace(folder, "declaration.toml", '"liabilities.csv"', '"former/sealed.json"')
    supersede(folder)
    ran = run(folder, key, folder.parent / "second")

    assert 3 == ran.code
    assert "in the folder of an earlier statement: 'former/sealed.json'" in ran.complaint[0]
