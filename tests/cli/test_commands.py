"""The commands that need no node, and what they print."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from attest.cli import console
from attest.cli.app import call
from attest.cli.console import Progress, clean
from attest.cli.load import inputs_of
from config.declaration import parse_declaration
from config.registry_files import load_registry
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "new",
    "challenge",
    "control",
    "observe",
    "assess",
    "sign",
    "state",
    "timestamp",
    "trust",
    "countersign",
    "disclose",
    "history",
    "rules",
    "run",
    "verify",
    "import",
    "carry",
    "trace",
    "state",
    "witness",
    "keys",
    "liabilities",
    "log",
)
EXCHANGE = str(EXAMPLES / "exchange" / "declaration.toml")
FAULTY = str(EXAMPLES / "faulty" / "declaration.toml")
PUBLISHED = str(EXAMPLES / "published" / "claims.csv")


def out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


@pytest.fixture
def key(tmp_path: Path) -> str:
    assert call(["keys", "new", str(tmp_path / "key.pem"), "--unencrypted"]) == 0
    return str(tmp_path / "key.pem")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    listed = re.findall(r"^  ([a-z]+) ", out(capsys), re.MULTILINE)
    assert set(listed) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([command, "--help"]) == 0
    assert len(out(capsys).splitlines()) > 5


def test_the_version_is_the_distribution_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"]) == 0
    assert re.fullmatch(r"custody-attest \d+\.\d+\.\d+\n", out(capsys))


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["verify"], ["run", "x"], ["verify", "x", "--unknown"], ["keys"]]
)
def test_misuse_is_exit_code_3(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(arguments) == 3
    met = capsys.readouterr()
    assert met.out == ""
    assert met.err.startswith(("error: ", "Usage: "))


def test_an_error_is_two_lines_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["control", "absent.csv"]) == 3
    assert capsys.readouterr().err == (
        "error: no such file: absent.csv\nhint: check the path; it must be a plain file\n"
    )
    with pytest.raises(Exception, match="no such file"):
        call(["--debug", "control", "absent.csv"])


def test_an_interruption_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("attest.disk.read_file", interrupted)

    assert call(["control", PUBLISHED]) == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_new_writes_files_that_parse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"

    assert call(["new", str(folder)]) == 0
    assert set(out(capsys).split()) == {str(path) for path in folder.rglob("*") if path.is_file()}
    declared = (folder / "declaration.toml").read_bytes()
    parse_declaration(declared, "declaration.toml", load_registry())
    commented = re.sub(rb"(?m)^# (\w+ = \"books/)", rb"\1", declared)
    (folder / "declaration.toml").write_bytes(commented)
    inputs = inputs_of(folder / "declaration.toml")
    assert inputs.books.allocations
    assert inputs.books.trace
    assert inputs.books.facts
    assert call(["control", str(folder / "claims.csv")]) == 0
    assert call(["new", str(folder)]) == 3


def test_keys_are_encrypted_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key.pem"
    monkeypatch.setenv("PASS", "correct horse")

    assert call(["keys", "new", str(path), "--passphrase-env", "PASS"]) == 0
    assert re.fullmatch(r"[0-9a-f]{64}  .*key\.pem\.pub\n", out(capsys))
    assert b"ENCRYPTED" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert call(["keys", "new", str(path), "--unencrypted"]) == 3


def test_a_key_needs_a_passphrase_from_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "key.pem")
    monkeypatch.delenv("PASS", raising=False)

    assert call(["keys", "new", path]) == 3
    assert "no passphrase was given" in capsys.readouterr().err
    assert call(["keys", "new", path, "--passphrase-env", "PASS"]) == 3
    assert call(["keys", "new", path, "--algorithm", "rsa", "--unencrypted"]) == 3
    assert not (tmp_path / "key.pem").exists()


def test_a_passphrase_is_asked_for_twice_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["one", "two", "", "same", "same", "same", "wrong"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    path = str(tmp_path / "key.pem")
    draft = str(tmp_path / "draft")
    (tmp_path / "draft").mkdir()

    assert call(["keys", "new", path]) == 3
    assert call(["keys", "new", path]) == 3
    assert call(["keys", "new", path, "--algorithm", "ed25519"]) == 0
    assert call(["sign", draft, "--key", path, "-o", str(tmp_path / "b")]) == 3
    assert call(["sign", draft, "--key", path, "-o", str(tmp_path / "b")]) == 3


def test_an_encrypted_key_without_a_terminal_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASS", "x")
    path = str(tmp_path / "key.pem")
    call(["keys", "new", path, "--passphrase-env", "PASS"])
    capsys.readouterr()

    assert call(["run", EXCHANGE, "--key", path, "-o", str(tmp_path / "b")]) == 3
    assert "--passphrase-env" in capsys.readouterr().err
    monkeypatch.setenv("PASS", "y")
    assert (
        call(["run", EXCHANGE, "--key", path, "--passphrase-env", "PASS", "-o", f"{tmp_path}/b"])
        == 3
    )
    assert "cannot be opened" in capsys.readouterr().err


def test_published_claims_verify_and_are_of_grade_d(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["control", PUBLISHED]) == 0
    assert "TEST" not in out(capsys)
    assert call(["control", PUBLISHED, "--json"]) == 0
    document = json.loads(out(capsys))
    assert document["summary"] == {"proved": 11, "refuted": 0, "inconclusive": 0, "unproved": 0}
    assert {one["grade"] for one in document["controls"]} == {"D"}
    assert [one["line"] for one in document["controls"]] == list(range(2, 13))
    assert set(document["controls"][0]) == {
        "account",
        "scheme",
        "outcome",
        "grade",
        "reason",
        "warnings",
        "line",
    }


def test_control_judges_a_declaration(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["control", EXCHANGE]) == 0
    shown = out(capsys)
    assert shown.startswith("TEST NETWORK\n")
    assert shown.endswith("proved 17, refuted 0, inconclusive 0, unproved 0\n")
    assert call(["control", FAULTY]) == 1
    assert "refuted 1" in out(capsys)


def test_control_takes_challenges_beside_the_claims(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims, issued = EXAMPLES / "exchange" / "claims.csv", EXAMPLES / "exchange" / "challenges.json"
    forged = tmp_path / "challenges.json"
    forged.write_text(issued.read_text().replace("Example Reviewer", "Another Reviewer"))

    assert call(["control", str(claims), "--challenges", str(issued)]) == 0
    assert call(["control", str(claims)]) == 2
    assert "no_challenge" in out(capsys)
    assert call(["control", str(claims), "--challenges", str(forged)]) == 3


def test_a_declaration_without_claims_has_no_control(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLES / "exchange", folder)
    path = folder / "declaration.toml"
    path.write_text(path.read_text().replace('claims = "claims.csv"\n', ""))

    assert call(["control", str(path)]) == 3
    assert "names no claims" in capsys.readouterr().err


def test_the_example_passes_and_verifies(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(tmp_path / "bundle")
    capsys.readouterr()

    assert call(["run", EXCHANGE, "--key", key, "-o", bundle]) == 0
    assert out(capsys).startswith("TEST NETWORK outcome: pass\n")
    assert call(["verify", bundle, "--key", f"{key}.pub", "--allow-test"]) == 0
    shown = out(capsys)
    assert "authenticity: valid\noutcome: pass (TEST NETWORK)\nlevel: L3, required L3\n" in shown
    assert call(["verify", bundle, "--key", f"{key}.pub"]) == 1
    assert "test_network" in out(capsys)


def test_the_faulty_example_names_its_five_faults(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(tmp_path / "bundle")
    capsys.readouterr()

    assert call(["run", FAULTY, "--key", key, "-o", bundle, "--json"]) == 1
    predicate = json.loads(out(capsys))
    met = {
        one["code"]: one["status"]
        for one in predicate["findings"]["inForce"]
        if one["status"] in {"fail", "unknown"} and one["required"]
    }
    assert met == {
        "coverage": "fail",
        "refuted_control": "fail",
        "duplicate_account": "fail",
        "failed_read": "unknown",
        "stale_price": "fail",
    }
    verified = call(["verify", bundle, "--key", f"{key}.pub", "--allow-test", "--json"])
    verdict = json.loads(out(capsys))
    assert (verified, verdict["authenticity"], verdict["outcome"]) == (1, "valid", "fail")
    assert set(verdict) >= {
        "authenticity",
        "outcome",
        "level",
        "levels",
        "anchors",
        "reasons",
        "differences",
        "parties",
    }


def test_the_steps_give_the_statement_of_run(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, draft, steps, whole = (str(tmp_path / name) for name in ("o", "d", "s", "w"))

    assert call(["observe", EXCHANGE, "-o", seen]) == 0
    assert call(["assess", EXCHANGE, "--snapshot", seen, "-o", draft]) == 0
    assert call(["sign", draft, "--key", key, "-o", steps]) == 0
    assert call(["run", EXCHANGE, "--key", key, "-o", whole]) == 0
    assert (tmp_path / "s/att/0001.payload.json").read_bytes() == (
        tmp_path / "w/att/0001.payload.json"
    ).read_bytes()
    capsys.readouterr()
    assert call(["assess", EXCHANGE, "--snapshot", steps, "-o", f"{draft}2", "--json"]) == 0
    assert json.loads(out(capsys))["outcome"] == "pass"


def test_trust_names_parties_and_anchors(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(tmp_path / "bundle")
    call(["run", EXCHANGE, "--key", key, "-o", bundle])
    shutil.copy(EXAMPLES / "exchange" / "auditor.pub", tmp_path / "auditor.pub")
    (tmp_path / "trust.toml").write_text(
        '[[party]]\nname = "Example Exchange"\nkey = "key.pem.pub"\n'
        '[[party]]\nname = "Example Reviewer"\nkey = "auditor.pub"\nroles = ["challenger"]\n'
        f'[anchors]\nanvil = [{{ height = 1, hash = "{"00" * 32}" }}]\n'
    )
    capsys.readouterr()

    assert call(["verify", bundle, "--trust", str(tmp_path / "trust.toml"), "--allow-test"]) == 0
    shown = out(capsys)
    assert "signed by: Example Exchange" in shown
    assert "grade_a" in shown
    both = ["--trust", str(tmp_path / "trust.toml"), "--key", f"{key}.pub"]
    assert call(["verify", bundle, *both]) == 3
    assert call(["verify", bundle, "--allow-test"]) == 2
    assert "no_trust_given" in out(capsys)


def test_challenges_can_name_a_block_or_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "challenges.json"
    stated = f"anvil 7 0x{'ab' * 32}"

    assert call(["challenge", EXCHANGE, "-o", str(path), "--anchor", stated]) == 0
    document = json.loads(path.read_text())
    assert document["anchors"] == [
        {"chain": "eip155:31337", "hash": f"0x{'ab' * 32}", "height": "7"}
    ]
    assert len(document["texts"]) == 26
    assert "signatures" not in document
    lines = tmp_path / "lines.txt"
    options = ["--no-anchor", "--lines", str(lines)]
    assert call(["challenge", EXCHANGE, "-o", f"{path}2", *options]) == 0
    texts = json.loads((tmp_path / "challenges.json2").read_text())["texts"]
    expected = [
        f"custody-attest v1 {account.rpartition(':')[0]} {account.rpartition(':')[2]} sha256:"
        f"{hashlib.sha256(text.encode()).hexdigest()}"
        for account, text in texts.items()
    ]
    assert lines.read_text().splitlines() == expected
    for wrong in ("anvil", "anvil x 0x", "nowhere 1 0x"):
        assert call(["challenge", EXCHANGE, "-o", f"{path}3", "--anchor", wrong]) == 3
    capsys.readouterr()
    assert call(["challenge", EXCHANGE, "-o", f"{path}3"]) == 3
    assert "--no-anchor" in capsys.readouterr().err


def test_challenges_are_written_as_typed_data_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "challenges.json", tmp_path / "typed"
    words = ["challenge", EXCHANGE, "--no-anchor", "--typed-data", str(folder), "-o"]

    assert call([*words, str(path)]) == 0
    texts = json.loads(path.read_text())["texts"]
    named = {name.replace(":", "-").replace("*", "every") for name in texts if "eip155" in name}
    assert {f"{name}.json" for name in named} == {file.name for file in folder.iterdir()}
    capsys.readouterr()
    assert call([*words, str(tmp_path / "second.json")]) == 3
    assert "already" in capsys.readouterr().err
    assert not (tmp_path / "second.json").exists()


def test_a_declaration_without_sources_has_no_recent_block(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLES / "exchange", folder)
    path = folder / "declaration.toml"
    path.write_text(path.read_text().partition("# The evidence was recorded")[0])

    assert call(["challenge", str(path), "-o", str(tmp_path / "c.json")]) == 3
    assert "no sources to take a recent block from" in capsys.readouterr().err
    assert call(["observe", str(path), "-o", str(tmp_path / "o")]) == 3
    assert "no sources for" in capsys.readouterr().err


def test_text_of_a_file_cannot_move_the_cursor() -> None:
    assert clean("a\x1b[2Jb\rc\u202ed") == "a\ufffd[2Jb\ufffdc\ufffdd"
    assert clean("plain\ttext\n") == "plain\ttext\ufffd"


class Terminal:
    """A stream that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_a_line_a_step_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(lambda: 0.0)
    for done in range(1001):
        progress("reading", done, 1000)
    progress("waiting", 0, 0)
    progress("waiting", 0, 0)

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "reading 0/1000 0%"
    assert lines[-2:] == ["reading 1000/1000 100%", "waiting"]
    assert len(lines) == console.PLAIN_EVERY + 2


