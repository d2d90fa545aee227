"""Input that is refused: exit code 3, what is wrong and what to do, and nothing written."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from config.policy import shipped_packs
from tests.cli.command import Ran, attest, files_below
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "anvil:0x5C8F7655367BF8Dd6FB10DC63b851C422295Ca76,hot"
"""The first row of the example's accounts, up to its method."""


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """The passing example, to be spoiled."""
    shutil.copytree(EXAMPLES / "exchange", tmp_path / "declared")
    return tmp_path / "declared"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change the first place of some text in a file; it must be there."""
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def refused(ran: Ran) -> tuple[str, ...]:
    """Give the complaint of a command that refused and printed nothing else."""
    assert (3, "") == (ran.code, ran.out)
    assert ran.err.splitlines() == list(ran.complaint)
    assert len(ran.complaint) <= 2
    assert "Traceback" not in ran.err
    return ran.complaint


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def everything(folder: Path) -> tuple[list[str], dict[str, bytes]]:
    """Give what stands in a folder, hidden names and all bytes included."""
    return names(folder), files_below(folder)


def run(declared: Path, key: Path, output: Path) -> Ran:
    return attest("run", declared / "declaration.toml", "--key", key, "-o", output)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is spoiled in the example, and how the complaint begins."""

    file: str
    old: str
    new: str
    error: str


A, D, L, P = "accounts.csv", "declaration.toml", "liabilities.csv", "prices.csv"
AMOUNT = "liabilities.csv: line 5, column 'amount': amount not understood: "

