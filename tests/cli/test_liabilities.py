"""The commands on liabilities, as an exchange, a customer and an auditor give them."""

from __future__ import annotations

import json
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from attest.cli.app import call
from proofs.liabilities.encoding import customer_id, customer_key
from proofs.liabilities.inclusion import inclusion_document
from tests.conftest import EXAMPLES
from tests.proofs.liabilities.pol import ALICE, BOB, MASTER, VECTOR, grow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEDGER = """\
customer,instrument,amount,kind
1001,eth,100.5,balance
1001,usdt,20000,
1002,eth,199.5,balance
1002,usdt,90000,balance
1002,usdt,10000,pending
1002,eth,3,debt
1003,usdc,45000.5,balance
1003,ltc,120,balance
"""
CUSTOMERS = """\
customer,identifier
1001,alice@example.com
1002,bob@example.com
1003,carol@example.com
1004,dave@example.com
"""


class Desk:
    """A folder with a ledger, an observation of the shipped example, and a secret."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self._capsys = place, capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Give exit code, stdout and stderr; `@name` is a path in the folder."""
        self._capsys.readouterr()
        named = [str(self.place / one[1:]) if one.startswith("@") else one for one in arguments]
        code = call(named)
        met = self._capsys.readouterr()
        return code, met.out, met.err

    def write(self, name: str, text: str) -> None:
        (self.place / name).write_text(text, encoding="utf-8")

    def commit(self, name: str, *more: str) -> tuple[int, str, str]:
        files = ("@ledger.csv", "--customers", "@customers.csv", "--snapshot", "@observed")
        return self.run("liabilities", "commit", *files, "--secret", "@secret", "-o", name, *more)


@pytest.fixture(scope="session", name="observed")
def _observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("observed")
    shutil.copytree(EXAMPLES / "exchange", place / "example")
    declaration = str(place / "example" / "declaration.toml")
    assert call(["observe", declaration, "-o", str(place / "observed")]) == 0
    return place


