"""What passed between two entities, from a declaration's list of others to a verified bundle."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING, Any

import pytest

from config.registry_files import load_registry
from config.times import format_time
from tests.chains.evm.fakechain import ALICE, BOB, CAROL
from tests.chains.evm.lending import NOBODY, TOKEN, Lent, lent
from tests.cli.command import attest
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
series = "flows"
network = "test"
as_of = "{as_of}"
{window}
scope = ["holdings"]
[inputs]
accounts = "accounts.csv"
{others}
[policies]
packs = ["core"]
[sources.anvil]
endpoints = ["{url}"]
"""


@pytest.fixture(scope="module")
def life() -> Iterator[Lent]:
    with anvil("--timestamp", str(int(time.time()) - 3600), "--no-mining") as node:
        yield lent(node)


def declared(folder: Path, life: Lent, *others: str, window: bool = True) -> Path:
    """Write a declaration, and a list of others with these rows, unless there are none."""
    (folder / "books").mkdir(parents=True)
    pin = life.time(life.pin)
    seconds = pin - life.time(life.before), life.time(life.after) - pin
    stated = "window_before = {}\nwindow_after = {}".format(*seconds) if window else ""
    named = 'others = "books/others.csv"' if others else ""
    path = folder / "declaration.toml"
    path.write_text(
        DECLARATION.format(as_of=format_time(pin), window=stated, others=named, url=life.node.url)
    )
    rows = "".join(f"anvil:{one},hot,self,customer,eth usdt\n" for one in (ALICE, BOB))
    (folder / "accounts.csv").write_text("account,method,holder,owner,assets\n" + rows)
    if others:
        text = "\n".join(("account,entity,source", *others))
        (folder / "books/others.csv").write_text(f"{text}\n")
    return path


def findings(document: dict[str, Any], code: str) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        one["subject"]: (one["status"], one["facts"])
        for one in document["findings"]["inForce"]
        if one["code"] == code
    }


def test_what_passed_is_in_a_bundle_that_verifies(life: Lent, tmp_path: Path, key: Path) -> None:
    others = (f"anvil:{NOBODY},Alpha,", f"anvil:{CAROL.lower()},Beta,their list")
    declaration = declared(tmp_path / "declared", life, *others)
    bundle = tmp_path / "bundle"
    ran = attest("run", declaration, "--key", key, "-o", bundle, "--json")
    assert () == ran.complaint

    table = (bundle / "report/flows.csv").read_text()
    rows = [tuple(row.values()) for row in csv.DictReader(io.StringIO(table))]
    theirs = f"{EVM.id}:{CAROL}"
    assert (
        sorted(
            [
                (f"{EVM.id}:{ALICE}", TOKEN, theirs, "3", "35", "1", "both"),
                (f"{EVM.id}:{BOB}", TOKEN, theirs, "3", "200", "200", "both"),
            ]
        )
        == rows
    )
    assert "Beta" not in table
    sent_on = findings(ran.document, "sent_on")
    status, facts = sent_on["usdt"]
    assert ("warn", "0.000235000000", "0.000201000000") == (
        status,
        facts["sent"],
        facts["received"],
    )
    # What ether did is in no log.
    assert ("unknown", "2") == (sent_on["eth"][0], sent_on["eth"][1]["unread"])
    assert "pass" == findings(ran.document, "claimed_elsewhere")[""][0]

    public = key.with_name(f"{key.name}.pub")

    def verified() -> tuple[int, str, str | None]:
        told = attest("verify", bundle, "--key", public, "--allow-test", "--json")
        return told.code, told.document["authenticity"], told.document["level"]

    assert ("valid", "L3") == verified()[1:]
    for name in ("report/flows.csv", "evidence/inputs/books/others.csv"):
        path = bundle / name
        data = path.read_bytes()
        path.write_bytes(data.replace(b"3", b"4", 1) if b"3" in data else data[:-2] + b"x\n")
        assert (1, "invalid") == verified()[:2]
        path.write_bytes(data)


def test_an_account_of_two_entities_fails(life: Lent, tmp_path: Path) -> None:
    declaration = declared(tmp_path / "declared", life, f"anvil:{BOB},Beta,")
    seen, draft = tmp_path / "seen", tmp_path / "draft"
    assert 0 == attest("observe", declaration, "-o", seen).code
    ran = attest("assess", declaration, "--snapshot", seen, "-o", draft, "--json")

    assert (1, "fail") == (ran.code, ran.document["outcome"])
    status, facts = findings(ran.document, "claimed_elsewhere")[""]
    assert ("fail", f"{EVM.id}:{BOB}", "Beta 1") == (status, facts["first"], facts["entities"])
    # It is declared: what moves there does not move to others, of whom there are none left.
    assert not (draft / "report/flows.csv").exists()
    assert {"unknown"} == {one[0] for one in findings(ran.document, "sent_on").values()}


@pytest.mark.parametrize("window", [True, False])
def test_without_others_or_a_window_nothing_is_asked(
    life: Lent, tmp_path: Path, *, window: bool
) -> None:
    others = () if window else (f"anvil:{CAROL},Beta,",)
    declaration = declared(tmp_path / "declared", life, *others, window=window)
    seen, draft = tmp_path / "seen", tmp_path / "draft"
    assert 0 == attest("observe", declaration, "-o", seen).code
    ran = attest("assess", declaration, "--snapshot", seen, "-o", draft, "--json")

    assert not (draft / "report/flows.csv").exists()
    assert ("unknown", {}) == findings(ran.document, "sent_on")[""]
    told = {one[0] for one in findings(ran.document, "claimed_elsewhere").values()}
    assert {"not_applicable" if window else "pass"} == told
    (log,) = (seen / "chains").rglob("*.jsonl")
    assert b"eth_getLogs" not in log.read_bytes()