FAULTS = {
    "unknown column": Fault(
        A, "signing_domain\n", "colour\n", "accounts.csv: line 1, column 'colour': unknown column"
    ),
    "column twice": Fault(A, "signing_domain\n", "label\n", "accounts.csv: line 1, column 'label'"),
    "column missing": Fault(A, ",owner,", ",", "accounts.csv: line 1"),
    "ragged row": Fault(A, FIRST, f"{FIRST},more", "accounts.csv: line 2: 8 cells"),
    "unknown chain": Fault(
        A,
        FIRST,
        FIRST.replace("anvil", "anvill"),
        "accounts.csv: line 2, column 'account': unknown chain: 'anvill'",
    ),
    "no chain": Fault(
        A, FIRST, FIRST.replace("anvil:", ""), "accounts.csv: line 2, column 'account'"
    ),
    "main network in a test": Fault(
        A,
        FIRST,
        FIRST.replace("anvil", "ethereum"),
        "accounts.csv: line 2, column 'account': ethereum is a main network",
    ),
    "EIP-55 checksum": Fault(
        A,
        FIRST,
        FIRST.replace("5C8F", "5c8F"),
        "accounts.csv: line 2, column 'account': address checksum wrong (EIP-55)",
    ),
    "bech32 checksum": Fault(
        A,
        "rltc1q6ucszljc",
        "rltc1q6ucszlj3",
        "accounts.csv: line 11, column 'account': not an address of litecoin-regtest",
    ),
    "unknown method": Fault(
        A, FIRST, FIRST.replace("hot", "tepid"), "accounts.csv: line 2, column 'method': 'tepid'"
    ),
    "unknown asset": Fault(
        A, "eth usdt usdc,,hot-1", "eth usdx,,hot-1", "accounts.csv: line 2, column 'assets'"
    ),
    "too many decimals": Fault(
        L,
        "usdc,45000.5,",
        "usdc,45000.5000001,",
        "liabilities.csv: line 4, column 'amount': too many decimals: '45000.5000001'",
    ),
    "negative": Fault(L, "ltc,120,", "ltc,-120,", f"{AMOUNT}'-120'"),
    "exponent": Fault(L, "ltc,120,", "ltc,1e18,", f"{AMOUNT}'1e18'"),
    "not a number": Fault(L, "ltc,120,", "ltc,NaN,", f"{AMOUNT}'NaN'"),
    "thousands": Fault(L, "ltc,120,", 'ltc,"1,200",', f"{AMOUNT}'1,200'"),
    "no amount": Fault(L, "ltc,120,", "ltc,,", f"{AMOUNT}''"),
    "unknown instrument": Fault(
        L, "ltc,120,", "lite,120,", "liabilities.csv: line 5, column 'instrument': unknown"
    ),
    "stated twice": Fault(
        L, "ltc,120,", "eth,120,", "liabilities.csv: line 5, column 'instrument': stated twice"
    ),
    "no offset": Fault(
        L, "Z\n", "\n", "liabilities.csv: line 2, column 'as_of': time without an offset"
    ),
    "price of zero": Fault(
        P, "jpy,13100,", "jpy,0,", "prices.csv: line 5, column 'price': price is zero"
    ),
    "duplicate key": Fault(
        D,
        'network = "test"',
        'network = "test"\nnetwork = "main"',
        "declaration.toml: line 13, column 17: not toml",
    ),
    "unknown key": Fault(
        D,
        'network = "test"',
        'network = "test"\nnetwrok = "main"',
        "declaration.toml: attestation.netwrok: unknown key",
    ),
    "float": Fault(
        D, "sequence = 1", "sequence = 1.0", "declaration.toml: attestation.sequence: float"
    ),
    "unknown pack": Fault(D, '["core"]', '["corps"]', "unknown policy pack: 'corps'"),
    "no pack": Fault(D, '["core"]', "[]", "policies.packs: empty"),
    "unknown parameter": Fault(
        D,
        '["core"]',
        '["core"]\nparameters = { "coverage.max" = "1" }',
        "policies.parameters: unknown: 'coverage.max'",
    ),
    "missing file": Fault(D, '"prices.csv"', '"price.csv"', "no such file: "),
    "path outside": Fault(
        D, '"prices.csv"', '"../prices.csv"', "declaration.toml: inputs: not a path"
    ),
    "name that no bundle has": Fault(
        D, '"prices.csv"', '"./prices.csv"', "declaration.toml: inputs: not a path"
    ),
    "unknown source": Fault(
        D, "[sources.anvil]", "[sources.anvill]", "declaration.toml: sources.anvill: unknown chain"
    ),
    "password in the file": Fault(
        D,
        'recorded = "recording"',
        'endpoints = ["http://me:pass1@x"]',
        "declaration.toml: sources.anvil.endpoints.0: a password is written in the file",
    ),
    "quorum that cannot be met": Fault(
        D,
        'recorded = "recording"',
        'endpoints = ["http://x"]\nquorum = 2',
        "declaration.toml: sources.anvil: quorum 2 with 1 operators can never be met",
    ),
    "no sources": Fault(D, '[sources.anvil]\nrecorded = "recording"\n', "", "no sources for anvil"),
    "no time": Fault(D, 'as_of = "2026', '# as_of = "2026', "the time of the statement is not"),
    "no such recording": Fault(D, 'recorded = "recording"', 'recorded = "."', "observation.json"),
    "unset variable": Fault(
        D,
        'recorded = "recording"',
        'endpoints = ["http://me:${CUSTODY_UNSET}@127.0.0.1:1"]',
        "environment variable CUSTODY_UNSET is not set",
    ),
    "unset secret file": Fault(
        D,
        'recorded = "recording"',
        'endpoints = ["http://me:${file:unset}@127.0.0.1:1"]',
        "secret cannot be read: file:unset",
    ),
    "unknown scheme": Fault(
        "claims.csv", "eip191", "eip192", "claims.csv: line 2, column 'scheme': 'eip192'"
    ),
    "challenge that was changed": Fault(
        "challenges.json", "Example Reviewer", "Example Deviewer", "challenges.json: texts."
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_spoiled_file_is_refused(name: str, declared: Path, key: Path, tmp_path: Path) -> None:
    fault = FAULTS[name]
    edit(declared, fault.file, fault.old, fault.new)
    before = everything(tmp_path)
    complaint = refused(run(declared, key, tmp_path / "bundle"))

    assert f"error: {fault.error}" == complaint[0][: len(fault.error) + 7]
    assert all(line.startswith("hint: ") for line in complaint[1:])
    assert before == everything(tmp_path)


HINTS = {
    "unknown column": "columns: account, method, holder, owner, assets, label, signing_domain, "
    "parent, group",
    "unknown method": "one of: hot, warm, cold, unknown",
    "unknown asset": "assets known there: eth, usdt, usdc",
    "unknown pack": f"packs: {', '.join(shipped_packs())}; "
    "a folder of your own is named by policies.folder",
    "no offset": "write RFC 3339 with an offset, such as 2026-12-01T00:00:00+09:00",
    "no time": "state attestation.as_of in the declaration, or give --at TIME",
    "no sources": 'add [sources."anvil"] with endpoints or recorded',
    "unset variable": "set CUSTODY_UNSET before the command: an endpoint takes a secret from it",
}


@pytest.mark.parametrize("name", HINTS)
def test_the_hint_says_what_to_do(name: str, declared: Path, key: Path, tmp_path: Path) -> None:
    fault = FAULTS[name]
    edit(declared, fault.file, fault.old, fault.new)

    assert f"hint: {HINTS[name]}" == refused(run(declared, key, tmp_path / "bundle"))[1]


MIB = 1 << 20


@pytest.mark.parametrize(
    ("file", "data", "error"),
    [
        (A, b"", "accounts.csv: file is empty"),
        (A, b" \n\n", "accounts.csv: file is empty"),
        (A, b"account,method,holder,owner\n", "accounts.csv: no rows after the header"),
        (L, b"instrument,amount,as_of\n", "liabilities.csv: no rows after the header"),
        (A, b"account,method,holder,owner\n\xff", "accounts.csv: byte 28: not UTF-8"),
        (D, b"[entity]\nname = '\xe9'", "declaration.toml: byte 17: not UTF-8"),
        (A, b"account\0", "accounts.csv: line 1: text expected, met a NUL character"),
        (D, b"#" * (MIB + 1), "file too large: "),
        (L, b"#" * (4 * MIB + 1), f"liabilities.csv: file too large: {4 * MIB + 1} bytes"),
    ],
)
def test_bytes_that_are_no_such_file_are_refused(
    file: str, data: bytes, error: str, declared: Path, key: Path, tmp_path: Path
) -> None:
    (declared / file).write_bytes(data)
    before = everything(tmp_path)
    complaint = refused(run(declared, key, tmp_path / "bundle"))

    assert f"error: {error}" == complaint[0][: len(error) + 7]
    assert before == everything(tmp_path)


def test_an_output_that_is_there_is_left_alone(declared: Path, key: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = everything(tmp_path)
    hint = "hint: choose another place, or remove it"

    for name in ("bundle", "file", "link"):
        place = tmp_path / name
        assert (f"error: already there: {place}", hint) == refused(run(declared, key, place))
    assert before == everything(tmp_path)


def test_an_output_that_cannot_be_written(declared: Path, key: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    below, long = tmp_path / "file" / "bundle", tmp_path / ("b" * 300)

    for place in (below, long):
        ran = run(declared, key, place)
        assert refused(ran)[0].startswith(f"error: folder cannot be written: {place}: ")
    assert ["declared", "file", "signer", "signer.pub"] == names(tmp_path)


def test_a_key_that_cannot_be_used(
    declared: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASS_RIGHT", "right")
    monkeypatch.setenv("PASS_WRONG", "wrong")
    monkeypatch.delenv("PASS_UNSET", raising=False)
    locked, text, large = tmp_path / "locked", tmp_path / "text", tmp_path / "large"
    attest("keys", "new", locked, "--passphrase-env", "PASS_RIGHT")
    text.write_text("no key")
    large.write_bytes(b"-" * 20_000)
    before = everything(tmp_path)
    declaration, bundle = declared / "declaration.toml", tmp_path / "bundle"
    cases = {
        (key.with_name("signer.pub"),): f"{key}.pub: key cannot be opened",
        (text,): f"{text}: key cannot be opened",
        (tmp_path / "absent",): f"no such file: {tmp_path / 'absent'}",
        (tmp_path,): f"no such file: {tmp_path}",
        (large,): f"file too large: {large}: more than 16384 bytes",
        (locked, "--passphrase-env", "PASS_WRONG"): f"{locked}: key cannot be opened",
        (locked, "--passphrase-env", "PASS_UNSET"): "environment variable PASS_UNSET is not set",
        (locked,): f"{locked} is encrypted and no passphrase was given",
    }

    for options, error in cases.items():
        ran = attest("run", declaration, "-o", bundle, "--key", *options)
        assert f"error: {error}" == refused(ran)[0]
    assert before == everything(tmp_path)


def test_usage(declared: Path, key: Path, tmp_path: Path) -> None:
    declaration, bundle = declared / "declaration.toml", tmp_path / "bundle"
    whole = ("run", declaration, "--key", key, "-o", bundle)
    cases: dict[tuple[str | Path, ...], str] = {
        (*whole, "--kee", "x"): "no such option: --kee",
        whole[:-2]: "missing option '-o' / '--output'",
        ("run", declaration, "-o", bundle): "missing option '--key'",
        (*whole, "more"): "got unexpected extra argument(s) (more)",
        ("walk",): "no such command 'walk'",
        (*whole, "--at", "yesterday"): "time not understood: 'yesterday'",
        (*whole, "--at", "2026-11-22T14:57:36"): "time without an offset: 2026-11-22T14:57:36",
        ("challenge", declaration, "-o", bundle, "--days", "0"): "invalid value for '--days'",
    }
    before = everything(tmp_path)

    for arguments, error in cases.items():
        complaint = refused(attest(*arguments))
        assert f"error: {error}" == complaint[0][: len(error) + 7]
        assert not complaint[0].endswith(".")
    assert before == everything(tmp_path)


def test_what_a_verifier_gives_wrong(signed_folder: tuple[Path, Path], tmp_path: Path) -> None:
    bundle, key = signed_folder
    own, trust = tmp_path / "own.toml", tmp_path / "trust.toml"
    own.write_text('[sources.nowhere]\nendpoints = ["http://127.0.0.1:1"]\n')
    trust.write_text("[require]\nlevel = 'L3'\n")
    file = tmp_path / "file"
    file.write_text("no bundle")
    cases: dict[tuple[str | Path, ...], str] = {
        (bundle, "--trust", trust, "--key", key): "--trust and --key are both given",
        (bundle, "--trust", tmp_path / "absent"): f"no such file: {tmp_path / 'absent'}",
        (bundle, "--trust", trust): "trust.toml: party: ",
        (bundle, "--key", file): f"{file}: not a public key in PEM",
        (bundle, "--key", key, "--sources", own): "own.toml: sources.nowhere: unknown chain",
        (tmp_path / "absent", "--key", key): f"no such folder: {tmp_path / 'absent'}",
        (file, "--key", key): f"no such folder: {file}",
    }

    for arguments, error in cases.items():
        complaint = refused(attest("verify", *arguments, "--allow-test", "--json"))
        assert f"error: {error}" == complaint[0][: len(error) + 7]


def test_a_folder_that_is_no_snapshot_or_no_draft(
    declared: Path, key: Path, tmp_path: Path
) -> None:
    declaration, draft, output = declared / "declaration.toml", tmp_path / "draft", tmp_path / "out"
    seen = declared / "recording"
    assert attest("assess", declaration, "--snapshot", seen, "-o", draft).code == 0
    edit(draft, "report/report.md", "TEST", "REAL")
    log = next((seen / "chains").rglob("node-1.jsonl"))
    log.write_bytes(log.read_bytes()[:-1])
    before = everything(tmp_path)
    cases: dict[tuple[str | Path, ...], str] = {
        ("sign", draft, "--key", key): "digest mismatch: report/report.md",
        ("sign", declared, "--key", key): "one payload expected in att/, met 0",
        ("assess", declaration, "--snapshot", tmp_path): "observation.json is missing",
        ("assess", declaration, "--snapshot", seen): log.relative_to(seen).as_posix(),
    }

    for arguments, error in cases.items():
        complaint = refused(attest(*arguments, "-o", output))
        assert f"error: {error}" == complaint[0][: len(error) + 7]
    assert before == everything(tmp_path)
