"""What moved around the pin, from a declaration's window to the report of a bundle."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import TYPE_CHECKING

import pytest

from config.registry_files import load_registry
from config.times import format_time
from tests.chains.evm.fakechain import ALICE, BOB
from tests.chains.evm.moving import Moved, moved
from tests.cli.command import attest, files_below
from tests.nodes.anvil import anvil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.nodes

EVM = load_registry().chain("anvil")
DECLARATION = """\
[entity]
name = "Example"
[attestation]
series = "window"
network = "test"
as_of = "{as_of}"
{window}
scope = ["holdings"]
[inputs]
accounts = "accounts.csv"
[policies]
packs = ["core"]
[sources.anvil]
{source}
"""


@pytest.fixture(scope="module")
def life() -> Iterator[Moved]:
    with anvil("--timestamp", str(int(time.time()) - 3600)) as node:
        yield moved(node)


def declared(
    folder: Path, life: Moved, *, window: tuple[int, int] | None, source: str | None = None
) -> Path:
    """Write a declaration; its window is given in seconds before and after the pin."""
    folder.mkdir()
    path = folder / "declaration.toml"
    stated = "" if window is None else "window_before = {}\nwindow_after = {}".format(*window)
    as_of = format_time(life.time(life.pin))
    url = source or f'endpoints = ["{life.node.url}"]'
    path.write_text(DECLARATION.format(as_of=as_of, window=stated, source=url))
    rows = "".join(f"anvil:{one},cold,self,customer,eth usdt\n" for one in (ALICE, BOB))
    (folder / "accounts.csv").write_text("account,method,holder,owner,assets\n" + rows)
    return path


def seconds(life: Moved) -> tuple[int, int]:
    pin = life.time(life.pin)
    return pin - life.time(life.before), life.time(life.after) - pin


def table_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "report/window.csv").read_text())))


def test_a_declared_window_is_in_the_report(life: Moved, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "declared", life, window=seconds(life))
    seen, draft = tmp_path / "seen", tmp_path / "draft"
    assert (0, ()) == ((ran := attest("observe", declaration, "-o", seen)).code, ran.complaint)
    ran = attest("assess", declaration, "--snapshot", seen, "-o", draft)
    assert () == ran.complaint

    columns = ("before", "after", "nonce_before", "nonce_at", "nonce_after")
    table = table_of(draft)
    assert life.rows() == [tuple(int(row[column]) for column in columns) for row in table]
    assert {("", "", "")} == {(row["received"], row["spent"], row["transactions"]) for row in table}
    assert [f"{EVM.id}:{one}" for one in (ALICE, ALICE, BOB, BOB)] == [
        row["account"] for row in table
    ]
    report = (draft / "report/report.md").read_text()
    for height in (life.before, life.after):
        assert life.node.block(height)["hash"] in report
    assert "on EVM chains balances and nonces alone are read" in report


def test_a_signed_window_verifies_and_is_replayed(life: Moved, tmp_path: Path, key: Path) -> None:
    declaration = declared(tmp_path / "declared", life, window=seconds(life))
    bundle, again = tmp_path / "bundle", tmp_path / "again"
    ran = attest("run", declaration, "--key", key, "-o", bundle, "--json")
    assert () == ran.complaint
    moments = [(one["height"], one["blockHash"]) for one in ran.document["window"]]
    assert [
        (str(height), life.node.block(height)["hash"]) for height in (life.before, life.after)
    ] == moments
    public = key.with_name(f"{key.name}.pub")
    verified = attest("verify", bundle, "--key", public, "--allow-test", "--json").document
    assert ("valid", "L3") == (verified["authenticity"], verified["level"])
    # The declaration is of holdings alone, and nothing else is found different.
    codes = [one["code"] for one in verified["differences"]]
    assert codes == ["scope_narrowed", "judged_differently"]

    recorded = f'recorded = "{bundle}"'
    replayed = declared(tmp_path / "replayed", life, window=seconds(life), source=recorded)
    assert () == attest("run", replayed, "--key", key, "-o", again).complaint
    assert table_of(bundle) == table_of(again)
    assert {
        name: data for name, data in files_below(bundle / "evidence").items() if "chains" in name
    } == {name: data for name, data in files_below(again / "evidence").items() if "chains" in name}


def test_a_changed_table_or_recording_is_found(life: Moved, tmp_path: Path, key: Path) -> None:
    declaration = declared(tmp_path / "declared", life, window=seconds(life))
    bundle = tmp_path / "bundle"
    assert () == attest("run", declaration, "--key", key, "-o", bundle).complaint
    public = key.with_name(f"{key.name}.pub")
    (log,) = (bundle / "evidence/chains").rglob("*.jsonl")
    for path in (bundle / "report/window.csv", log):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"0", b"1", 1))
        ran = attest("verify", bundle, "--key", public, "--allow-test", "--json")
        assert (1, "invalid") == (ran.code, ran.document["authenticity"])
        path.write_bytes(data)


def test_without_a_window_there_is_no_table(life: Moved, tmp_path: Path, key: Path) -> None:
    declaration = declared(tmp_path / "declared", life, window=None)
    bundle = tmp_path / "bundle"
    ran = attest("run", declaration, "--key", key, "-o", bundle, "--json")
    assert () == ran.complaint
    assert [] == ran.document["window"]
    assert not (bundle / "report/window.csv").exists()
    assert b"eth_getTransactionCount" not in b"".join(files_below(bundle).values())


def test_what_is_not_over_yet_is_an_empty_cell_and_a_warning(life: Moved, tmp_path: Path) -> None:
    before, _ = seconds(life)
    declaration = declared(tmp_path / "declared", life, window=(before, 7200))
    seen, draft = tmp_path / "seen", tmp_path / "draft"
    assert 0 == attest("observe", declaration, "-o", seen).code
    ran = attest("assess", declaration, "--snapshot", seen, "-o", draft, "--json")
    assert {("", "")} == {(row["after"], row["nonce_after"]) for row in table_of(draft)}
    assert "" not in {row["before"] for row in table_of(draft)}
    findings = json.dumps(ran.document["findings"])
    assert "the window's last block is not known" in findings
