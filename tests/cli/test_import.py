"""attest import as its user meets it, and what attest control makes of the result."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from config.books.others import parse_others
from tests.cli.command import Ran, attest, files_below
from tests.config.known import READING

README = Path(__file__).parents[2] / "config" / "README.md"
VECTORS = Path(__file__).parents[1] / "vectors" / "imports"
SIGNED = (
    "0x07f19879aa28d51c97cddfdfecffe7ed96525545d041aee4f4386b0bf4c1a26924b637fb02ccbb97305c13daa51a"
    "0f50b8896fb25ecbaf60020cde920d227a221b"
)
HEADER = "coin,network,snapshot height,address,amount,message,signature1,signature2,redeem script"
ROW = f"ETH,ETH,1,0x0cdcdb19a857c2ac24818ca4fdfe38cce071483e,1,I am an OKX address,{SIGNED},,"


def imported(kind: str, name: str, folder: Path) -> Ran:
    return attest("import", kind, VECTORS / name, "-o", folder, "--json")


@pytest.mark.parametrize("name", ["okx-7.csv", "okx-11.csv", "okx-12.csv", "okx-auditor.csv"])
def test_published_signatures_are_proved_after_import(name: str, tmp_path: Path) -> None:
    ran = imported("okx", name, tmp_path / "out")
    document = ran.document

    assert document["rows"]["read"] == document["rows"]["imported"] + document["rows"]["refused"]
    assert document["rows"]["refused"] == len(document["refused"])
    assert ran.code == (2 if document["refused"] else 0)
    control = attest("control", tmp_path / "out" / "claims.csv", "--json").document
    assert document["claims"] == len(control["controls"])
    # Rows of the chains that every version checks; others are judged where their schemes are.
    known = [one for one in control["controls"] if one["account"].startswith(("eip155", "bip122"))]
    assert known
    assert {("proved", "D")} == {(one["outcome"], one["grade"]) for one in known}


def test_contract_with_named_owners_is_left_unproved(tmp_path: Path) -> None:
    document = imported("okx", "okx-11.csv", tmp_path / "out").document
    files = files_below(tmp_path / "out")

    assert document["unclaimed"] >= 1
    assert b"57e2dcd2" in files["accounts.csv"].lower()
    assert b"57e2dcd2" not in files["claims.csv"].lower()


def test_forged_and_swapped_rows_are_refuted_after_import(tmp_path: Path) -> None:
    source = tmp_path / "okx.csv"
    other = ROW.replace("0x0cdcdb19", "0x1cdcdb19")
    changed = ROW.replace("I am an OKX", "I am a OKX")
    source.write_text("\n".join((HEADER, ROW, other, changed, ROW.replace(SIGNED, "zz"))))

    assert attest("import", "okx", source, "-o", tmp_path / "out").code == 0
    control = attest("control", tmp_path / "out" / "claims.csv", "--json")
    assert control.code == 1
    outcomes = [(one["outcome"], one["reason"]) for one in control.document["controls"]]
    assert [
        ("proved", None),
        ("refuted", "key_mismatch"),
        ("refuted", "key_mismatch"),
        ("refuted", "malformed_signature"),
    ] == outcomes


def test_one_signer_twice_is_refuted_after_import(tmp_path: Path) -> None:
    line = (VECTORS / "okx-7.csv").read_text().split("\n")[9]
    cells = line.split(",")
    cells[5] = cells[4]
    source = tmp_path / "okx.csv"
    header = "coin,address,amount,message,signature1,signature2,redeem script"
    source.write_text("\n".join((header, line, ",".join(cells))))

    assert attest("import", "okx", source, "-o", tmp_path / "out").code == 0
    document = attest("control", tmp_path / "out" / "claims.csv", "--json").document
    reasons = [one["reason"] for one in document["controls"]]
    assert [None, "threshold_not_met"] == reasons


def test_people_see_counts_reasons_and_limits(tmp_path: Path) -> None:
    source = tmp_path / "okx.csv"
    source.write_text(f"{HEADER}\n{ROW}\n\x1b[2J\nETC,ETC,1,0x00,1,a,b,,\n")
    ran = attest("import", "okx", source, "-o", tmp_path / "out")

    assert (2, ()) == (ran.code, ran.complaint)
    lines = ran.out.split("\n")
    for expected in (
        "rows read\t3",
        "rows imported\t1",
        "rows refused\t2",
        "refused: malformed_row\t1",
        "refused: unknown_coin\t1",
        "accounts\t1",
        "accounts without a claim\t0",
        "claims\t1",
        "3\tmalformed_row\t'\\x1b[2J'",
        "4\tunknown_coin\t'ETC ETC 0x00'",
        "what the format okx cannot prove:",
        "- what customers are owed is not in the file",
    ):
        assert expected in lines
    assert "\x1b" not in ran.out
    assert {"accounts.csv", "claims.csv", "refused.csv"} == files_below(tmp_path / "out").keys()


def test_many_refused_rows_are_cut_for_people_and_whole_in_the_file(tmp_path: Path) -> None:
    source = tmp_path / "okx.csv"
    source.write_text("\n".join((HEADER, ROW, *(["ETC,ETC,1,0x00,1,a,b,,"] * 60))))
    ran = attest("import", "okx", source, "-o", tmp_path / "out")

    assert "10 more refused rows are in refused.csv" in ran.out
    assert files_below(tmp_path / "out")["refused.csv"].count(b"\n") == 61


def test_nothing_imported_writes_nothing_and_fails(tmp_path: Path) -> None:
    source = tmp_path / "okx.csv"
    source.write_text(f"{HEADER}\nETC,ETC,1,0x00,1,a,b,,\n")
    for options in ((), ("--json",)):
        ran = attest("import", "okx", source, "-o", tmp_path / "out", *options)

        assert ran.code == 3
        assert "unknown_coin" in ran.out
        assert ran.complaint[0] == (
            "error: okx.csv: nothing was imported: 1 rows read, all of them refused"
        )
        assert not (tmp_path / "out").exists()
    assert ran.document["files"] == []


def test_header_alone_is_nothing_imported(tmp_path: Path) -> None:
    source = tmp_path / "okx.csv"
    source.write_text(HEADER)

    assert attest("import", "okx", source, "-o", tmp_path / "out").code == 3


@pytest.mark.parametrize(
    ("kind", "name"), [("bitmex", "bitmex.yaml"), ("bitfinex", "bitfinex-wallets.txt")]
)
def test_lists_without_signatures_become_accounts_alone(
    kind: str, name: str, tmp_path: Path
) -> None:
    ran = imported(kind, name, tmp_path / "out")

    assert (2, 0) == (ran.code, ran.document["claims"])
    assert ran.document["accounts"] == ran.document["unclaimed"] > 0
    assert {"accounts.csv", "refused.csv"} == files_below(tmp_path / "out").keys()
    assert [str(tmp_path / "out" / one) for one in ("accounts.csv", "refused.csv")] == (
        ran.document["files"]
    )


def test_wrong_use_is_refused(tmp_path: Path) -> None:
    source = VECTORS / "okx-11.csv"
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "file").touch()

    assert attest("import", "kraken", source, "-o", tmp_path / "out").code == 3
    assert attest("import", "okx", tmp_path / "none.csv", "-o", tmp_path / "out").code == 3
    assert attest("import", "okx", source, "-o", taken).code == 3
    assert attest("import", "okx", source).code == 3
    assert attest("import", "bitmex", source, "-o", tmp_path / "out").code == 3
    assert ["taken"] == [one.name for one in tmp_path.iterdir()]


def test_import_is_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        imported("okx", "okx-11.csv", tmp_path / folder)

    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("okx", "okx-7.csv"),
        ("okx", "okx-11.csv"),
        ("bitmex", "bitmex.yaml"),
        ("bitfinex", "bitfinex-wallets.txt"),
    ],
)
def test_a_published_list_becomes_one_of_others(kind: str, name: str, tmp_path: Path) -> None:
    """By the command in the folder's README."""
    (line,) = [one for one in README.read_text().split("\n") if one.endswith("> others.csv")]
    imported(kind, name, tmp_path / "okx")
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, check=True)  # noqa: S603 - our own line
    found = parse_others((tmp_path / "others.csv").read_bytes(), "others.csv", READING)

    rows = (tmp_path / "okx" / "accounts.csv").read_text().splitlines()[1:]
    assert {row.partition(",")[0] for row in rows} == {one.account for one in found}
    assert {"OKX"} == {one.entity for one in found}