def test_progress_stays_on_its_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(lambda: 0.0)
    progress("reading", 1, 2)
    progress("reading", 2, 2)

    assert terminal.text == "\r\x1b[2Kreading 1/2 50%\r\x1b[2Kreading 2/2 100%\n"


def test_a_table_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.table("Title", ("one", "two"), [("[bold]a[/bold]", "b")])

    assert "Title" in terminal.text
    assert "[bold]a[/bold]" in terminal.text


def test_observe_gives_its_pins_and_says_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["observe", EXCHANGE, "-o", str(tmp_path / "a")]) == 0
    assert out(capsys).startswith("TEST NETWORK\nchain\theight\thash\tread\tproved\tfailed\n")
    assert call(["observe", FAULTY, "-o", str(tmp_path / "b"), "--json"]) == 2
    document = json.loads(out(capsys))
    assert document["network"] == "test"
    assert [one["failed"] for one in document["chains"]] == ["0", "1"]


def test_every_command_that_writes_gives_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, draft = str(tmp_path / "key.pem"), str(tmp_path / "draft")
    recording = str(EXAMPLES / "exchange" / "recording")
    issued = ["challenge", EXCHANGE, "-o", str(tmp_path / "c.json"), "--no-anchor", "--json"]

    def document(*arguments: str) -> dict[str, object]:
        assert call(list(arguments)) == 0
        found: dict[str, object] = json.loads(out(capsys))
        return found

    assert len(document("new", str(tmp_path / "mine"), "--json")["files"]) == 11  # type: ignore[arg-type]
    made = document("keys", "new", key, "--unencrypted", "--json")
    assert document(*issued)["texts"] == "26"
    assert call(["challenge", EXCHANGE, "-o", f"{tmp_path}/d.json", "--no-anchor"]) == 0
    assert out(capsys).startswith("TEST NETWORK: 26 texts")
    assert call(["assess", EXCHANGE, "--snapshot", recording, "-o", draft]) == 0
    out(capsys)
    signed = document("sign", draft, "--key", key, "-o", str(tmp_path / "b"), "--json")
    assert (signed["keyid"], signed["network"]) == (made["keyid"], "test")
    assert call(["sign", draft, "--key", key, "-o", str(tmp_path / "b2")]) == 0
    assert out(capsys).startswith("TEST NETWORK outcome: pass\n")


def test_a_claim_of_the_other_network_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(EXAMPLES / "exchange", folder)
    with (folder / "claims.csv").open("a") as file:
        file.write("ethereum:0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045,eip191,x,00,,\n")

    assert call(["control", str(folder / "declaration.toml")]) == 3
    assert "claims.csv: line 19, column 'account': ethereum is a main" in capsys.readouterr().err
