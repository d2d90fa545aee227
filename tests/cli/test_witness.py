"""A witness's row, from the auditor's command to the report of a signed bundle."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import Ran, attest
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

EXCHANGE = EXAMPLES / "exchange"
ACCOUNT = "anvil:0x5C8F7655367BF8Dd6FB10DC63b851C422295Ca76"
OTHER = "anvil:0x4b21Feac2185d3062c4757e6D03c363206041718"
HELD = "2026-11-23T09:00:00+09:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the example, and take the first account's own claim out of it."""
    made = tmp_path / "declared"
    shutil.copytree(EXCHANGE, made)
    lines = (made / "claims.csv").read_text().splitlines()
    assert lines[1].startswith(ACCOUNT)
    rows = [lines[0] + ",public_key", *(f"{line}," for line in lines[2:])]
    (made / "claims.csv").write_text("\n".join(rows))
    return made


def witness(folder: Path, key: Path, *words: str | Path, held: str = HELD) -> Ran:
    given = words or (ACCOUNT,)
    return attest(
        *("witness", folder / "challenges.json", *given, "--key", key, "--held-at", held),
        *("--witness", "Example Witness", "--what", "transaction_signed"),
    )


def bands(bundle: Path) -> dict[str, str]:
    rows = csv.DictReader((bundle / "report" / "accounts.csv").read_text().splitlines())
    return {row["account"]: row["band"] for row in rows}


def test_a_witnessed_account_is_attested_and_covers_nothing(folder: Path, key: Path) -> None:
    claims = folder / "claims.csv"
    ran = witness(folder, key, ACCOUNT, "-o", claims)
    assert (0, ()) == (ran.code, ran.complaint)
    assert claims.read_text().count("\n") == len((EXCHANGE / "claims.csv").read_text().splitlines())
    checked = attest("control", folder / "declaration.toml", "--json").document
    assert ("witnessed", "proved", "B") == tuple(
        checked["controls"][-1][name] for name in ("scheme", "outcome", "grade")
    )
    bundle = folder.parent / "bundle"
    ran = attest("run", folder / "declaration.toml", "--key", key, "-o", bundle, "--json")

    account = ACCOUNT.replace("anvil", "eip155:31337")
    assert {"attested"} == {band for name, band in bands(bundle).items() if name == account}
    assert any(one["held"]["attested"] != "0" for one in ran.document["comparison"])
    assert "controlled" in bands(bundle).values()
    said = attest("verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json").document
    assert ("valid", []) == (said["authenticity"], said["differences"])


def test_without_a_file_the_row_goes_to_stdout(folder: Path, key: Path) -> None:
    ran = witness(folder, key, ACCOUNT, OTHER, "--place", "Vault, 2")
    assert () == ran.complaint
    (row,) = csv.DictReader(ran.out.splitlines())

    assert 0 == ran.code
    assert "TEST NETWORK" in ran.err
    assert [name.replace("anvil", "eip155:31337") for name in (ACCOUNT, OTHER)] == row[
        "account"
    ].split()
    (folder / "claims.csv").write_text(ran.out)
    given = ("--challenges", folder / "challenges.json", "--json")
    met = attest("control", folder / "claims.csv", *given).document
    assert {"proved": 1, "refuted": 0, "inconclusive": 0, "unproved": 0} == met["summary"]


def test_every_step_of_it_can_be_followed(folder: Path, key: Path) -> None:
    assert 0 == witness(folder, key, ACCOUNT, "-o", folder / "claims.csv").code
    words = ("--explain", ACCOUNT)
    ran = attest("control", folder / "declaration.toml", *words)

    assert "keyid of the witness" in ran.out
    assert "Example Witness" in ran.out
    assert "openssl dgst -sha256" in ran.out


@pytest.mark.parametrize(
    ("accounts", "held", "what"),
    [
        (["anvil:0x" + "11" * 20], HELD, "no text was issued for 'eip155:31337:0x1111"),
        ([ACCOUNT, "anvil:0x" + "11" * 20], HELD, "no text was issued for"),
        (["eip155:*:0x5C8F7655367BF8Dd6FB10DC63b851C422295Ca76"], HELD, "a witness sees one chain"),
        (["anvil:0x12"], HELD, ""),
        ([ACCOUNT], "2026-11-22T19:27:53Z", "held at 2026-11-22T19:27:53Z, the texts are valid"),
        ([ACCOUNT], "2026-12-06T19:27:55Z", "held at 2026-12-06T19:27:55Z, the texts are valid"),
        ([ACCOUNT], "2026-11-23T00:00:00", "time without an offset"),
    ],
)
def test_what_would_be_no_proof_is_not_written(
    folder: Path, key: Path, accounts: list[str], held: str, what: str
) -> None:
    before = (folder / "claims.csv").read_bytes()
    ran = witness(folder, key, *accounts, "-o", folder / "claims.csv", held=held)

    assert 3 == ran.code
    assert what in ran.complaint[0]
    assert before == (folder / "claims.csv").read_bytes()


def test_a_word_that_is_none_is_refused(folder: Path, key: Path) -> None:
    ran = attest(
        *("witness", folder / "challenges.json", ACCOUNT, "--key", key, "--held-at", HELD),
        *("--witness", "Example Witness", "--what", "believed"),
    )

    assert 3 == ran.code
    assert "ceremony: what:" in ran.complaint[0]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_without_the_columns_is_not_touched(folder: Path, key: Path, end: str) -> None:
    file = folder / "other.csv"
    file.write_text(f"account,scheme,message,signature{end}")
    ran = witness(folder, key, ACCOUNT, "-o", file)

    assert 3 == ran.code
    assert f"account,scheme,message,signature{end}" == file.read_bytes().decode()
    assert "columns missing: public_key, script" in ran.complaint[0]


def test_a_quote_left_open_above_the_row_is_seen(folder: Path, key: Path) -> None:
    file = folder / "claims.csv"
    file.write_text(file.read_text() + '\n"anvil:')
    before = file.read_bytes()

    assert 3 == witness(folder, key, ACCOUNT, "-o", file).code
    assert before == file.read_bytes()


def test_an_extended_key_is_witnessed_by_a_path(folder: Path, key: Path) -> None:
    row = (EXCHANGE / "accounts.csv").read_text().splitlines()
    line = next(one for one in row if "wpkh(" in one)
    account = line.partition("?")[0].removeprefix('"')
    file = folder / "new.csv"

    assert 0 == witness(folder, key, account, "--signer", "0/3", "-o", file).code
    bad = witness(folder, key, account, "--signer", "9", "-o", file)
    assert (3, "error: no key of") == (bad.code, bad.complaint[0][:16])
    met = attest("control", file, "--challenges", folder / "challenges.json", "--json").document
    assert ["proved"] == [one["outcome"] for one in met["controls"]]