@pytest.fixture(name="desk")
def _desk(observed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    shutil.copytree(observed, tmp_path / "desk")
    made = Desk(tmp_path / "desk", capsys)
    made.write("ledger.csv", LEDGER)
    made.write("customers.csv", CUSTOMERS)
    assert made.run("liabilities", "secret", "@secret")[0] == 0
    return made


def claim(account: str, key: str, digest: str, *more: str) -> Sequence[str]:
    identifier = {"1001": "alice@example.com", "1002": "bob@example.com"}[account]
    return (
        *("--account", account, "--identifier", identifier),
        *("--key", key, "--set", digest, *more),
    )


def test_from_a_ledger_to_what_a_customer_checks(desk: Desk) -> None:
    code, out, err = desk.commit("@private")
    document = json.loads((desk.place / "private/commitment.json").read_text())
    digest = document["set"]

    assert 0 == code
    assert [
        *("instrument\ttotal\theight", "eth\t300\t2", "ltc\t120\t1", "usdc\t45000.5\t1"),
        *("usdt\t120000\t2", f"TEST NETWORK: set {digest}"),
    ] == out.splitlines()
    assert "private folder" in err
    assert document["header"]["ledger"][0] == {
        "instrument": "eth",
        "balance": str(300 * 10**18),
        "collateral": "0",
        "pending": "0",
        "debt": str(3 * 10**18),
        "debtors": "1",
        "margined": "0",
    }
    proof = ("--customer", "1002", "-o", "@proof.json", "--key-out", "@key")
    assert 0 == desk.run("liabilities", "prove", "@private", *proof)[0]
    assert {0o600} == {
        stat.S_IMODE((desk.place / name).stat().st_mode) for name in ("proof.json", "key", "secret")
    }
    key = (desk.place / "key").read_text().strip()
    balances = ("--balance", "eth=199.5", "--balance", "usdt=100000")
    shown = claim("1002", key, digest, *balances)
    code, out, _ = desk.run("liabilities", "check", "@proof.json", *shown)
    assert (0, "the proof holds, as of 2026-11-22T19:27:54Z") == (code, out.splitlines()[-1])
    assert "eth\t199.5\t" in out
    code, out, _ = desk.run("liabilities", "check", "@proof.json", *shown, "--json")
    assert (0, "holds") == (code, json.loads(out)["verdict"])


def test_what_does_not_hold_is_1_and_what_is_no_proof_is_3(desk: Desk) -> None:
    grown = grow((ALICE, BOB))
    document = inclusion_document(grown.proof(ALICE))
    key = customer_key(MASTER, customer_id(ALICE.account, ALICE.identifier)).hex()
    good = claim("1001", key, VECTOR["set"])

    def check(text: str, arguments: Sequence[str]) -> int:
        desk.write("proof.json", text)
        return desk.run("liabilities", "check", "@proof.json", *arguments)[0]

    text = json.dumps(document)
    assert 0 == check(text, good)
    assert 0 == check(text, [*good, "--balance", "coin0=0.0000007"])
    assert 1 == check(text, [*good, "--balance", "coin0=0.00000071"])
    assert 1 == check(text, claim("1002", key, VECTOR["set"]))
    assert 1 == check(text, claim("1001", "00" * 32, VECTOR["set"]))
    assert 1 == check(text, claim("1001", key, "00" * 32))
    assert 1 == check(text.replace('"70"', '"71"'), good)
    assert 1 == check(text.replace('"50"', '"-50"'), good)
    for broken in (text[:-1], "{}", "[]", "", text.replace("polv1", "polv2"), "\x00"):
        assert 3 == check(broken, good)
    for wrong in (("--balance", "btc=1"), ("--balance", "coin0"), ("--balance", "coin0=-1")):
        assert 3 == check(text, [*good, *wrong])
    assert 3 == check(text, claim("1001", "12", VECTOR["set"]))
    assert 3 == desk.run("liabilities", "check", "@nowhere", *good)[0]


def test_refused_rows_are_named_and_nothing_is_written(desk: Desk) -> None:
    before = sorted(desk.place.iterdir())
    desk.write("ledger.csv", LEDGER + "1009,eth,1,\n1001,btc,-1,\n1001,eth,1,balance\n")
    code, out, err = desk.commit("@private")

    assert (3, "") == (code, out)
    refused = [line for line in err.splitlines() if line.startswith("refused: ")]
    assert len(refused) >= 1
    assert any("line 11" in line for line in refused)
    assert before == sorted(desk.place.iterdir())


def test_what_cannot_be_committed_is_3(desk: Desk) -> None:
    for more in (
        ("--revision", "2"),
        ("--supersedes", "00" * 32),
        ("--revision", "2", "--supersedes", "xyz"),
        ("--cap", "eth"),
        ("--cap", "eth=0"),
        ("--cap", "btc=1"),
        ("--shares", "0"),
    ):
        assert 3 == desk.commit("@private", *more)[0]
    desk.write("secret", "abc")
    assert 3 == desk.commit("@private")[0]
    desk.write("secret", "11" * 32 + "\n")
    assert 0 == desk.commit("@private", "--shares", "3", "--height", "4", "--cap", "eth=90")[0]
    assert 3 == desk.commit("@private")[0]
    (desk.place / "observed/pins.json").unlink()
    assert 3 == desk.commit("@other")[0]


def test_every_proof_at_once(desk: Desk) -> None:
    _, out, _ = desk.commit("@private", "--json")
    digest = json.loads(out)["set"]
    assert 0 == desk.run("liabilities", "prove", "@private", "--all", "-o", "@all.jsonl")[0]
    code, out, _ = desk.run("liabilities", "check-all", "@all.jsonl", "--set", digest)
    assert (0, "3 of 3 proofs hold\n") == (code, out)
    lines = (desk.place / "all.jsonl").read_text().replace("bob@", "eve@")
    desk.write("wrong.jsonl", lines)
    code, out, _ = desk.run("liabilities", "check-all", "@wrong.jsonl", "--set", digest, "--json")
    assert (1, 3, ["path_differs"]) == (
        code,
        json.loads(out)["checked"],
        [one["reason"] for one in json.loads(out)["refused"]],
    )
    desk.write("none.jsonl", "")
    assert 3 == desk.run("liabilities", "check-all", "@none.jsonl", "--set", digest)[0]
    drawn = ("--sample", "2", "--seed", "block 20")
    assert 0 == desk.run("liabilities", "prove", "@private", *drawn, "-o", "@two.jsonl")[0]
    code, out, _ = desk.run("liabilities", "check-all", "@two.jsonl", "--set", digest)
    assert (0, "2 of 2 proofs hold\n") == (code, out)
    for wrong in (
        *((), ("--all", "--customer", "1001"), ("--all", "--key-out", "@k")),
        *(("--sample", "2"), ("--all", "--seed", "x"), ("--sample", "0", "--seed", "x")),
    ):
        assert 3 == desk.run("liabilities", "prove", "@private", "-o", "@x", *wrong)[0]
    nobody = ("--customer", "1009", "-o", "@x")
    assert 3 == desk.run("liabilities", "prove", "@private", *nobody)[0]
    owed_nothing = ("--customer", "1004", "-o", "@x")
    assert 3 == desk.run("liabilities", "prove", "@private", *owed_nothing)[0]
    assert 3 == desk.run("liabilities", "prove", "@observed", *nobody)[0]


def test_the_statement_carries_it_and_the_auditor_builds_it_again(desk: Desk) -> None:
    assert 0 == desk.commit("@private")[0]
    assert 0 == desk.run("keys", "new", "@key.pem", "--unencrypted")[0]
    published = ("--commitment", "@private/commitment.json")
    files = ("--customers", "@customers.csv", "--secret", "@secret")
    draft = ("--snapshot", "@observed", *published, "-o", "@draft")
    assert 0 == desk.run("assess", "@example/declaration.toml", *draft)[0]
    assert 0 == desk.run("sign", "@draft", "--key", "@key.pem", "-o", "@bundle")[0]
    judged = ("verify", "@bundle", "--key", "@key.pem.pub", "--allow-test")
    code, out, _ = desk.run(*judged, "--ledger", "@ledger.csv", *files)
    assert (0, True) == (code, "liabilities_rebuilt" in out)
    desk.write("other.csv", LEDGER.replace("100.5", "100.4"))
    code, out, _ = desk.run(*judged, "--ledger", "@other.csv", *files)
    assert (1, True) == (code, "liabilities_differ" in out)
    assert 3 == desk.run(*judged, "--ledger", "@ledger.csv")[0]

    again = ("liabilities", "rebuild", "@private/commitment.json")
    code, out, _ = desk.run(*again, "@ledger.csv", *files, "-o", "@rebuilt")
    assert (0, True) == (code, out.startswith("rebuilt: every root is the published one"))
    code, out, _ = desk.run(*again, "@other.csv", *files, "--json")
    assert (1, "declared") == (code, json.loads(out)["grade"])
    assert 3 == desk.run(*again, "@ledger.csv", *files, "--ray", "local")[0]
    code, out, _ = desk.run("liabilities", "compare", "@private", "@rebuilt")
    assert (0, "customers: 4 before, 4 after, 4 in both") == (code, out.splitlines()[0])
    _, out, _ = desk.run("liabilities", "compare", "@private", "@rebuilt", "--json")
    assert 0 == json.loads(out)["instruments"]["eth"]["vanished"]


def test_a_ledger_of_a_run_that_was_read_again(desk: Desk) -> None:
    """A declaration that reads from a recording pins the same blocks, so `run` takes it too."""
    assert 0 == desk.commit("@private")[0]
    assert 0 == desk.run("keys", "new", "@key.pem", "--unencrypted")[0]
    told = ("--key", "@key.pem", "--commitment", "@private/commitment.json", "-o", "@bundle")
    code, out, _ = desk.run("run", "@example/declaration.toml", *told, "--json")

    assert 0 == code
    assert {"committed"} == {one["grade"] for one in json.loads(out)["obligations"]}


def test_the_page_is_written_once(desk: Desk) -> None:
    assert 0 == desk.run("liabilities", "page", "-o", "@check.html")[0]
    assert (desk.place / "check.html").read_bytes().startswith(b"<!")
    assert 3 == desk.run("liabilities", "page", "-o", "@check.html")[0]


def test_every_command_on_liabilities_explains_itself(desk: Desk) -> None:
    _, out, _ = desk.run("liabilities", "--help")
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    names = {"secret", "commit", "prove", "check", "check-all", "rebuild", "compare", "page"}

    assert names <= set(listed)
    for name in names:
        assert 0 == desk.run("liabilities", name, "--help")[0]
