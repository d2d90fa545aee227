"""attest liabilities check-published as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Ran, attest

VECTORS = Path(__file__).parents[1] / "vectors" / "inclusion"
TREE = VECTORS / "okx-2023-tree.txt"
ROOT = "9e98ebde32ef22ded88a5fb2d5e53d76ed57cb9c6b2c966f250721defe6ab041"
OKX = "ac6b39d2a0aa8112bd1aadff5e7d4b5c2b91cd54d595262ba4367f5d2db4160d"


def checked(name: str, *more: str | Path) -> Ran:
    return attest("liabilities", "check-published", VECTORS / name, *more)


@pytest.mark.parametrize(
    "name",
    [
        *("okx-v1.json", "okx-2023-tree.txt", "bybit-40.json"),
        *("bitget-2026.json", "bitget-readme.json"),
    ],
)
def test_published_examples_agree(name: str) -> None:
    ran = checked(name)

    assert ran.code == 0
    assert "outcome\tthe computed root is the stated one" in ran.out
    assert "- negative_not_refused: the publisher's verifier takes negative amounts" in ran.out


@pytest.mark.parametrize("name", ["binance.json", "okx-2023-user.json"])
def test_what_cannot_be_checked_is_no_pass(name: str) -> None:
    ran = checked(name)

    assert ran.code == 2
    assert "outcome\tnot checked" in ran.out
    assert "root computed\tnone" in ran.out


def test_binance_says_that_nothing_was_checked() -> None:
    assert "- not_checked_zero_knowledge: nothing was checked" in checked("binance.json").out


def test_customers_file_is_checked_with_the_tree() -> None:
    ran = checked("okx-2023-user.json", "--tree", TREE, "--root", f"0x{ROOT.upper()}", "--json")
    document = ran.document

    assert ran.code == 0
    assert {"stated": ROOT, "computed": ROOT, "published": ROOT} == document["root"]
    assert ["BTC", "0.00005"] in document["balances"]
    codes = [one["code"] for one in document["warnings"]]
    assert "root_not_published_here" not in codes
    assert "amounts_run_together" in codes


def test_another_published_root_is_a_failure() -> None:
    ran = checked("okx-v1.json", "--root", "ab" * 32)

    assert ran.code == 1
    assert "outcome\tthe roots differ" in ran.out
    assert f"root computed\t{OKX}" in ran.out
    assert checked("okx-v1.json", "--root", OKX).code == 0
    assert checked("binance.json", "--root", "ab" * 32).code == 1


def test_changed_root_and_changed_balance_fail(tmp_path: Path) -> None:
    whole = json.loads((VECTORS / "okx-v1.json").read_text())
    file = tmp_path / "proof.json"
    whole["path"][-1]["hash"] = "ab" * 32
    file.write_text(json.dumps(whole))
    assert attest("liabilities", "check-published", file).code == 1

    whole["self"]["balances"]["BTC"] = "2"
    file.write_text(json.dumps(whole))
    ran = attest("liabilities", "check-published", file, "--json")
    assert ran.code == 1
    assert ("refused", "leaf_differs") == (
        ran.document["outcome"],
        ran.document["reason"]["code"],
    )
    assert ran.document["warnings"]
    people = attest("liabilities", "check-published", file)
    assert people.code == 1
    assert "reason\tleaf_differs" in people.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("okx-v1.json", "--root", "xyz"), "error: not a root: 'xyz'"),
        (("okx-v1.json", "--format", "okx"), "error: unknown format: 'okx'"),
        (
            ("okx-v1.json", "--tree", TREE),
            "error: a file of the format okx-v1 has no tree beside it",
        ),
        (("okx-v1.json", "--format", "bitget"), "error: okx-v1.json: self: encryptUid is missing"),
        (
            ("../polv1/two-customers.json", "--root", "ab" * 32),
            "error: two-customers.json: not a published proof of a known format",
        ),
        (("missing.json",), "error: "),
    ],
)
def test_what_is_no_such_file_is_unreadable(
    arguments: tuple[str | Path, ...], complaint: str
) -> None:
    name, *more = arguments
    ran = checked(str(name), *more)

    assert ran.code == 3
    assert ran.out == ""
    assert ran.complaint[0].startswith(complaint)
